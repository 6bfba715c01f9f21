//! The last quote of each symbol: what is news, what is not to be believed yet, what has grown old, what nobody wants
//! any more.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use market::{Quote, QuoteState, Split, Standstill, Symbol, spike};
use tokio::time::Instant;

use super::line::STREAM_SILENCE_MAX;
use crate::provider::stream::{Laid, Tick};

/// How long figures of one provider are shown beside the prices of another.
const FIGURES_AGE_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a quote of an earlier run is kept although nobody wants it, and how many.
const KEPT_MAX: SignedDuration = SignedDuration::from_hours(30 * 24);
const KEPT_COUNT_MAX: usize = 20_000;
/// A provider whose last price is older by less than this confirms the one that is shown.
const CONFIRMS_WITHIN: SignedDuration = SignedDuration::from_mins(15);

#[derive(Debug)]
struct Entry {
    quote: Quote,
    answered_at: Instant,
    /// Whether a stream told it last: such a price stands until the stream has been silent for long.
    by_stream: bool,
    /// When its price last moved.
    moved_at: Instant,
    /// What waits for a second sample to confirm it.
    doubted: Option<Box<Quote>>,
}

/// How a quote came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Asking,
    Stream,
}

/// What became of a quote.
#[derive(Debug, PartialEq)]
pub(super) enum Taken {
    /// It says something new.
    News(Box<Quote>),
    /// It says nothing new.
    Known,
    /// Too far from the last price to be believed before it is confirmed.
    Doubted,
}

#[derive(Debug, Default)]
pub(super) struct Board {
    /// In boxes: a map has more places than entries, and an entry is large.
    entries: HashMap<Symbol, Box<Entry>>,
    /// What another provider knows beside the price.
    figures: HashMap<Symbol, (Quote, Instant)>,
    /// Quotes of the run before, until their symbols are wanted.
    kept: HashMap<Symbol, Quote>,
}

impl Board {
    /// A board that remembers the quotes of the run before; each is stale until it is answered.
    ///
    /// What nobody has wanted for a month is forgotten.
    pub(super) fn remembering(quotes: Vec<Quote>) -> Self {
        let now = Timestamp::now();
        let recent = quotes.into_iter().filter(|quote| now.duration_since(quote.received_at) < KEPT_MAX);
        let kept = recent.take(KEPT_COUNT_MAX).map(|quote| (quote.symbol.clone(), quote)).collect();
        Self { kept, ..Self::default() }
    }

    pub(super) fn get(&self, symbol: &Symbol) -> Option<&Quote> {
        self.entries.get(symbol).map(|entry| &entry.quote)
    }

    /// When the price of a symbol last moved.
    pub(super) fn moved_at(&self, symbol: &Symbol) -> Option<Instant> {
        self.entries.get(symbol).map(|entry| entry.moved_at)
    }

    /// Takes in a quote. A price older than the one here is no news, whoever says it: providers repeat themselves
    /// out of order, and one is behind another.
    pub(super) fn take_in(&mut self, mut quote: Quote, by: By, now: Instant) -> Taken {
        self.kept.remove(&quote.symbol);
        quote.judge_standstill();
        if let Some((figures, since)) = self.figures.get(&quote.symbol)
            && now - *since < FIGURES_AGE_MAX
        {
            quote.complete_with(figures);
        }
        let Some(entry) = self.entries.get_mut(&quote.symbol) else {
            let by_stream = by == By::Stream;
            let entry = Entry { quote: quote.clone(), answered_at: now, by_stream, moved_at: now, doubted: None };
            self.entries.insert(quote.symbol.clone(), Box::new(entry));
            return Taken::News(Box::new(quote));
        };
        entry.take_in(quote, by, now)
    }

    /// A tick: what becomes of it, where it tells anything. A price alone needs the quote that its own provider gave.
    pub(super) fn ticked(&mut self, tick: &Tick, provider: &str, now: Instant) -> Option<Laid> {
        let print = match tick {
            Tick::Quote(quote) => return Some(Laid::News { quote: quote.clone(), ask_soon: false }),
            Tick::Print(print) => print,
        };
        let entry = self.entries.get_mut(&print.symbol).filter(|entry| entry.quote.source == provider)?;
        let laid = print.laid_over(&entry.quote, Timestamp::now())?;
        if laid == Laid::Known && entry.by_stream {
            entry.answered_at = now;
        }
        Some(laid)
    }

    /// A stream tells these no longer: from now on they age like others.
    pub(super) fn stream_lost(&mut self, symbols: &[Symbol], now: Instant) {
        for symbol in symbols {
            if let Some(entry) = self.entries.get_mut(symbol).filter(|entry| entry.by_stream) {
                (entry.by_stream, entry.answered_at) = (false, now);
            }
        }
    }

    /// Nobody knows the symbol any more: the last price stays, as such. Gives back what is news.
    pub(super) fn delist(&mut self, symbol: &Symbol) -> Option<Quote> {
        let quote = &mut self.entries.get_mut(symbol)?.quote;
        let news = quote.standstill != Some(Standstill::Delisted);
        (quote.standstill, quote.state) = (Some(Standstill::Delisted), QuoteState::Closed);
        news.then(|| quote.clone())
    }

    /// Carries the last quote over a split that `next` shows to lie in between, so that it is no spike.
    pub(super) fn carry_over(&mut self, split: &Split, next: &Quote) {
        let Some(entry) = self.entries.get_mut(&next.symbol) else { return };
        let explained = split.explains(next.price, entry.quote.price);
        if let Some(carried) = split.carried_quote(&entry.quote).filter(|_| explained) {
            (entry.quote, entry.doubted) = (carried, None);
        }
    }

    /// Takes in what a provider knows beside a price that comes from another one; gives back what is news.
    pub(super) fn take_figures(&mut self, figures: Quote, now: Instant) -> Option<Quote> {
        let symbol = figures.symbol.clone();
        self.figures.insert(symbol.clone(), (figures, now));
        let (entry, (figures, _)) = (self.entries.get_mut(&symbol)?, self.figures.get(&symbol)?);
        let before = entry.quote.clone();
        entry.quote.complete_with(figures);
        entry.quote.differs_from(&before).then(|| entry.quote.clone())
    }

    /// Forgets everything else; gives back what is gone.
    pub(super) fn keep_only<V>(&mut self, wanted: &BTreeMap<Symbol, V>) -> Vec<Symbol> {
        self.figures.retain(|symbol, _| wanted.contains_key(symbol));
        let gone: Vec<Symbol> = self.entries.keys().filter(|symbol| !wanted.contains_key(*symbol)).cloned().collect();
        for symbol in &gone {
            self.entries.remove(symbol);
        }
        gone
    }

    /// Takes in what the bus keeps where that is newer, as another engine told it; gives back what the bus does not know.
    pub(super) fn reconcile(&mut self, mut seen: HashMap<Symbol, Quote>, now: Instant) -> Vec<Quote> {
        let mut unsaid = Vec::new();
        for (symbol, entry) in &mut self.entries {
            match seen.remove(symbol) {
                Some(known) if known.quoted_at > entry.quote.quoted_at => {
                    **entry = Entry::told_elsewhere(known, now);
                }
                Some(known) if known == entry.quote => {}
                _ => unsaid.push(entry.quote.clone()),
            }
        }
        for (symbol, quote) in seen {
            if self.kept.get(&symbol).is_none_or(|kept| kept.quoted_at <= quote.quoted_at) {
                self.kept.remove(&symbol);
                self.entries.insert(symbol, Box::new(Entry::told_elsewhere(quote, now)));
            }
        }
        unsaid
    }

    /// The quotes of the run before that are wanted now, as stale ones.
    pub(super) fn remembered<V>(&mut self, wanted: &BTreeMap<Symbol, V>, now: Instant) -> Vec<Quote> {
        let found: Vec<Quote> = wanted.keys().filter_map(|symbol| self.kept.remove(symbol)).collect();
        let stale = found.into_iter().map(|quote| Quote { state: QuoteState::Stale, ..quote });
        let news = stale.filter_map(|quote| match self.take_in(quote, By::Asking, now) {
            Taken::News(quote) => Some(*quote),
            Taken::Known | Taken::Doubted => None,
        });
        news.collect()
    }

    /// Marks what has not been answered for as long as `after` gives its source, which is never less than `soonest`; gives
    /// back what is newly so. A closed market's price stands; that of one which is only halted may not.
    pub(super) fn grown_stale(
        &mut self,
        now: Instant,
        soonest: Duration,
        after: impl Fn(&str) -> Duration,
    ) -> Vec<Quote> {
        let fresh = |quote: &Quote| match quote.state {
            QuoteState::Live | QuoteState::Delayed => true,
            QuoteState::Closed => quote.standstill == Some(Standstill::Halted),
            QuoteState::Stale => false,
        };
        let patience =
            |e: &Entry| after(&e.quote.source) + if e.by_stream { STREAM_SILENCE_MAX } else { Duration::ZERO };
        // The age first: this looks at every entry, every second, and hardly any is old.
        let is_old = |e: &Entry| {
            let age = now - e.answered_at;
            age > soonest && fresh(&e.quote) && age > patience(e)
        };
        let old = self.entries.values_mut().filter(|entry| is_old(entry));
        old.map(|entry| {
            entry.quote.state = QuoteState::Stale;
            entry.quote.clone()
        })
        .collect()
    }

    /// Forgets every made-up quote; gives back what is gone.
    pub(super) fn forget_simulated(&mut self) -> Vec<Symbol> {
        let simulated = self.entries.values().filter(|entry| entry.quote.is_simulated());
        let gone: Vec<Symbol> = simulated.map(|entry| entry.quote.symbol.clone()).collect();
        for symbol in &gone {
            self.entries.remove(symbol);
        }
        gone
    }

    /// Every quote that is not made up.
    pub(super) fn live(&self) -> Vec<&Quote> {
        let here = self.entries.values().map(|entry| &entry.quote).filter(|quote| !quote.is_simulated());
        here.chain(self.kept.values()).collect()
    }
}

impl Entry {
    fn told_elsewhere(quote: Quote, now: Instant) -> Self {
        Self { quote, answered_at: now, by_stream: false, moved_at: now, doubted: None }
    }

    fn take_in(&mut self, quote: Quote, by: By, now: Instant) -> Taken {
        let same_source = quote.source == self.quote.source;
        let older = quote.quoted_at < self.quote.quoted_at && !self.quote.is_simulated();
        let apart = self.quote.quoted_at.duration_since(quote.quoted_at);
        if older && !same_source && apart > CONFIRMS_WITHIN {
            return Taken::Known;
        }
        if !older && spike::is_doubtful(&quote, &self.quote) && !self.confirms(&quote) {
            self.doubted = Some(Box::new(quote));
            return Taken::Doubted;
        }
        self.doubted = None;
        (self.answered_at, self.by_stream) = (now, by == By::Stream);
        let news = if older {
            let Quote { state, session, standstill, .. } = quote;
            Quote { state, session, standstill, received_at: quote.received_at, ..self.quote.clone() }
        } else {
            quote
        };
        // What was only received anew is none: compared in place, for this is done thousands of times a second.
        self.quote.received_at = news.received_at;
        if news == self.quote {
            return Taken::Known;
        }
        if news.price != self.quote.price {
            self.moved_at = now;
        }
        self.quote = news.clone();
        Taken::News(Box::new(news))
    }

    fn confirms(&self, quote: &Quote) -> bool {
        self.doubted.as_ref().is_some_and(|doubted| spike::confirms(quote, doubted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quote(source: &str, price: f64, second: i64) -> Quote {
        let at = market::Timestamp::from_second(1_790_000_000 + second).unwrap();
        serde_json::from_value(serde_json::json!({
            "symbol": "AAPL", "kind": "equity", "price": price, "session": "regular", "quoted_at": at,
            "received_at": at, "source": source, "state": "live",
        }))
        .unwrap()
    }

    fn price(board: &Board) -> f64 {
        board.get(&market::Symbol::parse("AAPL").unwrap()).unwrap().price.to_f64()
    }

    #[tokio::test]
    async fn a_spike_waits_for_a_second_sample() {
        let (mut board, now) = (Board::default(), Instant::now());
        board.take_in(quote("a", 100.0, 0), By::Asking, now);
        assert_eq!(board.take_in(quote("a", 10_000.0, 1), By::Asking, now), Taken::Doubted);
        assert!(matches!(board.take_in(quote("a", 101.0, 2), By::Asking, now), Taken::News(_)), "it was a spike");
        assert_eq!(board.take_in(quote("a", 40.0, 3), By::Asking, now), Taken::Doubted, "the first is forgotten");
        assert!(matches!(board.take_in(quote("a", 41.0, 4), By::Asking, now), Taken::News(_)), "it fell indeed");
        assert!((price(&board) - 41.0).abs() < f64::EPSILON);
    }

    #[tokio::test]
    async fn each_sources_own_patience_makes_its_prices_stale() {
        let (mut board, now) = (Board::default(), Instant::now());
        board.take_in(quote("slow", 100.0, 0), By::Asking, now);
        let msft = Quote { symbol: Symbol::parse("MSFT").unwrap(), ..quote("fast", 400.0, 0) };
        board.take_in(msft, By::Asking, now);
        let patience = |source: &str| Duration::from_secs(if source == "slow" { 1_000 } else { 15 });
        let stale = board.grown_stale(now + Duration::from_secs(20), Duration::from_secs(15), patience);
        assert_eq!(stale.iter().map(|quote| quote.source.as_str()).collect::<Vec<_>>(), ["fast"]);
    }

    #[tokio::test]
    async fn nobody_takes_a_price_back_in_time() {
        let (mut board, now) = (Board::default(), Instant::now());
        board.take_in(quote("fast", 100.0, 60), By::Asking, now);
        assert_eq!(board.take_in(quote("slow", 99.0, 0), By::Asking, now), Taken::Known);
        assert_eq!(board.take_in(quote("fast", 98.0, 59), By::Asking, now), Taken::Known);
        assert!((price(&board) - 100.0).abs() < f64::EPSILON);
        assert!(matches!(board.take_in(quote("slow", 101.0, 61), By::Asking, now), Taken::News(_)));
    }

    #[tokio::test]
    async fn whoever_takes_over_goes_on_from_the_newest() {
        let (mut board, now) = (Board::default(), Instant::now());
        let other =
            |text: &str, price, second| Quote { symbol: Symbol::parse(text).unwrap(), ..quote("a", price, second) };
        for (text, price, second) in [("AAPL", 100.0, 10), ("MSFT", 200.0, 10), ("NVDA", 300.0, 10)] {
            board.take_in(other(text, price, second), By::Asking, now);
        }
        let kept = [other("AAPL", 101.0, 20), other("MSFT", 199.0, 0), other("AMD", 50.0, 0)];
        let unsaid = board.reconcile(kept.into_iter().map(|quote| (quote.symbol.clone(), quote)).collect(), now);
        let mut symbols: Vec<&str> = unsaid.iter().map(|quote| quote.symbol.as_str()).collect();
        symbols.sort_unstable();
        assert_eq!(symbols, ["MSFT", "NVDA"], "older there, or not there at all");
        assert!((price(&board) - 101.0).abs() < f64::EPSILON);
        assert_eq!(board.take_in(quote("slow", 99.0, 15), By::Asking, now), Taken::Known, "never backwards");
        assert!(board.get(&Symbol::parse("AMD").unwrap()).is_some());
    }

    #[tokio::test]
    async fn figures_stand_beside_another_providers_price_for_a_day() {
        let (mut board, now) = (Board::default(), Instant::now());
        board.take_in(quote("fast", 100.0, 0), By::Asking, now);
        let figures = Quote { market_cap: Some(3e12), name: Some("Apple".into()), ..quote("rich", 99.0, 0) };
        let news = board.take_figures(figures, now).unwrap();
        assert_eq!((news.market_cap, news.source.as_str()), (Some(3e12), "fast"));
        let Taken::News(later) = board.take_in(quote("fast", 102.0, 1), By::Asking, now) else { panic!("news") };
        assert_eq!((later.market_cap, later.name.as_deref()), (Some(3e12), Some("Apple")));
        let Taken::News(old) = board.take_in(quote("fast", 103.0, 2), By::Asking, now + FIGURES_AGE_MAX) else {
            panic!("news")
        };
        assert_eq!(old.market_cap, None);
    }
}
