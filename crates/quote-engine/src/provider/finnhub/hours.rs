//! Which part of the trading day it is in New York, by the clock: the vendor does not say. Knows no holidays; that a price
//! is of another day says them.

use jiff::{
    Timestamp,
    civil::{Date, Time, Weekday, time},
    tz::TimeZone,
};
use market::Session;

/// New York's time since 2007, by its rule: no time zone data is needed for it.
const NEW_YORK: &str = "EST5EDT,M3.2.0,M11.1.0";

const PRE: Time = time(4, 0, 0, 0);
const OPEN: Time = time(9, 30, 0, 0);
const CLOSE: Time = time(16, 0, 0, 0);
const POST_END: Time = time(20, 0, 0, 0);

/// The part of the day that a trade of this time belongs to.
pub(super) fn session_of(at: Timestamp) -> Session {
    let there = at.to_zoned_datetime(new_york());
    if matches!(there.weekday(), Weekday::Saturday | Weekday::Sunday) {
        return Session::Closed;
    }
    match there.time() {
        time if time < PRE || time >= POST_END => Session::Closed,
        time if time < OPEN => Session::Pre,
        time if time < CLOSE => Session::Regular,
        _ => Session::Post,
    }
}

/// The part of the day that a stock is in whose last price of regular trading is of `quoted_at`.
///
/// Without a trade today there is no regular trading: it is a holiday, or nobody wanted it yet.
pub(super) fn session_now(quoted_at: Timestamp, now: Timestamp) -> Session {
    match session_of(now) {
        Session::Regular | Session::Post if day(quoted_at) != day(now) => Session::Closed,
        session => session,
    }
}

fn day(at: Timestamp) -> Date {
    at.to_zoned_datetime(new_york()).date()
}

fn new_york() -> TimeZone {
    // It is a constant that the test below reads.
    TimeZone::posix(NEW_YORK).unwrap_or(TimeZone::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_says_the_session_in_winter_and_summer() {
        for (at, session) in [
            ("2026-11-23T08:59:59Z", Session::Closed),
            ("2026-11-23T09:00:00Z", Session::Pre),
            ("2026-11-23T14:29:59Z", Session::Pre),
            ("2026-11-23T14:30:00Z", Session::Regular),
            ("2026-11-23T21:00:00Z", Session::Post),
            ("2026-11-24T01:00:00Z", Session::Closed),
            ("2026-11-22T15:00:00Z", Session::Closed),
            ("2026-07-01T13:29:59Z", Session::Pre),
            ("2026-07-01T13:30:00Z", Session::Regular),
            ("2026-07-01T20:00:00Z", Session::Post),
        ] {
            assert_eq!(session_of(at.parse().unwrap()), session, "{at}");
        }
    }

    #[test]
    fn a_day_without_a_trade_is_closed() {
        let now = "2026-11-26T16:00:00Z".parse().unwrap();
        assert_eq!(session_now("2026-11-25T21:00:00Z".parse().unwrap(), now), Session::Closed, "Thanksgiving");
        assert_eq!(session_now("2026-11-26T15:59:00Z".parse().unwrap(), now), Session::Regular);
    }
}
