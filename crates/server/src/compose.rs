//! Puts the services together: broker, bus, desk, feed, dispatcher, notifier, each a supervised task.
//!
//! The same for the daemon and the desktop; what differs comes in as [`Parts`]. Must never do a service's own work.

mod broker_watch;
mod home_assistant;
mod latest;
mod logins;
mod mqtt;
mod presence;
mod providers;
mod supervisor;

use std::{fmt, sync::Arc, time::Duration};

use broker::Broker;
use bus::{Bus, ExternalBroker, TopicPolicy, Topics};
use market::UserName;
use quote_engine::{
    desk::{self, Desk, DeskHandle},
    dispatcher::Dispatcher,
    feed::{Feed, FeedConfig, FeedHandle, Patience},
    notifier::{self, Notify, Readers},
    own_feed,
    provider::settings::Keep,
    secrets::Secrets,
    store::ProfileStore,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::config::{Config, FeedChoice};

pub use latest::Latest;
pub(crate) use mqtt::listener_problem;
pub use mqtt::{CERTIFICATE_FILE, CertificateState, KEY_FILE, ListenerState, MqttListeners, MqttState, TakenPort};
pub(crate) use providers::every_provider;
pub use supervisor::Supervisor;

/// How long services have to end.
const STOP_TIME_OUT: Duration = Duration::from_millis(2_500);

/// What differs between the programs that are put together here.
pub struct Parts {
    /// Where profiles are kept.
    pub store: Box<dyn ProfileStore>,
    /// Where notifications go.
    pub notify: Arc<dyn Notify>,
    /// Whose; `None` for everybody's.
    pub notify_user: Option<UserName>,
    /// The languages of a user who chose none, best first, as BCP 47 tags; English where they are none of ours.
    pub languages: Vec<String>,
    /// What to do when the MQTT port is taken.
    pub port_taken: PortTaken,
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").field("port_taken", &self.port_taken).finish_non_exhaustive()
    }
}

/// What to do when a port is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortTaken {
    /// Do not start at all.
    Fail,
    /// Run on without it, say so, and listen as soon as it is free.
    KeepTrying,
}

/// Why the services cannot start. Names the setting to change, where there is one.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder cannot be used.
    #[error("data_dir: {0}")]
    Desk(#[from] desk::OpenError),
    /// A listener's address cannot be had.
    #[error("{setting}: cannot listen on {addr}: {reason}")]
    Listen {
        /// Which setting names it.
        setting: &'static str,
        /// The address.
        addr: std::net::SocketAddr,
        /// What the system says.
        reason: String,
    },
    /// A listener has no certificate to show.
    #[error("{setting}: {reason}")]
    Certificate {
        /// Which setting wants it.
        setting: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The broker inside does not start.
    #[error("broker: {0}")]
    Broker(#[source] broker::Error),
    /// The broker elsewhere cannot be used.
    #[error("broker.url: {0}")]
    Bus(#[from] bus::Error),
    /// The password of the broker elsewhere cannot be read.
    #[error("broker.password_file: {path}: {source}", path = path.display())]
    PasswordFile {
        /// Which file.
        path: std::path::PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// A provider cannot be made as it is configured.
    #[error("provider: {0}")]
    Provider(String),
}

/// Every service, running.
#[derive(Debug)]
pub struct Services {
    /// The way to users, watchlists and alerts.
    pub desk: DeskHandle,
    /// The way to quotes, search and history.
    pub feed: FeedHandle,
    /// What everybody tells everybody.
    pub bus: Bus,
    /// The broker inside, unless another one is used.
    pub broker: Option<Broker>,
    /// Where MQTT clients connect, or why they cannot.
    pub mqtt: watch::Receiver<MqttState>,
    /// The way to the listeners for them.
    pub listeners: MqttListeners,
    /// What was last said about providers and services.
    pub latest: Latest,
    /// What the user should know about the files.
    pub notices: Vec<String>,
    /// The user's keys for providers.
    pub secrets: Arc<Secrets>,
    /// What is asked for quotes, as configured.
    pub feed_name: String,
    /// How many seconds of a recording pass in a second, where one is played.
    pub replay_speed: Option<f64>,
    supervisor: Supervisor,
    presence: presence::Presence,
    shutdown: CancellationToken,
}

impl Services {
    /// Starts everything. When this returns, the listener (if any) listens and the services are at work.
    pub async fn start(config: &Config, parts: Parts) -> Result<Self, StartError> {
        let topics = Topics::new(config.broker.topic_root.as_str(), config.broker.escape_dots);
        let opened = Desk::open(&config.data_dir, parts.store)?;
        let presence = presence::Presence::new(&config.data_dir);
        let secrets = Arc::new(Secrets::new(&config.data_dir));
        let shutdown = CancellationToken::new();
        let supervisor = Supervisor::new(shutdown.clone());
        let access = mqtt::access::of(&config.broker);
        let (broker, bus) = connect(config, &topics, &opened.handle, &access, &presence)?;
        let (mqtt, listeners) = mqtt::listen(config, broker.as_ref(), access, parts.port_taken, &supervisor).await?;
        let (feed, feed_handle) = Feed::new(feed_config(config, &secrets, Keep::ReadWrite)?, bus.clone());
        let latest = latest::watch(&bus, &supervisor);
        presence.start(&bus, &supervisor, broker.is_some());
        if let Some(broker) = &broker {
            broker_watch::start(broker, &bus, &presence, &supervisor);
            logins::start(broker, &opened.handle.accounts(), &supervisor);
        }

        let (desk, handle) = (opened.desk, opened.handle);
        supervisor.essential("desk", desk.run(bus.clone(), shutdown.clone()));
        supervisor.essential("engine", feed.telling(handle.clone()).run(handle.accounts(), shutdown.clone()));
        let on_simulated = config.feed.provider == FeedChoice::Simulated;
        supervisor.restarting("dispatcher", {
            let (bus, desk, shutdown) = (bus.clone(), handle.clone(), shutdown.clone());
            move || Dispatcher::new(bus.clone(), desk.clone(), on_simulated).run(shutdown.clone())
        });
        supervisor.restarting("own feeds", {
            let (bus, shutdown) = (bus.clone(), shutdown.clone());
            move || own_feed::run(bus.clone(), shutdown.clone())
        });
        home_assistant::start(config, presence.instance(), &bus, &handle, &supervisor);
        supervisor.restarting("keys", {
            let (secrets, feed, shutdown) = (Arc::clone(&secrets), feed_handle.clone(), shutdown.clone());
            move || use_new_keys(Arc::clone(&secrets), feed.clone(), shutdown.clone())
        });
        supervisor.restarting("notifier", {
            let readers = Readers { user: parts.notify_user, accounts: handle.accounts(), languages: parts.languages };
            let (bus, notify, shutdown) = (bus.clone(), parts.notify, shutdown.clone());
            move || notifier::run(bus.clone(), readers.clone(), Arc::clone(&notify), shutdown.clone())
        });
        Ok(Self {
            desk: handle,
            feed: feed_handle,
            bus,
            broker,
            mqtt,
            listeners,
            latest,
            notices: opened.notices,
            secrets,
            feed_name: config.feed.provider.name(),
            replay_speed: config.feed.provider.is_replay().then_some(config.provider.replay.speed),
            supervisor,
            presence,
            shutdown,
        })
    }

    /// What ends when the services end.
    pub fn shutdown(&self) -> CancellationToken {
        self.shutdown.clone()
    }

    /// Runs a task beside the services, as one of them: a panic in it restarts it.
    pub fn supervisor(&self) -> &Supervisor {
        &self.supervisor
    }

    /// Waits until a service that cannot be restarted has failed; its name.
    pub async fn failed(&self) -> &'static str {
        self.supervisor.failed().await
    }

    /// Which service has failed for good, if any.
    pub fn failed_service(&self) -> watch::Receiver<Option<&'static str>> {
        self.supervisor.watch_failed()
    }

    /// Says that the REST interface is there.
    pub async fn announce(&self, service: &'static str) {
        self.presence.announce(&self.bus, service).await;
    }

    /// Says offline, saves, and ends everything.
    pub async fn stop(self) {
        let ending = async {
            self.presence.say_offline(&self.bus).await;
            self.shutdown.cancel();
            self.supervisor.join().await;
            self.bus.close().await;
            if let Some(broker) = self.broker {
                broker.shutdown().await;
            }
        };
        if tokio::time::timeout(STOP_TIME_OUT, ending).await.is_err() {
            tracing::warn!("a service did not end in time; what was acknowledged is saved");
        }
    }
}

/// A key that is set or removed counts at once: providers that stopped for want of one are asked again.
async fn use_new_keys(secrets: Arc<Secrets>, feed: FeedHandle, shutdown: CancellationToken) {
    let mut changes = secrets.changes();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            changed = changes.changed() => match changed {
                Ok(()) => feed.key_changed().await,
                Err(_) => return,
            },
        }
    }
}

/// The broker inside with its rules, or the way to the one elsewhere.
fn connect(
    config: &Config,
    topics: &Topics,
    desk: &DeskHandle,
    access: &Arc<bus::Access>,
    presence: &presence::Presence,
) -> Result<(Option<Broker>, Bus), StartError> {
    if !config.broker.url.is_empty() {
        let elsewhere = external(config, presence)?;
        return Ok((None, Bus::external(&elsewhere, topics.clone(), &presence.status("engine"))?));
    }
    let policy = TopicPolicy {
        topics: topics.clone(),
        accounts: Arc::new(desk.clone()),
        access: Arc::clone(access),
        logins: Arc::default(),
        home_assistant: home_assistant::is_needed(config),
    };
    let broker = Broker::start(broker::Config::default(), Arc::new(policy)).map_err(StartError::Broker)?;
    let bus = Bus::embedded(&broker, topics.clone());
    Ok((Some(broker), bus))
}

fn external(config: &Config, presence: &presence::Presence) -> Result<ExternalBroker, StartError> {
    let section = &config.broker;
    let login = if section.user.is_empty() {
        None
    } else {
        let unreadable = |source| StartError::PasswordFile { path: section.password_file.clone(), source };
        let password = std::fs::read_to_string(&section.password_file).map_err(unreadable)?;
        Some((section.user.clone(), password.trim_end_matches(['\r', '\n']).to_owned()))
    };
    let client_id = format!("quickstocks-{}", presence.instance());
    Ok(ExternalBroker { url: section.url.clone(), login, client_id })
}

/// The feed that is configured; with [`Keep::ReadOnly`] it leaves the data folder as it is.
pub(crate) fn feed_config(config: &Config, secrets: &Arc<Secrets>, keep: Keep) -> Result<FeedConfig, StartError> {
    // Recorded prices are no last quotes: an earlier replay's would seem newer than a later one's.
    let keeps_quotes = keep == Keep::ReadWrite && !config.feed.provider.is_replay();
    Ok(FeedConfig {
        source: providers::source(config, secrets, keep)?,
        poll_interval: config.feed.poll_interval.duration(),
        symbols: config.feed.symbols.clone(),
        data_dir: keeps_quotes.then(|| config.data_dir.clone()),
        patience: Patience::default(),
    })
}
