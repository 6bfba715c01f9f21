//! `--selftest`: starts every part without a window, beside whatever runs, checks each, and says so in a line.

mod system;

use std::{fmt::Display, future::Future, net::SocketAddr, path::Path, process::ExitCode, sync::Arc, time::Duration};

use market::{Edit, Symbol, UserName, profile::DEFAULT_LIST};
use quickstocks_server::{
    compose::{Parts, PortTaken, Services},
    config::{Address, ApiSection, BrokerSection, Config, FeedChoice},
    selftest::mqtt_round_trip,
    stream::QuoteStream,
};
use quote_engine::{
    notifier::LogNotify,
    store::{Account, Accounts, FileStore},
};

use crate::{bindings, data_folder, store};

/// How long a part has.
const TIME_OUT: Duration = Duration::from_secs(10);

/// What came of a part that did not fail.
enum Found {
    /// It works, and how.
    Well(String),
    /// This system has none, and why; the app runs without.
    Lacking(String),
}

type Checked = Result<Found, Box<dyn std::error::Error + Send + Sync>>;

/// A second start of the app that tries what happens to one; see [`system`].
pub(crate) fn stand_beside(identifier: &str) -> ExitCode {
    if system::stand_beside(identifier) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Checks every part; 1 where one is not well. `keep_folder`: in the configured data folder instead of one of its own.
pub(crate) fn run(config: Config, keep_folder: bool) -> ExitCode {
    let folder = match std::env::temp_dir().join(format!("quickstocks-selftest-{:016x}", rand::random::<u64>())) {
        _ if keep_folder => config.data_dir.clone(),
        own => own,
    };
    let mut well = said("data folder", &data_folder(&config.data_dir));
    well &= tauri::async_runtime::block_on(check_all(config, &folder));
    well &= system::check(&folder);
    well &= said("end", &found("everything has stopped"));
    if !keep_folder && let Err(error) = std::fs::remove_dir_all(&folder) {
        tracing::warn!(%error, path = %folder.display(), "a temporary folder is left behind");
    }
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn check_all(config: Config, folder: &Path) -> bool {
    let mut well = said("config", &found(format!("feed {}", config.feed.provider.name())));
    well &= said("bindings", &bindings(folder));
    well &= said("store", &store(&folder.join("store-check")));
    let services = match Services::start(&checked_config(config, folder), parts(folder)).await {
        Ok(services) => services,
        Err(error) => return said("services", &Err(error.into())),
    };
    well &= said("services", &found("desk, engine, dispatcher, notifier"));
    well &= said("mqtt", &in_time(mqtt(&services)).await);
    well &= said("feed", &in_time(feed(&services)).await);
    well &= said("desk", &in_time(desk(&services)).await);
    well &= said("stream", &in_time(stream(&services)).await);
    services.stop().await;
    well
}

fn said(part: &str, checked: &Checked) -> bool {
    let (verdict, detail): (&str, Box<dyn Display>) = match checked {
        Ok(Found::Well(detail)) => ("ok  ", Box::new(detail)),
        Ok(Found::Lacking(why)) => ("none", Box::new(why)),
        Err(error) => ("FAIL", Box::new(error)),
    };
    #[allow(clippy::print_stdout, reason = "what the user asked to read")]
    {
        println!("{verdict} {part}: {detail}");
    }
    checked.is_ok()
}

/// The part works, and how.
#[expect(clippy::unnecessary_wraps, reason = "what a check ends with")]
fn found(how: impl Into<String>) -> Checked {
    Ok(Found::Well(how.into()))
}

/// Whether everything can be kept where it is kept; nothing is left there.
fn data_folder(folder: &Path) -> Checked {
    let there = folder.ancestors().find(|folder| folder.exists()).ok_or("no such drive")?;
    data_folder::try_to_write(there)?;
    found(format!("{} can be written", folder.display()))
}

async fn in_time(check: impl Future<Output = Checked>) -> Checked {
    tokio::time::timeout(TIME_OUT, check).await.unwrap_or_else(|_| Err(format!("no answer within {TIME_OUT:?}").into()))
}

/// Made-up prices, any free port, nothing of the user's.
fn checked_config(mut config: Config, folder: &Path) -> Config {
    folder.clone_into(&mut config.data_dir);
    config.feed.provider = FeedChoice::Simulated;
    config.broker =
        BrokerSection { listen: Address::from(SocketAddr::from(([127, 0, 0, 1], 0))), ..BrokerSection::default() };
    config.api = ApiSection::default();
    config
}

fn parts(folder: &Path) -> Parts {
    Parts {
        store: Box::new(FileStore::new(folder)),
        notify: Arc::new(LogNotify),
        notify_user: Some(UserName::me()),
        languages: Vec::new(),
        port_taken: PortTaken::Fail,
    }
}

/// Commands, events and types can be written for the window.
fn bindings(folder: &Path) -> Checked {
    let file = folder.join("bindings.ts");
    std::fs::create_dir_all(folder)?;
    bindings::export(&file)?;
    let written = std::fs::read_to_string(&file)?;
    std::fs::remove_file(file)?;
    found(format!("{} lines", written.lines().count()))
}

/// What the window's store saves is there again, even when the plugin's own file is not.
fn store(folder: &Path) -> Checked {
    let me = UserName::me();
    let account = Account::new(String::new(), market::Profile::new(me.clone()));
    let accounts = Accounts::from([(me, account)]);
    let durable = store::durable_file(folder);
    store::save_durably(&durable, &store::contents(1, serde_json::to_value(&accounts)?))?;
    let loaded = store::load(&durable, &store::Contents::new())?;
    std::fs::remove_dir_all(folder)?;
    if loaded.state.as_ref() == Some(&accounts) { found("saved and loaded") } else { Err("not what was saved".into()) }
}

async fn mqtt(services: &Services) -> Checked {
    let addr = services.mqtt.borrow().address().ok_or("the broker does not listen")?;
    let took = mqtt_round_trip(&services.bus, addr).await?;
    found(format!("there and back in {:.1} ms", took.as_secs_f64() * 1e3))
}

async fn feed(services: &Services) -> Checked {
    let looked = services.feed.look([Symbol::parse("AAPL")?].into()).await;
    let quote = looked.quotes.first().ok_or("no quote of AAPL")?;
    found(format!("{} from {}", quote.symbol, quote.source))
}

async fn desk(services: &Services) -> Checked {
    let (me, symbol) = (UserName::me(), Symbol::parse("SELFTEST")?);
    let list = services.desk.profile(&me)?.watchlists.first().map_or_else(|| DEFAULT_LIST.into(), |l| l.name.clone());
    services.desk.apply(&me, Edit::Follow { list: list.clone(), symbol: symbol.clone() }).await?;
    if !services.desk.profile(&me)?.follows(&symbol) {
        return Err("an acknowledged edit is not there".into());
    }
    services.desk.apply(&me, Edit::Unfollow { list, symbol }).await?;
    found("an edit was saved")
}

/// What the window would see first.
async fn stream(services: &Services) -> Checked {
    let mut stream = QuoteStream::new(&services.bus, UserName::me()).await;
    match stream.next().await {
        Some(market::StreamMessage::Snapshot(quotes)) => found(format!("a snapshot of {}", quotes.len())),
        other => Err(format!("no snapshot first, but {other:?}").into()),
    }
}
