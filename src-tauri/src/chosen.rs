//! What the user chose about the strip, the shortcut and the language becomes so, whoever changed it: the page, the tray, a server's API.

use market::{Language, Preferences};
use tauri::{AppHandle, Manager as _};

use crate::{desktop::Desktop, shortcut, strip, words};

/// Follows what is chosen until the services stop.
pub(crate) async fn follow(app: AppHandle) {
    let desktop = app.state::<Desktop>();
    let mut accounts = desktop.desk().accounts();
    let mut done = Done::default();
    loop {
        if let Ok(profile) = desktop.profile() {
            done.catch_up(&app, &profile.preferences);
        }
        if accounts.changed().await.is_err() {
            return;
        }
    }
}

/// What has been made so.
#[derive(Debug, Default)]
struct Done {
    strip: bool,
    shortcut: Option<String>,
    language: Option<Language>,
}

impl Done {
    fn catch_up(&mut self, app: &AppHandle, chosen: &Preferences) {
        if self.strip != chosen.strip {
            self.strip = chosen.strip;
            strip::show(app, chosen.strip);
        }
        if self.shortcut != chosen.shortcut {
            shortcut::replace(app, self.shortcut.as_deref(), chosen.shortcut.as_deref());
            self.shortcut.clone_from(&chosen.shortcut);
        }
        if self.language != chosen.language {
            self.language.clone_from(&chosen.language);
            strip::rename(app, &words::of(chosen.language.as_ref()).strip_title());
        }
    }
}
