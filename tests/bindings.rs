//! The TypeScript bindings in the repository are those of the Rust sources, and nothing else may be called.
#![allow(clippy::expect_used, reason = "a test that cannot read its files has nothing to say")]

use std::{collections::BTreeSet, fs, path::Path};

const BINDINGS: &str = "ui/src/bindings.ts";
const PERMISSIONS: &str = "src-tauri/permissions/window.toml";

fn exported() -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("bindings.ts");
    quickstocks_lib::bindings::export(&file).expect("the bindings can be exported");
    fs::read_to_string(file).expect("the bindings were exported")
}

#[test]
fn the_bindings_are_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(BINDINGS);
    let exported = exported();
    if std::env::var_os("UPDATE_BINDINGS").is_some() {
        fs::write(&path, &exported).expect("the bindings can be written");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed.replace("\r\n", "\n") == exported,
        "{BINDINGS} is old: UPDATE_BINDINGS=1 cargo test --test bindings"
    );
}

#[test]
fn the_window_is_granted_its_commands_and_no_others() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PERMISSIONS);
    let permissions = fs::read_to_string(path).expect("the permissions can be read");
    let granted: BTreeSet<&str> =
        permissions.lines().filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix("\",")).collect();
    let exported = exported();
    let called: BTreeSet<&str> =
        exported.split("INVOKE").filter_map(|call| call.split_once("(\"")?.1.split('"').next()).collect();
    assert_eq!(granted, called.intersection(&granted).copied().collect(), "granted, but no command");
    assert_eq!(granted.len(), exported.matches("__TAURI_INVOKE").count() - IMPORTS, "a command that nobody may call");
}

/// Where the name stands without a call: its import.
const IMPORTS: usize = 1;
