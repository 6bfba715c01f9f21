//! Which symbols are worth announcing: those of the users and the configuration, and what subscribers ask for of
//! themselves. What somebody only looked at is not. Pure: `now` is a parameter.

use std::collections::{BTreeMap, BTreeSet};

use market::Symbol;
use tokio::time::Instant;

pub(super) use crate::feed::GRACE;
use crate::store::Accounts;

/// Symbols that have just lost their last subscriber are remembered up to so many; further ones go at once.
const LEAVING_MAX: usize = 10_000;

#[derive(Debug)]
pub(super) struct Wanted {
    configured: BTreeSet<Symbol>,
    users: BTreeSet<Symbol>,
    asked: BTreeSet<Symbol>,
    /// Asked for until lately, and wanted until then.
    leaving: BTreeMap<Symbol, Instant>,
}

impl Wanted {
    pub(super) fn new(configured: BTreeSet<Symbol>) -> Self {
        Self { configured, users: BTreeSet::new(), asked: BTreeSet::new(), leaving: BTreeMap::new() }
    }

    pub(super) fn set_users(&mut self, accounts: &Accounts) {
        self.users = accounts.values().flat_map(|account| account.profile.symbols().cloned()).collect();
    }

    pub(super) fn set_asked(&mut self, asked: &BTreeSet<Symbol>, now: Instant) {
        for left in self.asked.difference(asked) {
            if self.leaving.len() < LEAVING_MAX {
                self.leaving.insert(left.clone(), now + GRACE);
            }
        }
        self.leaving.retain(|symbol, _| !asked.contains(symbol));
        self.asked.clone_from(asked);
    }

    pub(super) fn has(&self, symbol: &Symbol) -> bool {
        self.configured.contains(symbol)
            || self.users.contains(symbol)
            || self.asked.contains(symbol)
            || self.leaving.contains_key(symbol)
    }

    /// All of them, some twice.
    pub(super) fn all(&self) -> impl Iterator<Item = &Symbol> {
        self.configured.iter().chain(&self.users).chain(&self.asked).chain(self.leaving.keys())
    }

    /// Forgets those who left long enough ago; whether there were any.
    pub(super) fn expire(&mut self, now: Instant) -> bool {
        let before = self.leaving.len();
        self.leaving.retain(|_, until| *until > now);
        self.leaving.len() < before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbols(texts: &[&str]) -> BTreeSet<Symbol> {
        texts.iter().map(|text| Symbol::parse(text).unwrap()).collect()
    }

    #[test]
    fn a_subscriber_that_comes_back_in_time_was_never_away() {
        let (mut wanted, now) = (Wanted::new(symbols(&["SPY"])), Instant::now());
        let nvda = Symbol::parse("NVDA").unwrap();
        wanted.set_asked(&symbols(&["NVDA"]), now);
        wanted.set_asked(&symbols(&[]), now);
        assert!(wanted.has(&nvda) && !wanted.expire(now + GRACE / 2));
        wanted.set_asked(&symbols(&["NVDA"]), now + GRACE / 2);
        assert!(!wanted.expire(now + GRACE) && wanted.has(&nvda));
        wanted.set_asked(&symbols(&[]), now + GRACE);
        assert!(wanted.expire(now + GRACE * 2) && !wanted.has(&nvda));
        assert_eq!(wanted.all().count(), 1);
    }
}
