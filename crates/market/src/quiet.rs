//! When a user wants no sound of alerts: paused, muted, in quiet hours. What fires then is written down all the same.

use std::fmt;

use jiff::{Timestamp, ToSpan as _, civil::Time, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{EditError, Preferences, Symbol, profile::RELEASE_SECONDS_MAX};

/// Symbols one user can mute at the most.
pub const MUTED_MAX: usize = 1_000;

/// A time of day, `22:00`, as minutes since midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, example = "22:00", pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// Reads `22:00`.
    pub fn parse(text: &str) -> Result<Self, EditError> {
        let two_digits = |text: &str, below: u16| {
            let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<u16>().ok().filter(|number| plain && *number < below).ok_or(EditError::TimeOfDay)
        };
        let (hour, minute) = text.split_once(':').ok_or(EditError::TimeOfDay)?;
        Ok(Self(two_digits(hour, 24)? * 60 + two_digits(minute, 60)?))
    }

    /// The minute of the day that a time is in.
    fn of(time: Time) -> Self {
        Self(u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs()))
    }

    /// Whether it is past this time of day there.
    pub fn has_come(self, now: Timestamp, zone: &TimeZone) -> bool {
        Self::of(zone.to_datetime(now).time()) >= self
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = EditError;
    fn try_from(text: String) -> Result<Self, EditError> {
        Self::parse(&text)
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

/// The hours of each day without a sound: from one time of day until before the other, over midnight where that is the
/// earlier one, around the clock where both are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuietHours {
    /// When they begin.
    pub from: TimeOfDay,
    /// When they end.
    pub to: TimeOfDay,
}

impl QuietHours {
    /// Whether it is quiet there and then.
    pub fn hold(self, now: Timestamp, zone: &TimeZone) -> bool {
        let time = TimeOfDay::of(zone.to_datetime(now).time());
        if self.from < self.to { self.from <= time && time < self.to } else { self.from <= time || time < self.to }
    }
}

/// A symbol whose alerts make no sound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Mute {
    /// Whose alerts.
    pub symbol: Symbol,
    /// Until when; for ever where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub until: Option<Timestamp>,
}

impl Mute {
    /// Whether it still counts.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// How long a symbol is to be muted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum MuteFor {
    /// Until the user's day is over.
    Today,
    /// Until it is taken back.
    Ever,
}

/// Why an alert made no sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Silence {
    /// All alerts were paused.
    Paused,
    /// Its symbol was muted.
    Muted,
    /// It was in quiet hours.
    QuietHours,
}

impl Preferences {
    /// The zone of the user's days: the one chosen, or the system's.
    pub fn zone(&self, system: &TimeZone) -> TimeZone {
        let chosen = self.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
        chosen.unwrap_or_else(|| system.clone())
    }

    /// When the user's day is over; where its zone is not known, in a day.
    pub fn end_of_day(&self, now: Timestamp, system: &TimeZone) -> Timestamp {
        let today = now.to_zoned_datetime(self.zone(system));
        let tomorrow = today.checked_add(1.day()).and_then(|tomorrow| tomorrow.start_of_day());
        tomorrow.map_or(now, |start| start.timestamp())
    }

    /// Why an alert for this symbol makes no sound now; `None` where it does. The first reason counts, in the order of
    /// [`Silence`]. Without a symbol: something that is about none.
    pub fn silence(&self, symbol: Option<&Symbol>, now: Timestamp, system: &TimeZone) -> Option<Silence> {
        if self.alerts_paused_until.is_some_and(|until| now < until) {
            return Some(Silence::Paused);
        }
        if symbol.is_some_and(|symbol| self.mutes(symbol, now)) {
            return Some(Silence::Muted);
        }
        let quiet = self.quiet_hours.is_some_and(|hours| hours.hold(now, &self.zone(system)));
        quiet.then_some(Silence::QuietHours)
    }

    /// Whether the symbol is muted now.
    pub fn mutes(&self, symbol: &Symbol, now: Timestamp) -> bool {
        self.muted.iter().any(|mute| mute.symbol == *symbol && mute.holds(now))
    }

    /// Says what makes no sense.
    pub(crate) fn check(&self) -> Result<(), EditError> {
        if let Some(name) = &self.time_zone
            && TimeZone::get(name).is_err()
        {
            return Err(EditError::TimeZone(name.clone()));
        }
        if self.release_after_seconds > RELEASE_SECONDS_MAX {
            return Err(EditError::ReleaseAfter);
        }
        if self.muted.len() > MUTED_MAX {
            return Err(EditError::TooManyMuted);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Edit, Edited, Profile, UserName};

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn symbol(text: &str) -> Symbol {
        Symbol::parse(text).unwrap()
    }

    fn hours(from: &str, to: &str) -> QuietHours {
        QuietHours { from: TimeOfDay::parse(from).unwrap(), to: TimeOfDay::parse(to).unwrap() }
    }

    #[test]
    fn a_time_of_day_has_one_spelling() {
        for bad in ["", "7:00", "07:0", "24:00", "07:60", "07:00:00", "+7:00", "07:+1", "aa:bb"] {
            assert_eq!(TimeOfDay::parse(bad), Err(EditError::TimeOfDay), "{bad:?}");
        }
        let json = serde_json::to_string(&hours("22:00", "07:05")).unwrap();
        assert_eq!(json, r#"{"from":"22:00","to":"07:05"}"#);
        assert_eq!(serde_json::from_str::<QuietHours>(&json).unwrap(), hours("22:00", "07:05"));
    }

    #[test]
    fn quiet_hours_go_over_midnight_and_through_the_change_of_clocks() {
        let (night, berlin) = (hours("22:00", "07:00"), zone("Europe/Berlin"));
        assert!(night.hold(at("2026-07-01T20:00:00Z"), &berlin), "22:00");
        assert!(night.hold(at("2026-07-01T04:59:59Z"), &berlin), "06:59:59");
        assert!(!night.hold(at("2026-07-01T05:00:00Z"), &berlin), "07:00");
        // On 25 October 2026 the clocks go back at 03:00; 07:00 is 06:00 UTC from then on.
        assert!(night.hold(at("2026-10-25T05:30:00Z"), &berlin) && !night.hold(at("2026-10-25T06:00:00Z"), &berlin));
        let noon = hours("12:00", "13:00");
        assert!(
            noon.hold(at("2026-07-01T12:00:00Z"), &TimeZone::UTC)
                && !noon.hold(at("2026-07-01T13:00:00Z"), &TimeZone::UTC)
        );
    }

    #[test]
    fn a_day_ends_at_the_users_midnight() {
        let mut preferences = Preferences { time_zone: Some("Asia/Tokyo".into()), ..Preferences::default() };
        let now = at("2026-11-25T14:00:00Z");
        assert_eq!(preferences.end_of_day(now, &TimeZone::UTC), at("2026-11-25T15:00:00Z"));
        preferences.time_zone = None;
        assert_eq!(preferences.end_of_day(now, &TimeZone::UTC), at("2026-11-26T00:00:00Z"));
        // A day of 25 hours.
        assert_eq!(
            preferences.end_of_day(at("2026-10-24T22:30:00Z"), &zone("Europe/Berlin")),
            at("2026-10-25T23:00:00Z")
        );
    }

    #[test]
    fn the_first_reason_for_silence_is_told() {
        let now = at("2026-11-25T23:00:00Z");
        let later = now + 1.hour();
        let mut preferences = Preferences { quiet_hours: Some(hours("22:00", "07:00")), ..Preferences::default() };
        let silence = |p: &Preferences, text: &str| p.silence(Some(&symbol(text)), now, &TimeZone::UTC);
        assert_eq!(silence(&preferences, "AAPL"), Some(Silence::QuietHours));
        preferences.muted = vec![Mute { symbol: symbol("AAPL"), until: Some(later) }];
        assert_eq!(silence(&preferences, "AAPL"), Some(Silence::Muted));
        assert_eq!(silence(&preferences, "MSFT"), Some(Silence::QuietHours));
        preferences.alerts_paused_until = Some(later);
        assert_eq!(silence(&preferences, "AAPL"), Some(Silence::Paused));
        assert_eq!(preferences.silence(Some(&symbol("AAPL")), at("2026-11-26T12:00:00Z"), &TimeZone::UTC), None);
    }

    #[test]
    fn preferences_must_make_sense() {
        let mut profile = Profile::new(UserName::me());
        let mut set = |preferences| profile.apply(Edit::SetPreferences { preferences });
        let base = Preferences::default();
        let zone = Preferences { time_zone: Some("Mars/Olympus".into()), ..base.clone() };
        assert_eq!(set(zone), Err(EditError::TimeZone("Mars/Olympus".into())));
        let kept = Preferences { release_after_seconds: RELEASE_SECONDS_MAX + 1, ..base.clone() };
        assert_eq!(set(kept), Err(EditError::ReleaseAfter));
        let mute = |n: usize| Mute { symbol: symbol(&format!("S{n}")), until: None };
        let full = Preferences { muted: (0..=MUTED_MAX).map(mute).collect(), ..base.clone() };
        assert_eq!(set(full), Err(EditError::TooManyMuted));
        let twice = Preferences { muted: vec![mute(1), mute(1)], ..base };
        assert_eq!((set(twice), profile.preferences.muted), (Ok(Edited::Changed), vec![mute(1)]));
    }

    proptest! {
        /// Each symbol is muted once, by its last mute; what is over is forgotten; the number is bounded.
        #[test]
        fn muting_is_bounded(steps in prop::collection::vec((0u8..6, 0i64..50, 0i64..20, any::<bool>()), 0..60)) {
            let mut profile = Profile::new(UserName::me());
            let second = |s| Timestamp::from_second(s).unwrap();
            let mut now = 0;
            for (which, until, pause, for_ever) in steps {
                now += pause;
                let symbol = symbol(&format!("S{which}"));
                let until = (!for_ever).then(|| second(now + until));
                profile.apply(Edit::Mute { symbol: symbol.clone(), until, now: second(now) }).unwrap();
                let muted = &profile.preferences.muted;
                prop_assert_eq!(muted.iter().filter(|mute| mute.symbol == symbol).count(), 1);
                prop_assert_eq!(profile.preferences.mutes(&symbol, second(now)), until.is_none_or(|u| u > second(now)));
                prop_assert!(muted.len() <= 6);
            }
        }
    }
}
