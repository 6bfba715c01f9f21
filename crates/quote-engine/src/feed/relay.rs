//! The way to engines in other processes: each symbol's questions go to the engine whose the symbol is, all others to any.
//! An engine that goes away meanwhile is not waited for: whoever takes over its share is asked.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use bus::Calls;
use futures_util::future::join_all;
use market::{History, Instrument, MarketHours, MarketList, Range, Symbol};
use tokio::time::timeout;

use super::{
    handle::Looked,
    wire::{Answer, Outcome, Question, address},
};
use crate::{peers::Peers, provider::ProviderError};

/// How long whoever asks waits for an engine: shorter than a request to the REST interface may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long it waits for one to be there at all.
const NOBODY: Duration = Duration::from_secs(3);

/// See above. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Relay {
    calls: Calls,
    engines: Peers,
}

impl Relay {
    pub(super) fn new(calls: Calls, engines: Peers) -> Self {
        Self { calls, engines }
    }

    pub(super) async fn look(&self, symbols: BTreeSet<Symbol>) -> Looked {
        let mut all = Looked::default();
        for answer in self.ask_each(symbols, Question::Look).await {
            if let Answer::Looked(Looked { quotes, unknown }) = answer {
                all.quotes.extend(quotes);
                all.unknown.extend(unknown);
            }
        }
        all.quotes.sort_by(|a, b| a.symbol.cmp(&b.symbol));
        all
    }

    pub(super) async fn retry_now(&self) {
        self.tell_all(&Question::Retry).await;
    }

    pub(super) async fn key_changed(&self) {
        self.tell_all(&Question::KeyChanged).await;
    }

    pub(super) async fn search(&self, text: &str) -> Result<Vec<Instrument>, ProviderError> {
        self.found(text, &Question::Search(text.to_owned())).await
    }

    pub(super) async fn history(&self, symbol: &Symbol, range: Range) -> Result<History, ProviderError> {
        match self.ask(symbol.as_str(), &Question::History(symbol.clone(), range)).await? {
            Answer::History(history) => Ok(*history),
            _ => Err(strange()),
        }
    }

    pub(super) async fn list(&self, list: MarketList) -> Result<Vec<Instrument>, ProviderError> {
        self.found("list", &Question::List(list)).await
    }

    pub(super) async fn sparks(&self, symbols: BTreeSet<Symbol>) -> Vec<History> {
        let answers = self.ask_each(symbols, Question::Sparks).await.into_iter();
        answers.flat_map(|answer| if let Answer::Charts(charts) = answer { charts } else { Vec::new() }).collect()
    }

    pub(super) async fn hours(&self, symbols: BTreeSet<Symbol>) -> Vec<MarketHours> {
        let answers = self.ask_each(symbols, Question::Hours).await.into_iter();
        answers.flat_map(|answer| if let Answer::Hours(hours) = answer { hours } else { Vec::new() }).collect()
    }

    async fn found(&self, key: &str, question: &Question) -> Result<Vec<Instrument>, ProviderError> {
        match self.ask(key, question).await? {
            Answer::Found(found) => Ok(found),
            _ => Err(strange()),
        }
    }

    /// Asks every engine about its own symbols; what cannot be had is left out.
    async fn ask_each(&self, symbols: BTreeSet<Symbol>, question: fn(BTreeSet<Symbol>) -> Question) -> Vec<Answer> {
        let mut shares: BTreeMap<Option<String>, BTreeSet<Symbol>> = BTreeMap::new();
        for symbol in symbols {
            shares.entry(self.engines.owner(symbol.as_str())).or_default().insert(symbol);
        }
        let asking = shares.into_values().map(|share| async move {
            // Whose one is, all are.
            let key = share.first().map(|symbol| symbol.as_str().to_owned()).unwrap_or_default();
            self.ask(&key, &question(share)).await.inspect_err(|error| tracing::debug!(%error, "left out")).ok()
        });
        join_all(asking).await.into_iter().flatten().collect()
    }

    async fn tell_all(&self, question: &Question) {
        let online = self.engines.online().borrow().clone();
        let telling = online.iter().map(|instance| async {
            self.calls.ask::<_, Outcome>(&address(instance), question, PATIENCE).await.is_ok()
        });
        join_all(telling).await;
    }

    /// Asks the engine whose the key is, and the next one if that goes.
    async fn ask(&self, key: &str, question: &Question) -> Result<Answer, ProviderError> {
        let asking = async {
            let mut online = self.engines.online();
            loop {
                let engine = self.owner(key).await?;
                let (address, moved) = (address(&engine), || self.engines.owner(key).as_ref() != Some(&engine));
                tokio::select! {
                    answer = self.calls.ask::<_, Outcome>(&address, question, PATIENCE) => {
                        return answer.map_err(|_| silent())?.map_err(ProviderError::from);
                    }
                    Ok(_) = online.wait_for(|_| moved()) => {}
                }
            }
        };
        timeout(PATIENCE, asking).await.unwrap_or_else(|_| Err(silent()))
    }

    /// Whose the key is, as soon as anybody is there.
    async fn owner(&self, key: &str) -> Result<String, ProviderError> {
        let mut online = self.engines.online();
        // No longer than that, whatever comes of it.
        let _ = timeout(NOBODY, online.wait_for(|online| !online.is_empty())).await;
        self.engines.owner(key).ok_or_else(|| elsewhere("no engine is online: nothing is fetched until one is"))
    }
}

fn elsewhere(text: &str) -> ProviderError {
    ProviderError::Elsewhere { text: text.to_owned(), never: false }
}

fn silent() -> ProviderError {
    elsewhere("the engine does not answer")
}

fn strange() -> ProviderError {
    elsewhere("the engine answers something else: it is of another version, perhaps")
}
