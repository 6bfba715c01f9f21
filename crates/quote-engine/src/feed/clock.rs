//! Notices that wall clock and monotonic clock went apart: on Linux and macOS the latter stands still in suspend.

use std::time::{Duration, Instant};

use jiff::Timestamp;

/// A difference beyond this means that the machine slept or the clock was set.
const JUMP: Duration = Duration::from_secs(30);

pub(super) struct ClockWatch {
    wall: Timestamp,
    monotonic: Instant,
}

impl ClockWatch {
    pub(super) fn start() -> Self {
        Self { wall: Timestamp::now(), monotonic: Instant::now() }
    }

    /// Whether the clock jumped since the last look.
    pub(super) fn jumped(&mut self) -> bool {
        let before = std::mem::replace(self, Self::start());
        let wall_ms = self.wall.as_millisecond() - before.wall.as_millisecond();
        went_apart(wall_ms, self.monotonic.duration_since(before.monotonic))
    }
}

/// A long gap of the monotonic clock itself is sleep too: on Windows it counts on.
fn went_apart(wall_ms: i64, passed: Duration) -> bool {
    let passed_ms = i64::try_from(passed.as_millis()).unwrap_or(i64::MAX);
    Duration::from_millis((wall_ms - passed_ms).unsigned_abs()) > JUMP || passed > JUMP
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
        assert!(went_apart(600_000, second * 600), "slept where both go on");
    }
}
