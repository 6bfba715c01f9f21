//! Alerts: what a user wants to hear of, and the rules that decide when.
//!
//! A condition fires when it *becomes* true: once for each crossing, never because it was true from the beginning, and
//! again only after the price has gone back past a band, so that a price that wobbles around the line stays quiet. What
//! is of a day (a 52-week extremum, the volume) fires once a day.

mod armed;
mod day_move;
mod extreme;
mod latch;
mod trigger;
mod volume;
mod window;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{Price, Quote, Symbol};

pub use armed::Armed;
pub use latch::{REARM_BAND, REARM_BAND_PERCENT};
pub use trigger::{DailyMove, Firing, Trigger};

/// The `alert_id` under which the alert that everybody has fires.
pub const DAY_MOVE_ALERT: &str = "day-move";
/// The longest time within which a move can be asked for.
pub const MOVE_MINUTES_MAX: u16 = 24 * 60;
/// The longest time an alert stays quiet after it has fired: a week.
pub const COOLDOWN_MINUTES_MAX: u32 = 7 * 24 * 60;

/// What must become true.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", content = "value", rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// The price rises to this or above.
    Above(Price),
    /// The price falls to this or below.
    Below(Price),
    /// The change on the day reaches this many percent, up or down.
    DayMove(f64),
    /// The price moves so far within so short a time, up or down.
    MoveWithin(MoveWithin),
    /// The price is higher than any of the 52 weeks before.
    YearHigh,
    /// The price is lower than any of the 52 weeks before.
    YearLow,
    /// The day's volume reaches so many times the usual volume of a whole day.
    VolumeSpike(f64),
}

/// A move within a time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MoveWithin {
    /// How far, in percent, against the lowest or highest price of the time.
    #[cfg_attr(feature = "openapi", schema(exclusive_minimum = 0))]
    pub percent: f64,
    /// Within how many minutes: 1 to [`MOVE_MINUTES_MAX`].
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 1_440))]
    pub minutes: u16,
}

impl Condition {
    /// Whether its value is one that a price can reach.
    pub fn is_sound(&self) -> bool {
        let can_be = |value: f64| value.is_finite() && value > 0.0;
        match *self {
            Self::Above(line) | Self::Below(line) => line.is_positive(),
            Self::DayMove(percent) | Self::MoveWithin(MoveWithin { percent, .. }) => can_be(percent),
            Self::VolumeSpike(times) => can_be(times),
            Self::YearHigh | Self::YearLow => true,
        }
    }

    /// Whether its time, where it has one, is one that can be looked over.
    pub fn is_timely(&self) -> bool {
        match self {
            Self::MoveWithin(MoveWithin { minutes, .. }) => (1..=MOVE_MINUTES_MAX).contains(minutes),
            _ => true,
        }
    }
}

impl Quote {
    /// The move against the previous close in percent; of the extended print too, where `extended_hours` asks for it.
    pub fn day_move(&self, extended_hours: bool) -> Option<f64> {
        match (self.extended_price.filter(|_| extended_hours), self.previous_close) {
            (Some(extended), Some(close)) if close.is_positive() => extended.percent_against(close),
            _ => self.change_percent,
        }
    }

    /// The exchange's time of [`Quote::ruling_price`].
    pub fn ruling_time(&self, extended_hours: bool) -> Timestamp {
        let extended = self.extended_at.filter(|_| extended_hours && self.extended_price.is_some());
        extended.unwrap_or(self.quoted_at)
    }

    /// The exchange's calendar day of the price; UTC's where its time zone is not known.
    pub fn trading_day(&self) -> Date {
        self.day_of(self.quoted_at)
    }

    /// The same of [`Quote::ruling_price`].
    pub fn ruling_day(&self, extended_hours: bool) -> Date {
        self.day_of(self.ruling_time(extended_hours))
    }

    /// The exchange's calendar day of a time.
    pub fn day_of(&self, at: Timestamp) -> Date {
        day_in(at, self.time_zone.as_deref())
    }
}

/// The calendar day of a time in a zone by its IANA name; UTC's where that is not known.
fn day_in(at: Timestamp, time_zone: Option<&str>) -> Date {
    let zone = time_zone.and_then(|name| jiff::tz::TimeZone::get(name).ok());
    at.to_zoned_datetime(zone.unwrap_or(jiff::tz::TimeZone::UTC)).date()
}

/// What a user wants to hear of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Alert {
    /// Given by the desk; unique among the user's alerts.
    pub id: String,
    /// Whose price.
    pub symbol: Symbol,
    /// What must become true.
    pub condition: Condition,
    /// Fires at every crossing; otherwise once, and is then disabled.
    pub repeat: bool,
    /// Rules on extended-hours prices too.
    pub extended_hours: bool,
    /// Whether it is armed at all.
    pub enabled: bool,
    /// When the user drew its line where it is. Given by the desk; left out of alerts of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub drawn_at: Option<Timestamp>,
    /// The split that its line was last carried over: when trading in the new shares began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub carried_to: Option<Timestamp>,
    /// How long it stays quiet after it has fired, where it fires at every crossing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(maximum = 10_080))]
    pub cooldown_minutes: Option<u32>,
    /// The ids of the destinations that it goes to; to all where this is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_items = 20))]
    pub destinations: Option<Vec<String>>,
    /// When it was made. Given by the desk; left out of alerts of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub created_at: Option<Timestamp>,
}

impl Alert {
    /// Whether it is not where this one was, or may fire anew: it was switched on again, or is to fire once from now on.
    pub fn is_drawn_anew(&self, before: &Self) -> bool {
        let same_line = (&self.symbol, &self.condition) == (&before.symbol, &before.condition);
        !same_line || (self.enabled && !before.enabled) || (!self.repeat && before.repeat)
    }

    /// Whether this is the one time that it was to fire.
    pub fn is_spent_by(&self, fired: &AlertFired) -> bool {
        let own = (&self.id, &self.symbol, &self.condition) == (&fired.alert_id, &fired.symbol, &fired.condition);
        own && !self.repeat && self.drawn_at.is_some_and(|drawn| drawn <= fired.fired_at)
    }
}

/// An alert as a user asks for it: the desk gives the id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertDraft {
    /// Whose price.
    pub symbol: Symbol,
    /// What must become true.
    pub condition: Condition,
    /// Fires at every crossing; otherwise once, and is then disabled.
    #[serde(default)]
    pub repeat: bool,
    /// Rules on extended-hours prices too.
    #[serde(default)]
    pub extended_hours: bool,
    /// Whether it is armed at all.
    #[serde(default = "enabled")]
    pub enabled: bool,
    /// How long it stays quiet after it has fired, where it fires at every crossing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(maximum = 10_080))]
    pub cooldown_minutes: Option<u32>,
    /// The ids of the destinations that it goes to; to all where this is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_items = 20))]
    pub destinations: Option<Vec<String>>,
}

fn enabled() -> bool {
    true
}

impl AlertDraft {
    /// The alert this draft becomes under `id`.
    pub fn with_id(self, id: String) -> Alert {
        let Self { symbol, condition, repeat, extended_hours, enabled, cooldown_minutes, destinations } = self;
        Alert {
            id,
            symbol,
            condition,
            repeat,
            extended_hours,
            enabled,
            cooldown_minutes,
            destinations,
            created_at: None,
            drawn_at: None,
            carried_to: None,
        }
    }
}

/// What is told when an alert fires: everything a notification needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertFired {
    /// Unique; a reader that sees it twice has seen it once.
    pub id: String,
    /// The alert that fired, or [`DAY_MOVE_ALERT`].
    pub alert_id: String,
    /// Whose alert.
    pub user: String,
    /// Whose price.
    pub symbol: Symbol,
    /// What became true.
    pub condition: Condition,
    /// The price that made it true.
    pub price: Price,
    /// Its move on the day, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_percent: Option<f64>,
    /// How far it moved within the time that the condition names, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_percent: Option<f64>,
    /// ISO 4217 code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Digits to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_digits: Option<u8>,
    /// The exchange's time of the price.
    #[cfg_attr(feature = "specta", specta(type = String))]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub quoted_at: Timestamp,
    /// When the rule was found true.
    #[cfg_attr(feature = "specta", specta(type = String))]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub fired_at: Timestamp,
    /// The provider of the price.
    pub source: String,
    /// How many minutes the provider holds the price back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_minutes: Option<u16>,
    /// The exchange's time zone (IANA name).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

impl AlertFired {
    /// The exchange's calendar day of the price.
    pub fn trading_day(&self) -> Date {
        day_in(self.quoted_at, self.time_zone.as_deref())
    }
}

#[cfg(test)]
mod tests;
