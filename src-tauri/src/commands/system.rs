//! What a window may ask of the system around it. Files are read and written only where the user points to.

use market::Symbol;
use quote_engine::notifier::{Notify as _, text};
use serde::Serialize;
use tauri::{AppHandle, State, WebviewWindow};

use super::Result;
use crate::{
    autostart,
    desktop::{Desktop, Open},
    error::UiError,
    files::{self, ImportedFile},
    notify::{Delivery, OsNotify},
    tray_host, window, words,
};

/// What the system around the app does for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct SystemState {
    /// Whether a tray shows the app's icon; without one, closing the window ends the app.
    pub tray: bool,
    /// Whether the system starts the app; left out where that cannot be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub autostart: Option<bool>,
    /// Why the chosen keys do not show the window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shortcut_problem: Option<String>,
    /// Whether notifications arrive.
    pub notifications: Delivery,
}

/// Prices stand on the page.
#[tauri::command]
#[specta::specta]
pub fn page_painted(desktop: State<'_, Desktop>, window: WebviewWindow) {
    if let Some(took) = desktop.pages().painted(window.label()) {
        tracing::info!(window = window.label(), took_ms = took.as_millis() as u64, "prices stand on the page");
    }
}

/// Brings the main window to the front, with this symbol's instrument, if any.
#[tauri::command]
#[specta::specta]
pub async fn show_main(app: AppHandle, symbol: Option<String>) -> Result<()> {
    let symbol = symbol.map(|symbol| Symbol::parse(&symbol)).transpose()?;
    window::open(&app, symbol.map(Open::Symbol));
    Ok(())
}

/// Shows the ticker strip, or takes it away.
#[tauri::command]
#[specta::specta]
pub async fn set_strip(desktop: State<'_, Desktop>, on: bool) -> Result<()> {
    desktop.choose(|chosen| chosen.strip = on).await
}

/// The pointer, pressed on the strip's handle, takes the window along.
#[tauri::command]
#[specta::specta]
pub async fn drag_strip(window: WebviewWindow) -> Result<()> {
    window.start_dragging().map_err(|error| UiError::unavailable(format!("the strip cannot be moved: {error}")))
}

/// What the system around the app does for it.
#[tauri::command]
#[specta::specta]
pub async fn system_state(
    app: AppHandle,
    desktop: State<'_, Desktop>,
    notify: State<'_, OsNotify>,
) -> Result<SystemState> {
    Ok(SystemState {
        tray: tray_host::is_there(),
        autostart: autostart::is_on(&app),
        shortcut_problem: desktop.shortcut_problem().await?,
        notifications: notify.delivery().await,
    })
}

/// Starts the app with the system, hidden in the tray, or no more.
#[tauri::command]
#[specta::specta]
pub async fn set_autostart(app: AppHandle, on: bool) -> Result<()> {
    autostart::set(&app, on)
}

/// Sends a notification to see whether one arrives; how they do after it.
#[tauri::command]
#[specta::specta]
pub async fn test_notification(app: AppHandle, notify: State<'_, OsNotify>) -> Result<Delivery> {
    notify.notify(text::test(&words::now(&app))).await;
    Ok(notify.delivery().await)
}

/// Shows the data folder in the system's file manager.
#[tauri::command]
#[specta::specta]
pub async fn open_data_folder(desktop: State<'_, Desktop>) -> Result<()> {
    files::show_folder(desktop.data_dir())
}

/// Writes a file where the user says; its path, or nothing where the user changed their mind.
#[tauri::command]
#[specta::specta]
pub async fn export_file(window: WebviewWindow, name: String, contents: String) -> Result<Option<String>> {
    files::export(&window, &name, contents).await
}

/// Reads a file that the user points to, or nothing where the user changed their mind.
#[tauri::command]
#[specta::specta]
pub async fn import_file(window: WebviewWindow) -> Result<Option<ImportedFile>> {
    files::import(&window).await
}
