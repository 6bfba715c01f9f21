//! How a provider is doing, in words for the user: what is wrong, since when, when it is asked again.

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use market::{HealthCode, ProviderHealth, ProviderState, health::UNKNOWN_TOLD_MAX};

use super::Line;
use crate::provider::{Answer, Note, ProviderError, Retry};

/// An answer without any good row and with so many bad ones is told as the provider's trouble.
pub(super) const SENSELESS_MIN: usize = 2;

/// What is wrong with a provider, and when it is asked again.
#[derive(Debug)]
pub(super) struct Trouble {
    state: ProviderState,
    why: Note,
    /// `None` where the user has to change something first.
    next_try: Option<Timestamp>,
    /// Whether it is more than a bad hour.
    lasting: bool,
}

impl Line {
    /// Whether nothing is to be expected of it: it refuses this network, or wants a key.
    pub(in super::super) fn is_out(&self) -> bool {
        self.trouble.as_ref().is_some_and(|trouble| trouble.lasting)
    }

    pub(super) fn fails(&mut self, error: &ProviderError, asked_at: Instant, now: Instant) {
        let Some(pause) = self.breaker.failed(error, asked_at, now) else { return };
        self.schedule.pause_until(now + pause);
        let waits = (error.retry() != Retry::Stop).then(|| SignedDuration::try_from(pause).unwrap_or_default());
        let next_try = waits.map(|pause| Timestamp::now() + pause);
        let state = match error {
            ProviderError::RateLimited { .. } => ProviderState::Degraded,
            // Nobody asked for it.
            ProviderError::KeyMissing { .. } => ProviderState::Off,
            _ => ProviderState::Down,
        };
        let lasting = matches!(error, ProviderError::Refused { .. } | ProviderError::Undecided { .. })
            || error.retry() == Retry::Stop;
        self.trouble = Some(Trouble { state, why: error.into(), next_try, lasting });
    }

    /// Whoever heard how it is may have forgotten: it is news again.
    pub(in super::super) fn forget_told(&mut self) {
        self.health = None;
    }

    /// A stand-in that is dismissed.
    pub(in super::super) fn switched_off(&self) -> ProviderHealth {
        ProviderHealth {
            name: self.name().into(),
            state: ProviderState::Off,
            reason: None,
            code: None,
            since: Timestamp::now(),
            next_try: None,
            unknown: Vec::new(),
        }
    }

    /// Says what has begun to make no sense: once, however long it goes on and however many rows it is.
    pub(super) fn log_rejected(&mut self, answer: &Answer) {
        let news: Vec<_> = answer.rejected.iter().filter(|(symbol, _)| self.rejected.insert(symbol.clone())).collect();
        if let Some((symbol, reason)) = news.first() {
            let (provider, rows) = (self.name(), news.len());
            tracing::warn!(provider, rows, %symbol, reason, "rows were rejected; the last good prices stay");
        }
    }

    /// How it is doing, where that is news.
    pub(in super::super) fn news(&mut self) -> Option<ProviderHealth> {
        let (state, why, next_try) = self.condition();
        let before = self.health.as_ref();
        let since = before.filter(|h| h.state == state).map_or_else(Timestamp::now, |h| h.since);
        let (code, reason) = why.map_or((None, None), |why| (why.code, Some(why.text)));
        let told = self.unknown.union(&self.uncovered).take(UNKNOWN_TOLD_MAX);
        let unknown = told.cloned().collect();
        let health = ProviderHealth { name: self.name().into(), state, reason, code, since, next_try, unknown };
        (before != Some(&health)).then(|| self.health.insert(health).clone())
    }

    fn condition(&self) -> (ProviderState, Option<Note>, Option<Timestamp>) {
        if let Some(trouble) = self.trouble.as_ref().filter(|trouble| !self.schedule.is_empty() || trouble.lasting) {
            return (trouble.state, Some(trouble.why.clone()), trouble.next_try);
        }
        if self.schedule.is_empty() || !self.is_well() {
            return (ProviderState::Off, None, None);
        }
        match self.note.clone().or_else(|| self.stream_problem.clone()) {
            Some(why) => (ProviderState::Degraded, Some(why), None),
            None => (ProviderState::Up, None, None),
        }
    }
}

/// What is said of an answer all of whose rows make no sense, by the example of the first.
pub(super) fn senseless(answer: &Answer) -> Option<Note> {
    let (symbol, why) = answer.rejected.first()?;
    let all_bad = answer.quotes.is_empty() && answer.rejected.len() >= SENSELESS_MIN;
    let text = || format!("its {} prices make no sense ({symbol}: {why})", answer.rejected.len());
    all_bad.then(|| Note::new(HealthCode::BadAnswer, text()))
}
