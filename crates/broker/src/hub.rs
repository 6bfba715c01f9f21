//! What the fan-out owns: who wants what, what is retained, and the one place where a message meets its readers. Must
//! never wait for anybody.

use crate::config::Config;
use crate::filter::Filter;
use crate::followed::Followed;
use crate::index::{Index, Sub};
use crate::member::{Held, Member, Members};
use crate::outbox::{Outbox, Pushed};
use crate::parcel::{Delivery, Parcel};
use crate::policy::{Guarded, Identity};
use crate::retained::{Retained, Walk};
use crate::stats::{Counters, add};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Retained topics looked at before live messages have their turn again.
const STEPS: usize = 4_096;
/// Walks through the retained values that may wait; while there are more, no new subscription is made.
const MAX_WALKS: usize = 10_000;

/// A subscription that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) filter: String,
    pub(crate) no_local: bool,
    pub(crate) keep_retain: bool,
    pub(crate) stored: Stored,
    /// The subscription identifier; 0 for none.
    pub(crate) id: u32,
}

/// Which subscriptions get the stored values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored {
    Always,
    IfNew,
    Never,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grant {
    Granted,
    Invalid,
    TooMany,
}

/// A walk through the retained values for one subscription.
#[derive(Debug)]
struct Errand {
    serial: u64,
    text: String,
    number: u64,
    id: u32,
    from: Option<Arc<str>>,
}

pub(crate) struct Hub {
    policy: Guarded,
    counters: Arc<Counters>,
    max_queue: usize,
    max_filters: usize,
    index: Index,
    retained: Retained,
    members: Members,
    pub(crate) followed: Followed,
    errands: VecDeque<Errand>,
    next_errand: u64,
    hits: Vec<Sub>,
    unaware: Vec<usize>,
}

impl Hub {
    pub(crate) fn new(config: &Config, policy: Guarded, counters: Arc<Counters>, followed: Followed) -> Self {
        Self {
            policy,
            counters,
            max_queue: config.max_queue,
            max_filters: config.max_filters,
            index: Index::default(),
            retained: Retained::new(config.max_retained),
            members: Members::default(),
            followed,
            errands: VecDeque::new(),
            next_errand: 0,
            hits: Vec::new(),
            unaware: Vec::new(),
        }
    }

    pub(crate) fn join(&mut self, serial: u64, who: Option<Identity>, outbox: Arc<Outbox>) {
        let held = std::collections::HashMap::new();
        let announcements = std::collections::HashSet::new();
        self.members.insert(Member { serial, who, outbox, held, announcements, follows: 0, unaware: false });
    }

    pub(crate) fn leave(&mut self, serial: u64) {
        let Some(slot) = self.members.slot(serial) else { return };
        let Some(member) = self.members.get_mut(slot) else { return };
        let held = std::mem::take(&mut member.held);
        for held in held.values() {
            self.index.remove(&held.filter, slot);
            if held.follows {
                self.followed.unfollow(member, &held.filter.path);
            }
        }
        self.counters.subscriptions.fetch_sub(held.len(), Ordering::Relaxed);
        if let Some(member) = self.members.remove(slot) {
            member.outbox.close();
        }
    }

    pub(crate) fn subscribe(&mut self, serial: u64, request: &Request) -> Grant {
        let Some(filter) = Filter::parse(&request.filter) else { return Grant::Invalid };
        if filter.share.is_some() && request.no_local {
            return Grant::Invalid;
        }
        let Some(slot) = self.members.slot(serial) else { return Grant::TooMany };
        let Some(member) = self.members.get_mut(slot) else { return Grant::TooMany };
        let is_new = !member.held.contains_key(&request.filter);
        if is_new && member.who.is_some() && member.held.len() >= self.max_filters {
            return Grant::TooMany;
        }
        let sub = Sub { member: slot, no_local: request.no_local, keep_retain: request.keep_retain, id: request.id };
        self.index.insert(&filter, sub);
        self.next_errand += 1;
        let wanted = match request.stored {
            Stored::Always => true,
            Stored::IfNew => is_new,
            Stored::Never => false,
        };
        if wanted && filter.share.is_none() {
            let text = request.filter.clone();
            self.errands.push_back(Errand { serial, text, number: self.next_errand, id: request.id, from: None });
        }
        if is_new {
            self.hold(slot, &request.filter, filter);
        } else if let Some(held) = member.held.get_mut(&request.filter) {
            held.walk = self.next_errand;
        }
        Grant::Granted
    }

    fn hold(&mut self, slot: usize, text: &str, filter: Filter) {
        let Some(member) = self.members.get_mut(slot) else { return };
        let follows = self.followed.taken_up(member, text, &filter, &self.policy);
        member.held.insert(text.to_owned(), Held { filter, follows, walk: self.next_errand });
        self.counters.subscriptions.fetch_add(1, Ordering::Relaxed);
    }

    /// `false` if the member did not hold it.
    pub(crate) fn unsubscribe(&mut self, serial: u64, text: &str) -> bool {
        let Some(slot) = self.members.slot(serial) else { return false };
        let Some(member) = self.members.get_mut(slot) else { return false };
        let Some(held) = member.held.remove(text) else { return false };
        self.index.remove(&held.filter, slot);
        self.followed.let_go(member, text, &held);
        self.counters.subscriptions.fetch_sub(1, Ordering::Relaxed);
        true
    }

    /// Keeps a message, if it is to be kept, and puts it into the outbox of everyone who wants it.
    pub(crate) fn deliver(&mut self, parcel: &Arc<Parcel>) {
        if parcel.retain {
            self.keep(parcel);
        }
        let mut hits = std::mem::take(&mut self.hits);
        self.find(parcel, &mut hits);
        let mut asked: Option<(usize, bool)> = None;
        for subs in hits.chunk_by(|a, b| a.member == b.member) {
            self.post(parcel, subs, &mut asked);
        }
        hits.clear();
        self.hits = hits;
    }

    fn keep(&mut self, parcel: &Arc<Parcel>) {
        let kept = self.retained.keep(parcel);
        add(&self.counters.unretained, u64::from(!kept));
        self.counters.retained.store(self.retained.len(), Ordering::Relaxed);
    }

    /// All subscriptions that want a message, those of one member side by side.
    fn find(&mut self, parcel: &Parcel, hits: &mut Vec<Sub>) {
        let (members, policy) = (&self.members, &self.policy);
        let topic = parcel.topic.text();
        let mut filters = 0;
        self.index.visit(topic, |holders| {
            filters += 1;
            hits.extend_from_slice(&holders.each);
            for group in &mut holders.groups {
                filters += 1;
                group.offer(|sub| {
                    let member = members.get(sub.member);
                    let takes = member.is_some_and(|m| m.who.as_ref().is_none_or(|who| policy.may_read(who, topic)));
                    hits.extend(takes.then_some(sub));
                    takes
                });
            }
        });
        if filters > 1 {
            hits.sort_unstable_by_key(|sub| sub.member);
        }
    }

    /// `asked`: the member who was asked for last, and the answer, which holds for everyone of the same identity.
    fn post(&mut self, parcel: &Arc<Parcel>, subs: &[Sub], asked: &mut Option<(usize, bool)>) {
        let slot = subs[0].member;
        let Some(member) = self.members.get(slot) else { return };
        let is_wanted = |sub: &&Sub| !(sub.no_local && parcel.from == member.serial);
        if !subs.iter().any(|sub| is_wanted(&sub)) || !self.may_read(slot, member, parcel, asked) {
            return;
        }
        let retain = parcel.retain && subs.iter().filter(is_wanted).any(|sub| sub.keep_retain);
        let ids = if subs.iter().any(|sub| sub.id != 0) {
            Some(subs.iter().filter(is_wanted).map(|sub| sub.id).filter(|id| *id != 0).collect())
        } else {
            None
        };
        self.put(slot, Delivery { parcel: Arc::clone(parcel), retain, stored: false, ids });
    }

    fn may_read(&self, slot: usize, member: &Member, parcel: &Parcel, asked: &mut Option<(usize, bool)>) -> bool {
        let Some(who) = &member.who else { return true };
        if let Some((other, answer)) = *asked
            && self.members.get(other).is_some_and(|other| other.who.as_ref() == Some(who))
        {
            return answer;
        }
        let answer = self.policy.may_read(who, parcel.topic.text());
        *asked = Some((slot, answer));
        answer
    }

    fn put(&mut self, slot: usize, delivery: Delivery) {
        let Some(member) = self.members.get_mut(slot) else { return };
        match member.outbox.push(delivery, self.max_queue) {
            Pushed::Queued => {}
            Pushed::Replaced => add(&self.counters.conflated, 1),
            Pushed::Dropped => add(&self.counters.dropped, 1),
        }
        if !member.unaware {
            member.unaware = true;
            self.unaware.push(slot);
        }
    }

    /// Tells everyone who got something since the last call.
    pub(crate) fn wake(&mut self) {
        for slot in self.unaware.drain(..) {
            if let Some(member) = self.members.get_mut(slot) {
                member.unaware = false;
                member.outbox.wake();
            }
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
            found.extend(reads.then(|| Arc::clone(parcel)));
        });
        let ids: Option<Arc<[u32]>> = (errand.id != 0).then(|| Arc::from([errand.id]));
        let took = if let Walk::After(topic) = walk {
            errand.from = topic;
            self.errands.push_back(errand);
            steps
        } else {
            1 + found.len()
        };
        for parcel in found {
            self.put(slot, Delivery { parcel, retain: true, stored: true, ids: ids.clone() });
        }
        took
    }

    /// Counts what waits for its readers.
    pub(crate) fn count_waiting(&self) {
        let waiting = self.members.iter().map(|member| member.outbox.len()).sum();
        self.counters.queued.store(waiting, Ordering::Relaxed);
    }

    /// Nothing more will come for anybody.
    pub(crate) fn close(&mut self) {
        for member in self.members.iter() {
            member.outbox.close();
        }
    }
}
