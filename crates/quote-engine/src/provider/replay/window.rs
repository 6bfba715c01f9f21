//! How far back a chart of a replayed market goes: counted from the moment that is replayed, not from today.

use jiff::{Timestamp, tz::Offset};
use market::Range;

const DAY: i64 = 86_400;
/// Lengths a bar can have, with their names.
const STEPS: [(i64, &str); 9] = [
    (60, "1m"),
    (300, "5m"),
    (900, "15m"),
    (1_800, "30m"),
    (3_600, "1h"),
    (4 * 3_600, "4h"),
    (DAY, "1d"),
    (7 * DAY, "1wk"),
    (28 * DAY, "1mo"),
];

/// The seconds since 1970 that a chart covers, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) from: i64,
    pub(super) to: i64,
}

impl Window {
    /// What `range` means while `now` is replayed. Everything there is includes what is still to come.
    pub(super) fn of(range: Range, now: i64) -> Self {
        let today = now - now.rem_euclid(DAY);
        let from = match range {
            Range::Day => today,
            Range::FiveDays => today - 6 * DAY,
            Range::Month => today - 31 * DAY,
            Range::HalfYear => today - 183 * DAY,
            Range::YearToDate => new_year(now),
            Range::Year => today - 366 * DAY,
            Range::FiveYears => today - 5 * 366 * DAY,
            Range::Max => return Self { from: i64::MIN, to: i64::MAX },
        };
        Self { from, to: now }
    }

    pub(super) fn holds(self, second: i64) -> bool {
        (self.from..=self.to).contains(&second)
    }
}

fn new_year(now: i64) -> i64 {
    let first = Timestamp::from_second(now).map(|now| Offset::UTC.to_datetime(now).date().first_of_year());
    let midnight = first.and_then(|first| Offset::UTC.to_timestamp(first.at(0, 0, 0, 0)));
    midnight.map_or(now, Timestamp::as_second)
}

/// The name of the shortest bar that is as long as this.
pub(super) fn interval(seconds: i64) -> &'static str {
    let fits = STEPS.iter().find(|(step, _)| *step >= seconds);
    fits.map_or("1mo", |(_, name)| name)
}

/// The next longer bar; `None` after the longest.
pub(super) fn longer(seconds: i64) -> Option<i64> {
    STEPS.iter().map(|(step, _)| *step).find(|step| *step > seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    #[test]
    fn windows_end_at_the_replayed_moment() {
        let now = second("2019-11-06T15:30:00Z");
        let from = |range| Timestamp::from_second(Window::of(range, now).from).unwrap().to_string();
        assert_eq!(from(Range::Day), "2019-11-06T00:00:00Z");
        assert_eq!(from(Range::YearToDate), "2019-01-01T00:00:00Z");
        assert_eq!(Window::of(Range::Year, now).to, now);
        assert!(Window::of(Range::Max, now).holds(now + 1));
    }

    #[test]
    fn bars_have_names() {
        assert_eq!([60, 61, 86_400, 31 * 86_400].map(interval), ["1m", "5m", "1d", "1mo"]);
        assert_eq!((longer(60), longer(28 * DAY)), (Some(300), None));
    }
}
