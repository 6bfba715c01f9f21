//! Charts of the made-up market: the same walk as the quotes, so each ends at the price.

use jiff::{Timestamp, tz::Offset};
use market::{Bar, History, Range, Symbol, quote::SIMULATED};

use super::{
    days::{DAY, midnight, second},
    listing::Listing,
    walk::Walk,
};

/// Looks at the price inside a bar.
const SAMPLES: i64 = 8;

/// The bars of a range up to `now`.
pub(super) fn bars(symbol: &Symbol, listing: &Listing, walk: &Walk, range: Range, now: Timestamp) -> History {
    let (first, step) = window(range, now);
    let bars: Vec<Bar> = (first..=now.as_second())
        .step_by(usize::try_from(step).unwrap_or(usize::MAX))
        .map(|start| bar(listing, walk, start, step, now))
        .collect();
    History {
        symbol: symbol.clone(),
        range,
        interval: range.interval().to_owned(),
        currency: Some(listing.currency.clone()),
        previous_close: Some(walk.price(second(first))),
        time_zone: Some(listing.time_zone.to_owned()),
        regular_hours: None,
        source: SIMULATED.to_owned(),
        fetched_at: None,
        bars,
    }
}

/// The first bar's beginning, and the length of a bar, in seconds.
fn window(range: Range, now: Timestamp) -> (i64, i64) {
    let today = midnight(now.as_second());
    let month = 30 * DAY;
    match range {
        Range::Day => (today, 300),
        Range::FiveDays => (today - 4 * DAY, 900),
        Range::Month => (today - month, 3_600),
        Range::HalfYear => (today - 182 * DAY, DAY),
        Range::YearToDate => (midnight(new_year(now)), DAY),
        Range::Year => (today - 365 * DAY, DAY),
        Range::FiveYears => (today - 5 * 364 * DAY, 7 * DAY),
        Range::Max => (today - 240 * month, month),
    }
}

fn new_year(now: Timestamp) -> i64 {
    let first = Offset::UTC.to_datetime(now).date().first_of_year();
    Offset::UTC.to_timestamp(first.at(0, 0, 0, 0)).map_or(now.as_second(), Timestamp::as_second)
}

fn bar(listing: &Listing, walk: &Walk, start: i64, step: i64, now: Timestamp) -> Bar {
    let end = second(start + step).min(now);
    let (open, close) = (walk.price(second(start)), walk.price(end));
    let samples = (1..SAMPLES).map(|sample| second(start + step * sample / SAMPLES)).take_while(|at| *at < end);
    let (low, high) =
        samples.map(|at| walk.price(at)).fold((open.min(close), open.max(close)), |(l, h), p| (l.min(p), h.max(p)));
    let part = (end.as_second() - start) as f64 / DAY as f64;
    Bar { at: second(start), open, high, low, close, volume: listing.volume.map(|daily| (daily * part).round()) }
}
