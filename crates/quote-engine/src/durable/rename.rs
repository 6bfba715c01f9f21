//! Putting one file in the place of another, on Windows too: there a program that looks at a file, such as a virus
//! scanner, holds it for a moment, and the names of temporary files may not be long.

use std::{
    borrow::Cow,
    fs, io,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use tempfile::{NamedTempFile, TempPath};

/// How often it is tried while another program holds a file.
const TRIES: u32 = 10;
/// The pause after the first try; the one after the next is as much longer. All together: 0.9 s.
const PAUSE: Duration = Duration::from_millis(20);

/// Renames a file, over one that may be there.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    patiently(is_held, thread::sleep, || fs::rename(from, to))
}

/// A file of its own beside one that it will replace, for its owner only.
pub(super) fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = folder(path);
    fs::create_dir_all(folder)?;
    tempfile::Builder::new().prefix(".saving-").tempfile_in(of_any_length(folder))
}

/// Puts that file in its place.
pub(super) fn put(beside: NamedTempFile, path: &Path) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    let place = of_any_length(folder(path)).join(name);
    let mut left = Some(beside.into_temp_path());
    patiently(is_held, thread::sleep, || put_once(&mut left, &place))?;
    sync(folder(path))
}

/// What could not be put is left for the next try.
fn put_once(left: &mut Option<TempPath>, place: &Path) -> io::Result<()> {
    let Some(file) = left.take() else { return Ok(()) };
    file.persist(place).map_err(|failed| {
        *left = Some(failed.path);
        failed.error
    })
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The same folder, so named that a name in it may have any length: std sees to that by itself, tempfile does not.
fn of_any_length(folder: &Path) -> Cow<'_, Path> {
    let named: Option<PathBuf> = if cfg!(windows) { fs::canonicalize(folder).ok() } else { None };
    named.map_or(Cow::Borrowed(folder), Cow::Owned)
}

/// Makes the rename itself durable. Windows has no such call and needs none.
fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { fs::File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Windows says so of a file that another program has open: access denied, sharing violation, lock violation.
fn is_held(error: &io::Error) -> bool {
    cfg!(windows) && matches!(error.raw_os_error(), Some(5 | 32 | 33))
}

fn patiently<T>(
    is_held: impl Fn(&io::Error) -> bool,
    mut pause: impl FnMut(Duration),
    mut work: impl FnMut() -> io::Result<T>,
) -> io::Result<T> {
    for tried in 1..TRIES {
        match work() {
            Err(error) if is_held(&error) => pause(PAUSE * tried),
            done => return done,
        }
    }
    work()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held() -> io::Error {
        io::Error::from(io::ErrorKind::ResourceBusy)
    }

    fn waits(failures: u32, error: fn() -> io::Error) -> (bool, u32, Duration) {
        let (mut tried, mut waited) = (0, Duration::ZERO);
        let done = patiently(
            |error| error.kind() == io::ErrorKind::ResourceBusy,
            |pause| waited += pause,
            || {
                tried += 1;
                if tried > failures { Ok(()) } else { Err(error()) }
            },
        );
        (done.is_ok(), tried, waited)
    }

    #[test]
    fn what_another_program_holds_is_tried_again_and_all_else_is_not() {
        assert_eq!(waits(0, held), (true, 1, Duration::ZERO));
        assert_eq!(waits(3, held), (true, 4, Duration::from_millis(120)));
        assert_eq!(waits(u32::MAX, held), (false, 10, Duration::from_millis(900)));
        assert_eq!(waits(1, || io::ErrorKind::StorageFull.into()), (false, 1, Duration::ZERO));
    }

    #[cfg(windows)]
    #[test]
    fn a_file_that_is_held_is_replaced_once_it_is_let_go() {
        use std::os::windows::fs::OpenOptionsExt as _;
        const SHARED_FOR_READING: u32 = 1;
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("file");
        fs::write(&path, "before").unwrap();
        let mut holder = Some(fs::File::options().read(true).share_mode(SHARED_FOR_READING).open(&path).unwrap());
        let mut left = Some(beside(&path).unwrap().into_temp_path());
        let mut pauses = 0;
        let let_go = |_| {
            pauses += 1;
            if pauses == 2 {
                holder = None;
            }
        };
        patiently(is_held, let_go, || put_once(&mut left, &path)).unwrap();
        assert_eq!((pauses, fs::read_to_string(&path).unwrap().as_str()), (2, ""));
    }
}
