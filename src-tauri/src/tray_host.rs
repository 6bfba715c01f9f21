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
        gio::DBusCallFlags,
        glib::{self, Variant, prelude::*},
    };

    use crate::session_bus::Peer;

    /// The name under which the desktop keeps its tray.
    const WATCHER: &str = "org.kde.StatusNotifierWatcher";
    const PROPERTIES: Peer =
        Peer { name: WATCHER, path: "/StatusNotifierWatcher", interface: "org.freedesktop.DBus.Properties" };

    /// An error means that nobody keeps a tray.
    pub(super) fn host_registered() -> Result<bool, glib::Error> {
        let property = (WATCHER, "IsStatusNotifierHostRegistered").to_variant();
        let answer = PROPERTIES.call("Get", Some(&property), "(v)", DBusCallFlags::NO_AUTO_START);
        let value = answer?.child_value(0).as_variant();
        Ok(value.as_ref().and_then(Variant::get).unwrap_or_default())
    }
}
