//! Which provider a symbol comes from: of those that may know it, the preferred one that is well.
//!
//! Providers before that one are asked as well, as far as their pauses allow: so they are found to be well again. At a
//! start nobody is known to be well: everybody is asked at once, and the first answer decides.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use market::{Quote, Symbol, schedule::Tier};

use super::{line::Line, prefer::Orders, source::Source};

/// The lines, in the usual order of preference.
#[derive(Debug)]
pub(super) struct Lines {
    lines: Vec<Line>,
    orders: Orders,
}

/// Part of a symbol's route: which line is asked, and for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    ForPrices(usize),
    ForFigures(usize),
}

impl Lines {
    pub(super) fn new(source: &Source, poll_interval: Duration) -> Self {
        let line = |provider| Line::new(Arc::clone(provider), poll_interval);
        Self {
            lines: source.providers.iter().map(line).collect(),
            orders: Orders::new(&source.providers, &source.preferences),
        }
    }

    pub(super) fn get(&mut self, at: usize) -> Option<&mut Line> {
        self.lines.get_mut(at)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Line> {
        self.lines.iter_mut()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter()
    }

    /// The line whose prices are shown: the preferred one that can speak for the symbol.
    pub(super) fn spokesman(&self, symbol: &Symbol, now: Instant) -> Option<usize> {
        self.in_order(symbol).find(|(_, line)| line.can_speak_for(symbol, now)).map(|(at, _)| at)
    }

    /// The lines in the order in which they are asked for a symbol, each with its place.
    fn in_order(&self, symbol: &Symbol) -> impl Iterator<Item = (usize, &Line)> {
        self.orders.of(symbol).iter().filter_map(|at| Some((*at, self.lines.get(*at)?)))
    }

    /// The places of the lines in which order they are asked about a symbol, or about none in particular; and which of
    /// them the user prefers for it.
    pub(super) fn order_for(&self, symbol: Option<&Symbol>) -> (&[usize], &[usize]) {
        self.orders.about(symbol)
    }

    /// Takes note of what an answer says of its symbols' kinds; says whether that changes whom to ask.
    pub(super) fn learn(&mut self, quotes: &[Quote]) -> bool {
        self.orders.learn(quotes)
    }

    /// How long the provider of that name takes to ask for everything once, at its budget.
    pub(super) fn sweep_of(&self, source: &str) -> Duration {
        self.lines.iter().find(|line| line.name() == source).map(Line::sweep_duration).unwrap_or_default()
    }

    /// Whether it is denied, and nobody is left who might know it.
    pub(super) fn is_unknown(&self, symbol: &Symbol) -> bool {
        let nobody = |line: &Line| !line.may_know(symbol) || line.is_out();
        self.lines.iter().all(nobody)
            && self.lines.iter().any(|line| line.denies(symbol) || !line.provider.covers(symbol))
    }

    /// Deals out what is wanted.
    pub(super) fn deal(&mut self, wanted: &BTreeMap<Symbol, Tier>, now: Instant) {
        let mut shares: Vec<BTreeMap<Symbol, Tier>> = vec![BTreeMap::new(); self.lines.len()];
        let mut figures: Vec<BTreeSet<Symbol>> = vec![BTreeSet::new(); self.lines.len()];
        let mut uncovered = BTreeSet::new();
        for (symbol, tier) in wanted {
            let route = self.route(symbol, now);
            if route.is_empty() {
                uncovered.insert(symbol.clone());
            }
            for asked in route {
                let (Asked::ForPrices(line) | Asked::ForFigures(line)) = asked;
                shares[line].insert(symbol.clone(), *tier);
                if matches!(asked, Asked::ForFigures(_)) {
                    figures[line].insert(symbol.clone());
                }
            }
        }
        self.orders.forget_all_but(wanted);
        for ((line, share), figures) in self.lines.iter_mut().zip(shares).zip(figures) {
            line.forget_all_but(wanted);
            line.set_uncovered(&uncovered);
            line.follow(&share, now);
            line.set_only_figures(figures);
        }
    }

    fn route(&self, symbol: &Symbol, now: Instant) -> Vec<Asked> {
        let mut route = Vec::new();
        let mut spoken_for = false;
        for (at, line) in self.in_order(symbol) {
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
