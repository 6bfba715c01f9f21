//! What is told of the states that were kept of a profile.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// States of one user kept at the most; the oldest goes first.
pub const BACKUPS_MAX: usize = 10;

/// One state that was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Backup {
    /// What it is asked for by.
    pub id: String,
    /// Until when the profile was like that.
    #[cfg_attr(feature = "specta", specta(type = String))]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// How many watchlists it has.
    pub lists: u32,
    /// How many symbols are on them, each counted once.
    pub symbols: u32,
    /// How many alerts it has.
    pub alerts: u32,
}

/// Every state that was kept of a user.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Backups {
    /// The newest first.
    pub backups: Vec<Backup>,
    /// Names of the files that cannot be read any more, in the folder `backups` of the data folder.
    pub damaged: Vec<String>,
}
