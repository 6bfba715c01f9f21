//! One listener: where it should be, where it is, or why it is not there.

use std::net::{SocketAddr, TcpListener};

use broker::{Broker, Carrier, Error, Listener};

use super::{ListenerState, StartError, TakenPort};
use crate::config::Service;

/// How many ports above a taken one are looked at.
const PORTS_LOOKED_AT: u16 = 100;

#[derive(Debug)]
pub(super) struct Slot {
    pub(super) service: Service,
    pub(super) wanted: Option<SocketAddr>,
    open: Option<Listener>,
    problem: Option<String>,
    taken: Option<TakenPort>,
}

impl Slot {
    pub(super) fn new(service: Service) -> Self {
        Self { service, wanted: None, open: None, problem: None, taken: None }
    }

    /// Whether it should listen and does not.
    pub(super) fn is_waiting(&self) -> bool {
        self.wanted.is_some() && self.open.is_none()
    }

    /// What there is to tell, where it should listen.
    pub(super) fn state(&self) -> Option<ListenerState> {
        self.wanted?;
        let address = self.open.as_ref().map(Listener::local_addr);
        Some(ListenerState { service: self.service, address, problem: self.problem.clone(), taken: self.taken })
    }

    /// Should listen there from now on, or nowhere. Who is connected is told where that is another place.
    pub(super) async fn want(&mut self, addr: Option<SocketAddr>) {
        if self.wanted == addr {
            return;
        }
        *self = Self { wanted: addr, open: self.open.take(), ..Self::new(self.service) };
        if let Some(before) = self.open.take() {
            tracing::info!("no longer listening service={} addr={}", self.service.name(), before.local_addr());
            before.close().await;
        }
    }

    /// Listens where it should.
    pub(super) async fn open(&mut self, broker: &Broker, carrier: Carrier) -> Result<(), StartError> {
        let Some(addr) = self.wanted else { return Ok(()) };
        match broker.listen_with(addr, carrier).await {
            Ok(listener) => {
                tracing::info!("listening service={} addr={}", self.service.name(), listener.local_addr());
                (self.open, self.problem, self.taken) = (Some(listener), None, None);
                Ok(())
            }
            Err(error) => {
                let in_use =
                    matches!(&error, Error::Bind { source, .. } if source.kind() == std::io::ErrorKind::AddrInUse);
                self.taken = in_use.then(|| TakenPort { port: addr.port(), free: next_free(addr) });
                let refused = refused(self.service.setting(), addr, &error);
                self.fail(refused.to_string());
                Err(refused)
            }
        }
    }

    /// Does not listen, for this reason; the log hears of it once.
    pub(super) fn fail(&mut self, problem: String) {
        if self.problem.as_ref() != Some(&problem) {
            tracing::warn!("{problem}");
        }
        self.problem = Some(problem);
    }
}

fn refused(setting: &'static str, addr: SocketAddr, error: &Error) -> StartError {
    match error {
        Error::Bind { source, .. } => listener_problem(setting, addr, source),
        other => StartError::Listen { setting, addr, reason: other.to_string() },
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
