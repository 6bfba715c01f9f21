//! A move on the day, each way for itself: every day of the exchange begins anew, so a gap at the bell is one.

use jiff::civil::Date;

use super::latch::{BothWays, Way};
use crate::Quote;

/// What is remembered of a symbol's moves on the day.
#[derive(Debug, Clone, Default)]
pub(super) struct DayMove {
    ways: BothWays,
    /// The newest day, and the last move on it.
    seen: Option<(Date, f64)>,
    /// The last move of the day before: until it changes, a new day's quote still carries it.
    of_before: Option<f64>,
}

impl DayMove {
    /// Takes in a quote and its move in percent; says which way that has just reached so many.
    pub(super) fn reach(&mut self, quote: &Quote, moved: f64, percent: f64, may_fire: bool) -> Option<Way> {
        let day = quote.trading_day();
        match self.seen {
            // A market that never closes tells the move of the last 24 hours: that goes on over midnight.
            Some((newest, last)) if day > newest && !quote.kind.never_closes() => {
                self.of_before = self.of_before.or(Some(last));
                self.seen = Some((day, moved));
            }
            Some((newest, _)) => self.seen = Some((newest.max(day), moved)),
            None => self.seen = Some((day, moved)),
        }
        if self.of_before == Some(moved) {
            return None;
        }
        if self.of_before.take().is_some() {
            self.ways.begin_day();
        }
        self.ways.reach(moved, -moved, percent, may_fire)
    }
}
