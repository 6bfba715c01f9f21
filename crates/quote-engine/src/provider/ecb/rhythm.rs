//! When to look for new rates: they come once a working day, about 16:00 in Frankfurt. Pure: `now` is a parameter.

use std::time::Duration;

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Time, Weekday, time},
};

use super::rates::frankfurt;

/// How often they are looked for while they are due.
pub(super) const DUE: Duration = Duration::from_secs(15 * 60);
/// How often otherwise.
const OTHERWISE: Duration = Duration::from_secs(60 * 60);

/// From when on the day's rates may be there, and when nobody expects them to come any more.
const EXPECTED: (Time, Time) = (time(15, 45, 0, 0), time(18, 0, 0, 0));

/// Whether to look again, `asked_at` having been the last time, in vain or not.
pub(super) fn is_time(newest: Date, asked_at: Timestamp, in_vain: bool, now: Timestamp) -> bool {
    let pause = if in_vain || is_expected(newest, now) { DUE } else { OTHERWISE };
    let passed = now.duration_since(asked_at);
    // A clock that was set back has no say.
    passed < SignedDuration::ZERO || passed >= SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX)
}

fn is_expected(newest: Date, now: Timestamp) -> bool {
    let there = now.to_zoned_datetime(frankfurt());
    let working = !matches!(there.weekday(), Weekday::Saturday | Weekday::Sunday);
    working && newest < there.date() && (EXPECTED.0..EXPECTED.1).contains(&there.time())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(newest: &str, asked_at: &str, now: &str) -> bool {
        is_time(newest.parse().unwrap(), asked_at.parse().unwrap(), false, now.parse().unwrap())
    }

    #[test]
    fn often_while_they_are_due_and_seldom_otherwise() {
        assert!(after("2026-11-20", "2026-11-23T14:50:00Z", "2026-11-23T15:05:00Z"), "due: 16:05 in Frankfurt");
        assert!(!after("2026-11-20", "2026-11-23T14:51:00Z", "2026-11-23T15:05:00Z"));
        assert!(!after("2026-11-23", "2026-11-23T15:01:00Z", "2026-11-23T15:20:00Z"), "they are here");
        assert!(!after("2026-11-20", "2026-11-21T15:01:00Z", "2026-11-21T15:20:00Z"), "a Saturday");
        assert!(!after("2026-11-20", "2026-11-23T09:00:00Z", "2026-11-23T09:59:00Z"), "in the morning");
        assert!(after("2026-11-20", "2026-11-23T09:00:00Z", "2026-11-23T10:00:00Z"));
        assert!(after("2026-06-30", "2026-07-01T13:45:00Z", "2026-07-01T14:00:00Z"), "16:00 in summer");
        assert!(after("2026-11-20", "2026-11-23T10:00:00Z", "2026-11-23T09:00:00Z"), "the clock was set back");
        let (asked_at, now) = ("2026-11-23T09:00:00Z".parse().unwrap(), "2026-11-23T09:15:00Z".parse().unwrap());
        assert!(is_time("2026-11-20".parse().unwrap(), asked_at, true, now), "the last time was in vain");
    }
}
