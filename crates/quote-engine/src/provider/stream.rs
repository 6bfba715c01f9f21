//! What a stream says: whole quotes, or prices to be laid over a quote that polling gave. Its way to the feed is a
//! [`mailbox`].
//!
//! Pure but for that: a print never invents what neither it nor the quote below it says.

mod mailbox;

use jiff::{SignedDuration, Timestamp};
use market::{OfSymbol, Price, Quote, QuoteState, Session, Symbol, currency};

pub use mailbox::{Delivery, TickReceiver, TickSender, mailbox};

/// One price out of a stream.
#[derive(Debug, Clone, PartialEq)]
pub enum Tick {
    /// A quote that is whole by itself.
    Quote(Box<Quote>),
    /// A price, to be laid over the quote that polling gave.
    Print(Print),
}

impl Tick {
    /// When the price was made, by the exchange's clock.
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Quote(quote) => quote.extended_at.map_or(quote.quoted_at, |extended| extended.max(quote.quoted_at)),
            Self::Print(print) => print.at,
        }
    }
}

impl OfSymbol for Tick {
    fn symbol(&self) -> &Symbol {
        match self {
            Self::Quote(quote) => &quote.symbol,
            Self::Print(print) => &print.symbol,
        }
    }
}

/// A price by itself: what a stream knows when it knows little. All prices are in the unit the exchange quotes in.
#[derive(Debug, Clone, PartialEq)]
pub struct Print {
    /// Of what.
    pub symbol: Symbol,
    /// How much.
    pub price: f64,
    /// When, by the exchange's clock.
    pub at: Timestamp,
    /// In which part of the trading day, where the stream says.
    pub session: Option<Session>,
    /// The move against the previous close.
    pub change: Option<f64>,
    /// The same in percent.
    pub change_percent: Option<f64>,
    /// Pieces traded in the session.
    pub volume: Option<f64>,
    /// The smallest difference that the stream can express at this price; 0 where it is exact.
    pub grain: f64,
}

/// What becomes of a tick.
#[derive(Debug, Clone, PartialEq)]
pub enum Laid {
    /// It says something new.
    News {
        /// The quote with the price in it.
        quote: Box<Quote>,
        /// Whether the quote lacks something now that only asking tells: another day has begun.
        ask_soon: bool,
    },
    /// It says nothing new, but that the price stands.
    Known,
}

impl Laid {
    /// The quote, where it says something new.
    pub fn news(self) -> Option<Quote> {
        match self {
            Self::News { quote, .. } => Some(*quote),
            Self::Known => None,
        }
    }
}

/// Longer than any lunch break: a regular price so long after the last one is of another day.
const NIGHT: SignedDuration = SignedDuration::from_hours(3);

impl Print {
    /// The quote with this price in it; `None` where the price is coarser than the quote's own digits, so that only
    /// asking tells it.
    ///
    /// A stream knows neither previous close nor currency: those stay as they were polled, but for the previous close
    /// when another day has begun.
    pub fn laid_over(&self, base: &Quote, received_at: Timestamp) -> Option<Laid> {
        let unit = Unit::of(base);
        let price = unit.major(self.price).filter(|price| price.is_positive())?;
        let too_coarse =
            base.price_digits.is_some_and(|digits| unit.grain(self.grain) > 10f64.powi(-i32::from(digits)));
        if too_coarse {
            return None;
        }
        Some(match self.session.unwrap_or(base.session) {
            Session::Regular => self.regular(base, price, &unit, received_at),
            session @ (Session::Pre | Session::Post | Session::Overnight) => {
                self.extended(base, price, session, received_at)
            }
            Session::Closed => Laid::Known,
        })
    }

    fn regular(&self, base: &Quote, price: Price, unit: &Unit, received_at: Timestamp) -> Laid {
        let same = self.at == base.quoted_at && price == base.price;
        if self.at < base.quoted_at || same {
            return Laid::Known;
        }
        let another_day = !base.kind.never_closes() && self.at.duration_since(base.quoted_at) > NIGHT;
        let change = self.change.and_then(|change| unit.major(change));
        let quote = if another_day {
            self.begun(base, price, change, received_at)
        } else {
            self.continued(base, price, change, received_at)
        };
        Laid::News { quote: Box::new(quote), ask_soon: another_day }
    }

    /// The first price of another day: nothing of the day before holds any more.
    fn begun(&self, base: &Quote, price: Price, change: Option<Price>, received_at: Timestamp) -> Quote {
        Quote {
            price,
            change,
            change_percent: self.change_percent,
            previous_close: change.and_then(|change| price.minus(change)),
            open: None,
            day_low: Some(price),
            day_high: Some(price),
            volume: self.volume,
            extended_price: None,
            extended_change_percent: None,
            extended_at: None,
            session: Session::Regular,
            quoted_at: self.at,
            received_at,
            state: Quote::state_when_answered(Session::Regular, base.delay_minutes),
            ..base.clone()
        }
    }

    /// A price of the same day. One that comes after the bell, such as that of an auction, leaves the session alone.
    fn continued(&self, base: &Quote, price: Price, change: Option<Price>, received_at: Timestamp) -> Quote {
        let close = base.previous_close.filter(|_| !base.kind.never_closes());
        let after_the_bell = matches!(base.session, Session::Post | Session::Overnight | Session::Closed);
        let session = if after_the_bell { base.session } else { Session::Regular };
        let extended_stands = base.extended_at.is_some_and(|at| at > self.at);
        Quote {
            price,
            change: change.or_else(|| price.minus(close?)),
            change_percent: self.change_percent.or_else(|| price.percent_against(close?)),
            day_low: base.day_low.map(|low| low.min(price)),
            day_high: base.day_high.map(|high| high.max(price)),
            volume: self.volume.or(base.volume),
            extended_price: base.extended_price.filter(|_| extended_stands),
            extended_change_percent: base.extended_change_percent.filter(|_| extended_stands),
            extended_at: base.extended_at.filter(|_| extended_stands),
            session,
            quoted_at: self.at,
            received_at,
            state: Quote::state_when_answered(session, base.delay_minutes),
            ..base.clone()
        }
    }

    fn extended(&self, base: &Quote, price: Price, session: Session, received_at: Timestamp) -> Laid {
        let newest = base.extended_at.unwrap_or(base.quoted_at);
        let same = self.at == newest && base.extended_price == Some(price);
        if self.at < newest || same {
            return Laid::Known;
        }
        let quote = Quote {
            extended_price: Some(price),
            extended_change_percent: price.percent_against(base.price),
            extended_at: Some(self.at),
            session,
            received_at,
            state: if base.state == QuoteState::Stale {
                Quote::state_when_answered(session, base.delay_minutes)
            } else {
                base.state
            },
            ..base.clone()
        };
        Laid::News { quote: Box::new(quote), ask_soon: false }
    }
}

/// The unit that the exchange quotes in.
struct Unit(Option<u32>);

impl Unit {
    fn of(quote: &Quote) -> Self {
        Self(quote.quoted_in.as_deref().and_then(currency::minor_unit).map(|(_, divisor)| divisor))
    }

    fn major(&self, amount: f64) -> Option<Price> {
        self.0.map_or_else(|| Price::from_f64(amount), |divisor| Price::from_minor(amount, divisor))
    }

    fn grain(&self, grain: f64) -> f64 {
        self.0.map_or(grain, |divisor| currency::to_major(grain, divisor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(fields: &serde_json::Value) -> Quote {
        let mut quote = serde_json::json!({
            "symbol": "AAPL", "kind": "equity", "price": 100.0, "previous_close": 80.0, "session": "regular",
            "day_low": 99.0, "day_high": 101.0, "price_digits": 2, "quoted_at": "2026-11-23T15:00:00Z",
            "received_at": "2026-11-23T15:00:01Z", "source": "test", "state": "live",
        });
        let (quote_fields, more) = (quote.as_object_mut().unwrap(), fields.as_object().unwrap().clone());
        quote_fields.extend(more);
        serde_json::from_value(quote).unwrap()
    }

    fn price(value: f64) -> Price {
        Price::from_f64(value).unwrap()
    }

    fn print(price: f64, at: &str) -> Print {
        Print {
            symbol: Symbol::parse("AAPL").unwrap(),
            price,
            at: at.parse().unwrap(),
            session: None,
            change: None,
            change_percent: None,
            volume: None,
            grain: 0.0,
        }
    }

    const LATER: &str = "2026-11-23T15:00:05Z";

    fn laid(print: &Print, base: &Quote) -> Option<Quote> {
        print.laid_over(base, LATER.parse().unwrap())?.news()
    }

    #[test]
    fn the_first_price_of_another_day_is_none_of_the_day_before() {
        let base = base(&serde_json::json!({"open": 100.5, "volume": 9.0, "session": "pre"}));
        let morning = Print { change: Some(2.0), ..print(104.0, "2026-11-24T14:30:01Z") };
        let morning = Print { session: Some(Session::Regular), ..morning };
        let at = "2026-11-24T14:30:02Z".parse().unwrap();
        let Some(Laid::News { quote, ask_soon: true }) = morning.laid_over(&base, at) else { panic!("news") };
        assert_eq!(
            (quote.price, quote.change, quote.previous_close),
            (price(104.0), Some(price(2.0)), Some(price(102.0)))
        );
        assert_eq!((quote.open, quote.volume), (None, None));
        assert_eq!((quote.day_low, quote.day_high), (Some(price(104.0)), Some(price(104.0))));
        let silent = Print { change: None, ..morning };
        let Some(Laid::News { quote, .. }) = silent.laid_over(&base, at) else { panic!("news") };
        assert_eq!((quote.change, quote.change_percent, quote.previous_close), (None, None, None), "nobody said it");
    }

    #[test]
    fn an_auction_after_the_bell_leaves_the_session_alone() {
        let base = base(
            &serde_json::json!({"session": "post", "extended_price": 100.2, "extended_at": "2026-11-23T15:00:09Z"}),
        );
        let quote = laid(&Print { session: Some(Session::Regular), ..print(100.1, LATER) }, &base).unwrap();
        assert_eq!(
            (quote.session, quote.price, quote.extended_price),
            (Session::Post, price(100.1), Some(price(100.2)))
        );
    }

    #[test]
    fn a_price_moves_the_day_with_it() {
        let quote = laid(&print(104.0, LATER), &base(&serde_json::json!({}))).unwrap();
        assert_eq!((quote.price, quote.change, quote.change_percent), (price(104.0), Some(price(24.0)), Some(30.0)));
        assert_eq!((quote.day_low, quote.day_high), (Some(price(99.0)), Some(price(104.0))));
        assert_eq!((quote.previous_close, quote.quoted_at.to_string().as_str()), (Some(price(80.0)), LATER));
    }

    #[test]
    fn what_is_older_or_the_same_is_no_news() {
        let base = base(&serde_json::json!({}));
        assert_eq!(laid(&print(99.0, "2026-11-23T14:59:59Z"), &base), None);
        assert_eq!(laid(&print(100.0, "2026-11-23T15:00:00Z"), &base), None);
        assert!(laid(&print(100.01, "2026-11-23T15:00:00Z"), &base).is_some(), "another trade of the same second");
    }

    #[test]
    fn polled_prices_win_where_the_stream_is_too_coarse() {
        let base = base(&serde_json::json!({"price": 700_000.5}));
        assert_eq!(laid(&Print { grain: 0.0625, ..print(700_001.0, LATER) }, &base), None);
        assert!(laid(&Print { grain: 0.0039, ..print(700_001.0, LATER) }, &base).is_some());
    }

    #[test]
    fn pence_become_pounds_once() {
        let base =
            base(&serde_json::json!({"price": 3.088, "previous_close": 3.0, "quoted_in": "GBp", "currency": "GBP",
            "price_digits": 4, "day_low": 3.0, "day_high": 3.1}));
        let quote = laid(&Print { change: Some(9.0), ..print(309.0, LATER) }, &base).unwrap();
        assert_eq!((quote.price, quote.change), (price(3.09), Some(price(0.09))));
    }

    #[test]
    fn extended_prints_leave_the_regular_price_alone() {
        let closed = base(&serde_json::json!({"session": "post", "state": "stale"}));
        let quote = laid(&Print { session: Some(Session::Post), ..print(110.0, LATER) }, &closed).unwrap();
        assert_eq!(
            (quote.price, quote.extended_price, quote.extended_change_percent),
            (price(100.0), Some(price(110.0)), Some(10.0))
        );
        assert_eq!((quote.session, quote.state), (Session::Post, QuoteState::Live));
        let again = Print { session: Some(Session::Post), ..print(109.0, "2026-11-23T15:00:04Z") };
        assert_eq!(laid(&again, &quote), None, "older than the extended print that is shown");
    }
}
