//! A circuit breaker: whether a provider can be relied on. It opens on failures of the provider, never of a symbol.

use std::time::{Duration, Instant};

use crate::provider::{ProviderError, Retry, backoff::Backoff};

/// So many failures in a row open it.
const FAILURES_MAX: u32 = 3;
/// So many answers in a row make the next failure a first one again.
const TRUST_AFTER: u32 = 3;
/// When a provider that wants the user to change something is asked again by itself.
const STOPPED: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing is known yet.
    Untried,
    /// It answers.
    Closed,
    /// It does not; one request at a time tries again.
    Open,
}

/// Whether a provider can be relied on, and when it may be asked again.
#[derive(Debug)]
pub(super) struct Breaker {
    state: State,
    backoff: Backoff,
    failures: u32,
    answers: u32,
    /// When it last failed: failures of requests that were under way by then are the same one.
    failed_at: Option<Instant>,
    /// Until when the provider itself wants to be left alone.
    told_to_wait: Option<Instant>,
    /// Whether that is until the user has changed something.
    stopped: bool,
}

impl Breaker {
    pub(super) fn new() -> Self {
        Self {
            state: State::Untried,
            backoff: Backoff::default(),
            failures: 0,
            answers: 0,
            failed_at: None,
            told_to_wait: None,
            stopped: false,
        }
    }

    /// Whether it answers.
    pub(super) fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// It has answered. What was under way when it asked to be left alone changes nothing.
    pub(super) fn answered(&mut self, now: Instant) {
        if self.told_to_wait.is_some_and(|until| until > now) {
            return;
        }
        (self.state, self.failures, self.told_to_wait, self.stopped) = (State::Closed, 0, None, false);
        self.answers = self.answers.saturating_add(1);
        if self.answers >= TRUST_AFTER {
            self.backoff.reset();
        }
    }

    /// It has failed to answer what was asked at `asked_at`: how long to leave it alone; `None` where the failure is the
    /// symbol's, or one that is known already.
    pub(super) fn failed(&mut self, error: &ProviderError, asked_at: Instant, now: Instant) -> Option<Duration> {
        if error.retry() == Retry::Backoff && self.failed_at.is_some_and(|failed_at| asked_at < failed_at) {
            return None;
        }
        let (pause, open) = match error.retry() {
            Retry::Never => return None,
            Retry::After(pause) => (pause, true),
            Retry::Stop => (STOPPED, true),
            Retry::Backoff => (self.backoff.failed(), self.failures + 1 >= FAILURES_MAX),
        };
        self.failures += 1;
        (self.answers, self.failed_at) = (0, Some(now));
        self.told_to_wait = (error.retry() != Retry::Backoff).then(|| now + pause);
        self.stopped = error.retry() == Retry::Stop;
        if open || self.state == State::Untried {
            self.state = State::Open;
        }
        Some(pause)
    }

    /// The user asked, or the machine woke up: whether it may be asked at once. What the provider asked for counts.
    pub(super) fn retry_now(&mut self, now: Instant) -> bool {
        if self.told_to_wait.is_some_and(|until| until > now) {
            return false;
        }
        self.backoff.reset();
        true
    }

    /// The user has changed what it stopped for: whether it may be asked at once.
    pub(super) fn mended(&mut self, now: Instant) -> bool {
        if std::mem::take(&mut self.stopped) {
            self.told_to_wait = None;
        }
        self.retry_now(now)
    }
}

#[cfg(test)]
mod tests {
    use market::Symbol;

    use super::*;

    fn silent() -> ProviderError {
        ProviderError::Unreachable { provider: "Test", detail: "silence".into() }
    }

    #[test]
    fn opens_on_failures_in_a_row_and_closes_on_an_answer() {
        let (mut breaker, now) = (Breaker::new(), Instant::now());
        assert!(!breaker.is_closed(), "nothing is known yet");
        breaker.answered(Instant::now());
        for failure in 1..=FAILURES_MAX {
            assert!(breaker.is_closed(), "{failure}");
            assert!(breaker.failed(&silent(), now, now).unwrap() <= Duration::from_secs(60));
        }
        assert!(!breaker.is_closed());
        breaker.answered(Instant::now());
        assert!(breaker.is_closed());
    }

    #[test]
    fn one_answer_is_not_trusted_yet() {
        let (mut breaker, now) = (Breaker::new(), Instant::now());
        for _ in 0..10 {
            breaker.failed(&silent(), now, now);
        }
        breaker.answered(Instant::now());
        breaker.failed(&silent(), now, now);
        assert!(breaker.backoff.failures() > 10, "the pauses go on growing");
        for _ in 0..TRUST_AFTER {
            breaker.answered(Instant::now());
        }
        assert_eq!(breaker.backoff.failures(), 0);
    }

    #[test]
    fn requests_that_fail_together_fail_once() {
        let (mut breaker, asked) = (Breaker::new(), Instant::now());
        breaker.answered(Instant::now());
        let second = Duration::from_secs(1);
        assert!(breaker.failed(&silent(), asked, asked + second).is_some());
        for _ in 0..10 {
            assert_eq!(breaker.failed(&silent(), asked, asked + second * 2), None);
        }
        assert!(breaker.is_closed() && breaker.backoff.failures() == 1);
        assert!(breaker.failed(&silent(), asked + second, asked + second * 3).is_some(), "asked since, failed again");
    }

    #[test]
    fn a_symbols_failure_is_none_of_the_providers() {
        let mut breaker = Breaker::new();
        breaker.answered(Instant::now());
        let error = ProviderError::UnknownSymbol { provider: "Test", symbol: Symbol::parse("X").unwrap() };
        for _ in 0..100 {
            assert_eq!(breaker.failed(&error, Instant::now(), Instant::now()), None);
        }
        assert!(breaker.is_closed());
    }

    #[test]
    fn who_asks_to_be_left_alone_is_left_alone() {
        let (mut breaker, now) = (Breaker::new(), Instant::now());
        breaker.answered(Instant::now());
        let wait = Some(Duration::from_secs(30));
        breaker.failed(&ProviderError::RateLimited { provider: "Test", retry_after: wait }, now, now);
        assert!(!breaker.is_closed() && !breaker.retry_now(now));
        assert!(breaker.retry_now(now + Duration::from_secs(30)));
        breaker.failed(&ProviderError::KeyRejected { provider: "Test", detail: "no".into() }, now, now);
        assert!(!breaker.retry_now(now + Duration::from_secs(3_600)), "a key does not mend by itself");
    }

    #[test]
    fn a_late_answer_ends_no_pause() {
        let (mut breaker, now) = (Breaker::new(), Instant::now());
        breaker.failed(&ProviderError::RateLimited { provider: "Test", retry_after: None }, now, now);
        breaker.answered(now);
        assert!(!breaker.is_closed() && !breaker.retry_now(now));
        breaker.answered(now + crate::provider::RATE_LIMIT_PAUSE);
        assert!(breaker.is_closed());
    }

    #[test]
    fn a_new_key_ends_a_stop_but_no_pause_that_was_asked_for() {
        let (mut breaker, now) = (Breaker::new(), Instant::now());
        breaker.failed(&ProviderError::KeyMissing { provider: "Test" }, now, now);
        assert!(!breaker.retry_now(now) && breaker.mended(now) && !breaker.is_closed());
        breaker.failed(&ProviderError::RateLimited { provider: "Test", retry_after: None }, now, now);
        assert!(!breaker.mended(now));
    }
}
