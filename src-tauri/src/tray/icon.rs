//! The tray's icon and menu on the screen.

use std::sync::{Arc, Mutex, PoisonError};

use market::Symbol;
use tauri::{
    AppHandle, Wry,
    image::Image,
    menu::{CheckMenuItem, Menu, MenuEvent, MenuItem, PredefinedMenuItem},
    tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent},
};

use super::{View, toggle_pause, view::ROWS_MAX};
use crate::{desktop::Open, window};

const OPEN: &str = "open";
const PAUSE: &str = "pause";
const SETTINGS: &str = "settings";
const QUIT: &str = "quit";
const ROW: &str = "row-";

/// The tray's icon and menu. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Tray(Arc<Parts>);

struct Parts {
    icon: TrayIcon,
    menu: Menu<Wry>,
    rows: Vec<MenuItem<Wry>>,
    feed: MenuItem<Wry>,
    pause: CheckMenuItem<Wry>,
    /// What the rows stand for, as far as they are in the menu.
    symbols: Arc<Mutex<Vec<Symbol>>>,
}

impl Tray {
    /// Puts the icon into the tray. On the main thread.
    pub(crate) fn new(app: &AppHandle) -> tauri::Result<Self> {
        let item = |id: &str, text: &str, enabled| MenuItem::with_id(app, id, text, enabled, None::<&str>);
        let rows: Vec<_> = (0..ROWS_MAX).map(|n| item(&format!("{ROW}{n}"), "", true)).collect::<Result<_, _>>()?;
        let feed = item("feed", "Connecting", false)?;
        let pause = CheckMenuItem::with_id(app, PAUSE, "Pause alerts for 1 hour", true, false, None::<&str>)?;
        let menu = Menu::with_items(
            app,
            &[
                &PredefinedMenuItem::separator(app)?,
                &feed,
                &PredefinedMenuItem::separator(app)?,
                &item(OPEN, "Open Quickstocks", true)?,
                &pause,
                &item(SETTINGS, "Settings…", true)?,
                &PredefinedMenuItem::separator(app)?,
                &item(QUIT, "Quit Quickstocks", true)?,
            ],
        )?;
        let symbols: Arc<Mutex<Vec<Symbol>>> = Arc::default();
        let clicked = Arc::clone(&symbols);
        let icon = TrayIconBuilder::with_id("main")
            .icon(image())
            .icon_as_template(cfg!(target_os = "macos"))
            .tooltip("Quickstocks")
            .menu(&menu)
            .show_menu_on_left_click(cfg!(target_os = "macos"))
            .on_menu_event(move |app, event| on_menu(app, &event, &clicked))
            .on_tray_icon_event(|icon, event| on_click(icon.app_handle(), &event))
            .build(app)?;
        Ok(Self(Arc::new(Parts { icon, menu, rows, feed, pause, symbols })))
    }

    /// Shows what the view says, later, on the main thread.
    pub(crate) fn show(&self, app: &AppHandle, view: View) {
        let parts = Arc::clone(&self.0);
        let shown = app.run_on_main_thread(move || {
            if let Err(error) = parts.show(view) {
                tracing::warn!(%error, "the tray cannot be changed");
            }
        });
        if let Err(error) = shown {
            tracing::debug!(%error, "the tray is gone");
        }
    }
}

impl Parts {
    fn show(&self, view: View) -> tauri::Result<()> {
        // Windows shows the tooltip, macOS and some Linux desktops the title. // not run on Windows or macOS here
        self.icon.set_title(Some(&view.title))?;
        let tooltip = if view.title.is_empty() { "Quickstocks" } else { &view.title };
        self.icon.set_tooltip(Some(tooltip))?;
        self.feed.set_text(plain(&view.feed))?;
        self.pause.set_checked(view.paused)?;
        let mut symbols = self.symbols.lock().unwrap_or_else(PoisonError::into_inner);
        for (at, item) in self.rows.iter().enumerate() {
            match view.rows.get(at) {
                Some((_, text)) => item.set_text(plain(text))?,
                None if at < symbols.len() => self.menu.remove(item)?,
                None => {}
            }
            if (symbols.len()..view.rows.len()).contains(&at) {
                self.menu.insert(item, at)?;
            }
        }
        *symbols = view.rows.into_iter().map(|(symbol, _)| symbol).collect();
        Ok(())
    }
}

/// A menu takes `&` for the mark of a key.
fn plain(text: &str) -> String {
    text.replace('&', "&&")
}

fn image() -> Image<'static> {
    if cfg!(target_os = "macos") {
        tauri::include_image!("src-tauri/icons/tray-template.png") // not run on macOS here
    } else {
        tauri::include_image!("src-tauri/icons/tray.png")
    }
}

fn on_menu(app: &AppHandle, event: &MenuEvent, symbols: &Mutex<Vec<Symbol>>) {
    match event.id().as_ref() {
        OPEN => window::open(app, None),
        SETTINGS => window::open(app, Some(Open::Settings)),
        PAUSE => drop(tauri::async_runtime::spawn(toggle_pause(app.clone()))),
        QUIT => app.exit(0),
        id => {
            let at = id.strip_prefix(ROW).and_then(|row| row.parse::<usize>().ok());
            let symbols = symbols.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(symbol) = at.and_then(|at| symbols.get(at)) {
                window::open(app, Some(Open::Symbol(symbol.clone())));
            }
        }
    }
}

/// Windows: a click opens the window, the other button the menu. // not run on Windows here
fn on_click(app: &AppHandle, event: &TrayIconEvent) {
    if cfg!(target_os = "windows")
        && let TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. } = event
    {
        window::open(app, None);
    }
}
