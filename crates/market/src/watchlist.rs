//! A named, ordered set of symbols.

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
        let mut list = Self { name: name.into(), symbols: Vec::new() };
        for symbol in symbols {
            list.follow(symbol);
        }
        list
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
