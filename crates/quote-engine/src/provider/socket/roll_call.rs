//! Notices a vendor that takes more symbols than it tells: it says nothing of those that came last, and nothing about
//! that.
//!
//! Silence alone proves nothing: markets close, and some symbols are hardly traded. Only a whole row of symbols whose
//! markets are open counts, while the others of the same connection are told again and again.

use std::collections::HashSet;

use market::Symbol;

/// So many symbols of open markets, all silent, are no coincidence.
const SILENT_MIN: usize = 10;
/// So often, on average, the symbols of a connection are told before anybody's silence counts.
const ROUNDS: usize = 2;

/// Who has been told since the last symbols were asked for.
#[derive(Debug, Default)]
pub(super) struct RollCall {
    told: HashSet<Symbol>,
    ticks: usize,
}

impl RollCall {
    /// Others are asked for from now on.
    pub(super) fn begin(&mut self, on: &[Symbol]) {
        self.ticks = 0;
        self.told.retain(|symbol| on.contains(symbol));
    }

    pub(super) fn heard(&mut self, symbol: &Symbol) {
        self.ticks += 1;
        if !self.told.contains(symbol) {
            self.told.insert(symbol.clone());
        }
    }

    /// How many of the symbols, in the order in which they were asked for, are told, where the rest is silent.
    pub(super) fn told_of(&self, on: &[Symbol], is_open: impl Fn(&Symbol) -> bool) -> Option<usize> {
        if self.ticks < on.len() * ROUNDS {
            return None;
        }
        let told = on.iter().rposition(|symbol| self.told.contains(symbol))? + 1;
        let silent = on[told..].iter().filter(|symbol| is_open(symbol)).count();
        (silent >= SILENT_MIN).then_some(told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbols(count: usize) -> Vec<Symbol> {
        (0..count).map(|n| Symbol::parse(&format!("S{n}")).unwrap()).collect()
    }

    fn told_of(on: &[Symbol], told: usize, rounds: usize, is_open: bool) -> Option<usize> {
        let mut call = RollCall::default();
        call.begin(on);
        for symbol in (0..rounds).flat_map(|_| &on[..told]) {
            call.heard(symbol);
        }
        call.told_of(on, |_| is_open)
    }

    #[test]
    fn only_a_row_of_silent_ones_among_busy_ones_counts() {
        let on = symbols(95);
        assert_eq!(told_of(&on, 50, 4, true), Some(50));
        assert_eq!(told_of(&on, 50, 4, false), None, "their markets are closed");
        assert_eq!(told_of(&on, 50, 3, true), None, "too early");
        assert_eq!(told_of(&on, 86, 9, true), None, "a few that are hardly traded");
        assert_eq!(told_of(&on, 0, 9, true), None, "nobody is told: that is another matter");
    }
}
