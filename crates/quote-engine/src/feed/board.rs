//! The last quote of each symbol: what is news, what has grown old, what nobody wants any more.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    time::Duration,
};

use market::{Quote, QuoteState, Symbol};
use tokio::time::Instant;

#[derive(Debug)]
struct Entry {
    quote: Quote,
    answered_at: Instant,
}

#[derive(Debug, Default)]
pub(super) struct Board {
    entries: HashMap<Symbol, Entry>,
    unknown: HashSet<Symbol>,
    /// Quotes of the run before, until their symbols are wanted.
    kept: HashMap<Symbol, Quote>,
}

impl Board {
    /// A board that remembers the quotes of the run before; each is stale until it is answered.
    pub(super) fn remembering(quotes: Vec<Quote>) -> Self {
        let kept = quotes.into_iter().map(|quote| (quote.symbol.clone(), quote)).collect();
        Self { kept, ..Self::default() }
    }

    pub(super) fn get(&self, symbol: &Symbol) -> Option<&Quote> {
        self.entries.get(symbol).map(|entry| &entry.quote)
    }

    pub(super) fn is_unknown(&self, symbol: &Symbol) -> bool {
        self.unknown.contains(symbol)
    }

    /// Takes in an answer; gives back what is news. A price older than the one here is none: providers repeat
    /// themselves out of order.
    pub(super) fn take_in(&mut self, quote: Quote, now: Instant) -> Option<Quote> {
        self.unknown.remove(&quote.symbol);
        self.kept.remove(&quote.symbol);
        let Some(entry) = self.entries.get_mut(&quote.symbol) else {
            self.entries.insert(quote.symbol.clone(), Entry { quote: quote.clone(), answered_at: now });
            return Some(quote);
        };
        entry.answered_at = now;
        let older = quote.source == entry.quote.source && quote.quoted_at < entry.quote.quoted_at;
        let news = if older { Quote { state: quote.state, ..entry.quote.clone() } } else { quote };
        if !news.differs_from(&entry.quote) {
            entry.quote.received_at = news.received_at;
            return None;
        }
        entry.quote = news.clone();
        Some(news)
    }

    pub(super) fn unknown(&mut self, symbols: Vec<Symbol>) {
        self.unknown.extend(symbols);
    }

    /// Forgets everything else; gives back what is gone.
    pub(super) fn keep_only(&mut self, wanted: &BTreeSet<Symbol>) -> Vec<Symbol> {
        self.unknown.retain(|symbol| wanted.contains(symbol));
        let gone: Vec<Symbol> = self.entries.keys().filter(|symbol| !wanted.contains(*symbol)).cloned().collect();
        for symbol in &gone {
            self.entries.remove(symbol);
        }
        gone
    }

    /// The quotes of the run before that are wanted now, as stale ones.
    pub(super) fn remembered(&mut self, wanted: &BTreeSet<Symbol>) -> Vec<Quote> {
        let now = Instant::now();
        let found: Vec<Quote> = wanted.iter().filter_map(|symbol| self.kept.remove(symbol)).collect();
        let stale = found.into_iter().map(|quote| Quote { state: QuoteState::Stale, ..quote });
        stale.filter_map(|quote| self.take_in(quote, now)).collect()
    }

    /// Marks what has not been answered for `after`; gives back what is newly so. A closed market's price stands.
    pub(super) fn grown_stale(&mut self, now: Instant, after: Duration) -> Vec<Quote> {
        let fresh = |state| matches!(state, QuoteState::Live | QuoteState::Delayed);
        let old = self.entries.values_mut().filter(|e| fresh(e.quote.state) && now - e.answered_at > after);
        old.map(|entry| {
            entry.quote.state = QuoteState::Stale;
            entry.quote.clone()
        })
        .collect()
    }

    /// Forgets every made-up quote; gives back what is gone.
    pub(super) fn forget_simulated(&mut self) -> Vec<Symbol> {
        let simulated = self.entries.values().filter(|entry| entry.quote.is_simulated());
        let gone: Vec<Symbol> = simulated.map(|entry| entry.quote.symbol.clone()).collect();
        for symbol in &gone {
            self.entries.remove(symbol);
        }
        gone
    }

    /// Every quote that is not made up.
    pub(super) fn live(&self) -> Vec<&Quote> {
        let here = self.entries.values().map(|entry| &entry.quote).filter(|quote| !quote.is_simulated());
        here.chain(self.kept.values()).collect()
    }
}
