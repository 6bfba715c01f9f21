//! The last quotes, kept between two runs, so that the next start shows something at once, with its age.

use std::path::Path;

use market::Quote;

use crate::durable::{DurableError, DurableFile};

/// The file's name in the data folder.
const FILE: &str = "quotes.json";
const FORMAT: u32 = 1;

/// See above.
#[derive(Debug)]
pub(crate) struct SnapshotFile(DurableFile);

impl SnapshotFile {
    pub(crate) fn new(data_dir: &Path) -> Self {
        Self(DurableFile::new(data_dir.join(FILE), FORMAT))
    }

    /// What the run before knew. Losing it costs a few seconds of an empty list, so any trouble is only logged.
    pub(super) fn load(&self) -> Vec<Quote> {
        match self.0.load() {
            Ok(loaded) => loaded.state.unwrap_or_default(),
            Err(error) => {
                tracing::warn!(%error, "the last quotes are not known");
                Vec::new()
            }
        }
    }

    /// Forgets them.
    pub(crate) fn remove(&self) -> Result<(), DurableError> {
        self.0.remove()
    }

    pub(super) fn save(&self, quotes: &[&Quote]) {
        if quotes.is_empty() {
            return;
        }
        if let Err(error) = self.0.save(1, &quotes) {
            tracing::warn!(%error, "the last quotes are not kept");
        }
    }
}
