//! What a stream says, and its way to the feed: a mailbox that keeps the newest tick of each symbol, so that a burst
//! never grows and a slow reader never holds a socket up.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use market::{Conflator, OfSymbol, Price, Quote, QuoteState, Session, Symbol, currency};
use tokio::sync::Notify;

use super::ProviderError;

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

/// What has come since the feed last looked.
#[derive(Debug, Default)]
pub struct Delivery {
    /// The newest tick of each symbol.
    pub ticks: Vec<Tick>,
    /// Whether the stream broke off in between: why, and of which symbols.
    pub lost: Option<(ProviderError, Vec<Symbol>)>,
    /// Whether it is whole again.
    pub restored: bool,
}

#[derive(Debug, Default)]
struct Mailbox {
    waiting: Mutex<Waiting>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    ticks: Conflator<Tick>,
    /// When the tick that waits for a symbol was made: an older one does not take its place.
    made: HashMap<Symbol, Timestamp>,
    lost: Option<(ProviderError, BTreeSet<Symbol>)>,
    restored: bool,
}

impl Waiting {
    fn push(&mut self, tick: Tick) {
        let at = tick.at();
        match self.made.get_mut(tick.symbol()) {
            Some(made) if at < *made => return,
            Some(made) => *made = at,
            None => drop(self.made.insert(tick.symbol().clone(), at)),
        }
        self.ticks.push(tick);
    }
}

/// A mailbox for ticks: its two ends.
pub fn mailbox() -> (TickSender, TickReceiver) {
    let mailbox = Arc::<Mailbox>::default();
    (TickSender(Arc::clone(&mailbox)), TickReceiver(mailbox))
}

/// Where a stream puts what it hears. Cheap to clone; never waits.
#[derive(Debug, Clone)]
pub struct TickSender(Arc<Mailbox>);

impl TickSender {
    /// Ticks have come. One that is older than another of its symbol that still waits is dropped.
    pub fn send(&self, ticks: impl IntoIterator<Item = Tick>) {
        let mut ticks = ticks.into_iter().peekable();
        if ticks.peek().is_none() {
            return;
        }
        let mut waiting = self.0.lock();
        for tick in ticks {
            waiting.push(tick);
        }
        drop(waiting);
        self.0.arrived.notify_one();
    }

    /// A connection has broken off, or could not be opened: no ticks of these symbols until it is restored.
    pub fn lost(&self, error: ProviderError, symbols: &[Symbol]) {
        let mut waiting = self.0.lock();
        waiting.restored = false;
        let (reason, without) = waiting.lost.get_or_insert_with(|| (error.clone(), BTreeSet::new()));
        *reason = error;
        without.extend(symbols.iter().cloned());
        drop(waiting);
        self.0.arrived.notify_one();
    }

    /// Every connection stands.
    pub fn restored(&self) {
        self.0.lock().restored = true;
        self.0.arrived.notify_one();
    }
}

/// Where the feed takes out what a stream put in.
#[derive(Debug)]
pub struct TickReceiver(Arc<Mailbox>);

impl TickReceiver {
    /// Waits until something has come. Loses nothing when it is dropped while it waits.
    pub async fn recv(&self) -> Delivery {
        loop {
            let arrived = self.0.arrived.notified();
            let delivery = self.0.taken_out();
            if !delivery.ticks.is_empty() || delivery.lost.is_some() || delivery.restored {
                return delivery;
            }
            arrived.await;
        }
    }
}

impl Mailbox {
    fn taken_out(&self) -> Delivery {
        let mut waiting = self.lock();
        waiting.made.clear();
        Delivery {
            ticks: waiting.ticks.drain(),
            lost: waiting.lost.take().map(|(error, symbols)| (error, symbols.into_iter().collect())),
            restored: std::mem::take(&mut waiting.restored),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
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

    #[tokio::test]
    async fn an_older_tick_takes_no_newer_ones_place() {
        let (sender, receiver) = mailbox();
        sender.send([Tick::Print(print(2.0, LATER)), Tick::Print(print(1.0, "2026-11-23T15:00:04Z"))]);
        sender.send([]);
        assert_eq!(receiver.recv().await.ticks, [Tick::Print(print(2.0, LATER))]);
        // What was taken out is the feed's to judge.
        sender.send([Tick::Print(print(1.0, "2026-11-23T15:00:04Z"))]);
        assert_eq!(receiver.recv().await.ticks.len(), 1);
    }

    #[tokio::test]
    async fn losses_that_nobody_takes_out_do_not_pile_up() {
        let (sender, receiver) = mailbox();
        let error = ProviderError::Unreachable { provider: "Test", detail: "gone".into() };
        for _ in 0..100 {
            sender.lost(error.clone(), &[Symbol::parse("AAPL").unwrap(), Symbol::parse("MSFT").unwrap()]);
        }
        assert_eq!(receiver.recv().await.lost.unwrap().1.len(), 2);
    }

    #[tokio::test]
    async fn only_the_newest_tick_of_a_symbol_waits() {
        let (sender, receiver) = mailbox();
        for n in 1..=1_000 {
            sender.send([Tick::Print(print(f64::from(n), LATER))]);
        }
        let delivery = receiver.recv().await;
        assert_eq!(delivery.ticks, [Tick::Print(print(1_000.0, LATER))]);
        let error = ProviderError::Unreachable { provider: "Test", detail: "gone".into() };
        sender.lost(error.clone(), &[Symbol::parse("AAPL").unwrap()]);
        sender.restored();
        let delivery = receiver.recv().await;
        assert_eq!((delivery.lost.map(|(error, _)| error), delivery.restored), (Some(error), true));
    }
}
