//! One remote session, from its first byte to its last, over whatever carries bytes. Reads and writes at the same time,
//! in one task. Must never make anybody but its own client wait, and must never hold more for it than its buffers and
//! its outbox may.

use crate::Broker;
use crate::decode::{self, Fault};
use crate::encode;
use crate::fanout::Command;
use crate::handshake::{self, Greeting, NoGreeting, Will};
use crate::inbound::Inbound;
use crate::outbox::Outbox;
use crate::parcel::{Delivery, Parcel, Version};
use crate::policy::{Identity, Refusal};
use crate::registry::{End, NoEntry, Place};
use crate::stats::add;
use bytes::{Buf, BytesMut};
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::sync::oneshot;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, timeout};

/// Taken from the outbox at once.
const FILL: usize = 64 * 1024;
/// While more than this waits to be written, nothing is read.
const HIGH_WATER: usize = 128 * 1024;
/// Room made for reading.
const READ: usize = 4 * 1024;
/// Buffers larger than this are given back when they are empty.
const KEPT: usize = 8 * 1024;
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
    end: oneshot::Receiver<End>,
}

/// Serves one connection to its end. `serial` is higher than that of every connection before it.
pub(crate) async fn serve<S>(mut stream: S, peer: SocketAddr, serial: u64, broker: Broker)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let mut buffer = BytesMut::with_capacity(READ);
    let greeting = timeout(broker.config().connect_timeout, handshake::greeting(&mut stream, &mut buffer));
    let admitted = match broker.stopping().run_until_cancelled(greeting).await {
        Some(Ok(Ok(greeting))) => admit(greeting, peer, serial, &broker).await,
        Some(Ok(Err(nothing))) => Err(nothing),
        Some(Err(_)) | None => Err(NoGreeting::Silence),
    };
    match admitted {
        Ok(guest) => Session::new(guest, broker).run(stream, buffer).await,
        Err(NoGreeting::Silence) => {}
        Err(NoGreeting::Refused(version, refused)) => {
            tracing::debug!(%peer, ?refused, "a client was not let in");
            let mut out = BytesMut::new();
            encode::refusal(version, refused, &mut out);
            part(&mut stream, &out).await;
        }
    }
}

async fn admit(mut greeting: Greeting, peer: SocketAddr, serial: u64, broker: &Broker) -> Result<Guest, NoGreeting> {
    let version = greeting.version;
    let refused = |refused| NoGreeting::Refused(version, refused);
    let (policy, login) = (broker.policy().clone(), greeting.login.take());
    // On a thread of its own: checking a password may take its time.
    let asked = tokio::task::spawn_blocking(move || policy.authenticate(peer, login.as_ref())).await;
    let who = match asked.unwrap_or(Err(Refusal::NotAuthorized)) {
        Ok(who) => who,
        Err(Refusal::BadCredentials) => return Err(refused(encode::Refused::CREDENTIALS)),
        Err(Refusal::NotAuthorized) => return Err(refused(encode::Refused::NOT_AUTHORIZED)),
    };
    let id = if greeting.client_id.is_empty() { assigned_id(serial) } else { greeting.client_id.clone() };
    let entered = broker.registry().enter((who.clone(), id), serial);
    let (place, end) = entered.map_err(|no| match no {
        NoEntry::Full => refused(encode::Refused::FULL),
        NoEntry::ShuttingDown => refused(encode::Refused::SHUTTING_DOWN),
        NoEntry::Outrun => NoGreeting::Silence,
    })?;
    Ok(Guest { greeting, who, serial, place, end })
}

/// Nobody can guess it, so nobody can take the session over.
fn assigned_id(serial: u64) -> String {
    format!("auto-{:016x}", RandomState::new().hash_one(serial))
}

struct Session {
    broker: Broker,
    version: Version,
    inbound: Inbound,
    outbox: Arc<Outbox>,
    will: Option<Will>,
    keep_alive: Option<Duration>,
    max_packet: usize,
    out: BytesMut,
    taken: Vec<Delivery>,
    end: oneshot::Receiver<End>,
    serial: u64,
    _place: Place,
}

/// When something last moved.
struct Moved {
    heard: Instant,
    wrote: Instant,
}

impl Session {
    fn new(guest: Guest, broker: Broker) -> Self {
        let Guest { greeting, who, serial, place, end } = guest;
        let outbox = Arc::new(Outbox::default());
        broker.command(Command::Join { member: serial, who: who.clone(), outbox: Arc::clone(&outbox) });
        let mut out = BytesMut::new();
        let assigned = greeting.client_id.is_empty().then(|| place.client_id());
        encode::welcome(greeting.version, broker.config().max_packet, assigned, &mut out);
        let will = greeting.will.filter(|will| broker.policy().may_publish(&who, &will.topic));
        Self {
            version: greeting.version,
            inbound: Inbound::new(broker.clone(), greeting.version, who, serial),
            outbox,
            will,
            keep_alive: (greeting.keep_alive > 0).then(|| Duration::from_secs(greeting.keep_alive.into()) * 3 / 2),
            max_packet: greeting.max_packet,
            out,
            taken: Vec::new(),
            end,
            serial,
            _place: place,
            broker,
        }
    }

    async fn run(mut self, mut stream: impl AsyncRead + AsyncWrite + Unpin + Send, mut buffer: BytesMut) {
        let ending = match self.converse(&mut stream, &mut buffer).await {
            Ok(never) => match never {},
            Err(ending) => ending,
        };
        tracing::debug!(session = self.serial, ?ending, "a session ended");
        let reason = match ending {
            Ending::Fault(Fault(reason)) => Some(reason),
            Ending::Ended(End::TakenOver) => Some(0x8e),
            Ending::Ended(End::ShuttingDown) => Some(0x8b),
            Ending::Gone | Ending::Said { .. } => None,
        };
        let is_due = !matches!(ending, Ending::Said { with_will: false } | Ending::Ended(End::ShuttingDown));
        if let Some(will) = self.will.take().filter(|_| is_due) {
            let parcel = Parcel { properties: will.properties, ..Parcel::new(&will.topic, will.payload, will.retain) };
            self.broker.publish(parcel).await.ok();
        }
        if matches!(ending, Ending::Ended(End::ShuttingDown)) {
            // What has been said before is heard before the goodbye, such as that the services go.
            self.fill();
        }
        if let Some(reason) = reason {
            let version = self.version;
            let mut out = std::mem::take(&mut self.out);
            drop(self);
            encode::goodbye(version, reason, &mut out);
            part(&mut stream, &out).await;
        }
    }

    async fn converse(
        &mut self,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin + Send),
        buffer: &mut BytesMut,
    ) -> Result<std::convert::Infallible, Ending> {
        let (mut reader, mut writer) = split(stream);
        let mut heartbeat = self.heartbeat();
        let mut moved = Moved { heard: Instant::now(), wrote: Instant::now() };
        let mut filled = false;
        loop {
            self.listen(buffer).await?;
            if filled && self.out.is_empty() {
                filled = self.fill();
                moved.wrote = Instant::now();
            }
            tokio::select! {
                end = &mut self.end => return Err(end.map_or(Ending::Gone, Ending::Ended)),
                read = reader.read_buf(buffer), if self.out.len() < HIGH_WATER => {
                    if !matches!(read, Ok(1..)) {
                        return Err(Ending::Gone);
                    }
                    moved.heard = Instant::now();
                    if self.out.is_empty() {
                        moved.wrote = moved.heard;
                    }
                }
                wrote = writer.write(&self.out), if !self.out.is_empty() => {
                    let Ok(bytes @ 1..) = wrote else { return Err(Ending::Gone) };
                    self.wrote(bytes);
                    moved.wrote = Instant::now();
                }
                () = self.outbox.filled(), if !filled => filled = true,
                _ = heartbeat.tick() => self.is_alive(&moved)?,
            }
        }
    }

    /// Obeys the packets that have arrived, until too much waits to be written.
    async fn listen(&mut self, buffer: &mut BytesMut) -> Result<(), Ending> {
        while self.out.len() < HIGH_WATER
            && let Some(frame) = decode::cut(buffer, self.broker.config().max_packet)?
        {
            let said = decode::said(self.version, frame)?;
            self.inbound.obey(said, &mut self.out).await?;
        }
        if buffer.is_empty() && buffer.capacity() > KEPT {
            *buffer = BytesMut::new();
        }
        buffer.reserve(READ);
        Ok(())
    }

    /// Takes from the outbox what can be written at once. `true` if there is more.
    fn fill(&mut self) -> bool {
        let more = self.outbox.take(FILL, &mut self.taken);
        let all = self.taken.len() as u64;
        let mut written = 0;
        for delivery in self.taken.drain(..) {
            written += u64::from(delivery.write(self.version, self.max_packet, &mut self.out));
        }
        add(&self.broker.counters().messages_out, written);
        add(&self.broker.counters().dropped, all - written);
        more
    }

    fn wrote(&mut self, bytes: usize) {
        self.out.advance(bytes);
        if self.out.is_empty() && self.out.capacity() > KEPT {
            self.out = BytesMut::new();
        }
    }

    fn heartbeat(&self) -> Interval {
        let longest = self.keep_alive.unwrap_or(Duration::MAX).min(self.broker.config().write_timeout);
        let mut beats = interval((longest / 4).clamp(Duration::from_millis(10), Duration::from_secs(5)));
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beats
    }

    fn is_alive(&self, moved: &Moved) -> Result<(), Ending> {
        if !self.out.is_empty() && moved.wrote.elapsed() > self.broker.config().write_timeout {
            return Err(Ending::Gone);
        }
        let is_heard = self.out.len() < HIGH_WATER;
        match self.keep_alive {
            Some(limit) if is_heard && moved.heard.elapsed() > limit => Err(Fault::KEEP_ALIVE.into()),
            _ => Ok(()),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.broker.command(Command::Leave { member: self.serial });
    }
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
