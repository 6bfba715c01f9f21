//! The outer shape of what exchanges answer: objects and lists, told from web pages and rubble.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::text::excerpt;

/// A body as text, where it is an object or a list; else what it is instead.
pub(in super::super) fn json(body: &[u8]) -> Result<&str, String> {
    let text = std::str::from_utf8(body).map_err(|_| "no text".to_owned())?;
    let begins = text.trim_start().chars().next();
    let what = match (serde_json::from_str::<&RawValue>(text), begins) {
        (Ok(_), Some('{' | '[')) => return Ok(text),
        (_, None) => "an empty body".to_owned(),
        (_, Some('<')) => "a web page".to_owned(),
        (Err(error), Some('{' | '[')) if error.is_eof() => "an answer that breaks off".to_owned(),
        (Err(_), Some('{' | '[')) => "broken JSON".to_owned(),
        _ => format!("the text {:?}", excerpt(text)),
    };
    Err(what)
}

/// An object; a list is none, even where its entries could be taken for fields.
pub(in super::super) fn object<'a, T: Deserialize<'a>>(json: &'a str) -> Option<T> {
    json.trim_start().starts_with('{').then(|| serde_json::from_str(json).ok())?
}

/// The entries of a list; anything else has none.
pub(in super::super) fn list(json: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_str(json).ok()
}
