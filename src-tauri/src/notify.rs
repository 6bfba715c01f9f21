//! Notifications of the operating system: what they look like, what a click on one does, and whether they arrive. What fired
//! stands in the log of alerts; a notification is a copy.

#[cfg(target_os = "linux")]
#[path = "notify/linux.rs"]
mod system;
#[cfg(not(target_os = "linux"))]
#[path = "notify/other.rs"]
mod system;

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use market::{Edit, MuteFor, Symbol};
use quote_engine::notifier::{Button, Notification, NotificationAction, Notify};
use serde::Serialize;
use tauri::{AppHandle, Manager as _};

use crate::{
    desktop::{Desktop, Open},
    error::UiError,
    window,
};

/// What a click on the notification itself is called.
const OPEN: &str = "default";
/// The button that keeps a symbol quiet for the rest of the day.
const MUTE: &str = "mute-today";
/// The button that removes the alert that fired.
const DELETE: &str = "delete-alert";

/// Whether notifications arrive on this system.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, specta::Type)]
pub struct Delivery {
    /// Who shows them, such as `dunst 1.9.0`; left out where the system does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Why none arrives, and what helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// When the system last took one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[specta(type = Option<String>)]
    pub last_taken_at: Option<Timestamp>,
    /// When one was last refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[specta(type = Option<String>)]
    pub last_refused_at: Option<Timestamp>,
    /// What was said then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_refusal: Option<String>,
}

/// Notifications of the operating system. Cheap to clone.
#[derive(Debug, Clone)]
pub struct OsNotify {
    app: AppHandle,
    last: Arc<Mutex<Delivery>>,
}

impl OsNotify {
    /// From now on clicks do what they say. On the main thread.
    pub fn new(app: AppHandle) -> Self {
        system::hear_clicks(&app);
        Self { app, last: Arc::default() }
    }

    /// Whether notifications arrive, as far as the system says.
    pub async fn delivery(&self) -> Delivery {
        let told = tokio::task::spawn_blocking(system::delivery).await.unwrap_or_default();
        let last = self.last().clone();
        Delivery { service: told.service, problem: told.problem, ..last }
    }

    fn note(&self, taken: Result<(), String>) {
        let (mut last, now) = (self.last(), Some(Timestamp::now()));
        match taken {
            Ok(()) => last.last_taken_at = now,
            Err(error) => {
                tracing::warn!(error, "a notification was not shown");
                (last.last_refused_at, last.last_refusal) = (now, Some(error));
            }
        }
    }

    fn last(&self) -> std::sync::MutexGuard<'_, Delivery> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether notifications arrive, as far as the system says; asks it and waits.
#[cfg(not(windows))]
pub(crate) fn delivery() -> Delivery {
    system::delivery()
}

#[async_trait]
impl Notify for OsNotify {
    async fn notify(&self, notification: Notification) {
        let app = self.app.clone();
        let shown = tokio::task::spawn_blocking(move || system::show(&app, notification)).await;
        self.note(shown.unwrap_or_else(|error| Err(error.to_string())));
    }
}

/// What a click on a notification is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct About {
    symbol: Option<Symbol>,
    alert_id: Option<String>,
}

/// Name and label of each button.
fn named(buttons: &[Button]) -> impl Iterator<Item = (&str, &str)> {
    buttons.iter().map(|button| match button.action {
        NotificationAction::MuteToday => (MUTE, button.label.as_str()),
        NotificationAction::DeleteAlert => (DELETE, button.label.as_str()),
    })
}

/// Does what was clicked.
fn clicked(app: &AppHandle, action: &str, about: About) {
    if action == OPEN {
        return window::open(app, about.symbol.map(Open::Symbol));
    }
    let (app, action) = (app.clone(), action.to_owned());
    tauri::async_runtime::spawn(async move {
        if let Err(error) = pressed(&app.state::<Desktop>(), &action, about).await {
            tracing::warn!(message = error.message, "what was clicked on a notification is not done");
        }
    });
}

/// Does what a button says, by the same rules as the window.
async fn pressed(desktop: &Desktop, button: &str, about: About) -> Result<(), UiError> {
    match (button, about) {
        (DELETE, About { alert_id: Some(id), .. }) => desktop.edit(Edit::RemoveAlert { id }).await,
        (MUTE, About { symbol: Some(symbol), .. }) => desktop.mute(symbol, MuteFor::Today).await,
        _ => {
            tracing::debug!(button, "nothing to do for what was clicked");
            Ok(())
        }
    }
}
