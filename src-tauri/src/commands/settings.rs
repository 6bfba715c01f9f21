//! What the window may set beside the user's preferences, and how the app starts anew.
//!
//! Each command checks, asks, and answers; the rules are those of `quickstocks_server::settings`.

use std::sync::Arc;

use market::{Edit, Preferences};
use quickstocks_server::settings::{Change, Settings, SettingsFile};
use quote_engine::token;
use serde::Deserialize;
use tauri::{AppHandle, State};

use super::Result;
use crate::{
    desktop::{Again, Desktop},
    error::UiError,
};

/// What a user can have as it was at the first start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Reset {
    /// The configuration file, which is kept aside, and the preferences.
    Settings,
    /// Lists and alerts.
    Lists,
    /// Charts and last quotes. The app starts again.
    Cache,
}

/// What is set, what cannot be, and whether a start has to follow.
#[tauri::command]
#[specta::specta]
pub async fn settings(desktop: State<'_, Desktop>) -> Result<Settings> {
    on_file(&desktop, |file| Ok(file.read())).await
}

/// Sets all of these or none: where MQTT clients connect at once, everything else for the next start.
#[tauri::command]
#[specta::specta]
pub async fn change_settings(desktop: State<'_, Desktop>, changes: Vec<Change>) -> Result<Settings> {
    let settings = on_file(&desktop, move |file| Ok(file.change(&changes)?)).await?;
    listen_anew(&desktop).await?;
    Ok(settings)
}

/// Makes something as it was at the first start.
#[tauri::command]
#[specta::specta]
pub async fn reset(app: AppHandle, desktop: State<'_, Desktop>, what: Reset) -> Result<()> {
    match what {
        Reset::Settings => {
            on_file(&desktop, |file| Ok(file.reset()?)).await?;
            listen_anew(&desktop).await?;
            let welcomed = desktop.profile()?.preferences.welcomed;
            desktop.edit(Edit::SetPreferences { preferences: Preferences { welcomed, ..Preferences::default() } }).await
        }
        Reset::Lists => desktop.edit(Edit::StartOver).await,
        Reset::Cache => {
            start_again(&app, &desktop, Again::WithoutCache);
            Ok(())
        }
    }
}

/// Stops every service, then starts the app anew.
#[tauri::command]
#[specta::specta]
pub fn restart_app(app: AppHandle, desktop: State<'_, Desktop>) {
    start_again(&app, &desktop, Again::AsItIs);
}

/// The password of the user for MQTT and the web page, for the clipboard. It is never logged.
#[tauri::command]
#[specta::specta]
pub async fn login_token(desktop: State<'_, Desktop>) -> Result<String> {
    let file = desktop.data_dir().join(token::FILE);
    let unreadable = |error| UiError::unavailable(format!("{} cannot be read: {error}", file.display()));
    Ok(tokio::fs::read_to_string(&file).await.map_err(unreadable)?.trim().to_owned())
}

/// Where MQTT clients connect counts at once.
async fn listen_anew(desktop: &Desktop) -> Result<()> {
    if let Ok(config) = on_file(desktop, |file| Ok(file.config())).await? {
        desktop.listen_as(&config.broker).await;
    }
    Ok(())
}

/// Files are slow, and a configuration is tried before it is kept.
async fn on_file<T: Send + 'static>(
    desktop: &Desktop,
    work: impl FnOnce(&SettingsFile) -> Result<T> + Send + 'static,
) -> Result<T> {
    let file = Arc::clone(desktop.settings());
    let done = tokio::task::spawn_blocking(move || work(&file)).await;
    done.unwrap_or_else(|_| Err(UiError::internal("the settings could not be used; the log says why")))
}

fn start_again(app: &AppHandle, desktop: &Desktop, again: Again) {
    desktop.start_again(again);
    app.exit(0);
}
