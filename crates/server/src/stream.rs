//! The live stream of one reader: the snapshot first, then the newest quote of each symbol in batches.
//!
//! Reads the bus and nothing else. The desktop's window and the browser's WebSocket carry the very same messages.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

use bus::{Bus, Interest, Message, Subscription};
use market::{Conflator, Quote, StreamMessage, Symbol, UserName};
use quote_engine::own_feed::OwnQuotes;
use tokio::time::{Instant, sleep_until};

/// The shortest time between two batches.
const BATCH_INTERVAL: Duration = Duration::from_millis(100);
/// How long the first change of a batch waits for its neighbours.
const GATHER: Duration = Duration::from_millis(10);
/// The snapshot is complete once nothing came for this long.
const SNAPSHOT_QUIET: Duration = Duration::from_millis(30);
/// And at the latest after this.
const SNAPSHOT_MAX: Duration = Duration::from_millis(500);

/// The live stream of one reader.
#[derive(Debug)]
pub struct QuoteStream {
    user: UserName,
    heard: Subscription,
    quotes: Conflator,
    own: OwnQuotes,
    gone: BTreeSet<Symbol>,
    ready: VecDeque<StreamMessage>,
    phase: Phase,
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    /// Gathers what the bus keeps: until it is quiet, or the time is over.
    Snapshot { quiet_at: Instant, over_at: Instant },
    /// Gathers changes; the last batch went out then.
    Live { flushed_at: Instant, flush_at: Option<Instant> },
    /// The bus is closed.
    Over,
}

impl QuoteStream {
    /// A stream of every quote, and of what concerns this user.
    pub async fn new(bus: &Bus, user: UserName) -> Self {
        let of_user = [Interest::User(user.clone()), Interest::OwnFeed(user.clone())];
        let heard = bus.subscribe(&[&[Interest::Quotes, Interest::Providers], &of_user[..]].concat()).await;
        let now = Instant::now();
        let phase = Phase::Snapshot { quiet_at: now + SNAPSHOT_QUIET, over_at: now + SNAPSHOT_MAX };
        let (quotes, gone, ready) = (Conflator::default(), BTreeSet::new(), VecDeque::new());
        Self { user, heard, quotes, own: OwnQuotes::default(), gone, ready, phase }
    }

    /// The next message; `None` once the bus is closed. Nothing is lost where the wait for it is given up.
    pub async fn next(&mut self) -> Option<StreamMessage> {
        loop {
            if let (Phase::Live { .. } | Phase::Over, Some(message)) = (self.phase, self.ready.front()) {
                let message = message.clone();
                self.ready.pop_front();
                return Some(message);
            }
            if matches!(self.phase, Phase::Over) {
                return None;
            }
            tokio::select! {
                biased;
                () = at(self.flush_at()) => self.flush(),
                message = self.heard.recv() => match message {
                    Some(message) => self.take_in(message),
                    None => self.end(),
                },
            }
        }
    }

    fn flush_at(&self) -> Option<Instant> {
        match self.phase {
            Phase::Snapshot { quiet_at, over_at } => Some(quiet_at.min(over_at)),
            Phase::Live { flush_at, .. } => flush_at,
            Phase::Over => None,
        }
    }

    fn take_in(&mut self, message: Message) {
        match message {
            Message::Quote(quote) => {
                self.own.provided(&quote.symbol);
                self.show(quote);
            }
            Message::QuoteGone(symbol) => match self.own.gone(&symbol) {
                Some(own) => self.show(own),
                None => self.hide(symbol),
            },
            Message::UserFeed(user, quote) if user == self.user => {
                if let Some(quote) = self.own.own(quote) {
                    self.show(quote);
                }
            }
            Message::UserFeedGone(user, symbol) if user == self.user && self.own.own_gone(&symbol) => self.hide(symbol),
            Message::Provider(health) => self.ready.push_back(StreamMessage::Provider(health)),
            Message::Alert(user, fired) if user == self.user => self.ready.push_back(StreamMessage::Alert(fired)),
            Message::AlertLog(user, summary) if user == self.user => {
                self.ready.push_back(StreamMessage::AlertLog(summary));
            }
            Message::Watchlists(user, lists) if user == self.user => {
                self.ready.push_back(StreamMessage::Watchlists(lists));
            }
            Message::Preferences(user, preferences) if user == self.user => {
                self.ready.push_back(StreamMessage::Preferences(preferences));
            }
            _ => {}
        }
    }

    fn show(&mut self, quote: Quote) {
        self.gone.remove(&quote.symbol);
        self.quotes.push(quote);
        self.schedule_flush();
    }

    fn hide(&mut self, symbol: Symbol) {
        self.gone.insert(symbol);
        self.schedule_flush();
    }

    fn schedule_flush(&mut self) {
        let now = Instant::now();
        match &mut self.phase {
            Phase::Snapshot { quiet_at, .. } => *quiet_at = now + SNAPSHOT_QUIET,
            Phase::Live { flushed_at, flush_at } => {
                flush_at.get_or_insert((*flushed_at + BATCH_INTERVAL).max(now + GATHER));
            }
            Phase::Over => {}
        }
    }

    fn flush(&mut self) {
        let mut quotes = self.quotes.drain();
        quotes.retain(|quote| !self.gone.contains(&quote.symbol));
        let gone: Vec<Symbol> = std::mem::take(&mut self.gone).into_iter().collect();
        if matches!(self.phase, Phase::Snapshot { .. }) {
            self.ready.push_front(StreamMessage::Snapshot(quotes));
        } else {
            if !quotes.is_empty() {
                self.ready.push_back(StreamMessage::Batch(quotes));
            }
            if !gone.is_empty() {
                self.ready.push_back(StreamMessage::Gone(gone));
            }
        }
        self.phase = Phase::Live { flushed_at: Instant::now(), flush_at: None };
    }

    fn end(&mut self) {
        self.flush();
        self.phase = Phase::Over;
    }
}

/// Sleeps until then; for ever where there is no then.
async fn at(then: Option<Instant>) {
    match then {
        Some(then) => sleep_until(then).await,
        None => std::future::pending().await,
    }
}
