//! Bytes in, quotes, ticks and bars out. Pure: no clock, no network.
//!
//! A bad row never spoils its neighbours, and no price leaves here that is not positive and finite. Symbols are the
//! exchange's own pairs in our spelling: `BTCUSDT` is `BTC-USDT`.

use std::collections::HashSet;

use jiff::Timestamp;
use market::{Bar, Quote, Symbol};
use serde_json::value::RawValue;

use super::{
    EXCHANGE, QUOTES,
    wire::{Complaint, Envelope, Event, Row},
};
use crate::provider::{
    Answer,
    crypto::{
        figures::{Candles, Figures},
        json::{json, list, object},
        number::{self, Field},
        pair::Pair,
    },
    stream::{Print, Tick},
    text::excerpt,
};

/// Events in a frame at the most: as many as there are pairs.
const EVENTS_MAX: usize = 10_000;
/// What is said of a symbol that is not listed, or cannot be.
const NO_SUCH_SYMBOL: [i64; 2] = [-1121, -1100];

/// What a frame of the stream says.
#[derive(Debug, Default, PartialEq)]
pub struct Frame {
    /// The prices in it.
    pub ticks: Vec<Tick>,
    /// Whether the server is about to go.
    pub shutting_down: bool,
}

/// A frame, raw or of a combined stream. What carries no price (order books, acknowledgements) says nothing.
pub fn frame(frame: &[u8], received_at: Timestamp) -> Frame {
    let mut said = Frame::default();
    let Ok(text) = std::str::from_utf8(frame) else { return said };
    let data = object::<Envelope<'_>>(text).and_then(|envelope| envelope.data);
    for json in each(data.map_or(text, RawValue::get)).into_iter().take(EVENTS_MAX) {
        let Some(event) = object::<Event<'_>>(json) else { continue };
        match number::text(event.kind).as_deref() {
            Some("serverShutdown") => said.shutting_down = true,
            Some("trade" | "aggTrade") => said.ticks.extend(print(&event, received_at)),
            Some("24hrMiniTicker" | "24hrTicker") => said.ticks.extend(ticker(&event, received_at)),
            _ => {}
        }
    }
    said
}

fn print(event: &Event<'_>, received_at: Timestamp) -> Option<Tick> {
    Some(Tick::Print(Print {
        symbol: pair(event.symbol)?.symbol()?,
        price: number::price(event.price_or_change)?,
        at: number::millis(event.traded_at.or(event.at), received_at)?,
        session: None,
        change: None,
        change_percent: None,
        volume: None,
        grain: 0.0,
    }))
}

fn ticker(event: &Event<'_>, received_at: Timestamp) -> Option<Tick> {
    let figures = Figures {
        price: number::price(event.last),
        at: number::millis(event.at, received_at),
        open: number::price(event.open),
        low: number::price(event.low),
        high: number::price(event.high),
        volume: number::volume(event.volume),
        change: number::amount(event.price_or_change),
        change_percent: number::amount(event.change_percent),
        price_digits: digits([event.last, event.open, event.low, event.high]),
    };
    let quote = EXCHANGE.quote(&pair(event.symbol)?, &figures, received_at).ok()?;
    Some(Tick::Quote(Box::new(quote)))
}

/// An answer of `/api/v3/ticker/24hr` about `asked`; rows are matched by symbol, whatever their order.
pub fn quotes(body: &[u8], asked: &[Symbol], received_at: Timestamp) -> Result<Answer, String> {
    let text = json(body)?;
    let mut open: HashSet<&Symbol> = asked.iter().collect();
    let mut answer = Answer::default();
    let mut nameless = false;
    for raw in each(text) {
        let row = object::<Row<'_>>(raw);
        let Some((row, symbol, pair)) = row.and_then(named) else {
            nameless = true;
            continue;
        };
        if !open.remove(&symbol) {
            continue;
        }
        match row_quote(&row, &pair, received_at) {
            Ok(quote) => answer.quotes.push(quote),
            Err(why) => answer.rejected.push((symbol, why.to_owned())),
        }
    }
    for symbol in asked.iter().filter(|symbol| open.remove(symbol)) {
        // A row without a symbol may have been any of the missing ones: that proves nothing about them.
        if nameless {
            answer.rejected.push((symbol.clone(), "its row could not be read".to_owned()));
        } else {
            answer.unknown.push(symbol.clone());
        }
    }
    Ok(answer)
}

fn named(row: Row<'_>) -> Option<(Row<'_>, Symbol, Pair)> {
    let pair = pair(row.symbol)?;
    Some((row, pair.symbol()?, pair))
}

fn row_quote(row: &Row<'_>, pair: &Pair, received_at: Timestamp) -> Result<Quote, &'static str> {
    let figures = Figures {
        price: number::price(row.last_price),
        at: number::millis(row.close_time, received_at),
        open: number::price(row.open_price),
        low: number::price(row.low_price),
        high: number::price(row.high_price),
        volume: number::volume(row.volume),
        change: number::amount(row.price_change),
        change_percent: number::amount(row.price_change_percent),
        price_digits: digits([row.last_price, row.open_price, row.low_price, row.high_price]),
    };
    EXCHANGE.quote(pair, &figures, received_at)
}

/// An answer of `/api/v3/klines`: `[opened at, open, high, low, close, volume, …]`.
pub fn bars(body: &[u8], received_at: Timestamp) -> Result<Vec<Bar>, String> {
    Candles { places: [1, 2, 3, 4], at: number::millis }.bars(body, received_at)
}

/// What the vendor complains about, in its own words, and whether it is about a symbol.
pub(super) fn complaint(body: &[u8]) -> Option<(String, bool)> {
    let complaint: Complaint<'_> = object(std::str::from_utf8(body).ok()?)?;
    let code: i64 = complaint.code.get().parse().ok()?;
    let words = number::text(complaint.msg).map(|text| excerpt(&text)).unwrap_or_default();
    Some((words, NO_SUCH_SYMBOL.contains(&code)))
}

fn pair(symbol: Field<'_>) -> Option<Pair> {
    Pair::joined(&number::text(symbol)?, QUOTES)
}

fn digits(prices: [Field<'_>; 4]) -> Option<u8> {
    number::shown(prices.into_iter().filter(Option::is_some).map(number::digits_needed))
}

/// The entries of a list; anything else is its own only entry.
fn each(json: &str) -> Vec<&str> {
    match list(json) {
        Some(entries) => entries.into_iter().map(RawValue::get).collect(),
        None => vec![json],
    }
}
