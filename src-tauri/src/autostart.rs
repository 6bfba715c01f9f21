//! Starting with the system, hidden in the tray. Whether it does is read from the system, which is where users change it too.

use tauri::{AppHandle, Manager as _, State};
use tauri_plugin_autostart::AutoLaunchManager;

use crate::error::UiError;

/// What an app that the system started is told.
pub(crate) const HIDDEN: &str = "--hidden";

/// Makes autostart possible; where it is not, the settings say so.
pub(crate) fn prepare(app: &AppHandle) {
    let plugin = tauri_plugin_autostart::Builder::new().arg(HIDDEN).app_name("Quickstocks").build();
    if let Err(error) = app.plugin(plugin) {
        tracing::warn!(%error, "Quickstocks cannot be started with the system");
    }
}

/// Whether Quickstocks starts with the system; nothing where that cannot be told.
pub(crate) fn is_on(app: &AppHandle) -> Option<bool> {
    manager(app)?.is_enabled().ok()
}

/// Starts Quickstocks with the system, or no more.
pub(crate) fn set(app: &AppHandle, on: bool) -> Result<(), UiError> {
    let manager = manager(app).ok_or_else(|| UiError::unavailable("This system starts no programs by itself."))?;
    // A program that was not started with the system is not there to be taken out.
    if !on && manager.is_enabled().is_ok_and(|on| !on) {
        return Ok(());
    }
    let done = if on { manager.enable() } else { manager.disable() };
    done.map_err(|error| UiError::unavailable(format!("Starting with the system is as it was: {error}")))
}

fn manager(app: &AppHandle) -> Option<State<'_, AutoLaunchManager>> {
    app.try_state()
}
