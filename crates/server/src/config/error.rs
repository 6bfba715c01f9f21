//! What is wrong with a configuration, in one line.

use std::path::{Path, PathBuf};

/// The largest configuration file read.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// What is wrong with a configuration: where, which key, what, and what is allowed. One line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there, or not ours to read.
    #[error("{}: {reason}", file.display())]
    Unreadable {
        /// Which file.
        file: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The file is no TOML.
    #[error("{}: {reason}", file.display())]
    Syntax {
        /// Which file.
        file: PathBuf,
        /// Where and what.
        reason: String,
    },
    /// There is no such key.
    #[error("{place}: there is no key {key}; did you mean {nearest}?")]
    UnknownKey {
        /// File, environment or flag.
        place: String,
        /// What was written.
        key: String,
        /// The known key that looks most like it.
        nearest: String,
    },
    /// The value is not allowed.
    #[error("{place}: {key}: {problem}")]
    Value {
        /// File, environment or flag.
        place: String,
        /// Which key.
        key: String,
        /// What is wrong, and what is allowed.
        problem: String,
    },
}

impl ConfigError {
    pub(super) fn syntax(file: &Path, error: &figment::Error) -> Self {
        Self::Syntax { file: file.into(), reason: one_line(&error.kind.to_string()) }
    }
}

/// The lines of a message without the drawing between them.
pub(super) fn one_line(text: &str) -> String {
    let told = |line: &&str| !line.is_empty() && !line.contains('|');
    text.lines().map(str::trim).filter(told).collect::<Vec<_>>().join(": ")
}

pub(super) fn read(file: &Path) -> Result<String, ConfigError> {
    let unreadable = |reason: String| ConfigError::Unreadable { file: file.into(), reason };
    let about = std::fs::metadata(file).map_err(|error| unreadable(error.to_string()))?;
    if about.len() > FILE_BYTES_MAX {
        return Err(unreadable(format!("has {} bytes; allowed: {FILE_BYTES_MAX}", about.len())));
    }
    std::fs::read_to_string(file).map_err(|error| unreadable(error.to_string()))
}
