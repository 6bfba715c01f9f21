//! Who this program is to Windows: the name on its notifications, and the group of its windows in the taskbar. The
//! installer's entry in the start menu carries the same identity. The only code of the workspace that says `unsafe`.

/// Takes this identity; without it everything works, under another program's name.
#[cfg(windows)]
pub(crate) fn take(identifier: &str) {
    if let Err(error) = taken(identifier) {
        tracing::warn!(%error, identifier, "notifications and windows may stand under another program's name");
    }
}

/// Only Windows wants to know.
#[cfg(not(windows))]
pub(crate) fn take(_: &str) {}

#[cfg(windows)]
use on_windows::taken;
#[cfg(windows)]
pub(crate) use on_windows::{forget, name};

#[cfg(windows)]
mod on_windows {
    use windows::{
        Win32::UI::Shell::SetCurrentProcessExplicitAppUserModelID,
        core::{HSTRING, Result},
    };
    use windows_registry::CURRENT_USER;

    const NAME: &str = "DisplayName";

    pub(super) fn taken(identifier: &str) -> Result<()> {
        set_for_this_process(&HSTRING::from(identifier))?;
        register(identifier)
    }

    /// Of the windows that this process makes from now on.
    #[allow(unsafe_code, reason = "Windows is told so by no other way; the text outlives the call")]
    fn set_for_this_process(identifier: &HSTRING) -> Result<()> {
        unsafe { SetCurrentProcessExplicitAppUserModelID(identifier) }
    }

    /// Windows shows no notification of an identity that is not registered, or installed.
    fn register(identifier: &str) -> Result<()> {
        CURRENT_USER.create(path(identifier))?.set_string(NAME, "Quickstocks")
    }

    /// The name under which notifications of this identity appear.
    pub(crate) fn name(identifier: &str) -> Result<String> {
        CURRENT_USER.open(path(identifier))?.get_string(NAME)
    }

    /// Takes it out again.
    pub(crate) fn forget(identifier: &str) -> Result<()> {
        CURRENT_USER.remove_tree(path(identifier))
    }

    fn path(identifier: &str) -> String {
        format!(r"Software\Classes\AppUserModelId\{identifier}")
    }
}
