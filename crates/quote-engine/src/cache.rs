//! What is kept only to be quick, and may go at any time: charts and the last quotes. Never while a feed uses the folder.

use std::path::Path;

use crate::{
    durable::{DurableError, remove_if_there},
    feed::SnapshotFile,
    history,
};

/// Forgets every chart and quote that is kept in a data folder that nobody uses.
pub fn clear(data_dir: &Path) -> Result<(), DurableError> {
    SnapshotFile::new(data_dir).remove()?;
    remove_if_there(&data_dir.join(history::FILE))
}
