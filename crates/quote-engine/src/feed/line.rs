//! A line to one provider: its schedule, its health, and the pauses its failures cost.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use market::{
    PollSchedule, ProviderHealth, ProviderState, quote::SIMULATED, schedule::PollIntervals, schedule::RequestLimits,
};
use rand::RngExt as _;

use crate::provider::{Answer, Provider, ProviderError, Retry};

/// The first pause after a failure; doubled with each further one.
const BACKOFF_BASE: Duration = Duration::from_secs(1);
/// The longest pause after failures.
const BACKOFF_MAX: Duration = Duration::from_secs(60);
/// How much less often a closed market is asked.
const CLOSED_FACTOR: u32 = 12;
/// And never more often than this.
const CLOSED_MIN: Duration = Duration::from_secs(60);
/// When a symbol that the provider does not know is asked for again.
const UNKNOWN_PAUSE: Duration = Duration::from_secs(6 * 60 * 60);

/// When a provider that wants the user to change something is asked again by itself.
const STOPPED: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Debug)]
pub(super) struct Line {
    pub(super) provider: Arc<dyn Provider>,
    pub(super) schedule: PollSchedule,
    limits: RequestLimits,
    health: Option<ProviderHealth>,
    failures: u32,
    rate_limited_until: Option<Instant>,
}

impl Line {
    pub(super) fn new(provider: Arc<dyn Provider>, poll_interval: Duration) -> Self {
        let can = provider.capabilities();
        let open = can.tick.unwrap_or(poll_interval);
        let closed = can.tick.unwrap_or((poll_interval * CLOSED_FACTOR).max(CLOSED_MIN));
        let schedule = PollSchedule::new(can.limits, PollIntervals { open, closed }, can.symbol_cost);
        Self { provider, schedule, limits: can.limits, health: None, failures: 0, rate_limited_until: None }
    }

    pub(super) fn is_simulated(&self) -> bool {
        self.provider.name() == SIMULATED
    }

    /// How long it takes to ask for that many symbols once, at the budget.
    pub(super) fn sweep_duration(&self, symbols: usize) -> Duration {
        let requests = symbols.div_ceil(self.limits.symbols_max.max(1));
        Duration::from_secs_f64(requests as f64 / self.limits.per_second)
    }

    /// Takes note of an answer; gives back the health where it changed.
    pub(super) fn answered(&mut self, answer: &Answer, now: Instant) -> Option<ProviderHealth> {
        self.failures = 0;
        self.rate_limited_until = None;
        for quote in &answer.quotes {
            self.schedule.answered(&quote.symbol, quote.session, now);
        }
        for symbol in &answer.unknown {
            self.schedule.unknown(symbol, UNKNOWN_PAUSE, now);
        }
        let state = if answer.note.is_some() { ProviderState::Degraded } else { ProviderState::Up };
        self.set_health(state, answer.note.clone(), None)
    }

    /// Takes note of a failure: no request before a pause is over. Gives back the health where it changed.
    pub(super) fn failed(&mut self, error: &ProviderError, now: Instant) -> Option<ProviderHealth> {
        let (state, pause) = match error.retry() {
            Retry::Never => return None,
            Retry::After(pause) => {
                self.rate_limited_until = Some(now + pause);
                let refused = matches!(error, ProviderError::Refused { .. });
                (if refused { ProviderState::Down } else { ProviderState::Degraded }, pause)
            }
            Retry::Stop => (ProviderState::Down, STOPPED),
            Retry::Backoff => (ProviderState::Down, self.next_backoff()),
        };
        self.schedule.pause_until(now + pause);
        let pause = SignedDuration::try_from(pause).unwrap_or_default();
        self.set_health(state, Some(error.to_string()), Some(Timestamp::now() + pause))
    }

    /// The user asked, or the machine woke up: no more waiting, unless the provider itself asked for the pause.
    pub(super) fn retry_now(&mut self, now: Instant) {
        self.schedule.all_due(now);
        if self.rate_limited_until.is_none_or(|until| until <= now) {
            self.failures = 0;
            self.schedule.resume(now);
        }
    }

    /// The last health under another state.
    pub(super) fn health_as(&self, state: ProviderState) -> ProviderHealth {
        ProviderHealth {
            name: self.provider.name().into(),
            state,
            reason: None,
            since: Timestamp::now(),
            next_try: None,
        }
    }

    /// Exponential with jitter, so that many clients do not come back at the same moment.
    fn next_backoff(&mut self) -> Duration {
        let ceiling = BACKOFF_BASE.saturating_mul(1 << self.failures.min(10)).min(BACKOFF_MAX);
        self.failures = self.failures.saturating_add(1);
        ceiling.mul_f64(rand::rng().random_range(0.5..=1.0))
    }

    fn set_health(
        &mut self,
        state: ProviderState,
        reason: Option<String>,
        next_try: Option<Timestamp>,
    ) -> Option<ProviderHealth> {
        let before = self.health.as_ref();
        let since = before.filter(|h| h.state == state).map_or_else(Timestamp::now, |h| h.since);
        let health = ProviderHealth { name: self.provider.name().into(), state, reason, since, next_try };
        (before != Some(&health)).then(|| self.health.insert(health).clone())
    }
}
