//! Taking in what a file holds: added to what is there, whole or not at all.

use std::collections::HashSet;

use super::{Import, ImportChoice};
use crate::{EditError, Profile, Symbol, Watchlist, watchlist::WATCHLIST_SYMBOLS_MAX};

impl Profile {
    /// Takes in what was chosen of a file; says whether anything changed.
    pub(crate) fn take_in(&mut self, import: Import, choice: &ImportChoice) -> Result<bool, EditError> {
        let mut next = self.clone();
        for list in import.lists {
            match choice.list.as_ref().or_else(|| next.first_list().filter(|_| list.name.is_empty())) {
                Some(name) => next.add_to_list(Watchlist { name: name.clone(), view: None, ..list })?,
                None => next.add_to_list(list)?,
            }
        }
        for (symbol, note) in import.notes.into_iter().filter(|_| choice.notes) {
            next.set_note(symbol, &note)?;
        }
        for (symbol, lots) in import.holdings.into_iter().filter(|_| choice.holdings) {
            next.set_lots(&symbol, lots)?;
        }
        for alert in import.alerts.into_iter().filter(|_| choice.alerts) {
            next.put_alert(self.with_own_destinations(self.carried_alert(alert)))?;
        }
        if let Some(preferences) = import.preferences.filter(|_| choice.preferences) {
            next.set_preferences(preferences)?;
        }
        let changed = *self != next;
        *self = next;
        Ok(changed)
    }

    /// Where symbols go that nobody names a list for.
    fn first_list(&self) -> Option<&String> {
        self.watchlists.first().map(|list| &list.name)
    }

    /// Puts the symbols of a list behind those that are there, or makes the list.
    fn add_to_list(&mut self, list: Watchlist) -> Result<(), EditError> {
        let Ok(present) = self.watchlist_mut(&list.name) else { return self.put_watchlist(list).map(drop) };
        let there: HashSet<Symbol> = present.symbols.iter().cloned().collect();
        present.symbols.extend(list.symbols.into_iter().filter(|symbol| !there.contains(symbol)));
        if present.symbols.len() > WATCHLIST_SYMBOLS_MAX { Err(EditError::ListFull) } else { Ok(()) }
    }
}
