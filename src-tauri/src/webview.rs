//! What draws the pages. It is part of macOS and comes with the packages of Linux; on Windows it is a program of its own,
//! `WebView2`, that may be missing.

use tauri::AppHandle;
use tauri_plugin_dialog::{DialogExt as _, MessageDialogKind};

/// Where Microsoft keeps its installer.
const INSTALLER: &str = "https://go.microsoft.com/fwlink/p/?LinkId=2124703";

/// What draws the pages, or why nothing does and what helps.
pub(crate) fn version() -> Result<String, String> {
    tauri::webview_version().map_err(|error| {
        format!(
            "Microsoft Edge WebView2, which draws the window, is missing ({error}). Install it from {INSTALLER}, then \
             start Quickstocks again. quickstocksd needs no window."
        )
    })
}

/// Tells whoever asked for a window why there is none.
pub(crate) fn tell_why_not(app: &AppHandle, problem: &str) {
    tracing::error!("{problem}");
    app.dialog().message(problem).title("Quickstocks").kind(MessageDialogKind::Error).show(|_| {});
}
