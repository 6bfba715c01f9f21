//! The pages of the windows: who can be seen, and the stream that each is sent. At most one stream a page.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Every page there is or was, by the label of its window: the app has two kinds of window, so there are two at most.
#[derive(Debug, Default)]
pub struct Pages(Mutex<HashMap<String, Page>>);

#[derive(Debug)]
struct Page {
    visible: watch::Sender<bool>,
    stream: CancellationToken,
    /// Since when it is being made, until it has said that prices stand on it.
    made: Option<Instant>,
    given_up: bool,
    leaving: Option<Leaving>,
}

/// A window that is being taken away is there for a moment longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaving {
    ForGood,
    /// It was asked for meanwhile.
    ToComeBack,
}

impl Default for Page {
    fn default() -> Self {
        let (visible, stream) = (watch::Sender::new(false), CancellationToken::new());
        Self { visible, stream, made: None, given_up: false, leaving: None }
    }
}

impl Pages {
    /// Tells whether anybody can see this page: what nobody sees is not sent.
    pub fn set_visible(&self, label: &str, visible: bool) {
        let mut pages = self.lock();
        let page = pages.entry(label.into()).or_default();
        page.visible.send_if_modified(|now| std::mem::replace(now, visible) != visible);
    }

    /// Whether anybody can see this page, now and from now on.
    pub fn visible(&self, label: &str) -> watch::Receiver<bool> {
        self.lock().entry(label.into()).or_default().visible.subscribe()
    }

    /// Ends the stream of a page that is gone; gives what will end the next one's.
    pub fn gone(&self, label: &str) -> CancellationToken {
        let next = CancellationToken::new();
        let mut pages = self.lock();
        let page = pages.entry(label.into()).or_default();
        std::mem::replace(&mut page.stream, next.clone()).cancel();
        next
    }

    /// A window is being made for this page.
    pub fn made(&self, label: &str) {
        let mut pages = self.lock();
        let page = pages.entry(label.into()).or_default();
        (page.made, page.given_up) = (Some(Instant::now()), false);
    }

    /// This page is being loaded, for the first time or again: what was sent to it before is lost.
    pub fn loading(&self, label: &str) {
        self.gone(label);
        if let Some(page) = self.lock().get_mut(label) {
            page.made.get_or_insert_with(Instant::now);
        }
    }

    /// Prices stand on this page; how long that took since its window was made, or since it is loaded again. Told once.
    pub fn painted(&self, label: &str) -> Option<Duration> {
        Some(self.lock().get_mut(label)?.made.take()?.elapsed())
    }

    /// This page keeps failing and is left as it is; its window is good for nothing but closing.
    pub fn give_up(&self, label: &str) {
        self.lock().entry(label.into()).or_default().given_up = true;
    }

    /// Whether this page was given up.
    pub fn is_given_up(&self, label: &str) -> bool {
        self.lock().get(label).is_some_and(|page| page.given_up)
    }

    /// The window of this page is there.
    pub fn arrived(&self, label: &str) {
        self.lock().entry(label.into()).or_default().leaving = None;
    }

    /// The window of this page is being taken away; whether that is news.
    pub fn leave(&self, label: &str) -> bool {
        let mut pages = self.lock();
        let page = pages.entry(label.into()).or_default();
        let news = page.leaving.is_none();
        page.leaving.get_or_insert(Leaving::ForGood);
        news
    }

    /// Whether the window of this page is being taken away.
    pub fn is_leaving(&self, label: &str) -> bool {
        self.lock().get(label).is_some_and(|page| page.leaving.is_some())
    }

    /// The window that is being taken away is wanted after all: another one is to be made.
    pub fn come_back(&self, label: &str) {
        self.lock().entry(label.into()).or_default().leaving = Some(Leaving::ToComeBack);
    }

    /// Whether another window is to be made for this page, until it is there.
    pub fn is_coming_back(&self, label: &str) -> bool {
        self.lock().get(label).is_some_and(|page| page.leaving == Some(Leaving::ToComeBack))
    }

    /// Ends every stream.
    pub fn all_gone(&self) {
        self.lock().values().for_each(|page| page.stream.cancel());
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Page>> {
        // Nothing panics while it holds this.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_that_is_asked_for_while_it_goes_comes_back() {
        let pages = Pages::default();
        pages.arrived("main");
        assert!(!pages.is_leaving("main") && pages.leave("main"));
        assert!(!pages.leave("main"), "it is taken away once");
        assert!(pages.is_leaving("main") && !pages.is_coming_back("main"));
        pages.come_back("main");
        assert!(!pages.leave("main") && pages.is_coming_back("main"), "who asks is not forgotten");
        pages.made("main");
        assert!(pages.is_coming_back("main"), "the app does not end before it is there");
        pages.arrived("main");
        assert!(!pages.is_leaving("main") && !pages.is_coming_back("main"));
    }
}
