//! The MQTT listener: opened at the start, as soon as its port is free, or on another port when the user says so.

use std::{
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use broker::{Broker, Error, Listener};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::Instant,
};

use super::{PortTaken, StartError, Supervisor};
use crate::config::Config;

/// How often a taken port is tried again.
const RETRY: Duration = Duration::from_secs(3);
/// How many ports above a taken one are looked at.
const PORTS_LOOKED_AT: u16 = 100;
const SETTING: &str = "broker.listen";

/// Where MQTT clients connect, or why they cannot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MqttState {
    /// The address of the listener.
    pub address: Option<SocketAddr>,
    /// Why there is none, where there should be one; names the next free port.
    pub problem: Option<String>,
    /// The port, where another program has it.
    pub taken: Option<TakenPort>,
}

/// A port that another program has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakenPort {
    /// The port that was asked for.
    pub port: u16,
    /// The next one above that is free, if any is near.
    pub free: Option<u16>,
}

/// Moves a listener that waits for its port. Cheap to clone.
#[derive(Debug, Clone)]
pub struct MqttPort(mpsc::Sender<Move>);

#[derive(Debug)]
struct Move {
    port: u16,
    answer: Answer,
}

type Answer = oneshot::Sender<Result<(), StartError>>;

impl MqttPort {
    /// Listens on this port instead, until the end of the program. Where it listens already, nothing is done.
    pub async fn use_port(&self, port: u16) -> Result<(), StartError> {
        let (answer, answered) = oneshot::channel();
        if self.0.send(Move { port, answer }).await.is_err() {
            return Ok(());
        }
        answered.await.unwrap_or(Ok(()))
    }
}

pub(super) async fn listen(
    config: &Config,
    broker: Option<&Broker>,
    port_taken: PortTaken,
    supervisor: &Supervisor,
) -> Result<(watch::Receiver<MqttState>, MqttPort), StartError> {
    let (told, state) = watch::channel(MqttState::default());
    let (asks, asked) = mpsc::channel(1);
    let both = (state, MqttPort(asks));
    let (Some(broker), Some(addr)) = (broker, config.broker.listen.socket()) else {
        return Ok(both);
    };
    match broker.listen(addr).await {
        Ok(listener) => keep(listener, told, supervisor),
        Err(error) if port_taken == PortTaken::Fail => return Err(refused(addr, &error)),
        Err(error) => {
            let state = trouble(addr, &error);
            tracing::warn!("{}", state.problem.as_deref().unwrap_or_default());
            told.send_replace(state);
            Waiting { broker: broker.clone(), addr, told, asked }.start(supervisor);
        }
    }
    Ok(both)
}

/// Holds an open listener until the shutdown.
fn keep(listener: Listener, told: watch::Sender<MqttState>, supervisor: &Supervisor) {
    let addr = listener.local_addr();
    tracing::info!("listening service=mqtt addr={addr}");
    told.send_replace(MqttState { address: Some(addr), ..MqttState::default() });
    let shutdown = supervisor.shutdown();
    supervisor.essential("mqtt listener", async move {
        shutdown.cancelled().await;
        listener.close().await;
        told.send_replace(MqttState::default());
    });
}

/// Waits for its port, or to be sent to another one.
struct Waiting {
    broker: Broker,
    addr: SocketAddr,
    told: watch::Sender<MqttState>,
    asked: mpsc::Receiver<Move>,
}

impl Waiting {
    fn start(mut self, supervisor: &Supervisor) {
        let (shutdown, later) = (supervisor.shutdown(), supervisor.clone());
        supervisor.essential("mqtt port", async move {
            let Some((listener, answer)) = shutdown.run_until_cancelled(self.listener()).await else { return };
            let Self { told, asked, .. } = self;
            keep(listener, told, &later);
            // Who asked may be gone.
            answer.map(|answer| answer.send(Ok(())));
            // Closed, so that a later request to move knows that there is nothing to do.
            drop(asked);
            // Nothing more to do here, but an essential task lasts until the shutdown.
            shutdown.cancelled().await;
        });
    }

    /// The listener, and who wants to hear that it is there.
    async fn listener(&mut self) -> (Listener, Option<Answer>) {
        let mut tries = tokio::time::interval_at(Instant::now() + RETRY, RETRY);
        loop {
            tokio::select! {
                _ = tries.tick() => if let Ok(listener) = self.broker.listen(self.addr).await {
                    return (listener, None);
                },
                Some(Move { port, answer }) = self.asked.recv() => {
                    let addr = SocketAddr::new(self.addr.ip(), port);
                    match self.broker.listen(addr).await {
                        Ok(listener) => return (listener, Some(answer)),
                        Err(error) => drop(answer.send(Err(refused(addr, &error)))),
                    }
                }
            }
        }
    }
}

fn trouble(addr: SocketAddr, error: &Error) -> MqttState {
    let in_use = matches!(error, Error::Bind { source, .. } if source.kind() == std::io::ErrorKind::AddrInUse);
    let taken = in_use.then(|| TakenPort { port: addr.port(), free: next_free(addr) });
    MqttState { address: None, problem: Some(refused(addr, error).to_string()), taken }
}

fn refused(addr: SocketAddr, error: &Error) -> StartError {
    match error {
        Error::Bind { source, .. } => listener_problem(SETTING, addr, source),
        other => StartError::Listen { setting: SETTING, addr, reason: other.to_string() },
    }
}

/// What is wrong with a listener's address, which setting names it, and which port would do.
pub(crate) fn listener_problem(setting: &'static str, addr: SocketAddr, source: &std::io::Error) -> StartError {
    let reason = match (source.kind(), next_free(addr)) {
        (std::io::ErrorKind::AddrInUse, Some(port)) => format!("another program uses it; port {port} is free"),
        (std::io::ErrorKind::AddrInUse, None) => "another program uses it".into(),
        _ => source.to_string(),
    };
    StartError::Listen { setting, addr, reason }
}

fn next_free(taken: SocketAddr) -> Option<u16> {
    let above = taken.port().checked_add(1)?..=taken.port().saturating_add(PORTS_LOOKED_AT);
    above.into_iter().find(|port| TcpListener::bind((taken.ip(), *port)).is_ok())
}
