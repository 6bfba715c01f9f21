//! Bytes in, quotes, instruments and bars out. Pure: no clock, no network.
//!
//! A bad row never spoils its neighbours, a bad field never spoils its row, and no price leaves here that is not
//! positive and finite.

mod chart;
mod envelope;
mod history;
mod quote;
mod row;
mod search;

use std::collections::HashMap;

use market::{History, Instrument, Quote, Range, Symbol};

use jiff::Timestamp;

use super::wire::{Chart, Field, QuoteRow, SearchAnswer};
use crate::provider::Answer;

pub use envelope::Fault;
pub(super) use envelope::complaint;

/// How far an exchange's clock may run ahead of ours, in seconds.
pub const AHEAD_SECONDS_MAX: i64 = 5 * 60;
/// The most bars a history holds; the newest stay.
pub const BARS_MAX: usize = 20_000;
/// The most rows a search answers with.
pub const INSTRUMENTS_MAX: usize = 50;

/// An answer of `/v7/finance/quote`: rows are matched by symbol, whatever their order.
pub fn quotes(body: &[u8], asked: &[Symbol], received_at: Timestamp) -> Result<Answer, Fault> {
    let text = envelope::text(body);
    let rows = envelope::results(&text, "quoteResponse")?;
    let mut open: HashMap<&str, &Symbol> = asked.iter().map(|symbol| (symbol.as_str(), symbol)).collect();
    let mut answer = Answer::default();
    let mut nameless = 0;
    for raw in rows {
        let row = QuoteRow::read(raw.get()).unwrap_or_default();
        let Some(named) = row.symbol.as_deref().and_then(|text| Symbol::parse(text).ok()) else {
            nameless += 1;
            continue;
        };
        let Some(symbol) = take_asked(&mut open, &named) else { continue };
        sort_in(&mut answer, symbol, quote::from_row(&row, symbol, received_at));
    }
    for symbol in asked.iter().filter(|symbol| open.remove(symbol.as_str()).is_some()) {
        // A row without a symbol may have been any of the missing ones: that proves nothing about them.
        if nameless == 0 {
            answer.unknown.push(symbol.clone());
        } else {
            answer.rejected.push((symbol.clone(), "its row could not be read".to_owned()));
        }
    }
    Ok(answer)
}

fn sort_in(answer: &mut Answer, symbol: &Symbol, row: Result<Quote, row::Unfit>) {
    match row {
        Ok(quote) => answer.quotes.push(quote),
        Err(row::Unfit::Unknown) => answer.unknown.push(symbol.clone()),
        Err(row::Unfit::Senseless(reason)) => answer.rejected.push((symbol.clone(), reason)),
    }
}

/// The symbol that was asked for and is answered as `named`: the same one, or the other name of a dollar rate.
fn take_asked<'a>(open: &mut HashMap<&str, &'a Symbol>, named: &Symbol) -> Option<&'a Symbol> {
    open.remove(named.as_str()).or_else(|| open.remove(other_name(named.as_str())?.as_str()))
}

/// `JPY=X` is also called `USDJPY=X`.
fn other_name(symbol: &str) -> Option<String> {
    let pair = symbol.strip_suffix("=X")?;
    match pair.len() {
        3 => Some(format!("USD{pair}=X")),
        6 => pair.strip_prefix("USD").map(|quote| format!("{quote}=X")),
        _ => None,
    }
}

/// An answer of `/v8/finance/chart`, read for the latest quote in its `meta`.
pub fn chart_quote(body: &[u8], symbol: &Symbol, received_at: Timestamp) -> Result<Answer, Fault> {
    let text = envelope::text(body);
    let chart = first_chart(&text)?;
    let mut answer = Answer::default();
    sort_in(&mut answer, symbol, chart::quote(chart, symbol, received_at));
    Ok(answer)
}

/// An answer of `/v8/finance/chart`, read for its bars.
pub fn history(body: &[u8], symbol: &Symbol, range: Range) -> Result<History, Fault> {
    let text = envelope::text(body);
    Ok(history::from_chart(first_chart(&text)?, symbol, range))
}

fn first_chart(text: &str) -> Result<Chart, Fault> {
    let rows = envelope::results(text, "chart")?;
    rows.first()
        .and_then(|raw| Chart::read(raw.get()))
        .ok_or_else(|| Fault::NotMarketData("a chart without a result".to_owned()))
}

/// An answer of `/v1/finance/search`.
pub fn instruments(body: &[u8]) -> Result<Vec<Instrument>, Fault> {
    let text = envelope::text(body);
    let answer: SearchAnswer = envelope::object(&text)?;
    match answer.quotes {
        Some(rows) => Ok(search::from_rows(rows)),
        None => Err(envelope::fault(&text)),
    }
}
