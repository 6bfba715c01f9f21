//! Which candles make up a range: at the most 300 come in an answer, so longer ones are asked for page by page.

use jiff::{SignedDuration, Timestamp, tz::Offset};
use market::Range;

/// Candles in an answer.
const PAGE_CANDLES: i64 = 300;
/// Answers for a range: ten years of days.
const PAGES_MAX: usize = 13;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    /// The length of a candle, in seconds, as the vendor wants it.
    pub(super) granularity: i64,
    /// The same in our words.
    pub(super) interval: &'static str,
    /// Beginnings and ends, the newest first. Only where a page brings nothing is the end of history reached.
    pub(super) pages: Vec<(Timestamp, Timestamp)>,
}

/// There are no candles of weeks or months: long ranges come in days.
pub(super) fn plan(range: Range, now: Timestamp) -> Plan {
    let (granularity, interval) = match range {
        Range::Day => (300, "5m"),
        Range::FiveDays => (900, "15m"),
        Range::Month => (3_600, "1h"),
        _ => (86_400, "1d"),
    };
    let days = match range {
        Range::Day => 1,
        Range::FiveDays => 5,
        Range::Month => 30,
        Range::HalfYear => 183,
        Range::YearToDate => i64::from(Offset::UTC.to_datetime(now).date().day_of_year()),
        Range::Year => 365,
        Range::FiveYears => 5 * 365 + 1,
        Range::Max => i64::MAX / 86_400,
    };
    Plan { granularity, interval, pages: pages(now, granularity, days * 86_400 / granularity) }
}

fn pages(now: Timestamp, granularity: i64, candles: i64) -> Vec<(Timestamp, Timestamp)> {
    let mut pages = Vec::new();
    let (mut end, mut left) = (now, candles);
    while left > 0 && pages.len() < PAGES_MAX {
        // Both ends are within: one candle less than the distance would hold.
        let count = left.min(PAGE_CANDLES - 1);
        let Ok(start) = end.checked_sub(SignedDuration::from_secs(count * granularity)) else { break };
        pages.push((start, end));
        (end, left) = (start, left - count);
    }
    pages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_small_enough_and_join() {
        let now: Timestamp = "2026-11-23T15:00:00Z".parse().unwrap();
        for (range, count) in [
            (Range::Day, 1),
            (Range::FiveDays, 2),
            (Range::Month, 3),
            (Range::HalfYear, 1),
            (Range::YearToDate, 2),
            (Range::Year, 2),
            (Range::FiveYears, 7),
            (Range::Max, PAGES_MAX),
        ] {
            let Plan { granularity, pages, .. } = plan(range, now);
            assert_eq!(pages.len(), count, "{range:?}");
            assert_eq!(pages[0].1, now);
            assert!(pages.windows(2).all(|pair| pair[0].0 == pair[1].1));
            for (start, end) in pages {
                let candles = end.duration_since(start).as_secs() / granularity + 1;
                assert!((1..=PAGE_CANDLES).contains(&candles), "{range:?}: {candles}");
            }
        }
    }
}
