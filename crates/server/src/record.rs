//! `quickstocksd record`: the configured feed, and every quote that it publishes written into a file.
//!
//! It has a bus of its own that nobody else can reach, and reads the data folder without ever writing there: it can
//! run beside another Quickstocks, and fires no alert.

use std::{
    collections::BTreeSet,
    future::Future,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use broker::Broker;
use bus::{Bus, Interest, Message, Subscription, TopicPolicy, Topics};
use market::{Quote, Timestamp, UserName};
use quote_engine::{
    feed::Feed,
    provider::settings::{Keep, Share},
    recording::{self, RecordingError, Room},
    secrets::Secrets,
    store::FileStore,
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{Instant, MissedTickBehavior},
};
use tokio_util::sync::CancellationToken;

use crate::{Config, StartError, compose};

/// How often what was heard is handed to the disk.
const FLUSH_INTERVAL: Duration = Duration::from_secs(1);
/// Quotes that wait for the disk at the most; beyond, the bus keeps the newest of each symbol.
const WAITING_MAX: usize = 1_024;

/// Why nothing could be recorded, or no more.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The feed does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The file cannot be written.
    #[error("recording into {file}: {source}", file = file.display())]
    File {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        #[source]
        source: RecordingError,
    },
    /// The thread that writes has ended in a panic.
    #[error("recording into {file}: the writer has failed; the log says why", file = file.display())]
    Writer {
        /// Which file.
        file: PathBuf,
    },
}

/// What was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// How many quotes.
    pub quotes: u64,
    /// How many bytes of text they are.
    pub bytes: u64,
    /// Whether the file is full.
    pub full: bool,
}

enum Order {
    Write(Box<Quote>),
    Flush,
}

/// Records into a new file of `bytes_max` bytes of text at the most, until `stop`. Calls `ready` once it does.
pub async fn record(
    config: &Config,
    file: &Path,
    bytes_max: u64,
    ready: impl FnOnce(),
    stop: impl Future<Output = ()>,
) -> Result<Recorded, RecordError> {
    let studio = Studio::open(config)?;
    let (orders, incoming) = mpsc::channel(WAITING_MAX);
    let writing = begin(file, bytes_max, incoming)?;
    let heard = studio.bus.subscribe(&[Interest::Quotes]).await;
    ready();
    tokio::select! {
        () = stop => {}
        () = listen(heard, &orders) => {}
    }
    drop(orders);
    let written = writing.await.map_err(|_| RecordError::Writer { file: file.into() });
    studio.close().await;
    written?.map_err(|source| RecordError::File { file: file.into(), source })
}

type Writing = JoinHandle<Result<Recorded, RecordingError>>;

/// The disk blocks, so it has a thread that may.
fn begin(file: &Path, bytes_max: u64, orders: mpsc::Receiver<Order>) -> Result<Writing, RecordError> {
    let created = recording::create(file, Timestamp::now(), bytes_max);
    let writer = created.map_err(|source| RecordError::File { file: file.into(), source })?;
    Ok(tokio::task::spawn_blocking(move || write(writer, orders)))
}

fn write(
    mut writer: recording::Writer<recording::File>,
    mut orders: mpsc::Receiver<Order>,
) -> Result<Recorded, RecordingError> {
    let mut full = false;
    while let Some(order) = orders.blocking_recv() {
        match order {
            Order::Flush => writer.flush()?,
            Order::Write(quote) => full = writer.write(&quote)? == Room::Full,
        }
        if full {
            break;
        }
    }
    let recorded = Recorded { quotes: writer.quotes(), bytes: writer.bytes(), full };
    writer.into_inner().finish()?;
    Ok(recorded)
}

/// Ends when the bus or the writer does.
async fn listen(mut heard: Subscription, orders: &mpsc::Sender<Order>) {
    let mut flush = tokio::time::interval_at(Instant::now() + FLUSH_INTERVAL, FLUSH_INTERVAL);
    flush.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let order = tokio::select! {
            message = heard.recv() => match message {
                Some(Message::Quote(quote)) => Order::Write(Box::new(quote)),
                Some(_) => continue,
                None => return,
            },
            _ = flush.tick() => Order::Flush,
        };
        if orders.send(order).await.is_err() {
            return;
        }
    }
}

/// A feed on a bus of its own.
struct Studio {
    bus: Bus,
    broker: Broker,
    feed: JoinHandle<()>,
    shutdown: CancellationToken,
    /// Nobody's account ever changes here: kept, because the feed listens.
    accounts: watch::Sender<Arc<quote_engine::store::Accounts>>,
}

impl Studio {
    fn open(config: &Config) -> Result<Self, StartError> {
        let topics = Topics::new(config.broker.topic_root.as_str(), false);
        let policy = TopicPolicy {
            topics: topics.clone(),
            accounts: Arc::new(Nobody),
            access: bus::Access::new(bus::Anonymous::Never, bus::OtherTopics::None),
            logins: Arc::default(),
            home_assistant: false,
        };
        let broker = Broker::start(broker::Config::default(), Arc::new(policy)).map_err(StartError::Broker)?;
        let bus = Bus::embedded(&broker, topics);
        let secrets = Arc::new(Secrets::new(&config.data_dir));
        let mut feed = compose::feed_config(config, &secrets, Keep::ReadOnly, &Share::default())?;
        feed.symbols.extend(followed(config));
        let (feed, _) = Feed::new(feed, bus.clone());
        let (accounts, watched) = watch::channel(Arc::default());
        let shutdown = CancellationToken::new();
        let feed = tokio::spawn(feed.run(watched, shutdown.clone()));
        Ok(Self { bus, broker, feed, shutdown, accounts })
    }

    async fn close(self) {
        self.shutdown.cancel();
        if self.feed.await.is_err() {
            tracing::error!("the feed ended in a panic");
        }
        self.bus.close().await;
        self.broker.shutdown().await;
        drop(self.accounts);
    }
}

/// What the users of the data folder follow; a new user's list where there is nobody yet.
fn followed(config: &Config) -> BTreeSet<market::Symbol> {
    let accounts = match FileStore::new(&config.data_dir).peek() {
        Ok(accounts) => accounts,
        Err(error) => {
            tracing::warn!(%error, "only feed.symbols are recorded");
            return BTreeSet::new();
        }
    };
    let mut profiles: Vec<market::Profile> = accounts.into_values().map(|account| account.profile).collect();
    if profiles.is_empty() && config.feed.symbols.is_empty() {
        profiles.push(market::Profile::new(UserName::me()));
    }
    profiles.iter().flat_map(|profile| &profile.watchlists).flat_map(|list| list.symbols.iter().cloned()).collect()
}

/// The logins of a bus that nobody can reach.
struct Nobody;

impl bus::Accounts for Nobody {
    fn recognises(&self, _: &UserName, _: &str) -> bool {
        false
    }

    fn verify(&self, _: &UserName, _: &str) -> bool {
        false
    }

    fn may_feed(&self, _: &UserName) -> bool {
        false
    }
}
