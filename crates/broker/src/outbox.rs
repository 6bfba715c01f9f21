//! What waits for one reader. Topics that conflate hold one place each, where the newest value replaces an older one,
//! in the order in which they first waited; all others queue in order up to a bound. What the reader has to acknowledge
//! waits apart, so that one that acknowledges nothing still gets its prices. Filled by the fan-out, emptied by the
//! reader. Must never make the fan-out wait, and must never grow beyond its topics and its bounds.

use crate::parcel::Delivery;
use crate::queue::Queue;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// It waits.
    Queued,
    /// It waits in the place of an older value.
    Replaced,
    /// There was no room.
    Dropped,
    /// Its reader is away, and it is not one that waits for it.
    Missed,
}

/// The bytes that may wait in order in all outboxes together, and until they are acknowledged.
#[derive(Debug)]
pub(crate) struct Allowance {
    used: AtomicUsize,
    max: usize,
}

impl Allowance {
    pub(crate) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self { used: AtomicUsize::new(0), max })
    }

    fn take(&self, bytes: usize) -> bool {
        let used = self.used.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if used > self.max {
            self.give_back(bytes);
        }
        used <= self.max
    }

    fn give_back(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }

    #[cfg(test)]
    pub(crate) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }
}

#[derive(Debug)]
pub(crate) struct Outbox {
    inner: Mutex<Inner>,
    filled: Notify,
    max_queue: usize,
    allowance: Arc<Allowance>,
}

#[derive(Debug, Default)]
struct Inner {
    /// `QoS` 0.
    plain: Queue,
    /// What has to be acknowledged.
    assured: Queue,
    /// Bytes of the allowance that are taken.
    charged: usize,
    /// The reader is away: the bytes that may wait for it.
    away: Option<usize>,
    closed: bool,
}

impl Outbox {
    /// With room for so many messages in order, of each of the two kinds.
    pub(crate) fn new(max_queue: usize, allowance: Arc<Allowance>) -> Self {
        Self { inner: Mutex::default(), filled: Notify::new(), max_queue, allowance }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a message in; wake the reader with [`Outbox::wake`] when there is no more for now.
    pub(crate) fn push(&self, delivery: Delivery) -> Pushed {
        let mut inner = self.lock();
        if inner.closed || inner.away.is_some() && delivery.qos == 0 {
            return Pushed::Missed;
        }
        let (is_in_order, size) = (delivery.is_in_order(), delivery.parcel.size());
        let is_too_much = inner.away.is_some_and(|max| inner.charged + size > max);
        let queue = if delivery.qos == 0 { &mut inner.plain } else { &mut inner.assured };
        if !is_in_order {
            return if queue.place(delivery) { Pushed::Replaced } else { Pushed::Queued };
        }
        if is_too_much || queue.unplaced() >= self.max_queue || !self.allowance.take(size) {
            return Pushed::Dropped;
        }
        queue.append(delivery);
        inner.charged += size;
        Pushed::Queued
    }

    /// Tells the reader that there is something.
    pub(crate) fn wake(&self) {
        self.filled.notify_one();
    }

    /// Nothing more will come.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.wake();
    }

    /// The reader has gone, and comes back: from now on only what has to be acknowledged waits for it, and no more bytes
    /// of it than this. How many messages were dropped for that.
    pub(crate) fn leave(&self, max_bytes: usize) -> usize {
        let mut inner = self.lock();
        inner.away = Some(max_bytes);
        while let Some(delivery) = inner.plain.pop() {
            self.settle_in(&mut inner, &delivery);
        }
        if inner.charged <= max_bytes {
            return 0;
        }
        let waiting: Vec<Delivery> = std::iter::from_fn(|| inner.assured.pop()).collect();
        for delivery in &waiting {
            self.settle_in(&mut inner, delivery);
        }
        drop(inner);
        waiting.into_iter().map(|delivery| self.push(delivery)).filter(|pushed| *pushed == Pushed::Dropped).count()
    }

    /// The reader is back.
    pub(crate) fn come_back(&self) {
        self.lock().away = None;
        self.wake();
    }

    /// Waits until something was put in since the last call. May return early.
    pub(crate) async fn filled(&self) {
        self.filled.notified().await;
    }

    /// Takes the front, for a reader that acknowledges nothing.
    pub(crate) fn pop(&self) -> Option<Delivery> {
        let mut inner = self.lock();
        let delivery = inner.plain.pop()?;
        self.settle_in(&mut inner, &delivery);
        Some(delivery)
    }

    /// Takes from the front, for about so many bytes, and `room` messages that are to be acknowledged and
    /// [settled](Outbox::settle) at the most. `true` if there is more of it.
    pub(crate) fn take(&self, bytes: usize, mut room: usize, into: &mut Vec<Delivery>) -> bool {
        let mut inner = self.lock();
        let mut taken = 0;
        // Half of it, so that neither kind waits for the other.
        while taken < bytes / 2
            && room > 0
            && let Some(delivery) = inner.assured.pop()
        {
            taken += delivery.parcel.size();
            room -= 1;
            into.push(delivery);
        }
        let mut settled = 0;
        while taken < bytes
            && let Some(delivery) = inner.plain.pop()
        {
            let size = delivery.parcel.size();
            taken += size;
            settled += if delivery.is_in_order() { size } else { 0 };
            into.push(delivery);
        }
        self.give_back(&mut inner, settled);
        !inner.plain.is_empty() || room > 0 && !inner.assured.is_empty()
    }

    /// Takes all that has to be acknowledged, to have it go elsewhere.
    pub(crate) fn take_assured(&self) -> Vec<Delivery> {
        let mut inner = self.lock();
        std::iter::from_fn(|| inner.assured.pop()).collect()
    }

    /// There is nothing more to do about a message that had to be acknowledged.
    pub(crate) fn settle(&self, delivery: &Delivery) {
        self.settle_in(&mut self.lock(), delivery);
    }

    fn settle_in(&self, inner: &mut Inner, delivery: &Delivery) {
        if delivery.is_in_order() {
            self.give_back(inner, delivery.parcel.size());
        }
    }

    fn give_back(&self, inner: &mut Inner, bytes: usize) {
        let bytes = bytes.min(inner.charged);
        inner.charged -= bytes;
        self.allowance.give_back(bytes);
    }

    /// Is it empty and will stay so?
    pub(crate) fn is_over(&self) -> bool {
        let inner = self.lock();
        inner.closed && inner.plain.is_empty()
    }

    /// How much waits.
    pub(crate) fn len(&self) -> usize {
        let inner = self.lock();
        inner.plain.len() + inner.assured.len()
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        let charged = self.lock().charged;
        self.allowance.give_back(charged);
    }
}

#[cfg(test)]
mod tests;
