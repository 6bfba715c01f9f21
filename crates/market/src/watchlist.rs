//! A named, ordered set of symbols, and how it is looked at.

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
    /// How it is looked at; as any list is where nobody has said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<ListView>,
}

/// How a list is looked at: order, columns, groups.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct ListView {
    /// In which order.
    pub sort: ListSort,
    /// The other way round.
    pub reverse: bool,
    /// What stands beside each symbol, each once; the usual where there is none.
    #[cfg_attr(feature = "openapi", schema(max_items = 16))]
    pub columns: Vec<Column>,
    /// What its rows are grouped by.
    pub group_by: GroupBy,
}

/// In which order a list is looked at. Its own order stays as the user made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ListSort {
    /// The user's own.
    #[default]
    Manual,
    /// By symbol.
    Symbol,
    /// By name.
    Name,
    /// By the move on the day, in percent.
    Change,
    /// By price.
    Price,
    /// By market capitalisation.
    Cap,
    /// By volume.
    Volume,
}

/// What can stand beside a symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// The small chart of the day.
    Spark,
    /// The price.
    Price,
    /// The move on the day.
    Change,
    /// The same in percent.
    ChangePercent,
    /// The price outside of regular trading.
    Extended,
    /// Pieces traded.
    Volume,
    /// Market capitalisation.
    MarketCap,
    /// Lowest and highest of the day.
    DayRange,
    /// Lowest and highest of 52 weeks.
    YearRange,
    /// Price/earnings ratio.
    PeRatio,
    /// Dividend yield.
    DividendYield,
}

/// What the rows of a list are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GroupBy {
    /// Nothing.
    #[default]
    None,
    /// What kind of thing they are.
    Kind,
    /// The currency of their prices.
    Currency,
}

impl ListView {
    /// The same with each column once.
    pub(crate) fn tidy(mut self) -> Self {
        let mut seen = HashSet::new();
        self.columns.retain(|column| seen.insert(*column));
        self
    }
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
        Self { name: name.into(), symbols, view: None }
    }

    /// The same list, looked at like this.
    #[must_use]
    pub fn with_view(self, view: Option<ListView>) -> Self {
        Self { view: view.map(ListView::tidy), ..self }
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
            let mut followed = Watchlist { name: "x".into(), symbols: Vec::new(), view: None };
            for symbol in &symbols {
                followed.follow(symbol.clone());
            }
            prop_assert_eq!(Watchlist::new("x", symbols), followed);
        }
    }
}
