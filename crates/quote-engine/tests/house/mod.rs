//! Everything but a window: feed, desk and dispatcher on the real broker, with providers that answer from a script.

// Each test uses a part of it.
#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    missing_debug_implementations,
    clippy::unwrap_used,
    clippy::expect_used
)]

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use bus::{Bus, Interest, Message, Subscription, TopicPolicy, Topics};
use market::{Alert, Condition, Edit, Kind, Price, Quote, Symbol, UserName, schedule::RequestLimits};
use quote_engine::{
    desk::{Desk, DeskHandle},
    dispatcher::Dispatcher,
    feed::{Feed, FeedConfig, FeedHandle, Patience, Source},
    provider::{Answer, Capabilities, Delay, Provider, ProviderError, stream::TickSender},
    store::FileStore,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Where ticks go, and what they are wanted of.
type OpenStream = (TickSender, watch::Receiver<Arc<[Symbol]>>);

/// Worse than failing.
#[derive(Debug, Clone, Copy)]
pub enum Misbehaviour {
    /// Never answers.
    Hang,
    Panic,
}

/// Answers with the prices it was given, or fails as it was told.
#[derive(Debug)]
pub struct Scripted {
    name: &'static str,
    prices: Mutex<HashMap<&'static str, f64>>,
    failure: Mutex<Option<ProviderError>>,
    /// What it does instead of answering.
    misbehaviour: Mutex<Option<Misbehaviour>>,
    asked: Mutex<Vec<Vec<Symbol>>>,
    figures: bool,
    /// The sending end of its stream and what that is wanted for, once it is open.
    stream: watch::Sender<Option<OpenStream>>,
    stream_max: usize,
}

impl Scripted {
    pub fn new(name: &'static str, prices: &[(&'static str, f64)]) -> Arc<Self> {
        Self::made(name, prices, true, 0)
    }

    /// One whose quotes are a price and little else.
    pub fn poor(name: &'static str, prices: &[(&'static str, f64)]) -> Arc<Self> {
        Self::made(name, prices, false, 0)
    }

    /// One with a stream.
    pub fn streaming(name: &'static str, prices: &[(&'static str, f64)]) -> Arc<Self> {
        Self::made(name, prices, true, 95)
    }

    fn made(name: &'static str, prices: &[(&'static str, f64)], figures: bool, stream_max: usize) -> Arc<Self> {
        Arc::new(Self {
            name,
            prices: Mutex::new(prices.iter().copied().collect()),
            failure: Mutex::default(),
            misbehaviour: Mutex::default(),
            asked: Mutex::default(),
            figures,
            stream: watch::channel(None).0,
            stream_max,
        })
    }

    pub fn set(&self, symbol: &'static str, price: f64) {
        self.prices.lock().unwrap().insert(symbol, price);
    }

    pub fn fail(&self, failing: bool) {
        self.fail_with(failing.then(|| ProviderError::Unreachable { provider: "Scripted", detail: "as told".into() }));
    }

    pub fn fail_with(&self, failure: Option<ProviderError>) {
        *self.failure.lock().unwrap() = failure;
    }

    pub fn misbehave(&self, how: Option<Misbehaviour>) {
        *self.misbehaviour.lock().unwrap() = how;
    }

    pub fn requests(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// How often a symbol was asked for.
    pub fn requests_for(&self, symbol: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|batch| batch.iter().any(|s| s.as_str() == symbol)).count()
    }

    /// The stream, once it is wanted for something.
    pub async fn open_stream(&self) -> TickSender {
        let mut open = self.stream.subscribe();
        let (ticks, mut wanted) = open.wait_for(Option::is_some).await.unwrap().clone().unwrap();
        wanted.wait_for(|symbols| !symbols.is_empty()).await.unwrap();
        ticks
    }
}

#[async_trait]
impl Provider for Scripted {
    fn name(&self) -> &'static str {
        self.name
    }

    fn capabilities(&self) -> Capabilities {
        let limits = RequestLimits { symbols_max: 99, bytes_max: 1_000, per_second: 50.0 };
        Capabilities {
            display_name: "Scripted",
            kinds: &[Kind::Equity],
            limits,
            symbol_cost: |s| s.as_str().len() + 1,
            tick: None,
            delay: Delay::None,
            stream_max: self.stream_max,
            figures: self.figures,
            search: false,
            history: false,
            needs_key: false,
        }
    }

    fn covers(&self, _: &Symbol) -> bool {
        true
    }

    async fn quotes(&self, symbols: &[Symbol]) -> Result<Answer, ProviderError> {
        self.asked.lock().unwrap().push(symbols.to_vec());
        let misbehaviour = *self.misbehaviour.lock().unwrap();
        match misbehaviour {
            Some(Misbehaviour::Hang) => std::future::pending::<()>().await,
            Some(Misbehaviour::Panic) => panic!("as told"),
            None => {}
        }
        if let Some(failure) = self.failure.lock().unwrap().clone() {
            return Err(failure);
        }
        let prices = self.prices.lock().unwrap();
        let mut answer = Answer::default();
        for symbol in symbols {
            match prices.get(symbol.as_str()) {
                Some(price) => {
                    let year_high = self.figures.then_some(Price::from_f64(10_000_000.0).unwrap());
                    answer.quotes.push(Quote { year_high, ..quote(symbol, *price, self.name) });
                }
                None => answer.unknown.push(symbol.clone()),
            }
        }
        Ok(answer)
    }

    async fn stream(&self, wanted: watch::Receiver<Arc<[Symbol]>>, ticks: TickSender) {
        self.stream.send_replace(Some((ticks, wanted)));
        std::future::pending::<()>().await;
    }
}

/// Against a previous close of 100, so that a price reads as a move on the day.
pub fn quote(symbol: &Symbol, price: f64, source: &str) -> Quote {
    let now = market::Timestamp::now();
    serde_json::from_value(serde_json::json!({
        "symbol": symbol, "kind": "equity", "price": price, "previous_close": 100.0, "change_percent": price - 100.0,
        "session": "regular", "quoted_at": now, "received_at": now, "source": source, "state": "live",
    }))
    .unwrap()
}

pub fn symbol(text: &str) -> Symbol {
    Symbol::parse(text).unwrap()
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
        tokio::spawn(feed.run(opened.handle.accounts(), stop.clone()));
        Self { bus, desk: opened.handle, feed: handle, folder, stop, broker }
    }

    pub async fn hear(&self, interest: Interest) -> Subscription {
        self.bus.subscribe(&[interest]).await
    }

    pub async fn apply(&self, edit: Edit) {
        self.desk.apply(&UserName::me(), edit).await.unwrap();
    }

    pub async fn alert_above(&self, text: &str, line: f64, repeat: bool) {
        let alert = Alert {
            id: format!("{text}-{line}"),
            symbol: symbol(text),
            condition: Condition::Above(Price::from_f64(line).unwrap()),
            repeat,
            extended_hours: false,
            enabled: true,
        };
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
