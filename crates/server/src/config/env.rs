//! The environment: `QUICKSTOCKS_BROKER__LISTEN=…` is `broker.listen`.

use std::collections::BTreeMap;

use quote_engine::secrets;
use serde_json::{Map, Value};

use super::{
    ConfigError,
    keys::{self, KEYS, Written},
};

const PREFIX: &str = "QUICKSTOCKS_";
/// Variables of ours that are no keys: the programs' flags and the scripts' own.
const OTHERS: &[&str] = &["CONFIG", "LOG", "UI_DIR"];

/// What the environment sets.
#[derive(Debug, Clone, Default)]
pub(super) struct FromEnv {
    /// As a tree.
    pub(super) tree: Map<String, Value>,
    /// The variable behind each key.
    pub(super) variables: BTreeMap<String, String>,
}

pub(super) fn read(vars: impl IntoIterator<Item = (String, String)>) -> Result<FromEnv, ConfigError> {
    let mut read = FromEnv::default();
    for (variable, text) in vars {
        let Some(name) = variable.strip_prefix(PREFIX).filter(|name| !OTHERS.contains(name)) else { continue };
        if is_secret(&variable) {
            continue;
        }
        let key = name.to_ascii_lowercase().replace("__", ".");
        let Some((_, written)) = KEYS.iter().find(|(known, _)| *known == key) else {
            let nearest = keys::nearest(&key).to_ascii_uppercase().replace('.', "__");
            let nearest = format!("{PREFIX}{nearest}");
            return Err(ConfigError::UnknownKey { place: "environment".into(), key: variable, nearest });
        };
        insert(&mut read.tree, &key, value(&text, *written));
        read.variables.insert(key, variable);
    }
    Ok(read)
}

/// Whether a variable holds a key for a provider: `secrets` reads it, and nothing here may.
fn is_secret(variable: &str) -> bool {
    secrets::KNOWN.iter().any(|name| secrets::variable(name) == variable)
}

/// The value as TOML would have it; text where it is not what it should be, so that reading it says so.
fn value(text: &str, written: Written) -> Value {
    let as_text = || Value::String(text.to_owned());
    match written {
        Written::Text => as_text(),
        Written::Number | Written::Flag => match serde_json::from_str(text.trim()) {
            Ok(value @ (Value::Number(_) | Value::Bool(_))) => value,
            _ => as_text(),
        },
        Written::List => list(text),
        Written::Lists => lists(text).map_or_else(as_text, Value::Object),
    }
}

fn list(text: &str) -> Value {
    text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).collect()
}

fn lists(text: &str) -> Option<Map<String, Value>> {
    let entries = text.split(';').map(str::trim).filter(|entry| !entry.is_empty());
    entries.map(|entry| entry.split_once('=').map(|(name, rest)| (name.trim().to_owned(), list(rest)))).collect()
}

fn insert(tree: &mut Map<String, Value>, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            tree.insert(key.into(), value);
        }
        Some((table, rest)) => {
            let below = tree.entry(table).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(below) = below {
                insert(below, rest, value);
            }
        }
    }
}
