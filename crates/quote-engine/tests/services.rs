//! Feed, desk and dispatcher together, on the real broker, with a provider that answers from a script.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use bus::{Accounts as _, Bus, Interest, Message, Subscription, TopicPolicy, Topics};
use market::{
    Alert, Condition, Edit, Kind, Price, ProviderState, Quote, QuoteState, Symbol, UserName, alert::DAY_MOVE_ALERT,
    profile::DEFAULT_LIST, quote::SIMULATED, schedule::RequestLimits,
};
use quote_engine::{
    desk::{Desk, DeskHandle},
    dispatcher::Dispatcher,
    feed::{Feed, FeedConfig, FeedHandle, Patience, Source},
    provider::{Answer, Capabilities, Delay, Provider, ProviderError},
    store::FileStore,
};
use tokio_util::sync::CancellationToken;

/// Answers with the prices it was given, or fails.
#[derive(Debug)]
struct Scripted {
    name: &'static str,
    prices: Mutex<HashMap<&'static str, f64>>,
    failing: Mutex<bool>,
    asked: Mutex<Vec<usize>>,
}

impl Scripted {
    fn new(name: &'static str, prices: &[(&'static str, f64)]) -> Arc<Self> {
        let prices = Mutex::new(prices.iter().copied().collect());
        Arc::new(Self { name, prices, failing: Mutex::new(false), asked: Mutex::default() })
    }

    fn set(&self, symbol: &'static str, price: f64) {
        self.prices.lock().unwrap().insert(symbol, price);
    }

    fn fail(&self, failing: bool) {
        *self.failing.lock().unwrap() = failing;
    }

    fn requests(&self) -> usize {
        self.asked.lock().unwrap().len()
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
            stream_max: 0,
            search: false,
            history: false,
            needs_key: false,
        }
    }

    fn covers(&self, _: &Symbol) -> bool {
        true
    }

    async fn quotes(&self, symbols: &[Symbol]) -> Result<Answer, ProviderError> {
        self.asked.lock().unwrap().push(symbols.len());
        if *self.failing.lock().unwrap() {
            return Err(ProviderError::Unreachable { provider: "Scripted", detail: "as told".into() });
        }
        let prices = self.prices.lock().unwrap();
        let mut answer = Answer::default();
        for symbol in symbols {
            match prices.get(symbol.as_str()) {
                Some(price) => answer.quotes.push(quote(symbol, *price, self.name)),
                None => answer.unknown.push(symbol.clone()),
            }
        }
        Ok(answer)
    }
}

/// Against a previous close of 100, so that a price reads as a move on the day.
fn quote(symbol: &Symbol, price: f64, source: &str) -> Quote {
    let now = market::Timestamp::now();
    serde_json::from_value(serde_json::json!({
        "symbol": symbol, "kind": "equity", "price": price, "previous_close": 100.0, "change_percent": price - 100.0,
        "session": "regular", "quoted_at": now, "received_at": now, "source": source, "state": "live",
    }))
    .unwrap()
}

fn symbol(text: &str) -> Symbol {
    Symbol::parse(text).unwrap()
}

/// Everything but a window.
struct House {
    bus: Bus,
    desk: DeskHandle,
    feed: FeedHandle,
    folder: tempfile::TempDir,
    stop: CancellationToken,
    broker: broker::Broker,
}

impl House {
    fn open(source: Source, follows: &[&str], alerts_on_simulated: bool) -> Self {
        Self::open_in(tempfile::tempdir().unwrap(), source, follows, alerts_on_simulated)
    }

    fn open_in(folder: tempfile::TempDir, source: Source, follows: &[&str], alerts_on_simulated: bool) -> Self {
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

    async fn hear(&self, interest: Interest) -> Subscription {
        self.bus.subscribe(&[interest]).await
    }

    async fn apply(&self, edit: Edit) {
        self.desk.apply(&UserName::me(), edit).await.unwrap();
    }

    async fn alert_above(&self, text: &str, line: f64, repeat: bool) {
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
async fn until<T>(heard: &mut Subscription, mut wanted: impl FnMut(Message) -> Option<T>) -> T {
    let search = async {
        loop {
            if let Some(found) = heard.recv().await.and_then(&mut wanted) {
                return found;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), search).await.expect("heard in a minute")
}

fn price_of(text: &'static str) -> impl FnMut(Message) -> Option<f64> {
    move |message| match message {
        Message::Quote(quote) if quote.symbol.as_str() == text => Some(quote.price.to_f64()),
        _ => None,
    }
}

#[tokio::test]
async fn what_is_followed_is_published_and_what_is_unfollowed_is_cleared() {
    let provider = Scripted::new("yahoo", &[("TSLA", 250.5), ("AAPL", 101.0)]);
    let house = House::open(Source::Only(provider), &["AAPL"], false);
    let mut quotes = house.hear(Interest::Quotes).await;
    house.apply(Edit::Follow { list: DEFAULT_LIST.into(), symbol: symbol("TSLA") }).await;
    assert!((until(&mut quotes, price_of("TSLA")).await - 250.5).abs() < f64::EPSILON);
    house.apply(Edit::Unfollow { list: DEFAULT_LIST.into(), symbol: symbol("TSLA") }).await;
    until(&mut quotes, |m| matches!(m, Message::QuoteGone(s) if s.as_str() == "TSLA").then_some(())).await;
    let mut late = house.hear(Interest::Quotes).await;
    let first = until(&mut late, |m| if let Message::Quote(q) = m { Some(q.symbol) } else { None }).await;
    assert_eq!(first, symbol("AAPL"), "nothing of TSLA is kept");
}

#[tokio::test]
async fn a_user_hears_of_the_own_picks_only() {
    let provider = Scripted::new("yahoo", &[("AAPL", 101.0), ("SPY", 600.0)]);
    let house = House::open(Source::Only(provider), &["SPY"], false);
    let mut all = house.hear(Interest::Quotes).await;
    until(&mut all, price_of("SPY")).await;
    let topics = house.bus.topics();
    let mine = house.broker.link().subscribe(&[&format!("{}/user/me/quote/#", topics.root())]);
    let mut mine = mine;
    let heard = mine.recv().await.unwrap();
    assert_eq!(&*heard.topic, "quickstocks/v1/user/me/quote/AAPL");
}

#[tokio::test]
async fn an_alert_fires_once_and_is_then_written_down() {
    let provider = Scripted::new("yahoo", &[("AAPL", 100.5)]);
    let house = House::open(Source::Only(provider.clone()), &[], false);
    let mut quotes = house.hear(Interest::Quotes).await;
    let mut alerts = house.hear(Interest::Alerts).await;
    until(&mut quotes, price_of("AAPL")).await;
    house.alert_above("AAPL", 101.0, false).await;
    provider.set("AAPL", 101.5);
    let fired = until(&mut alerts, |m| if let Message::Alert(_, fired) = m { Some(fired) } else { None }).await;
    assert_eq!((fired.symbol, fired.alert_id.as_str()), (symbol("AAPL"), "AAPL-101"));
    let mut accounts = house.desk.accounts();
    accounts.wait_for(|all| all[&UserName::me()].profile.alerts.iter().all(|alert| !alert.enabled)).await.unwrap();
    // Down and up again: the next thing heard is the default alert for three percent, not this one once more.
    provider.set("AAPL", 99.0);
    until(&mut quotes, |m| price_of("AAPL")(m).filter(|p| *p < 100.0)).await;
    provider.set("AAPL", 104.0);
    let next = until(&mut alerts, |m| if let Message::Alert(_, fired) = m { Some(fired) } else { None }).await;
    assert_eq!(next.alert_id, DAY_MOVE_ALERT);
}

#[tokio::test]
async fn a_silent_provider_is_told_and_the_last_price_stays_as_stale() {
    let provider = Scripted::new("yahoo", &[("AAPL", 101.0)]);
    let house = House::open(Source::Only(provider.clone()), &["AAPL"], false);
    let mut quotes = house.hear(Interest::Quotes).await;
    let mut providers = house.hear(Interest::Providers).await;
    until(&mut quotes, price_of("AAPL")).await;
    provider.fail(true);
    let health = until(&mut providers, |m| match m {
        Message::Provider(health) if health.state == ProviderState::Down => Some(health),
        _ => None,
    });
    let health = health.await;
    assert!(health.next_try.is_some() && health.reason.unwrap().contains("does not answer"));
    let stale = until(&mut quotes, |m| match m {
        Message::Quote(quote) if quote.state == QuoteState::Stale => Some(quote.price.to_f64()),
        _ => None,
    });
    assert!((stale.await - 101.0).abs() < f64::EPSILON);
    let before = provider.requests();
    provider.fail(false);
    house.feed.retry_now().await;
    until(&mut quotes, |m| matches!(m, Message::Quote(q) if q.state == QuoteState::Live).then_some(())).await;
    assert!(provider.requests() - before <= 5, "no storm on recovery");
}

#[tokio::test]
async fn made_up_prices_stand_in_until_the_first_live_one_and_never_beside_it() {
    let live = Scripted::new("yahoo", &[("AAPL", 101.0), ("MSFT", 400.0)]);
    let stand_in = Scripted::new(SIMULATED, &[("AAPL", 7.0), ("MSFT", 8.0)]);
    live.fail(true);
    let source = Source::Auto { live: live.clone(), stand_in };
    let house = House::open(source, &["AAPL", "MSFT"], false);
    let mut quotes = house.hear(Interest::Quotes).await;
    assert!((until(&mut quotes, price_of("AAPL")).await - 7.0).abs() < f64::EPSILON);
    let mut prices = house.broker.link().subscribe(&["quickstocks/v1/price/#"]);
    assert!(prices.try_recv().is_none(), "nothing made up under price/");
    live.fail(false);
    house.feed.retry_now().await;
    let mut live_ones = BTreeSet::new();
    until(&mut quotes, |message| {
        if let Message::Quote(quote) = message {
            assert!(live_ones.is_empty() || !quote.is_simulated(), "made up beside live: {}", quote.symbol);
            if !quote.is_simulated() {
                live_ones.insert(quote.symbol);
            }
        }
        (live_ones.len() == 2).then_some(())
    })
    .await;
    assert!(prices.recv().await.unwrap().topic.starts_with("quickstocks/v1/price/"), "live ones are there");
}

#[tokio::test]
async fn looking_fetches_what_nobody_follows_and_names_what_nobody_knows() {
    let provider = Scripted::new("yahoo", &[("NFLX", 900.0)]);
    let house = House::open(Source::Only(provider), &[], false);
    let looked = house.feed.look([symbol("NFLX"), symbol("NOPE")].into()).await;
    assert_eq!(looked.quotes.len(), 1);
    assert_eq!(looked.unknown, [symbol("NOPE")]);
}

#[tokio::test]
async fn the_next_start_shows_the_last_prices_at_once_as_stale() {
    let provider = Scripted::new("yahoo", &[("AAPL", 101.0)]);
    let mut house = House::open(Source::Only(provider.clone()), &["AAPL"], false);
    let mut quotes = house.hear(Interest::Quotes).await;
    until(&mut quotes, price_of("AAPL")).await;
    let folder = std::mem::replace(&mut house.folder, tempfile::tempdir().unwrap());
    house.stop.cancel();
    let file = folder.path().join("quotes.json");
    while !file.exists() {
        tokio::task::yield_now().await;
    }
    drop(house);
    provider.fail(true);
    let house = loop {
        // The old desk lets go of its lock when its task ends.
        if Desk::open(folder.path(), Box::new(FileStore::new(folder.path()))).is_err() {
            tokio::task::yield_now().await;
            continue;
        }
        break House::open_in(folder, Source::Only(provider), &["AAPL"], false);
    };
    let mut quotes = house.hear(Interest::Quotes).await;
    let kept = until(&mut quotes, |m| if let Message::Quote(q) = m { Some(q) } else { None }).await;
    assert_eq!((kept.state, kept.price.to_string()), (QuoteState::Stale, "101".to_owned()));
}

#[tokio::test]
async fn an_edit_that_cannot_be_saved_is_not_made() {
    let provider = Scripted::new("yahoo", &[]);
    let house = House::open(Source::Only(provider), &[], false);
    let profiles = house.folder.path().join("profiles.json");
    std::fs::remove_file(&profiles).unwrap();
    // A folder in the file's place: no rename can replace it.
    std::fs::create_dir_all(profiles.join("in-the-way")).unwrap();
    let edit = Edit::Follow { list: DEFAULT_LIST.into(), symbol: symbol("TSLA") };
    let refused = house.desk.apply(&UserName::me(), edit).await;
    assert!(refused.unwrap_err().to_string().starts_with("not saved"));
    assert!(!house.desk.profile(&UserName::me()).unwrap().follows(&symbol("TSLA")));
}

#[tokio::test]
async fn the_token_on_disk_opens_the_user_and_no_other_text_does() {
    let house = House::open(Source::Only(Scripted::new("yahoo", &[])), &[], false);
    let token = std::fs::read_to_string(house.folder.path().join("token")).unwrap();
    assert_eq!(house.desk.user_of(&token), Some(UserName::me()));
    assert!(house.desk.verify(&UserName::me(), &token));
    assert_eq!(house.desk.user_of(""), None);
    assert!(!house.desk.verify(&UserName::me(), &token[1..]));
}

#[tokio::test]
async fn a_second_desk_on_the_same_folder_is_refused() {
    let house = House::open(Source::Only(Scripted::new("yahoo", &[])), &[], false);
    let second = Desk::open(house.folder.path(), Box::new(FileStore::new(house.folder.path())));
    assert!(second.unwrap_err().to_string().contains("is in use by another Quickstocks"));
}
