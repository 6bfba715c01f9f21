//! A named, ordered set of symbols.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::Symbol;

/// Symbols in one watchlist at the most.
pub const WATCHLIST_SYMBOLS_MAX: usize = 10_000;
/// Characters in a watchlist's name at the most.
pub const WATCHLIST_NAME_MAX: usize = 64;

/// A named, ordered set of symbols.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Watchlist {
    /// What the user calls it; unique among the user's lists.
    pub name: String,
    /// In the user's order, each once.
    pub symbols: Vec<Symbol>,
}

/// All watchlists of a user, as published on `user/<user>/watchlists`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Watchlists {
    /// In the user's order.
    pub watchlists: Vec<Watchlist>,
}

impl Watchlist {
    /// A list with these symbols, duplicates left out.
    pub fn new(name: impl Into<String>, symbols: impl IntoIterator<Item = Symbol>) -> Self {
        let mut seen = HashSet::new();
        let symbols = symbols.into_iter().filter(|symbol| seen.insert(symbol.clone())).collect();
        Self { name: name.into(), symbols }
    }

    /// Appends a symbol; `false` where it was there already.
    pub fn follow(&mut self, symbol: Symbol) -> bool {
        let new = !self.symbols.contains(&symbol);
        if new {
            self.symbols.push(symbol);
        }
        new
    }

    /// Removes a symbol; `false` where it was not there.
    pub fn unfollow(&mut self, symbol: &Symbol) -> bool {
        let before = self.symbols.len();
        self.symbols.retain(|s| s != symbol);
        self.symbols.len() < before
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_new_list_is_what_following_one_by_one_makes(texts in prop::collection::vec("[A-D]{1,2}", 0..40)) {
            let symbols: Vec<Symbol> = texts.iter().map(|text| Symbol::parse(text).unwrap()).collect();
            let mut followed = Watchlist { name: "x".into(), symbols: Vec::new() };
            for symbol in &symbols {
                followed.follow(symbol.clone());
            }
            prop_assert_eq!(Watchlist::new("x", symbols), followed);
        }
    }
}
