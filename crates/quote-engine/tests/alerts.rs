//! Alerts from a quote to the log and whoever listens: on the real broker and the real disk, with prices from a script.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod house;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bus::{Bus, Interest, Message, Topics};
use house::{House, Scripted, alert_above, price_of, quote, symbol, until};
use jiff::tz::TimeZone;
use market::{
    Alert, AlertFired, AlertLog, Condition, DigestTime, Edit, Edited, LogEdit, LogEvent, LogSummary, MoveWithin,
    MuteFor, Preferences, Profile, Silence, Timestamp, UserName,
};
use quote_engine::{
    desk::{Desk, DeskError, DeskHandle, Happened, LOGS_FOLDER},
    dispatcher::Dispatcher,
    durable::{DurableError, Loaded},
    feed::Source,
    store::{Account, Accounts, FileStore, ProfileStore},
};
use tokio_util::sync::CancellationToken;

fn me() -> UserName {
    UserName::me()
}

fn alerts(message: Message) -> Option<AlertFired> {
    if let Message::Alert(_, fired) = message { Some(fired) } else { None }
}

/// The log, once this holds of it.
async fn log_when(house: &House, holds: impl Fn(&AlertLog) -> bool) -> Arc<AlertLog> {
    let search = async {
        loop {
            let log = house.desk.alert_log(&me()).await.unwrap();
            if holds(&log) {
                return log;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), search).await.expect("written down in a minute")
}

fn silences(log: &AlertLog) -> Vec<Option<Silence>> {
    log.entries().map(|entry| entry.silent).collect()
}

/// What a desk that opens now finds on the disk.
fn copy_of(folder: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    let logs = copy.path().join(LOGS_FOLDER);
    std::fs::create_dir(&logs).unwrap();
    for name in ["profiles.json", "token"] {
        std::fs::copy(folder.join(name), copy.path().join(name)).unwrap();
    }
    for file in std::fs::read_dir(folder.join(LOGS_FOLDER)).into_iter().flatten().flatten() {
        std::fs::copy(file.path(), logs.join(file.file_name())).unwrap();
    }
    copy
}

/// The log as it would be after `kill -9` in this moment.
async fn log_after_a_kill(folder: &Path) -> Arc<AlertLog> {
    let copy = copy_of(folder);
    Desk::open(copy.path(), Box::new(FileStore::new(copy.path()))).unwrap().handle.alert_log(&me()).await.unwrap()
}

async fn no_day_moves(house: &House) {
    let preferences = Preferences { day_move_alerts: false, ..Preferences::default() };
    house.apply(Edit::SetPreferences { preferences }).await;
}

#[tokio::test]
async fn what_is_told_is_on_the_disk_already() {
    let provider = Scripted::new("yahoo", &[("AAPL", 100.5)]);
    let house = House::open(Source::only(provider.clone()), &[], false);
    no_day_moves(&house).await;
    let mut quotes = house.hear(Interest::Quotes).await;
    let mut told = house.hear(Interest::User(me())).await;
    until(&mut quotes, price_of("AAPL")).await;
    house.alert_above("AAPL", 101.0, false).await;
    provider.set("AAPL", 101.5);
    let fired = until(&mut told, alerts).await;
    let log = log_after_a_kill(house.folder.path()).await;
    let entry = log.entries().next().unwrap();
    assert_eq!((&entry.event, entry.read, entry.silent), (&LogEvent::Alert(fired), false, None));
    let summary = until(&mut told, |m| if let Message::AlertLog(_, summary) = m { Some(summary) } else { None }).await;
    assert_eq!(summary, LogSummary { entries: 1, unread: 1 });
}

#[tokio::test]
async fn an_acknowledged_edit_of_the_log_survives_a_kill() {
    let house = House::open(Source::only(Scripted::new("yahoo", &[])), &[], false);
    for n in 0..3 {
        house.desk.write_down(happened("me", n, None)).await;
    }
    log_when(&house, |log| log.summary().entries == 3).await;
    house.desk.edit_log(&me(), LogEdit::MarkRead { id: "1".into() }).await.unwrap();
    assert_eq!(log_after_a_kill(house.folder.path()).await.summary(), LogSummary { entries: 3, unread: 2 });
    house.desk.edit_log(&me(), LogEdit::Clear).await.unwrap();
    assert_eq!(log_after_a_kill(house.folder.path()).await.summary(), LogSummary::default());
    let unknown = house.desk.edit_log(&me(), LogEdit::MarkRead { id: "1".into() }).await;
    assert!(unknown.unwrap_err().to_string().contains("alert log"));
}

fn happened(user: &str, n: usize, spent: Option<&str>) -> Happened {
    let fired = serde_json::json!({
        "id": n.to_string(), "alert_id": spent.unwrap_or("a"), "user": user, "symbol": "AAPL",
        "condition": {"kind": "year_high"}, "price": 1.0, "quoted_at": "2026-11-23T15:00:00Z",
        "fired_at": "2026-11-23T15:00:00Z", "source": "yahoo",
    });
    let event = LogEvent::Alert(serde_json::from_value(fired).unwrap());
    Happened { user: UserName::parse(user).unwrap(), event, silent: None, spent: spent.map(str::to_owned) }
}

/// A disk that can be full.
#[derive(Debug)]
struct Filling {
    disk: FileStore,
    full: Arc<AtomicBool>,
}

impl ProfileStore for Filling {
    fn load(&mut self) -> Result<Loaded<Accounts>, DurableError> {
        self.disk.load()
    }

    fn save(&mut self, generation: u64, accounts: &Accounts) -> Result<(), DurableError> {
        if self.full.load(Ordering::SeqCst) {
            let source = std::io::ErrorKind::StorageFull.into();
            return Err(DurableError::Write { path: "profiles.json".into(), source });
        }
        self.disk.save(generation, accounts)
    }
}

/// A desk at work, and a way to end it.
fn at_work(folder: &Path, full: &Arc<AtomicBool>) -> (DeskHandle, impl AsyncFnOnce()) {
    let store = Filling { disk: FileStore::new(folder), full: Arc::clone(full) };
    let opened = Desk::open(folder, Box::new(store)).unwrap();
    let broker = broker::Broker::start(broker::Config::default(), Arc::new(Everything)).unwrap();
    let bus = Bus::embedded(&broker, Topics::new("quickstocks/v1", false));
    let stop = CancellationToken::new();
    let desk = tokio::spawn(opened.desk.run(bus, stop.clone()));
    let end = async move || {
        stop.cancel();
        desk.await.unwrap();
        broker.shutdown().await;
    };
    (opened.handle, end)
}

async fn put_once(desk: &DeskHandle, id: &str) {
    let alert = Alert { id: id.into(), condition: Condition::YearHigh, ..alert_above("AAPL", 1.0, false) };
    desk.apply(&me(), Edit::PutAlert { alert }).await.unwrap();
}

/// An alert that was to fire once has.
async fn fire_once(desk: &DeskHandle, id: &str) {
    let mut fires = happened("me", 0, Some(id));
    if let LogEvent::Alert(fired) = &mut fires.event {
        fired.fired_at = Timestamp::now();
    }
    desk.write_down(fires).await;
}

async fn off(desk: &DeskHandle, id: &str) {
    let mut accounts = desk.accounts();
    let wait = accounts.wait_for(|all| !all[&me()].profile.alert(id).unwrap().enabled);
    tokio::time::timeout(Duration::from_secs(60), wait).await.expect("off in a minute").unwrap();
}

#[tokio::test]
async fn an_alert_that_could_not_be_switched_off_is_with_the_next_write() {
    let (folder, full) = (tempfile::tempdir().unwrap(), Arc::new(AtomicBool::new(false)));
    let (desk, end) = at_work(folder.path(), &full);
    for way in ["an-edit", "an-event"] {
        put_once(&desk, way).await;
        full.store(true, Ordering::SeqCst);
        fire_once(&desk, way).await;
        let refused = desk.apply(&me(), Edit::RemoveAlert { id: way.into() }).await;
        assert!(matches!(refused, Err(DeskError::NotSaved(_))));
        assert!(desk.profile(&me()).unwrap().alert(way).unwrap().enabled, "what is not saved is not so");
        full.store(false, Ordering::SeqCst);
        if way == "an-edit" {
            let edit = Edit::Unfollow { list: "default".into(), symbol: symbol("AAPL") };
            desk.apply(&me(), edit).await.unwrap();
        } else {
            desk.write_down(happened("me", 2, None)).await;
        }
        off(&desk, way).await;
    }
    end().await;
}

#[tokio::test]
async fn an_alert_that_fired_before_the_end_is_switched_off_by_the_next_run() {
    let (folder, full) = (tempfile::tempdir().unwrap(), Arc::new(AtomicBool::new(false)));
    let (desk, end) = at_work(folder.path(), &full);
    put_once(&desk, "again").await;
    fire_once(&desk, "again").await;
    off(&desk, "again").await;
    // Switched on again it may fire once more.
    put_once(&desk, "again").await;
    put_once(&desk, "lost").await;
    full.store(true, Ordering::SeqCst);
    fire_once(&desk, "lost").await;
    end().await;
    full.store(false, Ordering::SeqCst);
    let (desk, end) = at_work(folder.path(), &full);
    off(&desk, "lost").await;
    assert!(desk.profile(&me()).unwrap().alert("again").unwrap().enabled);
    end().await;
}

/// The generation that stands in a durable file: how often it was written.
fn generation(file: &Path) -> u64 {
    let text = std::fs::read(file).unwrap();
    serde_json::from_slice::<serde_json::Value>(&text).unwrap()["generation"].as_u64().unwrap()
}

#[tokio::test]
async fn a_storm_is_written_at_once_and_not_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let opened = Desk::open(folder.path(), Box::new(FileStore::new(folder.path()))).unwrap();
    let broker = broker::Broker::start(broker::Config::default(), Arc::new(Everything)).unwrap();
    let bus = Bus::embedded(&broker, Topics::new("quickstocks/v1", false));
    let mut told = bus.subscribe(&[Interest::Alerts]).await;
    // They wait before the desk begins to work.
    for n in 0..500 {
        opened.handle.write_down(happened("me", n, Some("a"))).await;
    }
    let stop = CancellationToken::new();
    let desk = tokio::spawn(opened.desk.run(bus.clone(), stop.clone()));
    for n in 0..500 {
        assert_eq!(until(&mut told, alerts).await.id, n.to_string(), "all are told, in order");
    }
    let log = opened.handle.alert_log(&me()).await.unwrap();
    assert_eq!(log.summary(), LogSummary { entries: 200, unread: 200 });
    assert_eq!(generation(&folder.path().join(LOGS_FOLDER).join("user-me.json")), 1, "one write");
    stop.cancel();
    desk.await.unwrap();
    broker.shutdown().await;
}

struct Everything;

impl broker::Policy for Everything {
    fn authenticate(&self, _: std::net::SocketAddr, _: Option<broker::Login<'_>>) -> broker::Verdict {
        Ok(broker::Identity::Anonymous).into()
    }
    fn may_read(&self, _: &broker::Identity, _: &str) -> bool {
        true
    }
    fn may_publish(&self, _: &broker::Identity, _: &str) -> bool {
        true
    }
    fn conflates(&self, _: &str) -> bool {
        false
    }
}

#[tokio::test]
async fn what_fires_in_silence_is_written_down_and_not_told() {
    let provider = Scripted::new("yahoo", &[("AAPL", 100.5), ("MSFT", 100.5)]);
    let house = House::open(Source::only(provider.clone()), &[], false);
    no_day_moves(&house).await;
    let mut quotes = house.hear(Interest::Quotes).await;
    let mut told = house.hear(Interest::Alerts).await;
    until(&mut quotes, price_of("AAPL")).await;
    until(&mut quotes, price_of("MSFT")).await;
    house.alert_above("AAPL", 101.0, false).await;
    house.alert_above("MSFT", 102.0, false).await;
    house.desk.mute(&me(), symbol("AAPL"), MuteFor::Today).await.unwrap();
    let until_when = house.desk.profile(&me()).unwrap().preferences.muted[0].until.unwrap();
    assert!(until_when > Timestamp::now());
    provider.set("AAPL", 101.5);
    let log = log_when(&house, |log| log.summary().entries == 1).await;
    assert_eq!(silences(&log), [Some(Silence::Muted)]);
    assert!(!house.desk.profile(&me()).unwrap().alert("AAPL-101").unwrap().enabled, "it has fired");
    provider.set("MSFT", 102.5);
    assert_eq!(until(&mut told, alerts).await.symbol, symbol("MSFT"), "nothing was heard of the other");
}

#[tokio::test]
async fn a_fast_move_is_told_with_how_far_it_went() {
    let provider = Scripted::new("yahoo", &[("AAPL", 100.0)]);
    let house = House::open(Source::only(provider.clone()), &[], false);
    no_day_moves(&house).await;
    let mut quotes = house.hear(Interest::Quotes).await;
    let mut told = house.hear(Interest::Alerts).await;
    until(&mut quotes, price_of("AAPL")).await;
    let condition = Condition::MoveWithin(MoveWithin { percent: 1.0, minutes: 15 });
    house.apply(Edit::PutAlert { alert: Alert { condition, ..alert_above("AAPL", 1.0, true) } }).await;
    provider.set("AAPL", 98.5);
    let fired = until(&mut told, alerts).await;
    assert_eq!((fired.condition, fired.moved_percent), (condition, Some(-1.5)));
    assert!(house.desk.profile(&me()).unwrap().alerts[0].enabled, "every time");
}

#[tokio::test]
async fn a_digest_is_made_once_a_day() {
    let folder = tempfile::tempdir().unwrap();
    let mut profile = Profile::new(me());
    let digest = Some(serde_json::from_str(r#"{"at": "00:00"}"#).unwrap());
    profile.preferences = Preferences { digest, day_move_alerts: false, ..Preferences::default() };
    let account = Account::new(String::new(), profile);
    FileStore::new(folder.path()).save(1, &[(me(), account)].into()).unwrap();
    let source = Source::only(Scripted::new("yahoo", &[("AAPL", 104.0), ("MSFT", 97.0)]));
    let house = House::open_in(folder, source, &[], false);
    let mut quotes = house.hear(Interest::Quotes).await;
    let mut told = house.hear(Interest::Digests).await;
    until(&mut quotes, price_of("AAPL")).await;
    until(&mut quotes, price_of("MSFT")).await;
    let look = Duration::from_millis(20);
    let start =
        || Dispatcher::new(house.bus.clone(), house.desk.clone(), false).looking_every(look).run(house.stop.clone());
    tokio::spawn(start());
    let heard = until(&mut told, |m| if let Message::Digest(_, digest) = m { Some(digest) } else { None }).await;
    let symbols = |movers: &[market::Mover]| movers.iter().map(|mover| mover.symbol.to_string()).collect::<Vec<_>>();
    assert_eq!((symbols(&heard.up), symbols(&heard.down)), (vec!["AAPL".into()], vec!["MSFT".into()]));
    assert_eq!(log_after_a_kill(house.folder.path()).await.digest_on(), Some(heard.day));
    house.desk.edit_log(&me(), LogEdit::Clear).await.unwrap();
    tokio::spawn(start());
    // What is written down after it shows that no second one was.
    house.bus.publish(&Message::Quote(quote(&symbol("AAPL"), 105.0, "yahoo"))).await.unwrap();
    until(&mut quotes, |m| price_of("AAPL")(m).filter(|price| *price > 104.5)).await;
    house.desk.write_down(happened("me", 7, None)).await;
    let log = log_when(&house, |log| log.summary().entries > 0).await;
    assert!(log.entries().all(|entry| matches!(entry.event, LogEvent::Alert(_))));
}

#[tokio::test]
async fn a_digest_that_is_chosen_after_its_time_begins_tomorrow_after_a_restart_too() {
    let house = House::open(Source::only(Scripted::new("yahoo", &[("AAPL", 104.0)])), &[], false);
    let chosen = |at: &str| Some(serde_json::from_value::<DigestTime>(serde_json::json!({"at": at})).unwrap());
    let choose = async |digest| {
        let preferences = Preferences { digest, time_zone: Some("UTC".into()), ..Preferences::default() };
        house.desk.apply(&me(), Edit::SetPreferences { preferences }).await.unwrap()
    };
    let today = || TimeZone::UTC.to_datetime(Timestamp::now()).date();
    let before = today();
    assert_eq!(choose(chosen("00:00")).await, Edited::Changed);
    let from = house.desk.profile(&me()).unwrap().preferences.digest.unwrap().from.unwrap();
    assert!([before, today()].contains(&from.yesterday().unwrap()), "{from}");
    assert_eq!(choose(chosen("00:00")).await, Edited::Unchanged);
    let copy = copy_of(house.folder.path());
    let next = Desk::open(copy.path(), Box::new(FileStore::new(copy.path()))).unwrap().handle;
    assert_eq!(next.profile(&me()).unwrap().preferences.digest.unwrap().from, Some(from));
}

#[tokio::test]
async fn what_was_told_today_is_not_told_again_by_the_next_run() {
    let provider = Scripted::new("yahoo", &[("AAPL", 100.5)]);
    let house = House::open(Source::only(provider.clone()), &[], false);
    let mut quotes = house.hear(Interest::Quotes).await;
    let mut told = house.hear(Interest::Alerts).await;
    until(&mut quotes, price_of("AAPL")).await;
    provider.set("AAPL", 104.0);
    assert_eq!(until(&mut told, alerts).await.alert_id, "day-move");
    provider.set("AAPL", 100.5);
    until(&mut quotes, |m| price_of("AAPL")(m).filter(|price| *price < 101.0)).await;
    let copy = copy_of(house.folder.path());
    drop(house);
    let house = House::open_in(copy, Source::only(provider.clone()), &[], false);
    let mut routed = house.broker.link().subscribe(&["quickstocks/v1/user/me/quote/AAPL"]);
    let mut told = house.hear(Interest::Alerts).await;
    let mut routes = async |wanted: f64| loop {
        let heard = routed.recv().await.unwrap();
        let quote: market::Quote = serde_json::from_slice(&heard.payload).unwrap();
        if (quote.price.to_f64() - wanted).abs() < f64::EPSILON {
            return;
        }
    };
    routes(100.5).await;
    provider.set("AAPL", 104.0);
    routes(104.0).await;
    provider.set("AAPL", 96.0);
    let next = until(&mut told, alerts).await;
    assert!(next.change_percent.unwrap() < 0.0, "only the other way");
}
