//! Services in processes of their own, as far as they can tell: each on a connection of its own to one real broker.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod house;

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use bus::{Bus, Calls, ExternalBroker, Interest, Message, Status, TopicPolicy, Topics};
use house::{Scripted, alert_above, quote, symbol, until};
use market::{Edit, Symbol, Timestamp, UserName};
use quote_engine::{
    desk::{self, Desk, DeskHandle, Relay},
    dispatcher::Dispatcher,
    feed::{self, Feed, FeedConfig, FeedHandle, Patience, Source},
    peers::{self, BEAT, Peers},
    provider::settings::Share,
    store::FileStore,
};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(60);
const PRICES: [(&str, f64); 12] = [
    ("AA", 100.0),
    ("BB", 100.0),
    ("CC", 100.0),
    ("DD", 100.0),
    ("EE", 100.0),
    ("FF", 100.0),
    ("GG", 100.0),
    ("HH", 100.0),
    ("II", 100.0),
    ("JJ", 100.0),
    ("KK", 100.0),
    ("LL", 100.0),
];

struct Services;

impl bus::Accounts for Services {
    fn recognises(&self, _: &UserName, _: &str) -> bool {
        false
    }
    fn verify(&self, _: &UserName, _: &str) -> bool {
        false
    }
    fn may_feed(&self, _: &UserName) -> bool {
        false
    }
    fn is_service(&self, _: &str, password: &str) -> bool {
        password == "secret"
    }
}

/// A broker, and its own view of the bus.
struct Town {
    bus: Bus,
    addr: SocketAddr,
    stop: CancellationToken,
    _broker: broker::Broker,
    _listener: broker::Listener,
}

fn topics() -> Topics {
    Topics::new("quickstocks/v1", false)
}

impl Town {
    async fn new() -> Self {
        let policy = TopicPolicy {
            topics: topics(),
            accounts: Arc::new(Services),
            access: bus::Access::new(bus::Anonymous::Never, bus::OtherTopics::None),
            logins: Arc::default(),
            home_assistant: false,
        };
        let broker = broker::Broker::start(broker::Config::default(), Arc::new(policy)).unwrap();
        let listener = broker.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let (bus, addr) = (Bus::embedded(&broker, topics()), listener.local_addr());
        Self { bus, addr, stop: CancellationToken::new(), _broker: broker, _listener: listener }
    }

    /// A connection of its own.
    async fn join(&self, name: &str) -> Bus {
        let login = Some(("_services".to_owned(), "secret".to_owned()));
        let at = ExternalBroker { url: format!("mqtt://{}", self.addr), login, client_id: name.into() };
        let bus = Bus::external(at.fixed().unwrap(), topics(), None).unwrap();
        timeout(PATIENCE, bus.connected()).await.unwrap();
        bus
    }

    /// Says what an instance's last will says.
    async fn has_died(&self, service: &str, name: &str) {
        let since = Timestamp::now();
        let status = Status {
            service: service.into(),
            instance: name.into(),
            online: false,
            since,
            version: String::new(),
            note: None,
        };
        self.bus.publish(&Message::Status(status)).await.unwrap();
    }

    fn desk(&self, folder: &std::path::Path) -> (DeskHandle, tokio::task::JoinHandle<()>, CancellationToken) {
        let opened = Desk::open(folder, Box::new(FileStore::new(folder))).unwrap();
        let stop = self.stop.child_token();
        tokio::spawn(desk::counter::serve(opened.handle.clone(), self.bus.clone(), stop.clone()));
        let desk = tokio::spawn(opened.desk.sharing_accounts().run(self.bus.clone(), stop.clone()));
        (opened.handle, desk, stop)
    }

    /// The way to the desk, from another process.
    async fn way_to_the_desk(&self, name: &str) -> (Bus, Calls, DeskHandle) {
        let bus = self.join(name).await;
        let calls = Calls::new(bus.clone(), name);
        let (relay, desk) = Relay::new(bus.clone(), calls.clone());
        tokio::spawn(relay.run(self.stop.clone()));
        timeout(PATIENCE, desk.accounts().wait_for(|accounts| !accounts.is_empty())).await.unwrap().unwrap();
        (bus, calls, desk)
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Says that a service is alive, and listens for others of its kind.
fn among_others(bus: &Bus, service: &'static str, name: &str, stop: &CancellationToken) -> Peers {
    let (told, peers) = Peers::told(Some(name));
    tokio::spawn(peers::watch(bus.clone(), service, Some(name.into()), Arc::new(told), stop.clone()));
    let (bus, instance, stop) = (bus.clone(), name.to_owned(), stop.clone());
    tokio::spawn(async move {
        let since = Timestamp::now();
        let status = Status {
            service: service.into(),
            instance: instance.clone(),
            online: true,
            since,
            version: String::new(),
            note: None,
        };
        bus.publish(&Message::Status(status)).await.unwrap();
        let mut beats = tokio::time::interval(BEAT);
        while stop.run_until_cancelled(beats.tick()).await.is_some() {
            let (service, instance) = (service.to_owned(), instance.clone());
            bus.publish(&Message::Beat { service, instance, since }).await.unwrap();
        }
    });
    peers
}

async fn all_know(peers: &[&Peers], count: usize) {
    for each in peers {
        timeout(PATIENCE, each.online().wait_for(|online| online.len() == count)).await.unwrap().unwrap();
    }
}

/// Waits until it has been asked so often more.
async fn asked_again(provider: &Scripted, times: usize) {
    let before = provider.requests();
    let asking = async {
        while provider.requests() < before + times {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, asking).await.expect("asked in time");
}

struct Engine {
    provider: Arc<Scripted>,
    peers: Peers,
    share: Share,
    stop: CancellationToken,
}

async fn engine(town: &Town, name: &str) -> Engine {
    let (bus, stop) = (town.join(name).await, town.stop.child_token());
    let provider = Scripted::new("scripted", &PRICES);
    let (peers, share) = (among_others(&bus, "engine", name, &stop), Share::default());
    let config = FeedConfig {
        source: Source::only(provider.clone()),
        poll_interval: Duration::from_millis(50),
        symbols: PRICES.iter().map(|(text, _)| symbol(text)).collect(),
        data_dir: None,
        patience: Patience::default(),
    };
    let (feed, handle) = Feed::new(config, bus.clone());
    let feed = feed.sharing(peers.clone(), share.clone());
    let (nobody, accounts) = tokio::sync::watch::channel(Arc::default());
    let until = stop.clone();
    tokio::spawn(feed::counter::serve(handle, bus, name.to_owned(), stop.clone()));
    tokio::spawn(async move {
        feed.run(accounts, until).await;
        drop(nobody);
    });
    Engine { provider, peers, share, stop }
}

fn counts(engine: &Engine) -> BTreeMap<&'static str, usize> {
    PRICES.iter().map(|(text, _)| (*text, engine.provider.requests_for(text))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn engines_share_what_is_followed_and_one_takes_over() {
    let town = Town::new().await;
    let mut quotes = town.bus.subscribe(&[Interest::Quotes]).await;
    let (one, other) = (engine(&town, "aaaaaa000000-1").await, engine(&town, "aaaaaa000000-2").await);
    all_know(&[&one.peers, &other.peers], 2).await;
    // What was under way when they heard of each other is over.
    asked_again(&one.provider, 3).await;
    asked_again(&other.provider, 3).await;
    let before = [counts(&one), counts(&other)];
    asked_again(&one.provider, 10).await;
    asked_again(&other.provider, 10).await;
    let after = [counts(&one), counts(&other)];
    for (text, _) in PRICES {
        let asks = |at: usize| after[at][text] > before[at][text];
        assert_ne!(asks(0), asks(1), "{text} is asked for by one of them");
        assert_eq!(asks(0), one.peers.is_mine(text));
    }
    assert_eq!((one.share.among(), other.share.among()), (2, 2), "one machine, one budget");

    // Questions about a symbol go to the engine whose it is.
    let api = town.join("api").await;
    let calls = Calls::new(api.clone(), "api");
    let (relay, _) = Relay::new(api.clone(), calls.clone());
    tokio::spawn(relay.run(town.stop.clone()));
    let (told, engines) = Peers::told(None);
    tokio::spawn(peers::watch(api, "engine", None, Arc::new(told), town.stop.clone()));
    all_know(&[&engines], 2).await;
    let feed = FeedHandle::apart(calls, engines);
    let all: std::collections::BTreeSet<Symbol> = PRICES.iter().map(|(text, _)| symbol(text)).collect();
    assert_eq!(feed.look(all).await.quotes.len(), PRICES.len());
    one.provider.offer_search(&["AA"]);
    other.provider.offer_search(&["AA"]);
    assert!(feed.history(&symbol("NOPE"), market::Range::Day).await.is_err());

    other.stop.cancel();
    town.has_died("engine", "aaaaaa000000-2").await;
    all_know(&[&one.peers], 1).await;
    for (text, _) in PRICES {
        one.provider.set(text, 101.0);
    }
    let mut newest: BTreeMap<Symbol, Timestamp> = BTreeMap::new();
    let mut left: std::collections::BTreeSet<&str> = PRICES.iter().map(|(text, _)| *text).collect();
    until(&mut quotes, |message| {
        match message {
            Message::Quote(quote) => {
                let before = newest.insert(quote.symbol.clone(), quote.quoted_at);
                assert!(before.is_none_or(|before| before <= quote.quoted_at), "{} went backwards", quote.symbol);
                if quote.price.to_f64() > 100.5 {
                    left.remove(quote.symbol.as_str());
                }
            }
            Message::QuoteGone(symbol) => panic!("{symbol} is followed all the time"),
            _ => {}
        }
        left.is_empty().then_some(())
    })
    .await;
    assert_eq!(one.share.among(), 1);
}

/// A user with an alert that fires whenever the price crosses 110.
async fn with_alert(desk: &DeskHandle, name: &str) -> UserName {
    let user = UserName::parse(name).unwrap();
    if !desk.has(&user) {
        desk.add_user(&user).await.unwrap();
    }
    desk.apply(&user, Edit::Follow { list: "default".into(), symbol: symbol("AA") }).await.unwrap();
    desk.apply(&user, Edit::PutAlert { alert: alert_above("AA", 110.0, true) }).await.unwrap();
    user
}

/// The price falls below the line, and crosses it: each is seen by somebody who routes it before the next one comes, for
/// only the newest is kept for who is slow.
async fn cross(town: &Town) {
    let mut picks = town.bus.subscribe(&[Interest::Picks(UserName::me())]).await;
    for price in [100.0, 111.0] {
        let quote = quote(&symbol("AA"), price, "test");
        town.bus.publish(&Message::Quote(quote.clone())).await.unwrap();
        until(&mut picks, |message| match message {
            Message::UserQuote(_, routed) => (routed.quoted_at == quote.quoted_at).then_some(()),
            _ => None,
        })
        .await;
    }
}

/// When the user's alert was told last: the log has room for so many, and no more.
async fn told_last(desk: &DeskHandle, user: &UserName) -> Option<Timestamp> {
    let log = desk.alert_log(user).await.unwrap();
    log.fired().filter(|fired| fired.alert_id == "AA-110").map(|fired| fired.quoted_at).max()
}

async fn until_told_again(desk: &DeskHandle, user: &UserName, before: Option<Timestamp>) {
    let waiting = async {
        while told_last(desk, user).await == before {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, waiting).await.expect("written down in time");
}

/// Crosses the line until each of these is told so many times more.
async fn cross_until(town: &Town, desk: &DeskHandle, users: &[UserName], more: usize) {
    for user in users.iter().cycle().take(users.len() * more) {
        let before = told_last(desk, user).await;
        while told_last(desk, user).await == before {
            cross(town).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_dispatchers_tell_an_alert_once() {
    let (town, folder) = (Town::new().await, tempfile::tempdir().unwrap());
    let (desk, _, _) = town.desk(folder.path());
    let mut users = Vec::new();
    for name in ["me", "ann", "bob", "eve", "joe"] {
        users.push(with_alert(&desk, name).await);
    }
    // Each takes all users for its own: what both see is told once.
    for name in ["one", "two"] {
        let (bus, _, handle) = town.way_to_the_desk(name).await;
        timeout(PATIENCE, handle.accounts().wait_for(|accounts| accounts.len() == users.len())).await.unwrap().unwrap();
        tokio::spawn(Dispatcher::new(bus, handle, false).run(town.stop.clone()));
        timeout(PATIENCE, cross_until(&town, &desk, &users, 1)).await.unwrap();
    }
    timeout(PATIENCE, cross_until(&town, &desk, &users, 5)).await.unwrap();
    for user in &users {
        let log = desk.alert_log(user).await.unwrap();
        let of_the_alert = log.fired().filter(|fired| fired.alert_id == "AA-110");
        let mut at: Vec<Timestamp> = of_the_alert.map(|fired| fired.quoted_at).collect();
        let all = at.len();
        at.sort();
        at.dedup();
        assert_eq!(at.len(), all, "{user} is told of each crossing once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dispatchers_share_users_and_one_takes_over() {
    let (town, folder) = (Town::new().await, tempfile::tempdir().unwrap());
    let (desk, _, _) = town.desk(folder.path());
    let mut users = Vec::new();
    for name in ["me", "ann", "bob", "eve", "joe"] {
        users.push(with_alert(&desk, name).await);
    }
    let mut at_work = Vec::new();
    for name in ["aaaaaa000000-1", "aaaaaa000000-2"] {
        let (bus, _, handle) = town.way_to_the_desk(name).await;
        let stop = town.stop.child_token();
        let peers = among_others(&bus, "dispatcher", name, &stop);
        tokio::spawn(Dispatcher::new(bus, handle, false).sharing(peers.clone()).run(stop.clone()));
        at_work.push((peers, stop));
    }
    all_know(&[&at_work[0].0, &at_work[1].0], 2).await;
    let is_split = |peers: &Peers| users.iter().any(|user| peers.is_mine(user.as_str()));
    assert!(is_split(&at_work[0].0) && is_split(&at_work[1].0));
    timeout(PATIENCE, cross_until(&town, &desk, &users, 2)).await.unwrap();
    at_work[1].1.cancel();
    town.has_died("dispatcher", "aaaaaa000000-2").await;
    all_know(&[&at_work[0].0], 1).await;
    timeout(PATIENCE, cross_until(&town, &desk, &users, 2)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fired_while_there_was_no_desk_is_written_down_once() {
    let (town, folder) = (Town::new().await, tempfile::tempdir().unwrap());
    let (desk, running, stop) = town.desk(folder.path());
    let user = with_alert(&desk, "me").await;
    let (bus, _, handle) = town.way_to_the_desk("dispatcher").await;
    tokio::spawn(Dispatcher::new(bus, handle.clone(), false).run(town.stop.clone()));
    timeout(PATIENCE, cross_until(&town, &desk, std::slice::from_ref(&user), 1)).await.unwrap();
    let refused = handle.apply(&user, Edit::RemoveAlert { id: "nothing".into() }).await;
    assert!(matches!(refused, Err(desk::DeskError::Edit(market::EditError::NoAlert(_)))), "{refused:?}");
    stop.cancel();
    running.await.unwrap();
    let before = told_last(&desk, &user).await;
    drop(desk);
    cross(&town).await;
    let (desk, _, _) = town.desk(folder.path());
    until_told_again(&desk, &user, before).await;
    let edited = timeout(PATIENCE, handle.let_feed(&user, true)).await.unwrap().unwrap();
    assert_eq!(edited, market::Edited::Changed);
    assert!(handle.accounts().borrow()[&user].may_feed, "whoever has the answer sees the change");
}
