//! Lists and what belongs to them as files: reading those of others, and writing our own.
//!
//! Reading changes nothing: it says what is in a file and what is wrong with it, line by line. Only when the user has
//! seen that is it taken in, as one edit. Whatever a file holds is text; nothing in it is ever run or calculated.

mod apply;
mod cells;
mod draft;
mod export;
mod own;
mod plain;
mod table;
mod text;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Alert, Lot, Preferences, Symbol, SymbolNote, Watchlist};

pub use export::{ExportFormat, export};

/// Bytes of a file at the most: ten thousand symbols with notes have fewer.
pub const IMPORT_BYTES_MAX: usize = 4 << 20;
/// Problems told one by one at the most.
pub const PROBLEMS_MAX: usize = 100;

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ImportFormat {
    /// Symbols, with anything between them.
    Plain,
    /// A portfolio as Yahoo Finance exports it.
    Yahoo,
    /// A table with a header that names a column of symbols, ours among them.
    Csv,
    /// Everything, as we export it.
    Json,
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Import {
    /// What kind of file it is.
    pub format: ImportFormat,
    /// The lists in it; one without a name where the file names none.
    pub lists: Vec<Watchlist>,
    /// Aliases and notes.
    #[cfg_attr(feature = "specta", specta(type = std::collections::HashMap<String, SymbolNote>))]
    pub notes: BTreeMap<Symbol, SymbolNote>,
    /// What is held.
    #[cfg_attr(feature = "specta", specta(type = std::collections::HashMap<String, Vec<Lot>>))]
    pub holdings: BTreeMap<Symbol, Vec<Lot>>,
    /// Alerts.
    pub alerts: Vec<Alert>,
    /// Preferences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferences: Option<Preferences>,
    /// What in it cannot be taken in; all the rest can.
    pub problems: Vec<ImportProblem>,
    /// How many more problems there are than are told.
    pub more_problems: u32,
}

/// What is wrong with one line, which is left out whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportProblem {
    /// Which line, from 1; left out where a file has none that a person would count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// What stands there, cut where it is long.
    pub found: String,
    /// What is wrong, for a program.
    pub fault: ImportFault,
    /// What is wrong, for a person.
    pub problem: String,
}

/// What is wrong with something in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ImportFault {
    /// Nothing an instrument is called.
    #[error("this is no symbol")]
    Symbol,
    /// Not how many there are.
    #[error("a quantity is a number above 0")]
    Quantity,
    /// Not what one costs.
    #[error("a price is a number of 0 or more")]
    Cost,
    /// A number that is one thing in one country and another in another.
    #[error("this number can be read in two ways: write it without a mark between thousands")]
    Ambiguous,
    /// No currency.
    #[error("a currency is three letters, such as EUR")]
    Currency,
    /// No date.
    #[error("a date is written 2026-11-25, 20261125 or 25.11.2026")]
    Date,
    /// No alias or note.
    #[error("an alias or note is too long, or holds control characters")]
    Note,
    /// No name of a list.
    #[error("this is no name of a list")]
    ListName,
    /// No alert.
    #[error("this is no alert of this version")]
    Alert,
    /// No preferences.
    #[error("these are no preferences of this version")]
    Preferences,
    /// Something else is expected here.
    #[error("something else is expected here")]
    Shape,
    /// JSON that breaks off; nothing of it can be read.
    #[error("this is no JSON")]
    Json,
    /// There is no room for it.
    #[error("this is more than a user can have")]
    TooMany,
}

/// Why nothing of a file can be taken in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// More than [`IMPORT_BYTES_MAX`].
    #[error("the file is too large: a list has at most {} MiB", IMPORT_BYTES_MAX >> 20)]
    TooLarge,
    /// UTF-16, as some programs call Unicode.
    #[error("the file is written in UTF-16, or is no text at all: save it as UTF-8 (\"CSV UTF-8\" in Excel)")]
    Utf16,
    /// Another encoding.
    #[error("line {line} is not UTF-8: save the file as UTF-8 (\"CSV UTF-8\" in Excel)")]
    NotUtf8 {
        /// The first line that is not.
        line: u32,
    },
    /// Nothing in it.
    #[error("there is nothing in the file")]
    Empty,
    /// A newer version of the program wrote it.
    #[error("a newer version of Quickstocks wrote this file (format {found}, this one knows {})", own::FORMAT)]
    Newer {
        /// Its format.
        found: u64,
    },
}

/// What of a file is to be taken in, and where to. What is there already is added to, never removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is chosen for itself")]
pub struct ImportChoice {
    /// The list that all symbols go on; each on the list the file names where none is chosen, on the first where it names
    /// none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// Aliases and notes, in place of those of the same symbols.
    pub notes: bool,
    /// What is held, in place of what was of the same symbols.
    pub holdings: bool,
    /// Alerts.
    pub alerts: bool,
    /// Preferences, in place of the present ones.
    pub preferences: bool,
}

impl Default for ImportChoice {
    fn default() -> Self {
        Self { list: None, notes: true, holdings: true, alerts: true, preferences: true }
    }
}

/// What a file holds, and what in it cannot be taken in. Nothing is changed by that.
pub fn read_import(bytes: &[u8]) -> Result<Import, ImportError> {
    let text = text::decoded(bytes)?;
    if text.trim_start().starts_with(['{', '[']) {
        return own::read(text);
    }
    let draft = match table::Table::recognise(text) {
        Some(table) => table.read(),
        None => plain::read(text),
    };
    let import = draft.finish();
    let nothing = import.lists.is_empty() && import.holdings.is_empty() && import.notes.is_empty();
    if nothing && import.problems.is_empty() { Err(ImportError::Empty) } else { Ok(import) }
}
