//! Recordings: what was published, one line a quote, compact enough for whole days and readable in an editor.
//!
//! `docs/recordings.md` has the format. Writer and reader know streams of bytes only; `file` puts them on the disk. The
//! reader takes a file for what it is, somebody's bytes: it passes over what makes no sense, counts it, and never gives a
//! quote that was not recorded.

mod file;
mod reader;
mod writer;

use jiff::Timestamp;
use market::Quote;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use file::{File, create, open};
pub use reader::Reader;
pub use writer::{Room, Writer};

/// The newest version of the format that is known here.
pub const VERSION: u32 = 1;
/// A recording's size at the most, unless something else is asked for: one GiB of text.
pub const BYTES_MAX: u64 = 1 << 30;
/// Every so many quotes of a symbol are written whole, so that damage ends there.
const WHOLE_EVERY: u64 = 100;
/// Symbols whose last quote is kept for comparison; those beyond are written whole each time.
const SYMBOLS_MAX: usize = 20_000;
/// The longest line read.
const LINE_BYTES_MAX: usize = 8 << 10;
/// Fields of a quote at the most, those of later versions included.
const FIELDS_MAX: usize = 64;
/// What a file begins with.
const MAGIC: &str = "recording";
/// The key that counts a symbol's lines since it was last written whole.
const COUNT: &str = "n";
/// The key that every line has.
const SYMBOL: &str = "symbol";

/// Why a recording cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The disk, or whatever else is below.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// It begins with something else.
    #[error("this is no recording: it does not begin as `quickstocksd record` begins one")]
    NoRecording,
    /// A newer version wrote it.
    #[error("it was recorded by a newer version (format {0}, this one knows {VERSION})")]
    Newer(u32),
    /// The file is there already.
    #[error("it exists already; nothing is overwritten: name another file, or remove it")]
    Exists,
}

#[derive(Serialize, Deserialize)]
struct Header {
    quickstocks: String,
    version: u32,
    started_at: Timestamp,
}

type Fields = Map<String, Value>;

/// A symbol's last line, with everything it means.
#[derive(Debug)]
struct Last {
    fields: Fields,
    count: u64,
}

/// What changed, with `null` for what is gone.
fn difference(last: &Fields, now: &Fields) -> Fields {
    let gone = last.keys().filter(|key| !now.contains_key(*key)).map(|key| (key.clone(), Value::Null));
    let changed = now.iter().filter(|(key, value)| *key == SYMBOL || last.get(*key) != Some(value));
    changed.map(|(key, value)| (key.clone(), value.clone())).chain(gone).collect()
}

/// Undoes [`difference`].
fn apply(last: &mut Fields, difference: Fields) {
    for (key, value) in difference {
        if value.is_null() {
            last.remove(&key);
        } else {
            last.insert(key, value);
        }
    }
}

/// A quote's fields without those that hold nothing.
fn fields_of(quote: &Quote) -> serde_json::Result<Fields> {
    match serde_json::to_value(quote)? {
        Value::Object(mut fields) => {
            fields.retain(|_, value| !value.is_null());
            Ok(fields)
        }
        _ => Ok(Fields::new()),
    }
}

#[cfg(test)]
mod tests;
