//! Whether every connection stands: a stream is whole again only when the last one that was missing is back.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use market::Symbol;

use super::super::{ProviderError, stream::TickSender};

/// What is common to the connections of a stream.
#[derive(Debug)]
pub(super) struct Watch {
    missing: Arc<AtomicUsize>,
    ticks: TickSender,
}

impl Watch {
    pub(super) fn new(ticks: TickSender) -> Self {
        Self { missing: Arc::default(), ticks }
    }

    /// A connection that is about to be opened.
    pub(super) fn opening(&self) -> Standing {
        self.missing.fetch_add(1, Ordering::SeqCst);
        Standing { stands: false, missing: Arc::clone(&self.missing), ticks: self.ticks.clone() }
    }
}

/// Whether one connection stands.
#[derive(Debug)]
pub(super) struct Standing {
    stands: bool,
    missing: Arc<AtomicUsize>,
    ticks: TickSender,
}

impl Standing {
    /// It is open, and everything was asked for.
    pub(super) fn stands(&mut self) {
        if !self.stands {
            self.stands = true;
            if self.missing.fetch_sub(1, Ordering::SeqCst) == 1 {
                self.ticks.restored();
            }
        }
    }

    /// It broke off, or could not be opened.
    pub(super) fn lost(&mut self, error: ProviderError, symbols: &[Symbol]) {
        if self.stands {
            self.stands = false;
            self.missing.fetch_add(1, Ordering::SeqCst);
        }
        self.ticks.lost(error, symbols);
    }

    /// It is needed no more: nobody waits for it.
    pub(super) fn not_wanted(&mut self) {
        self.stands();
    }
}

#[cfg(test)]
mod tests {
    use super::{super::super::stream::mailbox, *};

    fn error() -> ProviderError {
        ProviderError::Unreachable { provider: "Test", detail: "gone".to_owned() }
    }

    #[tokio::test]
    async fn one_that_is_back_does_not_speak_for_another() {
        let (ticks, heard) = mailbox();
        let watch = Watch::new(ticks);
        let (mut one, mut other) = (watch.opening(), watch.opening());
        one.stands();
        one.lost(error(), &[]);
        other.stands();
        assert!(!heard.recv().await.restored, "one is missing");
        one.stands();
        one.stands();
        assert!(heard.recv().await.restored);
    }

    #[tokio::test]
    async fn one_that_is_not_wanted_any_more_is_not_missed() {
        let (ticks, heard) = mailbox();
        let watch = Watch::new(ticks);
        let (mut one, mut other) = (watch.opening(), watch.opening());
        one.stands();
        other.lost(error(), &[]);
        assert!(!heard.recv().await.restored);
        other.not_wanted();
        assert!(heard.recv().await.restored);
    }
}
