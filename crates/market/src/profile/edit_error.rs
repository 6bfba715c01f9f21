//! Why an edit is refused, in words for whoever made it.

use serde::{Deserialize, Serialize};

use super::{ALERTS_MAX, RELEASE_SECONDS_MAX, WATCHLISTS_MAX};
use crate::{
    Symbol,
    alert::{COOLDOWN_MINUTES_MAX, MOVE_MINUTES_MAX},
    destination::DESTINATIONS_MAX,
    holdings, notes,
    quiet::MUTED_MAX,
    watchlist::{WATCHLIST_NAME_MAX, WATCHLIST_SYMBOLS_MAX},
};

/// Why an edit is refused. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// There is no such destination.
    #[error("there is no destination {0:?}")]
    NoDestination(String),
    /// Too many destinations.
    #[error("a user has at most {DESTINATIONS_MAX} destinations")]
    TooManyDestinations,
    /// Something of a destination makes no sense.
    #[error("{}", destination_rule(field))]
    Destination {
        /// Which field of it.
        field: String,
    },
    /// There is no such entry in the alert log.
    #[error("there is no entry {0:?} in the alert log")]
    NoLogEntry(String),
    /// Not a time of day.
    #[error("a time of day is written 22:00")]
    TimeOfDay,
    /// A page that is kept for longer than makes sense.
    #[error("a page is given up after at most {RELEASE_SECONDS_MAX} seconds in the tray, or never: 0")]
    ReleaseAfter,
    /// No such time zone.
    #[error("there is no time zone {0:?}; they are named like Europe/Berlin")]
    TimeZone(String),
    /// What is changed makes no preferences.
    #[error("these are no preferences: {0}")]
    Preferences(String),
    /// Too many symbols are muted.
    #[error("at most {MUTED_MAX} symbols can be muted")]
    TooManyMuted,
}

/// What a destination's field may be.
fn destination_rule(field: &str) -> &'static str {
    match field {
        "name" => "a destination's name has 1 to 40 printable characters on one line",
        "id" => "a destination's id has 1 to 64 of A-Z a-z 0-9 _ -",
        "address" => "an e-mail address is written me@host.example",
        "url" | "server" => "an address begins with https:// or http://, and has a host and no blanks and no login",
        "topic" => "a topic of ntfy has 1 to 64 of A-Z a-z 0-9 _ -",
        "chat" => "a chat of Telegram is a number, or @ and the name of a channel",
        "number" => "a telephone number is written +491701234567: the country first, no blanks",
        "endpoint" => {
            "the address of a push service begins with https:// (http:// only on this machine), and has 1,024 bytes at most"
        }
        "keys.p256dh" => "a browser's public key is a point of P-256: 65 bytes in base64url",
        _ => "what a browser shares is 16 bytes in base64url",
    }
}
