//! How long to leave the vendor alone after "too many requests". It blocks the network's address, so it holds for every
//! kind of request; nothing is asked before it is over, and it grows only when the next request is refused too.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::provider::{RATE_LIMIT_PAUSE, RETRY_AFTER_MAX};

/// The pauses after the first, second… refusal in a row.
const PAUSES: [Duration; 4] = [RATE_LIMIT_PAUSE, Duration::from_secs(120), Duration::from_secs(300), RETRY_AFTER_MAX];

/// The state of the pause.
#[derive(Debug, Default)]
pub(super) struct Cooldown {
    until: Option<Instant>,
    strikes: usize,
}

impl Cooldown {
    /// The vendor refused. Answers of requests that were under way at the same time count once.
    pub(super) fn refused(&mut self, retry_after: Option<Duration>, now: Instant) -> Duration {
        if let Some(left) = self.remaining(now) {
            return left;
        }
        let usual = PAUSES[self.strikes.min(PAUSES.len() - 1)];
        self.strikes += 1;
        let pause = retry_after.map_or(usual, |asked| asked.clamp(Duration::from_secs(1), RETRY_AFTER_MAX));
        self.until = Some(now + pause);
        pause
    }

    /// Takes up a pause of a run before this one, after so many refusals in a row.
    pub(super) fn resume(&mut self, left: Duration, strikes: usize, now: Instant) {
        *self = Self { until: Some(now + left.min(RETRY_AFTER_MAX)), strikes: strikes.min(PAUSES.len()) };
    }

    /// Refusals in a row.
    pub(super) fn strikes(&self) -> usize {
        self.strikes
    }

    /// The vendor answered.
    pub(super) fn answered(&mut self, now: Instant) {
        if self.remaining(now).is_none() {
            *self = Self::default();
        }
    }

    /// How much of the pause is left.
    pub(super) fn remaining(&self, now: Instant) -> Option<Duration> {
        self.until.map(|until| until.saturating_duration_since(now)).filter(|left| !left.is_zero())
    }
}

/// `Retry-After`: seconds, or a date.
pub(crate) fn retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    if header.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a u64 has ask for longer than we ever wait.
        return (!header.is_empty()).then(|| header.parse().map_or(RETRY_AFTER_MAX, Duration::from_secs));
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(header).ok()?;
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn grows_only_when_refused_again() {
        let mut now = Instant::now();
        let mut cooldown = Cooldown::default();
        for pause in [60, 120, 300, 900, 900] {
            assert_eq!(cooldown.refused(None, now), SECOND * pause);
            assert_eq!(cooldown.refused(None, now + SECOND), SECOND * (pause - 1), "the same refusal, seen twice");
            cooldown.answered(now + SECOND);
            assert!(cooldown.remaining(now + SECOND).is_some(), "a late answer ends no pause");
            now += SECOND * pause;
            assert_eq!(cooldown.remaining(now), None);
        }
        cooldown.answered(now);
        assert_eq!(cooldown.refused(None, now), SECOND * 60);
    }

    #[test]
    fn obeys_within_bounds() {
        let now = Instant::now();
        for (asked, pause) in [(0, 1), (7, 7), (100_000, 900)] {
            assert_eq!(Cooldown::default().refused(Some(SECOND * asked), now), SECOND * pause);
        }
    }

    #[test]
    fn reads_seconds_and_dates() {
        let now: Timestamp = "2026-11-23T15:00:00Z".parse().unwrap();
        assert_eq!(retry_after(" 30 ", now), Some(SECOND * 30));
        assert_eq!(retry_after("Mon, 23 Nov 2026 15:02:00 GMT", now), Some(SECOND * 120));
        assert_eq!(retry_after("Mon, 23 Nov 2026 14:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(retry_after("99999999999999999999999", now), Some(RETRY_AFTER_MAX));
        for nonsense in ["", "soon", "-5", "1.5"] {
            assert_eq!(retry_after(nonsense, now), None, "{nonsense}");
        }
    }
}
