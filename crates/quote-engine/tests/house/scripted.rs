//! A provider that does what a test tells it to.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use market::{History, Instrument, Kind, MarketList, Price, Quote, Range, Symbol, schedule::RequestLimits};
use quote_engine::provider::{Answer, Capabilities, Provider, ProviderError, stream::TickSender};
use tokio::sync::watch;

use super::{course, quote, symbol};

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
    /// What a search finds, where it offers one, and how often it was asked to.
    findable: Mutex<Option<Vec<&'static str>>>,
    searches: AtomicUsize,
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
            findable: Mutex::default(),
            searches: AtomicUsize::default(),
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

    /// Finds these, whatever is searched for.
    pub fn offer_search(&self, found: &[&'static str]) {
        *self.findable.lock().unwrap() = Some(found.to_vec());
    }

    pub fn searches(&self) -> usize {
        self.searches.load(Ordering::SeqCst)
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
            search: self.findable.lock().unwrap().is_some(),
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
        Ok(vec![instrument(answer?)])
    }

    async fn search(&self, _: &str) -> Result<Vec<Instrument>, ProviderError> {
        self.searches.fetch_add(1, Ordering::SeqCst);
        if let Some(failure) = self.failure.lock().unwrap().clone() {
            return Err(failure);
        }
        Ok(self.findable.lock().unwrap().iter().flatten().map(|text| instrument(text)).collect())
    }

    async fn stream(&self, wanted: watch::Receiver<Arc<[Symbol]>>, ticks: TickSender) {
        self.stream.send_replace(Some((ticks, wanted)));
        std::future::pending::<()>().await;
    }
}

fn instrument(text: &str) -> Instrument {
    Instrument { symbol: symbol(text), name: text.into(), exchange: "X".into(), kind: Kind::Equity }
}
