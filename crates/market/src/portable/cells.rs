//! What stands in single cells, and cells that a spreadsheet would take for a formula.

use jiff::civil::Date;

use super::ImportFault;
use crate::{Price, Symbol};

/// What a spreadsheet takes for the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];
/// What stands in symbols beside letters and digits.
const OF_SYMBOLS: &str = ".^=_/:&$@+-";

/// A cell that a spreadsheet takes for text: an apostrophe before what it would calculate. Symbols such as `^GSPC` and
/// `EURUSD=X` begin with none of those and stay as they are.
pub(super) fn harmless(cell: &str) -> String {
    if is_marked(cell) || cell.starts_with(FORMULA) { format!("'{cell}") } else { cell.to_owned() }
}

/// The cell as it was before [`harmless`].
pub(super) fn plain(cell: &str) -> &str {
    let cell = cell.trim();
    if is_marked(cell) { &cell[1..] } else { cell }
}

fn is_marked(cell: &str) -> bool {
    cell.strip_prefix('\'').is_some_and(|rest| rest.starts_with(FORMULA) || rest.starts_with('\''))
}

/// A symbol that some vendor could have, stricter than [`Symbol`]: no formula, no words in brackets.
pub(super) fn symbol(cell: &str) -> Result<Symbol, ImportFault> {
    let plausible = cell.chars().all(|c| c.is_alphanumeric() || OF_SYMBOLS.contains(c)) && !cell.starts_with(FORMULA);
    Symbol::parse(cell).ok().filter(|_| plausible).ok_or(ImportFault::Symbol)
}

/// How numbers are written in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbers {
    /// `1234.5`, as where commas stand between cells.
    Point,
    /// `1234,5` or `1234.5`, as where semicolons or tabs do.
    Either,
}

impl Numbers {
    /// A number, or what is wrong with it. Marks between thousands are read where it is plain that they are that.
    pub(super) fn read(self, cell: &str, fault: ImportFault) -> Result<Price, ImportFault> {
        let bare: String = cell.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\'')).collect();
        if !bare.bytes().all(|b| b.is_ascii_digit() || matches!(b, b',' | b'.')) {
            return Err(fault);
        }
        let english = match (bare.rfind(','), bare.rfind('.')) {
            (Some(comma), Some(point)) if comma > point => ungrouped(&bare, '.', ',')?.replace(',', "."),
            (Some(_), Some(_)) => ungrouped(&bare, ',', '.')?,
            (Some(_), None) if self == Self::Point => ungrouped(&bare, ',', '.')?,
            (Some(_), None) => bare.replace(',', "."),
            (None, Some(_)) if self == Self::Either && is_grouped(&bare, '.') => return Err(ImportFault::Ambiguous),
            _ => bare,
        };
        english.parse().map_err(|_| fault)
    }
}

/// A number without the marks between its thousands; a mark elsewhere may be anything.
fn ungrouped(text: &str, mark: char, decimal: char) -> Result<String, ImportFault> {
    let whole = text.split(decimal).next().unwrap_or_default();
    let plain = is_grouped(whole, mark).then(|| text.chars().filter(|c| *c != mark).collect());
    plain.ok_or(ImportFault::Ambiguous)
}

/// Whether it could be thousands, as in `1.234` (or `12,34,567` in India), and not only a fraction.
fn is_grouped(text: &str, mark: char) -> bool {
    let groups: Vec<&str> = text.split(mark).collect();
    let [first, between @ .., last] = groups.as_slice() else { return false };
    (1..=3).contains(&first.len())
        && *first != "0"
        && between.iter().all(|group| [2, 3].contains(&group.len()))
        && last.len() == 3
}

/// A day: `2026-11-25`, `20261125` or `25.11.2026`. With slashes nobody knows which is the month.
pub(super) fn date(cell: &str) -> Result<Date, ImportFault> {
    let digits = |part: &str| part.parse::<i16>().ok().filter(|_| part.bytes().all(|b| b.is_ascii_digit()));
    let parts: Option<Vec<i16>> = if cell.len() == 8 && cell.bytes().all(|b| b.is_ascii_digit()) {
        [&cell[..4], &cell[4..6], &cell[6..]].into_iter().map(digits).collect()
    } else if cell.contains('.') {
        cell.split('.').rev().map(digits).collect()
    } else {
        cell.split('-').map(digits).collect()
    };
    let day = match parts.as_deref() {
        Some(&[year, month, day]) if year >= 1000 => {
            let small = |number| i8::try_from(number).ok();
            small(month).zip(small(day)).and_then(|(month, day)| Date::new(year, month, day).ok())
        }
        _ => None,
    };
    day.ok_or(ImportFault::Date)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::price::tests::price;

    #[test]
    fn numbers_are_read_as_they_are_written_here_and_there() {
        let read = |numbers: Numbers, text| numbers.read(text, ImportFault::Quantity);
        for (text, value) in
            [("10", 10.0), ("1234.5", 1234.5), ("1,234.50", 1234.5), ("1,234", 1234.0), (" 0.25 ", 0.25)]
        {
            assert_eq!(read(Numbers::Point, text), Ok(price(value)), "{text}");
        }
        for (text, value) in [
            ("12,5", 12.5),
            ("1.234,5", 1234.5),
            ("1 234,5", 1234.5),
            ("1'234.50", 1234.5),
            ("0.125", 0.125),
            ("1,234", 1.234),
        ] {
            assert_eq!(read(Numbers::Either, text), Ok(price(value)), "{text}");
        }
        for (text, value) in [("1,234,567.5", 1_234_567.5), ("12,34,567", 1_234_567.0), ("1.234,5", 1234.5)] {
            assert_eq!(read(Numbers::Point, text), Ok(price(value)), "{text}");
        }
        for text in ["1.234", "1.234.567", "12.34,5"] {
            assert_eq!(read(Numbers::Either, text), Err(ImportFault::Ambiguous), "{text}");
        }
        for text in ["12,5", "172,62", "0,125", "1,2345", "1234,567", "12,5.25", "1,234,5", ",5"] {
            assert_eq!(read(Numbers::Point, text), Err(ImportFault::Ambiguous), "{text}");
        }
        for text in ["", "-", "a,5", "-5", "1e5", "NaN", "inf", "=1+1", "12 EUR", "1.2.3", "99999999999999"] {
            assert_eq!(read(Numbers::Point, text), Err(ImportFault::Quantity), "{text}");
        }
    }

    #[test]
    fn days_are_read_where_they_mean_one_day() {
        let day = jiff::civil::date(2026, 11, 5);
        for text in ["2026-11-05", "20261105", "05.11.2026", "5.11.2026"] {
            assert_eq!(date(text), Ok(day), "{text}");
        }
        for text in ["5.1.2026", "2026-1-5", "05.1.2026"] {
            assert_eq!(date(text), Ok(jiff::civil::date(2026, 1, 5)), "{text}");
        }
        for text in
            ["", "11/05/2026", "2026-13-01", "2026-02-30", "26-11-05", "2026-11", "2026-11-05-1", "+2026115", "ääää"]
        {
            assert_eq!(date(text), Err(ImportFault::Date), "{text}");
        }
    }

    #[test]
    fn formulas_are_no_symbols() {
        for good in ["aapl", "^GSPC", "EURUSD=X", "BRK-B", "BTC-USD", "GC=F", "BTC/USD", "005930.KS", ".DJI"] {
            assert!(symbol(good).is_ok(), "{good}");
        }
        for bad in ["=cmd()", "=A1", "+1", "-A", "@SUM", "A B", "<b>", "\"A\"", "", "#"] {
            assert_eq!(symbol(bad), Err(ImportFault::Symbol), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_cell_is_a_formula_and_each_comes_back(text in "['=+@a-]{0,4}|.*") {
            let cell = harmless(text.trim());
            prop_assert!(!cell.starts_with(FORMULA));
            prop_assert_eq!(plain(&cell), text.trim());
        }
    }
}
