//! A line to one provider: what it is asked for and when, and what its answers say about that.

mod health;
mod stream;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::SignedDuration;
use market::{
    Market, PollSchedule, ProviderHealth, Quote, Session, Symbol, Timetable, TradingHours,
    schedule::{PollIntervals, Tier},
};
use tokio::sync::watch;

use super::breaker::Breaker;
use crate::provider::{Answer, Capabilities, Note, Provider, ProviderError, Retry};
use health::{Trouble, senseless};

/// Requests of a provider under way at once: a slow one must not take the others' turns.
const REQUESTS_MAX: usize = 4;
/// How much less often a closed market is asked.
const CLOSED_FACTOR: u32 = 180;
/// And never less often than this.
const CLOSED_MAX: Duration = Duration::from_secs(30 * 60);
/// How long a stream may say nothing of a symbol before it is polled again.
pub(super) const STREAM_SILENCE_MAX: Duration = Duration::from_secs(120);
/// So long after its last trade a closed market may still tell another price: delayed ones, closing auctions.
const SETTLED_AFTER: SignedDuration = SignedDuration::from_mins(45);
/// So long after an opening a provider may still say that the market is closed, and is asked again this soon.
const OPENING: SignedDuration = SignedDuration::from_mins(15);
const OPENING_PAUSE: Duration = Duration::from_secs(45);
/// When a symbol that the provider does not know is asked for again: once soon, for it may have been a bad hour.
const UNKNOWN_PAUSES: [Duration; 2] = [Duration::from_secs(10 * 60), Duration::from_secs(6 * 60 * 60)];
/// When a symbol that a provider had and left out is asked for again; after the last time it is taken to be gone.
const OMISSION_PAUSES: [Duration; 5] = [
    Duration::from_secs(15),
    Duration::from_secs(30),
    Duration::from_secs(60),
    Duration::from_secs(120),
    Duration::from_secs(300),
];
/// How often a provider is asked for what another one's prices lack: names, 52 weeks, market capitalisation.
const FIGURES_PAUSE: Duration = Duration::from_secs(15 * 60);
/// When a price that nobody believes yet is asked for again, at the latest.
const DOUBT_PAUSE: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Line {
    pub(super) provider: Arc<dyn Provider>,
    pub(super) can: Capabilities,
    schedule: PollSchedule,
    breaker: Breaker,
    open_interval: Duration,
    in_flight: usize,
    /// Of those, requests that went out with a key the user has changed since.
    outdated: usize,
    unknown: BTreeSet<Symbol>,
    /// Followed symbols that no provider has, by the way they are written.
    uncovered: BTreeSet<Symbol>,
    /// What it has had a quote of, and how often in a row it has left that out since.
    omitted: HashMap<Symbol, usize>,
    /// What its last row of made no sense, and was told so.
    rejected: HashSet<Symbol>,
    /// The trading hours it last told.
    hours: HashMap<Symbol, TradingHours>,
    /// Asked only for what the quotes of another provider lack.
    only_figures: BTreeSet<Symbol>,
    /// What the last answer said about how it was had.
    note: Option<Note>,
    stream_problem: Option<Note>,
    trouble: Option<Trouble>,
    streamed: watch::Sender<Arc<[Symbol]>>,
    health: Option<ProviderHealth>,
}

impl Line {
    pub(super) fn new(provider: Arc<dyn Provider>, poll_interval: Duration) -> Self {
        let can = provider.capabilities();
        let open = can.tick.unwrap_or(poll_interval);
        let closed = can.tick.unwrap_or((poll_interval * CLOSED_FACTOR).min(CLOSED_MAX).max(poll_interval));
        let intervals = PollIntervals { open, closed, streamed: STREAM_SILENCE_MAX.max(open) };
        Self {
            provider,
            can,
            schedule: PollSchedule::new(can.limits, intervals, can.symbol_cost),
            breaker: Breaker::new(),
            open_interval: open,
            in_flight: 0,
            outdated: 0,
            unknown: BTreeSet::new(),
            uncovered: BTreeSet::new(),
            omitted: HashMap::new(),
            rejected: HashSet::new(),
            hours: HashMap::new(),
            only_figures: BTreeSet::new(),
            note: None,
            stream_problem: None,
            trouble: None,
            streamed: watch::channel(Arc::from([])).0,
            health: None,
        }
    }

    pub(super) fn name(&self) -> &'static str {
        self.provider.name()
    }

    /// Whether it answers.
    pub(super) fn is_well(&self) -> bool {
        self.breaker.is_closed()
    }

    /// Whether it may know the symbol: it covers it and has not denied knowing it.
    pub(super) fn may_know(&self, symbol: &Symbol) -> bool {
        self.provider.covers(symbol) && !self.unknown.contains(symbol)
    }

    /// Whether its price of the symbol counts: it answers, or its stream tells the symbol all the same.
    pub(super) fn can_speak_for(&self, symbol: &Symbol, now: Instant) -> bool {
        self.may_know(symbol) && (self.is_well() || self.schedule.is_streamed(symbol, now))
    }

    /// Whether it says that it does not know the symbol.
    pub(super) fn denies(&self, symbol: &Symbol) -> bool {
        self.unknown.contains(symbol)
    }

    /// So many engines ask this provider from one address.
    pub(super) fn share_budget(&mut self, among: u32) {
        self.can.limits.per_second = self.provider.capabilities().limits.per_second / f64::from(among.max(1));
        self.schedule.set_per_second(self.can.limits.per_second);
    }

    pub(super) fn follow(&mut self, symbols: &BTreeMap<Symbol, Tier>, now: Instant) {
        self.schedule.follow(symbols, now);
    }

    /// What nobody wants any more may be asked for anew when somebody does.
    pub(super) fn forget_all_but(&mut self, wanted: &BTreeMap<Symbol, Tier>) {
        self.unknown.retain(|symbol| wanted.contains_key(symbol));
        self.omitted.retain(|symbol, _| wanted.contains_key(symbol));
        self.rejected.retain(|symbol| wanted.contains_key(symbol));
        self.hours.retain(|symbol, _| wanted.contains_key(symbol));
    }

    /// The next request's symbols, if one is due. Until the provider has shown that it is well, one at a time.
    pub(super) fn take(&mut self, now: Instant) -> Option<Vec<Symbol>> {
        if self.is_busy() {
            return None;
        }
        let batch = self.schedule.take(now)?;
        self.in_flight += 1;
        Some(batch)
    }

    pub(super) fn next_at(&self) -> Option<Instant> {
        if self.is_busy() { None } else { self.schedule.next_at() }
    }

    fn is_busy(&self) -> bool {
        self.in_flight >= if self.is_well() { REQUESTS_MAX } else { 1 }
    }

    /// How long it takes to ask for everything once, at the budget.
    pub(super) fn sweep_duration(&self) -> Duration {
        let requests = self.schedule.len().div_ceil(self.can.limits.symbols_max.max(1));
        Duration::try_from_secs_f64(requests as f64 / self.can.limits.per_second).unwrap_or(CLOSED_MAX)
    }

    /// Takes note of an answer.
    pub(super) fn answered(&mut self, answer: &Answer, now: Instant) {
        self.landed();
        self.breaker.answered(now);
        if self.is_well() {
            self.trouble = None;
        }
        self.note = answer.note.clone().or_else(|| senseless(answer));
        self.hours.extend(answer.hours.iter().cloned());
        self.log_rejected(answer);
        for quote in &answer.quotes {
            self.unknown.remove(&quote.symbol);
            self.rejected.remove(&quote.symbol);
            self.omitted.insert(quote.symbol.clone(), 0);
            if self.only_figures.contains(&quote.symbol) {
                self.schedule.defer(&quote.symbol, FIGURES_PAUSE, now);
            } else {
                self.schedule.answered(&quote.symbol, quote.session, self.next_open(quote, now), now);
            }
        }
        for symbol in &answer.delisted {
            self.omitted.remove(symbol);
        }
        for symbol in &answer.unknown {
            self.left_out(symbol, now);
        }
    }

    /// When a closed market has prices again, by the provider's own trading hours, else by the calendar. Where that has
    /// it open now, it is of no use: a holiday it does not know.
    fn next_open(&self, quote: &Quote, now: Instant) -> Option<Instant> {
        if quote.session != Session::Closed {
            return None;
        }
        let market = Market::of(&quote.symbol, quote.exchange.as_deref(), quote.time_zone.as_deref());
        let timetable = Timetable { hours: self.trading_hours(&quote.symbol), market };
        let just_closed = quote.received_at.duration_since(quote.quoted_at) < SETTLED_AFTER;
        let session_then = |back: SignedDuration| timetable.session(quote.received_at.checked_sub(back).ok()?);
        match session_then(SignedDuration::ZERO)? {
            _ if just_closed => None,
            Session::Closed => {
                let open = timetable.next_open(quote.received_at)?;
                Some(now + Duration::try_from(open.duration_since(quote.received_at)).ok()?)
            }
            // It should have opened by now: providers are a little behind.
            _ if session_then(OPENING)? == Session::Closed => Some(now + OPENING_PAUSE),
            _ => None,
        }
    }

    /// The trading hours it last told.
    pub(super) fn trading_hours(&self, symbol: &Symbol) -> Option<TradingHours> {
        self.hours.get(symbol).copied()
    }

    /// A symbol it never had is unknown; one that it had is only after it has been left out for minutes.
    fn left_out(&mut self, symbol: &Symbol, now: Instant) {
        if let Some(times) = self.omitted.get_mut(symbol) {
            *times += 1;
            if let Some(pause) = OMISSION_PAUSES.get(*times - 1) {
                return self.schedule.unknown(symbol, (*pause).max(self.open_interval), now);
            }
        }
        let [first, later] = UNKNOWN_PAUSES;
        let news = self.unknown.insert(symbol.clone());
        self.schedule.unknown(symbol, if news { first } else { later }, now);
    }

    /// Takes note of a failure: no request before a pause is over.
    pub(super) fn failed(&mut self, error: &ProviderError, asked_at: Instant, now: Instant) {
        if self.landed() && error.retry() == Retry::Stop {
            return self.schedule.all_due(now);
        }
        self.fails(error, asked_at, now);
    }

    /// A request is over: whether it went out with a key that is not the user's any more.
    fn landed(&mut self) -> bool {
        self.in_flight = self.in_flight.saturating_sub(1);
        let outdated = self.outdated > 0;
        self.outdated = self.outdated.saturating_sub(1);
        outdated
    }

    /// Its requests were called off.
    pub(super) fn abandoned(&mut self) {
        (self.in_flight, self.outdated) = (0, 0);
    }

    /// Followed symbols that no provider has, by the way they are written.
    pub(super) fn set_uncovered(&mut self, symbols: &BTreeSet<Symbol>) {
        self.uncovered.clone_from(symbols);
    }

    /// Which symbols it is asked for only because another provider's quotes lack something.
    pub(super) fn set_only_figures(&mut self, symbols: BTreeSet<Symbol>) {
        self.only_figures = symbols;
    }

    /// A price that nobody believes yet, or that lacks what a stream does not tell: asked for once more, soon.
    pub(super) fn ask_soon(&mut self, symbol: &Symbol, now: Instant) {
        self.schedule.ask_soon(symbol, DOUBT_PAUSE.min(self.open_interval), now);
    }

    /// Whether the symbol is asked of this provider, and not only for figures.
    pub(super) fn follows(&self, symbol: &Symbol) -> bool {
        self.schedule.follows(symbol) && !self.only_figures.contains(symbol)
    }

    /// The user asked, or the machine woke up: no more waiting, unless the provider itself asked for the pause.
    pub(super) fn retry_now(&mut self, now: Instant) {
        self.schedule.all_due(now);
        if self.breaker.retry_now(now) {
            self.schedule.resume(now);
        }
    }

    /// The user has set or removed a key: what was refused for want of one is asked for again.
    pub(super) fn key_changed(&mut self, now: Instant) {
        if !self.can.needs_key {
            return;
        }
        self.outdated = self.in_flight;
        self.schedule.all_due(now);
        if self.breaker.mended(now) {
            self.schedule.resume(now);
        }
    }
}

#[cfg(test)]
mod tests;
