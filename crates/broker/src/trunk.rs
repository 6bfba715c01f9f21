//! The trunk: the one link that everything published takes through rumqttd's router, and the journal of what is on its
//! way. The router strips a message's retain bit, keeps every topic that it has ever seen, and its log forgets what is
//! not read soon enough. So the journal carries what the router would lose, the router is shown only the first level of
//! a topic, and a window bounds what is on its way to less than the log holds. When a router dies, the journal knows
//! what it had not given back yet: nothing is lost. Must never block, and must never show the router anything but
//! ASCII.

use crate::error::Error;
use crate::parcel::Parcel;
use bytes::Bytes;
use rumqttd::local::{LinkRx, LinkTx};
use rumqttd::protocol::{Packet, Publish};
use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;

/// What may be on its way at once, in units of [`UNIT`] bytes: a megabyte.
const WINDOW: u32 = 4_096;
const UNIT: usize = 256;
/// What of the window messages that are sent together take at once, at the most.
const LOAD: u32 = WINDOW / 4;
/// The router's log: a segment or two more than the window, so that nothing on its way is ever forgotten.
const SEGMENT: usize = 1024 * 1024;
const SEGMENTS: usize = 3;
/// Messages that the router hands over at once.
const HANDFUL: u64 = 4_096;
/// First levels of topics that the router is shown by name; further ones share one.
const MAX_LANES: usize = 64;
const OTHER_LANE: Bytes = Bytes::from_static(b"other");
const CANARY_LANE: Bytes = Bytes::from_static(b"canary");

/// What is on its way.
#[derive(Debug)]
pub(crate) struct Entry {
    lane: Bytes,
    payload: Bytes,
    units: u32,
    pub(crate) cargo: Cargo,
}

#[derive(Debug)]
pub(crate) enum Cargo {
    Parcel(Arc<Parcel>),
    Canary,
}

/// The router gave back something else than what was sent.
#[derive(Debug)]
pub(crate) struct OutOfStep;

/// The sending side, shared by all publishers.
pub(crate) struct Trunk {
    inner: Mutex<Inner>,
    window: Semaphore,
}

struct Inner {
    router: Option<LinkTx>,
    journal: VecDeque<Entry>,
    lanes: HashMap<Box<str>, Bytes>,
}

impl Trunk {
    /// Without a router: what is sent waits in the journal until [`Trunk::connect`].
    pub(crate) fn new() -> Self {
        Self {
            inner: Mutex::new(Inner { router: None, journal: VecDeque::new(), lanes: HashMap::new() }),
            window: Semaphore::new(WINDOW as usize),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a message on its way; waits while too much is.
    pub(crate) async fn send(&self, parcel: Arc<Parcel>) -> Result<(), Error> {
        let units = units(parcel.size());
        self.window.acquire_many(units).await.map_err(|_| Error::Closed)?.forget();
        self.lock().push(vec![parcel]);
        Ok(())
    }

    /// Sends messages on their way, in order and a load at a time: waking the router costs more than a message does.
    /// Waits while too much is on its way.
    pub(crate) async fn send_all(&self, parcels: Vec<Arc<Parcel>>) -> Result<(), Error> {
        for load in loads(parcels) {
            self.take_room(&load).await?;
            self.lock().push(load);
        }
        Ok(())
    }

    /// Waits until there is room in the window for these together, and takes it: how much.
    pub(crate) async fn take_room(&self, load: &[Arc<Parcel>]) -> Result<u32, Error> {
        let room = room_of(load);
        self.window.acquire_many(room).await.map_err(|_| Error::Closed)?.forget();
        Ok(room)
    }

    /// Gives back what was taken.
    pub(crate) fn give_back(&self, room: u32) {
        self.window.add_permits(room as usize);
    }

    /// Sends a canary; it needs no room in the window.
    pub(crate) fn send_canary(&self) {
        let entry = Entry { lane: CANARY_LANE, payload: Bytes::from_static(b"."), units: 0, cargo: Cargo::Canary };
        self.lock().push_entries(vec![entry]);
    }

    /// Claims what came back from the router, which must be what was sent first. `into` must be empty.
    pub(crate) fn claim(&self, batch: &[Publish], into: &mut Vec<Entry>) -> Result<(), OutOfStep> {
        let mut inner = self.lock();
        let in_step = batch.len() <= inner.journal.len()
            && batch.iter().zip(&inner.journal).all(|(publish, entry)| entry.is(publish));
        if !in_step {
            return Err(OutOfStep);
        }
        into.extend(inner.journal.drain(..batch.len()));
        self.reopen(into);
        Ok(())
    }

    /// Takes a new router into use. What the one before had not given back is handed over, in order.
    pub(crate) fn connect(&self) -> Result<(LinkRx, Vec<Entry>), Error> {
        let (router, from_router) = start_router()?;
        let mut inner = self.lock();
        inner.router = Some(router);
        let salvaged = Vec::from(std::mem::take(&mut inner.journal));
        self.reopen(&salvaged);
        Ok((from_router, salvaged))
    }

    /// Opens the window again by what has arrived.
    fn reopen(&self, entries: &[Entry]) {
        self.window.add_permits(entries.iter().map(|entry| entry.units as usize).sum());
    }

    /// Nothing can be sent any more.
    pub(crate) fn close(&self) {
        self.window.close();
        self.lock().router = None;
    }

    /// Kills the router's thread: `ready()` of a link that has gone is one of its panics.
    #[cfg(test)]
    pub(crate) fn poison(&self, from_router: &LinkRx) {
        use rumqttd::protocol::{Disconnect, DisconnectReasonCode};
        if let Some(router) = &mut self.lock().router {
            let goodbye = Disconnect { reason_code: DisconnectReasonCode::NormalDisconnection };
            router.buffer().push_back(Packet::Disconnect(goodbye, None));
            router.try_publish(CANARY_LANE, Bytes::from_static(b".")).ok();
        }
        from_router.ready().ok();
    }

    /// Cuts the link, as if the router had gone mute.
    #[cfg(test)]
    pub(crate) fn mute(&self) {
        self.lock().router = None;
    }
}

impl Inner {
    fn push(&mut self, parcels: Vec<Arc<Parcel>>) {
        let entries = parcels.into_iter().map(|parcel| {
            let lane = self.lane(parcel.topic.text());
            let (payload, units) = (parcel.payload.clone(), units(parcel.size()));
            Entry { lane, payload, units, cargo: Cargo::Parcel(parcel) }
        });
        let entries = entries.collect();
        self.push_entries(entries);
    }

    fn push_entries(&mut self, entries: Vec<Entry>) {
        if let (Some(router), Some((last, before))) = (&mut self.router, entries.split_last()) {
            let mut buffer = router.buffer();
            let told = !buffer.is_empty();
            buffer.extend(before.iter().map(Entry::packet));
            if told {
                // The router has been told of what was there before, and takes all that it finds.
                buffer.push_back(last.packet());
            } else {
                drop(buffer);
                // A full channel is no loss: the router empties the buffer at the next event. A closed one is noticed
                // by the fan-out, and the journal has the message.
                router.try_publish(last.lane.clone(), last.payload.clone()).ok();
            }
        }
        self.journal.extend(entries);
    }

    fn lane(&mut self, topic: &str) -> Bytes {
        let level = topic.split('/').next().unwrap_or_default();
        if let Some(lane) = self.lanes.get(level) {
            return lane.clone();
        }
        if self.lanes.len() >= MAX_LANES || level.is_empty() || !level.is_ascii() {
            return OTHER_LANE;
        }
        let lane = Bytes::copy_from_slice(level.as_bytes());
        self.lanes.insert(level.into(), lane.clone());
        lane
    }
}

impl Entry {
    fn packet(&self) -> Packet {
        Packet::Publish(Publish::new(self.lane.clone(), self.payload.clone(), false), None)
    }

    /// Is this what the router gave back? The router passes the very bytes on.
    fn is(&self, publish: &Publish) -> bool {
        self.lane == publish.topic
            && self.payload.len() == publish.payload.len()
            && (self.payload.is_empty() || self.payload.as_ptr() == publish.payload.as_ptr())
    }
}

/// Messages in order, as many together as may be sent on their way at once.
pub(crate) fn loads(parcels: Vec<Arc<Parcel>>) -> impl Iterator<Item = Vec<Arc<Parcel>>> {
    let mut rest = parcels.into_iter().peekable();
    std::iter::from_fn(move || {
        let mut load = vec![rest.next()?];
        let mut taken = room_of(&load);
        while let Some(next) = rest.next_if(|next| taken + units(next.size()) <= LOAD) {
            taken += units(next.size());
            load.push(next);
        }
        Some(load)
    })
}

fn room_of(load: &[Arc<Parcel>]) -> u32 {
    load.iter().map(|parcel| units(parcel.size())).sum()
}

fn units(bytes: usize) -> u32 {
    u32::try_from(1 + bytes / UNIT).unwrap_or(WINDOW).min(WINDOW)
}

fn start_router() -> Result<(LinkTx, LinkRx), Error> {
    let config = rumqttd::Config {
        router: rumqttd::RouterConfig {
            max_connections: 2,
            max_outgoing_packet_count: HANDFUL,
            max_segment_size: SEGMENT,
            max_segment_count: SEGMENTS,
            ..rumqttd::RouterConfig::default()
        },
        ..rumqttd::Config::default()
    };
    let failed = |reason: String| Error::Router { reason };
    let router = catch_unwind(AssertUnwindSafe(|| rumqttd::Broker::new(config)))
        .map_err(|_| failed("no thread for it".to_owned()))?;
    let (mut to_router, from_router) = router.link("trunk").map_err(|e| failed(e.to_string()))?;
    to_router.subscribe("#").map_err(|e| failed(e.to_string()))?;
    Ok((to_router, from_router))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_router_is_shown_few_topics() {
        let trunk = Trunk::new();
        let mut inner = trunk.lock();
        assert_eq!(inner.lane("quote/AAPL"), "quote");
        assert_eq!(inner.lane("quote/MSFT"), "quote");
        assert_eq!(inner.lane("/x"), OTHER_LANE);
        assert_eq!(inner.lane("é/x"), OTHER_LANE, "its own topics end where they are not ASCII");
        for n in 0..1_000 {
            inner.lane(&format!("family{n}/x"));
        }
        assert_eq!(inner.lane("one-more/x"), OTHER_LANE);
        assert_eq!(inner.lanes.len(), MAX_LANES);
    }

    #[test]
    fn even_a_huge_message_fits_the_window_and_the_window_fits_the_log() {
        assert_eq!(units(0), 1);
        assert_eq!(units(usize::MAX), WINDOW);
        assert!(WINDOW as usize * UNIT <= SEGMENT * (SEGMENTS - 1));
    }
}
