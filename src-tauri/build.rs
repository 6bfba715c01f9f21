//! Declares the window's commands to Tauri, so that each must be granted, and lets a fresh clone build without a UI.

use std::{fs, io, path::Path};

/// Shown where the UI has not been built.
const PLACEHOLDER: &str = r#"<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <title>Quickstocks</title>
  <p>The user interface has not been built. Run: npm run build:ui</p>
</html>
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    println!("cargo:rerun-if-changed=src-tauri/permissions");
    println!("cargo:rerun-if-changed=ui/dist");
    ensure_ui(Path::new("ui/dist"))?;
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*")
        .app_manifest(tauri_build::AppManifest::new().permissions_path_pattern("./src-tauri/permissions/*.toml"));
    tauri_build::try_build(attributes)?;
    Ok(())
}

/// The window's files are compiled in, so there must be some.
fn ensure_ui(dist: &Path) -> io::Result<()> {
    let page = dist.join("index.html");
    if page.exists() {
        return Ok(());
    }
    fs::create_dir_all(dist)?;
    fs::write(page, PLACEHOLDER)
}
