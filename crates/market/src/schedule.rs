//! Which symbols to ask for next, and when: nothing but what is followed, never more requests than the budget.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::{Duration, Instant},
};

use crate::{Session, Symbol};

/// What one request may carry and how often one may be made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RequestLimits {
    /// Symbols in a request.
    pub symbols_max: usize,
    /// Bytes of all symbols in a request, separators included, as `cost` counts them.
    pub bytes_max: usize,
    /// Requests in a second, on average.
    pub per_second: f64,
}

/// How much a symbol matters now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// On somebody's screen.
    Visible,
    /// An alert or a subscriber waits for it.
    Alerted,
    /// The rest.
    Background,
}

/// How often a symbol is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollIntervals {
    /// While a stream tells it.
    pub streamed: Duration,
    /// While its market trades.
    pub open: Duration,
    /// While it does not.
    pub closed: Duration,
}

/// Plans requests: each followed symbol comes round once an interval, the longest overdue first, in full batches.
#[derive(Debug)]
pub struct PollSchedule {
    limits: RequestLimits,
    intervals: PollIntervals,
    /// Bytes a symbol takes up in a request.
    cost: fn(&Symbol) -> usize,
    due: BTreeSet<(Instant, Symbol)>,
    due_of: HashMap<Symbol, Instant>,
    next_request: Option<Instant>,
}

impl PollSchedule {
    /// An empty schedule.
    pub fn new(limits: RequestLimits, intervals: PollIntervals, cost: fn(&Symbol) -> usize) -> Self {
        Self { limits, intervals, cost, due: BTreeSet::new(), due_of: HashMap::new(), next_request: None }
    }

    /// Replaces what is followed: new symbols are due at once, those that stay keep their turn.
    pub fn follow(&mut self, symbols: &BTreeMap<Symbol, Tier>, now: Instant) {
        let gone: Vec<Symbol> = self.due_of.keys().filter(|s| !symbols.contains_key(*s)).cloned().collect();
        for symbol in gone {
            if let Some(at) = self.due_of.remove(&symbol) {
                self.due.remove(&(at, symbol));
            }
        }
        for symbol in symbols.keys().filter(|s| !self.due_of.contains_key(*s)).cloned().collect::<Vec<_>>() {
            self.set_due(symbol, now);
        }
    }

    /// Everything is due at once: after a wake-up, or when the user asks.
    pub fn all_due(&mut self, now: Instant) {
        for symbol in self.due_of.keys().cloned().collect::<Vec<_>>() {
            self.set_due(symbol, now);
        }
    }

    /// Tells the session a symbol was found in, so that closed markets are asked less often.
    pub fn answered(&mut self, symbol: &Symbol, session: Session, _next_open: Option<Instant>, now: Instant) {
        if session == Session::Closed && self.due_of.contains_key(symbol) {
            self.set_due(symbol.clone(), now + self.intervals.closed);
        }
    }

    /// Not again before `wait` is over.
    pub fn defer(&mut self, symbol: &Symbol, wait: Duration, now: Instant) {
        if self.due_of.contains_key(symbol) {
            self.set_due(symbol.clone(), now + wait);
        }
    }

    /// No request before `until`: the provider asked for a pause.
    pub fn pause_until(&mut self, until: Instant) {
        self.next_request = Some(self.next_request.map_or(until, |next| next.max(until)));
    }

    /// A pause is over early: the user asked.
    pub fn resume(&mut self, now: Instant) {
        self.next_request = self.next_request.map(|next| next.min(now));
    }

    /// A stream tells this symbol.
    pub fn streamed(&mut self, symbol: &Symbol, now: Instant) {
        self.defer(symbol, self.intervals.streamed, now);
    }

    /// The stream tells these no longer.
    pub fn stream_lost(&mut self, symbols: &[Symbol], now: Instant) {
        for symbol in symbols {
            self.defer(symbol, Duration::ZERO, now);
        }
    }

    /// How much a symbol matters; `None` where it is not followed.
    pub fn tier(&self, symbol: &Symbol) -> Option<Tier> {
        self.due_of.contains_key(symbol).then_some(Tier::Background)
    }

    /// Everything followed.
    pub fn followed(&self) -> impl Iterator<Item = (&Symbol, Tier)> {
        self.due_of.keys().map(|symbol| (symbol, Tier::Background))
    }

    /// How many symbols are followed.
    pub fn len(&self) -> usize {
        self.due_of.len()
    }

    /// Whether nothing is followed.
    pub fn is_empty(&self) -> bool {
        self.due_of.is_empty()
    }

    /// When there is something to do; `None` while nothing is followed.
    pub fn next_at(&self) -> Option<Instant> {
        let (due, _) = self.due.first()?;
        Some(self.next_request.map_or(*due, |allowed| allowed.max(*due)))
    }

    /// The next request's symbols, if one is due and the budget allows it at `now`.
    pub fn take(&mut self, now: Instant) -> Option<Vec<Symbol>> {
        if self.next_at().is_none_or(|at| at > now) {
            return None;
        }
        let mut batch = Vec::new();
        let mut bytes = 0;
        for (due, symbol) in &self.due {
            bytes += (self.cost)(symbol);
            if *due > now
                || batch.len() == self.limits.symbols_max
                || (bytes > self.limits.bytes_max && !batch.is_empty())
            {
                break;
            }
            batch.push(symbol.clone());
        }
        for symbol in &batch {
            self.set_due(symbol.clone(), now + self.intervals.open);
        }
        self.next_request = Some(now + Duration::from_secs_f64(1.0 / self.limits.per_second));
        Some(batch)
    }

    fn set_due(&mut self, symbol: Symbol, at: Instant) {
        if let Some(before) = self.due_of.insert(symbol.clone(), at) {
            self.due.remove(&(before, symbol.clone()));
        }
        self.due.insert((at, symbol));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: RequestLimits = RequestLimits { symbols_max: 99, bytes_max: 1_000, per_second: 2.0 };
    const INTERVALS: PollIntervals = PollIntervals { open: Duration::from_secs(5), closed: Duration::from_secs(60) };

    fn schedule(symbols: usize, now: Instant) -> PollSchedule {
        let mut schedule = PollSchedule::new(LIMITS, INTERVALS, |s| s.as_str().len() + 1);
        schedule.follow(&(0..symbols).map(|i| Symbol::parse(&format!("S{i:05}")).unwrap()).collect(), now);
        schedule
    }

    #[test]
    fn ten_thousand_symbols_are_102_requests_a_sweep() {
        let mut now = Instant::now();
        let mut schedule = schedule(10_000, now);
        let mut asked = BTreeSet::new();
        let mut requests = 0;
        while asked.len() < 10_000 {
            now = schedule.next_at().unwrap().max(now);
            let before = asked.len();
            let batch = schedule.take(now).unwrap();
            asked.extend(batch);
            requests += 1;
            assert!(asked.len() - before == 99 || asked.len() == 10_000, "nobody is asked twice before all were once");
        }
        assert_eq!(requests, 102);
    }

    #[test]
    fn closed_markets_are_asked_less_often() {
        let now = Instant::now();
        let mut schedule = schedule(1, now);
        let batch = schedule.take(now).unwrap();
        schedule.answered(&batch[0], Session::Closed, now);
        assert_eq!(schedule.next_at(), Some(now + INTERVALS.closed));
        schedule.all_due(now);
        assert_eq!(schedule.next_at(), Some(now + Duration::from_millis(500)), "the budget holds even then");
    }

    #[test]
    fn an_overlong_symbol_still_gets_its_turn() {
        let now = Instant::now();
        let mut schedule = PollSchedule::new(RequestLimits { bytes_max: 3, ..LIMITS }, INTERVALS, |s| s.as_str().len());
        schedule.follow(&["LONGER", "ALSOLONG"].map(|s| Symbol::parse(s).unwrap()).into(), now);
        assert_eq!(schedule.take(now).unwrap().len(), 1);
    }

    proptest! {
        /// Whatever happens: never two requests closer than the budget allows, never a batch over its bounds, never a
        /// symbol nobody follows.
        #[test]
        fn never_exceeds_its_budget(events in prop::collection::vec((0u8..6, 0u64..3_000, 0usize..400), 1..120)) {
            let mut now = Instant::now();
            let mut schedule = schedule(50, now);
            let mut followed = 50;
            let mut last: Option<Instant> = None;
            for (what, wait_ms, n) in events {
                now += Duration::from_millis(wait_ms);
                match what {
                    0 => {
                        followed = n;
                        schedule.follow(&(0..n).map(|i| Symbol::parse(&format!("S{i:05}")).unwrap()).collect(), now);
                    }
                    1 => schedule.all_due(now),
                    2 => schedule.pause_until(now + Duration::from_millis(wait_ms)),
                    _ => while let Some(batch) = schedule.take(now) {
                        prop_assert!(!batch.is_empty() && batch.len() <= LIMITS.symbols_max);
                        prop_assert!(batch.iter().map(|s| s.as_str().len() + 1).sum::<usize>() <= LIMITS.bytes_max);
                        prop_assert!(batch.iter().all(|s| s.as_str()[1..].parse::<usize>().unwrap() < followed));
                        prop_assert!(last.is_none_or(|l| now - l >= Duration::from_millis(500)));
                        last = Some(now);
                    },
                }
            }
        }
    }
}
