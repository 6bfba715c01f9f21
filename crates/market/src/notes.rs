//! What a user calls a symbol and has written about it: text, never markup, of bounded length.

use serde::{Deserialize, Serialize};

use crate::{EditError, Profile, Symbol};

/// Characters of an alias at the most: it stands where a name would.
pub const ALIAS_MAX: usize = 40;
/// Characters of a note at the most.
pub const NOTE_MAX: usize = 1_000;
/// Symbols of one user with an alias or a note at the most.
pub const NOTES_MAX: usize = 2_000;

/// What a user calls a symbol and has written about it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct SymbolNote {
    /// What the user calls it: shown instead of its name, in rows, tray and notifications. One line.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[cfg_attr(feature = "openapi", schema(max_length = 40, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"))]
    pub alias: String,
    /// What the user has written about it. Lines end with `\n`.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[cfg_attr(
        feature = "openapi",
        schema(max_length = 1_000, pattern = "^([^\\u0000-\\u001f\\u007f-\\u009f]|\\r?\\n)*$")
    )]
    pub note: String,
}

impl SymbolNote {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.alias.is_empty() && self.note.is_empty()
    }

    /// Without white space around, if it is short enough and plain text.
    pub fn checked(&self) -> Result<Self, EditError> {
        let note = self.note.replace("\r\n", "\n");
        let sound = self.alias.chars().count() <= ALIAS_MAX
            && self.note.chars().count() <= NOTE_MAX
            && !self.alias.chars().any(char::is_control)
            && !note.chars().any(|c| c.is_control() && c != '\n');
        let tidy = || Self { alias: self.alias.trim().into(), note: note.trim().into() };
        if sound { Ok(tidy()) } else { Err(EditError::Note) }
    }
}

impl Profile {
    /// What the user calls a symbol, if anything.
    pub fn alias(&self, symbol: &Symbol) -> Option<&str> {
        self.notes.get(symbol).map(|note| note.alias.as_str()).filter(|alias| !alias.is_empty())
    }

    /// Puts a note in place of the one there is, an empty one takes it away; says whether anything changed.
    pub(crate) fn set_note(&mut self, symbol: Symbol, note: &SymbolNote) -> Result<bool, EditError> {
        let note = note.checked()?;
        if note.is_empty() {
            return Ok(self.notes.remove(&symbol).is_some());
        }
        if self.notes.len() >= NOTES_MAX && !self.notes.contains_key(&symbol) {
            return Err(EditError::TooManyNotes);
        }
        Ok(self.notes.insert(symbol, note.clone()) != Some(note))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Edit, Edited, UserName};

    fn note(alias: &str, note: &str) -> SymbolNote {
        SymbolNote { alias: alias.into(), note: note.into() }
    }

    #[test]
    fn a_note_is_kept_changed_and_taken_away() {
        let mut profile = Profile::new(UserName::me());
        let symbol = Symbol::parse("AAPL").unwrap();
        let mut set = |note| {
            let edited = profile.apply(Edit::SetNote { symbol: symbol.clone(), note });
            (edited, profile.alias(&symbol).map(str::to_owned))
        };
        assert_eq!(set(note(" Apfel ", "gut\r\nso")), (Ok(Edited::Changed), Some("Apfel".into())));
        assert_eq!(set(note("Apfel", "gut\nso")).0, Ok(Edited::Unchanged));
        assert_eq!(set(note("", "nur Text")), (Ok(Edited::Changed), None));
        assert_eq!(set(note("  ", "\n")), (Ok(Edited::Changed), None));
        assert_eq!(set(note("", "")).0, Ok(Edited::Unchanged));
        assert!(profile.notes.is_empty());
    }

    #[test]
    fn a_note_is_short_plain_text() {
        assert!(note(&"é".repeat(ALIAS_MAX), &"é".repeat(NOTE_MAX)).checked().is_ok());
        for bad in [
            note(&"a".repeat(ALIAS_MAX + 1), ""),
            note("", &"a".repeat(NOTE_MAX + 1)),
            note("a\nb", ""),
            note("a\u{1b}[31m", ""),
            note("", "a\0b"),
            note("", "a\rb"),
        ] {
            assert_eq!(bad.checked(), Err(EditError::Note), "{bad:?}");
        }
    }

    #[test]
    fn notes_are_bounded_in_number() {
        let mut profile = Profile::new(UserName::me());
        let symbol = |n: usize| Symbol::parse(&format!("S{n}")).unwrap();
        for n in 0..NOTES_MAX {
            profile.set_note(symbol(n), &note("a", "")).unwrap();
        }
        assert_eq!(profile.set_note(symbol(NOTES_MAX), &note("a", "")), Err(EditError::TooManyNotes));
        assert_eq!(profile.set_note(symbol(0), &note("b", "")), Ok(true));
    }
}
