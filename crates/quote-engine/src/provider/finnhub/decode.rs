//! Bytes in, quotes, instruments and prints out. Pure: no clock, no network. No price leaves here that is not positive
//! and finite.

use std::collections::BTreeMap;

use jiff::Timestamp;
use market::{Instrument, Kind, Price, Quote, Symbol, currency};
use serde::{Deserialize as _, de::DeserializeOwned};
use serde_json::Value;

use super::{
    NAME, hours, names,
    wire::{Frame, ProfileRow, QuoteRow, SearchAnswer, SearchRow, Trade},
};
use crate::provider::{
    Answer,
    stream::Print,
    text::{label, what_came},
};

/// What a price can be.
const PRICES: std::ops::RangeInclusive<f64> = 1e-6..=1e9;
/// How far an exchange's clock may run ahead of ours, in seconds.
const AHEAD_SECONDS_MAX: i64 = 5 * 60;
/// Beyond this many percent nothing moves in a day.
const PERCENT_MAX: f64 = 5_000.0;
/// The most rows a search answers with.
const INSTRUMENTS_MAX: usize = 50;
/// Prices are of trades in the United States.
const CURRENCY: &str = "USD";

/// A body that is no answer: what it is instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotMarketData(pub String);

/// What `/stock/profile2` knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// The company's name.
    pub name: Option<String>,
    /// The exchange in words.
    pub exchange: Option<String>,
    /// What kind of thing it is, where it says.
    pub kind: Option<Kind>,
}

/// An answer of `/quote`.
pub fn quote(body: &[u8], symbol: &Symbol, profile: &Profile, received_at: Timestamp) -> Result<Answer, NotMarketData> {
    let row: QuoteRow = object(body)?;
    if row.is_blank() {
        return Err(NotMarketData(what_came(body)));
    }
    let mut answer = Answer::default();
    let nothing = |value: Option<f64>| value.is_none_or(|value| value == 0.0);
    if nothing(row.c) && nothing(row.t) {
        answer.unknown.push(symbol.clone());
        return Ok(answer);
    }
    match from_row(&row, symbol, profile, received_at) {
        Ok(quote) => answer.quotes.push(quote),
        Err(reason) => answer.rejected.push((symbol.clone(), reason)),
    }
    Ok(answer)
}

fn from_row(row: &QuoteRow, symbol: &Symbol, profile: &Profile, received_at: Timestamp) -> Result<Quote, String> {
    let price = price(row.c).ok_or_else(|| format!("its price is {}", row.c.unwrap_or_default()))?;
    let quoted_at = moment(row.t, 1.0, received_at)?;
    let previous_close = self::price(row.pc);
    let sane = row.dp.is_none_or(|percent| percent.abs() <= PERCENT_MAX) && previous_close.is_some();
    let session = hours::session_now(quoted_at, received_at);
    Ok(Quote {
        name: profile.name.clone(),
        exchange: profile.exchange.clone(),
        currency: Some(CURRENCY.to_owned()),
        change: row.d.filter(|_| sane).and_then(Price::from_f64),
        change_percent: row.dp.filter(|_| sane),
        previous_close,
        open: self::price(row.o),
        day_low: self::price(row.l),
        day_high: self::price(row.h),
        session,
        state: Quote::state_when_answered(session, None),
        time_zone: Some("America/New_York".to_owned()),
        ..Quote::bare(symbol.clone(), profile.kind.unwrap_or(Kind::Equity), price, quoted_at, received_at, NAME)
    })
}

/// A number that can be a price.
fn price(number: Option<f64>) -> Option<Price> {
    number.filter(|price| is_price(*price)).and_then(Price::from_f64)
}

/// An answer of `/search`: what can be followed, in the vendor's order.
pub fn instruments(body: &[u8]) -> Result<Vec<Instrument>, NotMarketData> {
    let answer: SearchAnswer = object(body)?;
    let rows = answer.result.ok_or_else(|| NotMarketData(what_came(body)))?;
    let rows = rows.into_iter().filter_map(|row| SearchRow::deserialize(row).ok());
    Ok(rows.filter_map(|row| instrument(&row)).take(INSTRUMENTS_MAX).collect())
}

fn instrument(row: &SearchRow) -> Option<Instrument> {
    let symbol = names::ours(row.symbol.as_deref()?)?;
    let kind = kind(row.kind.as_deref()).unwrap_or(Kind::Equity);
    let name = row.description.as_deref().and_then(label).unwrap_or_else(|| symbol.to_string());
    Some(Instrument { name, exchange: "US".to_owned(), kind, symbol })
}

/// What the vendor's words for a kind mean; `None` where it says nothing.
fn kind(text: Option<&str>) -> Option<Kind> {
    Some(match text.filter(|text| !text.is_empty())? {
        "ETP" | "ETF" => Kind::Etf,
        "Common Stock" | "ADR" | "GDR" | "REIT" | "Equity WRT" | "Preference" | "Closed-End Fund" => Kind::Equity,
        "Open-End Fund" => Kind::Fund,
        "Index" => Kind::Index,
        "Crypto" => Kind::Crypto,
        _ => Kind::Other,
    })
}

/// An answer of `/stock/profile2`.
pub fn profile(body: &[u8]) -> Result<Profile, NotMarketData> {
    let row: ProfileRow = object(body)?;
    let known = |text: Option<String>| text.as_deref().and_then(label);
    Ok(Profile { kind: kind(row.kind.as_deref()), name: known(row.name), exchange: known(row.exchange) })
}

/// What a frame of the stream says.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// The newest trade of each symbol; of several in the same millisecond the last one.
    Trades(Vec<Print>),
    /// A complaint, in the vendor's words.
    Complaint(String),
    /// Nothing of interest.
    Nothing,
}

/// A frame of the stream.
pub fn frame(bytes: &[u8], received_at: Timestamp) -> Said {
    let Ok(frame) = object::<Frame>(bytes) else { return Said::Nothing };
    match frame.kind.as_deref() {
        Some("trade") => Said::Trades(newest(frame.data.unwrap_or_default(), received_at)),
        Some("error") => Said::Complaint(frame.msg.as_deref().and_then(label).unwrap_or_default()),
        _ => Said::Nothing,
    }
}

fn newest(trades: Vec<Value>, received_at: Timestamp) -> Vec<Print> {
    let mut newest: BTreeMap<Symbol, Print> = BTreeMap::new();
    for trade in trades {
        let Some(print) = Trade::deserialize(trade).ok().and_then(|trade| print(&trade, received_at)) else { continue };
        match newest.get(&print.symbol) {
            Some(before) if before.at > print.at => {}
            _ => drop(newest.insert(print.symbol.clone(), print)),
        }
    }
    newest.into_values().collect()
}

fn print(trade: &Trade, received_at: Timestamp) -> Option<Print> {
    let at = moment(trade.t, 1_000.0, received_at).ok()?;
    Some(Print {
        symbol: names::ours(trade.s.as_deref()?)?,
        price: currency::without_noise(trade.p.filter(|price| is_price(*price))?),
        at,
        session: Some(hours::session_of(at)),
        change: None,
        change_percent: None,
        // A trade's own size: the day's volume is not said.
        volume: None,
        grain: 0.0,
    })
}

fn is_price(price: f64) -> bool {
    PRICES.contains(&price)
}

/// A time in seconds or fractions of them: not in the future, but for clocks that differ a little.
fn moment(time: Option<f64>, per_second: f64, received_at: Timestamp) -> Result<Timestamp, String> {
    let time = time.filter(|time| *time / per_second >= 1.0).ok_or("it has no time")?;
    let millis = time * (1_000.0 / per_second);
    let at = Timestamp::from_millisecond(millis as i64).map_err(|_| format!("its time is {time}"))?;
    let ahead = at.as_second() - received_at.as_second();
    if ahead > AHEAD_SECONDS_MAX {
        return Err(format!("its time lies {} min ahead of this computer's clock", ahead / 60));
    }
    Ok(at.min(received_at))
}

fn object<T: DeserializeOwned>(body: &[u8]) -> Result<T, NotMarketData> {
    // A list would be read as the fields of an object in order.
    let object = body.trim_ascii_start().starts_with(b"{");
    let read = if object { serde_json::from_slice(body).ok() } else { None };
    read.ok_or_else(|| NotMarketData(what_came(body)))
}
