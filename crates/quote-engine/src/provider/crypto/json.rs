//! The outer shape of what exchanges answer: objects and lists, told from web pages and rubble.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::text::excerpt;

/// A body as text, where it is an object or a list; else what it is instead.
pub(in super::super) fn json(body: &[u8]) -> Result<&str, String> {
    let text = std::str::from_utf8(body).map_err(|_| "no text".to_owned())?;
    match serde_json::from_str::<&RawValue>(text) {
        Ok(_) if text.trim_start().starts_with(['[', '{']) => Ok(text),
        _ if text.trim().is_empty() => Err("an empty body".to_owned()),
        _ => Err(format!("the text {:?}", excerpt(text))),
    }
}

/// An object; a list is none, even where its entries could be taken for fields.
pub(in super::super) fn object<'a, T: Deserialize<'a>>(json: &'a str) -> Option<T> {
    json.trim_start().starts_with('{').then(|| serde_json::from_str(json).ok())?
}

/// The entries of a list; anything else has none.
pub(in super::super) fn list(json: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_str(json).ok()
}
