//! Lists of the market: trending symbols, and screeners, whose rows are whole quotes.

use std::collections::HashSet;

use market::{Instrument, Symbol};
use serde_json::value::RawValue;

use super::{
    super::wire::{Field, ListResult, QuoteRow},
    INSTRUMENTS_MAX,
    quote::name,
    row::kind,
};

/// The rows of every list in an answer, in their order, once each.
pub(super) fn from_results(results: &[&RawValue]) -> Vec<Instrument> {
    let mut seen = HashSet::new();
    let lists = results.iter().filter_map(|raw| ListResult::read(raw.get())?.quotes);
    let found = lists.flatten().filter_map(|row| instrument(&row));
    found.filter(|instrument| seen.insert(instrument.symbol.clone())).take(INSTRUMENTS_MAX).collect()
}

/// Trending rows have nothing but the symbol.
fn instrument(row: &QuoteRow<'_>) -> Option<Instrument> {
    let symbol = Symbol::parse(row.symbol.as_deref()?).ok()?;
    Some(Instrument {
        name: name(row.long_name.as_deref(), row.short_name.as_deref()).unwrap_or_else(|| symbol.to_string()),
        exchange: name(row.full_exchange_name.as_deref(), row.exchange.as_deref()).unwrap_or_default(),
        kind: kind(row.quote_type.as_deref()),
        symbol,
    })
}
