//! Notices that wall clock and monotonic clock went apart: on Linux and macOS the latter stands still in suspend.

use std::time::{Duration, Instant};

use jiff::Timestamp;

/// A difference beyond this means that the machine slept or the clock was set.
const JUMP: Duration = Duration::from_secs(30);

/// Remembers both clocks at the last look.
#[derive(Debug)]
pub(crate) struct ClockWatch {
    wall: Timestamp,
    monotonic: Instant,
}

impl ClockWatch {
    pub(crate) fn start() -> Self {
        Self { wall: Timestamp::now(), monotonic: Instant::now() }
    }

    /// Whether the clock jumped since the last look, or the last look is long ago: the machine may have slept.
    pub(crate) fn jumped(&mut self) -> bool {
        let (wall_ms, passed) = self.look();
        went_apart(wall_ms, passed) || passed > JUMP
    }

    /// The same for those who look seldom: a long time between two looks proves nothing.
    pub(crate) fn went_apart(&mut self) -> bool {
        let (wall_ms, passed) = self.look();
        went_apart(wall_ms, passed)
    }

    /// As if the machine had slept so long.
    #[cfg(test)]
    pub(crate) fn turn_back(&mut self, slept: Duration) {
        self.wall -= jiff::SignedDuration::try_from(slept).unwrap_or_default();
    }

    /// What has passed since the last look, by each clock.
    fn look(&mut self) -> (i64, Duration) {
        let before = std::mem::replace(self, Self::start());
        let wall_ms = self.wall.as_millisecond() - before.wall.as_millisecond();
        (wall_ms, self.monotonic.duration_since(before.monotonic))
    }
}

fn went_apart(wall_ms: i64, passed: Duration) -> bool {
    let passed_ms = i64::try_from(passed.as_millis()).unwrap_or(i64::MAX);
    Duration::from_millis((wall_ms - passed_ms).unsigned_abs()) > JUMP
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_a_jump_from_a_slow_moment() {
        let second = Duration::from_secs(1);
        assert!(!went_apart(1_000, second) && !went_apart(20_000, second * 20));
        assert!(went_apart(600_000, second), "slept: only the wall clock went on");
        assert!(went_apart(-3_600_000, second), "set back by an hour");
        assert!(!went_apart(600_000, second * 600), "both go on in sleep on Windows: nothing shows");
        let mut watch =
            ClockWatch { monotonic: Instant::now().checked_sub(second * 600).unwrap(), ..ClockWatch::start() };
        watch.turn_back(second * 600);
        assert!(watch.jumped() && !watch.jumped(), "but the feed looks each second");
    }
}
