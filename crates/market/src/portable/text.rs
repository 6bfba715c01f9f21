//! Bytes of a file as text, or in words why they are none.

use super::{IMPORT_BYTES_MAX, ImportError};

/// The text without the mark that some programs begin UTF-8 with.
pub(super) fn decoded(bytes: &[u8]) -> Result<&str, ImportError> {
    if bytes.len() > IMPORT_BYTES_MAX {
        return Err(ImportError::TooLarge);
    }
    // Where UTF-16 was read as something else before, its zeros are still there.
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) || bytes.contains(&0) {
        return Err(ImportError::Utf16);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = String::from_utf8_lossy(bytes.get(..error.valid_up_to()).unwrap_or_default());
        ImportError::NotUtf8 { line: u32::try_from(before.matches('\n').count() + 1).unwrap_or(u32::MAX) }
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() { Err(ImportError::Empty) } else { Ok(text) }
}
