//! An embedded MQTT broker: the router of rumqttd in the middle, a listener that can face anybody in front.
//!
//! What our own services publish takes one way, wherever they run: through rumqttd's router (`trunk`) to the fan-out
//! (`fanout`, `hub`), the one task that knows who wants what. What other clients publish goes to the fan-out straight: a
//! publisher over TCP would wait for two more threads to wake, and no quote is among it. It keeps the retained values and puts each message into the outboxes of its
//! readers, where a topic that conflates holds its newest value only. Sessions (`session`) and in-process subscriptions
//! (`link`) take from their outbox at their own pace, so nobody slows anybody else. Who may do what is asked of a
//! [`Policy`].
//!
//! Must never know what a topic means, never hand a client's bytes to rumqttd's own listener, and never let a client
//! stop the broker, make it grow without bound or touch another client's session.

mod carrier;
mod config;
mod decode;
mod encode;
mod error;
mod fanout;
mod fields;
mod filter;
mod followed;
#[cfg(fuzzing)]
#[allow(missing_docs, clippy::missing_panics_doc)]
pub mod fuzzing;
mod handshake;
mod hub;
mod inbound;
mod index;
mod inflight;
mod link;
mod listener;
mod member;
mod outbound;
mod outbox;
mod parcel;
mod parked;
mod policy;
mod properties;
mod queue;
mod registry;
mod retained;
mod session;
mod stats;
mod thread;
mod trunk;

pub use carrier::{Carrier, Origins, Tls, TlsError};
pub use config::Config;
pub use error::Error;
pub use followed::Followers;
pub use link::{Link, Message, Publication, Subscription};
pub use listener::Listener;
pub use policy::{Identity, Login, Policy, Refusal, Verdict};
pub use stats::Stats;

use fanout::{Command, Fanout};
use filter::is_publishable;
use followed::Followed;
use hub::Hub;
use parcel::Parcel;
use policy::Guarded;
use registry::Registry;
use stats::Counters;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use trunk::Trunk;

/// The largest packet that MQTT knows. What our own process publishes is held to this; clients to [`Config::max_packet`].
const PACKET_MAX: usize = 1 + 4 + 0x0fff_ffff;
/// Sessions have this long to say goodbye when the broker shuts down.
const GOODBYES: Duration = Duration::from_millis(800);

/// A running broker; clones are handles to the same one. It ends with [`Broker::shutdown`], or when the last handle,
/// link, subscription, listener and session has gone.
#[derive(Debug, Clone)]
pub struct Broker {
    shared: Arc<Shared>,
}

struct Shared {
    config: Config,
    policy: Guarded,
    trunk: Arc<Trunk>,
    commands: mpsc::UnboundedSender<Command>,
    registry: Arc<Registry>,
    counters: Arc<Counters>,
    followed: watch::Receiver<Arc<BTreeMap<String, Followers>>>,
    stopping: CancellationToken,
    tasks: TaskTracker,
    thread: Handle,
    serials: AtomicU64,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("stats", &self.counters.snapshot()).finish_non_exhaustive()
    }
}

impl Broker {
    /// Starts a broker that listens nowhere yet, on a thread of its own.
    pub fn start(config: Config, policy: Arc<dyn Policy>) -> Result<Broker, Error> {
        let policy = Guarded::new(policy);
        let counters = Arc::new(Counters::default());
        let (told, followed) = watch::channel(Arc::default());
        let (commands, commanded) = mpsc::unbounded_channel();
        let trunk = Arc::new(Trunk::new());
        let (router, _) = trunk.connect()?;
        let followed_now = Followed::new(&config, Arc::clone(&counters), told);
        let hub = Hub::new(&config, policy.clone(), Arc::clone(&counters), followed_now);
        let canary = config.canary_interval;
        let parts = (Arc::clone(&trunk), Arc::clone(&counters));
        let thread = thread::start(move || Fanout::new(hub, parts.0, router, commanded, parts.1, canary).run())?;
        let shared = Shared {
            thread,
            registry: Arc::new(Registry::new(config.max_sessions)),
            config,
            policy,
            trunk,
            commands,
            counters,
            followed,
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
            serials: AtomicU64::new(0),
        };
        Ok(Broker { shared: Arc::new(shared) })
    }

    /// Listens for MQTT 3.1.1 and 5 over TCP. Port 0 chooses a free one.
    pub async fn listen(&self, addr: SocketAddr) -> Result<Listener, Error> {
        self.listen_with(addr, Carrier::default()).await
    }

    /// The same over TLS, WebSocket or both.
    pub async fn listen_with(&self, addr: SocketAddr, carrier: Carrier) -> Result<Listener, Error> {
        Listener::open(self, addr, carrier).await
    }

    /// A link for our own process, which may do anything.
    pub fn link(&self) -> Link {
        Link { broker: self.clone() }
    }

    /// The topics that remote sessions follow: subscribed to by name, readable for them, and within the bounds.
    pub fn followed(&self) -> watch::Receiver<Arc<BTreeMap<String, Followers>>> {
        self.shared.followed.clone()
    }

    /// What has been counted.
    pub fn stats(&self) -> Stats {
        Stats { sessions: self.shared.registry.len(), ..self.shared.counters.snapshot() }
    }

    /// Ends the sessions of somebody whose login is not what it was, the kept ones too; MQTT 5 is told that it is not
    /// authorized. Their wills are not published. Whoever is on the way in is let in only by a connection made after
    /// this.
    pub fn expel(&self, who: &Identity) {
        let newest = self.next_serial();
        // In this order: whoever joins before the command is among those that the registry ends.
        self.command(Command::Expel { who: who.clone(), newest });
        self.shared.registry.expel(who, newest);
    }

    /// Closes all listeners and sessions; takes a second at most.
    pub async fn shutdown(&self) {
        self.shared.stopping.cancel();
        self.shared.registry.close();
        self.shared.tasks.close();
        tokio::time::timeout(GOODBYES, self.shared.tasks.wait()).await.ok();
        self.command(Command::Stop);
        self.shared.commands.closed().await;
    }

    /// Sends a message on its way, if it may have one.
    pub(crate) async fn publish(&self, parcel: Parcel) -> Result<(), Error> {
        self.shared.trunk.send(self.checked(parcel)?).await
    }

    /// Sends several on their way. What may have none is left out; the first such failure is told.
    pub(crate) async fn publish_all(&self, parcels: impl Iterator<Item = Parcel>) -> Result<(), Error> {
        let (checked, outcome) = self.all_checked(parcels);
        self.shared.trunk.send_all(checked).await.and(outcome)
    }

    /// The same, without the router.
    pub(crate) async fn publish_straight(&self, parcels: impl Iterator<Item = Parcel>) -> Result<(), Error> {
        let (checked, outcome) = self.all_checked(parcels);
        for load in trunk::loads(checked) {
            let room = self.shared.trunk.take_room(&load).await?;
            self.command(Command::Deliver { load, room });
        }
        outcome
    }

    fn all_checked(&self, parcels: impl Iterator<Item = Parcel>) -> (Vec<Arc<Parcel>>, Result<(), Error>) {
        let mut outcome = Ok(());
        let checked = parcels.filter_map(|parcel| match self.checked(parcel) {
            Ok(parcel) => Some(parcel),
            Err(error) => {
                outcome = std::mem::replace(&mut outcome, Ok(())).and(Err(error));
                None
            }
        });
        (checked.collect(), outcome)
    }

    /// A message that may be sent on its way.
    pub(crate) fn checked(&self, parcel: Parcel) -> Result<Arc<Parcel>, Error> {
        let topic = parcel.topic.text();
        if !is_publishable(topic) {
            return Err(Error::Topic { topic: topic.to_string() });
        }
        let size = parcel.size();
        if size > PACKET_MAX {
            return Err(Error::TooLarge { topic: topic.to_string(), size, max: PACKET_MAX });
        }
        let conflates = self.shared.policy.conflates(topic);
        let qos = if conflates { 0 } else { parcel.qos };
        Ok(Arc::new(Parcel { conflates, qos, ..parcel }))
    }

    pub(crate) fn command(&self, command: Command) {
        // Nobody listens only after the end.
        self.shared.commands.send(command).ok();
    }

    pub(crate) fn next_serial(&self) -> u64 {
        self.shared.serials.fetch_add(1, Ordering::Relaxed) + 1
    }

    #[cfg(test)]
    pub(crate) fn mute_router(&self) {
        self.shared.trunk.mute();
    }

    pub(crate) fn config(&self) -> &Config {
        &self.shared.config
    }

    pub(crate) fn policy(&self) -> &Guarded {
        &self.shared.policy
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.shared.counters
    }

    pub(crate) fn registry(&self) -> &Arc<Registry> {
        &self.shared.registry
    }

    pub(crate) fn stopping(&self) -> &CancellationToken {
        &self.shared.stopping
    }

    pub(crate) fn thread(&self) -> &Handle {
        &self.shared.thread
    }

    pub(crate) fn tasks(&self) -> &TaskTracker {
        &self.shared.tasks
    }
}
