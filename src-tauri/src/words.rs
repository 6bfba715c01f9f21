//! What the app says outside of its pages, in the user's language: the chosen one, else the system's.

use market::Language;
use quote_engine::words::Words;
use tauri::{AppHandle, Manager as _};

use crate::desktop::Desktop;

/// The languages of the system, best first, as BCP 47 tags.
pub(crate) fn of_the_system() -> Vec<String> {
    sys_locale::get_locales().collect()
}

/// The words for who chose this language, or none.
pub(crate) fn of(chosen: Option<&Language>) -> Words {
    Words::new(chosen, &of_the_system())
}

/// The words of this moment.
pub(crate) fn now(app: &AppHandle) -> Words {
    let profile = app.state::<Desktop>().profile().ok();
    of(profile.and_then(|profile| profile.preferences.language).as_ref())
}
