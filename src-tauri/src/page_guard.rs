//! Brings the page back when the process that draws it has died: everything it showed is in this one.
#![cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "only Linux tells the window"))]

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How often the page is brought back within [`WINDOW`]: a page that dies at once is not loaded for ever.
const RELOADS_MAX: usize = 3;
/// See [`RELOADS_MAX`].
const WINDOW: Duration = Duration::from_secs(600);

/// When the page was brought back.
#[derive(Debug, Default)]
pub(crate) struct PageGuard(Mutex<VecDeque<Instant>>);

impl PageGuard {
    /// Whether it may be brought back once more.
    pub(crate) fn allows_reload(&self, now: Instant) -> bool {
        let mut reloads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reloads.retain(|at| now.duration_since(*at) < WINDOW);
        let allowed = reloads.len() < RELOADS_MAX;
        if allowed {
            reloads.push_back(now);
            tracing::error!("the process that draws the page has died: the page is loaded again");
        } else {
            tracing::error!("the process that draws the page keeps dying: start Quickstocks again");
        }
        allowed
    }
}

/// Watches over the page of this window.
#[cfg(target_os = "linux")]
pub(crate) fn watch(window: &tauri::WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::WebViewExt as _;

    let guard = PageGuard::default();
    window.with_webview(move |webview| {
        webview.inner().connect_web_process_terminated(move |page, _| {
            if guard.allows_reload(Instant::now()) {
                page.reload();
            }
        });
    })
}

/// macOS tells the app and not the window; on Windows nobody tells.
#[cfg(not(target_os = "linux"))] // not run on Windows or macOS here
pub(crate) fn watch(_: &tauri::WebviewWindow) -> tauri::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_keeps_dying_is_left_alone() {
        let (guard, start) = (PageGuard::default(), Instant::now());
        assert!((0..3).all(|n| guard.allows_reload(start + Duration::from_secs(n))));
        assert!(!guard.allows_reload(start + Duration::from_secs(9)));
        assert!(guard.allows_reload(start + WINDOW));
    }
}
