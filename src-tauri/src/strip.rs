//! The ticker strip: a small window that stays above the others, where the user left it.

use tauri::{AppHandle, Manager as _, WebviewUrl};

use crate::{desktop::Desktop, window, words};

/// The label of its window.
pub(crate) const LABEL: &str = "strip";
/// The same page as the main window's, told to show the strip.
const PAGE: &str = "index.html?window=strip";
/// In logical pixels.
const SIZE: (f64, f64) = (900.0, 36.0);

/// Shows the strip or takes it away, as the user chose.
pub(crate) fn show(app: &AppHandle, on: bool) {
    match (app.get_webview_window(LABEL), on) {
        (None, true) => create(app),
        (Some(window), false) => window::destroy(&window),
        _ => {}
    }
}

fn create(app: &AppHandle) {
    let (width, height) = SIZE;
    let title = words::now(app).strip_title();
    let made = window::make(app, LABEL, WebviewUrl::App(PAGE.into()), |builder| {
        builder
            .title(title)
            .inner_size(width, height)
            .resizable(false)
            .maximizable(false)
            .minimizable(false)
            .decorations(false)
            .shadow(false)
            .always_on_top(true)
            .visible_on_all_workspaces(true)
            .skip_taskbar(true)
            .focused(false)
    });
    match made {
        Ok(_) => app.state::<Desktop>().pages().set_visible(LABEL, true),
        Err(error) => tracing::warn!(%error, "the ticker strip cannot be shown"),
    }
}

/// Calls the strip what the language calls it.
pub(crate) fn rename(app: &AppHandle, title: &str) {
    if let Some(window) = app.get_webview_window(LABEL)
        && let Err(error) = window.set_title(title)
    {
        tracing::debug!(%error, "the strip keeps its title");
    }
}

/// Who closes the strip does not want it any more.
pub(crate) fn closed(app: &AppHandle) {
    set(app.clone(), |_| false);
}

/// Shows the strip, or takes it away where it is shown.
pub(crate) fn toggle(app: &AppHandle) {
    set(app.clone(), |on| !on);
}

/// The window follows what is chosen.
fn set(app: AppHandle, wanted: fn(bool) -> bool) {
    tauri::async_runtime::spawn(async move {
        let chosen = app.state::<Desktop>().choose(|chosen| chosen.strip = wanted(chosen.strip)).await;
        if let Err(error) = chosen {
            tracing::warn!(message = error.message, "the ticker strip stays as it is");
        }
    });
}
