//! A queue in which some topics hold a place: there the newest value replaces an older one, in the order in which they
//! first waited. Must never let a value that holds a place be overtaken by an older one.

use crate::parcel::{BuildHashed, Delivery};
use std::collections::{HashMap, VecDeque};

/// An empty queue that holds room for more than this gives it back.
pub(crate) const KEPT_CAPACITY: usize = 16;

#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: VecDeque<Waiting>,
    /// The number that the front of the queue has; numbers count up.
    front: u64,
    /// By the hash of a topic: the number of its place.
    places: HashMap<u64, u64, BuildHashed>,
    /// Those waiting without a place.
    unplaced: usize,
}

#[derive(Debug)]
struct Waiting {
    delivery: Delivery,
    placed: bool,
}

impl Queue {
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Those that wait without a place.
    pub(crate) fn unplaced(&self) -> usize {
        self.unplaced
    }

    pub(crate) fn append(&mut self, delivery: Delivery) {
        if !self.places.is_empty() {
            // A stored value that comes later must wait behind this one, not in front of it.
            self.places.remove(&delivery.parcel.topic.hash());
        }
        self.unplaced += 1;
        self.waiting.push_back(Waiting { delivery, placed: false });
    }

    /// Puts a value in the place of an older one of its topic. `false`: there was none, it waits at the end.
    pub(crate) fn place(&mut self, delivery: Delivery) -> bool {
        let next = self.front + self.waiting.len() as u64;
        let number = *self.places.entry(delivery.parcel.topic.hash()).or_insert(next);
        if number == next {
            self.waiting.push_back(Waiting { delivery, placed: true });
            return false;
        }
        match self.waiting.get_mut((number - self.front) as usize) {
            Some(held) if held.delivery.parcel.topic == delivery.parcel.topic => {
                held.delivery = delivery;
                true
            }
            // Two topics of one hash: the later one takes the place over, the earlier one keeps its turn.
            _ => {
                self.places.insert(delivery.parcel.topic.hash(), next);
                self.waiting.push_back(Waiting { delivery, placed: true });
                false
            }
        }
    }

    pub(crate) fn pop(&mut self) -> Option<Delivery> {
        let Waiting { delivery, placed } = self.waiting.pop_front()?;
        if placed {
            let hash = delivery.parcel.topic.hash();
            if self.places.get(&hash) == Some(&self.front) {
                self.places.remove(&hash);
            }
        } else {
            self.unplaced -= 1;
        }
        self.front += 1;
        if self.waiting.is_empty() && self.waiting.capacity() > KEPT_CAPACITY {
            self.waiting.shrink_to(KEPT_CAPACITY);
            self.places.shrink_to(KEPT_CAPACITY);
        }
        Some(delivery)
    }

    #[cfg(test)]
    pub(crate) fn holds_places(&self) -> bool {
        !self.places.is_empty()
    }

    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.waiting.capacity()
    }
}
