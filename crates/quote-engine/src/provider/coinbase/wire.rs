//! What the vendor says, field by field, before anybody judges it. Fields of any type are taken as they stand.

use serde::Deserialize;

use crate::provider::crypto::number::Field;

/// A message of the stream. Only a ticker has prices.
#[derive(Debug, Deserialize)]
pub(super) struct Message<'a> {
    #[serde(borrow, default, rename = "type")]
    pub(super) kind: Field<'a>,
    /// Its place among the product's messages.
    #[serde(borrow, default)]
    pub(super) sequence: Field<'a>,
    #[serde(borrow, default)]
    pub(super) product_id: Field<'a>,
    #[serde(borrow, default)]
    pub(super) price: Field<'a>,
    #[serde(borrow, default)]
    pub(super) open_24h: Field<'a>,
    #[serde(borrow, default)]
    pub(super) low_24h: Field<'a>,
    #[serde(borrow, default)]
    pub(super) high_24h: Field<'a>,
    #[serde(borrow, default)]
    pub(super) volume_24h: Field<'a>,
    #[serde(borrow, default)]
    pub(super) best_bid: Field<'a>,
    #[serde(borrow, default)]
    pub(super) best_ask: Field<'a>,
    #[serde(borrow, default)]
    pub(super) time: Field<'a>,
    /// Of an error: what went wrong with which product.
    #[serde(borrow, default)]
    pub(super) reason: Field<'a>,
}

/// An answer of `/products/<id>/ticker`.
#[derive(Debug, Deserialize)]
pub(super) struct Ticker<'a> {
    #[serde(borrow, default)]
    pub(super) price: Field<'a>,
    #[serde(borrow, default)]
    pub(super) time: Field<'a>,
    #[serde(borrow, default)]
    pub(super) bid: Field<'a>,
    #[serde(borrow, default)]
    pub(super) ask: Field<'a>,
    #[serde(borrow, default)]
    pub(super) volume: Field<'a>,
}

/// An answer of `/products/<id>/stats`: the last 24 hours.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Stats<'a> {
    #[serde(borrow, default)]
    pub(super) open: Field<'a>,
    #[serde(borrow, default)]
    pub(super) low: Field<'a>,
    #[serde(borrow, default)]
    pub(super) high: Field<'a>,
    #[serde(borrow, default)]
    pub(super) volume: Field<'a>,
}

/// A row of `/products`.
#[derive(Debug, Deserialize)]
pub(super) struct Product<'a> {
    #[serde(borrow, default)]
    pub(super) id: Field<'a>,
    #[serde(borrow, default)]
    pub(super) display_name: Field<'a>,
    /// `online`, or why it cannot be traded.
    #[serde(borrow, default)]
    pub(super) status: Field<'a>,
}

/// What comes instead of an answer.
#[derive(Debug, Deserialize)]
pub(super) struct Complaint<'a> {
    #[serde(borrow)]
    pub(super) message: Field<'a>,
}
