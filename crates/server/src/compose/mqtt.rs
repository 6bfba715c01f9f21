//! The MQTT listener: opened at the start, or as soon as its port is free.

use std::{
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use broker::{Broker, Error, Listener};
use tokio::sync::watch;

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
}

pub(super) async fn listen(
    config: &Config,
    broker: Option<&Broker>,
    port_taken: PortTaken,
    supervisor: &Supervisor,
) -> Result<watch::Receiver<MqttState>, StartError> {
    let (told, state) = watch::channel(MqttState::default());
    let (Some(broker), Some(addr)) = (broker, config.broker.listen.socket()) else {
        return Ok(state);
    };
    match broker.listen(addr).await {
        Ok(listener) => keep(listener, told, supervisor),
        Err(error) if port_taken == PortTaken::Fail => return Err(refused(addr, &error)),
        Err(error) => {
            let problem = refused(addr, &error).to_string();
            tracing::warn!("{problem}");
            told.send_replace(MqttState { address: None, problem: Some(problem) });
            keep_trying(broker.clone(), addr, told, supervisor);
        }
    }
    Ok(state)
}

/// Holds an open listener until the shutdown.
fn keep(listener: Listener, told: watch::Sender<MqttState>, supervisor: &Supervisor) {
    let addr = listener.local_addr();
    tracing::info!("listening service=mqtt addr={addr}");
    told.send_replace(MqttState { address: Some(addr), problem: None });
    let shutdown = supervisor.shutdown();
    supervisor.essential("mqtt listener", async move {
        shutdown.cancelled().await;
        listener.close().await;
        told.send_replace(MqttState::default());
    });
}

fn keep_trying(broker: Broker, addr: SocketAddr, told: watch::Sender<MqttState>, supervisor: &Supervisor) {
    let (shutdown, later) = (supervisor.shutdown(), supervisor.clone());
    supervisor.essential("mqtt port", async move {
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(RETRY) => {}
            }
            if let Ok(listener) = broker.listen(addr).await {
                keep(listener, told, &later);
                // Nothing more to do, but an essential task lasts until the shutdown.
                shutdown.cancelled().await;
                return;
            }
        }
    });
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
