//! Frames of the stream to prices: `{"type":"pricing","message":"<base64>"}` or the base64 alone, of a protobuf message.
//!
//! Prices come as 32-bit floats: the shortest decimal that is the same float is what the exchange printed, as far as a
//! float can hold it, and `grain` says how far that is.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use market::{Session, Symbol};
use prost::Message;
use serde::Deserialize;

use super::{super::names, AHEAD_SECONDS_MAX, history::shortest, row::is_price};
use crate::provider::stream::Print;

/// The oldest price taken: on subscribing, the last known one comes, which may be days old.
pub const AGE_SECONDS_MAX: i64 = 24 * 60 * 60;

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    message: Cow<'a, str>,
}

/// What is read of the vendor's message. `sint64` is zig-zag: read as anything else, times and volumes are doubled.
/// `optional` tells an explicit 0, which is written, from nothing.
#[derive(Clone, PartialEq, Message)]
struct Pricing {
    #[prost(string, tag = "1")]
    id: String,
    #[prost(float, optional, tag = "2")]
    price: Option<f32>,
    #[prost(sint64, optional, tag = "3")]
    time_ms: Option<i64>,
    #[prost(int32, optional, tag = "6")]
    quote_type: Option<i32>,
    #[prost(int32, optional, tag = "7")]
    market_hours: Option<i32>,
    #[prost(float, optional, tag = "8")]
    change_percent: Option<f32>,
    #[prost(sint64, optional, tag = "9")]
    day_volume: Option<i64>,
    #[prost(float, optional, tag = "12")]
    change: Option<f32>,
}

const CRYPTOCURRENCY: i32 = 41;

/// The prices in a frame: the same one for each name that what it is of may be followed by; none where it makes no
/// sense, is more than a day old, or is ahead of this computer's clock.
pub(super) fn prints(frame: &[u8], received_at: Timestamp) -> Vec<Print> {
    let Some(print) = pricing(frame).and_then(|pricing| print(&pricing, received_at)) else { return Vec::new() };
    let other = names::other(print.symbol.as_str()).and_then(|name| Symbol::parse(&name).ok());
    let twin = other.map(|symbol| Print { symbol, ..print.clone() });
    [print].into_iter().chain(twin).collect()
}

fn pricing(frame: &[u8]) -> Option<Pricing> {
    let packed = match frame.first()? {
        b'{' => {
            let envelope: Envelope<'_> = serde_json::from_slice(frame).ok()?;
            if envelope.kind != "pricing" {
                return None;
            }
            STANDARD.decode(envelope.message.as_bytes())
        }
        _ => STANDARD.decode(frame.trim_ascii()),
    };
    Pricing::decode(packed.ok()?.as_slice()).ok()
}

fn print(pricing: &Pricing, received_at: Timestamp) -> Option<Print> {
    let symbol = Symbol::parse(&pricing.id).ok()?;
    let float = pricing.price.filter(|price| is_price(f64::from(*price)))?;
    let at = Timestamp::from_millisecond(pricing.time_ms?).ok()?;
    let age = received_at.as_second() - at.as_second();
    if !(-AHEAD_SECONDS_MAX..=AGE_SECONDS_MAX).contains(&age) {
        return None;
    }
    let grain = f64::from(float.next_up()) - f64::from(float);
    let finite = |value: Option<f32>| value.filter(|value| value.is_finite());
    Some(Print {
        symbol,
        price: shortest(float),
        at: at.min(received_at),
        session: session(pricing)?,
        change: finite(pricing.change).map(|change| within(f64::from(change), grain)),
        change_percent: finite(pricing.change_percent).map(shortest),
        volume: pricing.day_volume.filter(|volume| *volume > 0).map(|volume| volume as f64),
        grain,
    })
}

/// Which session a price is of; the inner `None` where the frame does not say, the outer one where nobody knows.
#[allow(clippy::option_option, reason = "it is what the two levels mean")]
fn session(pricing: &Pricing) -> Option<Option<Session>> {
    if pricing.quote_type == Some(CRYPTOCURRENCY) {
        return Some(Some(Session::Regular));
    }
    match pricing.market_hours {
        None => Some(None),
        Some(0) => Some(Some(Session::Pre)),
        Some(1) => Some(Some(Session::Regular)),
        Some(2) => Some(Some(Session::Post)),
        Some(3) => Some(Some(Session::Overnight)),
        Some(_) => None,
    }
}

/// The shortest decimal no further off than `grain`: a change is the difference of two floats, and as coarse as they.
fn within(value: f64, grain: f64) -> f64 {
    let digits = (-grain.log10()).ceil().clamp(0.0, 12.0) as usize;
    let rounded = (0..=digits).filter_map(|digits| format!("{value:.digits$}").parse::<f64>().ok());
    rounded.into_iter().find(|rounded| (rounded - value).abs() <= grain).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever a price has in digits that a 32-bit float can tell apart survives the way through one.
        #[test]
        fn a_price_survives_where_a_float_can_hold_it(cents in 1i64..100_000_000, digits in 0i32..7) {
            let price: f64 = format!("{cents}e-{digits}").parse().unwrap();
            let float = price as f32;
            let grain = f64::from(float.next_up()) - f64::from(float);
            if grain < 10f64.powi(-digits) {
                prop_assert_eq!(shortest(float).to_bits(), price.to_bits());
            }
        }

        #[test]
        fn a_change_is_no_further_off_than_its_grain(value in -1e6f64..1e6, grain in 1e-9f64..1e3) {
            prop_assert!((within(value, grain) - value).abs() <= grain);
        }
    }

    #[test]
    fn changes_lose_the_noise_of_two_floats() {
        for (value, grain, shown) in [
            (0.770_019_531_25, 3.05e-5, 0.77),
            (-2.179_992_675_781_25, 3.05e-5, -2.18),
            (0.001_070_022_583_007_812_5, 1.2e-7, 0.001_07),
            (1_431.890_625, 0.007_812_5, 1_431.89),
            (0.0, 1e-5, 0.0),
        ] {
            assert_eq!(within(value, grain).to_bits(), f64::to_bits(shown), "{value}");
        }
    }
}
