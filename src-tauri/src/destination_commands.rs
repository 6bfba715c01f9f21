//! What the window may ask about destinations of alerts. A secret comes in here and never goes out.

use market::{DeadLetter, Destination, DestinationTest, Destinations};
use quote_engine::secrets::SecretString;
use tauri::State;

use crate::{desktop::Desktop, error::UiError};

type Result<T> = std::result::Result<T, UiError>;

/// Where the user's alerts go beside the notification and the topic.
#[tauri::command]
#[specta::specta]
pub async fn destinations(desktop: State<'_, Desktop>) -> Result<Destinations> {
    Ok(desktop.destinations().list(desktop.user()).await?)
}

/// Puts a destination in place of the one of its id, or at the end.
#[tauri::command]
#[specta::specta]
pub async fn put_destination(desktop: State<'_, Desktop>, destination: Destination) -> Result<()> {
    desktop.destinations().put(desktop.user(), destination).await?;
    Ok(())
}

/// Removes a destination with its secret, and what waits for it.
#[tauri::command]
#[specta::specta]
pub async fn remove_destination(desktop: State<'_, Desktop>, id: String) -> Result<()> {
    Ok(desktop.destinations().remove(desktop.user(), &id).await?)
}

/// Keeps a destination's secret, in place of the one before; nothing takes it away.
#[tauri::command]
#[specta::specta]
pub async fn set_destination_secret(desktop: State<'_, Desktop>, id: String, secret: Option<String>) -> Result<()> {
    let secret = secret.map(SecretString::from);
    Ok(desktop.destinations().set_secret(desktop.user(), &id, secret.as_ref()).await?)
}

/// Sends a message there to see whether one arrives; what the other end said.
#[tauri::command]
#[specta::specta]
pub async fn test_destination(desktop: State<'_, Desktop>, id: String) -> Result<DestinationTest> {
    Ok(desktop.destinations().test(desktop.user(), &id).await?)
}

/// What could not be delivered, the newest first.
#[tauri::command]
#[specta::specta]
pub async fn undelivered(desktop: State<'_, Desktop>) -> Result<Vec<DeadLetter>> {
    Ok(desktop.destinations().dead_letters(desktop.user()).await?)
}

/// Tries once more to deliver it.
#[tauri::command]
#[specta::specta]
pub async fn retry_undelivered(desktop: State<'_, Desktop>, id: String) -> Result<()> {
    Ok(desktop.destinations().try_again(desktop.user(), &id).await?)
}

/// Forgets what could not be delivered.
#[tauri::command]
#[specta::specta]
pub async fn forget_undelivered(desktop: State<'_, Desktop>, id: String) -> Result<()> {
    Ok(desktop.destinations().forget(desktop.user(), &id).await?)
}
