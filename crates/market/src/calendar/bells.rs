//! The next bells: when regular trading begins or ends next. Says nothing that the sessions do not say already.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Timetable;
use crate::{Session, Symbol};

/// When regular trading in one instrument begins or ends next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MarketHours {
    /// Whose.
    pub symbol: Symbol,
    /// The session by the clock; a quote may tell another one where a market keeps still unforeseen.
    pub session: Session,
    /// The next opening bell; left out during regular trading, and where nobody knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub opens_at: Option<Timestamp>,
    /// The next closing bell, a lunch break's too; left out outside of regular trading, and where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub closes_at: Option<Timestamp>,
    /// The exchange's time zone (IANA name).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Who says so.
    pub told_by: HoursSource,
}

/// Whose word a market's hours are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum HoursSource {
    /// The provider's own trading hours of that day.
    Provider,
    /// Our calendar, which knows the usual week and the holidays that follow a rule.
    Calendar,
}

impl Timetable {
    /// The next bell of a symbol, strictly later than `at`; `None` where neither provider nor calendar knows its hours.
    pub fn hours_of(&self, symbol: &Symbol, at: Timestamp) -> Option<MarketHours> {
        let session = self.session(at)?;
        let open = session == Session::Regular;
        let bell = self.next_bell(at, open);
        Some(MarketHours {
            symbol: symbol.clone(),
            session,
            opens_at: bell.filter(|_| !open),
            closes_at: bell.filter(|_| open),
            time_zone: self.market.map(|market| market.zone.to_owned()),
            told_by: self.told_by(bell.unwrap_or(at)),
        })
    }

    /// The first moment after `at` at which regular trading begins, or ends where it goes on.
    fn next_bell(&self, at: Timestamp, open: bool) -> Option<Timestamp> {
        let is_open = |at: Timestamp| self.session(at) == Some(Session::Regular);
        let before = |at: Timestamp| at.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(Timestamp::MIN);
        let rings = |bound: &Timestamp| *bound > at && is_open(before(*bound)) == open && is_open(*bound) != open;
        self.bounds(at).filter(rings).min()
    }

    /// Every moment around `at` and in the days after it at which a session may begin or end, in no order.
    fn bounds(&self, at: Timestamp) -> impl Iterator<Item = Timestamp> {
        let usual = self.market.into_iter().flat_map(move |market| market.periods(at)).flat_map(|p| [p.start, p.end]);
        let told = self.hours.into_iter().flat_map(|hours| hours.bounds().collect::<Vec<_>>());
        let day = self.spoken_for().into_iter().flat_map(|(_, start, end)| [start, end]);
        let closure = self.closure().into_iter().flat_map(|(from, until)| [from, until]);
        usual.chain(told).chain(day).chain(closure)
    }

    fn told_by(&self, at: Timestamp) -> HoursSource {
        let provider = self.spoken_for().is_some_and(|(_, start, end)| start <= at && at < end);
        if provider { HoursSource::Provider } else { HoursSource::Calendar }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Market, TradingHours};

    fn symbol(text: &str) -> Symbol {
        Symbol::parse(text).unwrap()
    }

    fn usual(of: &str) -> Timetable {
        Timetable { hours: None, market: Market::of(&symbol(of), None, None) }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// What is told of AAPL and the like: `opens …` or `closes …`.
    fn bell(timetable: Timetable, of: &str, now: &str) -> String {
        let hours = timetable.hours_of(&symbol(of), at(now)).unwrap();
        match (hours.opens_at, hours.closes_at) {
            (Some(opens), None) => format!("opens {opens}"),
            (None, Some(closes)) => format!("closes {closes}"),
            (None, None) => "no bell".into(),
            both => format!("{both:?}"),
        }
    }

    #[test]
    fn the_bells_are_those_of_regular_trading_not_of_the_hours_around_it() {
        let us = |now| bell(usual("AAPL"), "AAPL", now);
        assert_eq!(us("2026-11-24T08:00:00Z"), "opens 2026-11-24T14:30:00Z", "before the pre-market");
        assert_eq!(us("2026-11-24T14:29:59Z"), "opens 2026-11-24T14:30:00Z", "in it");
        assert_eq!(us("2026-11-24T14:30:00Z"), "closes 2026-11-24T21:00:00Z");
        assert_eq!(us("2026-11-24T21:00:00Z"), "opens 2026-11-25T14:30:00Z", "after hours");
    }

    #[test]
    fn over_a_holiday_a_half_day_and_a_weekend() {
        let us = |now| bell(usual("AAPL"), "AAPL", now);
        assert_eq!(us("2026-11-25T22:00:00Z"), "opens 2026-11-27T14:30:00Z", "Thanksgiving");
        assert_eq!(us("2026-11-26T16:00:00Z"), "opens 2026-11-27T14:30:00Z", "on it");
        assert_eq!(us("2026-11-27T15:00:00Z"), "closes 2026-11-27T18:00:00Z", "the half day after it");
        assert_eq!(us("2026-11-27T18:00:00Z"), "opens 2026-11-30T14:30:00Z", "the weekend");
    }

    #[test]
    fn tokyo_opens_again_after_lunch() {
        let tokyo = |now| bell(usual("7203.T"), "7203.T", now);
        assert_eq!(tokyo("2026-11-25T02:00:00Z"), "closes 2026-11-25T02:30:00Z");
        assert_eq!(tokyo("2026-11-25T03:00:00Z"), "opens 2026-11-25T03:30:00Z");
    }

    #[test]
    fn a_market_that_never_closes_has_no_bells() {
        for now in ["2026-11-24T12:00:00Z", "2026-11-24T23:59:59Z", "2026-11-28T00:00:00Z"] {
            assert_eq!(bell(usual("BTC-USD"), "BTC-USD", now), "no bell", "{now}");
        }
        assert_eq!(bell(usual("EURUSD=X"), "EURUSD=X", "2026-11-24T12:00:00Z"), "closes 2026-11-27T22:00:00Z");
    }

    #[test]
    fn the_providers_own_hours_win_on_their_day() {
        let regular = Some((at("2026-11-24T15:00:00Z"), at("2026-11-24T17:00:00Z")));
        let hours = Some(TradingHours { regular, ..TradingHours::default() });
        let late = Timetable { hours, ..usual("AAPL") };
        let told = |now: &str| late.hours_of(&symbol("AAPL"), at(now)).unwrap();
        assert_eq!(told("2026-11-24T14:45:00Z").opens_at, Some(at("2026-11-24T15:00:00Z")));
        assert_eq!(told("2026-11-24T14:45:00Z").told_by, HoursSource::Provider);
        assert_eq!(told("2026-11-24T16:00:00Z").closes_at, Some(at("2026-11-24T17:00:00Z")));
        let next = told("2026-11-24T18:00:00Z");
        assert_eq!((next.opens_at, next.told_by), (Some(at("2026-11-25T14:30:00Z")), HoursSource::Calendar));
    }

    #[test]
    fn where_only_the_provider_knows_nothing_is_told_of_other_days() {
        let regular = Some((at("2026-11-24T15:00:00Z"), at("2026-11-24T17:00:00Z")));
        let alone = Timetable { hours: Some(TradingHours { regular, ..TradingHours::default() }), market: None };
        assert_eq!(bell(alone, "X.ZZ", "2026-11-24T16:00:00Z"), "closes 2026-11-24T17:00:00Z");
        assert_eq!(bell(alone, "X.ZZ", "2026-11-24T17:30:00Z"), "no bell");
        assert_eq!(alone.hours_of(&symbol("X.ZZ"), at("2026-12-24T17:30:00Z")), None);
        assert_eq!(Timetable::default().hours_of(&symbol("X.ZZ"), at("2026-11-24T16:00:00Z")), None);
    }

    proptest! {
        #[test]
        fn a_bell_is_later_and_changes_the_session(seconds in 1_790_000_000_i64..1_860_000_000) {
            let now = Timestamp::from_second(seconds).unwrap();
            for of in ["AAPL", "VOD.L", "7203.T", "EURUSD=X", "GC=F"] {
                let timetable = usual(of);
                let hours = timetable.hours_of(&symbol(of), now).unwrap();
                let bell = hours.opens_at.or(hours.closes_at).unwrap();
                prop_assert!(bell > now);
                let open = timetable.session(bell) == Some(Session::Regular);
                prop_assert_eq!(open, hours.opens_at.is_some());
            }
        }
    }
}
