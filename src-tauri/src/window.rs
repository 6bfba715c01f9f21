//! The window: made when it is first needed, hidden into the tray where there is one, and held to its own pages.

use tauri::{
    AppHandle, Manager as _, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, Window, WindowEvent,
    webview::{NewWindowResponse, PageLoadEvent},
};
use tauri_specta::Event as _;

use crate::{
    desktop::{Desktop, Open},
    page_guard, tray_host,
};

const LABEL: &str = "main";

/// Makes the window.
pub(crate) fn create(app: &AppHandle, minimised: bool) -> tauri::Result<WebviewWindow> {
    let desktop = app.state::<Desktop>();
    let dev_page = tauri::is_dev().then(|| app.config().build.dev_url.clone()).flatten();
    let builder = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Quickstocks")
        .inner_size(1280.0, 800.0)
        .min_inner_size(360.0, 480.0)
        .data_directory(desktop.data_dir().join("webview"))
        // Rows, lists and files are dragged on the page itself.
        .disable_drag_drop_handler()
        .on_navigation(move |url| is_own_page(url, dev_page.as_ref()))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_page_load(|window, page| {
            if page.event() == PageLoadEvent::Started {
                window.state::<Desktop>().page_gone();
            }
        });
    let window = builder.build()?;
    page_guard::watch(&window)?;
    if minimised {
        window.minimize()?;
    }
    desktop.set_visible(!minimised);
    Ok(window)
}

/// Whether the window may go there: to the app's own pages only.
fn is_own_page(url: &Url, dev_page: Option<&Url>) -> bool {
    let own = match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" => url.host_str() == Some("tauri.localhost"), // not run on Windows here
        _ => false,
    };
    own || dev_page.is_some_and(|page| page.origin() == url.origin())
}

/// Brings the window to the front, showing what is asked for, if anything.
pub(crate) fn open(app: &AppHandle, what: Option<Open>) {
    let Some(window) = app.get_webview_window(LABEL) else {
        return create_and_open(app.clone(), what);
    };
    if let Err(error) = window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus()) {
        tracing::warn!(%error, "the window cannot be brought to the front");
    }
    app.state::<Desktop>().set_visible(true);
    if let Some(what) = what
        && let Err(error) = what.emit(app)
    {
        tracing::warn!(%error, "the page was not told what to show");
    }
}

/// On a task of its own: Windows cannot make a window inside an event handler.
fn create_and_open(app: AppHandle, what: Option<Open>) {
    if let Some(what) = what {
        app.state::<Desktop>().ask_for(what);
    }
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

/// What happens to the window: closing hides it where the tray brings it back.
pub(crate) fn on_event(window: &Window, event: &WindowEvent) {
    match event {
        WindowEvent::CloseRequested { api, .. } if tray_host::is_there() => {
            api.prevent_close();
            window.state::<Desktop>().set_visible(false);
            if let Err(error) = window.hide() {
                tracing::warn!(%error, "the window cannot be hidden");
            }
        }
        WindowEvent::Focused(_) | WindowEvent::Resized(_) => {
            let visible = window.is_visible().unwrap_or(true) && !window.is_minimized().unwrap_or(false);
            window.state::<Desktop>().set_visible(visible);
        }
        WindowEvent::Destroyed => {
            window.state::<Desktop>().set_visible(false);
            window.state::<Desktop>().page_gone();
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
