//! The daily digest: the biggest movers among what a user follows, once a day.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{Preferences, Price, Quote, Symbol, quiet::TimeOfDay};

/// How many of each way are told at the most.
pub const MOVERS_MAX: usize = 5;

/// When the digest is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DigestTime {
    /// The time of the user's day.
    pub at: TimeOfDay,
    /// The first day that it is wanted on. Given by the desk: a time chosen when it has passed is one of tomorrow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
    pub from: Option<Date>,
}

impl DigestTime {
    /// Whether the digest of the user's day is to be made now. `told_on` is the day of the last one.
    pub fn is_due(self, told_on: Option<Date>, now: Timestamp, zone: &TimeZone) -> bool {
        let today = zone.to_datetime(now).date();
        told_on != Some(today) && self.from.is_none_or(|from| from <= today) && self.at.has_come(now, zone)
    }
}

impl Preferences {
    /// Says from which day on a newly chosen digest is wanted; `before` are the preferences that these replace.
    pub fn date_digest(&mut self, before: &Self, now: Timestamp, system: &TimeZone) {
        let zone = self.zone(system);
        let Some(digest) = &mut self.digest else { return };
        digest.from = match before.digest.filter(|before| before.at == digest.at) {
            Some(before) => before.from,
            None if digest.at.has_come(now, &zone) => zone.to_datetime(now).date().tomorrow().ok(),
            None => None,
        };
    }
}

/// One that moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Mover {
    /// What moved.
    pub symbol: Symbol,
    /// The price it came to.
    pub price: Price,
    /// Its move on the day, in percent.
    pub change_percent: f64,
    /// ISO 4217 code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Digits to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_digits: Option<u8>,
    /// The provider of the price.
    pub source: String,
}

/// The biggest movers of a user's day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Digest {
    /// Unique.
    pub id: String,
    /// Whose.
    pub user: String,
    /// The user's day, such as `2026-11-25`.
    #[cfg_attr(feature = "specta", specta(type = String))]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub day: Date,
    /// When it was made.
    #[cfg_attr(feature = "specta", specta(type = String))]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub made_at: Timestamp,
    /// Those that rose most, the furthest first; at most [`MOVERS_MAX`].
    pub up: Vec<Mover>,
    /// Those that fell most, the furthest first; at most [`MOVERS_MAX`].
    pub down: Vec<Mover>,
}

impl Digest {
    /// Of these quotes; `None` where none of their markets traded on the user's day, or nothing moved.
    pub fn of(
        id: String,
        user: String,
        quotes: impl IntoIterator<Item = Quote>,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Option<Self> {
        let day = zone.to_datetime(now).date();
        let is_of_today = |quote: &Quote| quote.is_firm() && zone.to_datetime(quote.quoted_at).date() == day;
        let mut movers: Vec<Mover> = quotes.into_iter().filter(is_of_today).filter_map(Mover::of).collect();
        movers.sort_by(|one, other| other.change_percent.total_cmp(&one.change_percent));
        let up: Vec<Mover> =
            movers.iter().take_while(|mover| mover.change_percent > 0.0).take(MOVERS_MAX).cloned().collect();
        let falling = movers.into_iter().rev().take_while(|mover| mover.change_percent < 0.0);
        let down: Vec<Mover> = falling.take(MOVERS_MAX).collect();
        let anything = !up.is_empty() || !down.is_empty();
        anything.then_some(Self { id, user, day, made_at: now, up, down })
    }
}

impl Mover {
    fn of(quote: Quote) -> Option<Self> {
        let Quote { symbol, price, change_percent, currency, price_digits, source, .. } = quote;
        Some(Self { symbol, price, change_percent: change_percent?, currency, price_digits, source })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{QuoteState, quote::tests::quote};

    fn moved(symbol: &str, percent: f64, quoted_at: &str) -> Quote {
        Quote { change_percent: Some(percent), quoted_at: quoted_at.parse().unwrap(), ..quote(symbol, 10.0) }
    }

    fn of(quotes: Vec<Quote>) -> Option<Digest> {
        let now = "2026-11-25T16:30:00Z".parse().unwrap();
        Digest::of("1".into(), "me".into(), quotes, now, &TimeZone::get("Europe/Berlin").unwrap())
    }

    const TODAY: &str = "2026-11-25T10:00:00Z";

    #[test]
    fn what_did_not_trade_today_is_left_out() {
        let stale = Quote { state: QuoteState::Stale, ..moved("C", 9.0, TODAY) };
        let unsettled = Quote { unsettled: true, ..moved("D", -75.0, TODAY) };
        let digest =
            of(vec![moved("A", 1.0, TODAY), moved("B", 9.0, "2026-11-24T22:59:00Z"), stale, unsettled]).unwrap();
        assert_eq!((digest.up[0].symbol.as_str(), digest.up.len(), digest.down.len()), ("A", 1, 0));
        assert_eq!(digest.day.to_string(), "2026-11-25");
        assert!(of(vec![moved("A", 5.0, "2026-11-24T12:00:00Z")]).is_none(), "a holiday");
        assert!(of(vec![moved("A", 0.0, TODAY)]).is_none());
    }

    #[test]
    fn it_is_due_once_a_day_from_its_time_on() {
        let (time, zone) = (
            DigestTime { at: TimeOfDay::parse("17:30").unwrap(), from: None },
            TimeZone::get("Europe/Berlin").unwrap(),
        );
        let due = |told: Option<&str>, now: &str| {
            time.is_due(told.map(|day| day.parse().unwrap()), now.parse().unwrap(), &zone)
        };
        assert!(!due(None, "2026-11-25T16:29:59Z") && due(None, "2026-11-25T16:30:00Z"));
        assert!(due(Some("2026-11-24"), "2026-11-25T22:00:00Z") && !due(Some("2026-11-25"), "2026-11-25T22:00:00Z"));
        assert!(!due(Some("2026-11-25"), "2026-11-25T23:00:00Z"), "another day, too early");
    }

    #[test]
    fn a_time_chosen_when_it_has_passed_is_one_of_tomorrow() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let at = |text: &str| Some(DigestTime { at: TimeOfDay::parse(text).unwrap(), from: None });
        let chosen = |before: Option<DigestTime>, digest| {
            let of = |digest| Preferences { digest, ..Preferences::default() };
            let mut preferences = of(digest);
            preferences.date_digest(&of(before), "2026-11-25T16:30:00Z".parse().unwrap(), &zone);
            preferences.digest
        };
        let passed = chosen(None, at("17:30"));
        assert_eq!(passed.unwrap().from.unwrap().to_string(), "2026-11-26");
        assert_eq!(chosen(passed, at("17:30")), passed, "the same again is no new choice");
        assert_eq!(chosen(passed, at("17:31")), at("17:31"), "still to come today");
        let due = |now: &str| passed.unwrap().is_due(None, now.parse().unwrap(), &zone);
        assert!(!due("2026-11-25T17:00:00Z") && !due("2026-11-26T16:29:00Z") && due("2026-11-26T16:30:00Z"));
    }

    proptest! {
        /// The biggest each way, in order, at most so many.
        #[test]
        fn the_biggest_are_told(percents in prop::collection::vec(-1_000i32..1_000, 0..30)) {
            let all: Vec<f64> = percents.iter().map(|p| f64::from(*p) / 100.0).collect();
            let quotes = all.iter().enumerate().map(|(i, p)| moved(&format!("S{i}"), *p, TODAY)).collect();
            let biggest = |way: f64| {
                let mut way: Vec<f64> = all.iter().map(|p| p * way).filter(|p| *p > 0.0).collect();
                way.sort_by(|a, b| b.total_cmp(a));
                way.truncate(MOVERS_MAX);
                way
            };
            let digest = of(quotes);
            let told = |movers: &[Mover], way: f64| movers.iter().map(|m| m.change_percent * way).collect::<Vec<_>>();
            let (up, down) = digest.map_or_else(Default::default, |d| (told(&d.up, 1.0), told(&d.down, -1.0)));
            prop_assert_eq!(up, biggest(1.0));
            prop_assert_eq!(down, biggest(-1.0));
        }
    }
}
