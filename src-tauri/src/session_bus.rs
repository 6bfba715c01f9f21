//! Questions to the desktop's session bus (Linux): short, with a time limit, and never the reason that the app ends.

use gtk::{
    gio,
    glib::{self, Variant, VariantTy},
};

/// How long whoever is asked has to answer: the user waits for a window to close, or for an alert.
const TIME_OUT_MS: i32 = 500;

/// The session bus; an error where this desktop has none.
pub(crate) fn connection() -> Result<gio::DBusConnection, glib::Error> {
    let bus = gio::bus_get_sync(gio::BusType::Session, gio::Cancellable::NONE)?;
    // Prices and alerts do not need it.
    bus.set_exit_on_close(false);
    Ok(bus)
}

/// Who is asked on the bus, at which object, through which interface.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) path: &'static str,
    pub(crate) interface: &'static str,
}

impl Peer {
    /// Calls a method; its answer has this form.
    pub(crate) fn call(
        self,
        method: &str,
        with: Option<&Variant>,
        form: &str,
        flags: gio::DBusCallFlags,
    ) -> Result<Variant, glib::Error> {
        let Self { name, path, interface } = self;
        let form = VariantTy::new(form)
            .map_err(|error| glib::Error::new(gio::IOErrorEnum::InvalidArgument, &error.message))?;
        let none = gio::Cancellable::NONE;
        connection()?.call_sync(Some(name), path, interface, method, with, Some(form), flags, TIME_OUT_MS, none)
    }
}
