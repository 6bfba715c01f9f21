//! Sessions that come, go, and come back. Must never count one that is away as a follower, and must never lose what it
//! has to get.

use super::{Hub, choose};
use crate::member::Member;
use crate::outbox::Outbox;
use crate::parcel::{Delivery, Tags};
use crate::parked::{Away, Estate, Parting};
use crate::policy::Identity;
use crate::stats::add;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// A session that begins.
#[derive(Debug)]
pub(crate) struct Newcomer {
    pub(crate) serial: u64,
    pub(crate) who: Identity,
    pub(crate) client_id: String,
    /// What is kept of an earlier session is not wanted.
    pub(crate) clean: bool,
}

/// What a session that begins is given.
#[derive(Debug)]
pub(crate) struct Joined {
    pub(crate) outbox: Arc<Outbox>,
    /// What is left of the session that it goes on with.
    pub(crate) estate: Option<Estate>,
}

impl Hub {
    /// An in-process subscription begins.
    pub(crate) fn enlist(&mut self, serial: u64, outbox: Arc<Outbox>) {
        self.members.insert(Member::new(serial, None, outbox));
    }

    /// A remote session begins, or goes on; `None` if its owner was expelled since its connection was made.
    pub(crate) fn join(&mut self, newcomer: Newcomer) -> Option<Joined> {
        let Newcomer { serial, who, client_id, clean } = newcomer;
        if self.is_expelled(&who, serial) {
            return None;
        }
        let key = (who, client_id);
        let away = self.parked.take(&key);
        self.counters.parked.store(self.parked.len(), Ordering::Relaxed);
        if let Some(away) = away {
            if !clean && let Some(outbox) = self.resume(away.serial, serial) {
                return Some(Joined { outbox, estate: Some(away.estate) });
            }
            self.end_parked(away);
        }
        let max_queue = if key.0 == Identity::Service { self.max_service_queue } else { self.max_queue };
        let outbox = Arc::new(Outbox::new(max_queue, Arc::clone(&self.allowance)));
        self.members.insert(Member::new(serial, Some(key.0), Arc::clone(&outbox)));
        Some(Joined { outbox, estate: None })
    }

    fn resume(&mut self, before: u64, serial: u64) -> Option<Arc<Outbox>> {
        let slot = self.members.rename(before, serial)?;
        let member = self.members.get_mut(slot)?;
        member.away = false;
        member.outbox.come_back();
        self.followed.go_on(member);
        let outbox = Arc::clone(&member.outbox);
        self.catch_up(slot);
        Some(outbox)
    }

    /// A session or an in-process subscription ends; with a parting it may be kept.
    pub(crate) fn leave(&mut self, serial: u64, parting: Option<Parting>) {
        let Some(slot) = self.members.slot(serial) else { return };
        match parting {
            Some(parting) if !parting.keep.is_zero() => self.park(slot, serial, parting),
            parting => self.end(slot, parting.map(|parting| parting.estate).unwrap_or_default()),
        }
    }

    fn park(&mut self, slot: usize, serial: u64, mut parting: Parting) {
        let Some(who) = self.members.get(slot).and_then(|member| member.who.clone()) else { return };
        if self.is_expelled(&who, serial) {
            return self.end(slot, parting.estate);
        }
        let Some(member) = self.members.get_mut(slot) else { return };
        member.away = true;
        let dropped = member.outbox.leave(self.max_parked_bytes);
        add(&self.counters.dropped, dropped as u64);
        self.followed.pause(member);
        let key = (who, std::mem::take(&mut parting.client_id));
        for over in self.parked.keep(key, Away::new(serial, parting, Instant::now())) {
            self.end_parked(over);
        }
        self.counters.parked.store(self.parked.len(), Ordering::Relaxed);
    }

    fn is_expelled(&self, who: &Identity, serial: u64) -> bool {
        self.expelled.get(who).is_some_and(|newest| serial <= *newest)
    }

    /// Ends what is kept for somebody. Those of its sessions that are there end by themselves.
    pub(crate) fn expel(&mut self, who: Identity, newest: u64) {
        for mut away in self.parked.take_all(&who) {
            away.will = None;
            self.end_parked(away);
        }
        self.counters.parked.store(self.parked.len(), Ordering::Relaxed);
        self.expelled.insert(who, newest);
    }

    pub(super) fn end_parked(&mut self, away: Away) {
        self.wills.extend(away.will);
        if let Some(slot) = self.members.slot(away.serial) {
            self.end(slot, away.estate);
        }
    }

    fn end(&mut self, slot: usize, estate: Estate) {
        let Some(member) = self.members.get_mut(slot) else { return };
        let held = std::mem::take(&mut member.held);
        for held in held.values() {
            self.index.remove(&held.filter, slot);
            if held.follows && !member.away {
                self.followed.unfollow(member, &held.filter.path);
            }
        }
        self.counters.subscriptions.fetch_sub(held.len(), Ordering::Relaxed);
        let Some(member) = self.members.remove(slot) else { return };
        member.outbox.close();
        // With `QoS` 2 the client may have it already, and nobody else may get it then.
        let on_their_way = estate.inflight.into_unacknowledged().into_iter().filter(|delivery| delivery.qos == 1);
        for delivery in on_their_way.chain(member.outbox.take_assured()) {
            self.hand_on(&delivery);
        }
    }

    /// What came by a shared subscription goes to another of its group.
    fn hand_on(&mut self, delivery: &Delivery) {
        let Some(Tags { share: Some(filter), .. }) = delivery.tags.as_deref() else { return };
        let topic = delivery.parcel.topic.text();
        let group = self.index.group(filter);
        if let Some(sub) = group.and_then(|group| choose(group, &self.members, &self.policy, topic)) {
            self.post_shared(&delivery.parcel, sub, filter);
        }
    }
}
