//! What an instrument is called: upper case, as the provider writes it (`AAPL`, `^GSPC`, `BTC-USD`, `VOD.L`).

use std::{
    borrow::{Borrow, Cow},
    fmt,
    str::FromStr,
    sync::Arc,
};

use serde::{Deserialize, Serialize};

/// The longest symbol accepted, in bytes. Option symbols in OCC form have 21; the rest is room for the unforeseen.
pub const SYMBOL_BYTES_MAX: usize = 64;
/// What symbols are made of beside letters and digits of ASCII.
const SYMBOL_MARKS: &str = ".^=_/:&$@+-!*#%~";
/// A symbol as a person may type it, as a regular expression (ECMA 262).
pub const SYMBOL_PATTERN: &str = "^[A-Za-z0-9.^=_/:&$@+!*#%~-]{1,64}$";

/// A validated symbol: trimmed, upper case, 1 to [`SYMBOL_BYTES_MAX`] of the characters that providers use. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, example = "AAPL", min_length = 1, max_length = 64))]
#[serde(try_from = "String", into = "String")]
pub struct Symbol(Arc<str>);

/// Why a text is no symbol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SymbolError {
    /// Nothing but white space.
    #[error("a symbol cannot be empty")]
    Empty,
    /// Longer than [`SYMBOL_BYTES_MAX`].
    #[error("a symbol has at most {SYMBOL_BYTES_MAX} bytes, this one has {0}")]
    TooLong(usize),
    /// Holds what no provider's symbols do: nothing that stands between symbols in a list, in quotes or in markup.
    #[error("a symbol is made of A-Z a-z 0-9 and {SYMBOL_MARKS}")]
    Character,
}

impl Symbol {
    /// Reads a symbol as a person types it: `" aapl "` is `AAPL`.
    pub fn parse(text: &str) -> Result<Self, SymbolError> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(SymbolError::Empty);
        }
        if trimmed.len() > SYMBOL_BYTES_MAX {
            return Err(SymbolError::TooLong(trimmed.len()));
        }
        if !trimmed.bytes().all(|byte| byte.is_ascii_alphanumeric() || SYMBOL_MARKS.as_bytes().contains(&byte)) {
            return Err(SymbolError::Character);
        }
        let is_upper = !trimmed.bytes().any(|byte| byte.is_ascii_lowercase());
        let upper = if is_upper { Cow::Borrowed(trimmed) } else { Cow::Owned(trimmed.to_ascii_uppercase()) };
        Ok(Self(upper.into()))
    }

    /// The symbol as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &self.0)
    }
}

impl FromStr for Symbol {
    type Err = SymbolError;
    fn from_str(text: &str) -> Result<Self, SymbolError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Symbol {
    type Error = SymbolError;
    fn try_from(text: String) -> Result<Self, SymbolError> {
        Self::parse(&text)
    }
}

impl From<Symbol> for String {
    fn from(symbol: Symbol) -> Self {
        symbol.0.as_ref().to_owned()
    }
}

impl AsRef<str> for Symbol {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Symbol {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_what_people_type() {
        assert_eq!(Symbol::parse(" brk-b ").unwrap().as_str(), "BRK-B");
        assert_eq!(Symbol::parse("^gspc").unwrap().as_str(), "^GSPC");
        assert_eq!(Symbol::parse("  "), Err(SymbolError::Empty));
        for text in ["A B", "A,B", "<B>", "A\"", "\u{202e}A", "\u{e9}"] {
            assert_eq!(Symbol::parse(text), Err(SymbolError::Character), "{text}");
        }
        assert_eq!(Symbol::parse(&"A".repeat(65)), Err(SymbolError::TooLong(65)));
    }

    proptest! {
        #[test]
        fn parsing_is_idempotent(text in r"[A-Za-z0-9.^=_/:&$@+!*#%~-]{1,64}|.*") {
            if let Ok(symbol) = Symbol::parse(&text) {
                prop_assert_eq!(Symbol::parse(symbol.as_str()), Ok(symbol.clone()));
                let json = serde_json::to_string(&symbol).unwrap();
                prop_assert_eq!(serde_json::from_str::<Symbol>(&json).unwrap(), symbol);
            }
        }
    }
}
