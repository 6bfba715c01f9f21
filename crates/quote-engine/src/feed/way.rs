//! The way to the feed, in this process or to the engines in others: one and the same for whoever asks.

use std::collections::BTreeSet;

use bus::Calls;
use market::{History, Instrument, MarketHours, MarketList, Range, Symbol};

use super::{
    handle::{LocalFeed, Looked},
    relay::Relay,
};
use crate::{peers::Peers, provider::ProviderError};

/// A way to the feed. Cheap to clone.
#[derive(Debug, Clone)]
pub struct FeedHandle(Way);

#[derive(Debug, Clone)]
enum Way {
    Here(Box<LocalFeed>),
    Apart(Relay),
}

impl FeedHandle {
    pub(super) fn here(feed: LocalFeed) -> Self {
        Self(Way::Here(Box::new(feed)))
    }

    /// To these engines in other processes.
    pub fn apart(calls: Calls, engines: Peers) -> Self {
        Self(Way::Apart(Relay::new(calls, engines)))
    }

    /// The latest quotes of these symbols, fetched where nobody follows them, and kept live for a minute.
    pub async fn look(&self, symbols: BTreeSet<Symbol>) -> Looked {
        match &self.0 {
            Way::Here(feed) => feed.look(symbols).await,
            Way::Apart(relay) => relay.look(symbols).await,
        }
    }

    /// Asks the provider again at once.
    pub async fn retry_now(&self) {
        match &self.0 {
            Way::Here(feed) => feed.retry_now().await,
            Way::Apart(relay) => relay.retry_now().await,
        }
    }

    /// The user has set or removed a key: providers that take one are asked again at once.
    pub async fn key_changed(&self) {
        match &self.0 {
            Way::Here(feed) => feed.key_changed().await,
            Way::Apart(relay) => relay.key_changed().await,
        }
    }

    /// Instruments whose symbol or name fits: from the first provider that finds any, those that have most kinds first.
    /// Where the text is a symbol, whoever is preferred for that comes before, if that very symbol is found there.
    pub async fn search(&self, text: &str) -> Result<Vec<Instrument>, ProviderError> {
        match &self.0 {
            Way::Here(feed) => feed.search(text).await,
            Way::Apart(relay) => relay.search(text).await,
        }
    }

    /// The bars of a symbol: from the first provider that has them now, in the user's order for it, else kept ones with
    /// their age.
    pub async fn history(&self, symbol: &Symbol, range: Range) -> Result<History, ProviderError> {
        match &self.0 {
            Way::Here(feed) => feed.history(symbol, range).await,
            Way::Apart(relay) => relay.history(symbol, range).await,
        }
    }

    /// A list of the market from the first provider that has it, at most five minutes old.
    pub async fn list(&self, list: MarketList) -> Result<Vec<Instrument>, ProviderError> {
        match &self.0 {
            Way::Here(feed) => feed.list(list).await,
            Way::Apart(relay) => relay.list(list).await,
        }
    }

    /// The day's courses of up to [`super::SPARKS_MAX`] symbols, each a chart whose bars are points; what has none yet is
    /// left out. Costs a request for every twenty symbols once, and none as long as they stay followed.
    pub async fn sparks(&self, symbols: BTreeSet<Symbol>) -> Vec<History> {
        match &self.0 {
            Way::Here(feed) => feed.sparks(symbols).await,
            Way::Apart(relay) => relay.sparks(symbols).await,
        }
    }

    /// When regular trading in these begins or ends next; those of which nobody knows are left out.
    pub async fn hours(&self, symbols: BTreeSet<Symbol>) -> Vec<MarketHours> {
        match &self.0 {
            Way::Here(feed) => feed.hours(symbols).await,
            Way::Apart(relay) => relay.hours(symbols).await,
        }
    }
}
