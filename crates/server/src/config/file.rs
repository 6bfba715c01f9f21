//! Changes keys of the configuration file as its owner would: comments and order stay, and nothing is written that the
//! next start would refuse.

use std::path::PathBuf;

use quote_engine::durable::{DurableError, with_suffix, write_text};
use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

use super::{Config, ConfigError, Sources, error::one_line};

/// A key and its new value; `None` takes the key out, so that its default counts.
pub type KeyChange = (&'static str, Option<Value>);

/// Why the file was not changed. It stands as it was.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The file would make no sense, or makes none already.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A flag or a variable says otherwise, so that the change would do nothing.
    #[error("{key} is set by {by}; change it there")]
    Overridden {
        /// Which key.
        key: &'static str,
        /// What sets it.
        by: String,
    },
    /// The disk is full, the file is write-protected, or the folder is not ours.
    #[error(transparent)]
    NotSaved(#[from] DurableError),
}

impl Sources {
    /// Makes these changes in the file, all or none, and gives what it says now. When this returns, they survive.
    pub fn change(&self, changes: &[KeyChange]) -> Result<Config, ChangeError> {
        for (key, _) in changes {
            if let Some(by) = self.overridden_by(key) {
                return Err(ChangeError::Overridden { key, by });
            }
        }
        let before = self.text()?;
        let text = self.changed(&before, changes)?;
        let config = self.load_text(&text)?;
        if text != before {
            write_text(self.file(), &text)?;
        }
        Ok(config)
    }

    fn changed(&self, text: &str, changes: &[KeyChange]) -> Result<String, ConfigError> {
        let reason = |error: toml_edit::TomlError| one_line(&error.to_string());
        let syntax = |error| ConfigError::Syntax { file: self.file().into(), reason: reason(error) };
        let mut document = text.parse::<DocumentMut>().map_err(syntax)?;
        for (key, value) in changes {
            set(document.as_table_mut(), key, value.as_ref()).map_err(|taken| self.wrong(key, taken))?;
        }
        Ok(document.to_string())
    }

    /// Sets the file aside, so that the defaults count; where it is now. `None` where there was none.
    pub fn set_aside(&self) -> Result<Option<PathBuf>, DurableError> {
        let now = jiff::Timestamp::now().as_millisecond();
        let aside = with_suffix(self.file(), &format!(".reset-{now}"));
        match std::fs::rename(self.file(), &aside) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(DurableError::Write { path: self.file().into(), source }),
        }
        if self.is_named() {
            // The next start looks for it.
            write_text(self.file(), "")?;
        }
        Ok(Some(aside))
    }
}

/// Sets a key, or takes it out. However its table is written, `[a]`, `a.b = …` or `a = { b = … }`, it stays so.
fn set(table: &mut dyn TableLike, key: &str, value: Option<&Value>) -> Result<(), String> {
    let Some((first, rest)) = key.split_once('.') else {
        put(table, key, value);
        return Ok(());
    };
    if value.is_none() && !table.contains_key(first) {
        return Ok(());
    }
    let below = table.entry(first).or_insert_with(|| Item::Table(Table::new()));
    let below = below.as_table_like_mut().ok_or_else(|| format!("{first} is no table"))?;
    set(below, rest, value)
}

/// Puts a value in place of the one there; what its owner wrote beside that stays.
fn put(table: &mut dyn TableLike, key: &str, value: Option<&Value>) {
    let Some(value) = value else {
        table.remove(key);
        return;
    };
    let mut value = value.clone();
    match table.get_mut(key) {
        Some(Item::Value(there)) => {
            value.decor_mut().clone_from(there.decor());
            *there = value;
        }
        _ => drop(table.insert(key, Item::Value(value))),
    }
}
