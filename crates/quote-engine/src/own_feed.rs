//! Users' own quotes: reads `feed/<user>/<symbol>`, holds each to what a quote is, and publishes it again for that user
//! alone, on `user/<user>/feed/<symbol>`.
//!
//! It never lets one onto `quote/` or `price/`, nor under another name than its user's: whoever reads those reads
//! providers' prices only, and alerts and charts are made of nothing else.

mod budget;
mod check;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use bus::{Bus, FEED_BYTES_MAX, Interest, Message, Topic, Unread};
use jiff::Timestamp;
use market::{Quote, QuoteState, Symbol, UserName};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use self::budget::Budget;
use crate::peers::Peers;

/// Users whose quotes are taken at the most.
const USERS_MAX: usize = 1_000;
/// Symbols of one user at the most.
const SYMBOLS_MAX: usize = 500;
/// A quote that is not said again for so long is stale: nobody knows the rhythm of a user's own.
const STALE_AFTER: Duration = Duration::from_secs(15 * 60);
/// How often ages are looked at.
const AGE_CHECK: Duration = Duration::from_secs(5);
/// How often it is said at the most that a user's quotes are refused.
const COMPLAINT_PACE: Duration = Duration::from_secs(60);

/// Runs until `shutdown`, for the users that are ours among these.
pub async fn run(bus: Bus, peers: Peers, shutdown: CancellationToken) {
    let mut heard = bus.subscribe(&[Interest::Feeds]).await;
    let mut feeds = OwnFeeds { bus, users: BTreeMap::new() };
    let mut ages = interval(AGE_CHECK);
    ages.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = shutdown.cancelled() => return,
            _ = ages.tick() => feeds.look_at_ages(Instant::now()).await,
            heard = heard.recv_unread() => match heard {
                Some(heard) if is_mine(&peers, &heard) => feeds.hear(&heard).await,
                Some(_) => {}
                None => return,
            },
        }
    }
}

fn is_mine(peers: &Peers, heard: &Unread) -> bool {
    matches!(heard.topic(), Topic::Feed(user, _) if peers.is_mine(user.as_str()))
}

#[derive(Debug)]
struct OwnFeeds {
    bus: Bus,
    users: BTreeMap<UserName, OwnFeed>,
}

/// What one user publishes.
#[derive(Debug)]
struct OwnFeed {
    budget: Budget,
    latest: BTreeMap<Symbol, (Quote, Instant)>,
    complained_at: Option<Instant>,
}

impl OwnFeeds {
    async fn hear(&mut self, heard: &Unread) {
        let Topic::Feed(user, symbol) = heard.topic() else { return };
        let now = Instant::now();
        if !self.users.contains_key(user) && self.users.len() >= USERS_MAX {
            tracing::debug!(%user, "no more users' own quotes are taken");
            return;
        }
        let feed = self.users.entry(user.clone()).or_insert_with(|| OwnFeed::new(now));
        match feed.take_in(user, symbol, heard, now) {
            Ok(Some(message)) => self.say(message).await,
            Ok(None) => {}
            Err(why) => feed.complain(user, symbol, why, now),
        }
    }

    /// What was not said again for too long is no live price any more.
    async fn look_at_ages(&mut self, now: Instant) {
        let mut grown_stale = Vec::new();
        for (user, feed) in &mut self.users {
            grown_stale.extend(feed.grown_stale(now).into_iter().map(|quote| Message::UserFeed(user.clone(), quote)));
        }
        for message in grown_stale {
            self.say(message).await;
        }
    }

    async fn say(&self, message: Message) {
        if let Err(error) = self.bus.publish(&message).await {
            tracing::warn!(%error, "a user's own quote is not published");
        }
    }
}

impl OwnFeed {
    fn new(now: Instant) -> Self {
        Self { budget: Budget::new(now), latest: BTreeMap::new(), complained_at: None }
    }

    /// What is to be said of it; nothing where it is no news.
    fn take_in(
        &mut self,
        user: &UserName,
        symbol: &Symbol,
        heard: &Unread,
        now: Instant,
    ) -> Result<Option<Message>, &'static str> {
        if heard.is_gone() {
            let known = self.latest.remove(symbol).is_some();
            return Ok(known.then(|| Message::UserFeedGone(user.clone(), symbol.clone())));
        }
        if !self.budget.spend(now) {
            return Err("too many in too short a time");
        }
        if heard.size() > FEED_BYTES_MAX {
            return Err("too long");
        }
        if self.latest.len() >= SYMBOLS_MAX && !self.latest.contains_key(symbol) {
            return Err("one symbol too many");
        }
        let Some(Message::Feed(_, quote)) = heard.read() else { return Err("no quote, or another symbol's") };
        let quote = check::checked(quote, user, Timestamp::now())?;
        let before = self.latest.get(symbol).map(|(quote, _)| quote);
        if before.is_some_and(|before| quote.quoted_at < before.quoted_at) {
            return Err("older than the one before");
        }
        let is_news = before.is_none_or(|before| quote.differs_from(before));
        self.latest.insert(symbol.clone(), (quote.clone(), now));
        Ok(is_news.then(|| Message::UserFeed(user.clone(), quote)))
    }

    fn grown_stale(&mut self, now: Instant) -> Vec<Quote> {
        let fresh = |quote: &Quote| matches!(quote.state, QuoteState::Live | QuoteState::Delayed);
        let old = self.latest.values_mut().filter(|(quote, at)| fresh(quote) && now - *at >= STALE_AFTER);
        old.map(|(quote, _)| {
            quote.state = QuoteState::Stale;
            quote.clone()
        })
        .collect()
    }

    fn complain(&mut self, user: &UserName, symbol: &Symbol, why: &'static str, now: Instant) {
        if self.complained_at.is_none_or(|at| now - at >= COMPLAINT_PACE) {
            self.complained_at = Some(now);
            tracing::warn!(%user, %symbol, why, "a user's own quote is not taken; more are refused without a word");
        }
    }
}

/// The newest own quotes of one user, and which symbols providers have: where one has the symbol, its quote is shown,
/// whole, and the user's is not.
#[derive(Debug, Default)]
pub struct OwnQuotes {
    own: BTreeMap<Symbol, Quote>,
    provided: BTreeSet<Symbol>,
}

impl OwnQuotes {
    /// A provider's quote has come.
    pub fn provided(&mut self, symbol: &Symbol) {
        if !self.provided.contains(symbol) {
            self.provided.insert(symbol.clone());
        }
    }

    /// A provider's quote has gone: the user's own, where there is one.
    pub fn gone(&mut self, symbol: &Symbol) -> Option<Quote> {
        self.provided.remove(symbol);
        self.own.get(symbol).cloned()
    }

    /// The user's own: given back where it is to be shown.
    pub fn own(&mut self, quote: Quote) -> Option<Quote> {
        self.own.insert(quote.symbol.clone(), quote.clone());
        (!self.provided.contains(&quote.symbol)).then_some(quote)
    }

    /// The user's own has gone; whether that shows.
    pub fn own_gone(&mut self, symbol: &Symbol) -> bool {
        self.own.remove(symbol).is_some() && !self.provided.contains(symbol)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quote(source: &str) -> Quote {
        let price = market::Price::from_f64(1.0).unwrap();
        let (symbol, now) = (Symbol::parse("GOLD").unwrap(), Timestamp::now());
        Quote::bare(symbol, market::Kind::Other, price, now, now, source)
    }

    #[test]
    fn what_is_not_said_again_grows_stale_once() {
        let (now, gold) = (Instant::now(), quote("feed:me"));
        let mut feed = OwnFeed::new(now);
        feed.latest.insert(gold.symbol.clone(), (gold, now));
        assert!(feed.grown_stale(now + STALE_AFTER / 2).is_empty());
        let stale = feed.grown_stale(now + STALE_AFTER);
        assert_eq!(stale.iter().map(|quote| quote.state).collect::<Vec<_>>(), [QuoteState::Stale]);
        assert!(feed.grown_stale(now + STALE_AFTER * 2).is_empty());
    }

    #[test]
    fn a_providers_quote_stands_alone() {
        let (mut quotes, gold) = (OwnQuotes::default(), quote("feed:me"));
        assert_eq!(quotes.own(gold.clone()), Some(gold.clone()));
        quotes.provided(&gold.symbol);
        assert_eq!(quotes.own(gold.clone()), None);
        assert_eq!(quotes.gone(&gold.symbol), Some(gold.clone()), "the own one is back");
        assert!(quotes.own_gone(&gold.symbol) && !quotes.own_gone(&gold.symbol));
    }
}
