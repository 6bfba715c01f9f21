//! What the vendor says, field by field, before anybody judges it. A field of another type is an absent one.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// `/quote`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct QuoteRow {
    /// Price.
    #[serde(deserialize_with = "number")]
    pub(super) c: Option<f64>,
    /// Its move.
    #[serde(deserialize_with = "number")]
    pub(super) d: Option<f64>,
    /// The same in percent.
    #[serde(deserialize_with = "number")]
    pub(super) dp: Option<f64>,
    /// Highest of the day.
    #[serde(deserialize_with = "number")]
    pub(super) h: Option<f64>,
    /// Lowest.
    #[serde(deserialize_with = "number")]
    pub(super) l: Option<f64>,
    /// First.
    #[serde(deserialize_with = "number")]
    pub(super) o: Option<f64>,
    /// Previous close.
    #[serde(deserialize_with = "number")]
    pub(super) pc: Option<f64>,
    /// When, in seconds.
    #[serde(deserialize_with = "number")]
    pub(super) t: Option<f64>,
}

impl QuoteRow {
    /// Whether this is an object of another sort, such as `{"error":…}`.
    pub(super) fn is_blank(&self) -> bool {
        let Self { c, d, dp, h, l, o, pc, t } = self;
        [c, d, dp, h, l, o, pc, t].into_iter().all(Option::is_none)
    }
}

/// `/search`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct SearchAnswer {
    pub(super) result: Option<Vec<Value>>,
}

/// A row of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SearchRow {
    #[serde(deserialize_with = "text")]
    pub(super) description: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) symbol: Option<String>,
    /// `Common Stock`, `ADR`, `ETP`…
    #[serde(deserialize_with = "text", rename = "type")]
    pub(super) kind: Option<String>,
}

/// `/stock/profile2`; `{}` for what it has no profile of. Its `currency` is that of the company's filings, not of the
/// price.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ProfileRow {
    #[serde(deserialize_with = "text")]
    pub(super) name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) exchange: Option<String>,
    /// As in a [`SearchRow`]; seldom there.
    #[serde(deserialize_with = "text", rename = "type")]
    pub(super) kind: Option<String>,
}

/// A frame of the stream.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Frame {
    /// `trade`, `ping`, `error`.
    #[serde(deserialize_with = "text", rename = "type")]
    pub(super) kind: Option<String>,
    /// Of an error.
    #[serde(deserialize_with = "text")]
    pub(super) msg: Option<String>,
    /// Of trades.
    pub(super) data: Option<Vec<Value>>,
}

/// A trade in it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Trade {
    /// Symbol.
    #[serde(deserialize_with = "text")]
    pub(super) s: Option<String>,
    /// Price.
    #[serde(deserialize_with = "number")]
    pub(super) p: Option<f64>,
    /// When, in milliseconds.
    #[serde(deserialize_with = "number")]
    pub(super) t: Option<f64>,
}

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let value = match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    Ok(value.filter(|number| number.is_finite()))
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        _ => None,
    })
}
