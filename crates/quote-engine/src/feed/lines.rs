//! Which provider a symbol comes from: of those that may know it, the preferred one that is well.
//!
//! Providers before that one are asked as well, as far as their pauses allow: so they are found to be well again. At a
//! start nobody is known to be well: everybody is asked at once, and the first answer decides.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use market::{Symbol, schedule::Tier};

use super::line::Line;
use crate::provider::Provider;

/// The lines, the preferred one first.
#[derive(Debug)]
pub(super) struct Lines(Vec<Line>);

/// Part of a symbol's route: which line is asked, and for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    ForPrices(usize),
    ForFigures(usize),
}

impl Lines {
    pub(super) fn new(providers: &[Arc<dyn Provider>], poll_interval: Duration) -> Self {
        Self(providers.iter().map(|provider| Line::new(Arc::clone(provider), poll_interval)).collect())
    }

    pub(super) fn get(&mut self, at: usize) -> Option<&mut Line> {
        self.0.get_mut(at)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Line> {
        self.0.iter_mut()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Line> {
        self.0.iter()
    }

    /// The line whose prices are shown: the preferred one that can speak for the symbol.
    pub(super) fn spokesman(&self, symbol: &Symbol, now: Instant) -> Option<usize> {
        self.0.iter().position(|line| line.can_speak_for(symbol, now))
    }

    /// How long the provider of that name takes to ask for everything once, at its budget.
    pub(super) fn sweep_of(&self, source: &str) -> Duration {
        self.0.iter().find(|line| line.name() == source).map(Line::sweep_duration).unwrap_or_default()
    }

    /// Whether it is denied, and nobody is left who might know it.
    pub(super) fn is_unknown(&self, symbol: &Symbol) -> bool {
        let nobody = |line: &Line| !line.may_know(symbol) || line.is_out();
        self.0.iter().all(nobody) && self.0.iter().any(|line| line.denies(symbol) || !line.provider.covers(symbol))
    }

    /// Deals out what is wanted.
    pub(super) fn deal(&mut self, wanted: &BTreeMap<Symbol, Tier>, now: Instant) {
        let mut shares: Vec<BTreeMap<Symbol, Tier>> = vec![BTreeMap::new(); self.0.len()];
        let mut figures: Vec<BTreeSet<Symbol>> = vec![BTreeSet::new(); self.0.len()];
        for (symbol, tier) in wanted {
            for asked in self.route(symbol, now) {
                let (Asked::ForPrices(line) | Asked::ForFigures(line)) = asked;
                shares[line].insert(symbol.clone(), *tier);
                if matches!(asked, Asked::ForFigures(_)) {
                    figures[line].insert(symbol.clone());
                }
            }
        }
        for ((line, share), figures) in self.0.iter_mut().zip(shares).zip(figures) {
            line.forget_all_but(wanted);
            line.follow(&share, now);
            line.set_only_figures(figures);
        }
    }

    fn route(&self, symbol: &Symbol, now: Instant) -> Vec<Asked> {
        let mut route = Vec::new();
        let mut spoken_for = false;
        for (at, line) in self.0.iter().enumerate() {
            if !line.provider.covers(symbol) {
                continue;
            }
            if spoken_for {
                if line.can.figures && line.may_know(symbol) {
                    route.push(Asked::ForFigures(at));
                    break;
                }
                continue;
            }
            // Who does not know it is asked again too, seldom: its own schedule says when.
            route.push(Asked::ForPrices(at));
            if line.can_speak_for(symbol, now) {
                if line.can.figures {
                    break;
                }
                spoken_for = true;
            }
        }
        route
    }
}
