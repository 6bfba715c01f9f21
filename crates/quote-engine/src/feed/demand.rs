//! Who wants which symbols: users, subscribers of the broker, the configuration, and whoever has just looked.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use market::{Symbol, schedule::Tier};
use tokio::time::Instant;

use crate::store::Accounts;

/// How long a symbol is still fetched after its last subscriber left.
pub(crate) const GRACE: Duration = Duration::from_secs(30);
/// How long a symbol that somebody looked at is kept live.
const LOOK: Duration = Duration::from_secs(60);
/// Symbols followed by subscribing at the most; users' lists are not bound by it.
const SUBSCRIBED_MAX: usize = 10_000;
/// Symbols that are still fetched although their followers left, at the most.
const LEFT_MAX: usize = 20_000;
/// Symbols looked at at once at the most.
const LOOKED_AT_MAX: usize = 2_000;

#[derive(Debug, Default)]
pub(super) struct Demand {
    configured: BTreeSet<Symbol>,
    users: BTreeSet<Symbol>,
    /// Of the users' symbols those that an alert waits for.
    alerted: BTreeSet<Symbol>,
    subscribed: BTreeSet<Symbol>,
    /// Wanted until then by subscribers that left.
    left_until: HashMap<Symbol, Instant>,
    /// On somebody's screen until then.
    looked_at_until: HashMap<Symbol, Instant>,
}

impl Demand {
    pub(super) fn new(configured: BTreeSet<Symbol>) -> Self {
        Self { configured, ..Self::default() }
    }

    pub(super) fn set_users(&mut self, accounts: &Accounts) {
        let profiles = || accounts.values().map(|account| &account.profile);
        self.users = profiles().flat_map(|profile| profile.symbols().cloned()).collect();
        let armed = profiles().flat_map(|profile| profile.alerts.iter().filter(|alert| alert.enabled));
        self.alerted = armed.map(|alert| alert.symbol.clone()).collect();
    }

    pub(super) fn set_subscribed(&mut self, symbols: &BTreeSet<Symbol>, now: Instant) {
        let present: BTreeSet<Symbol> = symbols.iter().take(SUBSCRIBED_MAX).cloned().collect();
        for left in self.subscribed.difference(&present) {
            extend(&mut self.left_until, left, now + GRACE);
        }
        self.subscribed = present;
    }

    /// Somebody elsewhere wanted these a moment ago.
    pub(super) fn left<'a>(&mut self, symbols: impl Iterator<Item = &'a Symbol>, now: Instant) {
        let room = LEFT_MAX.saturating_sub(self.left_until.len());
        symbols.take(room).for_each(|symbol| extend(&mut self.left_until, symbol, now + GRACE));
    }

    /// Somebody sees these symbols now. Says whether that is news.
    pub(super) fn look_at(&mut self, symbols: &BTreeSet<Symbol>, now: Instant) -> bool {
        let mut news = false;
        for symbol in symbols {
            let known = self.looked_at_until.contains_key(symbol);
            if known || self.looked_at_until.len() < LOOKED_AT_MAX {
                extend(&mut self.looked_at_until, symbol, now + LOOK);
                news |= !known;
            }
        }
        news
    }

    /// Everything wanted now, and how much it matters.
    pub(super) fn wanted(&mut self, now: Instant) -> BTreeMap<Symbol, Tier> {
        self.left_until.retain(|_, until| *until > now);
        self.looked_at_until.retain(|_, until| *until > now);
        let steady = self.configured.iter().chain(&self.users).chain(self.left_until.keys());
        let mut wanted: BTreeMap<Symbol, Tier> = steady.map(|symbol| (symbol.clone(), Tier::Background)).collect();
        wanted.extend(self.alerted.iter().chain(&self.subscribed).map(|symbol| (symbol.clone(), Tier::Alerted)));
        wanted.extend(self.looked_at_until.keys().map(|symbol| (symbol.clone(), Tier::Visible)));
        wanted
    }

    /// Whether somebody's time has run out.
    pub(super) fn has_expired(&self, now: Instant) -> bool {
        self.left_until.values().chain(self.looked_at_until.values()).any(|until| *until <= now)
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

    fn tiers(wanted: &[(&str, Tier)]) -> BTreeMap<Symbol, Tier> {
        wanted.iter().map(|(text, tier)| (Symbol::parse(text).unwrap(), *tier)).collect()
    }

    #[tokio::test]
    async fn the_last_subscriber_leaves_a_grace_behind() {
        let (mut demand, now) = (Demand::new(symbols(&["SPY"])), Instant::now());
        demand.set_subscribed(&symbols(&["NVDA"]), now);
        assert_eq!(demand.wanted(now), tiers(&[("NVDA", Tier::Alerted), ("SPY", Tier::Background)]));
        demand.set_subscribed(&symbols(&[]), now);
        assert_eq!(demand.wanted(now), tiers(&[("NVDA", Tier::Background), ("SPY", Tier::Background)]));
        assert!(demand.has_expired(now + GRACE));
        assert_eq!(demand.wanted(now + GRACE), tiers(&[("SPY", Tier::Background)]));
    }

    #[tokio::test]
    async fn what_is_looked_at_comes_first_for_a_while() {
        let (mut demand, now) = (Demand::new(symbols(&["SPY"])), Instant::now());
        assert!(demand.look_at(&symbols(&["AMD", "SPY"]), now));
        assert!(!demand.look_at(&symbols(&["AMD"]), now + LOOK / 2), "it is looked at already");
        let expected = tiers(&[("AMD", Tier::Visible), ("SPY", Tier::Visible)]);
        assert_eq!(demand.wanted(now + LOOK / 2), expected);
        assert_eq!(demand.wanted(now + LOOK), tiers(&[("AMD", Tier::Visible), ("SPY", Tier::Background)]));
        assert_eq!(demand.wanted(now + LOOK * 2), tiers(&[("SPY", Tier::Background)]));
    }
}
