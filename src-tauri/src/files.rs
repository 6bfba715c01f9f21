//! Files of the user's own: read and written only where a dialog of the system points to, never where the page says.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use quote_engine::durable::write_text;
use serde::Serialize;
use tauri::{Manager as _, WebviewWindow};
use tauri_plugin_dialog::{DialogExt as _, FilePath};
use tokio::sync::oneshot;

use crate::{error::UiError, words};

/// The largest file that is read or written, in bytes: lists of ten thousand symbols fit many times.
const SIZE_MAX: usize = 8 * 1024 * 1024;
/// The longest name that is proposed for a file, in characters.
const NAME_MAX: usize = 100;

/// A file the user pointed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct ImportedFile {
    /// Its name, without the folder.
    pub name: String,
    /// What stands in it.
    pub contents: String,
}

/// Writes `contents` where the user says; the path, or nothing where the user changed their mind.
pub(crate) async fn export(window: &WebviewWindow, name: &str, contents: String) -> Result<Option<String>, UiError> {
    if contents.len() > SIZE_MAX {
        return Err(too_large("what is to be exported"));
    }
    let (answer, chosen) = oneshot::channel();
    let title = words::now(window.app_handle()).dialog_save();
    let dialog = window.dialog().file().set_parent(window).set_title(title);
    dialog.set_file_name(file_name(name)).save_file(|path| drop(answer.send(path)));
    let Some(path) = local(chosen.await.ok().flatten())? else { return Ok(None) };
    let shown = path.display().to_string();
    let written = tokio::task::spawn_blocking(move || write_text(&path, &contents)).await;
    written.map_err(|error| UiError::unavailable(error.to_string()))??;
    Ok(Some(shown))
}

/// Reads a file that the user points to, or nothing where the user changed their mind.
pub(crate) async fn import(window: &WebviewWindow) -> Result<Option<ImportedFile>, UiError> {
    let (answer, chosen) = oneshot::channel();
    let title = words::now(window.app_handle()).dialog_open();
    window.dialog().file().set_parent(window).set_title(title).pick_file(|path| drop(answer.send(path)));
    let Some(path) = local(chosen.await.ok().flatten())? else { return Ok(None) };
    let read = tokio::task::spawn_blocking(move || read(&path)).await;
    read.unwrap_or_else(|error| Err(UiError::unavailable(error.to_string()))).map(Some)
}

/// Shows a folder in the system's file manager.
pub(crate) fn show_folder(folder: &Path) -> Result<(), UiError> {
    tauri_plugin_opener::open_path(folder, None::<&str>)
        .map_err(|error| UiError::unavailable(format!("{} cannot be shown: {error}", folder.display())))
}

fn local(chosen: Option<FilePath>) -> Result<Option<PathBuf>, UiError> {
    chosen.map(|path| path.into_path().map_err(|error| UiError::invalid(error.to_string()))).transpose()
}

/// A name without a folder, and without what no system takes.
fn file_name(proposed: &str) -> String {
    let plain = |c: char| if c.is_control() || r#"/\:*?"<>|"#.contains(c) { '-' } else { c };
    let name: String = proposed.trim().trim_start_matches('.').chars().take(NAME_MAX).map(plain).collect();
    if name.is_empty() { "quickstocks".into() } else { name }
}

fn read(path: &Path) -> Result<ImportedFile, UiError> {
    let shown = path.display();
    let failed = |error: &dyn std::fmt::Display| UiError::unavailable(format!("{shown} cannot be read: {error}"));
    let mut bytes = Vec::new();
    // A file may grow, and some say that they have no size.
    let file = File::open(path).map_err(|error| failed(&error))?;
    file.take(SIZE_MAX as u64 + 1).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    if bytes.len() > SIZE_MAX {
        return Err(too_large(&shown.to_string()));
    }
    let contents = text(bytes).ok_or_else(|| UiError::invalid(format!("{shown} is no text in UTF-8 or UTF-16")))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(ImportedFile { name, contents })
}

/// Spreadsheets put a mark before their text that says how it is written.
fn text(bytes: Vec<u8>) -> Option<String> {
    let wide = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let (units, odd) = rest.as_chunks::<2>();
        String::from_utf16(&units.iter().copied().map(unit).collect::<Vec<_>>()).ok().filter(|_| odd.is_empty())
    };
    match bytes.as_slice() {
        [0xEF, 0xBB, 0xBF, rest @ ..] => std::str::from_utf8(rest).ok().map(str::to_owned),
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => String::from_utf8(bytes).ok(),
    }
}

fn too_large(what: &str) -> UiError {
    UiError::invalid(format!("{what} has more than {} MiB", SIZE_MAX / 1024 / 1024))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_proposed_name_is_no_path() {
        for (proposed, name) in [
            ("lists.csv", "lists.csv"),
            ("../../.bashrc", "-..-.bashrc"),
            ("a/b\\c:d", "a-b-c-d"),
            ("  ", "quickstocks"),
            (".hidden", "hidden"),
        ] {
            assert_eq!(file_name(proposed), name);
        }
        assert_eq!(file_name(&"é".repeat(300)).chars().count(), NAME_MAX);
    }

    #[test]
    fn text_is_read_as_it_was_written() {
        let utf16 = |mark: [u8; 2], unit: fn(u16) -> [u8; 2]| {
            mark.into_iter().chain("Zürich,1".encode_utf16().flat_map(unit)).collect::<Vec<u8>>()
        };
        let written = [
            "Zürich,1".as_bytes().to_vec(),
            [b"\xEF\xBB\xBF", "Zürich,1".as_bytes()].concat(),
            utf16([0xFF, 0xFE], u16::to_le_bytes),
            utf16([0xFE, 0xFF], u16::to_be_bytes),
        ];
        for bytes in written {
            assert_eq!(text(bytes).as_deref(), Some("Zürich,1"));
        }
        assert_eq!((text(vec![0xFF, 0xFE, 0x41]), text(vec![0xC3, 0x28])), (None, None));
    }

    #[test]
    fn a_file_is_bounded_and_replaced_whole_whatever_stands_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lists.csv");
        let beside = folder.path().join("lists.csv.part");
        fs::write(&beside, "mine").unwrap();
        write_text(&path, "old").unwrap();
        write_text(&path, "new").unwrap();
        assert_eq!(read(&path).unwrap(), ImportedFile { name: "lists.csv".into(), contents: "new".into() });
        assert_eq!(fs::read_to_string(&beside).unwrap(), "mine");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        fs::write(&path, vec![b'a'; SIZE_MAX + 1]).unwrap();
        assert!(read(&path).unwrap_err().message.contains("8 MiB"));
        assert!(read(folder.path()).is_err());
    }
}
