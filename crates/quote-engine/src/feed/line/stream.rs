//! A provider's stream: what it should carry, and what it means for asking that it carries it.

use std::{cmp::Reverse, collections::HashSet, sync::Arc, time::Instant};

use market::{HealthCode, Symbol};
use tokio::sync::watch;

use super::Line;
use crate::provider::{Note, ProviderError, Retry};

impl Line {
    /// A tick has come: the provider knows the symbol, and polling it can wait. Says whether its price counted before;
    /// a pause that the provider asked for goes on.
    pub(in super::super) fn ticked(&mut self, symbol: &Symbol, now: Instant) -> bool {
        let spoke = self.can_speak_for(symbol, now);
        self.unknown.remove(symbol);
        self.schedule.streamed(symbol, now);
        spoke
    }

    /// The stream broke off: its symbols are polled again.
    pub(in super::super) fn stream_lost(&mut self, error: &ProviderError, symbols: &[Symbol], now: Instant) {
        self.schedule.stream_lost(symbols, now);
        if error.retry() == Retry::Stop {
            self.fails(error, now, now);
        }
        self.stream_problem = Some(Note::new(HealthCode::StreamLost, format!("{error}; prices are asked for instead")));
    }

    pub(in super::super) fn stream_restored(&mut self) {
        self.stream_problem = None;
    }

    /// Says anew what its stream should carry, the most important first; of equals what has moved last. What the
    /// provider denies knowing comes last, for its stream may know better.
    pub(in super::super) fn rank_stream(
        &mut self,
        moved_at: impl Fn(&Symbol) -> Option<tokio::time::Instant>,
        now: Instant,
    ) {
        let mut ranked: Vec<_> = self
            .schedule
            .followed()
            .filter(|(symbol, _)| !self.only_figures.contains(*symbol))
            .map(|(symbol, tier)| (self.unknown.contains(symbol), tier, Reverse(moved_at(symbol)), symbol))
            .collect();
        ranked.sort_unstable();
        ranked.truncate(self.can.stream_max);
        let symbols: Arc<[Symbol]> = ranked.into_iter().map(|(.., symbol)| symbol.clone()).collect();
        if *self.streamed.borrow() == symbols {
            return;
        }
        let before = self.streamed.send_replace(Arc::clone(&symbols));
        let stay: HashSet<&Symbol> = symbols.iter().collect();
        let left: Vec<Symbol> = before.iter().filter(|symbol| !stay.contains(symbol)).cloned().collect();
        self.schedule.stream_lost(&left, now);
    }

    pub(in super::super) fn streamed(&self) -> watch::Receiver<Arc<[Symbol]>> {
        self.streamed.subscribe()
    }
}
