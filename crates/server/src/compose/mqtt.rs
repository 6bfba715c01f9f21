//! The MQTT listeners: opened at the start, as soon as their ports are free, and anew whenever the settings say other
//! places; and who may come through them without a login. One task owns them; everybody else asks it.

pub(super) mod access;
mod slot;

use std::{collections::BTreeSet, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use broker::{Broker, Carrier, Origins};
use bus::Access;
use serde::Serialize;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{MissedTickBehavior, interval},
};
use utoipa::ToSchema;

use super::{
    PortTaken, StartError, Supervisor,
    certificate::{Certificate, Files},
};
use crate::config::{BrokerSection, Config, Service};
use slot::Slot;
pub(crate) use slot::listener_problem;

/// How often a taken port is tried again, and the files of the certificate are looked at.
const RETRY: Duration = Duration::from_secs(3);
/// What is asked of the listeners and waits, at the most.
const ASKS_MAX: usize = 16;

/// Where MQTT clients connect, or why they cannot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MqttState {
    /// Each listener that there is or should be.
    pub listeners: Vec<ListenerState>,
    /// What those with TLS show.
    pub certificate: Option<CertificateState>,
}

impl MqttState {
    /// How one of the listeners is.
    pub fn of(&self, service: Service) -> Option<&ListenerState> {
        self.listeners.iter().find(|listener| listener.service == service)
    }

    /// Where clients connect over TCP.
    pub fn address(&self) -> Option<SocketAddr> {
        self.of(Service::Mqtt)?.address
    }

    /// Why one of the listeners is not there, the first that is not.
    pub fn problem(&self) -> Option<&str> {
        self.listeners.iter().find_map(|listener| listener.problem.as_deref())
    }

    /// The port of the listener over TCP, where another program has it.
    pub fn taken(&self) -> Option<TakenPort> {
        self.of(Service::Mqtt)?.taken
    }
}

/// How a listener is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ListenerState {
    /// Who connects there.
    pub service: Service,
    /// Where it listens.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    #[schema(value_type = Option<String>)]
    pub address: Option<SocketAddr>,
    /// Why it does not; names the next free port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// The port, where another program has it.
    #[serde(skip)]
    pub taken: Option<TakenPort>,
}

/// The certificate that is shown to clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct CertificateState {
    /// Its SHA-256, as `AB:CD:…`; left out where no certificate could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The file that it stands in.
    pub file: String,
    /// Why what stands there now is not what is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// A port that another program has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakenPort {
    /// The port that was asked for.
    pub port: u16,
    /// The next one above that is free, if any is near.
    pub free: Option<u16>,
}

/// The way to the listeners. Cheap to clone.
#[derive(Debug, Clone)]
pub struct MqttListeners(mpsc::Sender<Ask>);

#[derive(Debug)]
enum Ask {
    /// Listen as these settings say.
    Apply(Box<BrokerSection>, oneshot::Sender<()>),
    /// Listen on this port in place of the one that is taken.
    Move(u16, oneshot::Sender<Result<(), StartError>>),
    /// Let these origins in: our own page is there.
    OwnPage(Vec<String>),
}

impl MqttListeners {
    /// Listens and lets in as these settings say from now on, with the certificate that its files hold now; what stays
    /// where it is is left alone. What fails is told in the state, and tried again.
    pub async fn apply(&self, settings: &BrokerSection) {
        let (done, is_done) = oneshot::channel();
        if self.0.send(Ask::Apply(Box::new(settings.clone()), done)).await.is_ok() {
            is_done.await.ok();
        }
    }

    /// Listens for TCP on this port instead, until the end of the program. Where it listens already, nothing is done.
    pub async fn use_port(&self, port: u16) -> Result<(), StartError> {
        let (answer, answered) = oneshot::channel();
        if self.0.send(Ask::Move(port, answer)).await.is_err() {
            return Ok(());
        }
        answered.await.unwrap_or(Ok(()))
    }

    /// Lets our own web page, served there, open the WebSocket.
    pub(crate) async fn own_page(&self, addr: SocketAddr, hosts: &BTreeSet<String>) {
        self.0.send(Ask::OwnPage(origins_of(addr, hosts))).await.ok();
    }
}

/// What a browser names as the origin of a page that is served at this address, itself or behind a proxy.
fn origins_of(addr: SocketAddr, hosts: &BTreeSet<String>) -> Vec<String> {
    let port = addr.port();
    let here =
        ["localhost".to_owned(), "127.0.0.1".to_owned(), "[::1]".to_owned(), SocketAddr::new(addr.ip(), 0).to_string()];
    let here = here
        .into_iter()
        .flat_map(|host| ["http", "https"].map(|scheme| format!("{scheme}://{}:{port}", host.trim_end_matches(":0"))));
    let named = |host: &String| {
        let with_port = ["http", "https"].map(|scheme| format!("{scheme}://{host}:{port}"));
        with_port.into_iter().chain([format!("https://{host}"), format!("http://{host}")])
    };
    here.chain(hosts.iter().flat_map(named)).collect()
}

/// Opens the listeners, and keeps them.
pub(super) async fn listen(
    config: &Config,
    broker: Option<&Broker>,
    access: Arc<Access>,
    port_taken: PortTaken,
    supervisor: &Supervisor,
) -> Result<(watch::Receiver<MqttState>, MqttListeners), StartError> {
    let (told, state) = watch::channel(MqttState::default());
    let (asks, asked) = mpsc::channel(ASKS_MAX);
    let Some(broker) = broker else { return Ok((state, MqttListeners(asks))) };
    let mut keeper = Keeper::new(broker.clone(), access, config, told);
    let opened = keeper.apply(&config.broker).await;
    if port_taken == PortTaken::Fail {
        opened?;
    }
    let shutdown = supervisor.shutdown();
    supervisor.essential("mqtt listeners", async move {
        shutdown.run_until_cancelled(keeper.run(asked)).await;
    });
    Ok((state, MqttListeners(asks)))
}

/// The task that owns the listeners. When it ends they are dropped: the broker then says goodbye to their clients.
struct Keeper {
    broker: Broker,
    access: Arc<Access>,
    data_dir: PathBuf,
    slots: [Slot; 4],
    certificate: Certificate,
    origins: Origins,
    allowed: BTreeSet<String>,
    own_page: Vec<String>,
    told: watch::Sender<MqttState>,
}

impl Keeper {
    fn new(broker: Broker, access: Arc<Access>, config: &Config, told: watch::Sender<MqttState>) -> Self {
        Self {
            broker,
            access,
            data_dir: config.data_dir.clone(),
            slots: Service::ALL.map(Slot::new),
            certificate: Certificate::new(Files::of_broker(&config.broker, &config.data_dir)),
            origins: Origins::default(),
            allowed: BTreeSet::new(),
            own_page: Vec::new(),
            told,
        }
    }

    async fn run(mut self, mut asked: mpsc::Receiver<Ask>) {
        let mut tries = interval(RETRY);
        tries.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = tries.tick() => {
                    self.look().await;
                    // Told in the state.
                    let _ = self.open().await;
                }
                Some(ask) = asked.recv() => self.answer(ask).await,
            }
            self.tell();
        }
    }

    async fn answer(&mut self, ask: Ask) {
        // Whoever asked may be gone.
        match ask {
            Ask::Apply(settings, done) => {
                // Told in the state.
                let _ = self.apply(&settings).await;
                done.send(()).ok();
            }
            Ask::Move(port, answer) => drop(answer.send(self.move_to(port).await)),
            Ask::OwnPage(origins) => {
                self.own_page = origins;
                self.allow();
            }
        }
    }

    /// Closes what should not be there before it opens what should: one may want the port of another.
    async fn apply(&mut self, settings: &BrokerSection) -> Result<(), StartError> {
        access::set(&self.access, settings, &self.broker);
        self.allowed.clone_from(&settings.allowed_origins);
        self.allow();
        for slot in &mut self.slots {
            slot.want(settings.address(slot.service)).await;
        }
        let files = Files::of_broker(settings, &self.data_dir);
        if self.certificate.files != files {
            self.certificate.files = files;
        }
        self.look().await;
        let opened = self.open().await;
        self.tell();
        opened
    }

    /// Listens wherever it should and does not yet; the first failure.
    async fn open(&mut self) -> Result<(), StartError> {
        let mut outcome = Ok(());
        for slot in self.slots.iter_mut().filter(|slot| slot.is_waiting()) {
            let service = slot.service;
            let web = service.is_web().then(|| self.origins.clone());
            let opened = match (service.has_tls(), &self.certificate.tls) {
                (true, None) => {
                    let reason = self.certificate.problem.clone().unwrap_or_default();
                    slot.fail(format!("{}: {reason}", service.setting()));
                    Err(StartError::Certificate { setting: service.setting(), reason })
                }
                (true, tls) => slot.open(&self.broker, Carrier { tls: tls.clone(), web }).await,
                (false, _) => slot.open(&self.broker, Carrier { tls: None, web }).await,
            };
            outcome = outcome.and(opened);
        }
        outcome
    }

    async fn move_to(&mut self, port: u16) -> Result<(), StartError> {
        let Some(slot) = self.slots.iter_mut().find(|slot| slot.service == Service::Mqtt && slot.is_waiting()) else {
            return Ok(());
        };
        let before = slot.wanted;
        slot.wanted = before.map(|addr| SocketAddr::new(addr.ip(), port));
        let moved = slot.open(&self.broker, Carrier::default()).await;
        if moved.is_err() {
            slot.wanted = before;
        }
        self.tell();
        moved
    }

    /// Looks at the certificate, where one is needed.
    async fn look(&mut self) {
        if !self.slots.iter().any(|slot| slot.service.has_tls() && slot.wanted.is_some()) {
            return;
        }
        let nothing = Certificate::new(self.certificate.files.clone());
        self.certificate = std::mem::replace(&mut self.certificate, nothing).looked().await;
    }

    fn allow(&self) {
        self.origins.allow(self.allowed.iter().chain(&self.own_page).cloned());
    }

    fn tell(&self) {
        let listeners: Vec<_> = self.slots.iter().filter_map(Slot::state).collect();
        let certificate = listeners.iter().any(|listener| listener.service.has_tls()).then(|| CertificateState {
            fingerprint: self.certificate.tls.as_ref().map(broker::Tls::fingerprint),
            file: self.certificate.files.certificate.display().to_string(),
            problem: self.certificate.problem.clone(),
        });
        let now = MqttState { listeners, certificate };
        self.told.send_if_modified(|before| {
            let differs = *before != now;
            if differs {
                *before = now;
            }
            differs
        });
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.told.send_replace(MqttState::default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_page_is_where_it_is_served() {
        let origins = origins_of("127.0.0.1:8080".parse().unwrap(), &BTreeSet::from(["ticker.example".into()]));
        for ours in ["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080", "https://ticker.example"] {
            assert!(origins.iter().any(|origin| origin == ours), "{ours}: {origins:?}");
        }
        assert!(!origins.iter().any(|origin| origin == "http://127.0.0.1"));
        let network = origins_of("[2001:db8::1]:80".parse().unwrap(), &BTreeSet::new());
        assert!(network.contains(&"http://[2001:db8::1]:80".to_owned()));
    }
}
