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
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bus::{Bus, Interest, Message, Subscription, TopicPolicy, Topics};
use market::{
    Alert, Condition, Edit, History, Instrument, Kind, MarketList, Price, Quote, Range, Symbol, UserName,
    schedule::RequestLimits,
};
use quote_engine::{
    desk::{Desk, DeskHandle},
    dispatcher::Dispatcher,
    feed::{Feed, FeedConfig, FeedHandle, Patience, Source},
    provider::{Answer, Capabilities, Provider, ProviderError, stream::TickSender},
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
    /// What it says that symbols are, where they are no shares.
    kinds: Mutex<HashMap<&'static str, Kind>>,
    failure: Mutex<Option<ProviderError>>,
    /// What it does instead of answering.
    misbehaviour: Mutex<Option<Misbehaviour>>,
    asked: Mutex<Vec<Vec<Symbol>>>,
    figures: bool,
    /// Whose day's courses it has, and the batches they were asked for in.
    courses: Mutex<Option<Vec<&'static str>>>,
    courses_asked: Mutex<Vec<Vec<Symbol>>>,
    /// How many charts it gives before it fails, where it has any, and how often they were asked for.
    charts: Mutex<Option<usize>>,
    charts_asked: AtomicUsize,
    /// What is on its lists, and how often they were asked for.
    listed: Mutex<Option<Result<&'static str, ProviderError>>>,
    lists_asked: AtomicUsize,
    /// The sending end of its stream and what that is wanted for, once it is open.
    stream: watch::Sender<Option<OpenStream>>,
    stream_max: usize,
    needs_key: bool,
}

impl Scripted {
    pub fn new(name: &'static str, prices: &[(&'static str, f64)]) -> Arc<Self> {
        Self::made(name, prices, true, 0)
    }

    /// One that takes a key of the user's.
    pub fn with_key(name: &'static str, prices: &[(&'static str, f64)]) -> Arc<Self> {
        let made = Arc::into_inner(Self::made(name, prices, true, 0)).unwrap();
        Arc::new(Self { needs_key: true, ..made })
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
            kinds: Mutex::default(),
            failure: Mutex::default(),
            misbehaviour: Mutex::default(),
            asked: Mutex::default(),
            figures,
            courses: Mutex::default(),
            courses_asked: Mutex::default(),
            charts: Mutex::default(),
            charts_asked: AtomicUsize::default(),
            listed: Mutex::default(),
            lists_asked: AtomicUsize::default(),
            stream: watch::channel(None).0,
            stream_max,
            needs_key: false,
        })
    }

    pub fn set(&self, symbol: &'static str, price: f64) {
        self.prices.lock().unwrap().insert(symbol, price);
    }

    pub fn tell_kind(&self, symbol: &'static str, kind: Kind) {
        self.kinds.lock().unwrap().insert(symbol, kind);
    }

    pub fn fail(&self, failing: bool) {
        self.fail_with(failing.then(|| ProviderError::Unreachable { provider: "Scripted", detail: "as told".into() }));
    }

    pub fn fail_with(&self, failure: Option<ProviderError>) {
        *self.failure.lock().unwrap() = failure;
    }

    /// Offers the day's courses of these.
    pub fn offer_courses(&self, of: &[&'static str]) {
        *self.courses.lock().unwrap() = Some(of.to_vec());
    }

    /// The sizes of the batches in which courses were asked for.
    pub fn course_batches(&self) -> Vec<usize> {
        self.courses_asked.lock().unwrap().iter().map(Vec::len).collect()
    }

    /// Offers so many charts, one by one, and fails afterwards.
    pub fn offer_charts(&self, count: usize) {
        *self.charts.lock().unwrap() = Some(count);
    }

    pub fn charts_asked(&self) -> usize {
        self.charts_asked.load(Ordering::SeqCst)
    }

    /// Offers lists with this on them, or fails to.
    pub fn offer_lists(&self, answer: Result<&'static str, ProviderError>) {
        *self.listed.lock().unwrap() = Some(answer);
    }

    pub fn lists_asked(&self) -> usize {
        self.lists_asked.load(Ordering::SeqCst)
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
            symbol_cost: |s| s.as_str().len() + 1,
            stream_max: self.stream_max,
            figures: self.figures,
            history: self.charts.lock().unwrap().is_some(),
            needs_key: self.needs_key,
            ..Capabilities::of("Scripted", &[Kind::Equity], limits)
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
                    let kind = self.kinds.lock().unwrap().get(symbol.as_str()).copied().unwrap_or(Kind::Equity);
                    answer.quotes.push(Quote { year_high, kind, ..quote(symbol, *price, self.name) });
                }
                None => answer.unknown.push(symbol.clone()),
            }
        }
        Ok(answer)
    }

    async fn history(&self, symbol: &Symbol, _: Range) -> Result<History, ProviderError> {
        let asked = self.charts_asked.fetch_add(1, Ordering::SeqCst);
        if self.charts.lock().unwrap().is_some_and(|count| asked < count) {
            return Ok(course(symbol, self.name));
        }
        Err(ProviderError::Unreachable { provider: "Scripted", detail: "as told".into() })
    }

    async fn sparks(&self, symbols: &[Symbol]) -> Result<Vec<History>, ProviderError> {
        let not_offered = || ProviderError::NotOffered { provider: "Scripted", what: "small charts" };
        let offered = self.courses.lock().unwrap().clone().ok_or_else(not_offered)?;
        self.courses_asked.lock().unwrap().push(symbols.to_vec());
        if let Some(failure) = self.failure.lock().unwrap().clone() {
            return Err(failure);
        }
        // Whoever else asks has its turn while this request is under way.
        tokio::task::yield_now().await;
        let known = symbols.iter().filter(|symbol| offered.contains(&symbol.as_str()));
        Ok(known.map(|symbol| course(symbol, self.name)).collect())
    }

    async fn list(&self, _: MarketList) -> Result<Vec<Instrument>, ProviderError> {
        let not_offered = ProviderError::NotOffered { provider: "Scripted", what: "lists" };
        let Some(answer) = self.listed.lock().unwrap().clone() else { return Err(not_offered) };
        self.lists_asked.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        let text = answer?;
        let instrument =
            Instrument { symbol: symbol(text), name: text.into(), exchange: "X".into(), kind: Kind::Equity };
        Ok(vec![instrument])
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
