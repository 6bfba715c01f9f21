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

/// A validated symbol: trimmed, upper case, 1 to [`SYMBOL_BYTES_MAX`] bytes, no control characters. Cheap to
/// clone.
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
    /// Holds a control character or white space inside.
    #[error("a symbol cannot hold white space or control characters")]
    Unprintable,
}

impl Symbol {
    /// Reads a symbol as a person types it: `" aapl "` is `AAPL`.
    pub fn parse(text: &str) -> Result<Self, SymbolError> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(SymbolError::Empty);
        }
        let is_upper = trimmed.bytes().all(|byte| byte.is_ascii_graphic() && !byte.is_ascii_lowercase());
        let upper = if is_upper { Cow::Borrowed(trimmed) } else { Cow::Owned(trimmed.to_uppercase()) };
        if upper.len() > SYMBOL_BYTES_MAX {
            return Err(SymbolError::TooLong(upper.len()));
        }
        if upper.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(SymbolError::Unprintable);
        }
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
        assert_eq!(Symbol::parse("A B"), Err(SymbolError::Unprintable));
        assert_eq!(Symbol::parse(&"A".repeat(65)), Err(SymbolError::TooLong(65)));
    }

    proptest! {
        #[test]
        fn parsing_is_idempotent(text in ".*") {
            if let Ok(symbol) = Symbol::parse(&text) {
                prop_assert_eq!(Symbol::parse(symbol.as_str()), Ok(symbol.clone()));
                let json = serde_json::to_string(&symbol).unwrap();
                prop_assert_eq!(serde_json::from_str::<Symbol>(&json).unwrap(), symbol);
            }
        }
    }
}
