//! Finds the languages of the texts that `src/words.rs` says: each file of `locales/system` is one.
#![allow(clippy::print_stdout, reason = "cargo is told what to watch")]

use std::{env, error::Error, ffi::OsStr, fmt::Write as _, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../locales/system");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files: Vec<_> =
        fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
    files.retain(|file| file.extension().is_some_and(|kind| kind == "ftl"));
    files.sort();
    let mut languages = String::new();
    for file in &files {
        let (tag, file) = (text(file.file_stem())?, text(Some(file.as_os_str()))?);
        write!(languages, "({tag:?}, include_str!({file:?})), ")?;
    }
    fs::write(Path::new(&env::var("OUT_DIR")?).join("languages.rs"), format!("&[{languages}]"))?;
    Ok(())
}

fn text(path: Option<&OsStr>) -> Result<&str, String> {
    path.and_then(OsStr::to_str).ok_or_else(|| format!("{path:?} is no path that a Rust source can name"))
}
