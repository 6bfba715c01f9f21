//! Symbols here and there: `BRK-B` is `BRK.B` for Finnhub. A free key has stocks and funds traded in the United States.

use market::Symbol;

/// The longest ticker in the United States.
const TICKER_CHARS_MAX: usize = 5;
/// Classes of shares; other single letters are exchanges there (`VOD.L` is London).
const CLASSES: std::ops::RangeInclusive<u8> = b'A'..=b'E';

/// Whether a symbol is written like a stock or exchange-traded fund of the United States: letters only, with a class of
/// shares at the most. Five letters with an X at the end are mutual funds.
pub(super) fn covers(symbol: &Symbol) -> bool {
    let (ticker, class) = match symbol.as_str().split_once('-') {
        Some((ticker, class)) => (ticker, Some(class)),
        None => (symbol.as_str(), None),
    };
    let letters =
        (1..=TICKER_CHARS_MAX).contains(&ticker.len()) && ticker.bytes().all(|byte| byte.is_ascii_uppercase());
    let mutual_fund = ticker.len() == TICKER_CHARS_MAX && ticker.ends_with('X');
    let class_fits = class.is_none_or(|class| matches!(class.as_bytes(), [letter] if CLASSES.contains(letter)));
    letters && !mutual_fund && class_fits
}

/// As the vendor writes it.
pub(super) fn theirs(symbol: &Symbol) -> String {
    symbol.as_str().replace('-', ".")
}

/// As it is written here; `None` where it is nothing that we ask for.
pub(super) fn ours(theirs: &str) -> Option<Symbol> {
    let symbol = Symbol::parse(&theirs.replace('.', "-")).ok()?;
    (covers(&symbol) && !theirs.contains('-')).then_some(symbol)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stocks_of_the_united_states_and_nothing_else() {
        let covers = |text: &str| covers(&Symbol::parse(text).unwrap());
        for text in ["AAPL", "F", "GOOGL", "BRK-B", "SPY"] {
            assert!(covers(text), "{text}");
        }
        for text in
            ["VOD.L", "^GSPC", "EURUSD=X", "GC=F", "BTC-USD", "VFIAX", "0700.HK", "BRK-B.MX", "TOOLONG", "X-", "-A"]
        {
            assert!(!covers(text), "{text}");
        }
    }

    #[test]
    fn classes_of_shares_have_a_dot_there() {
        for (here, there) in [("BRK-B", "BRK.B"), ("AAPL", "AAPL")] {
            let symbol = Symbol::parse(here).unwrap();
            assert_eq!((theirs(&symbol).as_str(), ours(there)), (there, Some(symbol)));
        }
        for there in ["VOD.L", "BINANCE:BTCUSDT", "BRK-B", ""] {
            assert_eq!(ours(there), None, "{there}");
        }
    }
}
