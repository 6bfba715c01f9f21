//! A file that survives kill -9 and a full disk: written beside, synced, then renamed; the generation before it kept.
//!
//! The bytes carry their own checksum and generation, so that a torn or foreign file is noticed, kept aside and told,
//! never silently taken for an empty one.

mod rename;

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

/// The largest file read. A store of 10,000 symbols and 1,000 alerts has well under one MiB.
const BYTES_MAX: u64 = 64 << 20;

/// Why a state could not be written or read. The file that was there stands untouched.
#[derive(Debug, thiserror::Error)]
pub enum DurableError {
    /// The disk is full, read-only, or not ours.
    #[error("saving {path}: {source}")]
    Write {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The state is no JSON.
    #[error("saving {path}: the state cannot be written as JSON: {source}")]
    Encode {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
    /// It is there, but cannot be read at all.
    #[error("reading {path}: {source}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A newer version of the program wrote it: left alone.
    #[error(
        "reading {path}: it was written by a newer version (format {found}, this one knows {known}); it is left alone"
    )]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
}

/// A file of this kind.
#[derive(Debug, Clone)]
pub struct DurableFile {
    path: PathBuf,
    format: u32,
}

/// What a file held.
#[derive(Debug)]
pub struct Loaded<T> {
    /// The newest state that is whole; `None` at a first start.
    pub state: Option<T>,
    /// Its generation; 0 where there is none.
    pub generation: u64,
    /// What the user should know: a file was damaged, and where it was put.
    pub notice: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Envelope<T> {
    format: u32,
    generation: u64,
    sha256: String,
    state: T,
}

#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

impl DurableFile {
    /// The file at `path`, in the given format.
    pub fn new(path: impl Into<PathBuf>, format: u32) -> Self {
        Self { path: path.into(), format }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn previous(&self) -> PathBuf {
        with_suffix(&self.path, ".prev")
    }

    /// Writes a state. When this returns, the state survives whatever happens; when it fails, the one before stands.
    pub fn save<T: Serialize>(&self, generation: u64, state: &T) -> Result<(), DurableError> {
        let encode = |source| DurableError::Encode { path: self.path.clone(), source };
        // The checksum is of the state as it stands in the file: a tree of its values would take ten times the memory.
        let state = serde_json::value::to_raw_value(state).map_err(encode)?;
        let envelope = Envelope { format: self.format, generation, sha256: checksum(state.get()), state: &*state };
        self.replace(&envelope).map_err(|source| DurableError::Write { path: self.path.clone(), source })
    }

    /// Removes the state and the one before it.
    pub fn remove(&self) -> Result<(), DurableError> {
        for path in [&self.path, &self.previous()] {
            remove_if_there(path)?;
        }
        Ok(())
    }

    fn replace(&self, envelope: &impl Serialize) -> io::Result<()> {
        let mut beside = rename::beside(&self.path)?;
        let mut out = io::BufWriter::new(&mut beside);
        serde_json::to_writer(&mut out, envelope)?;
        out.flush()?;
        drop(out);
        beside.as_file().sync_all()?;
        keep_previous(&self.path, &self.previous())?;
        rename::put(beside, &self.path)
    }

    /// Reads the newest state that is whole.
    pub fn load<T: DeserializeOwned>(&self) -> Result<Loaded<T>, DurableError> {
        let main = self.read(&self.path)?;
        if let Content::Whole(generation, state) = main {
            return Ok(Loaded { state: Some(state), generation, notice: None });
        }
        let damaged = matches!(main, Content::Damaged);
        let kept_at = if damaged { Some(self.keep_aside()) } else { None };
        let (generation, state) = match self.read(&self.previous())? {
            Content::Whole(generation, state) => (generation, Some(state)),
            Content::Damaged | Content::Missing => (0, None),
        };
        let notice = kept_at.map(|at| damage_notice(&self.path, &at, state.is_some()));
        Ok(Loaded { state, generation, notice })
    }

    /// The same for a reader that may change nothing: a damaged file stays where it is.
    pub fn peek<T: DeserializeOwned>(&self) -> Result<Option<T>, DurableError> {
        for path in [&self.path, &self.previous()] {
            if let Content::Whole(_, state) = self.read(path)? {
                return Ok(Some(state));
            }
        }
        Ok(None)
    }

    fn read<T: DeserializeOwned>(&self, path: &Path) -> Result<Content<T>, DurableError> {
        let bytes = match fs::metadata(path)
            .and_then(|about| if about.len() > BYTES_MAX { Ok(Vec::new()) } else { fs::read(path) })
        {
            Ok(bytes) => bytes,
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(Content::Missing),
            Err(source) => return Err(DurableError::Read { path: path.into(), source }),
        };
        if let Ok(FormatOnly { format }) = serde_json::from_slice(&bytes)
            && format > self.format
        {
            return Err(DurableError::Newer { path: path.into(), found: format, known: self.format });
        }
        let whole = serde_json::from_slice::<Envelope<&RawValue>>(&bytes)
            .ok()
            .filter(|envelope| is_checksum(&envelope.sha256, envelope.state))
            .and_then(|envelope| Some((envelope.generation, serde_json::from_str(envelope.state.get()).ok()?)));
        Ok(whole.map_or(Content::Damaged, |(generation, state)| Content::Whole(generation, state)))
    }

    /// Moves a damaged file out of the way, so that the next save cannot overwrite what may be rescued by hand.
    fn keep_aside(&self) -> PathBuf {
        let now = jiff::Timestamp::now().as_millisecond();
        let aside = with_suffix(&self.path, &format!(".damaged-{now}"));
        if let Err(error) = rename::rename(&self.path, &aside) {
            tracing::warn!(path = %self.path.display(), %error, "a damaged file cannot be moved out of the way");
        }
        aside
    }
}

enum Content<T> {
    Whole(u64, T),
    Damaged,
    Missing,
}

fn damage_notice(path: &Path, aside: &Path, rescued: bool) -> String {
    let name = |p: &Path| p.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let outcome = if rescued { "The state before it was restored." } else { "Nothing could be restored from it." };
    format!("{} was damaged. {outcome} The damaged file is kept as {}.", name(path), name(aside))
}

fn checksum(state: &str) -> String {
    hex::encode(Sha256::digest(state))
}

/// Of the state as it stands there; once it was of its values in order.
fn is_checksum(sum: &str, state: &RawValue) -> bool {
    let of_values = || Some(checksum(&serde_json::from_str::<serde_json::Value>(state.get()).ok()?.to_string()));
    sum == checksum(state.get()) || of_values().is_some_and(|of_values| sum == of_values)
}

/// A path with something behind its name.
pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Removes a file; that it is not there is no error.
pub fn remove_if_there(path: &Path) -> Result<(), DurableError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(DurableError::Write { path: path.into(), source })
        }
        _ => Ok(()),
    }
}

/// The present file becomes the previous one without ever being absent: a second name for it, moved over the old.
fn keep_previous(path: &Path, previous: &Path) -> io::Result<()> {
    let second_name = with_suffix(previous, ".new");
    match fs::remove_file(&second_name) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    match fs::hard_link(path, &second_name).or_else(|_| fs::copy(path, &second_name).map(drop)) {
        Ok(()) => rename::rename(&second_name, previous),
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Writes a file that only its owner may read, whole or not at all: mode 0600 on Unix; on Windows who may read it is who
/// may read its folder, which in the user's own data folder is the user, the system and its administrators.
pub fn write_secret(path: &Path, text: &str) -> Result<(), DurableError> {
    replace_text(path, text, None).map_err(|source| DurableError::Write { path: path.into(), source })
}

/// Writes a file that its owner edits too, whole or not at all: a link to it stays one, its mode stays, and one that is
/// write-protected is left alone. A new one is for its owner only.
pub fn write_text(path: &Path, text: &str) -> Result<(), DurableError> {
    let write = || {
        let there = fs::canonicalize(path).ok();
        let permissions = there.as_ref().map(fs::metadata).transpose()?.map(|about| about.permissions());
        if permissions.as_ref().is_some_and(fs::Permissions::readonly) {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is write-protected"));
        }
        replace_text(there.as_deref().unwrap_or(path), text, permissions)
    };
    write().map_err(|source| DurableError::Write { path: path.into(), source })
}

fn replace_text(path: &Path, text: &str, permissions: Option<fs::Permissions>) -> io::Result<()> {
    // Such a file has mode 0600 from its first moment.
    let mut beside = rename::beside(path)?;
    beside.write_all(text.as_bytes())?;
    if let Some(permissions) = permissions {
        beside.as_file().set_permissions(permissions)?;
    }
    beside.as_file().sync_all()?;
    rename::put(beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(folder: &tempfile::TempDir) -> DurableFile {
        DurableFile::new(folder.path().join("profiles.json"), 1)
    }

    #[test]
    fn what_was_saved_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        assert!(file(&folder).load::<Vec<u8>>().unwrap().state.is_none());
        file(&folder).save(1, &vec![1, 2]).unwrap();
        file(&folder).save(2, &vec![3]).unwrap();
        let loaded = file(&folder).load::<Vec<u8>>().unwrap();
        assert_eq!((loaded.state, loaded.generation, loaded.notice), (Some(vec![3]), 2, None));
    }

    #[test]
    fn a_file_cut_anywhere_gives_the_state_before_it_and_is_kept_aside() {
        let folder = tempfile::tempdir().unwrap();
        file(&folder).save(1, &"before").unwrap();
        file(&folder).save(2, &"after").unwrap();
        let (whole, before) = (fs::read(file(&folder).path()).unwrap(), fs::read(file(&folder).previous()).unwrap());
        for cut in 0..whole.len() {
            fs::write(file(&folder).path(), &whole[..cut]).unwrap();
            fs::write(file(&folder).previous(), &before).unwrap();
            assert_eq!(file(&folder).peek::<String>().unwrap().as_deref(), Some("before"));
            assert!(file(&folder).path().exists(), "whoever only looks moves nothing");
            let loaded = file(&folder).load::<String>().unwrap();
            assert_eq!(loaded.state.as_deref(), Some("before"), "cut at {cut}");
            assert!(loaded.notice.is_some_and(|n| n.contains("profiles.json was damaged")));
            assert!(!file(&folder).path().exists());
        }
    }

    #[test]
    fn one_changed_byte_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        file(&folder).save(1, &"money").unwrap();
        let text = fs::read_to_string(file(&folder).path()).unwrap().replace("money", "honey");
        fs::write(file(&folder).path(), text).unwrap();
        assert!(file(&folder).load::<String>().unwrap().state.is_none());
    }

    #[test]
    fn a_file_with_the_former_checksum_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let state = serde_json::json!({"b": 1, "a": [2.5]});
        let sum = checksum(&state.to_string());
        let text = format!(
            "{{\n  \"format\": 1, \"generation\": 4, \"sha256\": \"{sum}\", \"state\": {{\n \"b\": 1, \"a\": [ 2.5 ] }} }}"
        );
        fs::write(file(&folder).path(), text).unwrap();
        let loaded = file(&folder).load::<serde_json::Value>().unwrap();
        assert_eq!((loaded.state, loaded.generation, loaded.notice), (Some(state), 4, None));
    }

    #[test]
    fn a_newer_format_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        DurableFile::new(file(&folder).path(), 2).save(1, &"new").unwrap();
        let before = fs::read(file(&folder).path()).unwrap();
        assert!(matches!(file(&folder).load::<String>(), Err(DurableError::Newer { found: 2, known: 1, .. })));
        assert_eq!(fs::read(file(&folder).path()).unwrap(), before);
    }

    #[test]
    fn a_folder_may_have_a_long_name_of_any_letters() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("Ein Ordner für 株価 & Žluťoučký kůň").join("x".repeat(200));
        let file = DurableFile::new(folder.join("profiles.json"), 1);
        file.save(1, &"before").unwrap();
        file.save(2, &"after").unwrap();
        assert_eq!(file.load::<String>().unwrap().state.as_deref(), Some("after"));
        fs::write(file.path(), "torn").unwrap();
        assert_eq!(file.load::<String>().unwrap().state.as_deref(), Some("before"));
        write_secret(&folder.join("token"), "t").unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 3, "the state before, the damaged one, the token");
    }

    #[cfg(unix)]
    #[test]
    fn a_text_that_is_replaced_keeps_its_link_and_mode_and_one_that_is_protected_stays() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "before").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&real, &link).unwrap();
        write_text(&link, "after").unwrap();
        assert_eq!(fs::read_to_string(&real).unwrap(), "after");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
        fs::set_permissions(&real, fs::Permissions::from_mode(0o440)).unwrap();
        assert!(write_text(&link, "no").unwrap_err().to_string().contains("write-protected"));
        assert_eq!(fs::read_to_string(&real).unwrap(), "after");
    }

    #[cfg(unix)]
    #[test]
    fn secrets_are_for_their_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        write_secret(&path, "t").unwrap();
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
