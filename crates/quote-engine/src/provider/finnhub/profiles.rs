//! Names, exchanges and kinds, asked for once a symbol: every such request is one that no price can use. What kind of
//! thing a symbol is comes from searches, if somebody has searched for it.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use market::{Instrument, Kind, Symbol};

use super::decode::Profile;

/// Symbols whose profile is kept; further ones go without.
const PROFILES_MAX: usize = 5_000;
/// How long a profile that could not be had is left alone.
const AGAIN_AFTER: Duration = Duration::from_secs(3_600);

/// What is known of each symbol.
#[derive(Debug, Default)]
pub(super) struct Profiles {
    known: HashMap<Symbol, State>,
    found: HashMap<Symbol, Kind>,
}

#[derive(Debug)]
enum State {
    /// Its first price has gone out; the next one takes the profile with it.
    Priced,
    /// Not to be had at this time.
    Failed(Instant),
    Known(Profile),
}

impl Profiles {
    /// Whether the profile is to be asked for now. Not with a symbol's first price: all prices come first.
    pub(super) fn wanted(&mut self, symbol: &Symbol, now: Instant) -> bool {
        match self.known.get(symbol) {
            Some(State::Priced) => true,
            Some(State::Failed(at)) => now.saturating_duration_since(*at) >= AGAIN_AFTER,
            Some(State::Known(_)) => false,
            None => {
                if self.known.len() < PROFILES_MAX {
                    self.known.insert(symbol.clone(), State::Priced);
                }
                false
            }
        }
    }

    /// What came of asking.
    pub(super) fn answered(&mut self, symbol: &Symbol, profile: Option<Profile>, now: Instant) {
        self.known.insert(symbol.clone(), profile.map_or(State::Failed(now), State::Known));
    }

    /// What a search found.
    pub(super) fn found(&mut self, instruments: &[Instrument]) {
        for Instrument { symbol, kind, .. } in instruments {
            if self.found.len() < PROFILES_MAX || self.found.contains_key(symbol) {
                self.found.insert(symbol.clone(), *kind);
            }
        }
    }

    /// What is known.
    pub(super) fn of(&self, symbol: &Symbol) -> Profile {
        let profile = match self.known.get(symbol) {
            Some(State::Known(profile)) => profile.clone(),
            _ => Profile::default(),
        };
        Profile { kind: profile.kind.or_else(|| self.found.get(symbol).copied()), ..profile }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asked_with_the_second_price_and_never_again() {
        let (mut profiles, symbol, now) = (Profiles::default(), Symbol::parse("AAPL").unwrap(), Instant::now());
        assert!(!profiles.wanted(&symbol, now));
        assert!(profiles.wanted(&symbol, now));
        profiles.answered(&symbol, None, now);
        assert!(!profiles.wanted(&symbol, now + AGAIN_AFTER / 2));
        assert!(profiles.wanted(&symbol, now + AGAIN_AFTER));
        let profile = Profile { name: Some("Pear Inc".to_owned()), ..Profile::default() };
        profiles.answered(&symbol, Some(profile.clone()), now);
        assert!(!profiles.wanted(&symbol, now + AGAIN_AFTER * 2));
        assert_eq!(profiles.of(&symbol), profile);
    }
}
