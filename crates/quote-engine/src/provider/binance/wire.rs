//! What the vendor says, field by field, before anybody judges it. Fields of any type are taken as they stand.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::provider::crypto::number::Field;

/// A frame of a combined stream; any other frame has no `data`.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope<'a> {
    #[serde(borrow, default)]
    pub(super) data: Option<&'a RawValue>,
}

/// An event of a stream. What a letter means depends on `e`.
#[derive(Debug, Deserialize)]
pub(super) struct Event<'a> {
    /// Its type.
    #[serde(borrow, default, rename = "e")]
    pub(super) kind: Field<'a>,
    /// When it was sent, in milliseconds.
    #[serde(borrow, default, rename = "E")]
    pub(super) at: Field<'a>,
    #[serde(borrow, default, rename = "s")]
    pub(super) symbol: Field<'a>,
    /// Of a trade: its price. Of a ticker: the move over 24 hours.
    #[serde(borrow, default, rename = "p")]
    pub(super) price_or_change: Field<'a>,
    #[serde(borrow, default, rename = "P")]
    pub(super) change_percent: Field<'a>,
    /// Of a trade: when it was made.
    #[serde(borrow, default, rename = "T")]
    pub(super) traded_at: Field<'a>,
    #[serde(borrow, default, rename = "c")]
    pub(super) last: Field<'a>,
    #[serde(borrow, default, rename = "o")]
    pub(super) open: Field<'a>,
    #[serde(borrow, default, rename = "h")]
    pub(super) high: Field<'a>,
    #[serde(borrow, default, rename = "l")]
    pub(super) low: Field<'a>,
    #[serde(borrow, default, rename = "v")]
    pub(super) volume: Field<'a>,
}

/// A row of `/api/v3/ticker/24hr`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row<'a> {
    #[serde(borrow, default)]
    pub(super) symbol: Field<'a>,
    #[serde(borrow, default)]
    pub(super) price_change: Field<'a>,
    #[serde(borrow, default)]
    pub(super) price_change_percent: Field<'a>,
    #[serde(borrow, default)]
    pub(super) last_price: Field<'a>,
    #[serde(borrow, default)]
    pub(super) open_price: Field<'a>,
    #[serde(borrow, default)]
    pub(super) high_price: Field<'a>,
    #[serde(borrow, default)]
    pub(super) low_price: Field<'a>,
    #[serde(borrow, default)]
    pub(super) volume: Field<'a>,
    #[serde(borrow, default)]
    pub(super) close_time: Field<'a>,
}

/// What comes instead of an answer.
#[derive(Debug, Deserialize)]
pub(super) struct Complaint<'a> {
    #[serde(borrow)]
    pub(super) code: &'a RawValue,
    #[serde(borrow, default)]
    pub(super) msg: Field<'a>,
}
