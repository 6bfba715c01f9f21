//! macOS: the app stands in the Dock and has a menu bar while its window is open; hidden, it is an icon in the menu bar.
// not run on macOS here

use tauri::AppHandle;

/// Puts the app into the Dock, or takes it out.
#[cfg(target_os = "macos")]
pub(crate) fn show(app: &AppHandle, shown: bool) {
    use tauri::ActivationPolicy::{Accessory, Regular};

    if let Err(error) = app.set_activation_policy(if shown { Regular } else { Accessory }) {
        tracing::debug!(%error, shown, "the Dock is as it was");
    }
}

/// Elsewhere windows come and go by themselves.
#[cfg(not(target_os = "macos"))]
pub(crate) fn show(_: &AppHandle, _: bool) {}
