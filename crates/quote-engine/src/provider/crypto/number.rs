//! Numbers as exchanges write them: decimals in quotes, so that nothing is lost on the way.
//!
//! What is no plain, finite number is absent; nothing in here fails.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use serde_json::value::RawValue;

/// The most a price can be: room for a bitcoin in the smallest currency, none for nonsense.
const PRICE_MAX: f64 = 1e12;
/// The least a price can be: a thousandth of the cheapest coin's.
const PRICE_MIN: f64 = 1e-12;
/// The most pieces that can be traded: there are coins by the quadrillion.
const VOLUME_MAX: f64 = 1e18;
/// The most digits after the decimal sign that are shown.
const DIGITS_MAX: usize = 12;
/// How far an exchange's clock may run ahead of ours.
const AHEAD_MAX: SignedDuration = SignedDuration::from_mins(5);

/// A field as it stands there: of any type, or absent.
pub(in super::super) type Field<'a> = Option<&'a RawValue>;

/// The text of a string or a number.
pub(in super::super) fn text(field: Field<'_>) -> Option<Cow<'_, str>> {
    let json = field?.get();
    match json.as_bytes().first()? {
        b'"' if json.contains('\\') => serde_json::from_str(json).ok(),
        b'"' => Some(Cow::Borrowed(json.trim_matches('"'))),
        b'-' | b'0'..=b'9' => Some(Cow::Borrowed(json)),
        _ => None,
    }
}

/// A number. A word such as `NaN` or `inf` is none.
pub(in super::super) fn amount(field: Field<'_>) -> Option<f64> {
    let text = text(field)?;
    let text = text.trim();
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    text.parse().ok().filter(|number: &f64| plain && number.is_finite())
}

/// A price: positive, and no nonsense.
pub(in super::super) fn price(field: Field<'_>) -> Option<f64> {
    amount(field).filter(|price| (PRICE_MIN..=PRICE_MAX).contains(price))
}

/// Pieces traded.
pub(in super::super) fn volume(field: Field<'_>) -> Option<f64> {
    amount(field).filter(|volume| (0.0..=VOLUME_MAX).contains(volume))
}

/// A whole number, such as a place in a sequence.
pub(in super::super) fn whole(field: Field<'_>) -> Option<u64> {
    text(field)?.trim().parse().ok()
}

/// Digits after the decimal sign, as written.
pub(in super::super) fn digits(field: Field<'_>) -> usize {
    text(field).map_or(0, |text| decimals(&text))
}

/// Digits after the decimal sign that are needed: many exchanges fill up with zeros.
pub(in super::super) fn digits_needed(field: Field<'_>) -> usize {
    text(field).map_or(0, |text| if text.contains('.') { decimals(text.trim_end_matches('0')) } else { 0 })
}

fn decimals(text: &str) -> usize {
    text.split_once('.').map_or(0, |(_, decimals)| decimals.len())
}

/// The digits to show, of several prices of the same pair: what one of them needs, the others have too.
pub(in super::super) fn shown(digits: impl IntoIterator<Item = usize>) -> Option<u8> {
    digits.into_iter().filter(|digits| *digits <= DIGITS_MAX).max().and_then(|digits| u8::try_from(digits).ok())
}

/// A time in milliseconds, where it is not ahead of ours.
pub(in super::super) fn millis(field: Field<'_>, now: Timestamp) -> Option<Timestamp> {
    in_time(Timestamp::from_millisecond(text(field)?.trim().parse().ok()?).ok()?, now)
}

/// A time in whole seconds, where it is not ahead of ours.
pub(in super::super) fn seconds(field: Field<'_>, now: Timestamp) -> Option<Timestamp> {
    in_time(Timestamp::from_second(text(field)?.trim().parse().ok()?).ok()?, now)
}

/// A time in words (RFC 3339), where it is not ahead of ours.
pub(in super::super) fn instant(field: Field<'_>, now: Timestamp) -> Option<Timestamp> {
    in_time(text(field)?.trim().parse().ok()?, now)
}

fn in_time(at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    (at > Timestamp::UNIX_EPOCH && at.duration_since(now) <= AHEAD_MAX).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    #[test]
    fn words_and_nonsense_are_no_prices() {
        for (json, is) in [
            ("\"102492.27000000\"", Some(102_492.27)),
            ("14.5", Some(14.5)),
            ("1e-7", Some(1e-7)),
            ("\"0.00000638\"", Some(0.000_006_38)),
            ("\"\\u0031\"", Some(1.0)),
            ("\"NaN\"", None),
            ("\"inf\"", None),
            ("\"1e999\"", None),
            ("1e999", None),
            ("\"-1\"", None),
            ("\"0.00000000\"", None),
            ("\"1e13\"", None),
            ("\"0x10\"", None),
            ("\"1,5\"", None),
            ("\"\"", None),
            ("null", None),
            ("{}", None),
            ("[1]", None),
            ("true", None),
        ] {
            assert_eq!(price(Some(&raw(json))), is, "{json}");
        }
        assert_eq!(price(None), None);
        assert_eq!(volume(Some(&raw("\"0\""))), Some(0.0));
    }

    #[test]
    fn digits_are_those_of_the_text() {
        for (json, written, needed) in
            [("\"102492.27000000\"", 8, 2), ("\"14.7550\"", 4, 3), ("\"100\"", 0, 0), ("\"5.000\"", 3, 0)]
        {
            let raw = raw(json);
            assert_eq!((digits(Some(&raw)), digits_needed(Some(&raw))), (written, needed), "{json}");
        }
        assert_eq!(shown([2, 40, 4]), Some(4));
        assert_eq!(shown([]), None);
    }

    #[test]
    fn times_are_not_of_the_future() {
        let now: Timestamp = "2025-06-06T04:14:26Z".parse().unwrap();
        let time = |json: &str| millis(Some(&raw(json)), now).or_else(|| instant(Some(&raw(json)), now));
        assert_eq!(time("1749183266025").unwrap().to_string(), "2025-06-06T04:14:26.025Z");
        assert_eq!(time("\"2021-04-17T16:43:30.244075Z\"").unwrap().as_second(), 1_618_677_810);
        for bad in ["1749184266025", "0", "-5", "\"soon\"", "1e999", "9999999999999999999", "null"] {
            assert_eq!(time(bad), None, "{bad}");
        }
    }
}
