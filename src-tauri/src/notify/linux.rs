//! Notifications over the session bus: who takes them says so, and so does who clicks on them.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use gtk::{
    gio::{DBusCallFlags, DBusSignalFlags},
    glib::{Variant, VariantDict, prelude::*},
};
use quote_engine::notifier::Notification;
use tauri::AppHandle;

use super::{About, Delivery, OPEN, clicked, named};
use crate::session_bus::{self, Peer};

const SERVICE: Peer = Peer {
    name: "org.freedesktop.Notifications",
    path: "/org/freedesktop/Notifications",
    interface: "org.freedesktop.Notifications",
};
/// Who the desktop is told that this is; the second is the name of our menu entry.
const APP: (&str, &str, &str) = ("Quickstocks", "Quickstocks", "quickstocks");
/// Notifications whose clicks are heard; of older ones nothing is on the screen any more.
const SHOWN_MAX: usize = 200;
/// As long as the desktop likes.
const TIME_OUT: i32 = -1;

/// What each notification on the screen is about, by the number the desktop gave it.
static SHOWN: Mutex<VecDeque<(u32, About)>> = Mutex::new(VecDeque::new());

/// Shows it; gives back why not.
pub(super) fn show(_: &AppHandle, notification: Notification) -> Result<(), String> {
    let can = capabilities()?;
    let answer = call("Notify", Some(&message(&notification, &can)), "(u)")?;
    let number = answer.child_value(0).get::<u32>().unwrap_or_default();
    let mut shown = shown();
    if shown.len() == SHOWN_MAX {
        shown.pop_front();
    }
    shown.push_back((number, About { symbol: notification.symbol, alert_id: notification.alert_id }));
    Ok(())
}

fn message(notification: &Notification, can: &[String]) -> Variant {
    let can = |what: &str| can.iter().any(|each| each == what);
    let offered = [(OPEN, notification.open.as_str())].into_iter().chain(named(&notification.buttons));
    let actions: Vec<&str> = if can("actions") { offered.flat_map(<[&str; 2]>::from).collect() } else { Vec::new() };
    let body = if can("body-markup") { escaped(&notification.body) } else { notification.body.clone() };
    let (name, entry, icon) = APP;
    let hints = VariantDict::new(None);
    hints.insert("desktop-entry", entry);
    let parts = [
        name.to_variant(),
        0_u32.to_variant(),
        icon.to_variant(),
        notification.title.to_variant(),
        body.to_variant(),
        actions.to_variant(),
        hints.end(),
        TIME_OUT.to_variant(),
    ];
    Variant::tuple_from_iter(parts)
}

/// Names are no markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Hears clicks from now on.
pub(super) fn hear_clicks(app: &AppHandle) {
    let Ok(bus) = session_bus::connection() else { return };
    let clicking = app.clone();
    hear(&bus, "ActionInvoked", "(us)", move |number, said| {
        let about = shown().iter().find(|(shown, _)| *shown == number).map(|(_, about)| about.clone());
        if let (Some(about), Some(action)) = (about, said.child_value(1).str()) {
            clicked(&clicking, action, about);
        }
    });
    hear(&bus, "NotificationClosed", "(uu)", |number, _| shown().retain(|(shown, _)| *shown != number));
}

fn hear(bus: &gtk::gio::DBusConnection, signal: &str, form: &'static str, heard: impl Fn(u32, &Variant) + 'static) {
    let Peer { name, path, interface } = SERVICE;
    // Heard as long as the app lives.
    let _ = bus.signal_subscribe(
        Some(name),
        Some(interface),
        Some(signal),
        Some(path),
        None,
        DBusSignalFlags::NONE,
        move |_, _, _, _, _, said| {
            if said.type_().as_str() == form
                && let Some(number) = said.child_value(0).get::<u32>()
            {
                heard(number, said);
            }
        },
    );
}

/// Who shows notifications here, and how.
pub(super) fn delivery() -> Delivery {
    match call("GetServerInformation", None, "(ssss)") {
        Ok(said) => {
            let part = |at| said.child_value(at).str().map(str::to_owned).unwrap_or_default();
            let service = format!("{} {}", part(0), part(2)).trim().to_owned();
            Delivery { service: Some(service), ..Delivery::default() }
        }
        Err(problem) => Delivery { problem: Some(problem), ..Delivery::default() },
    }
}

fn capabilities() -> Result<Vec<String>, String> {
    Ok(call("GetCapabilities", None, "(as)")?.child_value(0).get().unwrap_or_default())
}

fn call(method: &str, with: Option<&Variant>, form: &str) -> Result<Variant, String> {
    SERVICE.call(method, with, form, DBusCallFlags::NONE).map_err(|error| {
        format!(
            "Nothing on this desktop shows notifications ({}). A notification service such as dunst does.",
            error.message()
        )
    })
}

fn shown() -> MutexGuard<'static, VecDeque<(u32, About)>> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote_engine::notifier::{Button, NotificationAction};

    fn notification() -> Notification {
        let button = |action, label: &str| Button { action, label: label.into() };
        Notification {
            title: "▲ M&M above 250".into(),
            body: "M&M <250>".into(),
            symbol: None,
            alert_id: Some("7".into()),
            open: "Öffnen".into(),
            buttons: vec![
                button(NotificationAction::MuteToday, "Heute stumm"),
                button(NotificationAction::DeleteAlert, "Alarm löschen"),
            ],
        }
    }

    #[test]
    fn what_the_desktop_cannot_show_is_not_asked_of_it() {
        let said = message(&notification(), &["body".into()]);
        assert_eq!(said.type_().as_str(), "(susssasa{sv}i)");
        assert_eq!(said.child_value(4).str(), Some("M&M <250>"));
        assert_eq!(said.child_value(5).get::<Vec<String>>(), Some(vec![]));
    }

    #[test]
    fn buttons_stand_after_the_click_and_names_are_no_markup() {
        let said = message(&notification(), &["actions".into(), "body-markup".into()]);
        let actions: Vec<String> = said.child_value(5).get().unwrap();
        assert_eq!(actions, ["default", "Öffnen", "mute-today", "Heute stumm", "delete-alert", "Alarm löschen"]);
        assert_eq!(said.child_value(3).str(), Some("▲ M&M above 250"));
        assert_eq!(said.child_value(4).str(), Some("M&amp;M &lt;250&gt;"));
    }
}
