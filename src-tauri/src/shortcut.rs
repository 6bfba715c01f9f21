//! The keys that show and hide the window from anywhere. Where they cannot be had, the settings say why; nothing else fails.

use tauri::{AppHandle, Manager as _};
use tauri_plugin_global_shortcut::{GlobalShortcutExt as _, ShortcutState};

use crate::{desktop::Desktop, window};

/// Takes these keys in place of those before.
pub(crate) fn replace(app: &AppHandle, before: Option<&str>, keys: Option<&str>) {
    if let Some(before) = before
        && app.try_state::<tauri_plugin_global_shortcut::GlobalShortcut<tauri::Wry>>().is_some()
        && let Err(error) = app.global_shortcut().unregister(before)
    {
        tracing::debug!(%error, before, "keys that were not taken are given back");
    }
    let problem = keys.and_then(|keys| take(app, keys).err());
    if let Some(problem) = &problem {
        tracing::warn!("{problem}");
    }
    app.state::<Desktop>().keys_tried(keys.map(str::to_owned), problem);
}

fn take(app: &AppHandle, keys: &str) -> Result<(), String> {
    if let Some(reason) = nobody_gives_keys() {
        return Err(reason.into());
    }
    let failed = |error: &dyn std::fmt::Display| format!("The keys {keys} do not show the window: {error}");
    // Only for who wants it: on X11 it looks for keys twenty times a second.
    if app.try_state::<tauri_plugin_global_shortcut::GlobalShortcut<tauri::Wry>>().is_none() {
        app.plugin(tauri_plugin_global_shortcut::Builder::new().build()).map_err(|error| failed(&error))?;
    }
    // Told on the thread that takes and gives keys back, for which the main thread waits: it must not wait for the main thread.
    let pressed = |app: &AppHandle, _: &_, event: tauri_plugin_global_shortcut::ShortcutEvent| {
        if event.state() == ShortcutState::Pressed {
            let shown = app.clone();
            if let Err(error) = app.run_on_main_thread(move || window::toggle(&shown)) {
                tracing::warn!(%error, "the keys cannot show the window");
            }
        }
    };
    app.global_shortcut().on_shortcut(keys, pressed).map_err(|error| failed(&error))
}

/// Wayland gives an app the keys of its own windows only.
fn nobody_gives_keys() -> Option<&'static str> {
    let wayland = cfg!(target_os = "linux") && std::env::var_os("WAYLAND_DISPLAY").is_some();
    wayland.then_some(
        "Wayland gives no app keys of the whole desktop. In the desktop's keyboard settings, let a key start quickstocks: \
         that shows this window.",
    )
}
