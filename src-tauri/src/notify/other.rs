//! Notifications of macOS and Windows, through Tauri's plugin, which does not say whether they arrive.
//! Not run for real here: under wine a notification goes nowhere.

use market::Symbol;
use quote_engine::notifier::{Button, Notification};
use tauri::AppHandle;
use tauri_plugin_notification::{Action, ActionPerformed, ActionType, NotificationExt as _};

use super::{About, Delivery, OPEN, clicked, named};

/// Under which names a notification carries what it is about.
const SYMBOL: &str = "symbol";
const ALERT: &str = "alert";
/// What the plugin calls a click on the notification itself.
const TAP: &str = "tap";

/// Shows it; what the system makes of it is not told.
pub(super) fn show(app: &AppHandle, notification: Notification) -> Result<(), String> {
    let kind = register_kind(app, &notification.buttons).map_err(|error| error.to_string())?;
    let mut shown = app.notification().builder().title(notification.title).body(notification.body).action_type_id(kind);
    if let Some(symbol) = notification.symbol {
        shown = shown.extra(SYMBOL, symbol.as_str());
    }
    if let Some(id) = notification.alert_id {
        shown = shown.extra(ALERT, id);
    }
    shown.show().map_err(|error| error.to_string())
}

/// The plugin knows notifications by kind, and a kind by its buttons: these, as they are labelled in the language of now.
fn register_kind(app: &AppHandle, buttons: &[Button]) -> tauri_plugin_notification::Result<String> {
    let kind = named(buttons).map(|(id, _)| id).collect::<Vec<_>>().join("+");
    let offered = named(buttons).map(|(id, label)| Action::builder(id, label).build());
    let kinds = vec![ActionType::builder(kind.clone()).actions(offered.collect()).build()];
    app.notification().register_action_types(kinds)?;
    Ok(kind)
}

/// Hears clicks from now on.
pub(super) fn hear_clicks(app: &AppHandle) {
    let clicking = app.clone();
    if let Err(error) = app.notification().on_action(move |action| heard(&clicking, action)) {
        tracing::warn!(%error, "clicks on notifications are not heard");
    }
}

fn heard(app: &AppHandle, action: &ActionPerformed) {
    let carried = |name: &str| Some(action.notification()?.extra().get(name)?.as_str()?.to_owned());
    let symbol = carried(SYMBOL).and_then(|text| Symbol::parse(&text).ok());
    let about = About { symbol, alert_id: carried(ALERT) };
    clicked(app, if action.action_id() == TAP { OPEN } else { action.action_id() }, about);
}

/// The system does not say.
pub(super) fn delivery() -> Delivery {
    Delivery::default()
}
