//! The way to the feed: look at quotes, search, history, try again.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use market::{History, Instrument, Quote, Range, Symbol};
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use super::board::Board;
use crate::provider::{Provider, ProviderError};

/// Commands that wait for the feed at the most.
const COMMANDS_MAX: usize = 256;
/// How long a look waits for a provider to answer.
const LOOK_TIME_OUT: Duration = Duration::from_secs(5);

pub(super) enum Command {
    Look(Look),
    Retry,
}

/// What a look found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Looked {
    /// The quotes there are.
    pub quotes: Vec<Quote>,
    /// The symbols the provider does not know.
    pub unknown: Vec<Symbol>,
}

#[derive(Debug)]
pub(super) struct Look {
    pub(super) symbols: BTreeSet<Symbol>,
    until: Instant,
    done: Option<oneshot::Sender<Looked>>,
}

impl Look {
    /// Answers once every symbol has a quote or is unknown, or the time is over. Says whether it was answered.
    pub(super) fn answer_if_settled(&mut self, board: &Board, now: Instant) -> bool {
        let settled = self.symbols.iter().all(|s| board.get(s).is_some() || board.is_unknown(s));
        if !settled && now < self.until {
            return false;
        }
        let looked = Looked {
            quotes: self.symbols.iter().filter_map(|s| board.get(s)).cloned().collect(),
            unknown: self.symbols.iter().filter(|s| board.get(s).is_none() && board.is_unknown(s)).cloned().collect(),
        };
        if let Some(done) = self.done.take() {
            // Whoever looked may have turned away.
            let _ = done.send(looked);
        }
        true
    }
}

/// What feed and handle both see.
#[derive(Debug)]
pub(super) struct Shared {
    /// Whether the simulated market stands in.
    pub(super) stand_in: AtomicBool,
}

/// A way to the feed. Cheap to clone.
#[derive(Debug, Clone)]
pub struct FeedHandle {
    commands: mpsc::Sender<Command>,
    provider: Arc<dyn Provider>,
    stand_in: Option<Arc<dyn Provider>>,
    shared: Arc<Shared>,
}

impl FeedHandle {
    pub(super) fn new(
        provider: Arc<dyn Provider>,
        stand_in: Option<Arc<dyn Provider>>,
    ) -> (Self, mpsc::Receiver<Command>, Arc<Shared>) {
        let (commands, incoming) = mpsc::channel(COMMANDS_MAX);
        let shared = Arc::new(Shared { stand_in: AtomicBool::new(false) });
        let handle = Self { commands, provider, stand_in, shared: Arc::clone(&shared) };
        (handle, incoming, shared)
    }

    /// The latest quotes of these symbols, fetched where nobody follows them, and kept live for a minute.
    pub async fn look(&self, symbols: BTreeSet<Symbol>) -> Looked {
        let (done, looked) = oneshot::channel();
        let look = Look { symbols, until: Instant::now() + LOOK_TIME_OUT, done: Some(done) };
        if self.commands.send(Command::Look(look)).await.is_err() {
            return Looked::default();
        }
        looked.await.unwrap_or_default()
    }

    /// Asks the provider again at once.
    pub async fn retry_now(&self) {
        // A feed that has ended cannot try again; nothing to report.
        let _ = self.commands.send(Command::Retry).await;
    }

    /// Instruments whose symbol or name fits.
    pub async fn search(&self, text: &str) -> Result<Vec<Instrument>, ProviderError> {
        self.asked().search(text).await
    }

    /// The bars of a symbol.
    pub async fn history(&self, symbol: &Symbol, range: Range) -> Result<History, ProviderError> {
        self.asked().history(symbol, range).await
    }

    /// The provider whose quotes are shown now: search and charts come from it too, so that nothing is mixed.
    fn asked(&self) -> &Arc<dyn Provider> {
        match &self.stand_in {
            Some(stand_in) if self.shared.stand_in.load(Ordering::Relaxed) => stand_in,
            _ => &self.provider,
        }
    }
}
