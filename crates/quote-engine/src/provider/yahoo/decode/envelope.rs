//! The wrapper around every answer: `{"<key>":{"result":[…],"error":null}}`, and what to make of a body that has none.

use std::{borrow::Cow, collections::BTreeMap};

use memchr::memmem;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::wire::{Complaint, Field};
use crate::provider::text::excerpt;

/// Why a body is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The vendor says why.
    #[error("{code}: {description}")]
    Vendor {
        /// Its code, such as `Not Found`.
        code: String,
        /// Its words.
        description: String,
    },
    /// No JSON, or JSON of another shape.
    #[error("{0}")]
    NotMarketData(String),
}

/// The body as text that a strict JSON reader takes: broken UTF-8 is replaced, bare `NaN` and `Infinity` become null.
pub(super) fn text(body: &[u8]) -> Cow<'_, str> {
    // Checked first: that is many times faster than to replace what is hardly ever there.
    let text = std::str::from_utf8(body).map_or_else(|_| String::from_utf8_lossy(body), Cow::Borrowed);
    let holds = |word: &str| memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    if holds("NaN") || holds("Infinity") { Cow::Owned(without_bare_words(&text)) } else { text }
}

/// Replaces `NaN`, `Infinity` and `-Infinity` outside of strings.
fn without_bare_words(text: &str) -> String {
    let mut clean = String::with_capacity(text.len() + 16);
    let mut rest = text;
    let mut quoted = false;
    while let Some(c) = rest.chars().next() {
        let bare =
            if quoted { None } else { ["NaN", "-Infinity", "Infinity"].iter().find(|word| rest.starts_with(**word)) };
        let taken = match bare {
            Some(word) => {
                clean.push_str("null");
                word.len()
            }
            None if quoted && c == '\\' => {
                let escape = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
                clean.push_str(&rest[..escape]);
                escape
            }
            None => {
                quoted ^= c == '"';
                clean.push(c);
                c.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    clean
}

/// The whole body as one object.
pub(super) fn object<'a, T: Field<'a>>(text: &'a str) -> Result<T, Fault> {
    if let Some(object) = T::read(text.trim()) {
        return Ok(object);
    }
    check_json(text)?;
    Err(Fault::NotMarketData("JSON of another shape".to_owned()))
}

/// The entries of `{"<key>":{"result":[…]}}`, read; one that cannot be is empty.
pub(super) fn rows<'a, T: Deserialize<'a> + Field<'a> + Default>(text: &'a str, key: &str) -> Result<Vec<T>, Fault> {
    if let Some(rows) = entries(text, key) {
        return Ok(rows);
    }
    Ok(results(text, key)?.into_iter().map(|raw| T::read(raw.get()).unwrap_or_default()).collect())
}

/// The entries of `{"<key>":{"result":[…]}}`.
pub(super) fn results<'a>(text: &'a str, key: &str) -> Result<Vec<&'a RawValue>, Fault> {
    if let Some(entries) = entries(text, key).or_else(|| hidden_entries(text, key)) {
        return Ok(entries);
    }
    check_json(text)?;
    Err(fault(text))
}

/// What stands below the key, where it is as it should be.
#[derive(Deserialize)]
struct Inner<T> {
    result: Option<Vec<T>>,
}

/// The entries of a body without surprises: found in one pass, for bodies are long.
fn entries<'a, T: Deserialize<'a>>(text: &'a str, key: &str) -> Option<Vec<T>> {
    let mut wrapper: BTreeMap<String, Inner<T>> = serde_json::from_str(text).ok()?;
    wrapper.remove(key)?.result
}

/// The entries among whatever else there is, and of a repeated key the last ones: a pass for each level.
fn hidden_entries<'a>(text: &'a str, key: &str) -> Option<Vec<&'a RawValue>> {
    let wrapper: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
    let inner: BTreeMap<String, &RawValue> = serde_json::from_str(wrapper.get(key)?.get()).ok()?;
    serde_json::from_str(inner.get("result")?.get()).ok()
}

/// Why a body that is JSON holds no result.
pub(super) fn fault(text: &str) -> Fault {
    complaint(text.as_bytes()).unwrap_or_else(|| Fault::NotMarketData("JSON without a result".to_owned()))
}

/// The vendor's own words in `{"<any key>":{"error":{"code":…,"description":…}}}`, whichever key it used.
pub(in super::super) fn complaint(body: &[u8]) -> Option<Fault> {
    let wrapper: BTreeMap<String, &RawValue> = serde_json::from_slice(body).ok()?;
    wrapper.values().find_map(|inner| {
        let inner: BTreeMap<String, &RawValue> = serde_json::from_str(inner.get()).ok()?;
        let complaint = Complaint::read(inner.get("error")?.get())?;
        let (code, description) = (complaint.code?, complaint.description.unwrap_or_default());
        Some(Fault::Vendor { code: excerpt(&code), description: excerpt(&description) })
    })
}

fn check_json(text: &str) -> Result<(), Fault> {
    let Err(error) = serde_json::from_str::<&RawValue>(text) else { return Ok(()) };
    let start = text.trim_start();
    let what = match start.chars().next() {
        None => "an empty body".to_owned(),
        Some('<') => "a web page".to_owned(),
        Some('{' | '[') if error.is_eof() => "an answer that breaks off".to_owned(),
        Some('{' | '[') => "broken JSON".to_owned(),
        Some(_) => format!("the text {:?}", excerpt(start)),
    };
    Err(Fault::NotMarketData(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_words_become_null_outside_strings_only() {
        let clean = text(br#"{"a":NaN,"b":-Infinity,"c":[Infinity],"d":"NaN \" Infinity","NaN":1}"#);
        assert_eq!(clean, r#"{"a":null,"b":null,"c":[null],"d":"NaN \" Infinity","NaN":1}"#);
    }

    #[test]
    fn says_what_came_instead_of_an_answer() {
        for (body, what) in [
            ("", "an empty body"),
            ("<html>", "a web page"),
            ("{\"a\":[1", "an answer that breaks off"),
            ("{a}", "broken JSON"),
            ("Edge: down\r\n", "the text \"Edge: down\""),
            ("{}", "JSON without a result"),
            ("[]", "JSON without a result"),
        ] {
            assert_eq!(results(body, "quoteResponse").unwrap_err(), Fault::NotMarketData(what.to_owned()), "{body}");
        }
    }

    #[test]
    fn finds_the_entries_among_surprises() {
        for body in [
            r#"{"quoteResponse":{"result":[1,{"a":[]}],"error":null}}"#,
            r#"{"more":1,"quoteResponse":{"result":[1,{"a":[]}],"error":null}}"#,
            r#"{"quoteResponse":{"result":[2],"error":{"code":7},"result":[1,{"a":[]}]}}"#,
            r#"{"quoteResponse":{"result":[2]},"quoteResponse":{"result":[1,{"a":[]}]}}"#,
        ] {
            let entries = results(body, "quoteResponse").unwrap();
            assert_eq!(entries.iter().map(|raw| raw.get()).collect::<Vec<_>>(), ["1", r#"{"a":[]}"#], "{body}");
        }
    }

    #[test]
    fn finds_the_complaint_under_any_key() {
        let body = r#"{"finance":{"result":null,"error":{"code":"Unauthorized","description":"Invalid Crumb"}}}"#;
        let fault = results(body, "quoteResponse").unwrap_err();
        assert_eq!(fault, Fault::Vendor { code: "Unauthorized".to_owned(), description: "Invalid Crumb".to_owned() });
    }
}
