//! The tray's icon and menu on the screen.

use std::sync::{Arc, Mutex, PoisonError};

use market::Symbol;
use quote_engine::words::Words;
use tauri::{
    AppHandle, Wry,
    image::Image,
    menu::{CheckMenuItem, Menu, MenuEvent, MenuItem, PredefinedMenuItem},
    tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent},
};

use super::{
    View,
    badge::{Badge, SIDE},
    toggle_pause,
    view::{Labels, ROWS_MAX},
};
use crate::{desktop::Open, strip, window};

const OPEN: &str = "open";
const STRIP: &str = "strip";
const PAUSE: &str = "pause";
const SETTINGS: &str = "settings";
const QUIT: &str = "quit";
const ROW: &str = "row-";
/// What Windows takes of a tooltip, in its own units, less the end mark.
const TOOLTIP_MAX: usize = 127;

/// The tray's icon and menu. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Tray(Arc<Parts>);

struct Parts {
    icon: TrayIcon,
    menu: Menu<Wry>,
    rows: Vec<MenuItem<Wry>>,
    feed: MenuItem<Wry>,
    open: MenuItem<Wry>,
    strip: CheckMenuItem<Wry>,
    pause: CheckMenuItem<Wry>,
    settings: MenuItem<Wry>,
    quit: MenuItem<Wry>,
    /// What the rows stand for, as far as they are in the menu.
    symbols: Arc<Mutex<Vec<Symbol>>>,
}

impl Tray {
    /// Puts the icon into the tray. On the main thread.
    pub(crate) fn new(app: &AppHandle, words: &Words) -> tauri::Result<Self> {
        let labels = Labels::of(words, None);
        let item = |id: &str, text: &str, enabled| MenuItem::with_id(app, id, text, enabled, None::<&str>);
        let rows: Vec<_> = (0..ROWS_MAX).map(|n| item(&format!("{ROW}{n}"), "", true)).collect::<Result<_, _>>()?;
        let (feed, open) = (item("feed", &words.feed_connecting(), false)?, item(OPEN, &labels.open, true)?);
        let check = |id: &str, text: &str| CheckMenuItem::with_id(app, id, text, true, false, None::<&str>);
        let (strip, pause) = (check(STRIP, &labels.strip)?, check(PAUSE, &labels.pause)?);
        let (settings, quit) = (item(SETTINGS, &labels.settings, true)?, item(QUIT, &labels.quit, true)?);
        let menu = Menu::with_items(
            app,
            &[
                &PredefinedMenuItem::separator(app)?,
                &feed,
                &PredefinedMenuItem::separator(app)?,
                &open,
                &strip,
                &pause,
                &settings,
                &PredefinedMenuItem::separator(app)?,
                &quit,
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
        Ok(Self(Arc::new(Parts { icon, menu, rows, feed, open, strip, pause, settings, quit, symbols })))
    }

    /// Shows what the view says, later, on the main thread.
    pub(crate) fn show(&self, app: &AppHandle, view: View) {
        let tray = self.clone();
        let shown = app.run_on_main_thread(move || {
            if let Err(error) = tray.show_now(view) {
                tracing::warn!(%error, "the tray cannot be changed");
            }
        });
        if let Err(error) = shown {
            tracing::debug!(%error, "the tray is gone");
        }
    }

    /// The same at once. On the main thread.
    pub(crate) fn show_now(&self, view: View) -> tauri::Result<()> {
        self.0.show(view)
    }
}

impl Parts {
    fn show(&self, view: View) -> tauri::Result<()> {
        // Windows shows picture and tooltip, macOS and some Linux desktops the title.
        self.icon.set_title(Some(&view.title))?;
        self.icon.set_tooltip(Some(tooltip(&view)))?;
        if cfg!(target_os = "windows") {
            self.icon.set_icon(Some(view.badge.as_ref().map_or_else(image, picture)))?;
        }
        self.feed.set_text(plain(&view.feed))?;
        self.label(&view.labels)?;
        self.strip.set_checked(view.strip)?;
        self.pause.set_checked(view.paused_until.is_some())?;
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

    fn label(&self, labels: &Labels) -> tauri::Result<()> {
        self.open.set_text(plain(&labels.open))?;
        self.strip.set_text(plain(&labels.strip))?;
        self.pause.set_text(plain(&labels.pause))?;
        self.settings.set_text(plain(&labels.settings))?;
        self.quit.set_text(plain(&labels.quit))
    }
}

/// As much of the menu's quotes as Windows shows, then the feed.
fn tooltip(view: &View) -> String {
    let mut lines = vec![view.feed.as_str()];
    for (at, (_, text)) in view.rows.iter().enumerate() {
        lines.insert(at, text);
        if lines.join("\n").encode_utf16().count() > TOOLTIP_MAX {
            lines.remove(at);
            break;
        }
    }
    lines.join("\n")
}

fn picture(badge: &Badge) -> Image<'static> {
    let side = SIDE as u32;
    Image::new_owned(badge.pixels(), side, side)
}

/// A menu takes `&` for the mark of a key.
fn plain(text: &str) -> String {
    text.replace('&', "&&")
}

fn image() -> Image<'static> {
    if cfg!(target_os = "macos") {
        tauri::include_image!("src-tauri/icons/tray-template.png")
    } else {
        tauri::include_image!("src-tauri/icons/tray.png")
    }
}

fn on_menu(app: &AppHandle, event: &MenuEvent, symbols: &Mutex<Vec<Symbol>>) {
    match event.id().as_ref() {
        OPEN => window::open(app, None),
        SETTINGS => window::open(app, Some(Open::Settings)),
        STRIP => strip::toggle(app),
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

/// Windows: a click opens the window, the other button the menu.
fn on_click(app: &AppHandle, event: &TrayIconEvent) {
    if cfg!(target_os = "windows")
        && let TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. } = event
    {
        window::open(app, None);
    }
}
