//! One remote session, from its first byte to its last, over whatever carries bytes. Reads and writes at the same time,
//! in one task. Must never make anybody but its own client wait, and must never hold more for it than its buffers and
//! its outbox may.

mod talk;

use crate::Broker;
use crate::decode::Fault;
use crate::encode::{self, Welcome};
use crate::fanout::Command;
use crate::handshake::{self, Greeting, NoGreeting, Will};
use crate::hub::{Joined, Newcomer};
use crate::inbound::Inbound;
use crate::outbound::Outbound;
use crate::parcel::{Parcel, Version};
use crate::parked::{Estate, Parting};
use crate::policy::{Identity, Refusal};
use crate::registry::{End, NoEntry, Place};
use bytes::BytesMut;
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// Room made for reading a CONNECT.
const READ: usize = 4 * 1024;
/// A session that ends has this long to take its last words.
const FAREWELL: Duration = Duration::from_millis(500);
/// Bytes that are read and thrown away so that the last words are not lost to a reset.
const LINGER: usize = 64 * 1024;

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The connection broke, or its client stopped reading.
    Gone,
    /// Its client said so.
    Said {
        with_will: bool,
        /// Seconds for which the session is to be kept, if that has changed.
        expiry: Option<u32>,
    },
    Fault(Fault),
    Ended(End),
}

impl From<Fault> for Ending {
    fn from(fault: Fault) -> Self {
        Ending::Fault(fault)
    }
}

/// A client that was let in.
struct Guest {
    greeting: Greeting,
    who: Identity,
    serial: u64,
    place: Place,
}

/// Serves one connection to its end. `serial` is higher than that of every connection before it.
pub(crate) async fn serve<S>(mut stream: S, peer: SocketAddr, serial: u64, broker: Broker)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let mut buffer = BytesMut::with_capacity(READ);
    // Apart, like all that does not last: a session is no larger for what happens once.
    match Box::pin(begun(&mut stream, &mut buffer, peer, serial, broker)).await {
        Ok(session) => session.run(stream, buffer).await,
        Err(NoGreeting::Silence) => {}
        Err(NoGreeting::Refused(version, refused)) => {
            tracing::debug!(%peer, ?refused, "a client was not let in");
            let mut out = BytesMut::new();
            encode::refusal(version, refused, &mut out);
            Box::pin(part(&mut stream, &out)).await;
        }
    }
}

/// From the first byte to a session that has begun.
async fn begun(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
    peer: SocketAddr,
    serial: u64,
    broker: Broker,
) -> Result<Box<Session>, NoGreeting> {
    let greeting = timeout(broker.config().connect_timeout, handshake::greeting(stream, buffer));
    let greeting = match broker.stopping().run_until_cancelled(greeting).await {
        Some(Ok(greeting)) => greeting?,
        Some(Err(_)) | None => return Err(NoGreeting::Silence),
    };
    let guest = admit(greeting, peer, serial, &broker).await?;
    Session::begin(guest, broker).await
}

async fn admit(mut greeting: Greeting, peer: SocketAddr, serial: u64, broker: &Broker) -> Result<Guest, NoGreeting> {
    let version = greeting.version;
    let refused = |refused| NoGreeting::Refused(version, refused);
    let login = greeting.login.take();
    let who = match broker.policy().authenticate(peer, login.as_ref()).settled().await {
        Ok(who) => who,
        Err(Refusal::BadCredentials) => return Err(refused(encode::Refused::CREDENTIALS)),
        Err(Refusal::NotAuthorized) => return Err(refused(encode::Refused::NOT_AUTHORIZED)),
        Err(Refusal::Busy) => return Err(refused(encode::Refused::BUSY)),
    };
    let id = if greeting.client_id.is_empty() { assigned_id(serial) } else { greeting.client_id.clone() };
    let entered = broker.registry().enter((who.clone(), id), serial);
    let place = entered.map_err(|no| match no {
        NoEntry::Full => refused(encode::Refused::FULL),
        NoEntry::ShuttingDown => refused(encode::Refused::SHUTTING_DOWN),
        NoEntry::Outrun => NoGreeting::Silence,
    })?;
    Ok(Guest { greeting, who, serial, place })
}

/// Nobody can guess it, so nobody can take the session over.
fn assigned_id(serial: u64) -> String {
    format!("auto-{:016x}", RandomState::new().hash_one(serial))
}

struct Session {
    broker: Broker,
    version: Version,
    inbound: Inbound,
    outbound: Outbound,
    will: Option<Will>,
    keep_alive: Option<Duration>,
    /// Bytes of one packet that it may send.
    max_packet: usize,
    /// It is kept for so long when its connection has ended.
    keep: Duration,
    out: BytesMut,
    serial: u64,
    parting: Option<Box<Parting>>,
    place: Place,
}

impl Session {
    async fn begin(guest: Guest, broker: Broker) -> Result<Box<Self>, NoGreeting> {
        let Guest { mut greeting, who, serial, mut place } = guest;
        place.free().await;
        let (reply, joined) = oneshot::channel();
        let (client_id, clean) = (place.client_id().to_owned(), greeting.clean);
        broker.command(Command::Join { newcomer: Newcomer { serial, who: who.clone(), client_id, clean }, reply });
        // Nobody replies when the broker has ended.
        let joined = joined.await.map_err(|_| NoGreeting::Silence)?;
        let expelled = NoGreeting::Refused(greeting.version, encode::Refused::CREDENTIALS);
        let Joined { outbox, estate } = joined.ok_or(expelled)?;
        let bounds = broker.config();
        let max_packet = if who == Identity::Service { bounds.max_service_packet } else { bounds.max_packet };
        let mut out = BytesMut::new();
        let (keep, keep_alive) = welcome(&greeting, &broker, &place, max_packet, estate.is_some(), &mut out);
        let will = greeting.will.take().filter(|will| broker.policy().may_publish(&who, &will.topic));
        let will =
            will.map(|will| Will { retain: will.retain && broker.policy().may_retain(&who, &will.topic), ..will });
        let Estate { inflight, taken } = estate.unwrap_or_default();
        Ok(Box::new(Self {
            version: greeting.version,
            inbound: Inbound::new(broker.clone(), greeting.version, who, serial, taken),
            outbound: Outbound::new(&greeting, outbox, inflight),
            will,
            keep_alive: (!keep_alive.is_zero()).then(|| keep_alive * 3 / 2),
            max_packet,
            keep,
            out,
            serial,
            parting: None,
            place,
            broker,
        }))
    }

    async fn run(mut self: Box<Self>, mut stream: impl AsyncRead + AsyncWrite + Unpin + Send, mut buffer: BytesMut) {
        let ending = match self.converse(&mut stream, &mut buffer).await {
            Ok(never) => match never {},
            Err(ending) => ending,
        };
        tracing::debug!(session = self.serial, ?ending, "a session ended");
        if matches!(ending, Ending::Ended(End::ShuttingDown)) {
            // What has been said before is heard before the goodbye, such as that the services go.
            self.outbound.fill(self.broker.counters(), &mut self.out);
        }
        Box::pin(self.take_leave(ending)).await;
        let reason = match ending {
            Ending::Fault(Fault(reason)) => Some(reason),
            Ending::Ended(End::TakenOver) => Some(0x8e),
            Ending::Ended(End::Dismissed) => Some(0x98),
            Ending::Ended(End::Expelled) => Some(0x87),
            Ending::Ended(End::ShuttingDown) => Some(0x8b),
            Ending::Gone | Ending::Said { .. } => None,
        };
        if let Some(reason) = reason {
            let version = self.version;
            let mut out = std::mem::take(&mut self.out);
            drop(self);
            encode::goodbye(version, reason, &mut out);
            Box::pin(part(&mut stream, &out)).await;
        }
    }

    /// What becomes of the session, and of its will.
    async fn take_leave(&mut self, ending: Ending) {
        let keep = match ending {
            Ending::Ended(End::ShuttingDown | End::Expelled) => Duration::ZERO,
            Ending::Said { expiry: Some(seconds), .. } => self.kept(seconds),
            _ => self.keep,
        };
        let is_due =
            !matches!(ending, Ending::Said { with_will: false, .. } | Ending::Ended(End::ShuttingDown | End::Expelled));
        let will = match self.will.take().filter(|_| is_due) {
            Some(will) => self.execute(will, keep).await,
            None => None,
        };
        let estate = Estate { inflight: self.outbound.take_inflight(), taken: self.inbound.take_taken() };
        let client_id = self.place.client_id().to_owned();
        self.parting = Some(Box::new(Parting { client_id, estate, keep, will }));
    }

    /// A session is kept for so many seconds, unless that is too long.
    fn kept(&self, seconds: u32) -> Duration {
        Duration::from_secs(seconds.into()).min(self.broker.config().max_session_expiry)
    }

    /// Publishes the will, unless it is to wait for the client to come back.
    async fn execute(&self, will: Will, keep: Duration) -> Option<(Arc<Parcel>, Duration)> {
        let Will { topic, payload, retain, qos, delay, expiry, properties } = will;
        // It expires only so long after it was published, which is when the session's end has come at the latest.
        let delay = Duration::from_secs(delay.into()).min(keep);
        let expires = Parcel::expiring(expiry).and_then(|at| at.checked_add(delay));
        let parcel = Parcel { qos, expires, properties, ..Parcel::new(&topic, payload, retain) };
        if delay.is_zero() {
            self.broker.publish(parcel).await.ok();
            return None;
        }
        Some((self.broker.checked(parcel).ok()?, delay))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.broker.command(Command::Leave { member: self.serial, parting: self.parting.take() });
    }
}

/// Welcomes the client: for how long its session is kept, and how often it has to be heard.
fn welcome(
    greeting: &Greeting,
    broker: &Broker,
    place: &Place,
    max_packet: usize,
    present: bool,
    out: &mut BytesMut,
) -> (Duration, Duration) {
    let asked = Duration::from_secs(greeting.expiry.into());
    let keep = asked.min(broker.config().max_session_expiry);
    let alive = Duration::from_secs(greeting.keep_alive.into());
    let longest = broker.config().max_keep_alive;
    let is_told = greeting.version == Version::V5 && alive > longest;
    let welcome = Welcome {
        present,
        max_packet,
        expiry: (keep < asked).then_some(keep.as_secs() as u32),
        keep_alive: is_told.then_some(longest.as_secs() as u16),
        assigned: greeting.client_id.is_empty().then(|| place.client_id()),
    };
    encode::welcome(greeting.version, welcome, out);
    (keep, if is_told { longest } else { alive })
}

/// Says the last words, and waits a little for them to be taken.
async fn part(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), words: &[u8]) {
    let farewell = async {
        stream.write_all(words).await?;
        stream.shutdown().await?;
        let mut rest = [0; 1024];
        let mut read = 0;
        while read < LINGER {
            match stream.read(&mut rest).await? {
                0 => break,
                bytes => read += bytes,
            }
        }
        Ok::<(), std::io::Error>(())
    };
    timeout(FAREWELL, farewell).await.ok();
}
