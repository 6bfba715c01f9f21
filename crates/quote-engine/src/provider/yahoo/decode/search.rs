//! The rows of `/v1/finance/search` to instruments.

use market::{Instrument, Symbol};

use super::{super::wire::SearchRow, INSTRUMENTS_MAX, quote::name, row::kind};

/// The rows that can be followed, in the vendor's order. `isYahooFinance: false` are companies without a listing.
pub(super) fn from_rows(rows: Vec<SearchRow>) -> Vec<Instrument> {
    let mut found: Vec<Instrument> = Vec::new();
    for row in rows.into_iter().filter(|row| row.is_yahoo_finance != Some(false)) {
        let Some(instrument) = instrument(&row) else { continue };
        if found.iter().all(|other| other.symbol != instrument.symbol) {
            found.push(instrument);
        }
        if found.len() == INSTRUMENTS_MAX {
            break;
        }
    }
    found
}

fn instrument(row: &SearchRow) -> Option<Instrument> {
    let symbol = Symbol::parse(row.symbol.as_deref()?).ok()?;
    Some(Instrument {
        name: name(row.long_name.as_deref(), row.short_name.as_deref()).unwrap_or_else(|| symbol.to_string()),
        exchange: name(row.exchange_display.as_deref(), row.exchange.as_deref()).unwrap_or_default(),
        kind: kind(row.quote_type.as_deref()),
        symbol,
    })
}
