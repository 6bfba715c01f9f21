//! What has fired and what may fire again: a condition's memory of its own line.

use rust_decimal::Decimal;

use crate::Price;

/// How far behind the line, as a fraction of it, a price must go back before a condition may fire again.
pub const REARM_BAND: Decimal = Decimal::from_parts(2, 0, 0, false, 3);
/// The same for a move, in percentage points; half of the move where that is less.
pub const REARM_BAND_PERCENT: f64 = 0.25;

/// One side of a condition: armed or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Latch {
    /// No price seen yet.
    #[default]
    New,
    /// True from the beginning: armed as soon as it is not.
    Waiting,
    /// Fires when it becomes true.
    Armed,
    /// Has fired: armed again a band behind the line.
    Spent,
}

impl Latch {
    /// Takes in one observation; says whether the condition fires. What may not fire still arms.
    fn observe(&mut self, met: bool, is_behind: impl FnOnce() -> bool, may_fire: bool) -> bool {
        let fires = met && *self == Self::Armed && may_fire;
        *self = match *self {
            Self::New if met => Self::Waiting,
            Self::New | Self::Waiting if !met => Self::Armed,
            Self::Armed if fires => Self::Spent,
            Self::Spent if !met && is_behind() => Self::Armed,
            unchanged => unchanged,
        };
        fires
    }

    /// A price that is to rise to the line.
    pub(super) fn rises(&mut self, price: Price, line: Price, may_fire: bool) -> bool {
        let is_behind = || price.exact() <= line.exact() * (Decimal::ONE - REARM_BAND);
        self.observe(price >= line, is_behind, may_fire)
    }

    /// A price that is to fall to the line.
    pub(super) fn falls(&mut self, price: Price, line: Price, may_fire: bool) -> bool {
        let is_behind = || price.exact() >= line.exact() * (Decimal::ONE + REARM_BAND);
        self.observe(price <= line, is_behind, may_fire)
    }

    /// A move that is to reach so many percent.
    fn reaches(&mut self, moved: f64, percent: f64, may_fire: bool) -> bool {
        let band = REARM_BAND_PERCENT.min(percent / 2.0);
        self.observe(moved >= percent, || moved - percent <= -band, may_fire)
    }
}

/// Which way a price went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Up,
    Down,
}

/// A condition that counts each way for itself.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct BothWays {
    up: Latch,
    down: Latch,
}

impl BothWays {
    /// Takes in how far the price has moved up and down, in percent; says which way it fires.
    pub(super) fn reach(&mut self, up: f64, down: f64, percent: f64, may_fire: bool) -> Option<Way> {
        let fires_up = self.up.reaches(up, percent, may_fire);
        let fires_down = self.down.reaches(down, percent, may_fire);
        if fires_up { Some(Way::Up) } else { fires_down.then_some(Way::Down) }
    }

    /// What was true or has fired on the day before may become true on this one.
    pub(super) fn begin_day(&mut self) {
        for latch in [&mut self.up, &mut self.down] {
            if *latch != Latch::New {
                *latch = Latch::Armed;
            }
        }
    }
}
