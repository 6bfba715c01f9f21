//! Accepting connections. Must never do anything for a connection itself: each has a task of its own.

use crate::Broker;
use crate::error::Error;
use crate::session;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Connections of a listener beyond those that may be sessions: some are still saying who they are, some are leaving.
const SPARE: usize = 1_024;
/// After a failed accept (no file descriptor left, mostly) wait this long, and twice as long after each further one.
const BACK_OFF: Duration = Duration::from_millis(20);
const MAX_BACK_OFF: Duration = Duration::from_secs(1);

/// An address that is listened on, until this is closed or dropped. Sessions that have begun go on.
#[derive(Debug)]
pub struct Listener {
    addr: SocketAddr,
    stop: CancellationToken,
    task: Option<JoinHandle<Option<()>>>,
}

impl Listener {
    pub(crate) async fn open(broker: &Broker, addr: SocketAddr) -> Result<Self, Error> {
        let failed = |source| Error::Bind { addr, source };
        let bound = broker.thread().spawn(TcpListener::bind(addr)).await;
        let socket = bound.map_err(|_| Error::Closed)?.map_err(failed)?;
        let addr = socket.local_addr().map_err(failed)?;
        let stop = broker.stopping().child_token();
        let accepting = accept(socket, broker.clone());
        let task = broker.tasks().spawn_on(stop.clone().run_until_cancelled_owned(accepting), broker.thread());
        Ok(Self { addr, stop, task: Some(task) })
    }

    /// Where it listens; with the port that was chosen, if port 0 was asked for.
    pub fn local_addr(&self) -> SocketAddr {
        self.addr
    }

    /// Stops listening; the address is free when this returns.
    pub async fn close(mut self) {
        self.stop.cancel();
        if let Some(task) = self.task.take() {
            task.await.ok();
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn accept(socket: TcpListener, broker: Broker) {
    let places =
        Arc::new(Semaphore::new(broker.config().max_sessions.saturating_add(SPARE).min(Semaphore::MAX_PERMITS)));
    let mut back_off = BACK_OFF;
    loop {
        match socket.accept().await {
            Ok((stream, peer)) => {
                back_off = BACK_OFF;
                begin(stream, peer, &broker, &places);
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(back_off).await;
                back_off = (back_off * 2).min(MAX_BACK_OFF);
            }
        }
    }
}

/// Without a place the connection is closed at once.
fn begin(stream: TcpStream, peer: SocketAddr, broker: &Broker, places: &Arc<Semaphore>) {
    let Ok(place) = Arc::clone(places).try_acquire_owned() else { return };
    stream.set_nodelay(true).ok();
    let (broker, serial) = (broker.clone(), broker.next_serial());
    let tasks = broker.tasks().clone();
    tasks.spawn(async move {
        session::serve(stream, peer, serial, broker).await;
        drop(place);
    });
}
