//! The parts that need an app and its event loop: tried in one without a window, under a name of its own, so that nothing
//! of the user's is touched and what is tried is gone afterwards.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::mpsc::{self, Receiver, Sender},
    time::Duration,
};

use market::{Profile, UserName, profile::Palette};
use quote_engine::{
    secrets::Keychain,
    store::{Account, Accounts, ProfileStore as _},
};
use tauri::{AppHandle, Manager as _};
use tauri_plugin_autostart::AutoLaunchManager;

use super::{Checked, Found, TIME_OUT, found, in_time, said};
use crate::{
    app,
    store::PluginStore,
    tray::{Badge, Direction, Labels, Tray, View},
    tray_host, webview, words,
};

/// Under which name it starts with the system, for a moment.
const NAME: &str = "Quickstocks self-test";

/// Runs an app of this name until every part of it was tried; whether all are well.
pub(super) fn check(folder: &Path) -> bool {
    if let Err(error) = app::reach_the_screen() {
        return said("app", &Ok(Found::Lacking(error.to_string())));
    }
    let identifier = format!("app.quickstocks.selftest-{:08x}", rand::random::<u32>());
    let (second, seconds) = mpsc::channel();
    let folder = folder.to_owned();
    let trying = identifier.clone();
    let built = of_this_name(&identifier, second)
        .plugin(tauri_plugin_store::Builder::default().build())
        .plugin(tauri_plugin_autostart::Builder::new().app_name(NAME).build())
        .setup(move |app| {
            let app = app.handle().clone();
            tauri::async_runtime::spawn(async move {
                let well = check_all(&app, &trying, folder, seconds).await;
                app.exit(i32::from(!well));
            });
            Ok(())
        })
        .build(named(&identifier));
    match built {
        Ok(app) => app.run_return(|_, _| {}) == 0,
        Err(error) => said("app", &Err(error.into())),
    }
}

/// A second start of an app of this name: does not come back where the first one heard of it.
pub(super) fn stand_beside(identifier: &str) -> bool {
    app::reach_the_screen().is_ok() && of_this_name(identifier, mpsc::channel().0).build(named(identifier)).is_err()
}

fn of_this_name(identifier: &str, second: Sender<()>) -> tauri::Builder<tauri::Wry> {
    tracing::debug!(identifier, "an app to be tried");
    tauri::Builder::default().plugin(tauri_plugin_single_instance::init(move |_, _, _| {
        // Nobody may wait for it any more.
        let _ = second.send(());
    }))
}

fn named(identifier: &str) -> tauri::Context {
    let mut context = app::context();
    identifier.clone_into(&mut context.config_mut().identifier);
    context
}

async fn check_all(app: &AppHandle, identifier: &str, folder: PathBuf, seconds: Receiver<()>) -> bool {
    let mut well = said("web view", &Ok(webview::version().map_or_else(Found::Lacking, Found::Well)));
    well &= said("window's store", &window_store(app, &folder.join("window-store")));
    well &= said("keychain", &in_time(keychain()).await);
    well &= said("tray", &tray(app));
    well &= said("notifications", &notifications(identifier));
    well &= said("autostart", &autostart(app));
    let identifier = identifier.to_owned();
    let second = tauri::async_runtime::spawn_blocking(move || second_start(&identifier, &seconds)).await;
    well & said("single instance", &second.unwrap_or_else(|error| Err(error.into())))
}

/// As the window keeps everything: through the plugin, with the durable file before it.
fn window_store(app: &AppHandle, folder: &Path) -> Checked {
    let me = UserName::me();
    let accounts = Accounts::from([(me.clone(), Account::new(String::new(), Profile::new(me)))]);
    let mut store = PluginStore::open(app, folder)?;
    store.save(1, &accounts)?;
    let loaded = store.load()?;
    if loaded.state.as_ref() != Some(&accounts) || !folder.join(crate::store::STORE_FILE).exists() {
        return Err("not what was saved".into());
    }
    found("saved and loaded")
}

async fn keychain() -> Checked {
    match Keychain::native().try_out().await {
        Ok(true) => found("a secret was kept, read and removed"),
        Ok(false) => Err("not what was kept".into()),
        Err(reason) if cfg!(target_os = "linux") => Ok(Found::Lacking(reason)),
        Err(reason) => Err(reason.into()),
    }
}

/// With a price beside or in the icon, whichever this system shows.
fn tray(app: &AppHandle) -> Checked {
    let (done, shown) = mpsc::channel();
    let on_main = app.clone();
    app.run_on_main_thread(move || {
        let words = words::of(None);
        let badge = Badge { text: "245".into(), direction: Some(Direction::Up), palette: Palette::Western };
        let view = View {
            title: "AAPL 245".into(),
            badge: Some(badge),
            rows: Vec::new(),
            feed: words.feed_connecting(),
            paused_until: None,
            strip: false,
            labels: Labels::of(&words, None),
        };
        let made = Tray::new(&on_main, &words).and_then(|tray| tray.show_now(view));
        let _ = done.send(made);
    })?;
    shown.recv_timeout(TIME_OUT)??;
    Ok(if tray_host::is_there() {
        Found::Well("an icon with a price and a menu".into())
    } else {
        Found::Lacking("nothing on this desktop shows the icon".into())
    })
}

#[cfg(windows)]
fn notifications(identifier: &str) -> Checked {
    use crate::identity;

    identity::take(identifier);
    let name = identity::name(identifier)?;
    identity::forget(identifier)?;
    found(format!("registered as {name}"))
}

#[cfg(not(windows))]
#[expect(clippy::unnecessary_wraps, reason = "as on Windows")]
fn notifications(_: &str) -> Checked {
    let told = crate::notify::delivery();
    Ok(match (told.problem, told.service) {
        (Some(problem), _) => Found::Lacking(problem),
        (None, service) => Found::Well(service.unwrap_or_else(|| "the system does not say whether they arrive".into())),
    })
}

fn autostart(app: &AppHandle) -> Checked {
    let manager = app.state::<AutoLaunchManager>();
    manager.enable()?;
    let on = manager.is_enabled()?;
    manager.disable()?;
    if !on || manager.is_enabled()? {
        return Err("the entry does not do as it is told".into());
    }
    found("an entry was made and removed")
}

/// This program once more, under the same name: it ends, and the first one hears of it.
fn second_start(identifier: &str, seconds: &Receiver<()>) -> Checked {
    let ended = Command::new(std::env::current_exe()?).args(["--selftest-beside", identifier]).status()?;
    match seconds.recv_timeout(if ended.success() { TIME_OUT } else { Duration::ZERO }) {
        Ok(()) => found("a second start ended, and the first was told"),
        Err(_) if cfg!(target_os = "linux") => Ok(Found::Lacking("no session bus tells of a second start".into())),
        Err(_) => Err(format!("a second start was not told of ({ended})").into()),
    }
}
