//! The way to the feed in this process: look at quotes, search, history, try again.

use std::{
    cmp::Reverse,
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use market::{History, Instrument, Market, Quote, Range, Session, Symbol, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::{
    sync::{Mutex, mpsc, oneshot},
    time::Instant,
};

use super::{
    board::Board,
    hours::HoursWanted,
    lines::Lines,
    lists::Lists,
    source::Source,
    sparks::{Seeds, SparksWanted},
    whom::{Asked, TurnsWanted},
};
use crate::{history::HistoryCache, provider::ProviderError};

/// Commands that wait for the feed at the most.
const COMMANDS_MAX: usize = 256;
/// How long a look waits for a provider to answer.
const LOOK_TIME_OUT: Duration = Duration::from_secs(5);

pub(super) enum Command {
    Look(Look),
    Retry,
    KeyChanged,
    Sparks(SparksWanted),
    Seed(Seeds),
    Hours(HoursWanted),
    Turns(TurnsWanted),
}

/// What a look found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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
    pub(super) fn answer_if_settled(&mut self, board: &Board, lines: &Lines, now: Instant) -> bool {
        let settled = self.symbols.iter().all(|s| board.get(s).is_some() || lines.is_unknown(s));
        if !settled && now < self.until {
            return false;
        }
        let looked = Looked {
            quotes: self.symbols.iter().filter_map(|s| board.get(s)).cloned().collect(),
            unknown: self.symbols.iter().filter(|s| board.get(s).is_none() && lines.is_unknown(s)).cloned().collect(),
        };
        if let Some(done) = self.done.take() {
            // Whoever looked may have turned away.
            let _ = done.send(looked);
        }
        true
    }
}

/// A way to the feed in this process. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct LocalFeed {
    pub(super) commands: mpsc::Sender<Command>,
    pub(super) source: Arc<Source>,
    pub(super) charts: HistoryCache,
    pub(super) lists: Lists,
    /// One at a time fetches the beginnings of small charts.
    pub(super) seeding: Arc<Mutex<()>>,
    /// Whether the simulated market stands in; the feed says so.
    stands_in: Arc<AtomicBool>,
}

impl LocalFeed {
    pub(super) fn new(source: &Source, charts: HistoryCache) -> (Self, mpsc::Receiver<Command>, Arc<AtomicBool>) {
        let (commands, incoming) = mpsc::channel(COMMANDS_MAX);
        let stands_in = Arc::<AtomicBool>::default();
        let handle = Self {
            commands,
            source: Arc::new(source.clone()),
            charts,
            lists: Lists::default(),
            seeding: Arc::default(),
            stands_in: Arc::clone(&stands_in),
        };
        (handle, incoming, stands_in)
    }

    /// The latest quotes of these symbols, fetched where nobody follows them, and kept live for a minute.
    pub(super) async fn look(&self, symbols: BTreeSet<Symbol>) -> Looked {
        let (done, looked) = oneshot::channel();
        let look = Look { symbols, until: Instant::now() + LOOK_TIME_OUT, done: Some(done) };
        if self.commands.send(Command::Look(look)).await.is_err() {
            return Looked::default();
        }
        looked.await.unwrap_or_default()
    }

    /// Asks the provider again at once.
    pub(super) async fn retry_now(&self) {
        // A feed that has ended cannot try again; nothing to report.
        let _ = self.commands.send(Command::Retry).await;
    }

    /// The user has set or removed a key: providers that take one are asked again at once.
    pub(super) async fn key_changed(&self) {
        // As above.
        let _ = self.commands.send(Command::KeyChanged).await;
    }

    /// Instruments whose symbol or name fits: from the first provider that finds any, those that have most kinds first.
    /// Where the text is a symbol, whoever is preferred for that comes before, if that very symbol is found there.
    pub(super) async fn search(&self, text: &str) -> Result<Vec<Instrument>, ProviderError> {
        let symbol = Symbol::parse(text).ok();
        let mut asked = self.asked(symbol.as_ref()).await;
        asked.retain(|asked| asked.provider.capabilities().search);
        asked.sort_by_key(|asked| (!asked.preferred, Reverse(asked.provider.capabilities().kinds.len())));
        let (mut found_instead, mut failure) = (None, None);
        for Asked { provider, preferred, .. } in asked {
            let is_it = |instrument: &Instrument| Some(&instrument.symbol) == symbol.as_ref();
            match provider.search(text).await {
                Ok(found) if found.iter().any(|instrument| !preferred || is_it(instrument)) => return Ok(found),
                Ok(found) => found_instead = found_instead.filter(|before: &Vec<_>| !before.is_empty()).or(Some(found)),
                // A key that nobody set is no failure.
                Err(ProviderError::KeyMissing { .. }) => {}
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        match (found_instead, failure) {
            (None, Some(error)) => Err(error),
            (found, _) => Ok(found.unwrap_or_default()),
        }
    }

    /// The bars of a symbol: from the first provider that has them now, in the user's order for it, else kept ones with
    /// their age.
    pub(super) async fn history(&self, symbol: &Symbol, range: Range) -> Result<History, ProviderError> {
        let session = session_now(symbol);
        let mut outcome = Err(ProviderError::UnknownSymbol { provider: "No provider", symbol: symbol.clone() });
        let mut failed = false;
        for Asked { provider, .. } in self.asked(Some(symbol)).await {
            if !provider.capabilities().history || !provider.covers(symbol) {
                continue;
            }
            match self.charts.history(provider.as_ref(), symbol, range, session).await {
                Ok(fresh) if fresh.fetched_at.is_none() => return Ok(fresh),
                Ok(kept) => outcome = outcome.or(Ok(kept)),
                // What the preferred one said counts.
                Err(error) if !failed => {
                    failed = true;
                    outcome = outcome.or(Err(error));
                }
                Err(_) => {}
            }
        }
        outcome
    }

    /// Whether the simulated market is what is shown.
    pub(super) fn stands_in(&self) -> bool {
        self.source.stand_in.is_some() && self.stands_in.load(Ordering::Relaxed)
    }
}

/// The session of a symbol's market now, by its calendar.
pub(super) fn session_now(symbol: &Symbol) -> Session {
    Market::of(symbol, None, None).map_or(Session::Regular, |market| market.session(Timestamp::now()))
}
