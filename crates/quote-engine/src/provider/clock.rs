//! What time it is by the vendors' clocks. A computer whose clock is slow by hours would otherwise take every price for
//! one of the future, and show none.
//!
//! It must never turn the time back: a clock that is fast makes prices look old, which they then are to its owner too.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{self, HeaderMap};

/// Clocks that differ by less agree.
const AGREEMENT: SignedDuration = SignedDuration::from_secs(60);
/// Nobody is believed who says that it is later than this.
const SLOW_MAX: SignedDuration = SignedDuration::from_hours(48);

/// How many seconds this computer's clock is behind, as the last answer had it: one fact, whoever tells it.
static SLOW_BY: AtomicI64 = AtomicI64::new(0);

/// The time, with what this computer's clock is known to be slow by.
pub fn now() -> Timestamp {
    let slow_by = SignedDuration::from_secs(SLOW_BY.load(Ordering::Relaxed));
    Timestamp::now().checked_add(slow_by).unwrap_or(Timestamp::MAX)
}

/// Takes note of when a vendor says that it answered.
pub(super) fn heard(headers: &HeaderMap) {
    let date = headers.get(header::DATE).and_then(|date| date.to_str().ok());
    let told = date.and_then(|date| jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok());
    let Some(told) = told else { return };
    let slow_by = slow_by(told, Timestamp::now());
    if SLOW_BY.swap(slow_by, Ordering::Relaxed) == 0 && slow_by > 0 {
        tracing::warn!(slow_by_s = slow_by, "this computer's clock is slow; set it right");
    }
}

fn slow_by(told: Timestamp, here: Timestamp) -> i64 {
    let behind = told.duration_since(here);
    if (AGREEMENT..=SLOW_MAX).contains(&behind) { behind.as_secs() } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_slow_clock_is_corrected_and_only_within_reason() {
        let here: Timestamp = "2026-11-23T15:00:00Z".parse().unwrap();
        for (told, by) in [
            ("2026-11-23T15:00:30Z", 0),
            ("2026-11-23T16:00:00Z", 3_600),
            ("2026-11-24T15:00:00Z", 86_400),
            ("2026-11-23T14:00:00Z", 0),
            ("2025-02-17T10:54:49Z", 0),
            ("2038-01-19T03:14:08Z", 0),
        ] {
            assert_eq!(slow_by(told.parse().unwrap(), here), by, "{told}");
        }
    }
}
