//! Puts the services together: broker, bus, desk, feed, dispatcher, notifier, each a supervised task. All of them in one
//! process or one in each: a function for each role, and what it needs of others comes by a handle that is either the
//! service itself or the way to it on the bus.
//!
//! The same for the daemon and the desktop; what differs comes in as [`Parts`]. Must never do a service's own work.

mod broker_watch;
pub(crate) mod certificate;
mod contact;
mod destinations;
mod doors;
mod following;
mod home_assistant;
mod instance;
mod latest;
mod logins;
mod mqtt;
mod presence;
mod providers;
mod role;
mod roles;
mod sole_desk;
mod supervisor;

use std::{fmt, sync::Arc, time::Duration};

use broker::Broker;
use bus::{Bus, Calls, Topics, Whereabouts};
use market::UserName;
use quote_engine::{
    desk::{self, Desk, DeskHandle, Opened, Relay},
    destinations::DestinationsHandle,
    feed::{FeedConfig, FeedHandle, Patience},
    notifier::Notify,
    provider::settings::{Keep, Share},
    secrets::Secrets,
    store::ProfileStore,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::config::Config;

pub use certificate::{CERTIFICATE_FILE, KEY_FILE};
pub use contact::SERVICE_FILE;
pub(crate) use contact::whereabouts;
pub use latest::Latest;
pub(crate) use mqtt::listener_problem;
pub use mqtt::{CertificateState, ListenerState, MqttListeners, MqttState, TakenPort};
pub(crate) use providers::every_provider;
pub use role::{Role, Roles};
pub use supervisor::Supervisor;

use self::{contact::Contact, doors::Doors, instance::Instance, presence::Presence, roles::Ground};

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
    /// There is a desk already, elsewhere.
    #[error(
        "broker.url: another desk is at work on this bus (status/desk/{0}) and there can be only one; end it first, or run this one beside it on its data folder once it has ended"
    )]
    OtherDesk(String),
}

/// The services of this process, running; and the ways to all others.
pub struct Services {
    /// The way to users, watchlists and alerts.
    pub desk: DeskHandle,
    /// The way to quotes, search and history.
    pub feed: FeedHandle,
    /// The way to what delivers alerts to users' destinations.
    pub destinations: DestinationsHandle,
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
    /// Where the broker elsewhere is.
    pub(crate) elsewhere: Option<Whereabouts>,
    supervisor: Supervisor,
    presence: Presence,
    /// Whether a desk that is alone has found that it is the only one.
    admitted: watch::Receiver<roles::Admission>,
    shutdown: CancellationToken,
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services").field("presence", &self.presence).finish_non_exhaustive()
    }
}

impl Services {
    /// Starts everything. When this returns, the listener (if any) listens and the services are at work.
    pub async fn start(config: &Config, parts: Parts) -> Result<Self, StartError> {
        Self::start_as(config, parts, &Roles::all(config.broker.url.is_empty())).await
    }

    /// Starts these services. What they need of others they find on the bus, whenever those are there.
    pub async fn start_as(config: &Config, parts: Parts, roles: &Roles) -> Result<Self, StartError> {
        let topics = Topics::new(config.broker.topic_root.as_str(), config.broker.escape_dots);
        let opened = if roles.has(Role::Desk) { Some(Desk::open(&config.data_dir, parts.store)?) } else { None };
        let presence = Presence::new(Instance::of(&config.data_dir, roles), roles);
        let link = Link::make(config, topics, roles, &presence)?;
        let shutdown = CancellationToken::new();
        let supervisor = Supervisor::new(shutdown.clone());
        let contact = link.contact.clone();
        let (mqtt, listeners) =
            mqtt::listen(config, link.broker.as_ref(), link.access, parts.port_taken, &supervisor).await?;
        let calls = Calls::new(link.bus.clone(), &presence.address());
        let ground = Ground { config, roles, bus: link.bus.clone(), presence, supervisor, calls };
        let (desk, opened_desk, notices) = way_to_desk(opened, &ground);
        if let Some(doors) = &link.doors {
            doors.open(&desk);
        }
        if let (Some(broker), Some(contact)) = (&link.broker, contact) {
            ground.run_broker(broker, contact, mqtt.clone(), &desk);
        }
        let secrets = Arc::new(Secrets::new(&config.data_dir));
        let feed = ground.run_engine_or_reach_it(&desk, &secrets)?;
        let latest = latest::watch(&ground.bus, &ground.supervisor);
        let admitted = ground.run_desk(opened_desk, &desk);
        let destinations = destinations::start(&ground, &desk, &secrets, &parts.languages)?;
        if roles.has(Role::Dispatcher) {
            ground.run_dispatcher(&desk, parts.notify, parts.notify_user, parts.languages);
        }
        let Ground { bus, presence, supervisor, .. } = ground;
        Ok(Self {
            desk,
            feed,
            destinations,
            bus,
            broker: link.broker,
            mqtt,
            listeners,
            latest,
            notices,
            secrets,
            feed_name: config.feed.provider.name(),
            replay_speed: config.feed.provider.is_replay().then_some(config.provider.replay.speed),
            elsewhere: link.elsewhere,
            supervisor,
            presence,
            admitted,
            shutdown,
        })
    }

    /// Waits until these services are connected; a desk also until it knows that it is the only one, or that it is not.
    pub async fn ready(&self) -> Result<(), StartError> {
        self.bus.connected().await;
        let mut admitted = self.admitted.clone();
        let admission = admitted.wait_for(|admission| *admission != roles::Admission::Pending).await;
        match admission.as_deref() {
            Ok(roles::Admission::Refused(other)) => Err(StartError::OtherDesk(other.clone())),
            _ => Ok(()),
        }
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

/// The way onto the bus: the broker inside with its rules, or the one elsewhere.
struct Link {
    bus: Bus,
    broker: Option<Broker>,
    access: Arc<bus::Access>,
    doors: Option<Arc<Doors>>,
    contact: Option<Contact>,
    elsewhere: Option<Whereabouts>,
}

impl Link {
    fn make(config: &Config, topics: Topics, roles: &Roles, presence: &Presence) -> Result<Self, StartError> {
        let access = mqtt::access::of(&config.broker);
        if !roles.has(Role::Broker) {
            let client_id = format!("quickstocks-{}", presence.address());
            let elsewhere = whereabouts(&config.broker, &config.data_dir, &client_id)?;
            let bus = Bus::external(Arc::clone(&elsewhere), topics, Some(&presence.will()))?;
            return Ok(Self { bus, broker: None, access, doors: None, contact: None, elsewhere: Some(elsewhere) });
        }
        let contact = Contact::of_broker(&config.data_dir);
        let doors = Doors::new(contact.clone());
        let policy = roles::policy(config, topics.clone(), Arc::clone(&access), Arc::clone(&doors));
        let broker = Broker::start(broker::Config::default(), Arc::new(policy)).map_err(StartError::Broker)?;
        let bus = Bus::embedded(&broker, topics);
        Ok(Self { bus, broker: Some(broker), access, doors: Some(doors), contact: Some(contact), elsewhere: None })
    }
}

/// The desk in this process, yet to be put to work, or the way to the one in another.
fn way_to_desk(opened: Option<Opened>, ground: &Ground<'_>) -> (DeskHandle, Option<Desk>, Vec<String>) {
    if let Some(Opened { desk, handle, notices }) = opened {
        return (handle, Some(desk), notices);
    }
    let (relay, handle) = Relay::new(ground.bus.clone(), ground.calls.clone());
    ground.supervisor.essential("way to the desk", relay.run(ground.supervisor.shutdown()));
    (handle, None, Vec::new())
}

/// The feed that is configured; with [`Keep::ReadOnly`] it leaves the data folder as it is.
pub(crate) fn feed_config(
    config: &Config,
    secrets: &Arc<Secrets>,
    keep: Keep,
    share: &Share,
) -> Result<FeedConfig, StartError> {
    // Recorded prices are no last quotes: an earlier replay's would seem newer than a later one's.
    let keeps_quotes = keep == Keep::ReadWrite && !config.feed.provider.is_replay();
    Ok(FeedConfig {
        source: providers::source(config, secrets, keep, share)?,
        poll_interval: config.feed.poll_interval.duration(),
        symbols: config.feed.symbols.clone(),
        data_dir: keeps_quotes.then(|| config.data_dir.clone()),
        patience: Patience::default(),
    })
}
