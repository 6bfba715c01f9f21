//! What is held, valued by the feed's quotes. The rules are `market::holdings`; here is only asked for what they need.

use std::collections::{BTreeMap, BTreeSet};

use market::{
    Lot, Quote, Symbol, Valuation,
    holdings::{rates_needed, value},
};

use crate::feed::FeedHandle;

/// What is held, by the latest quotes and exchange rates; summed up in `target` where one is chosen.
pub async fn valued(feed: &FeedHandle, holdings: &BTreeMap<Symbol, Vec<Lot>>, target: Option<&str>) -> Valuation {
    if holdings.is_empty() {
        return value(holdings, |_| None, target);
    }
    let mut quotes = looked(feed, holdings.keys().cloned().collect()).await;
    let rates = rates_needed(holdings, |symbol| quotes.get(symbol), target);
    if !rates.is_empty() {
        quotes.extend(looked(feed, rates).await);
    }
    value(holdings, |symbol| quotes.get(symbol), target)
}

async fn looked(feed: &FeedHandle, symbols: BTreeSet<Symbol>) -> BTreeMap<Symbol, Quote> {
    feed.look(symbols).await.quotes.into_iter().map(|quote| (quote.symbol.clone(), quote)).collect()
}
