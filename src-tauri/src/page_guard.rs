//! Brings a page back when the process that draws it has died, or answers no more: everything it showed is in this one.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tauri::{Manager as _, WebviewWindow, WindowEvent};

use crate::desktop::Desktop;

/// How often a page is brought back within [`DEATHS_WITHIN`]: one that keeps dying is not loaded for ever.
const DEATHS_MAX: usize = 40;
/// See [`DEATHS_MAX`].
const DEATHS_WITHIN: Duration = Duration::from_secs(600);
/// Deaths within [`LATELY`] after which the page is brought back at once; each one more takes twice as long.
const AT_ONCE: u32 = 3;
/// See [`AT_ONCE`].
const LATELY: Duration = Duration::from_secs(60);
/// The first pause before a page is brought back.
const PAUSE: Duration = Duration::from_millis(250);
/// The longest one.
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// How often a page that can be seen is asked whether it lives.
const BEAT: Duration = Duration::from_secs(2);
/// Questions in a row without an answer after which a page is hung.
const MISSED_MAX: u32 = 5;
/// The same for a page that is still being loaded: a slow machine needs its time.
const MISSED_LOADING_MAX: u32 = 15;

/// What is known of the page of one window.
#[derive(Debug, Default)]
pub(crate) struct PageGuard {
    deaths: Mutex<VecDeque<Instant>>,
    loaded: AtomicBool,
    answered: AtomicBool,
    gone: AtomicBool,
}

impl PageGuard {
    /// The page has been loaded, or is being loaded anew.
    pub(crate) fn loaded(&self, loaded: bool) {
        self.loaded.store(loaded, Ordering::Relaxed);
    }

    /// The page died just now: after which pause it is brought back, if at all.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "only Linux tells the window"))]
    fn back_after(&self, now: Instant) -> Option<Duration> {
        let mut deaths = self.deaths.lock().unwrap_or_else(PoisonError::into_inner);
        deaths.retain(|at| now.duration_since(*at) < DEATHS_WITHIN);
        if deaths.len() >= DEATHS_MAX {
            return None;
        }
        let lately = deaths.iter().filter(|at| now.duration_since(**at) < LATELY).count();
        deaths.push_back(now);
        let Some(more) = u32::try_from(lately).unwrap_or(u32::MAX).checked_sub(AT_ONCE) else {
            return Some(Duration::ZERO);
        };
        Some(PAUSE.saturating_mul(2_u32.saturating_pow(more)).min(PAUSE_MAX))
    }
}

/// Questions in a row that were not answered.
#[derive(Debug, Default)]
struct Missed(u32);

impl Missed {
    /// Whether the page is hung, now that another question is due.
    fn is_hung(&mut self, answered: bool, loaded: bool) -> bool {
        self.0 = if answered { 0 } else { self.0 + 1 };
        let hung = self.0 > if loaded { MISSED_MAX } else { MISSED_LOADING_MAX };
        if hung {
            self.0 = 0;
        }
        hung
    }
}

/// Watches over the page of this window.
pub(crate) fn watch(window: &WebviewWindow, guard: Arc<PageGuard>) -> tauri::Result<()> {
    let closing = Arc::clone(&guard);
    window.on_window_event(move |event| {
        if matches!(event, WindowEvent::Destroyed) {
            closing.gone.store(true, Ordering::Relaxed);
        }
    });
    notice_death(window, Arc::clone(&guard))?;
    // A debugger stops pages on purpose.
    if !tauri::is_dev() {
        tauri::async_runtime::spawn(listen_for_life(window.clone(), guard));
    }
    Ok(())
}

/// Asks the page again and again whether it lives, while anybody can see it.
async fn listen_for_life(window: WebviewWindow, guard: Arc<PageGuard>) {
    let mut visible = window.state::<Desktop>().pages().visible(window.label());
    let mut missed = Missed::default();
    loop {
        if !*visible.borrow() {
            missed = Missed::default();
            if visible.wait_for(|visible| *visible).await.is_err() {
                return;
            }
        }
        let answering = Arc::clone(&guard);
        let asked = window.eval_with_callback("1", move |_| answering.answered.store(true, Ordering::Relaxed));
        if asked.is_err() || guard.gone.load(Ordering::Relaxed) {
            return;
        }
        tokio::time::sleep(BEAT).await;
        let answered = guard.answered.swap(false, Ordering::Relaxed);
        if *visible.borrow() && missed.is_hung(answered, guard.loaded.load(Ordering::Relaxed)) {
            tracing::error!(label = window.label(), "the page does not answer: it is ended and loaded again");
            end_page(&window);
        }
    }
}

/// Ends the process that draws the page, which is then noticed as any other death.
#[cfg(target_os = "linux")]
fn end_page(window: &WebviewWindow) {
    use webkit2gtk::WebViewExt as _;

    let ended = window.with_webview(|webview| webview.inner().terminate_web_process());
    if let Err(error) = ended {
        tracing::debug!(%error, "the window is gone");
    }
}

/// Nobody tells of a death here, so that a page that died is one that does not answer.
#[cfg(not(target_os = "linux"))] // not run on Windows or macOS here
fn end_page(window: &WebviewWindow) {
    if let Err(error) = window.reload() {
        tracing::error!(%error, "the page cannot be loaded again");
    }
}

#[cfg(target_os = "linux")]
fn notice_death(window: &WebviewWindow, guard: Arc<PageGuard>) -> tauri::Result<()> {
    use webkit2gtk::WebViewExt as _;

    let noticing = window.clone();
    window.with_webview(move |webview| {
        webview.inner().connect_web_process_terminated(move |page, _| after_death(&noticing, page, &guard));
    })
}

/// macOS tells the app and not the window; on Windows nobody tells.
#[cfg(not(target_os = "linux"))] // not run on Windows or macOS here
#[expect(clippy::unnecessary_wraps, reason = "as on Linux")]
fn notice_death(_: &WebviewWindow, _: Arc<PageGuard>) -> tauri::Result<()> {
    Ok(())
}

#[cfg(target_os = "linux")]
fn after_death(window: &WebviewWindow, page: &webkit2gtk::WebView, guard: &PageGuard) {
    use gtk::glib::{self, prelude::ObjectExt as _};
    use webkit2gtk::WebViewExt as _;

    guard.loaded(false);
    if !window.is_visible().unwrap_or(true) {
        tracing::error!(label = window.label(), "the process that draws the hidden page has died");
        return crate::window::destroy(window);
    }
    let Some(pause) = guard.back_after(Instant::now()) else { return give_up(window) };
    tracing::error!(label = window.label(), ?pause, "the process that draws the page has died: it is loaded again");
    let page = page.downgrade();
    glib::timeout_add_local_once(pause, move || {
        if let Some(page) = page.upgrade() {
            page.reload();
        }
    });
}

/// The title is what is left to say it with.
#[cfg(target_os = "linux")]
fn give_up(window: &WebviewWindow) {
    tracing::error!(
        label = window.label(),
        "the process that draws the page keeps dying: close the window, open it again"
    );
    window.state::<Desktop>().pages().give_up(window.label());
    if let Err(error) = window.set_title(&crate::words::now(window.app_handle()).window_failing()) {
        tracing::debug!(%error, "the window is gone");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_keeps_dying_is_brought_back_more_and_more_slowly_and_then_left_alone() {
        let (guard, start) = (PageGuard::default(), Instant::now());
        let pauses: Vec<_> = (0..40).map_while(|n| guard.back_after(start + Duration::from_secs(n))).collect();
        assert_eq!(pauses.iter().map(Duration::as_millis).take(7).collect::<Vec<_>>(), [0, 0, 0, 250, 500, 1000, 2000]);
        assert_eq!((pauses.len(), pauses.iter().max()), (40, Some(&PAUSE_MAX)));
        assert_eq!(guard.back_after(start + Duration::from_secs(50)), None);
        assert_eq!(guard.back_after(start + DEATHS_WITHIN + Duration::from_secs(50)), Some(Duration::ZERO));
    }

    #[test]
    fn a_page_is_hung_when_it_misses_several_questions_in_a_row() {
        let mut missed = Missed::default();
        let mut said = |answered: &[bool], loaded| answered.iter().any(|answered| missed.is_hung(*answered, loaded));
        assert!(!said(&[true, false, false, false, false, false, true, false], true), "it answers after all");
        assert!(said(&[false; 5], true));
        assert!(!said(&[false; 15], false), "a page that is being loaded has longer");
        assert!(said(&[false], false));
    }
}
