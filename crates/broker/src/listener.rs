//! Accepting connections. Must never do anything for a connection itself: each has a task of its own.

use crate::carrier::Carrier;
use crate::error::Error;
use crate::registry::Registry;
use crate::{Broker, GOODBYES, session};
use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Connections of a listener beyond those that may be sessions: some are still saying who they are, some are leaving.
const SPARE: usize = 1_024;
/// After a failed accept (no file descriptor left, mostly) wait this long, and twice as long after each further one.
const BACK_OFF: Duration = Duration::from_millis(20);
const MAX_BACK_OFF: Duration = Duration::from_secs(1);

/// An address that is listened on, until this is closed or dropped.
#[derive(Debug)]
pub struct Listener {
    addr: SocketAddr,
    broker: Broker,
    stop: CancellationToken,
    guests: Arc<Guests>,
    task: Option<JoinHandle<Option<()>>>,
}

impl Listener {
    pub(crate) async fn open(broker: &Broker, addr: SocketAddr, carrier: Carrier) -> Result<Self, Error> {
        let failed = |source| Error::Bind { addr, source };
        let bound = broker.thread().spawn(TcpListener::bind(addr)).await;
        let socket = bound.map_err(|_| Error::Closed)?.map_err(failed)?;
        let addr = socket.local_addr().map_err(failed)?;
        let (stop, guests) = (broker.stopping().child_token(), Arc::new(Guests::default()));
        let door = Door { broker: broker.clone(), carrier, places: places(broker), guests: Arc::clone(&guests) };
        let accepting = door.accept(socket);
        let task = broker.tasks().spawn_on(stop.clone().run_until_cancelled_owned(accepting), broker.thread());
        Ok(Self { addr, broker: broker.clone(), stop, guests, task: Some(task) })
    }

    /// Where it listens; with the port that was chosen, if port 0 was asked for.
    pub fn local_addr(&self) -> SocketAddr {
        self.addr
    }

    /// Stops listening, and ends the sessions that came this way: their clients are told that it was meant so
    /// (reason code 0x98), and their wills are published. The address is free when this returns. A listener that is
    /// dropped leaves its sessions.
    pub async fn close(mut self) {
        self.stop.cancel();
        if let Some(task) = self.task.take() {
            task.await.ok();
        }
        let (guests, broker) = (Arc::clone(&self.guests), self.broker.clone());
        guests.dismiss(broker.registry());
        let tasks = broker.tasks().clone();
        tasks.spawn_on(async move { guests.leave().await }, broker.thread());
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn places(broker: &Broker) -> Arc<Semaphore> {
    let places = broker.config().max_sessions.saturating_add(SPARE);
    Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS)))
}

/// What every connection of a listener needs.
struct Door {
    broker: Broker,
    carrier: Carrier,
    places: Arc<Semaphore>,
    guests: Arc<Guests>,
}

impl Door {
    async fn accept(self, socket: TcpListener) {
        let mut back_off = BACK_OFF;
        loop {
            match socket.accept().await {
                Ok((stream, peer)) => {
                    back_off = BACK_OFF;
                    self.begin(stream, peer);
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
    fn begin(&self, stream: TcpStream, peer: SocketAddr) {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else { return };
        stream.set_nodelay(true).ok();
        let serial = self.broker.next_serial();
        let guest = Guest::new(serial, Arc::clone(&self.guests));
        // In a box, or each future around it holds it more than once.
        let serving = Box::pin(serve(stream, peer, serial, self.carrier.clone(), self.broker.clone()));
        let serving = self.guests.cut_off.clone().run_until_cancelled_owned(serving);
        self.broker.tasks().spawn(self.guests.tasks.track_future(async move {
            serving.await;
            drop((guest, place));
        }));
    }
}

/// Shakes hands, within the time that there is for a CONNECT, and begins the session.
async fn serve(stream: TcpStream, peer: SocketAddr, serial: u64, carrier: Carrier, broker: Broker) {
    if carrier.is_plain() {
        return session::serve(stream, peer, serial, broker).await;
    }
    let opening = Box::pin(carrier.open(stream, broker.config().max_packet));
    let opening = timeout(broker.config().connect_timeout, opening);
    match broker.stopping().run_until_cancelled(opening).await {
        Some(Ok(Ok(stream))) => session::serve(stream, peer, serial, broker).await,
        Some(Ok(Err(error))) => tracing::debug!(%peer, %error, "a client did not shake hands"),
        Some(Err(_)) | None => {}
    }
}

/// The connections that came through one listener.
#[derive(Debug, Default)]
struct Guests {
    serials: Mutex<HashSet<u64>>,
    tasks: TaskTracker,
    cut_off: CancellationToken,
}

impl Guests {
    fn lock(&self) -> MutexGuard<'_, HashSet<u64>> {
        self.serials.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the sessions among them to end.
    fn dismiss(&self, registry: &Registry) {
        let serials = self.lock().clone();
        registry.dismiss(|serial| serials.contains(&serial));
    }

    /// Waits for them to leave; whoever has not begun a session, or takes no goodbye, is cut off.
    async fn leave(&self) {
        self.tasks.close();
        timeout(GOODBYES, self.tasks.wait()).await.ok();
        self.cut_off.cancel();
    }
}

/// One of them, for as long as this is held.
#[derive(Debug)]
struct Guest {
    serial: u64,
    guests: Arc<Guests>,
}

impl Guest {
    fn new(serial: u64, guests: Arc<Guests>) -> Self {
        guests.lock().insert(serial);
        Self { serial, guests }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.guests.lock().remove(&self.serial);
    }
}
