//! Search over the listed instruments.

use market::{Instrument, Symbol};

use super::listing::{LISTED, Listed};

const FOUND_MAX: usize = 10;
/// What people call things that are listed under another name.
const ALIASES: [(&str, &str); 10] = [
    ("google", "GOOGL"),
    ("facebook", "META"),
    ("brk.b", "BRK-B"),
    ("brk/b", "BRK-B"),
    ("brk.a", "BRK-A"),
    ("brk/a", "BRK-A"),
    ("s&p", "^GSPC"),
    ("gold", "GC=F"),
    ("euro", "EURUSD=X"),
    ("bitcoin", "BTC-USD"),
];

/// Best first: the symbol itself, aliases, symbols and names that begin so, words in names, anything inside.
pub(super) fn search(text: &str) -> Vec<Instrument> {
    let text: String = text.trim().to_lowercase().chars().take(100).collect();
    if text.is_empty() {
        return Vec::new();
    }
    let mut ranked: Vec<(u8, &Listed)> =
        LISTED.iter().filter_map(|listed| rank(&text, listed).map(|rank| (rank, listed))).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().filter_map(|(_, listed)| instrument(listed)).take(FOUND_MAX).collect()
}

fn rank(text: &str, listed: &Listed) -> Option<u8> {
    let (symbol, name) = (listed.symbol.to_lowercase(), listed.name.to_lowercase());
    let is_alias = |(alias, of): &(&str, &str)| *of == listed.symbol && alias.starts_with(text) && text.len() > 2;
    if symbol == text {
        Some(0)
    } else if ALIASES.iter().any(is_alias) {
        Some(1)
    } else if symbol.trim_start_matches('^').starts_with(text) {
        Some(2)
    } else if name.starts_with(text) {
        Some(3)
    } else if name.split_whitespace().any(|word| word.starts_with(text)) {
        Some(4)
    } else if symbol.contains(text) || name.contains(text) {
        Some(5)
    } else {
        None
    }
}

fn instrument(listed: &Listed) -> Option<Instrument> {
    Some(Instrument {
        symbol: Symbol::parse(listed.symbol).ok()?,
        name: listed.name.to_owned(),
        exchange: listed.venue.exchange().to_owned(),
        kind: listed.kind,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Option<String> {
        search(text).first().map(|found| found.symbol.to_string())
    }

    #[test]
    fn finds_what_people_type() {
        for (text, symbol) in [
            ("aapl", "AAPL"),
            ("apple", "AAPL"),
            (" App ", "AAPL"),
            ("BRK.B", "BRK-B"),
            ("google", "GOOGL"),
            ("facebook", "META"),
            ("gspc", "^GSPC"),
            ("s&p 500", "^GSPC"),
            ("toyota", "7203.T"),
            ("euro", "EURUSD=X"),
            ("sap", "SAP.DE"),
        ] {
            assert_eq!(first(text).as_deref(), Some(symbol), "{text}");
        }
    }

    #[test]
    fn finds_nothing_where_there_is_nothing() {
        for text in ["", "  ", "zzzzzz", "NOSUCH", "<img>"] {
            assert_eq!(first(text), None, "{text}");
        }
        assert!(search(&"x".repeat(1 << 20)).is_empty());
        assert!(search("a").len() <= FOUND_MAX);
    }
}
