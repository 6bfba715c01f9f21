//! The data folder where it cannot be written: the app starts all the same, with a copy that lasts until it ends.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use quote_engine::store::PROFILES_FILE;

use crate::store::STORE_FILE;

/// A folder for what cannot be kept, and why it cannot.
#[derive(Debug)]
pub(crate) struct Stopgap {
    pub(crate) folder: PathBuf,
    /// For the user.
    pub(crate) notice: String,
}

/// Nothing where the data folder can be written; else a folder with what could be read there.
pub(crate) fn stopgap(data_dir: &Path) -> io::Result<Option<Stopgap>> {
    let Err(error) = try_to_write(data_dir) else { return Ok(None) };
    // A disk that is full has room again some time, and until then each change says that it was not saved.
    if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
        return Ok(None);
    }
    let folder = std::env::temp_dir().join(format!("quickstocks-{:016x}", rand::random::<u64>()));
    fs::create_dir_all(&folder)?;
    for file in [PROFILES_FILE, STORE_FILE] {
        match fs::copy(data_dir.join(file), folder.join(file)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => tracing::debug!(%error, file, "left out"),
            _ => {}
        }
    }
    let shown = data_dir.display();
    let notice = format!(
        "{shown} cannot be written ({error}). What you change now is gone when Quickstocks ends; what was there is untouched."
    );
    Ok(Some(Stopgap { folder, notice }))
}

/// Whether something can be written there.
pub(crate) fn try_to_write(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let probe = folder.join(format!(".probe-{:016x}", rand::random::<u64>()));
    fs::write(&probe, "")?;
    fs::remove_file(probe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_can_be_written_stays() {
        let folder = tempfile::tempdir().unwrap();
        let made = folder.path().join("a/b");
        assert!(stopgap(&made).unwrap().is_none());
        assert_eq!(fs::read_dir(made).unwrap().count(), 0, "nothing is left behind");
    }

    #[test]
    fn a_folder_that_cannot_be_made_has_a_stopgap() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let stopgap = stopgap(&file.join("data")).unwrap().unwrap();
        assert!(stopgap.notice.contains("cannot be written"), "{}", stopgap.notice);
        fs::remove_dir_all(stopgap.folder).unwrap();
    }
}
