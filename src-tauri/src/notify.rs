//! Notifications of the operating system; a click on one opens the symbol it is about.

use async_trait::async_trait;
use market::Symbol;
use quote_engine::notifier::{Notification, Notify};
use tauri::AppHandle;
use tauri_plugin_notification::{Action, ActionPerformed, ActionType, NotificationExt as _};

use crate::{desktop::Open, window};

/// The kind of notification that can be clicked.
const ALERT: &str = "alert";
/// Under which name a notification carries its symbol.
const SYMBOL: &str = "symbol";
/// What a click on the button, or on the notification itself, is called.
const CLICKS: [&str; 2] = ["open", "tap"];

/// Notifications of the operating system.
#[derive(Debug, Clone)]
pub(crate) struct OsNotify {
    app: AppHandle,
}

impl OsNotify {
    /// From now on clicks open the window.
    pub(crate) fn new(app: AppHandle) -> tauri_plugin_notification::Result<Self> {
        let open = Action::builder("open", "Open").build();
        app.notification().register_action_types(vec![ActionType::builder(ALERT).actions(vec![open]).build()])?;
        let clicked = app.clone();
        app.notification().on_action(move |action| opened(&clicked, action))?;
        Ok(Self { app })
    }
}

#[async_trait]
impl Notify for OsNotify {
    async fn notify(&self, notification: Notification) {
        let Notification { title, body, symbol, .. } = notification;
        let mut shown = self.app.notification().builder().title(title).body(body).action_type_id(ALERT);
        if let Some(symbol) = symbol {
            shown = shown.extra(SYMBOL, symbol.as_str());
        }
        if let Err(error) = shown.show() {
            tracing::warn!(%error, "a notification was not shown");
        }
    }
}

fn opened(app: &AppHandle, action: &ActionPerformed) {
    if !CLICKS.contains(&action.action_id()) {
        return;
    }
    let symbol = action.notification().and_then(|shown| shown.extra().get(SYMBOL)?.as_str());
    window::open(app, symbol.and_then(|text| Symbol::parse(text).ok()).map(Open::Symbol));
}
