//! Which language a user reads: a BCP 47 tag. Which languages there are is the business of those who speak them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest tag accepted: what RFC 5646 advises to make room for.
const TAG_BYTES_MAX: usize = 35;

/// A BCP 47 tag such as `en`, `de` or `pt-BR`: letters and digits in parts of 1 to 8 with hyphens between them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, example = "de", min_length = 2, max_length = 35,
    pattern = "^[A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8})*$"))]
#[serde(try_from = "String", into = "String")]
pub struct Language(Box<str>);

/// Why a text is no language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a language is a tag such as en, de or pt-BR")]
pub struct LanguageError;

impl Language {
    /// Reads a tag.
    pub fn parse(text: &str) -> Result<Self, LanguageError> {
        let part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
        let fits = (2..=TAG_BYTES_MAX).contains(&text.len()) && text.split('-').all(part);
        if fits { Ok(Self(text.into())) } else { Err(LanguageError) }
    }

    /// The tag as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Language {
    type Error = LanguageError;
    fn try_from(text: String) -> Result<Self, LanguageError> {
        Self::parse(&text)
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0.into_string()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn tags_are_read_and_nothing_else() {
        for tag in ["en", "de", "pt-BR", "zh-Hant-TW"] {
            assert_eq!(Language::parse(tag).unwrap().as_str(), tag);
        }
        for text in ["", "d", "de_DE", "de-", "../de", "überlang", &"de-".repeat(20)] {
            assert_eq!(Language::parse(text), Err(LanguageError), "{text:?}");
        }
    }
}
