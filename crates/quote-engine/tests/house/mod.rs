//! Everything but a window: feed, desk and dispatcher on the real broker, with providers that answer from a script.

// Each test uses a part of it.
#![allow(
    dead_code,
    unused_imports,
    missing_docs,
    unreachable_pub,
    missing_debug_implementations,
    clippy::unwrap_used,
    clippy::expect_used
)]

mod scripted;

use std::{sync::Arc, time::Duration};

use bus::{Bus, Interest, Message, Subscription, TopicPolicy, Topics};
use market::{Alert, Condition, Edit, History, Price, Quote, Symbol, UserName};
use quote_engine::{
    desk::{Desk, DeskHandle},
    dispatcher::Dispatcher,
    feed::{Feed, FeedConfig, FeedHandle, Patience, Source},
    store::FileStore,
};
use tokio_util::sync::CancellationToken;

pub use scripted::{Misbehaviour, Scripted};

/// Against a previous close of 100, so that a price reads as a move on the day.
pub fn quote(symbol: &Symbol, price: f64, source: &str) -> Quote {
    let now = market::Timestamp::now();
    serde_json::from_value(serde_json::json!({
        "symbol": symbol, "kind": "equity", "price": price, "previous_close": 100.0, "change_percent": price - 100.0,
        "session": "regular", "quoted_at": now, "received_at": now, "source": source, "state": "live", "price_digits": 2,
    }))
    .unwrap()
}

/// A course of the last hour, a point every five minutes.
pub fn course(symbol: &Symbol, source: &str) -> History {
    let now = market::Timestamp::now().as_second();
    let bars: Vec<_> = (1..=12)
        .rev()
        .map(|back| {
            let at = market::Timestamp::from_second(now - back * 300).unwrap();
            serde_json::json!({"at": at, "open": 99.0, "high": 99.0, "low": 99.0, "close": 99.0})
        })
        .collect();
    serde_json::from_value(serde_json::json!({
        "symbol": symbol, "range": "1d", "interval": "5m", "source": source, "bars": bars,
    }))
    .unwrap()
}

pub fn symbol(text: &str) -> Symbol {
    Symbol::parse(text).unwrap()
}

/// An alert that is named after its symbol and its line.
pub fn alert_above(text: &str, line: f64, repeat: bool) -> Alert {
    Alert {
        id: format!("{text}-{line}"),
        symbol: symbol(text),
        condition: Condition::Above(Price::from_f64(line).unwrap()),
        repeat,
        extended_hours: false,
        enabled: true,
        drawn_at: None,
        carried_to: None,
        cooldown_minutes: None,
        destinations: None,
        created_at: None,
    }
}

/// Everything but a window.
pub struct House {
    pub bus: Bus,
    pub desk: DeskHandle,
    pub feed: FeedHandle,
    pub folder: tempfile::TempDir,
    pub stop: CancellationToken,
    pub broker: broker::Broker,
}

impl House {
    pub fn open(source: Source, follows: &[&str], alerts_on_simulated: bool) -> Self {
        Self::open_in(tempfile::tempdir().unwrap(), source, follows, alerts_on_simulated)
    }

    pub fn open_in(folder: tempfile::TempDir, source: Source, follows: &[&str], alerts_on_simulated: bool) -> Self {
        let opened = Desk::open(folder.path(), Box::new(FileStore::new(folder.path()))).unwrap();
        let topics = Topics::new("quickstocks/v1", false);
        let policy = TopicPolicy {
            topics: topics.clone(),
            accounts: Arc::new(opened.handle.clone()),
            anonymous: bus::Anonymous::Loopback,
            other_topics: bus::OtherTopics::None,
            logins: Arc::default(),
            home_assistant: false,
        };
        let broker = broker::Broker::start(broker::Config::default(), Arc::new(policy)).unwrap();
        let bus = Bus::embedded(&broker, topics);
        let stop = CancellationToken::new();
        let config = FeedConfig {
            source,
            poll_interval: Duration::from_millis(50),
            symbols: follows.iter().map(|text| symbol(text)).collect(),
            data_dir: Some(folder.path().into()),
            patience: Patience { stand_in_after: Duration::from_millis(100), stale_after: Duration::from_millis(300) },
        };
        let (feed, handle) = Feed::new(config, bus.clone());
        tokio::spawn(Dispatcher::new(bus.clone(), opened.handle.clone(), alerts_on_simulated).run(stop.clone()));
        tokio::spawn(opened.desk.run(bus.clone(), stop.clone()));
        tokio::spawn(feed.telling(opened.handle.clone()).run(opened.handle.accounts(), stop.clone()));
        Self { bus, desk: opened.handle, feed: handle, folder, stop, broker }
    }

    pub async fn hear(&self, interest: Interest) -> Subscription {
        self.bus.subscribe(&[interest]).await
    }

    pub async fn apply(&self, edit: Edit) {
        self.desk.apply(&UserName::me(), edit).await.unwrap();
    }

    pub async fn alert_above(&self, text: &str, line: f64, repeat: bool) {
        let alert = alert_above(text, line, repeat);
        self.apply(Edit::PutAlert { alert }).await;
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The first message for which `wanted` has an answer. A test that hears nothing of the kind fails by the runner's limit.
pub async fn until<T>(heard: &mut Subscription, mut wanted: impl FnMut(Message) -> Option<T>) -> T {
    let search = async {
        loop {
            if let Some(found) = heard.recv().await.and_then(&mut wanted) {
                return found;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), search).await.expect("heard in a minute")
}

pub fn price_of(text: &'static str) -> impl FnMut(Message) -> Option<f64> {
    move |message| match message {
        Message::Quote(quote) if quote.symbol.as_str() == text => Some(quote.price.to_f64()),
        _ => None,
    }
}
