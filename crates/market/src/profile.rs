//! One user's watchlists, alerts and preferences, and every edit a user can make to them.

mod alerts;
mod edit;
mod edit_error;
mod lists;
mod preferences;
mod user_name;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Alert, Destination, Lot, SeenSplit, Symbol, SymbolNote, Watchlist};

pub use edit::{Edit, Edited};
pub use edit_error::EditError;
pub(crate) use lists::check_list_name;
pub use preferences::{DAY_MOVE_PERCENT, Density, Palette, Preferences, RELEASE_SECONDS_MAX, Theme, TrayText};
pub use user_name::UserName;

/// The list every user starts with.
pub const DEFAULT_LIST: &str = "default";
/// What it starts with, so that a first start shows something at once.
pub const FIRST_SYMBOLS: [&str; 6] = ["AAPL", "MSFT", "NVDA", "^GSPC", "BTC-USD", "EURUSD=X"];
/// Watchlists of one user at the most.
pub const WATCHLISTS_MAX: usize = 100;
/// Alerts of one user at the most.
pub const ALERTS_MAX: usize = 1_000;

/// Everything one user has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Profile {
    /// Whose.
    pub user: UserName,
    /// In the user's order; never empty.
    pub watchlists: Vec<Watchlist>,
    /// In the order they were made.
    pub alerts: Vec<Alert>,
    /// The rest.
    #[serde(default)]
    pub preferences: Preferences,
    /// What the user calls symbols and has written about them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub notes: BTreeMap<Symbol, SymbolNote>,
    /// What the user holds, in the order it was bought.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub holdings: BTreeMap<Symbol, Vec<Lot>>,
    /// Where alerts go beside the notification and the topic, in the order they were made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub destinations: Vec<Destination>,
    /// Splits that all this has been carried over, in the order they were seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "specta", specta(skip))]
    pub splits: Vec<SeenSplit>,
}

impl Profile {
    /// A new user's profile.
    pub fn new(user: UserName) -> Self {
        let first = FIRST_SYMBOLS.iter().filter_map(|s| Symbol::parse(s).ok());
        Self {
            user,
            watchlists: vec![Watchlist::new(DEFAULT_LIST, first)],
            alerts: Vec::new(),
            preferences: Preferences::default(),
            notes: BTreeMap::new(),
            holdings: BTreeMap::new(),
            destinations: Vec::new(),
            splits: Vec::new(),
        }
    }

    /// Every symbol this user needs quotes of: on a list, held, or with an armed alert.
    pub fn symbols(&self) -> impl Iterator<Item = &Symbol> {
        let listed = self.watchlists.iter().flat_map(|l| &l.symbols).chain(self.holdings.keys());
        listed.chain(self.alerts.iter().filter(|a| a.enabled).map(|a| &a.symbol))
    }

    /// Whether the symbol stands on a list.
    pub fn follows(&self, symbol: &Symbol) -> bool {
        self.watchlists.iter().any(|l| l.symbols.contains(symbol))
    }

    /// Puts a whole state in place of this one, in the shares of now; whose it is stays.
    fn restore(&mut self, state: Self) -> bool {
        let state = self.carried_on(Self { user: self.user.clone(), ..state });
        let changed = *self != state;
        *self = state;
        changed
    }

    /// How the user likes things stays.
    fn start_over(&mut self) -> bool {
        let preferences = Preferences { welcomed: false, pinned: None, ..self.preferences.clone() };
        let (notes, holdings, splits) = (self.notes.clone(), self.holdings.clone(), self.splits.clone());
        let destinations = self.destinations.clone();
        let fresh = Self { preferences, notes, holdings, destinations, splits, ..Self::new(self.user.clone()) };
        let changed = *self != fresh;
        *self = fresh;
        changed
    }
}

#[cfg(test)]
mod tests;
