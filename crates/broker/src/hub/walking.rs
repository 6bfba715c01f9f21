//! Walks through the retained values, a little at a time, for those who have subscribed and those who are back. Must
//! never walk far at once: live messages wait meanwhile.

use super::Hub;
use crate::parcel::{Delivery, Tags};
use crate::retained::Walk;
use std::sync::Arc;

/// Retained topics looked at before live messages have their turn again.
const STEPS: usize = 4_096;
/// Walks through the retained values that may wait; while there are more, no new subscription is made.
const MAX_WALKS: usize = 10_000;

/// A walk through the retained values for one subscription.
#[derive(Debug)]
pub(super) struct Errand {
    serial: u64,
    text: String,
    number: u64,
    from: Option<Arc<str>>,
    /// The subscription is an old one: only what conflates, as live as it is.
    catches_up: bool,
}

impl Hub {
    pub(super) fn next_walk(&mut self) -> u64 {
        self.next_errand += 1;
        self.next_errand
    }

    pub(super) fn begin_walk(&mut self, serial: u64, text: String, number: u64, catches_up: bool) {
        self.errands.push_back(Errand { serial, text, number, from: None, catches_up });
    }

    /// Whose client is back gets the newest of what conflates, for it has missed some; MQTT sends nothing retained on
    /// its own then.
    pub(super) fn catch_up(&mut self, slot: usize) {
        let Some(member) = self.members.get_mut(slot) else { return };
        for (text, held) in member.held.iter_mut().filter(|(_, held)| held.filter.share.is_none()) {
            self.next_errand += 1;
            held.walk = self.next_errand;
            let (serial, text) = (member.serial, text.clone());
            self.errands.push_back(Errand { serial, text, number: held.walk, from: None, catches_up: true });
        }
    }

    /// Is there room for more subscriptions?
    pub(crate) fn has_room(&self) -> bool {
        self.errands.len() < MAX_WALKS
    }

    /// Are retained values still to be found for somebody?
    pub(crate) fn is_walking(&self) -> bool {
        !self.errands.is_empty()
    }

    /// Goes on with finding retained values, a little.
    pub(crate) fn walk(&mut self) {
        let mut steps = STEPS;
        while steps > 0
            && let Some(errand) = self.errands.pop_front()
        {
            steps = steps.saturating_sub(self.walk_for(errand, steps));
        }
    }

    /// The steps that it took, about.
    fn walk_for(&mut self, mut errand: Errand, steps: usize) -> usize {
        let Some(slot) = self.members.slot(errand.serial) else { return 1 };
        let Some(member) = self.members.get(slot) else { return 1 };
        let Some(held) = member.held.get(&errand.text).filter(|held| held.walk == errand.number) else { return 1 };
        let mut found = Vec::new();
        let walk = self.retained.walk(&held.filter, errand.from.as_ref(), steps, |parcel| {
            let reads = member.who.as_ref().is_none_or(|who| self.policy.may_read(who, parcel.topic.text()));
            let is_due = reads && (parcel.conflates || !errand.catches_up) && !parcel.is_expired();
            found.extend(is_due.then(|| Arc::clone(parcel)));
        });
        let sub = held.sub;
        let retain = !errand.catches_up || sub.keep_retain;
        let tags = (sub.id != 0).then(|| Arc::new(Tags { ids: vec![sub.id], share: None }));
        let took = if let Walk::After(topic) = walk {
            errand.from = topic;
            self.errands.push_back(errand);
            steps
        } else {
            1 + found.len()
        };
        for parcel in found {
            let qos = parcel.qos.min(sub.qos);
            self.put(slot, Delivery { parcel, tags: tags.clone(), qos, retain, stored: true });
        }
        took
    }
}
