//! Those who subscribe: remote sessions and in-process subscriptions, each with its outbox and its filters. Must never
//! reuse a slot while the index still names it.

use crate::filter::Filter;
use crate::index::Sub;
use crate::outbox::Outbox;
use crate::policy::Identity;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) serial: u64,
    /// `None`: an in-process subscription, which may read everything.
    pub(crate) who: Option<Identity>,
    pub(crate) outbox: Arc<Outbox>,
    /// By the text that the client sent.
    pub(crate) held: HashMap<String, Held>,
    /// Of those, the filters that hear what is announced.
    pub(crate) announcements: HashSet<String>,
    /// How many topics it follows.
    pub(crate) follows: usize,
    /// Something was put into its outbox that it was not told of.
    pub(crate) unaware: bool,
    /// Its client is away and may come back.
    pub(crate) away: bool,
}

impl Member {
    /// One that holds nothing yet.
    pub(crate) fn new(serial: u64, who: Option<Identity>, outbox: Arc<Outbox>) -> Self {
        let (held, announcements) = (HashMap::new(), HashSet::new());
        Self { serial, who, outbox, held, announcements, follows: 0, unaware: false, away: false }
    }

    /// Does it ask for what was announced to it?
    pub(crate) fn is_echo(&self) -> bool {
        !self.announcements.is_empty()
    }
}

/// A filter that a member holds.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) filter: Filter,
    pub(crate) sub: Sub,
    /// It counts as following its topic.
    pub(crate) follows: bool,
    /// The walk through the retained values that is its newest.
    pub(crate) walk: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Members {
    slots: Vec<Option<Member>>,
    free: Vec<usize>,
    by_serial: HashMap<u64, usize>,
}

impl Members {
    pub(crate) fn insert(&mut self, member: Member) -> usize {
        let serial = member.serial;
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        self.slots[slot] = Some(member);
        self.by_serial.insert(serial, slot);
        slot
    }

    pub(crate) fn len(&self) -> usize {
        self.by_serial.len()
    }

    pub(crate) fn slot(&self, serial: u64) -> Option<usize> {
        self.by_serial.get(&serial).copied()
    }

    /// A member goes by another serial from now on: its slot.
    pub(crate) fn rename(&mut self, before: u64, serial: u64) -> Option<usize> {
        let slot = self.by_serial.remove(&before)?;
        self.get_mut(slot)?.serial = serial;
        self.by_serial.insert(serial, slot);
        Some(slot)
    }

    pub(crate) fn get(&self, slot: usize) -> Option<&Member> {
        self.slots.get(slot)?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, slot: usize) -> Option<&mut Member> {
        self.slots.get_mut(slot)?.as_mut()
    }

    /// Take its filters out of the index first.
    pub(crate) fn remove(&mut self, slot: usize) -> Option<Member> {
        let member = self.slots.get_mut(slot)?.take()?;
        self.by_serial.remove(&member.serial);
        self.free.push(slot);
        Some(member)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Member> {
        self.slots.iter().flatten()
    }
}
