//! A user's name. It goes into topics, paths and logins: whatever could mean something there is no name.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::EditError;

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
