//! How many quotes a user may say: a bucket that fills with time. Pure: `now` is a parameter.

use tokio::time::Instant;

/// Quotes a second, in the long run.
const PER_SECOND: f64 = 20.0;
/// Quotes at once.
const BURST: f64 = 200.0;

#[derive(Debug)]
pub(super) struct Budget {
    left: f64,
    at: Instant,
}

impl Budget {
    pub(super) fn new(now: Instant) -> Self {
        Self { left: BURST, at: now }
    }

    /// Whether there is one left.
    pub(super) fn spend(&mut self, now: Instant) -> bool {
        let filled = now.saturating_duration_since(self.at).as_secs_f64() * PER_SECOND;
        (self.left, self.at) = ((self.left + filled).min(BURST), now);
        let enough = self.left >= 1.0;
        self.left -= f64::from(u8::from(enough));
        enough
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_at_once_and_then_so_many_a_second() {
        let now = Instant::now();
        let mut budget = Budget::new(now);
        assert_eq!((0..1_000).filter(|_| budget.spend(now)).count(), 200);
        let later = now + Duration::from_secs(2);
        assert_eq!((0..1_000).filter(|_| budget.spend(later)).count(), 40);
        let much_later = now + Duration::from_secs(3_600);
        assert_eq!((0..1_000).filter(|_| budget.spend(much_later)).count(), 200);
    }
}
