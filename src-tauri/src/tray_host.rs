//! Whether anything on this desktop shows tray icons: a window may hide only where something brings it back.

/// Whether the tray icon can be seen.
#[cfg(target_os = "linux")]
pub(crate) fn is_there() -> bool {
    linux::host_registered().unwrap_or_default()
}

/// The menu bar and the notification area are always there.
#[cfg(not(target_os = "linux"))] // not run on Windows or macOS here
pub(crate) fn is_there() -> bool {
    true
}

#[cfg(target_os = "linux")]
mod linux {
    use gtk::{
        gio::{self, prelude::*},
        glib::{self, Variant},
    };

    /// The name under which the desktop keeps its tray.
    const WATCHER: &str = "org.kde.StatusNotifierWatcher";
    /// How long it has to answer: the user waits for a window to close.
    const TIME_OUT_MS: i32 = 500;

    /// Asks the session bus; an error means that nobody keeps a tray.
    pub(super) fn host_registered() -> Result<bool, glib::Error> {
        let bus = gio::bus_get_sync(gio::BusType::Session, gio::Cancellable::NONE)?;
        let answer = bus.call_sync(
            Some(WATCHER),
            "/StatusNotifierWatcher",
            "org.freedesktop.DBus.Properties",
            "Get",
            Some(&(WATCHER, "IsStatusNotifierHostRegistered").to_variant()),
            None,
            gio::DBusCallFlags::NO_AUTO_START,
            TIME_OUT_MS,
            gio::Cancellable::NONE,
        )?;
        let value = answer.child_value(0).as_variant();
        Ok(value.as_ref().and_then(Variant::get).unwrap_or_default())
    }
}
