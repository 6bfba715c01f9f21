//! The vendor's own names: classes of shares, and rates against the dollar.

use std::borrow::Cow;

use market::Symbol;

/// What the vendor calls it: `BRK.B` is `BRK-B` here.
pub(super) fn asked_as(symbol: &Symbol) -> Cow<'_, str> {
    let name = symbol.as_str();
    match name.split_once('.') {
        Some((ticker, class @ ("A" | "B" | "C"))) if is_ticker(ticker) => Cow::Owned(format!("{ticker}-{class}")),
        _ => Cow::Borrowed(name),
    }
}

/// What its stream calls it: `USDJPY=X` is taken there too, and never sends.
pub(super) fn streamed_as(symbol: &Symbol) -> Cow<'_, str> {
    match symbol.as_str().strip_prefix("USD") {
        Some(short) if is_pair(short, 3) => Cow::Borrowed(short),
        _ => asked_as(symbol),
    }
}

/// The other name under which somebody may follow what the vendor calls `name`.
pub(super) fn other(name: &str) -> Option<String> {
    if is_pair(name, 3) {
        return Some(format!("USD{name}"));
    }
    if is_pair(name, 6) {
        return name.strip_prefix("USD").map(str::to_owned);
    }
    match name.split_once('-') {
        Some((ticker, class @ ("A" | "B" | "C"))) if is_ticker(ticker) => Some(format!("{ticker}.{class}")),
        _ => None,
    }
}

fn is_ticker(text: &str) -> bool {
    (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// `JPY=X` has one code, `USDJPY=X` two.
fn is_pair(text: &str, letters: usize) -> bool {
    text.strip_suffix("=X").is_some_and(|codes| codes.len() == letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_there_and_back() {
        for (ours, asked, streamed) in [
            ("BRK.B", "BRK-B", "BRK-B"),
            ("CRD.A", "CRD-A", "CRD-A"),
            ("USDJPY=X", "USDJPY=X", "JPY=X"),
            ("JPY=X", "JPY=X", "JPY=X"),
            ("EURUSD=X", "EURUSD=X", "EURUSD=X"),
            ("VOD.L", "VOD.L", "VOD.L"),
            ("600519.SS", "600519.SS", "600519.SS"),
            ("VOLV-B.ST", "VOLV-B.ST", "VOLV-B.ST"),
            ("BTC-USD", "BTC-USD", "BTC-USD"),
            ("^GSPC", "^GSPC", "^GSPC"),
        ] {
            let symbol = Symbol::parse(ours).unwrap();
            assert_eq!((&*asked_as(&symbol), &*streamed_as(&symbol)), (asked, streamed), "{ours}");
            assert!(streamed == ours || other(streamed).as_deref() == Some(ours), "{ours}");
        }
        for alone in ["AAPL", "BTC-USD", "EURUSD=X", "VOLV-B.ST", "A-BC", "=X", ""] {
            assert_eq!(other(alone), None, "{alone}");
        }
    }
}
