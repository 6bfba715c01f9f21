//! Charts that are there when the provider is not: its answers kept on disk, served at once while they are fresh, and
//! with their age while it does not answer.
//!
//! A cache and nothing more: whatever is wrong with its file costs a request, never an answer. Made-up and replayed
//! charts are not kept.

mod freshness;
mod sparks;
mod store;

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex as StdMutex, PoisonError},
};

use jiff::Timestamp;
use market::{
    History, Range, Session, Symbol,
    quote::{REPLAY, SIMULATED},
};
use serde::{Deserialize, Serialize};
use tokio::{sync::Mutex, time::Instant};

use crate::provider::{Provider, ProviderError, Retry};
use freshness::is_fresh;
use store::Store;

pub use sparks::SparkBook;

/// The file's name in the data folder.
pub(crate) const FILE: &str = "history.redb";

/// A chart as it was fetched.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    fetched_at: Timestamp,
    history: History,
}

impl Kept {
    /// As what it is: old.
    fn with_age(self) -> History {
        History { fetched_at: Some(self.fetched_at), ..self.history }
    }
}

/// The last failure of a request that several wait for.
type Flight = Mutex<Option<(Instant, ProviderError)>>;

/// Charts that were fetched. Cheap to clone.
#[derive(Debug, Clone)]
pub struct HistoryCache {
    store: Arc<Store>,
    /// One request at a time for each key.
    flights: Arc<StdMutex<HashMap<String, Arc<Flight>>>>,
}

impl HistoryCache {
    /// Opens the file in the data folder. Where it cannot be had, charts are kept in memory, and the log says why.
    pub fn open(data_dir: &Path) -> Self {
        Self { store: Arc::new(Store::open(&data_dir.join(FILE))), flights: Arc::default() }
    }

    /// A cache that forgets everything at the end.
    pub fn in_memory() -> Self {
        Self { store: Arc::new(Store::in_memory()), flights: Arc::default() }
    }

    /// The bars of a symbol: kept ones while they are fresh, else the provider's, else kept ones with their age.
    /// However many ask for the same, the provider is asked once.
    pub async fn history(
        &self,
        provider: &dyn Provider,
        symbol: &Symbol,
        range: Range,
        session: Session,
    ) -> Result<History, ProviderError> {
        self.history_at(provider, symbol, range, session, Timestamp::now()).await
    }

    /// The same at a given time.
    pub async fn history_at(
        &self,
        provider: &dyn Provider,
        symbol: &Symbol,
        range: Range,
        session: Session,
        now: Timestamp,
    ) -> Result<History, ProviderError> {
        if matches!(provider.name(), SIMULATED | REPLAY) {
            return provider.history(symbol, range).await;
        }
        let key = key(provider.name(), symbol, range);
        let asked_at = Instant::now();
        let flight = self.flight(&key);
        let mut failed = flight.lock().await;
        let kept = self.read(&key).await;
        if let Some(kept) = kept.as_ref().filter(|kept| is_fresh(&kept.history, kept.fetched_at, session, now)) {
            return Ok(kept.history.clone());
        }
        // Whoever waited for a request that failed meanwhile does not make another.
        let error = match failed.take().filter(|(at, _)| *at >= asked_at) {
            Some((_, error)) => error,
            None => match provider.history(symbol, range).await {
                Ok(history) => return Ok(self.keep(key, history, now).await),
                Err(error) => error,
            },
        };
        *failed = Some((Instant::now(), error.clone()));
        stand_in(kept, error)
    }

    /// What is kept of a provider's chart, with its age; asks nobody.
    pub async fn kept(&self, provider: &str, symbol: &Symbol, range: Range) -> Option<History> {
        self.read(&key(provider, symbol, range)).await.map(Kept::with_age)
    }

    /// Drops every chart of a symbol: what it says is true no more.
    pub async fn forget(&self, provider: &str, symbol: &Symbol) {
        let (store, prefix) = (Arc::clone(&self.store), format!("{provider}\n{symbol}\n"));
        if let Err(error) = tokio::task::spawn_blocking(move || store.remove_all(&prefix)).await {
            tracing::warn!(%error, %symbol, "its charts are not dropped");
        }
    }

    fn flight(&self, key: &str) -> Arc<Flight> {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        flights.retain(|_, flight| Arc::strong_count(flight) > 1);
        Arc::clone(flights.entry(key.to_owned()).or_default())
    }

    async fn read(&self, key: &str) -> Option<Kept> {
        let (store, key) = (Arc::clone(&self.store), key.to_owned());
        // A panic in there is a damaged file: nothing is kept.
        let bytes = tokio::task::spawn_blocking(move || store.get(&key)).await.ok()??;
        serde_json::from_slice(&bytes).ok()
    }

    /// Keeps a chart that has bars, and gives it back.
    async fn keep(&self, key: String, history: History, now: Timestamp) -> History {
        let kept = Kept { fetched_at: now, history };
        match serde_json::to_vec(&kept) {
            Ok(bytes) if !kept.history.bars.is_empty() => {
                let store = Arc::clone(&self.store);
                let put = tokio::task::spawn_blocking(move || store.put(&key, now.as_millisecond(), &bytes)).await;
                if let Err(error) = put {
                    tracing::warn!(%error, "a chart is not kept");
                }
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "a chart is not kept"),
        }
        kept.history
    }
}

/// Kept bars in place of an answer, unless the error lies with the symbol.
fn stand_in(kept: Option<Kept>, error: ProviderError) -> Result<History, ProviderError> {
    match kept {
        Some(kept) if error.retry() != Retry::Never => {
            tracing::debug!(%error, symbol = %kept.history.symbol, "a kept chart stands in");
            Ok(kept.with_age())
        }
        _ => Err(error),
    }
}

/// Neither part can hold a line break.
fn key(provider: &str, symbol: &Symbol, range: Range) -> String {
    format!("{provider}\n{symbol}\n{}", range.as_str())
}

#[cfg(test)]
mod tests;
