//! What commands accept and answer, and what the store gives back after a mishap: all without a window.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{fs, io, sync::Arc, time::Duration};

use market::{Edit, EditError, Profile, StreamMessage, Symbol, UserName};
use quickstocks_lib::{
    commands::{search_text, spark_set, symbol_set},
    desktop::{Again, Desktop, Open},
    error::{ErrorCode, UiError},
    store::{self, Contents},
};
use quickstocks_server::{Config, Overrides, Parts, PortTaken, Services, config::Sources, settings::SettingsFile};
use quote_engine::{
    desk::DeskError,
    durable::{DurableError, DurableFile},
    notifier::LogNotify,
    provider::ProviderError,
    secrets::{FINNHUB_KEY, SecretsError},
    store::{Account, Accounts, FileStore, PROFILES_FORMAT},
};
use tempfile::TempDir;
use tokio::sync::mpsc;

#[test]
fn input_is_bounded() {
    assert_eq!(search_text("  apple "), Ok("apple"));
    assert_eq!(search_text(&"é".repeat(100)).map(str::len), Ok(200));
    assert_eq!(search_text(&"a".repeat(101)).unwrap_err().code, ErrorCode::Invalid);
    let symbols: Vec<String> = vec![" aapl".into(), "AAPL".into(), "BTC/USD".into()];
    assert_eq!(symbol_set(&symbols).unwrap().len(), 2);
    for wrong in ["", "A B", &"X".repeat(65)] {
        assert_eq!(symbol_set(&[wrong.into()]).unwrap_err().code, ErrorCode::Invalid, "{wrong:?}");
    }
    assert_eq!(symbol_set(&vec!["AAPL".into(); 10_001]).unwrap_err().code, ErrorCode::Invalid);
    assert_eq!(spark_set(&symbols).unwrap().len(), 2);
    assert_eq!(spark_set(&vec!["AAPL".into(); 201]).unwrap_err().code, ErrorCode::Invalid);
}

#[test]
fn an_error_says_what_kind_it_is() {
    let symbol = Symbol::parse("NOPE").unwrap();
    let full = DurableError::Write { path: "profiles.json".into(), source: io::ErrorKind::StorageFull.into() };
    let no_keychain = SecretsError::NoKeychain { name: FINNHUB_KEY, reason: "none".into(), file: "f".into() };
    let errors: [(UiError, ErrorCode); 8] = [
        (DeskError::Edit(EditError::NoList("x".into())).into(), ErrorCode::NotFound),
        (DeskError::Edit(EditError::LastList).into(), ErrorCode::Invalid),
        (DeskError::from(full).into(), ErrorCode::NotSaved),
        (DeskError::Closed.into(), ErrorCode::Internal),
        (ProviderError::UnknownSymbol { provider: "P", symbol }.into(), ErrorCode::NotFound),
        (ProviderError::Unreachable { provider: "P", detail: "timed out".into() }.into(), ErrorCode::Unavailable),
        (no_keychain.into(), ErrorCode::NotSaved),
        (SecretsError::Unfit { name: FINNHUB_KEY, place: "what was given".into() }.into(), ErrorCode::Invalid),
    ];
    for (error, code) in errors {
        assert_eq!(error.code, code, "{error:?}");
        assert!(!error.message.is_empty());
    }
    let json = serde_json::to_value(UiError::not_found("x")).unwrap();
    assert_eq!(json, serde_json::json!({"code": "not_found", "message": "x"}));
}

/// Accounts that differ by what `me` follows.
fn accounts(symbol: &str) -> Accounts {
    let mut profile = Profile::new(UserName::me());
    profile.watchlists[0].symbols = vec![Symbol::parse(symbol).unwrap()];
    Accounts::from([(UserName::me(), Account::new("0".repeat(64), profile))])
}

fn contents(generation: u64, symbol: &str) -> Contents {
    store::contents(generation, serde_json::to_value(accounts(symbol)).unwrap())
}

/// What the plugin reads: its file, or nothing where that is torn.
fn plugin_reads(bytes: &[u8]) -> Contents {
    serde_json::from_slice(bytes).unwrap_or_default()
}

fn folder() -> (TempDir, DurableFile) {
    let folder = tempfile::tempdir().unwrap();
    let durable = store::durable_file(folder.path());
    (folder, durable)
}

#[test]
fn a_kill_before_the_plugin_writes_loses_nothing() {
    let (_folder, durable) = folder();
    let first = store::save_durably(&durable, &contents(1, "AAPL")).unwrap();
    let second = store::save_durably(&durable, &contents(2, "MSFT")).unwrap();
    for (left, what) in
        [(first.as_slice(), "old"), (&second[..second.len() / 2], "torn"), (b"", "empty"), (b"\0\0", "NULs")]
    {
        let loaded = store::load(&durable, &plugin_reads(left)).unwrap();
        assert_eq!((loaded.state, loaded.generation), (Some(accounts("MSFT")), 2), "{what} file of the plugin");
        assert_eq!(loaded.notice, None);
    }
}

#[test]
fn the_plugins_copy_stands_in_for_a_durable_file_that_is_gone_or_damaged() {
    let (folder, durable) = folder();
    store::save_durably(&durable, &contents(6, "AAPL")).unwrap();
    let copy = store::save_durably(&durable, &contents(7, "MSFT")).unwrap();
    fs::write(durable.path(), "{").unwrap();
    let loaded = store::load(&durable, &plugin_reads(&copy)).unwrap();
    assert_eq!((loaded.state, loaded.generation), (Some(accounts("MSFT")), 7), "newer than the generation before");
    assert!(loaded.notice.unwrap().contains("restored from store.json"));
    for entry in fs::read_dir(folder.path()).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    let loaded = store::load(&durable, &plugin_reads(&copy)).unwrap();
    assert_eq!((loaded.state, loaded.notice), (Some(accounts("MSFT")), None));
    assert!(store::load(&durable, &Contents::new()).unwrap().state.is_none(), "a first start");
}

#[test]
fn a_durable_file_put_back_by_hand_is_believed() {
    let (_folder, durable) = folder();
    store::save_durably(&durable, &contents(3, "AAPL")).unwrap();
    let loaded = store::load(&durable, &contents(9, "MSFT")).unwrap();
    assert_eq!((loaded.state, loaded.generation), (Some(accounts("AAPL")), 3));
}

#[test]
fn a_newer_format_is_left_alone() {
    let (_folder, durable) = folder();
    DurableFile::new(durable.path(), PROFILES_FORMAT + 1).save(1, &"of tomorrow").unwrap();
    let before = fs::read(durable.path()).unwrap();
    assert!(matches!(store::load(&durable, &contents(9, "MSFT")), Err(DurableError::Newer { .. })));
    assert_eq!(fs::read(durable.path()).unwrap(), before);
}

#[test]
fn what_cannot_be_saved_durably_never_reaches_the_plugins_file() {
    let (folder, _) = folder();
    let in_the_way = folder.path().join("file");
    fs::write(&in_the_way, "").unwrap();
    assert!(store::save_durably(&store::durable_file(&in_the_way), &contents(1, "AAPL")).is_err());
}

/// The app without its window, on made-up prices that change often.
async fn desktop(folder: &TempDir) -> Desktop {
    desktop_at(folder, "").await
}

async fn desktop_at(folder: &TempDir, mqtt: &str) -> Desktop {
    let (data_dir, feed) = (Some(folder.path().into()), Some("simulated".into()));
    let overrides = Overrides { data_dir, feed, ..Overrides::default() };
    let vars = [("QUICKSTOCKS_BROKER__LISTEN", mqtt), ("QUICKSTOCKS_PROVIDER__SIMULATED__TICK_INTERVAL", "100ms")];
    let vars = vars.map(|(key, value)| (key.into(), value.into()));
    let config = Config::load_with(None, vars, &overrides).unwrap();
    let parts = Parts {
        store: Box::new(FileStore::new(folder.path())),
        notify: Arc::new(LogNotify),
        notify_user: Some(UserName::me()),
        languages: Vec::new(),
        port_taken: PortTaken::KeepTrying,
    };
    let settings = SettingsFile::new(Sources::new(None, [], &overrides).unwrap(), &config);
    Desktop::new(Services::start(&config, parts).await.unwrap(), folder.path().into(), settings, false)
}

async fn next(page: &mut mpsc::UnboundedReceiver<StreamMessage>) -> Option<StreamMessage> {
    tokio::time::timeout(Duration::from_secs(10), page.recv()).await.unwrap()
}

/// Nothing comes for a while, after what was under way.
async fn is_quiet(page: &mut mpsc::UnboundedReceiver<StreamMessage>) -> bool {
    tokio::time::sleep(Duration::from_millis(300)).await;
    while page.try_recv().is_ok() {}
    tokio::time::timeout(Duration::from_millis(700), page.recv()).await.is_err()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_page_that_is_seen_is_sent_quotes() {
    let folder = tempfile::tempdir().unwrap();
    let desktop = desktop(&folder).await;
    let (send, mut page) = mpsc::unbounded_channel();
    desktop.stream_into("main", move |message| send.send(message).is_ok());
    assert!(is_quiet(&mut page).await, "hidden from the start");
    for _ in 0..2 {
        desktop.pages().set_visible("main", true);
        assert!(matches!(next(&mut page).await, Some(StreamMessage::Snapshot(_))), "a fresh snapshot first");
        while !matches!(next(&mut page).await, Some(StreamMessage::Batch(_))) {}
        desktop.pages().set_visible("main", false);
        assert!(is_quiet(&mut page).await, "hidden");
    }
    desktop.pages().gone("main");
    assert_eq!(next(&mut page).await, None, "the stream of a page that is gone ends");
    desktop.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let first = desktop(&folder).await;
    let vod = Symbol::parse("VOD.L").unwrap();
    first.edit(Edit::Follow { list: "default".into(), symbol: vod.clone() }).await.unwrap();
    let unknown = first.edit(Edit::Follow { list: "nope".into(), symbol: vod.clone() }).await.unwrap_err();
    assert_eq!(unknown.code, ErrorCode::NotFound);
    assert!(first.top_picks().iter().any(|pick| pick.symbol == vod && pick.followers == 1));
    assert_eq!((first.info().feed.as_str(), first.info().mqtt_address), ("simulated", None));
    let what = Open::Symbol(vod.clone());
    first.ask_for(what.clone());
    assert_eq!((first.asked_for(), first.asked_for()), (Some(what), None), "told once");
    assert_eq!(first.quote_topic(Symbol::parse("BTC/USD").unwrap()), "quickstocks/v1/quote/BTC%2FUSD");
    first.stop().await;
    let second = desktop(&folder).await;
    assert!(second.profile().unwrap().follows(&vod));
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_starts_again_without_the_cache_keeps_everything_else() {
    let folder = tempfile::tempdir().unwrap();
    let desktop = desktop(&folder).await;
    for cached in ["history.redb", "quotes.json", "quotes.json.prev"] {
        fs::write(folder.path().join(cached), "").unwrap();
    }
    desktop.start_again(Again::WithoutCache);
    assert!(desktop.stop().await, "it was asked to start again");
    assert!(!desktop.stop().await, "once");
    let left = |name: &str| folder.path().join(name).exists();
    assert!(!left("history.redb") && !left("quotes.json") && !left("quotes.json.prev"));
    assert!(left("profiles.json") && left("token"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_taken_port_is_told_and_left_for_the_one_offered() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let desktop = desktop_at(&folder, &addr.to_string()).await;
    let info = desktop.info();
    assert_eq!((info.mqtt_address, info.mqtt_port_taken), (None, Some(addr.port())));
    let refused = desktop.use_mqtt_port(addr.port()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Unavailable);
    let free = info.mqtt_port_free.unwrap();
    let moved = desktop.use_mqtt_port(free).await.unwrap();
    assert_eq!(moved.mqtt_address, Some(format!("127.0.0.1:{free}")));
    assert_eq!((moved.mqtt_problem, moved.mqtt_port_taken, moved.mqtt_port_free), (None, None, None));
    desktop.stop().await;
}
