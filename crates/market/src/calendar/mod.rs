//! When markets trade: a small static calendar, the fall-back where no provider tells the trading periods.
//!
//! Errs towards open: a market said to be open while it is closed costs a few polls, the contrary costs prices.
//! Holidays are claimed only where a rule gives them (see [`markets`]); it never knows of days of mourning, storms or
//! exchanges' later decisions, which is why a provider's own [`TradingHours`] win. Nothing here reads a clock; what
//! jiff reads is the machine's time zone database.

mod bells;
mod holidays;
mod hours;
mod lookup;
mod markets;

use jiff::{
    Timestamp,
    civil::{Date, Weekday},
    tz::TimeZone,
};

use self::holidays::{Day, Holidays};
pub use self::{
    bells::{HoursSource, MarketHours},
    hours::{Timetable, TradingHours},
};
use crate::Session;

/// Days looked ahead for a change: longer than any closure that the rules can make (Japan's New Year with weekends).
const HORIZON_DAYS: usize = 14;
/// How a day's end is written in a [`Stretch`].
const MIDNIGHT: u16 = 2400;

/// A market, or several that trade at the same times under the same holidays.
#[derive(Debug)]
pub struct Market {
    name: &'static str,
    /// IANA name of the zone its hours are kept in.
    zone: &'static str,
    week: Week,
    holidays: &'static Holidays,
}

/// What happens on which days of the week (1 is Monday, 7 Sunday; both ends included), in order.
type Week = &'static [((i8, i8), &'static [Stretch])];

/// A part of a local day in which prices come. Wall clock times are written as hours times 100 plus minutes.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    session: Session,
    from: u16,
    to: u16,
}

/// A [`Stretch`] of one particular day.
#[derive(Debug, Clone, Copy)]
struct Period {
    session: Session,
    start: Timestamp,
    end: Timestamp,
}

impl Market {
    /// What it is called: `London`, `US stocks`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The session at a moment.
    pub fn session(&self, at: Timestamp) -> Session {
        let begun = self.periods(at).take_while(|p| p.start <= at);
        begun.filter(|p| at < p.end).last().map_or(Session::Closed, |p| p.session)
    }

    /// When the session changes next, strictly later than `at`; `None` where it never does.
    #[cfg(test)]
    fn next_change(&self, at: Timestamp) -> Option<Timestamp> {
        let session = self.session(at);
        let bounds = self.periods(at).flat_map(|p| [p.start, p.end]);
        bounds.filter(|bound| *bound > at).find(|bound| self.session(*bound) != session)
    }

    /// When prices begin to come again after a pause, strictly later than `at`: the pre-market where there is one, else
    /// the regular session, also after a lunch break. While the market is open that is after its next close; `None`
    /// where it never closes.
    pub fn next_open(&self, at: Timestamp) -> Option<Timestamp> {
        let mut open_until = Timestamp::MIN;
        self.periods(at).find_map(|period| {
            let opens = period.start > open_until && period.start > at;
            open_until = period.end;
            opens.then_some(period.start)
        })
    }

    /// The periods of the local days around a moment, in order: the day before it, its own, and [`HORIZON_DAYS`] more.
    fn periods(&self, at: Timestamp) -> impl Iterator<Item = Period> {
        let zone = self.zone();
        let today = zone.to_datetime(at).date();
        let first = today.yesterday().unwrap_or(today);
        let days = std::iter::successors(Some(first), |day| day.tomorrow().ok()).take(HORIZON_DAYS + 2);
        days.flat_map(move |day| {
            let zone = zone.clone();
            self.stretches(day).filter_map(move |stretch| stretch.on(day, &zone))
        })
    }

    /// What is left of a weekday's stretches on that date.
    fn stretches(&self, date: Date) -> impl Iterator<Item = Stretch> {
        let day = self.holidays.day(date);
        let weekday = date.weekday().to_monday_one_offset();
        let on_this_day = self.week.iter().filter(move |((from, to), _)| (*from..=*to).contains(&weekday));
        let regular_end = on_this_day.clone().flat_map(|(_, stretches)| *stretches);
        let regular_end = regular_end.filter(|s| s.session == Session::Regular).map(|s| s.to).max().unwrap_or_default();
        on_this_day.flat_map(|(_, stretches)| *stretches).filter_map(move |stretch| match day {
            Day::Usual => Some(*stretch),
            Day::Closed => None,
            Day::Early(close) => stretch.closing_at(close, regular_end),
        })
    }

    /// The end of the local day of a moment.
    fn end_of_day(&self, at: Timestamp) -> Option<Timestamp> {
        let zone = self.zone();
        instant(zone.to_datetime(at).date(), MIDNIGHT, &zone)
    }

    /// [`Market::of`] gives out no market whose zone this machine does not know.
    fn zone(&self) -> TimeZone {
        TimeZone::get(self.zone).unwrap_or(TimeZone::UTC)
    }
}

impl Stretch {
    /// The stretch on a day whose regular trading ends at `close` instead of `regular_end`: what comes after is moved
    /// forward, whole hours as exchanges do it.
    fn closing_at(self, close: u16, regular_end: u16) -> Option<Self> {
        if self.session == Session::Post {
            let earlier = regular_end.saturating_sub(close);
            return Some(Self { from: close, to: self.to.saturating_sub(earlier), ..self });
        }
        (self.from < close).then_some(Self { to: self.to.min(close), ..self })
    }

    fn on(self, day: Date, zone: &TimeZone) -> Option<Period> {
        let (start, end) = (instant(day, self.from, zone)?, instant(day, self.to, zone)?);
        Some(Period { session: self.session, start, end })
    }
}

/// A wall clock time of a day as a point in time. One that the clocks skip or repeat is read as jiff does by default.
fn instant(day: Date, hhmm: u16, zone: &TimeZone) -> Option<Timestamp> {
    let local = if hhmm >= MIDNIGHT {
        day.tomorrow().ok()?.at(0, 0, 0, 0)
    } else {
        day.at(i8::try_from(hhmm / 100).ok()?, i8::try_from(hhmm % 100).ok()?, 0, 0)
    };
    zone.to_timestamp(local).ok()
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

#[cfg(test)]
mod tests;
