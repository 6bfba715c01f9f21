//! Bytes in, quotes, instruments and bars out. Pure: no clock, no network.
//!
//! A bad row never spoils its neighbours, a bad field never spoils its row, and no price leaves here that is not
//! positive and finite.

mod chart;
mod envelope;
mod frame;
mod history;
mod list;
mod quote;
mod row;
mod search;

use std::collections::HashMap;

use market::{History, Instrument, Kind, Quote, Range, Split, Symbol, TradingHours};

use jiff::Timestamp;
use serde_json::value::RawValue;

use super::{
    names,
    wire::{Chart, Field, Num, QuoteRow, SearchAnswer, SparkRow},
};
use crate::provider::{Answer, stream::Print};

pub use envelope::Fault;
pub(super) use envelope::complaint;
pub use frame::AGE_SECONDS_MAX;
pub(super) use history::is_coarser;

/// How far an exchange's clock may run ahead of ours, in seconds.
pub const AHEAD_SECONDS_MAX: i64 = 5 * 60;
/// The most bars a history holds; the newest stay.
pub const BARS_MAX: usize = 20_000;
/// So many symbols at once that are all unknown say more about the answer than about the symbols.
const STRANGERS_MAX: usize = 5;
/// The most splits a chart tells of.
const SPLITS_MAX: usize = 100;
/// The most rows a search answers with.
pub const INSTRUMENTS_MAX: usize = 50;

/// The hours of everything of one kind at one exchange.
#[derive(Debug, Clone, PartialEq)]
pub struct MarketHours {
    /// In words, as quotes have it.
    pub exchange: String,
    /// Of these instruments.
    pub kind: Kind,
    /// On what was the present day when they were told.
    pub hours: TradingHours,
}

/// A chart, with what is told beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// Its bars.
    pub history: History,
    /// Its market's hours.
    pub hours: Option<MarketHours>,
    /// When the instrument was first traded.
    pub first_trade: Option<Timestamp>,
    /// Seconds by which the exchange's clocks are ahead of Greenwich.
    pub offset: i64,
}

/// An answer of `/v7/finance/quote`: rows are matched by symbol, whatever their order.
pub fn quotes(body: &[u8], asked: &[Symbol], received_at: Timestamp) -> Result<Answer, Fault> {
    let text = envelope::text(body);
    let rows: Vec<QuoteRow<'_>> = envelope::rows(&text, "quoteResponse")?;
    if rows.is_empty() && asked.len() >= STRANGERS_MAX {
        return Err(Fault::NotMarketData("an answer without a single row".to_owned()));
    }
    let mut open = open(asked);
    let mut answer = Answer::default();
    let mut nameless = 0;
    for row in rows {
        let Some(named) = row.symbol.as_deref().and_then(|text| Symbol::parse(text).ok()) else {
            nameless += 1;
            continue;
        };
        let Some(symbol) = take_asked(&mut open, &named) else { continue };
        sort_in(&mut answer, symbol, quote::from_row(&row, symbol, received_at));
    }
    sort_out(&mut answer, asked, &open, nameless);
    Ok(answer)
}

/// An answer of `/v7/finance/spark`: the `meta` of each symbol's chart, in whatever order. Who is missing is `unknown`,
/// though a chart of its own may be there.
pub fn spark_quotes(body: &[u8], asked: &[Symbol], received_at: Timestamp) -> Result<Answer, Fault> {
    let text = envelope::text(body);
    let rows = envelope::results(&text, "spark")?;
    let mut open = open(asked);
    let mut answer = Answer::default();
    let mut nameless = 0;
    for raw in rows {
        let row = SparkRow::read(raw.get()).unwrap_or_default();
        let Some(named) = row.symbol.as_deref().and_then(|text| Symbol::parse(text).ok()) else {
            nameless += 1;
            continue;
        };
        let Some(symbol) = take_asked(&mut open, &named) else { continue };
        let chart = row.response.and_then(|charts| charts.into_iter().next()).unwrap_or_default();
        chart_sorted_in(&mut answer, chart, symbol, received_at);
    }
    sort_out(&mut answer, asked, &open, nameless);
    Ok(answer)
}

/// The same answer, read for the day's course of each symbol. Who has none is left out.
pub fn sparks(body: &[u8], asked: &[Symbol], received_at: Timestamp) -> Result<Vec<Drawn>, Fault> {
    let text = envelope::text(body);
    let rows = envelope::results(&text, "spark")?;
    let mut open = open(asked);
    let course = |raw: &RawValue| {
        let row = SparkRow::read(raw.get())?;
        let symbol = take_asked(&mut open, &Symbol::parse(row.symbol.as_deref()?).ok()?)?;
        Some(drawn(row.response?.into_iter().next()?, symbol, Range::Day, received_at))
    };
    let courses = rows.into_iter().filter_map(course);
    Ok(courses.filter(|drawn| !drawn.history.bars.is_empty()).collect())
}

/// What was asked for, by the name it was asked by.
fn open(asked: &[Symbol]) -> HashMap<&str, &Symbol> {
    asked.iter().map(|symbol| (symbol.as_str(), symbol)).collect()
}

fn sort_in(answer: &mut Answer, symbol: &Symbol, row: Result<Quote, row::Unfit>) {
    match row {
        Ok(quote) => answer.quotes.push(quote),
        Err(row::Unfit::Gone) => {
            answer.unknown.push(symbol.clone());
            answer.delisted.push(symbol.clone());
        }
        Err(row::Unfit::Senseless(reason)) => answer.rejected.push((symbol.clone(), reason)),
    }
}

/// What became of those without a row.
fn sort_out(answer: &mut Answer, asked: &[Symbol], open: &HashMap<&str, &Symbol>, nameless: usize) {
    for symbol in asked.iter().filter(|symbol| open.contains_key(symbol.as_str())) {
        if let Some(twin) = twin(answer, symbol) {
            // Asked for by both its names, and answered once.
            answer.quotes.push(twin);
        } else if nameless == 0 {
            answer.unknown.push(symbol.clone());
        } else {
            // A row without a symbol may have been any of the missing ones: that proves nothing about them.
            answer.rejected.push((symbol.clone(), "its row could not be read".to_owned()));
        }
    }
}

/// The quote of the same thing under its other name.
fn twin(answer: &Answer, symbol: &Symbol) -> Option<Quote> {
    let name = names::streamed_as(symbol);
    let twin = answer.quotes.iter().find(|quote| names::streamed_as(&quote.symbol) == name)?;
    Some(Quote { symbol: symbol.clone(), ..twin.clone() })
}

/// The symbol that was asked for and is answered as `named`: the same one, or its other name.
fn take_asked<'a>(open: &mut HashMap<&str, &'a Symbol>, named: &Symbol) -> Option<&'a Symbol> {
    open.remove(named.as_str()).or_else(|| open.remove(names::other(named.as_str())?.as_str()))
}

/// An answer of `/v8/finance/chart`, read for the latest quote in its `meta`.
pub fn chart_quote(body: &[u8], symbol: &Symbol, received_at: Timestamp) -> Result<Answer, Fault> {
    let text = envelope::text(body);
    let chart = first_chart(&text)?;
    let mut answer = Answer::default();
    chart_sorted_in(&mut answer, chart, symbol, received_at);
    Ok(answer)
}

fn chart_sorted_in(answer: &mut Answer, chart: Chart, symbol: &Symbol, received_at: Timestamp) {
    answer.hours.extend(chart::trading_hours(&chart, received_at).map(|hours| (symbol.clone(), hours)));
    sort_in(answer, symbol, chart::quote(chart, symbol, received_at));
}

/// The prices in a frame of the stream, under every name they may be followed by.
pub fn prints(frame: &[u8], received_at: Timestamp) -> Vec<Print> {
    frame::prints(frame, received_at)
}

/// An answer of `/v1/finance/trending` or of a screener.
pub fn list(body: &[u8]) -> Result<Vec<Instrument>, Fault> {
    let text = envelope::text(body);
    Ok(list::from_results(&envelope::results(&text, "finance")?))
}

/// An answer of `/v8/finance/chart`, read for its bars.
pub fn history(body: &[u8], symbol: &Symbol, range: Range, received_at: Timestamp) -> Result<Drawn, Fault> {
    let text = envelope::text(body);
    Ok(drawn(first_chart(&text)?, symbol, range, received_at))
}

fn drawn(chart: Chart, symbol: &Symbol, range: Range, received_at: Timestamp) -> Drawn {
    let first_trade = chart.meta.as_ref().and_then(|meta| meta.first_trade).map(|Num(second)| second as i64);
    Drawn {
        hours: chart::market_hours(&chart, received_at),
        first_trade: first_trade.and_then(|second| Timestamp::from_second(second).ok()),
        offset: chart.meta.as_ref().map_or(0, history::offset),
        history: history::from_chart(chart, symbol, range),
    }
}

/// The chart with the bars of windows that follow each other, and together say what it says.
pub(super) fn redrawn(chart: Drawn, windows: Vec<History>, interval: &str) -> Drawn {
    let bars = history::joined(windows.into_iter().flat_map(|window| window.bars), interval, chart.offset);
    Drawn { history: History { interval: interval.to_owned(), bars, ..chart.history }, ..chart }
}

/// The splits that an answer of `/v8/finance/chart` tells of, the oldest first.
pub fn splits(body: &[u8]) -> Result<Vec<Split>, Fault> {
    let text = envelope::text(body);
    Ok(chart::splits(first_chart(&text)?))
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
