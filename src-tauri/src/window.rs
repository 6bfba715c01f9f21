//! The windows: made when they are first needed and held to the app's own pages. The main one hides into the tray where
//! there is one, and after a while there gives its page up: what it showed is in this process, or in the page's storage.

use std::{sync::Arc, time::Duration};

use tauri::{
    AppHandle, Manager as _, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, Window, WindowEvent, Wry,
    webview::{NewWindowResponse, PageLoadEvent},
};
use tauri_specta::Event as _;

use crate::{
    desktop::{Desktop, Open},
    dock,
    page_guard::{self, PageGuard},
    strip, tray_host, webview,
};

/// The label of the main window.
pub(crate) const MAIN: &str = "main";

/// Makes the main window.
pub(crate) fn create(app: &AppHandle, minimised: bool) -> tauri::Result<WebviewWindow> {
    let window = make(app, MAIN, WebviewUrl::default(), |builder| {
        builder.title("Quickstocks").inner_size(1280.0, 800.0).min_inner_size(360.0, 480.0)
    })?;
    #[cfg(target_os = "linux")]
    crate::software_drawing::choose(&window)?;
    if minimised {
        window.minimize()?;
    }
    app.state::<Desktop>().pages().set_visible(MAIN, !minimised);
    dock::show(app, true);
    Ok(window)
}

/// Makes a window whose page stays with the app and is watched over.
pub(crate) fn make(
    app: &AppHandle,
    label: &str,
    page: WebviewUrl,
    look: impl FnOnce(WebviewWindowBuilder<'_, Wry, AppHandle>) -> WebviewWindowBuilder<'_, Wry, AppHandle>,
) -> tauri::Result<WebviewWindow> {
    let desktop = app.state::<Desktop>();
    desktop.pages().made(label);
    let dev_page = tauri::is_dev().then(|| app.config().build.dev_url.clone()).flatten();
    let guard = Arc::new(PageGuard::default());
    let loading = Arc::clone(&guard);
    let builder = WebviewWindowBuilder::new(app, label, page)
        .data_directory(desktop.data_dir().join("webview"))
        // Rows, lists and files are dragged on the page itself.
        .disable_drag_drop_handler()
        .on_navigation(move |url| is_own_page(url, dev_page.as_ref()))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_page_load(move |window, page| {
            loading.loaded(page.event() == PageLoadEvent::Finished);
            if page.event() == PageLoadEvent::Started {
                window.state::<Desktop>().pages().loading(window.label());
            }
        });
    let window = look(builder).build()?;
    desktop.pages().arrived(label);
    page_guard::watch(&window, guard)?;
    Ok(window)
}

/// Whether a window may go there: to the app's own pages only.
fn is_own_page(url: &Url, dev_page: Option<&Url>) -> bool {
    let own = match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" => url.host_str() == Some("tauri.localhost"),
        _ => false,
    };
    own || dev_page.is_some_and(|page| page.origin() == url.origin())
}

/// Brings the main window to the front, showing what is asked for, if anything. On the main thread, which is also where
/// windows go: nothing comes between the question and what follows from it.
pub(crate) fn open(app: &AppHandle, what: Option<Open>) {
    let shown = app.clone();
    if let Err(error) = app.run_on_main_thread(move || open_now(&shown, what)) {
        tracing::debug!(%error, "the app is ending");
    }
}

fn open_now(app: &AppHandle, what: Option<Open>) {
    // Without the services there is nothing to show.
    let Some(desktop) = app.try_state::<Desktop>() else { return };
    let pages = desktop.pages();
    match app.get_webview_window(MAIN) {
        Some(window) if pages.is_given_up(MAIN) || pages.is_leaving(MAIN) => {
            ask_for(&desktop, what);
            destroy(&window);
            pages.come_back(MAIN);
        }
        Some(window) => bring_forward(&window, what),
        None => match webview::version() {
            Ok(_) => {
                ask_for(&desktop, what);
                create_later(app.clone());
            }
            // What is behind it goes on.
            Err(problem) => webview::tell_why_not(app, &problem),
        },
    }
}

/// The page that is still to come asks what it should show.
fn ask_for(desktop: &Desktop, what: Option<Open>) {
    if let Some(what) = what {
        desktop.ask_for(what);
    }
}

fn bring_forward(window: &WebviewWindow, what: Option<Open>) {
    dock::show(window.app_handle(), true);
    if let Err(error) = window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus()) {
        tracing::warn!(%error, "the window cannot be brought to the front");
    }
    window.state::<Desktop>().pages().set_visible(MAIN, true);
    if let Some(what) = what
        && let Err(error) = what.emit(window)
    {
        tracing::warn!(%error, "the page was not told what to show");
    }
}

/// On a task of its own: Windows cannot make a window inside an event handler.
fn create_later(app: AppHandle) {
    tauri::async_runtime::spawn(async move {
        match create(&app, false) {
            // Asked for twice, made once.
            Ok(_) | Err(tauri::Error::WebviewLabelAlreadyExists(_) | tauri::Error::WindowLabelAlreadyExists(_)) => {}
            Err(error) => {
                tracing::error!(%error, "the window cannot be made");
                app.exit(1);
            }
        }
    });
}

/// Shows the main window, or hides it where it is in front.
pub(crate) fn toggle(app: &AppHandle) {
    match app.get_webview_window(MAIN) {
        Some(window) if window.is_focused().unwrap_or_default() && tray_host::is_there() => hide(&window),
        Some(window) if window.is_focused().unwrap_or_default() => {
            if let Err(error) = window.minimize() {
                tracing::warn!(%error, "the window cannot be minimised");
            }
        }
        _ => open(app, None),
    }
}

/// Hides the main window into the tray, and gives its page up after a while there.
fn hide(window: &WebviewWindow) {
    window.state::<Desktop>().pages().set_visible(MAIN, false);
    if let Err(error) = window.hide() {
        tracing::warn!(%error, "the window cannot be hidden");
    }
    dock::show(window.app_handle(), false);
    release_later(window.clone());
}

fn release_later(window: WebviewWindow) {
    let desktop = window.state::<Desktop>();
    let seconds = desktop.profile().map_or(0, |profile| profile.preferences.release_after_seconds);
    let mut visible = desktop.pages().visible(MAIN);
    if seconds == 0 {
        return;
    }
    tauri::async_runtime::spawn(async move {
        let shown = visible.wait_for(|visible| *visible);
        if tokio::time::timeout(Duration::from_secs(seconds.into()), shown).await.is_ok() {
            return;
        }
        // Where it is also shown: see `open`.
        let released = window.clone().run_on_main_thread(move || {
            if !*visible.borrow() && tray_host::is_there() {
                tracing::info!("hidden for {seconds} s: the window's page is given up until it is shown again");
                destroy(&window);
            }
        });
        if let Err(error) = released {
            tracing::debug!(%error, "the app is ending");
        }
    });
}

/// Takes a window and its page away, soon; the app lives on.
pub(crate) fn destroy(window: &WebviewWindow) {
    if window.state::<Desktop>().pages().leave(window.label())
        && let Err(error) = window.destroy()
    {
        tracing::warn!(%error, label = window.label(), "a window cannot be taken away");
    }
}

/// The last that is heard of a window: its name is free again, for one that was asked for meanwhile.
pub(crate) fn gone(app: &AppHandle, label: &str) {
    if is_coming_back(app, label) {
        create_later(app.clone());
    }
}

/// Whether a window is to be made in place of one that goes.
pub(crate) fn is_coming_back(app: &AppHandle, label: &str) -> bool {
    app.try_state::<Desktop>().is_some_and(|desktop| label == MAIN && desktop.pages().is_coming_back(label))
}

/// What happens to a window: closing hides the main one where the tray brings it back.
pub(crate) fn on_event(window: &Window, event: &WindowEvent) {
    let desktop = window.state::<Desktop>();
    let (pages, label) = (desktop.pages(), window.label());
    match event {
        WindowEvent::CloseRequested { .. } if label == strip::LABEL => strip::closed(window.app_handle()),
        WindowEvent::CloseRequested { api, .. } if !pages.is_given_up(label) && tray_host::is_there() => {
            api.prevent_close();
            if let Some(window) = window.get_webview_window(label) {
                hide(&window);
            }
        }
        WindowEvent::Focused(_) | WindowEvent::Resized(_) => {
            let visible = window.is_visible().unwrap_or(true) && !window.is_minimized().unwrap_or(false);
            pages.set_visible(label, visible);
        }
        WindowEvent::Destroyed => {
            pages.set_visible(label, false);
            pages.gone(label);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_stays_on_its_own_pages() {
        let dev: Url = "http://127.0.0.1:1420/".parse().unwrap();
        let own = |url: &str| is_own_page(&url.parse().unwrap(), Some(&dev));
        for page in
            ["tauri://localhost/", "tauri://localhost/x#y", "http://tauri.localhost/", "http://127.0.0.1:1420/a"]
        {
            assert!(own(page), "{page}");
        }
        let foreign = [
            "https://example.com/",
            "tauri://evil/",
            "http://127.0.0.1:1421/",
            "file:///etc/passwd",
            "data:text/html,x",
        ];
        for page in foreign {
            assert!(!own(page), "{page}");
        }
        assert!(!is_own_page(&dev, None), "the page of development is no page of the product");
    }
}
