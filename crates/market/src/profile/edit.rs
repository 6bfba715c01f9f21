//! Every edit a user can make, as it is said: on every wire the same.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{EditError, Preferences, Profile};
use crate::{
    Alert, Destination, Import, ImportChoice, ListView, Lot, Mute, PreferencesChange, SeenSplit, Symbol, SymbolNote,
    Watchlist,
};

/// One change to a profile. The same on every wire, so that there is one way to make it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "edit", rename_all = "snake_case")]
pub enum Edit {
    /// Puts a whole list in place of the one of its name, or at the end.
    PutWatchlist {
        /// The list.
        list: Watchlist,
    },
    /// Removes a list.
    RemoveWatchlist {
        /// Its name.
        name: String,
    },
    /// Follows a symbol on a list.
    Follow {
        /// The list's name.
        list: String,
        /// What to follow.
        symbol: Symbol,
    },
    /// Takes a symbol off a list.
    Unfollow {
        /// The list's name.
        list: String,
        /// What to follow no more.
        symbol: Symbol,
    },
    /// Gives a list another name; it keeps its place.
    RenameWatchlist {
        /// Its name.
        from: String,
        /// Its new name.
        to: String,
    },
    /// Puts a list in another place among the lists.
    MoveWatchlist {
        /// Its name.
        name: String,
        /// Its new place, from 0; the last where there are fewer.
        to: usize,
    },
    /// Takes a symbol off one list and follows it on another.
    MoveSymbol {
        /// The list it is on.
        from: String,
        /// The list it is to be on.
        to: String,
        /// What is moved.
        symbol: Symbol,
        /// Its place there, from 0; the end where none is said.
        at: Option<usize>,
    },
    /// Says how a list is looked at.
    SetView {
        /// The list's name.
        name: String,
        /// How.
        view: ListView,
    },
    /// Names a symbol or writes about it; an empty note takes away the one there is.
    SetNote {
        /// What it is about.
        symbol: Symbol,
        /// The alias and the text.
        note: SymbolNote,
    },
    /// Says what is held of a symbol; none takes it away.
    SetLots {
        /// Of what.
        symbol: Symbol,
        /// What is held, in the order it was bought.
        lots: Vec<Lot>,
    },
    /// Takes in what a file holds.
    Import {
        /// What was read.
        import: Box<Import>,
        /// What of it, and where to.
        choice: ImportChoice,
    },
    /// Puts a whole state in place of the present one; whose it is stays.
    Restore {
        /// The state.
        profile: Box<Profile>,
    },
    /// Puts an alert in place of the one of its id, or at the end.
    PutAlert {
        /// The alert.
        alert: Alert,
    },
    /// Removes an alert.
    RemoveAlert {
        /// Its id.
        id: String,
    },
    /// Disables an alert that has fired and was to fire once; no error where it is gone.
    DisableAlert {
        /// Its id.
        id: String,
    },
    /// Puts a destination in place of the one of its id, or at the end.
    PutDestination {
        /// The destination.
        destination: Destination,
    },
    /// Removes a destination; alerts that name it name it no more.
    RemoveDestination {
        /// Its id.
        id: String,
    },
    /// Carries a symbol's alerts and lots over a split: lines drawn before it, what was bought before its day, each once.
    CarryOverSplit {
        /// What was split, how, and when.
        seen: SeenSplit,
    },
    /// Replaces the preferences.
    SetPreferences {
        /// The new ones.
        preferences: Preferences,
    },
    /// Changes what is named of the preferences, and nothing else.
    ChangePreferences {
        /// What is named.
        change: PreferencesChange,
    },
    /// Delivers no alerts for a symbol.
    Mute {
        /// Whose alerts.
        symbol: Symbol,
        /// Until when; for ever where it is left out.
        until: Option<Timestamp>,
        /// When this is asked: what was muted until then is forgotten.
        now: Timestamp,
    },
    /// Delivers a symbol's alerts again.
    Unmute {
        /// Whose.
        symbol: Symbol,
    },
    /// Puts the lists of a first start in place of all, and removes every alert; asks the first questions again. Notes,
    /// holdings and destinations stay.
    StartOver,
}

/// What an edit did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edited {
    /// Something is there that was not.
    Created,
    /// Something there is different, or gone.
    Changed,
    /// It was so already.
    Unchanged,
}

impl Edit {
    /// Whether it may take away so much that the state before it is to be kept.
    pub fn is_drastic(&self) -> bool {
        matches!(self, Self::RemoveWatchlist { .. } | Self::Import { .. } | Self::Restore { .. } | Self::StartOver)
    }
}

impl Profile {
    /// Makes one change, or says why not.
    pub fn apply(&mut self, edit: Edit) -> Result<Edited, EditError> {
        let created = |new| if new { Edited::Created } else { Edited::Changed };
        let changed = |any| if any { Edited::Changed } else { Edited::Unchanged };
        Ok(match edit {
            Edit::PutWatchlist { list } => created(self.put_watchlist(list)?),
            Edit::RemoveWatchlist { name } => self.remove_watchlist(&name).map(|()| Edited::Changed)?,
            Edit::Follow { list, symbol } => {
                if self.follow(&list, symbol)? {
                    Edited::Created
                } else {
                    Edited::Unchanged
                }
            }
            Edit::Unfollow { list, symbol } => changed(self.unfollow(&list, &symbol)?),
            Edit::RenameWatchlist { from, to } => changed(self.rename_watchlist(&from, to)?),
            Edit::MoveWatchlist { name, to } => changed(self.move_watchlist(&name, to)?),
            Edit::MoveSymbol { from, to, symbol, at } => changed(self.move_symbol(&from, &to, &symbol, at)?),
            Edit::SetView { name, view } => changed(self.set_view(&name, view)?),
            Edit::SetNote { symbol, note } => changed(self.set_note(symbol, &note)?),
            Edit::SetLots { symbol, lots } => changed(self.set_lots(&symbol, lots)?),
            Edit::Import { import, choice } => changed(self.take_in(*import, &choice)?),
            Edit::Restore { profile } => changed(self.restore(*profile)),
            Edit::PutAlert { alert } => created(self.put_alert(alert)?),
            Edit::RemoveAlert { id } => self.remove_alert(&id).map(|()| Edited::Changed)?,
            Edit::DisableAlert { id } => changed(self.disable_alert(&id)),
            Edit::PutDestination { destination } => {
                self.put_destination(destination)?.map_or(Edited::Unchanged, created)
            }
            Edit::RemoveDestination { id } => self.remove_destination(&id).map(|()| Edited::Changed)?,
            Edit::CarryOverSplit { seen } => changed(self.carry_over(&seen)),
            Edit::SetPreferences { preferences } => changed(self.set_preferences(preferences)?),
            Edit::ChangePreferences { change } => changed(self.change_preferences(&change)?),
            Edit::Mute { symbol, until, now } => changed(self.mute(Mute { symbol, until }, now)?),
            Edit::Unmute { symbol } => changed(self.unmute(&symbol)),
            Edit::StartOver => changed(self.start_over()),
        })
    }
}
