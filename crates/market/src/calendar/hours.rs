//! A provider's own trading periods for one day, and how they and the calendar make a timetable together.

use jiff::{SignedDuration, Timestamp};

use super::Market;
use crate::Session;

/// So long after an opening a provider may still tell the hours of the day before.
const OPENING: SignedDuration = SignedDuration::from_mins(60);
/// A day that lies this far from when it was told is no present one: such hours say nothing.
const APART_MAX: SignedDuration = SignedDuration::from_hours(14 * 24);

/// How far a day's periods speak for the time around their middle: together one whole day.
const HALF_A_DAY: SignedDuration = SignedDuration::from_hours(12);

/// When one instrument trades on one day, as its provider says; each from its start up to, not with, its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TradingHours {
    /// Before the opening bell.
    pub pre: Option<(Timestamp, Timestamp)>,
    /// Regular trading.
    pub regular: Option<(Timestamp, Timestamp)>,
    /// After the closing bell.
    pub post: Option<(Timestamp, Timestamp)>,
    /// When the provider said so, of the day that was its present one; `None` where that is not known.
    pub told_at: Option<Timestamp>,
}

impl TradingHours {
    /// The session at a moment; where periods overlap, regular trading wins.
    pub fn session(&self, at: Timestamp) -> Session {
        let found = self.periods().find(|(_, start, end)| *start <= at && at < *end);
        found.map_or(Session::Closed, |(session, ..)| session)
    }

    /// When prices begin to come after a pause, strictly later than `at`; `None` where that is on another day.
    pub fn next_open(&self, at: Timestamp) -> Option<Timestamp> {
        let just_before = |bound: Timestamp| bound.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(Timestamp::MIN);
        let opens = |bound: &Timestamp| {
            self.session(*bound) != Session::Closed && self.session(just_before(*bound)) == Session::Closed
        };
        self.bounds().filter(|bound| *bound > at).filter(opens).min()
    }

    /// The day they speak for: the 24 hours around their middle, from its start up to, not with, its end; `None` where
    /// they hold no period.
    pub fn day(&self) -> Option<(Timestamp, Timestamp)> {
        let (first, last) = (self.bounds().min()?, self.bounds().max()?);
        let middle = first.checked_add(first.duration_until(last) / 2).ok()?;
        let day = (middle.checked_sub(HALF_A_DAY).ok()?, middle.checked_add(HALF_A_DAY).ok()?);
        Some((day.0.min(first), day.1.max(last)))
    }

    /// The periods that are any, regular trading first.
    fn periods(&self) -> impl Iterator<Item = (Session, Timestamp, Timestamp)> {
        let named = [(Session::Regular, self.regular), (Session::Pre, self.pre), (Session::Post, self.post)];
        let some = named.into_iter().filter_map(|(session, period)| period.map(|(start, end)| (session, start, end)));
        some.filter(|(_, start, end)| start < end)
    }

    pub(super) fn bounds(&self) -> impl Iterator<Item = Timestamp> {
        self.periods().flat_map(|(_, start, end)| [start, end])
    }
}

/// Everything known about when one instrument trades: the provider's periods win on their day, the calendar speaks for
/// the others.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timetable {
    /// The provider's last word.
    pub hours: Option<TradingHours>,
    /// The fall-back.
    pub market: Option<&'static Market>,
}

impl Timetable {
    /// The session at a moment; `None` where neither side knows.
    pub fn session(&self, at: Timestamp) -> Option<Session> {
        match self.spoken_for() {
            Some((hours, start, end)) if start <= at && at < end => Some(hours.session(at)),
            _ if self.closure().is_some_and(|(from, until)| from <= at && at < until) => Some(Session::Closed),
            _ => self.market.map(|market| market.session(at)),
        }
    }

    /// From when until when the market is closed although the calendar has it open: the provider was asked in what would
    /// be trading, and told the hours of another day.
    pub(super) fn closure(&self) -> Option<(Timestamp, Timestamp)> {
        let (market, hours, told_at) = (self.market?, self.hours?, self.hours?.told_at?);
        let (start, end) = hours.day()?;
        let first = hours.bounds().min()?;
        if told_at < start && first.duration_since(told_at) < APART_MAX {
            return Some((told_at, first));
        }
        let trades = |at: Timestamp| market.session(at) == Session::Regular;
        let for_a_while = trades(told_at) && told_at.checked_sub(OPENING).is_ok_and(trades);
        let is_over = end <= told_at && told_at.duration_since(end) < APART_MAX;
        (is_over && for_a_while).then(|| Some((told_at, market.end_of_day(told_at)?)))?
    }

    /// When prices begin to come again after a pause, strictly later than `at`; `None` where nobody knows, or where
    /// they never cease.
    pub fn next_open(&self, at: Timestamp) -> Option<Timestamp> {
        if let Some((_, until)) = self.closure().filter(|(from, until)| *from <= at && at < *until) {
            return match self.spoken_for() {
                Some((_, start, end)) if start <= until && until < end => Some(until),
                _ => self.first_open_from(until),
            };
        }
        let Some((hours, start, end)) = self.spoken_for().filter(|(.., end)| at < *end) else {
            return self.market?.next_open(at);
        };
        let before = self.market.and_then(|market| market.next_open(at)).filter(|open| at < start && *open < start);
        before.or_else(|| hours.next_open(at)).or_else(|| self.first_open_from(end))
    }

    /// The first moment not before `from` at which the calendar has the market open.
    fn first_open_from(&self, from: Timestamp) -> Option<Timestamp> {
        let market = self.market?;
        if market.session(from) == Session::Closed { market.next_open(from) } else { Some(from) }
    }

    pub(super) fn spoken_for(&self) -> Option<(TradingHours, Timestamp, Timestamp)> {
        let hours = self.hours?;
        hours.day().map(|(start, end)| (hours, start, end))
    }
}
