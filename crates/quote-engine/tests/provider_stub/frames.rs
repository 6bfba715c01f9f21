//! Frames as the stream sends them, made with more fields than the provider reads.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use prost::Message;

/// A price as the vendor packs it.
#[derive(Clone, PartialEq, Message)]
pub struct Frame {
    #[prost(string, tag = "1")]
    pub id: String,
    #[prost(float, optional, tag = "2")]
    pub price: Option<f32>,
    #[prost(sint64, optional, tag = "3")]
    pub time_ms: Option<i64>,
    #[prost(string, tag = "4")]
    pub currency: String,
    #[prost(string, tag = "5")]
    pub exchange: String,
    #[prost(int32, optional, tag = "6")]
    pub quote_type: Option<i32>,
    #[prost(int32, optional, tag = "7")]
    pub market_hours: Option<i32>,
    #[prost(float, optional, tag = "8")]
    pub change_percent: Option<f32>,
    #[prost(sint64, optional, tag = "9")]
    pub day_volume: Option<i64>,
    #[prost(float, optional, tag = "12")]
    pub change: Option<f32>,
    #[prost(sint64, optional, tag = "27")]
    pub price_hint: Option<i64>,
    #[prost(double, optional, tag = "33")]
    pub market_cap: Option<f64>,
}

impl Frame {
    /// A share's price of this moment.
    pub fn of(symbol: &str, price: f32) -> Self {
        Self {
            id: symbol.to_owned(),
            price: Some(price),
            time_ms: Some(Timestamp::now().as_millisecond()),
            exchange: "NMS".to_owned(),
            quote_type: Some(8),
            market_hours: Some(1),
            price_hint: Some(2),
            market_cap: Some(3.1e12),
            ..Self::default()
        }
    }
}

/// As text alone.
pub fn bare(frame: &Frame) -> String {
    STANDARD.encode(frame.encode_to_vec())
}

/// In its envelope.
pub fn wrapped(frame: &Frame) -> String {
    format!(r#"{{"type":"pricing","message":"{}"}}"#, bare(frame))
}
