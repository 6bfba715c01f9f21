//! Which symbols to ask for next, and when: nothing but what is followed, never more requests than the budget.
//!
//! While the budget suffices, every symbol comes round at its interval. When it does not, what is looked at keeps its
//! interval and the rest shares what is left (see [`Tier`]). A request that is made anyway carries as many symbols as
//! it can, those first that are due soonest, so that a sweep costs as few requests as there are full batches in it.

mod lanes;

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use self::lanes::{Lanes, Turn};
use crate::{Session, Symbol};

/// The longest wait for anything; longer ones are cut to it.
const WAIT_MAX: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How long after an opening the first prices are asked for: not before there are any. That not all come in one moment
/// is the budget's business.
const OPEN_DELAY: Duration = Duration::from_secs(1);
/// A tick moves a poll only if it moves it by more than this part of the streamed interval: ticks come by the thousand.
const STREAMED_GRAIN: u32 = 8;
/// A symbol that a stream tells is asked for all the same after so many streamed intervals: a stream does not tell all.
const STREAMED_MAX: u32 = 3;

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

/// How often a symbol is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollIntervals {
    /// While its market trades, extended hours included.
    pub open: Duration,
    /// While it does not.
    pub closed: Duration,
    /// After the last tick that a stream brought: beyond it, silence is not trusted any more.
    pub streamed: Duration,
}

/// How much somebody cares for a symbol; the lesser one comes first.
///
/// Matters only where the budget does not suffice: of 16 places in requests, 12 are for what is visible, 3 for what is
/// alerted and 1 for the rest, while each has as much to ask; what one does not need, the others get. So the visible
/// keep their interval as long as three quarters of the budget carry them, and nothing starves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Somebody looks at it.
    Visible,
    /// An alert waits for its price.
    Alerted,
    /// Followed, no more.
    Background,
}

/// Plans requests: each followed symbol comes round once an interval, the longest overdue first, in full batches.
#[derive(Debug)]
pub struct PollSchedule {
    limits: RequestLimits,
    intervals: PollIntervals,
    /// Bytes a symbol takes up in a request.
    cost: fn(&Symbol) -> usize,
    ids: HashMap<Symbol, u32>,
    /// By id; those of `free` ids are nobody's.
    entries: Vec<Entry>,
    free: Vec<u32>,
    lanes: Lanes,
    next_request: Option<Instant>,
}

/// A followed symbol. Its turn is kept here and, as an order, in its tier's lane.
#[derive(Debug)]
struct Entry {
    symbol: Symbol,
    tier: Tier,
    turn: Turn,
    /// When it was last asked for, answered or heard of in a stream.
    heard: Option<Instant>,
    /// When it was last asked for.
    asked: Option<Instant>,
    /// Nothing new can come before its turn: the provider does not know it, or its next open is known.
    rests: bool,
    /// Its turn was put off because a stream brings its prices.
    streamed: bool,
    /// Its turn is not put off by a stream: only asking tells what is wanted to be known.
    urgent: bool,
}

impl PollSchedule {
    /// An empty schedule.
    pub fn new(limits: RequestLimits, intervals: PollIntervals, cost: fn(&Symbol) -> usize) -> Self {
        Self {
            limits,
            intervals,
            cost,
            ids: HashMap::new(),
            entries: Vec::new(),
            free: Vec::new(),
            lanes: Lanes::default(),
            next_request: None,
        }
    }

    /// From now on so many requests in a second, on average.
    pub fn set_per_second(&mut self, per_second: f64) {
        self.limits.per_second = per_second;
    }

    /// Replaces what is followed: new symbols are due at once, those that stay keep their turn. One that becomes
    /// visible is due at once if it was not heard of for longer than the open interval and there can be news.
    pub fn follow(&mut self, followed: &BTreeMap<Symbol, Tier>, now: Instant) {
        let known = followed.iter().filter(|(symbol, tier)| self.keep(symbol, **tier, now)).count();
        if known < self.ids.len() {
            self.forget_all_but(followed);
        }
        if known < followed.len() {
            for (symbol, tier) in followed {
                self.add(symbol, *tier, now);
            }
        }
    }

    /// Everything is due at once: after a wake-up, or when the user asks.
    pub fn all_due(&mut self, now: Instant) {
        for id in self.followed_ids() {
            self.entries[id as usize].rests = false;
            self.make_due(id, now);
        }
    }

    /// Tells the session a symbol was found in and, of a closed market, when it opens next, if that is known. It is
    /// then asked for again once, shortly after the opening; where that is not known, after the closed interval.
    pub fn answered(&mut self, symbol: &Symbol, session: Session, next_open: Option<Instant>, now: Instant) {
        let Some(id) = self.id(symbol) else { return };
        let next_open = next_open.filter(|open| session == Session::Closed && *open > now);
        let entry = &mut self.entries[id as usize];
        entry.heard = Some(now);
        entry.rests = next_open.is_some();
        if session == Session::Closed {
            let opening = next_open.map(|open| Turn::exactly((open + OPEN_DELAY).min(now + WAIT_MAX)));
            self.set_turn(id, opening.unwrap_or(Turn::after(self.intervals.closed, now)));
        }
    }

    /// Symbols a provider does not know are asked for again only after `wait`.
    pub fn unknown(&mut self, symbol: &Symbol, wait: Duration, now: Instant) {
        let Some(id) = self.id(symbol) else { return };
        self.entries[id as usize].rests = true;
        self.set_turn(id, Turn::exactly(now + wait.min(WAIT_MAX)));
    }

    /// A stream brought a symbol's price: no poll before the streamed interval is over, give or take an eighth. If the
    /// stream falls silent, polling goes on by itself; and now and then it does all the same.
    pub fn streamed(&mut self, symbol: &Symbol, now: Instant) {
        let Some(id) = self.id(symbol) else { return };
        let wait = self.intervals.streamed.min(WAIT_MAX);
        let entry = &mut self.entries[id as usize];
        (entry.heard, entry.rests, entry.streamed) = (Some(now), false, true);
        if entry.urgent {
            return;
        }
        let latest = entry.asked.map_or(now + wait, |asked| asked + wait.saturating_mul(STREAMED_MAX));
        let turn = (now + wait).min(latest);
        let due = entry.turn.due;
        if due > turn || due + wait / STREAMED_GRAIN < turn {
            self.set_turn(id, Turn::exactly(turn));
        }
    }

    /// Whether a stream tells a symbol, and has done so lately.
    pub fn is_streamed(&self, symbol: &Symbol, now: Instant) -> bool {
        self.id(symbol).is_some_and(|id| {
            let entry = &self.entries[id as usize];
            entry.streamed && entry.heard.is_some_and(|heard| now.duration_since(heard) <= self.intervals.streamed)
        })
    }

    /// A stream is gone: what it brought of these symbols is due at once, as fast as the budget allows.
    pub fn stream_lost(&mut self, symbols: &[Symbol], now: Instant) {
        for symbol in symbols {
            let Some(id) = self.id(symbol) else { continue };
            if std::mem::take(&mut self.entries[id as usize].streamed) {
                self.make_due(id, now);
            }
        }
    }

    /// Asked for again after `wait`, not sooner and not later.
    pub fn defer(&mut self, symbol: &Symbol, wait: Duration, now: Instant) {
        let Some(id) = self.id(symbol) else { return };
        self.set_turn(id, Turn::exactly(now + wait.min(WAIT_MAX)));
    }

    /// Asked for after `wait` at the latest, whatever a stream brings until then.
    pub fn ask_soon(&mut self, symbol: &Symbol, wait: Duration, now: Instant) {
        let Some(id) = self.id(symbol) else { return };
        let entry = &mut self.entries[id as usize];
        entry.urgent = true;
        let due = entry.turn.due.min(now + wait);
        self.set_turn(id, Turn::exactly(due));
    }

    /// Everything followed, in no order.
    pub fn followed(&self) -> impl Iterator<Item = (&Symbol, Tier)> {
        self.ids.iter().map(|(symbol, id)| (symbol, self.entries[*id as usize].tier))
    }

    /// Whether a symbol is followed.
    pub fn follows(&self, symbol: &Symbol) -> bool {
        self.ids.contains_key(symbol)
    }

    /// How many symbols are followed.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether nothing is followed.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// No request before `until`: the provider asked for a pause.
    pub fn pause_until(&mut self, until: Instant) {
        self.next_request = Some(self.next_request.map_or(until, |next| next.max(until)));
    }

    /// A pause is over early: the user asked.
    pub fn resume(&mut self, now: Instant) {
        self.next_request = self.next_request.map(|next| next.min(now));
    }

    /// When there is something to do; `None` while nothing is followed.
    pub fn next_at(&self) -> Option<Instant> {
        let due = self.lanes.first_due()?;
        Some(self.next_request.map_or(due, |allowed| allowed.max(due)))
    }

    /// The next request's symbols, if one is due and the budget allows it at `now`.
    pub fn take(&mut self, now: Instant) -> Option<Vec<Symbol>> {
        if self.next_at().is_none_or(|at| at > now) {
            return None;
        }
        let batch = self.pull_batch(now);
        for id in &batch {
            let entry = &mut self.entries[*id as usize];
            entry.turn = Turn::after(self.intervals.open, now);
            (entry.heard, entry.asked, entry.rests) = (Some(now), Some(now), false);
            (entry.streamed, entry.urgent) = (false, false);
            self.lanes.insert(entry.tier, *id, entry.turn);
        }
        let gap = Duration::try_from_secs_f64(1.0 / self.limits.per_second).unwrap_or(WAIT_MAX);
        self.next_request = Some(now + gap.min(WAIT_MAX));
        Some(batch.into_iter().map(|id| self.entries[id as usize].symbol.clone()).collect())
    }

    /// Takes out of the lanes what goes into one request: never nothing while something is due.
    fn pull_batch(&mut self, now: Instant) -> Vec<u32> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        while batch.len() < self.limits.symbols_max.max(1)
            && let Some((tier, id)) = self.lanes.next(now)
        {
            let entry = &self.entries[id as usize];
            bytes += (self.cost)(&entry.symbol);
            if bytes > self.limits.bytes_max && !batch.is_empty() {
                break;
            }
            self.lanes.remove(tier, id, entry.turn);
            self.lanes.charge(tier);
            batch.push(id);
        }
        batch
    }

    fn id(&self, symbol: &Symbol) -> Option<u32> {
        self.ids.get(symbol).copied()
    }

    fn followed_ids(&self) -> Vec<u32> {
        self.ids.values().copied().collect()
    }

    /// Gives a symbol its tier if it is followed already; says whether it is.
    fn keep(&mut self, symbol: &Symbol, tier: Tier, now: Instant) -> bool {
        let Some(id) = self.id(symbol) else { return false };
        let entry = &mut self.entries[id as usize];
        if entry.tier != tier {
            self.lanes.remove(entry.tier, id, entry.turn);
            self.lanes.insert(tier, id, entry.turn);
            entry.tier = tier;
            let old_news = entry.heard.is_none_or(|heard| now.duration_since(heard) > self.intervals.open);
            if tier == Tier::Visible && old_news && !entry.rests {
                self.make_due(id, now);
            }
        }
        true
    }

    fn add(&mut self, symbol: &Symbol, tier: Tier, now: Instant) {
        if self.ids.contains_key(symbol) {
            return;
        }
        let turn = Turn::exactly(now);
        let entry = Entry {
            symbol: symbol.clone(),
            tier,
            turn,
            heard: None,
            asked: None,
            rests: false,
            streamed: false,
            urgent: false,
        };
        let id = self.free.pop().unwrap_or(self.entries.len() as u32);
        match self.entries.get_mut(id as usize) {
            Some(unused) => *unused = entry,
            None => self.entries.push(entry),
        }
        self.ids.insert(symbol.clone(), id);
        self.lanes.insert(tier, id, turn);
    }

    fn forget_all_but(&mut self, followed: &BTreeMap<Symbol, Tier>) {
        let Self { ids, entries, free, lanes, .. } = self;
        ids.retain(|symbol, id| {
            let stays = followed.contains_key(symbol);
            if !stays {
                let entry = &entries[*id as usize];
                lanes.remove(entry.tier, *id, entry.turn);
                free.push(*id);
            }
            stays
        });
    }

    /// Due now, or still since when it was.
    fn make_due(&mut self, id: u32, now: Instant) {
        let due = self.entries[id as usize].turn.due.min(now);
        self.set_turn(id, Turn::exactly(due));
    }

    fn set_turn(&mut self, id: u32, turn: Turn) {
        let entry = &mut self.entries[id as usize];
        self.lanes.remove(entry.tier, id, entry.turn);
        self.lanes.insert(entry.tier, id, turn);
        entry.turn = turn;
    }
}

#[cfg(test)]
mod tests;
