//! The made-up market that stands in at a very first start: only while nothing live has ever been seen.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use market::{Symbol, schedule::Tier};
use tokio::time::Instant;

use super::line::Line;
use crate::provider::Provider;

#[derive(Debug)]
pub(super) struct StandIn {
    provider: Option<Arc<dyn Provider>>,
    /// Until when live providers have time; `None` before the start.
    begins_at: Option<Instant>,
    line: Option<Line>,
    /// The same as [`StandIn::is_on`], for whoever asks from elsewhere.
    told: Arc<AtomicBool>,
}

impl StandIn {
    pub(super) fn new(provider: Option<Arc<dyn Provider>>, told: Arc<AtomicBool>) -> Self {
        Self { provider, begins_at: None, line: None, told }
    }

    /// Live providers have this long.
    pub(super) fn give_time(&mut self, patience: Duration) {
        self.begins_at = Some(Instant::now() + patience);
    }

    /// Whether made-up prices are shown.
    pub(super) fn is_on(&self) -> bool {
        self.line.is_some()
    }

    pub(super) fn line(&mut self) -> Option<&mut Line> {
        self.line.as_mut()
    }

    /// Begins once the live providers had their time.
    pub(super) fn begin_if_due(
        &mut self,
        wanted: impl FnOnce() -> BTreeMap<Symbol, Tier>,
        poll_interval: Duration,
        now: Instant,
    ) {
        // Looked at every second for as long as the program runs: what is wanted may be ten thousand symbols.
        if self.provider.is_none() || self.begins_at.is_none_or(|at| at > now) {
            return;
        }
        let wanted = wanted();
        if wanted.is_empty() {
            // Nobody was asked for anything: that proves nothing about the live ones.
            return;
        }
        let Some(provider) = self.provider.take() else { return };
        tracing::warn!("no live quote has ever been seen: SIMULATED prices until one comes");
        let mut line = Line::new(provider, poll_interval);
        line.follow(&wanted, now.into_std());
        self.told.store(true, Ordering::Relaxed);
        self.line = Some(line);
    }

    /// The first live quote has come: never again. Gives back the line that was in use.
    pub(super) fn dismiss(&mut self) -> Option<Line> {
        self.provider = None;
        self.told.store(false, Ordering::Relaxed);
        self.line.take()
    }
}
