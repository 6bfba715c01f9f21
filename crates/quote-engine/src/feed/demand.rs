//! Who wants which symbols: users, subscribers of the broker, the configuration, and whoever has just looked.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use market::Symbol;
use tokio::time::Instant;

use crate::store::Accounts;

/// How long a symbol is still fetched after its last subscriber left.
const GRACE: Duration = Duration::from_secs(30);
/// How long a symbol that somebody looked at is kept live.
const LOOK: Duration = Duration::from_secs(60);
/// Symbols followed by subscribing at the most; users' lists are not bound by it.
const SUBSCRIBED_MAX: usize = 10_000;
/// Symbols looked at at once at the most.
const LOOKED_AT_MAX: usize = 2_000;

#[derive(Debug, Default)]
pub(super) struct Demand {
    configured: BTreeSet<Symbol>,
    users: BTreeSet<Symbol>,
    subscribed: BTreeSet<Symbol>,
    /// Wanted until then, by subscribers that left and by people who looked.
    until: HashMap<Symbol, Instant>,
    followed: usize,
}

impl Demand {
    pub(super) fn new(configured: BTreeSet<Symbol>) -> Self {
        Self { configured, ..Self::default() }
    }

    pub(super) fn set_users(&mut self, accounts: &Accounts) {
        self.users = accounts.values().flat_map(|account| account.profile.symbols().cloned()).collect();
    }

    pub(super) fn set_subscribed(&mut self, symbols: &BTreeSet<Symbol>, now: Instant) {
        let present: BTreeSet<Symbol> = symbols.iter().take(SUBSCRIBED_MAX).cloned().collect();
        for left in self.subscribed.difference(&present) {
            extend(&mut self.until, left, now + GRACE);
        }
        self.subscribed = present;
    }

    pub(super) fn look_at(&mut self, symbols: &BTreeSet<Symbol>, now: Instant) {
        for symbol in symbols {
            if self.until.len() < LOOKED_AT_MAX || self.until.contains_key(symbol) {
                extend(&mut self.until, symbol, now + LOOK);
            }
        }
    }

    /// Everything wanted now.
    pub(super) fn wanted(&mut self, now: Instant) -> BTreeSet<Symbol> {
        self.until.retain(|_, until| *until > now);
        let steady = self.configured.iter().chain(&self.users).chain(&self.subscribed);
        let wanted: BTreeSet<Symbol> = steady.chain(self.until.keys()).cloned().collect();
        self.followed = wanted.len();
        wanted
    }

    /// Whether somebody's time has run out.
    pub(super) fn has_expired(&self, now: Instant) -> bool {
        self.until.values().any(|until| *until <= now)
    }

    /// How many symbols were wanted last.
    pub(super) fn len(&self) -> usize {
        self.followed
    }
}

fn extend(until: &mut HashMap<Symbol, Instant>, symbol: &Symbol, to: Instant) {
    let at = until.entry(symbol.clone()).or_insert(to);
    *at = (*at).max(to);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbols(texts: &[&str]) -> BTreeSet<Symbol> {
        texts.iter().map(|text| Symbol::parse(text).unwrap()).collect()
    }

    #[tokio::test]
    async fn the_last_subscriber_leaves_a_grace_behind() {
        let (mut demand, now) = (Demand::new(symbols(&["SPY"])), Instant::now());
        demand.set_subscribed(&symbols(&["NVDA"]), now);
        assert_eq!(demand.wanted(now), symbols(&["NVDA", "SPY"]));
        demand.set_subscribed(&symbols(&[]), now);
        assert_eq!(demand.wanted(now), symbols(&["NVDA", "SPY"]));
        assert!(demand.has_expired(now + GRACE));
        assert_eq!(demand.wanted(now + GRACE), symbols(&["SPY"]));
    }

    #[tokio::test]
    async fn a_look_is_kept_live_for_a_while() {
        let (mut demand, now) = (Demand::default(), Instant::now());
        demand.look_at(&symbols(&["AMD"]), now);
        demand.look_at(&symbols(&["AMD"]), now + LOOK / 2);
        assert_eq!(demand.wanted(now + LOOK), symbols(&["AMD"]));
        assert_eq!(demand.wanted(now + LOOK * 2), symbols(&[]));
    }
}
