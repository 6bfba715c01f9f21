//! A pair, judged by how it is written: `BTC-USD` and `BTC/USD` are one, `BRK-B` is none.

use market::Symbol;

/// The longest base taken, in bytes.
const BASE_BYTES_MAX: usize = 15;
/// A letter followed by so many digits is a number of Yahoo's, which tells coins of the same name apart
/// (`TRUMP27872-USD`); no exchange has such names, and the plain name may be another coin.
const NUMBER_DIGITS_MIN: usize = 3;

/// What is traded, and what it is paid with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Pair {
    pub(in super::super) base: String,
    pub(in super::super) quote: &'static str,
}

impl Pair {
    /// Reads a symbol, where it is a pair in one of these quote currencies.
    pub(in super::super) fn of(symbol: &Symbol, quotes: &[&'static str]) -> Option<Self> {
        let (base, quote) = symbol.as_str().split_once(['-', '/'])?;
        let quote = *quotes.iter().find(|known| **known == quote)?;
        (is_base(base) && base != quote).then(|| Self { base: base.to_owned(), quote })
    }

    /// Reads a pair that is written without anything in between (`BTCUSDT`), as some exchanges do.
    pub(in super::super) fn joined(text: &str, quotes: &[&'static str]) -> Option<Self> {
        let fits = |quote: &&&str| text.len() > quote.len() && text.ends_with(**quote);
        let quote = *quotes.iter().filter(fits).max_by_key(|quote| quote.len())?;
        let base = &text[..text.len() - quote.len()];
        is_base(base).then(|| Self { base: base.to_owned(), quote })
    }

    /// The pair in our spelling.
    pub(in super::super) fn symbol(&self) -> Option<Symbol> {
        Symbol::parse(&format!("{}-{}", self.base, self.quote)).ok()
    }
}

fn is_base(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let name = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let numbered = !name.is_empty() && text.len() - name.len() >= NUMBER_DIGITS_MIN;
    (1..=BASE_BYTES_MAX).contains(&text.len()) && plain && !numbered
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const QUOTES: &[&str] = &["USDT", "BTC", "USD"];

    fn of(text: &str) -> Option<String> {
        let pair = Pair::of(&Symbol::parse(text).unwrap(), QUOTES)?;
        Some(pair.symbol().unwrap().to_string())
    }

    #[test]
    fn only_pairs_are_pairs() {
        for (text, pair) in [("BTC-USD", "BTC-USD"), ("btc/usd", "BTC-USD"), ("1INCH-USDT", "1INCH-USDT")] {
            assert_eq!(of(text).as_deref(), Some(pair));
        }
        for other in [
            "BRK-B",
            "BF-A",
            "AAPL",
            "^GSPC",
            "EURUSD=X",
            "BTC-",
            "-USD",
            "USD-USD",
            "BTC-USD-X",
            "BTC=F",
            "TRUMP27872-USD",
            "B.C-USD",
            "BTC-SEK",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn joined_is_taken_apart_again(base in "[A-Z0-9]{1,5}[A-Z]", quote in prop::sample::select(QUOTES)) {
            let pair = Pair { base, quote };
            let joined = format!("{}{}", pair.base, pair.quote);
            prop_assert_eq!(Pair::joined(&joined, QUOTES), Some(pair));
        }

        #[test]
        fn any_text_at_all(text in ".*") {
            let _ = Pair::joined(&text, QUOTES);
        }
    }
}
