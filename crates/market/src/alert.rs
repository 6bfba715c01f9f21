//! Alerts: what a user wants to hear of, and the rule that decides when.
//!
//! A condition fires when it *becomes* true: once for each crossing, never because it was true from the beginning, and
//! again only after the price has gone back past a band, so that a price that wobbles around the line stays quiet.

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{Price, Quote, QuoteState, Symbol};

/// How far behind the line, as a fraction of it, a price must go back before a condition may fire again.
pub const REARM_BAND: Decimal = Decimal::from_parts(2, 0, 0, false, 3);
/// The same for a move on the day, in percentage points.
pub const REARM_BAND_PERCENT: f64 = 0.25;
/// The `alert_id` under which the alert that everybody has fires.
pub const DAY_MOVE_ALERT: &str = "day-move";

/// What must become true.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Condition {
    /// The price rises to this or above.
    Above(Price),
    /// The price falls to this or below.
    Below(Price),
    /// The change on the day reaches this many percent, up or down.
    DayMove(f64),
}

impl Condition {
    /// Whether its value is one that a price can reach.
    pub fn is_sound(&self) -> bool {
        match *self {
            Self::Above(line) | Self::Below(line) => line.is_positive(),
            Self::DayMove(percent) => percent.is_finite() && percent > 0.0,
        }
    }

    /// Where the quote stands to its line, upwards and downwards.
    fn standing(&self, quote: &Quote, extended_hours: bool) -> (Option<Standing>, Option<Standing>) {
        let price = quote.ruling_price(extended_hours);
        match *self {
            Self::Above(line) => (Some(Standing::below(price, line)), None),
            Self::Below(line) => (None, Some(Standing::above(price, line))),
            Self::DayMove(percent) => {
                let moved = quote.day_move(extended_hours);
                let up = moved.map(|moved| Standing::short_of(moved, percent));
                (up, moved.map(|moved| Standing::short_of(-moved, percent)))
            }
        }
    }
}

/// Where a quote stands to the line of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// On it or past it.
    Met,
    /// Less than a band short of it.
    Near,
    /// A whole band short of it.
    Behind,
}

impl Standing {
    fn of(met: bool, behind: bool) -> Self {
        if met {
            Self::Met
        } else if behind {
            Self::Behind
        } else {
            Self::Near
        }
    }

    /// A price that is to rise to the line.
    fn below(price: Price, line: Price) -> Self {
        Self::of(price >= line, price.exact() <= line.exact() * (Decimal::ONE - REARM_BAND))
    }

    /// A price that is to fall to the line.
    fn above(price: Price, line: Price) -> Self {
        Self::of(price <= line, price.exact() >= line.exact() * (Decimal::ONE + REARM_BAND))
    }

    /// A move that is to reach so many percent.
    fn short_of(moved: f64, percent: f64) -> Self {
        Self::of(moved >= percent, moved - percent <= -REARM_BAND_PERCENT)
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
}

fn enabled() -> bool {
    true
}

impl AlertDraft {
    /// The alert this draft becomes under `id`.
    pub fn with_id(self, id: String) -> Alert {
        let Self { symbol, condition, repeat, extended_hours, enabled } = self;
        Alert { id, symbol, condition, repeat, extended_hours, enabled, drawn_at: None, carried_to: None }
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

/// One side of a condition: armed or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Latch {
    /// No price seen yet.
    #[default]
    New,
    /// True from the beginning: armed as soon as it is not.
    Waiting,
    /// Fires when it becomes true.
    Armed,
    /// Has fired: armed again a band behind the line.
    Spent,
}

impl Latch {
    /// Takes in one observation; says whether the condition fires. A price that may not fire still arms.
    fn observe(&mut self, standing: Standing, may_fire: bool) -> bool {
        let met = standing == Standing::Met;
        let fires = met && *self == Self::Armed && may_fire;
        *self = match *self {
            Self::New if met => Self::Waiting,
            Self::New | Self::Waiting if !met => Self::Armed,
            Self::Armed if fires => Self::Spent,
            Self::Spent if standing == Standing::Behind => Self::Armed,
            unchanged => unchanged,
        };
        fires
    }
}

/// The memory of one alert: what it has seen so far.
#[derive(Debug, Clone, Default)]
pub struct Trigger {
    up: Latch,
    down: Latch,
    fired_up_on: Option<Date>,
    fired_down_on: Option<Date>,
}

impl Trigger {
    /// Takes in a quote; says whether the condition has just become true. A stale price arms, but never fires.
    pub fn observe(&mut self, condition: &Condition, extended_hours: bool, quote: &Quote) -> bool {
        let may_fire = quote.state != QuoteState::Stale;
        let (up, down) = condition.standing(quote, extended_hours);
        let fires_up = up.is_some_and(|up| self.up.observe(up, may_fire));
        let fires_down = down.is_some_and(|down| self.down.observe(down, may_fire));
        fires_up || fires_down
    }

    /// The same, but at most once for each day (of the exchange) and direction.
    pub fn observe_daily(&mut self, condition: &Condition, quote: &Quote) -> bool {
        let may_fire = quote.state != QuoteState::Stale;
        let today = quote.trading_day();
        let (up, down) = condition.standing(quote, false);
        let fires_up = up.is_some_and(|up| self.up.observe(up, may_fire)) && self.fired_up_on != Some(today);
        let fires_down =
            down.is_some_and(|down| self.down.observe(down, may_fire)) && self.fired_down_on != Some(today);
        if fires_up {
            self.fired_up_on = Some(today);
        }
        if fires_down {
            self.fired_down_on = Some(today);
        }
        fires_up || fires_down
    }
}

impl Quote {
    /// The exchange's calendar day of the price; UTC's where its time zone is not known.
    pub fn trading_day(&self) -> Date {
        let zone = self.time_zone.as_deref().and_then(|name| jiff::tz::TimeZone::get(name).ok());
        self.quoted_at.to_zoned_datetime(zone.unwrap_or(jiff::tz::TimeZone::UTC)).date()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{price::tests::price, quote::tests::quote};

    fn fires(condition: Condition, prices: &[f64]) -> Vec<usize> {
        let mut trigger = Trigger::default();
        let observe = |(i, price): (usize, &f64)| {
            let mut q = quote("AAPL", *price);
            q.change_percent = Some(price - 100.0);
            trigger.observe(&condition, false, &q).then_some(i)
        };
        prices.iter().enumerate().filter_map(observe).collect()
    }

    #[test]
    fn fires_on_the_crossing_and_not_on_creation() {
        assert_eq!(fires(Condition::Above(price(250.0)), &[251.0, 252.0]), [] as [usize; 0]);
        assert_eq!(fires(Condition::Above(price(250.0)), &[251.0, 249.99, 250.0]), [2]);
        assert_eq!(fires(Condition::Below(price(100.0)), &[101.0, 100.0, 99.0]), [1]);
    }

    #[test]
    fn a_price_that_wobbles_on_the_line_fires_once() {
        assert_eq!(fires(Condition::Above(price(250.0)), &[249.0, 250.1, 249.9, 250.1, 249.6, 250.2]), [1]);
        assert_eq!(fires(Condition::Above(price(250.0)), &[249.0, 250.1, 249.5, 250.1]), [1, 3]);
    }

    #[test]
    fn lines_and_bands_are_exact() {
        // In doubles 0.6986 is not a whole band of 0.0014 behind 0.7.
        assert_eq!(fires(Condition::Below(price(0.3)), &[0.31, 0.3]), [1]);
        assert_eq!(fires(Condition::Above(price(0.7)), &[0.69, 0.7, 0.6987, 0.7, 0.6986, 0.7]), [1, 5]);
        assert_eq!(fires(Condition::Below(price(0.7)), &[0.71, 0.7, 0.7013, 0.7, 0.7014, 0.7]), [1, 5]);
    }

    #[test]
    fn a_day_move_counts_each_way() {
        assert_eq!(fires(Condition::DayMove(3.0), &[100.0, 103.1, 102.9, 103.2, 96.9, 97.1]), [1, 4]);
    }

    #[test]
    fn a_stale_price_arms_but_does_not_fire() {
        let mut trigger = Trigger::default();
        let stale = |price| Quote { state: QuoteState::Stale, ..quote("AAPL", price) };
        assert!(!trigger.observe(&Condition::Above(price(250.0)), false, &stale(240.0)));
        assert!(!trigger.observe(&Condition::Above(price(250.0)), false, &stale(251.0)));
        assert!(trigger.observe(&Condition::Above(price(250.0)), false, &quote("AAPL", 251.0)));
    }

    #[test]
    fn the_daily_alert_fires_once_a_day_each_way() {
        let mut trigger = Trigger::default();
        let moved = |percent, day: &str| Quote {
            change_percent: Some(percent),
            quoted_at: format!("{day}T15:00:00Z").parse().unwrap(),
            ..quote("AAPL", 100.0)
        };
        let rule = Condition::DayMove(3.0);
        let mut seen = |percent, day| trigger.observe_daily(&rule, &moved(percent, day));
        assert!(!seen(0.0, "2026-11-23"));
        assert!(seen(3.0, "2026-11-23"));
        assert!(!seen(1.0, "2026-11-23"));
        assert!(!seen(3.5, "2026-11-23"));
        assert!(seen(-3.5, "2026-11-23"));
        assert!(!seen(0.0, "2026-11-24"));
        assert!(seen(4.0, "2026-11-24"));
    }

    #[test]
    fn the_wire_shape_is_the_documented_one() {
        let json = serde_json::to_value(Condition::DayMove(3.0)).unwrap();
        assert_eq!(json, serde_json::json!({"kind": "day_move", "value": 3.0}));
        let draft: AlertDraft =
            serde_json::from_str(r#"{"symbol":"aapl","condition":{"kind":"above","value":250}}"#).unwrap();
        assert!(draft.enabled && !draft.repeat && draft.symbol.as_str() == "AAPL");
    }

    proptest! {
        /// Whatever the path: it never fires first, between two firings the price was a band behind the line, and
        /// every way from a band behind the line to it fires exactly once.
        #[test]
        fn fires_once_per_crossing(steps in prop::collection::vec(-40i32..40, 1..200)) {
            let line = 100.0;
            let prices: Vec<f64> = steps.iter().map(|s| f64::from(10_000 + s) / 100.0).collect();
            let fired = fires(Condition::Above(price(line)), &prices);
            let behind = |p: f64| p <= 99.8;
            let mut expected = Vec::new();
            let mut armed = false;
            let mut fired_before = false;
            for (i, p) in prices.iter().enumerate() {
                if *p >= line {
                    if armed { expected.push(i); armed = false; fired_before = true; }
                } else if !fired_before || behind(*p) {
                    armed = true;
                }
            }
            prop_assert_eq!(&fired, &expected);
            for pair in fired.windows(2) {
                prop_assert!(prices[pair[0]..pair[1]].iter().any(|p| behind(*p)));
            }
            prop_assert!(!fired.contains(&0));
        }
    }
}
