//! What waits for one reader. Topics that conflate hold one place each, where the newest value replaces an older one,
//! in the order in which they first waited; all others queue in order up to a bound. Filled by the fan-out, emptied by
//! the reader. Must never make the fan-out wait, and must never grow beyond its topics and its bound.

use crate::parcel::{BuildHashed, Delivery};
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// An empty outbox that holds room for more than this gives it back.
const KEPT_CAPACITY: usize = 256;

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// It waits.
    Queued,
    /// It waits in the place of an older value.
    Replaced,
    /// The queue was full.
    Dropped,
}

#[derive(Debug, Default)]
pub(crate) struct Outbox {
    inner: Mutex<Inner>,
    filled: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    queue: VecDeque<Waiting>,
    /// The number that the front of the queue has; numbers count up.
    front: u64,
    /// By the hash of a topic: the number of its place.
    places: HashMap<u64, u64, BuildHashed>,
    /// Those waiting without a place.
    unplaced: usize,
    closed: bool,
}

#[derive(Debug)]
struct Waiting {
    delivery: Delivery,
    placed: bool,
}

impl Outbox {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a message in; wake the reader with [`Outbox::wake`] when there is no more for now.
    pub(crate) fn push(&self, delivery: Delivery, max_queue: usize) -> Pushed {
        let mut inner = self.lock();
        if inner.closed {
            return Pushed::Queued;
        }
        if delivery.parcel.conflates || delivery.stored {
            inner.place(delivery)
        } else {
            inner.append(delivery, max_queue)
        }
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

    /// Waits until something was put in since the last call. May return early.
    pub(crate) async fn filled(&self) {
        self.filled.notified().await;
    }

    /// Takes the front.
    pub(crate) fn pop(&self) -> Option<Delivery> {
        self.lock().pop()
    }

    /// Takes from the front, for about so many bytes. `true` if there is more.
    pub(crate) fn take(&self, bytes: usize, into: &mut Vec<Delivery>) -> bool {
        let mut inner = self.lock();
        let mut taken = 0;
        while taken < bytes {
            let Some(delivery) = inner.pop() else { return false };
            taken += delivery.parcel.size();
            into.push(delivery);
        }
        !inner.queue.is_empty()
    }

    /// Is it empty and will stay so?
    pub(crate) fn is_over(&self) -> bool {
        let inner = self.lock();
        inner.closed && inner.queue.is_empty()
    }

    /// How much waits.
    pub(crate) fn len(&self) -> usize {
        self.lock().queue.len()
    }
}

impl Inner {
    fn append(&mut self, delivery: Delivery, max_queue: usize) -> Pushed {
        if self.unplaced >= max_queue {
            return Pushed::Dropped;
        }
        if !self.places.is_empty() {
            // A stored value that comes later must wait behind this one, not in front of it.
            self.places.remove(&delivery.parcel.topic.hash());
        }
        self.unplaced += 1;
        self.queue.push_back(Waiting { delivery, placed: false });
        Pushed::Queued
    }

    fn place(&mut self, delivery: Delivery) -> Pushed {
        let next = self.front + self.queue.len() as u64;
        let number = *self.places.entry(delivery.parcel.topic.hash()).or_insert(next);
        if number == next {
            self.queue.push_back(Waiting { delivery, placed: true });
            return Pushed::Queued;
        }
        match self.queue.get_mut((number - self.front) as usize) {
            Some(held) if held.delivery.parcel.topic == delivery.parcel.topic => {
                held.delivery = delivery;
                Pushed::Replaced
            }
            // Two topics of one hash: the later one takes the place over, the earlier one keeps its turn.
            _ => {
                self.places.insert(delivery.parcel.topic.hash(), next);
                self.queue.push_back(Waiting { delivery, placed: true });
                Pushed::Queued
            }
        }
    }

    fn pop(&mut self) -> Option<Delivery> {
        let Waiting { delivery, placed } = self.queue.pop_front()?;
        if placed {
            let hash = delivery.parcel.topic.hash();
            if self.places.get(&hash) == Some(&self.front) {
                self.places.remove(&hash);
            }
        } else {
            self.unplaced -= 1;
        }
        self.front += 1;
        if self.queue.is_empty() && self.queue.capacity() > KEPT_CAPACITY {
            self.queue.shrink_to(KEPT_CAPACITY);
            self.places.shrink_to(KEPT_CAPACITY);
        }
        Some(delivery)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::parcel::Parcel;
    use bytes::Bytes;
    use proptest::prelude::*;
    use std::collections::HashSet;
    use std::sync::Arc;

    fn delivery(topic: u8, value: u32, conflates: bool, stored: bool) -> Delivery {
        let payload = Bytes::copy_from_slice(&value.to_be_bytes());
        let parcel = Parcel { conflates, ..Parcel::new(&format!("t/{topic}"), payload, false) };
        Delivery { parcel: Arc::new(parcel), retain: stored, stored, ids: None }
    }

    fn value(delivery: &Delivery) -> u32 {
        u32::from_be_bytes(delivery.parcel.payload[..].try_into().unwrap())
    }

    #[derive(Debug, Clone)]
    enum Step {
        Push { topic: u8, stored: bool },
        Pop,
        Take(usize),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let push = (0..8_u8, prop::bool::weighted(0.2)).prop_map(|(topic, stored)| Step::Push { topic, stored });
        prop::collection::vec(
            prop_oneof![4 => push, 1 => Just(Step::Pop), 1 => (0..100_usize).prop_map(Step::Take)],
            0..200,
        )
    }

    /// The last value of each topic, all that were accepted, and all that came out.
    type Outcome = (Vec<Option<u32>>, Vec<Vec<u32>>, Vec<(u8, u32)>);

    /// Even topics conflate, odd ones queue; values count up.
    fn run(steps: Vec<Step>, max_queue: usize) -> Outcome {
        let outbox = Outbox::default();
        let (mut last, mut accepted, mut seen) = (vec![None; 8], vec![vec![]; 8], Vec::new());
        let mut out = Vec::new();
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Push { topic, stored } => {
                    let pushed = outbox.push(delivery(topic, number as u32, topic % 2 == 0, stored), max_queue);
                    if pushed != Pushed::Dropped {
                        last[usize::from(topic)] = Some(number as u32);
                        accepted[usize::from(topic)].push(number as u32);
                    }
                    assert!(outbox.len() <= 8 + 2 * max_queue);
                }
                Step::Pop => out.extend(outbox.pop()),
                Step::Take(bytes) => {
                    outbox.take(bytes, &mut out);
                }
            }
        }
        while let Some(delivery) = outbox.pop() {
            out.push(delivery);
        }
        for delivery in out {
            let topic = delivery.parcel.topic.text().strip_prefix("t/").unwrap().parse().unwrap();
            seen.push((topic, value(&delivery)));
        }
        assert!(outbox.lock().places.is_empty());
        (last, accepted, seen)
    }

    proptest! {
        #[test]
        fn the_last_value_is_never_lost_and_order_is_kept(steps in steps(), max_queue in 1..20_usize) {
            let (last, _, seen) = run(steps, max_queue);
            for topic in 0..8_u8 {
                let values: Vec<u32> = seen.iter().filter(|(t, _)| *t == topic).map(|(_, v)| *v).collect();
                prop_assert!(values.windows(2).all(|pair| pair[0] < pair[1]));
                prop_assert_eq!(values.last().copied(), last[usize::from(topic)]);
            }
        }

        #[test]
        fn nothing_that_queues_is_lost_below_the_bound(steps in steps()) {
            let steps = steps.into_iter().map(|step| match step {
                Step::Push { topic, .. } => Step::Push { topic: topic | 1, stored: false },
                other => other,
            });
            let (_, accepted, seen) = run(steps.collect(), 1_000);
            let all: HashSet<u32> = accepted.into_iter().flatten().collect();
            let seen: Vec<u32> = seen.into_iter().map(|(_, value)| value).collect();
            prop_assert!(seen.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert_eq!(seen.len(), all.len());
        }
    }

    #[test]
    fn conflation_keeps_the_first_turn_and_the_newest_value() {
        let outbox = Outbox::default();
        assert_eq!(outbox.push(delivery(0, 1, true, false), 1), Pushed::Queued);
        assert_eq!(outbox.push(delivery(2, 2, true, false), 1), Pushed::Queued);
        assert_eq!(outbox.push(delivery(0, 3, true, false), 1), Pushed::Replaced);
        assert_eq!([outbox.pop(), outbox.pop()].map(|d| value(&d.unwrap())), [3, 2]);
        assert!(outbox.pop().is_none());
    }

    #[test]
    fn a_full_queue_drops_the_newest_and_leaves_conflating_topics_alone() {
        let outbox = Outbox::default();
        assert_eq!(outbox.push(delivery(1, 1, false, false), 1), Pushed::Queued);
        assert_eq!(outbox.push(delivery(1, 2, false, false), 1), Pushed::Dropped);
        assert_eq!(outbox.push(delivery(0, 3, true, false), 1), Pushed::Queued);
        assert_eq!([outbox.pop(), outbox.pop()].map(|d| value(&d.unwrap())), [1, 3]);
    }

    #[test]
    fn a_drained_outbox_gives_its_room_back() {
        let outbox = Outbox::default();
        for number in 0..10_000 {
            outbox.push(delivery(1, number, false, false), usize::MAX);
        }
        while outbox.pop().is_some() {}
        assert!(outbox.lock().queue.capacity() <= 2 * KEPT_CAPACITY);
    }
}
