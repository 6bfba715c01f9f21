//! When to try again. Pure.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Tries of one message at the most.
pub(super) const TRIES_MAX: u32 = 16;
/// What was not taken within this time is news no more.
pub(super) const AGE_MAX: SignedDuration = SignedDuration::from_hours(24);
/// The longest pause after the first failure; doubled with each further one.
const PAUSE_FIRST: Duration = Duration::from_secs(5);
/// The longest pause of all.
const PAUSE_MAX: Duration = Duration::from_secs(60 * 60);
/// The shortest, so that nothing is asked in a loop.
const PAUSE_MIN: Duration = Duration::from_secs(1);
/// The longest pause that a place may ask for.
const ASKED_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// The pause after so many failures in a row, with full jitter (`chance` from 0 to 1), or the one that the place asked
/// for.
pub(super) fn pause(failures: u32, asked: Option<Duration>, chance: f64) -> Duration {
    if let Some(asked) = asked {
        return asked.clamp(PAUSE_MIN, ASKED_MAX);
    }
    let doubled = 2u32.checked_pow(failures.saturating_sub(1)).and_then(|times| PAUSE_FIRST.checked_mul(times));
    let longest = doubled.map_or(PAUSE_MAX, |doubled| doubled.min(PAUSE_MAX));
    longest.mul_f64(chance.clamp(0.0, 1.0)).max(PAUSE_MIN)
}

/// Why a message is given up after so many tries, if it is.
pub(super) fn given_up(tries: u32, queued_at: Timestamp, now: Timestamp) -> Option<&'static str> {
    if tries >= TRIES_MAX {
        return Some("tried as often as anything is");
    }
    (now.duration_since(queued_at) >= AGE_MAX).then_some("not taken within a day")
}

/// A time so much later.
pub(super) fn after(now: Timestamp, pause: Duration) -> Timestamp {
    let pause = SignedDuration::try_from(pause).unwrap_or(AGE_MAX);
    now.checked_add(pause).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_pause_is_bounded_and_never_longer_than_twice_the_one_before(failures in 0u32..100, chance in 0.0f64..=1.0) {
            let (this, longest, next) = (pause(failures, None, chance), pause(failures, None, 1.0), pause(failures + 1, None, 1.0));
            prop_assert!((PAUSE_MIN..=PAUSE_MAX).contains(&this) && this <= longest);
            prop_assert!(longest <= next && next <= longest * 2);
        }

        #[test]
        fn what_is_asked_for_is_kept_within_a_day(failures in 0u32..100, seconds in any::<u64>(), chance in 0.0f64..=1.0) {
            let asked = Duration::from_secs(seconds);
            let kept = pause(failures, Some(asked), chance);
            prop_assert!(kept == asked || kept == PAUSE_MIN || kept == ASKED_MAX);
        }
    }

    #[test]
    fn everything_ends() {
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        assert_eq!(given_up(TRIES_MAX - 1, now, now), None);
        assert!(given_up(TRIES_MAX, now, now).is_some());
        assert!(given_up(0, now - AGE_MAX, now).is_some());
    }
}
