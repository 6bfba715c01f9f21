//! How long bars are as good as new: the shorter the bars, the sooner there is another.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use market::{History, Range, Session};

/// A chart of the day while its market trades.
const DAY: SignedDuration = SignedDuration::from_secs(60);
/// A chart of the day while its market is closed: the last prints can be late.
const DAY_CLOSED: SignedDuration = SignedDuration::from_mins(15);
/// A chart of five days.
const FIVE_DAYS: SignedDuration = SignedDuration::from_mins(5);
/// A chart of a month.
const MONTH: SignedDuration = SignedDuration::from_hours(1);

/// Whether bars fetched then need not be fetched again now. Those of whole days are good until the exchange's next day.
pub(super) fn is_fresh(history: &History, fetched_at: Timestamp, session: Session, now: Timestamp) -> bool {
    let age = now.duration_since(fetched_at);
    let at_most = match history.range {
        // A clock that was set back says nothing about an age.
        _ if age.is_negative() => return false,
        Range::Day if session == Session::Closed => DAY_CLOSED,
        Range::Day => DAY,
        Range::FiveDays => FIVE_DAYS,
        Range::Month => MONTH,
        _ => return date(history, fetched_at) == date(history, now),
    };
    age <= at_most
}

fn date(history: &History, at: Timestamp) -> Date {
    let zone = history.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
    zone.unwrap_or(TimeZone::UTC).to_datetime(at).date()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::tests::history;

    fn fresh(range: Range, session: Session, fetched_at: &str, now: &str) -> bool {
        let history = History { time_zone: Some("America/New_York".into()), range, ..history("AAPL", 1.0) };
        is_fresh(&history, fetched_at.parse().unwrap(), session, now.parse().unwrap())
    }

    #[test]
    fn short_bars_age_fast() {
        use Session::{Closed, Regular};
        let noon = "2026-11-23T17:00:00Z";
        for (range, session, still, no_more) in [
            (Range::Day, Regular, "2026-11-23T17:01:00Z", "2026-11-23T17:01:01Z"),
            (Range::Day, Closed, "2026-11-23T17:15:00Z", "2026-11-23T17:15:01Z"),
            (Range::FiveDays, Regular, "2026-11-23T17:05:00Z", "2026-11-23T17:05:01Z"),
            (Range::Month, Closed, "2026-11-23T18:00:00Z", "2026-11-23T18:00:01Z"),
            // Midnight in New York is five hours behind.
            (Range::Year, Regular, "2026-11-24T04:59:59Z", "2026-11-24T05:00:00Z"),
            (Range::Max, Closed, "2026-11-24T04:59:59Z", "2026-11-24T05:00:00Z"),
        ] {
            assert!(fresh(range, session, noon, still), "{range:?}");
            assert!(!fresh(range, session, noon, no_more), "{range:?}");
            assert!(!fresh(range, session, noon, "2026-11-23T16:59:59Z"), "{range:?}: fetched in the future");
        }
    }
}
