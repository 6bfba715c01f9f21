//! How long to wait before trying again: exponential, with full jitter, so that many clients never come back at the
//! same moment.

use std::time::Duration;

use rand::RngExt as _;

/// The first ceiling; doubled with each further failure.
const BASE: Duration = Duration::from_secs(1);
/// The highest ceiling: four requests a minute are no storm, and who is back is shown within half a minute.
const MAX: Duration = Duration::from_secs(30);
/// Nobody is asked again sooner than this.
const MIN: Duration = Duration::from_millis(100);

/// Counts failures in a row.
#[derive(Debug, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// Another failure: how long to wait now.
    pub fn failed(&mut self) -> Duration {
        let ceiling = BASE.saturating_mul(1 << self.failures.min(10)).min(MAX);
        self.failures = self.failures.saturating_add(1);
        rand::rng().random_range(MIN..=ceiling)
    }

    /// How many failures in a row there were.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// It works again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_up_to_half_a_minute_and_never_vanishes() {
        let mut backoff = Backoff::default();
        for failure in 0..40 {
            let ceiling = Duration::from_secs(1 << failure.min(6)).min(MAX);
            let pause = backoff.failed();
            assert!((MIN..=ceiling).contains(&pause), "{failure}: {pause:?}");
        }
        backoff.reset();
        assert!(backoff.failed() <= BASE);
    }
}
