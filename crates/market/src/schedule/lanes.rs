//! Who is next: a queue for each tier, and the fair choice between them.
//!
//! Start-time fair queueing: each place in a request costs its lane so much of a common, virtual time, the lane that is
//! the furthest behind goes first, and one that had nothing to ask for does not save up.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use super::{Tier, WAIT_MAX};

const TIERS: [Tier; 3] = [Tier::Visible, Tier::Alerted, Tier::Background];

/// When a symbol is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    /// From then on it may fill up a request that is made anyway.
    pub(super) early: Instant,
    /// From then on it is reason enough to make one.
    pub(super) due: Instant,
}

#[derive(Debug, Default)]
pub(super) struct Lanes {
    lanes: [Lane; 3],
    /// The virtual time: where the last place began.
    clock: u64,
}

/// One tier's symbols, by id, in both orders.
#[derive(Debug, Default)]
struct Lane {
    by_due: BTreeSet<(Instant, u32)>,
    by_early: BTreeSet<(Instant, u32)>,
    /// The virtual time from which its next place is paid for.
    paid_until: u64,
}

impl Turn {
    /// Once in `wait`. It may be early by half of that: enough for symbols that came at different times to end up in
    /// the same requests, which is when a sweep costs the fewest.
    pub(super) fn after(wait: Duration, now: Instant) -> Self {
        let wait = wait.min(WAIT_MAX);
        Self { early: now + wait / 2, due: now + wait }
    }

    /// Then, and not earlier.
    pub(super) fn exactly(at: Instant) -> Self {
        Self { early: at, due: at }
    }
}

impl Lanes {
    pub(super) fn insert(&mut self, tier: Tier, id: u32, turn: Turn) {
        let lane = &mut self.lanes[tier as usize];
        lane.by_due.insert((turn.due, id));
        lane.by_early.insert((turn.early, id));
    }

    pub(super) fn remove(&mut self, tier: Tier, id: u32, turn: Turn) {
        let lane = &mut self.lanes[tier as usize];
        lane.by_due.remove(&(turn.due, id));
        lane.by_early.remove(&(turn.early, id));
    }

    /// When the first of all symbols is due.
    pub(super) fn first_due(&self) -> Option<Instant> {
        self.lanes.iter().filter_map(|lane| lane.by_due.first()).map(|(due, _)| *due).min()
    }

    /// Whose the next place in a request is: the longest overdue symbol of the lane whose turn it is, and when nobody
    /// is due any more, whoever may be early, the higher tiers first.
    pub(super) fn next(&self, now: Instant) -> Option<(Tier, u32)> {
        let due = |tier: &Tier| self.lane(*tier).by_due.first().is_some_and(|(due, _)| *due <= now);
        if let Some(tier) = TIERS.into_iter().filter(due).min_by_key(|tier| self.start(*tier)) {
            return self.lane(tier).by_due.first().map(|(_, id)| (tier, *id));
        }
        TIERS.into_iter().find_map(|tier| {
            let (early, id) = self.lane(tier).by_early.first()?;
            (*early <= now).then_some((tier, *id))
        })
    }

    /// A place was given to a symbol of that tier.
    pub(super) fn charge(&mut self, tier: Tier) {
        self.clock = self.start(tier);
        self.lanes[tier as usize].paid_until = self.clock + tier.price();
    }

    fn start(&self, tier: Tier) -> u64 {
        self.lane(tier).paid_until.max(self.clock)
    }

    fn lane(&self, tier: Tier) -> &Lane {
        &self.lanes[tier as usize]
    }
}

impl Tier {
    /// What a place costs: twelfths, fourths and a whole, so that 12, 3 and 1 places cost the same.
    fn price(self) -> u64 {
        match self {
            Self::Visible => 1,
            Self::Alerted => 4,
            Self::Background => 12,
        }
    }
}
