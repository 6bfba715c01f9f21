//! `secrets.toml`: written by the user, read by us. Refused where others can read it; its contents are never quoted.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
};

use secrecy::SecretString;

/// The largest file read.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// The secret `table.table.key` in the file; `None` where the file or the key is not there.
pub(super) fn read(path: &Path, name: &str) -> Result<Option<SecretString>, String> {
    let Some(text) = text(path)? else { return Ok(None) };
    let tree: toml::Table = toml::from_str(&text).map_err(|error| {
        let line =
            error.span().map_or(1, |span| text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1);
        format!("line {line} is no TOML; allowed: [provider.NAME] and below it key = \"…\"")
    })?;
    let mut tables = name.split('.');
    let key = tables.next_back().unwrap_or_default();
    let table = tables.try_fold(&tree, |table, name| table.get(name)?.as_table());
    match table.and_then(|table| table.get(key)) {
        None => Ok(None),
        Some(toml::Value::String(secret)) => Ok(Some(SecretString::from(secret.trim()))),
        Some(_) => Err(format!("{name} is no text; allowed: \"…\"")),
    }
}

fn text(path: &Path) -> Result<Option<String>, String> {
    // Before it is opened: opening a pipe would wait for its other end.
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Ok(about) if !about.is_file() => return Err("is no file".to_owned()),
        Ok(_) | Err(_) => {}
    }
    let file = File::open(path).map_err(|error| error.to_string())?;
    let about = file.metadata().map_err(|error| error.to_string())?;
    check_mode(&about)?;
    let mut text = String::new();
    file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text).map_err(|error| error.to_string())?;
    if text.len() as u64 > FILE_BYTES_MAX {
        return Err(format!("has more than {FILE_BYTES_MAX} bytes"));
    }
    Ok(Some(text))
}

/// A secret that others can read is none. On Windows a file has no mode: who may read the folder may read what is in it.
#[cfg(unix)]
fn check_mode(about: &fs::Metadata) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = about.permissions().mode() & 0o777;
    let of_others = mode & 0o077;
    if of_others == 0 {
        return Ok(());
    }
    Err(format!("has mode {mode:04o}, so that others can read or change it; allowed: 0600 (chmod 600)"))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as where modes exist")]
fn check_mode(_about: &fs::Metadata) -> Result<(), String> {
    Ok(())
}
