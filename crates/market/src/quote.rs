//! The latest state of an instrument, as published on `quote/<symbol>`, sent over REST and drawn in the window.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Kind, Price, Symbol};

/// Which part of the trading day the instrument is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Session {
    /// Before the opening bell.
    Pre,
    /// Regular trading.
    Regular,
    /// After the closing bell.
    Post,
    /// The night session some venues have.
    Overnight,
    /// No trading.
    Closed,
}

/// How far a price can be trusted to be the present one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum QuoteState {
    /// The provider answers and does not hold the price back.
    Live,
    /// The provider answers with a price of `delay_minutes` ago.
    Delayed,
    /// The provider has not answered for too long: the last price, with its age.
    Stale,
    /// The market is closed, or a market that never closes is halted: the last price is the right one.
    Closed,
}

/// Why a price stands still although its provider answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Standstill {
    /// The market is open, but no trade has been told for a quarter of an hour: halted, or hardly traded.
    Halted,
    /// No provider knows it any more: the last price is the last there will be.
    Delisted,
}

/// An open market in which nothing is told for longer than this, beyond the provider's delay, stands still.
const STANDSTILL_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// The latest state of an instrument. Absent values are left out, never 0, null or NaN; nothing is rounded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Quote {
    /// What it is called.
    pub symbol: Symbol,
    /// Name as the provider writes it: text, never markup.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What kind of thing it is.
    pub kind: Kind,
    /// The exchange in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<String>,
    /// ISO 4217 code of the major unit all prices here are in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The minor unit the exchange quotes in (`GBp`), where the prices here were converted from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quoted_in: Option<String>,
    /// Digits after the decimal sign that a reader should show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_digits: Option<u8>,

    /// The regular session's last price; in markets that never close, the newest print.
    pub price: Price,
    /// Its move against `previous_close`, as the provider reports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Price>,
    /// The same in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_percent: Option<f64>,
    /// Close of the session before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_close: Option<Price>,
    /// First price of the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<Price>,
    /// Lowest of the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day_low: Option<Price>,
    /// Highest of the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day_high: Option<Price>,
    /// Lowest of 52 weeks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year_low: Option<Price>,
    /// Highest of 52 weeks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year_high: Option<Price>,
    /// Pieces traded in the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<f64>,
    /// Pieces usually traded in a whole day: the mean of about three months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average_volume: Option<f64>,
    /// Market capitalisation, major unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub market_cap: Option<f64>,
    /// Price/earnings ratio over the trailing twelve months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pe_ratio: Option<f64>,
    /// Dividend yield in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dividend_yield: Option<f64>,

    /// An extended-hours print newer than the regular one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extended_price: Option<Price>,
    /// Its move against `price`, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extended_change_percent: Option<f64>,
    /// When it was printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub extended_at: Option<Timestamp>,

    /// Which part of the trading day it is in.
    pub session: Session,
    /// The exchange's time of `price`.
    #[cfg_attr(feature = "specta", specta(type = String))]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub quoted_at: Timestamp,
    /// When the answer that carried it arrived here.
    #[cfg_attr(feature = "specta", specta(type = String))]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub received_at: Timestamp,
    /// The provider, such as `yahoo` or `simulated`.
    pub source: String,
    /// How many minutes the provider holds the price back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_minutes: Option<u16>,
    /// How far it can be trusted to be the present one.
    pub state: QuoteState,
    /// Why the price stands still, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standstill: Option<Standstill>,
    /// Whether it could not be found out yet if a split lies before the price: no alert fires on it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unsettled: bool,
    /// The exchange's time zone (IANA name), for showing `quoted_at` as the exchange does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// The name under which made-up prices travel, in [`Quote::source`].
pub const SIMULATED: &str = "simulated";
/// The name under which recorded prices travel, in [`Quote::source`].
pub const REPLAY: &str = "replay";

/// Whether prices of two sources may stand in one line: made-up and recorded ones only among themselves.
pub fn may_mix(source: &str, other: &str) -> bool {
    source == other || (is_of_now(source) && is_of_now(other))
}

/// Whether the prices of a source are neither made up nor recorded.
fn is_of_now(source: &str) -> bool {
    !matches!(source, SIMULATED | REPLAY)
}

impl Quote {
    /// A price with nothing beside it: live, of a regular session.
    pub fn bare(symbol: Symbol, kind: Kind, price: Price, at: Timestamp, received_at: Timestamp, source: &str) -> Self {
        Self {
            symbol,
            name: None,
            kind,
            exchange: None,
            currency: None,
            quoted_in: None,
            price_digits: None,
            price,
            change: None,
            change_percent: None,
            previous_close: None,
            open: None,
            day_low: None,
            day_high: None,
            year_low: None,
            year_high: None,
            volume: None,
            average_volume: None,
            market_cap: None,
            pe_ratio: None,
            dividend_yield: None,
            extended_price: None,
            extended_change_percent: None,
            extended_at: None,
            session: Session::Regular,
            quoted_at: at,
            received_at,
            source: source.to_owned(),
            delay_minutes: None,
            state: QuoteState::Live,
            standstill: None,
            unsettled: false,
            time_zone: None,
        }
    }

    /// Whether the price is made up.
    pub fn is_simulated(&self) -> bool {
        self.source == SIMULATED
    }
    /// Whether anything a reader would notice differs from `other`: everything but when it was received.
    pub fn differs_from(&self, other: &Self) -> bool {
        Self { received_at: other.received_at, ..self.clone() } != *other
    }

    /// Takes from another provider's quote what this one lacks beside its price: names and slow figures, in the same
    /// currency.
    pub fn complete_with(&mut self, other: &Self) {
        if self.name.is_none() {
            self.name.clone_from(&other.name);
        }
        if self.time_zone.is_none() {
            self.time_zone.clone_from(&other.time_zone);
        }
        if self.currency == other.currency {
            self.year_low = self.year_low.or(other.year_low);
            self.year_high = self.year_high.or(other.year_high);
            self.average_volume = self.average_volume.or(other.average_volume);
            self.market_cap = self.market_cap.or(other.market_cap);
            self.pe_ratio = self.pe_ratio.or(other.pe_ratio);
            self.dividend_yield = self.dividend_yield.or(other.dividend_yield);
        }
    }

    /// The state that session and delay give a quote whose provider answers.
    pub fn state_when_answered(session: Session, delay_minutes: Option<u16>) -> QuoteState {
        match (session, delay_minutes) {
            (Session::Closed, _) => QuoteState::Closed,
            (_, Some(minutes)) if minutes > 0 => QuoteState::Delayed,
            _ => QuoteState::Live,
        }
    }

    /// Whether its market is open and yet tells no trade. Funds have one price a day; indices and rates are no trades.
    pub fn stands_still(&self) -> bool {
        let traded = matches!(self.kind, Kind::Equity | Kind::Etf | Kind::Future | Kind::Crypto);
        let delay = SignedDuration::from_mins(self.delay_minutes.unwrap_or(0).into());
        let silence = self.received_at.duration_since(self.quoted_at);
        traded && self.session == Session::Regular && silence > STANDSTILL_AFTER + delay
    }

    /// Says why the price stands still, where it does. In a market that never closes an old price is then no live one.
    pub fn judge_standstill(&mut self) {
        self.standstill = self.stands_still().then_some(Standstill::Halted);
        if self.standstill.is_some() && self.kind.never_closes() {
            self.state = QuoteState::Closed;
        }
    }

    /// Whether the price is one of now, in shares that are known: one that an alert may fire on.
    pub fn is_firm(&self) -> bool {
        self.state != QuoteState::Stale && !self.unsettled
    }

    /// The price that an alert rules on: the newest of regular and extended when `extended_hours` is asked for.
    pub fn ruling_price(&self, extended_hours: bool) -> Price {
        self.extended_price.filter(|_| extended_hours).unwrap_or(self.price)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A live quote with nothing but a price.
    pub(crate) fn quote(symbol: &str, price: f64) -> Quote {
        let at: Timestamp = "2026-11-23T15:00:00Z".parse().unwrap();
        serde_json::from_value(serde_json::json!({
            "symbol": symbol, "kind": "equity", "price": price, "session": "regular",
            "quoted_at": at, "received_at": at, "source": "test", "state": "live",
        }))
        .unwrap()
    }

    #[test]
    fn absent_values_are_left_out() {
        let json = serde_json::to_value(quote("AAPL", 1.0)).unwrap();
        assert!(json.as_object().unwrap().values().all(|v| !v.is_null()));
        assert!(json.get("market_cap").is_none());
    }

    #[test]
    fn an_open_market_without_trades_stands_still() {
        let quote = quote("AAPL", 1.0);
        let after =
            |minutes| Quote { received_at: quote.received_at + SignedDuration::from_mins(minutes), ..quote.clone() };
        assert!(!after(15).stands_still() && after(16).stands_still());
        assert!(!Quote { delay_minutes: Some(15), ..after(30) }.stands_still(), "that late it always is");
        assert!(!Quote { session: Session::Closed, ..after(600) }.stands_still());
        assert!(!Quote { kind: Kind::Index, ..after(16) }.stands_still());
    }

    #[test]
    fn an_old_price_of_a_coin_is_no_live_one() {
        let share = quote("AAPL", 1.0);
        let judged = |kind, minutes| {
            let received_at = share.received_at + SignedDuration::from_mins(minutes);
            let mut quote = Quote { kind, received_at, ..share.clone() };
            quote.judge_standstill();
            (quote.standstill, quote.state)
        };
        assert_eq!(judged(Kind::Crypto, 5), (None, QuoteState::Live));
        assert_eq!(judged(Kind::Crypto, 16), (Some(Standstill::Halted), QuoteState::Closed));
        assert_eq!(judged(Kind::Equity, 16), (Some(Standstill::Halted), QuoteState::Live), "its session says enough");
    }

    #[test]
    fn what_is_made_up_or_recorded_stays_among_itself() {
        assert!(may_mix("yahoo", "binance") && may_mix(REPLAY, REPLAY));
        assert!(!may_mix("yahoo", SIMULATED) && !may_mix(REPLAY, "yahoo") && !may_mix(SIMULATED, REPLAY));
    }

    #[test]
    fn a_new_time_of_receipt_is_no_news() {
        let one = quote("AAPL", 1.0);
        let later = Quote { received_at: one.received_at + jiff::SignedDuration::from_secs(5), ..one.clone() };
        assert!(!later.differs_from(&one));
        assert!(Quote { state: QuoteState::Stale, ..one.clone() }.differs_from(&one));
    }
}
