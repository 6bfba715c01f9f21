//! One user's watchlists, alerts and preferences, and every edit a user can make to them.

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Alert, DigestTime, Import, ImportChoice, Language, ListView, Lot, Mute, QuietHours, Split, Symbol, SymbolNote,
    Watchlist,
    alert::{COOLDOWN_MINUTES_MAX, MOVE_MINUTES_MAX},
    holdings, notes,
    quiet::MUTED_MAX,
    watchlist::{WATCHLIST_NAME_MAX, WATCHLIST_SYMBOLS_MAX},
};

/// The list every user starts with.
pub const DEFAULT_LIST: &str = "default";
/// What it starts with, so that a first start shows something at once.
pub const FIRST_SYMBOLS: [&str; 6] = ["AAPL", "MSFT", "NVDA", "^GSPC", "BTC-USD", "EURUSD=X"];
/// Watchlists of one user at the most.
pub const WATCHLISTS_MAX: usize = 100;
/// Alerts of one user at the most.
pub const ALERTS_MAX: usize = 1_000;
/// Days' move, in percent, that is told without being asked for.
pub const DAY_MOVE_PERCENT: f64 = 3.0;

/// A user's name: `[a-z0-9][a-z0-9_-]{0,31}`, so that no name is a wildcard or a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, example = "me", pattern = "^[a-z0-9][a-z0-9_-]{0,31}$"))]
#[serde(try_from = "String", into = "String")]
pub struct UserName(Box<str>);

impl UserName {
    /// Reads a user's name.
    pub fn parse(text: &str) -> Result<Self, EditError> {
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let fits = text.len() <= 32 && text.starts_with(word) && text.chars().all(|c| word(c) || c == '_' || c == '-');
        if fits { Ok(Self(text.into())) } else { Err(EditError::UserName) }
    }

    /// The user of the desktop, and the first of a server.
    pub fn me() -> Self {
        Self("me".into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for UserName {
    type Error = EditError;
    fn try_from(text: String) -> Result<Self, EditError> {
        Self::parse(&text)
    }
}

impl From<UserName> for String {
    fn from(name: UserName) -> Self {
        name.0.into_string()
    }
}

/// What a user chose that is no list and no alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Preferences {
    /// Tells of every followed symbol that moves by [`DAY_MOVE_PERCENT`] on the day, once a day each way.
    pub day_move_alerts: bool,
    /// No alert is delivered before this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub alerts_paused_until: Option<Timestamp>,
    /// Hours of each day in which no alert is delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietHours>,
    /// Symbols whose alerts are not delivered; each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub muted: Vec<Mute>,
    /// When the biggest movers of the day are told; never where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<DigestTime>,
    /// The zone of the user's days and hours (IANA name); the system's where none is chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The symbol whose price stands in the tray; the first of the first list where none is chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinned: Option<Symbol>,
    /// Whether the first-run page has been answered.
    pub welcomed: bool,
    /// Light, dark, or as the system has it.
    pub theme: Theme,
    /// Which colours stand for up and down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub palette: Option<Palette>,
    /// ISO 4217 code of the currency that all holdings are summed up in; each in its own where none is chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The language to speak; the system's, as far as it is spoken, where none is chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// How high a row is.
    pub density: Density,
    /// What stands beside the tray's icon.
    pub tray_text: TrayText,
    /// Seconds for which each symbol stands there, where they take turns.
    pub tray_seconds: u8,
    /// Whether the ticker strip is on the screen.
    pub strip: bool,
    /// Seconds in the tray after which the window's page is given up, to be built again when it is shown; 0: never.
    pub release_after_seconds: u32,
    /// The keys that show and hide the window from anywhere, such as `Ctrl+Alt+Q`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shortcut: Option<String>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            day_move_alerts: true,
            alerts_paused_until: None,
            quiet_hours: None,
            muted: Vec::new(),
            digest: None,
            time_zone: None,
            pinned: None,
            welcomed: false,
            theme: Theme::System,
            palette: None,
            currency: None,
            language: None,
            density: Density::Comfortable,
            tray_text: TrayText::Pinned,
            tray_seconds: 8,
            strip: false,
            release_after_seconds: 300,
            shortcut: None,
        }
    }
}

/// What stands beside the tray's icon, where the desktop shows text there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum TrayText {
    /// The pinned symbol.
    #[default]
    Pinned,
    /// What is followed, one after another; what is closed is left out.
    Rotate,
    /// Nothing.
    Off,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Which colours stand for up and down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Palette {
    /// Green up, red down.
    Western,
    /// Red up, green down.
    Eastasian,
    /// Blue up, orange down.
    Cvd,
}

/// How high a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Density {
    /// Two lines.
    #[default]
    Comfortable,
    /// One line.
    Compact,
}

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
}

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
    /// Carries the lines of a symbol's alerts over a split: those drawn before it, each once.
    CarryOverSplit {
        /// What was split.
        symbol: Symbol,
        /// How, and when.
        split: Split,
        /// When a price in the new shares was first told.
        seen_at: Timestamp,
    },
    /// Replaces the preferences.
    SetPreferences {
        /// The new ones.
        preferences: Preferences,
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
    /// Puts the lists of a first start in place of all, and removes every alert; asks the first questions again. Notes
    /// and holdings stay.
    StartOver,
}

/// What an edit did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edited {
    /// Something is there that was not.
    Created,
    /// Something there is different, or gone.
    Changed,
    /// It was so already.
    Unchanged,
}

/// Why an edit is refused. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Not a user's name.
    #[error("a user name is 1 to 32 of a-z, 0-9, _ and -, beginning with a letter or digit")]
    UserName,
    /// Not a watchlist's name.
    #[error("a watchlist's name has 1 to {WATCHLIST_NAME_MAX} printable characters and no slash")]
    ListName,
    /// There is no such watchlist.
    #[error("there is no watchlist {0:?}")]
    NoList(String),
    /// A watchlist is full.
    #[error("a watchlist holds at most {WATCHLIST_SYMBOLS_MAX} symbols")]
    ListFull,
    /// Too many watchlists.
    #[error("a user has at most {WATCHLISTS_MAX} watchlists")]
    TooManyLists,
    /// The last list stays.
    #[error("the last watchlist cannot be removed")]
    LastList,
    /// Another list has that name.
    #[error("there is a watchlist {0:?} already")]
    ListTaken(String),
    /// The symbol is not on that list.
    #[error("{symbol} is not on the watchlist {list:?}")]
    NotListed {
        /// What is not there.
        symbol: Symbol,
        /// Where not.
        list: String,
    },
    /// An alias or a note that is too long, or holds what no text does.
    #[error(
        "an alias has at most {} characters and a note {}, of one line and of several, and no control characters",
        notes::ALIAS_MAX,
        notes::NOTE_MAX
    )]
    Note,
    /// Too many notes.
    #[error("a user has at most {} aliases and notes", notes::NOTES_MAX)]
    TooManyNotes,
    /// What is held makes no sense.
    #[error("a lot has a quantity above 0, a cost of 0 or more, and a currency of three letters")]
    Lot,
    /// Too many lots.
    #[error("a symbol has at most {} lots, and a user lots of {} symbols", holdings::LOTS_MAX, holdings::HELD_MAX)]
    TooManyLots,
    /// There is no such alert.
    #[error("there is no alert {0:?}")]
    NoAlert(String),
    /// Too many alerts.
    #[error("a user has at most {ALERTS_MAX} alerts")]
    TooManyAlerts,
    /// The value of a condition makes no sense.
    #[error("an alert's value must be a number above 0")]
    AlertValue,
    /// The time of a condition makes no sense.
    #[error("a move is looked for within 1 to {MOVE_MINUTES_MAX} minutes")]
    AlertMinutes,
    /// Quiet for longer than makes sense.
    #[error("an alert stays quiet for at most {COOLDOWN_MINUTES_MAX} minutes")]
    Cooldown,
    /// There is no such entry in the alert log.
    #[error("there is no entry {0:?} in the alert log")]
    NoLogEntry(String),
    /// Not a time of day.
    #[error("a time of day is written 22:00")]
    TimeOfDay,
    /// Quiet hours that never end.
    #[error("quiet hours begin and end at different times")]
    QuietHours,
    /// No such time zone.
    #[error("there is no time zone {0:?}; they are named like Europe/Berlin")]
    TimeZone(String),
    /// Too many symbols are muted.
    #[error("at most {MUTED_MAX} symbols can be muted")]
    TooManyMuted,
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
        }
    }

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
            Edit::CarryOverSplit { symbol, split, seen_at } => changed(self.carry_over(&symbol, &split, seen_at)),
            Edit::SetPreferences { preferences } => changed(self.set_preferences(preferences)?),
            Edit::Mute { symbol, until, now } => changed(self.mute(Mute { symbol, until }, now)?),
            Edit::Unmute { symbol } => changed(self.unmute(&symbol)),
            Edit::StartOver => changed(self.start_over()),
        })
    }

    fn set_preferences(&mut self, mut preferences: Preferences) -> Result<bool, EditError> {
        preferences.check()?;
        let mut seen = HashSet::new();
        preferences.muted.retain(|mute| seen.insert(mute.symbol.clone()));
        let changed = self.preferences != preferences;
        self.preferences = preferences;
        Ok(changed)
    }

    /// Puts a mute in place of the one of its symbol, or at the end.
    fn mute(&mut self, mute: Mute, now: Timestamp) -> Result<bool, EditError> {
        let muted = &mut self.preferences.muted;
        if muted.contains(&mute) {
            return Ok(false);
        }
        muted.retain(|present| present.symbol != mute.symbol && present.holds(now));
        if muted.len() == MUTED_MAX {
            return Err(EditError::TooManyMuted);
        }
        muted.push(mute);
        Ok(true)
    }

    fn unmute(&mut self, symbol: &Symbol) -> bool {
        let before = self.preferences.muted.len();
        self.preferences.muted.retain(|mute| mute.symbol != *symbol);
        self.preferences.muted.len() < before
    }

    /// How the user likes things stays.
    fn start_over(&mut self) -> bool {
        let preferences = Preferences { welcomed: false, pinned: None, ..self.preferences.clone() };
        let (notes, holdings) = (self.notes.clone(), self.holdings.clone());
        let fresh = Self { preferences, notes, holdings, ..Self::new(self.user.clone()) };
        let changed = *self != fresh;
        *self = fresh;
        changed
    }

    fn disable_alert(&mut self, id: &str) -> bool {
        self.alerts.iter_mut().find(|a| a.id == id).is_some_and(|a| std::mem::take(&mut a.enabled))
    }

    fn carry_over(&mut self, symbol: &Symbol, split: &Split, seen_at: Timestamp) -> bool {
        let of_symbol = self.alerts.iter_mut().filter(|alert| alert.symbol == *symbol);
        of_symbol.filter_map(|alert| alert.carry_over(split, seen_at).then_some(())).count() > 0
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

    /// The list of that name.
    pub fn watchlist(&self, name: &str) -> Result<&Watchlist, EditError> {
        self.watchlists.iter().find(|l| l.name == name).ok_or_else(|| EditError::NoList(name.into()))
    }

    /// Puts a whole list in place of the one of its name, or at the end; says whether it is new. A list that says not
    /// how it is looked at is looked at as before.
    pub(crate) fn put_watchlist(&mut self, list: Watchlist) -> Result<bool, EditError> {
        check_list_name(&list.name)?;
        let mut list = Watchlist::new(list.name, list.symbols).with_view(list.view);
        if list.symbols.len() > WATCHLIST_SYMBOLS_MAX {
            return Err(EditError::ListFull);
        }
        if let Some(present) = self.watchlists.iter_mut().find(|l| l.name == list.name) {
            list.view = list.view.or_else(|| present.view.take());
            *present = list;
            return Ok(false);
        }
        if self.watchlists.len() == WATCHLISTS_MAX {
            return Err(EditError::TooManyLists);
        }
        self.watchlists.push(list);
        Ok(true)
    }

    /// Removes a list. The last one stays.
    fn remove_watchlist(&mut self, name: &str) -> Result<(), EditError> {
        self.watchlist(name)?;
        if self.watchlists.len() == 1 {
            return Err(EditError::LastList);
        }
        self.watchlists.retain(|l| l.name != name);
        Ok(())
    }

    /// Follows a symbol on a list; says whether it is new there.
    fn follow(&mut self, list: &str, symbol: Symbol) -> Result<bool, EditError> {
        let list = self.watchlist_mut(list)?;
        if list.symbols.len() == WATCHLIST_SYMBOLS_MAX && !list.symbols.contains(&symbol) {
            return Err(EditError::ListFull);
        }
        Ok(list.follow(symbol))
    }

    /// Takes a symbol off a list; says whether it was there.
    fn unfollow(&mut self, list: &str, symbol: &Symbol) -> Result<bool, EditError> {
        Ok(self.watchlist_mut(list)?.unfollow(symbol))
    }

    /// The alert of that id.
    pub fn alert(&self, id: &str) -> Result<&Alert, EditError> {
        self.alerts.iter().find(|a| a.id == id).ok_or_else(|| EditError::NoAlert(id.into()))
    }

    /// Puts an alert in place of the one of its id, or at the end; says whether it is new.
    pub(crate) fn put_alert(&mut self, alert: Alert) -> Result<bool, EditError> {
        if !alert.condition.is_sound() {
            return Err(EditError::AlertValue);
        }
        if !alert.condition.is_timely() {
            return Err(EditError::AlertMinutes);
        }
        if alert.cooldown_minutes.is_some_and(|minutes| minutes > COOLDOWN_MINUTES_MAX) {
            return Err(EditError::Cooldown);
        }
        if let Some(present) = self.alerts.iter_mut().find(|a| a.id == alert.id) {
            *present = alert;
            return Ok(false);
        }
        if self.alerts.len() == ALERTS_MAX {
            return Err(EditError::TooManyAlerts);
        }
        self.alerts.push(alert);
        Ok(true)
    }

    /// Removes an alert.
    fn remove_alert(&mut self, id: &str) -> Result<(), EditError> {
        self.alert(id)?;
        self.alerts.retain(|a| a.id != id);
        Ok(())
    }

    pub(crate) fn watchlist_mut(&mut self, name: &str) -> Result<&mut Watchlist, EditError> {
        self.watchlists.iter_mut().find(|l| l.name == name).ok_or_else(|| EditError::NoList(name.into()))
    }
}

/// Whether a list can be called that.
pub(crate) fn check_list_name(name: &str) -> Result<(), EditError> {
    let length = name.chars().count();
    let fits = (1..=WATCHLIST_NAME_MAX).contains(&length)
        && name.trim() == name
        && !name.chars().any(|c| c.is_control() || c == '/');
    if fits { Ok(()) } else { Err(EditError::ListName) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Condition, MoveWithin, Price, price::tests::price};

    fn symbol(text: &str) -> Symbol {
        Symbol::parse(text).unwrap()
    }

    #[test]
    fn a_new_user_sees_something_at_once() {
        let profile = Profile::new(UserName::me());
        assert_eq!(profile.watchlist(DEFAULT_LIST).unwrap().symbols.len(), FIRST_SYMBOLS.len());
    }

    #[test]
    fn user_names_are_neither_wildcards_nor_paths() {
        for bad in ["", "+", "#", "a/b", "Me", "-a", "é", &"a".repeat(33)] {
            assert_eq!(UserName::parse(bad), Err(EditError::UserName), "{bad}");
        }
        assert!(UserName::parse("kitchen_display-2").is_ok());
    }

    #[test]
    fn following_twice_is_following_once() {
        let mut profile = Profile::new(UserName::me());
        assert_eq!(profile.follow(DEFAULT_LIST, symbol("TSLA")), Ok(true));
        assert_eq!(profile.follow(DEFAULT_LIST, symbol("tsla")), Ok(false));
        assert_eq!(profile.unfollow(DEFAULT_LIST, &symbol("TSLA")), Ok(true));
        assert_eq!(profile.unfollow(DEFAULT_LIST, &symbol("TSLA")), Ok(false));
        assert_eq!(profile.follow("none", symbol("TSLA")), Err(EditError::NoList("none".into())));
    }

    #[test]
    fn the_last_list_stays() {
        let mut profile = Profile::new(UserName::me());
        assert_eq!(profile.remove_watchlist(DEFAULT_LIST), Err(EditError::LastList));
        assert_eq!(profile.put_watchlist(Watchlist::new("Europe", [])), Ok(true));
        assert_eq!(profile.remove_watchlist(DEFAULT_LIST), Ok(()));
        assert_eq!(profile.put_watchlist(Watchlist::new("a/b", [])), Err(EditError::ListName));
    }

    #[test]
    fn who_starts_over_has_the_first_lists_no_alert_and_the_same_colours() {
        let mut profile = Profile::new(UserName::me());
        let preferences =
            Preferences { welcomed: true, theme: Theme::Dark, density: Density::Compact, ..Preferences::default() };
        profile.apply(Edit::SetPreferences { preferences }).unwrap();
        profile.apply(Edit::PutWatchlist { list: Watchlist::new("Europe", [symbol("VOD.L")]) }).unwrap();
        assert_eq!(profile.apply(Edit::StartOver), Ok(Edited::Changed));
        let fresh = Profile::new(UserName::me());
        assert_eq!((&profile.watchlists, &profile.alerts), (&fresh.watchlists, &fresh.alerts));
        let Preferences { welcomed, theme, density, .. } = profile.preferences;
        assert_eq!((welcomed, theme, density), (false, Theme::Dark, Density::Compact));
        assert_eq!(profile.apply(Edit::StartOver), Ok(Edited::Unchanged));
    }

    #[test]
    fn an_alert_must_make_sense() {
        let mut profile = Profile::new(UserName::me());
        let mut alert = Alert {
            id: "1".into(),
            symbol: symbol("AAPL"),
            condition: Condition::DayMove(f64::NAN),
            repeat: false,
            extended_hours: false,
            enabled: true,
            drawn_at: None,
            carried_to: None,
            cooldown_minutes: None,
            created_at: None,
        };
        assert_eq!(profile.put_alert(alert.clone()), Err(EditError::AlertValue));
        alert.condition = Condition::Above(Price::ZERO);
        assert_eq!(profile.put_alert(alert.clone()), Err(EditError::AlertValue));
        for (minutes, refused) in [(0, true), (1, false), (1_440, false), (1_441, true)] {
            alert.condition = Condition::MoveWithin(MoveWithin { percent: 3.0, minutes });
            assert_eq!(profile.put_alert(alert.clone()) == Err(EditError::AlertMinutes), refused, "{minutes}");
        }
        alert.cooldown_minutes = Some(10_081);
        alert.condition = Condition::Above(price(250.0));
        assert_eq!(profile.put_alert(alert.clone()), Err(EditError::Cooldown));
        alert.cooldown_minutes = Some(10_080);
        assert_eq!(profile.put_alert(alert), Ok(false));
        assert_eq!(profile.remove_alert("2"), Err(EditError::NoAlert("2".into())));
    }

    #[test]
    fn a_line_is_carried_over_a_split_once_and_only_if_it_was_drawn_before() {
        let opening: Timestamp = "2026-11-23T14:30:00Z".parse().unwrap();
        let hours = |hours| opening + jiff::SignedDuration::from_hours(hours);
        let mut profile = Profile::new(UserName::me());
        let since = [None, Some(hours(-24)), Some(hours(-1)), Some(hours(1))];
        for (id, drawn_at) in since.into_iter().enumerate() {
            let condition = Condition::Above(price(400.0));
            let alert: Alert = serde_json::from_value(serde_json::json!({
                "id": id.to_string(), "symbol": "AAPL", "condition": condition, "repeat": false,
                "extended_hours": false, "enabled": id > 0, "drawn_at": drawn_at,
            }))
            .unwrap();
            profile.put_alert(alert).unwrap();
        }
        let split = Split::new(4.0, 1.0, opening).unwrap();
        let edit = |symbol_text: &str, seen_at| Edit::CarryOverSplit { symbol: symbol(symbol_text), split, seen_at };
        assert_eq!(profile.apply(edit("MSFT", hours(-2))), Ok(Edited::Unchanged));
        assert_eq!(profile.apply(edit("AAPL", hours(-2))), Ok(Edited::Changed));
        let lines = |profile: &Profile| profile.alerts.iter().map(|alert| alert.condition).collect::<Vec<_>>();
        let [old, new] = [400.0, 100.0].map(|line| Condition::Above(price(line)));
        let expected = [new, new, old, old];
        assert_eq!(lines(&profile), expected, "before the day, whether armed or not; not what was drawn since");
        assert_eq!(profile.apply(edit("AAPL", hours(-2))), Ok(Edited::Unchanged), "once");
        // Over a restart it is the same split.
        let mut again: Profile = serde_json::from_str(&serde_json::to_string(&profile).unwrap()).unwrap();
        assert_eq!(again.apply(edit("AAPL", hours(-2))), Ok(Edited::Unchanged));
        assert_eq!(lines(&again), expected);
    }
}
