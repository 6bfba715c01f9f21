//! Bytes in, quotes, ticks, bars and instruments out. Pure: no clock, no network.
//!
//! A bad row never spoils its neighbours, and no price leaves here that is not positive and finite.

use jiff::Timestamp;
use market::{Bar, Instrument, Kind, Quote, Symbol};
use serde_json::value::RawValue;

use super::{
    EXCHANGE, QUOTES,
    wire::{Complaint, Message, Product, Stats, Ticker},
};
use crate::provider::{
    crypto::{
        figures::{Candles, Figures},
        json::{json, list, object},
        number::{self, Field},
        pair::Pair,
    },
    text::{excerpt, label},
};

/// Products taken at the most.
const PRODUCTS_MAX: usize = 10_000;

/// What a frame of the stream says.
#[derive(Debug, PartialEq)]
pub enum Frame {
    /// A price.
    Ticker {
        /// The quote; its symbol is the exchange's own, in our spelling.
        quote: Box<Quote>,
        /// Its place among the product's messages, where it has one.
        sequence: Option<u64>,
    },
    /// A complaint, in the vendor's words. It is about one message of ours, and ends nothing.
    Complaint(String),
    /// Nothing with a price in it.
    Other,
}

/// A frame of the stream.
pub fn frame(frame: &[u8], received_at: Timestamp) -> Frame {
    let message = std::str::from_utf8(frame).ok().and_then(object::<Message<'_>>);
    let Some(message) = message else { return Frame::Other };
    match number::text(message.kind).as_deref() {
        Some("ticker") => ticker(&message, received_at).unwrap_or(Frame::Other),
        Some("error") => Frame::Complaint(number::text(message.reason).map(|text| excerpt(&text)).unwrap_or_default()),
        _ => Frame::Other,
    }
}

fn ticker(message: &Message<'_>, received_at: Timestamp) -> Option<Frame> {
    let figures = Figures {
        price: number::price(message.price),
        at: number::instant(message.time, received_at),
        open: number::price(message.open_24h),
        low: number::price(message.low_24h),
        high: number::price(message.high_24h),
        volume: number::volume(message.volume_24h),
        price_digits: digits([message.price, message.best_bid, message.best_ask, message.open_24h]),
        ..Figures::default()
    };
    let quote = EXCHANGE.quote(&pair(message.product_id)?, &figures, received_at).ok()?;
    Some(Frame::Ticker { quote: Box::new(quote), sequence: number::whole(message.sequence) })
}

/// The answers of `/products/<id>/ticker` and, where it could be had, `/products/<id>/stats`. What is wrong with a
/// good answer's price is the inner error.
pub fn quote(
    ticker: &[u8],
    stats: Option<&[u8]>,
    product: &Symbol,
    received_at: Timestamp,
) -> Result<Result<Quote, &'static str>, String> {
    let ticker: Ticker<'_> = object(json(ticker)?).ok_or("a ticker that is none")?;
    let stats: Stats<'_> = stats.and_then(|body| object(json(body).ok()?)).unwrap_or_default();
    let pair = Pair::of(product, QUOTES).ok_or("a product that is none")?;
    let figures = Figures {
        price: number::price(ticker.price),
        at: number::instant(ticker.time, received_at),
        open: number::price(stats.open),
        low: number::price(stats.low),
        high: number::price(stats.high),
        volume: number::volume(ticker.volume).or_else(|| number::volume(stats.volume)),
        price_digits: digits([ticker.price, ticker.bid, ticker.ask, stats.open]),
        ..Figures::default()
    };
    Ok(EXCHANGE.quote(&pair, &figures, received_at))
}

/// An answer of `/products/<id>/candles`: `[time, low, high, open, close, volume]`, the newest first.
pub fn bars(body: &[u8], received_at: Timestamp) -> Result<Vec<Bar>, String> {
    Candles { places: [3, 2, 1, 4], at: number::seconds }.bars(body, received_at)
}

/// An answer of `/products`: what can be traded, as instruments.
pub fn products(body: &[u8]) -> Result<Vec<Instrument>, String> {
    let rows = list(json(body)?).ok_or("no list of products")?;
    let products = rows.into_iter().take(PRODUCTS_MAX).filter_map(|row: &RawValue| instrument(&object(row.get())?));
    Ok(products.collect())
}

fn instrument(product: &Product<'_>) -> Option<Instrument> {
    let symbol = pair(product.id)?.symbol()?;
    let tradable = product.status.is_none() || number::text(product.status).as_deref() == Some("online");
    let name = number::text(product.display_name).and_then(|text| label(&text));
    tradable.then(|| Instrument {
        name: name.unwrap_or_else(|| symbol.to_string()),
        symbol,
        exchange: EXCHANGE.name.to_owned(),
        kind: Kind::Crypto,
    })
}

/// What the vendor complains about, in its own words.
pub(super) fn complaint(body: &[u8]) -> Option<String> {
    let complaint: Complaint<'_> = object(std::str::from_utf8(body).ok()?)?;
    number::text(complaint.message).map(|text| excerpt(&text))
}

fn pair(product: Field<'_>) -> Option<Pair> {
    Pair::of(&Symbol::parse(&number::text(product)?).ok()?, QUOTES)
}

fn digits(prices: [Field<'_>; 4]) -> Option<u8> {
    number::shown(prices.into_iter().filter(Option::is_some).map(number::digits))
}
