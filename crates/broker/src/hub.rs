//! What the fan-out owns: who wants what, what is retained, and the one place where a message meets its readers. Must
//! never wait for anybody.

mod coming;
mod holding;
mod walking;

pub(crate) use coming::{Joined, Newcomer};
pub(crate) use holding::{Grant, Request, Stored};

use crate::config::Config;
use crate::filter::Filter;
use crate::followed::Followed;
use crate::index::{Group, Index, Sub};
use crate::member::{Member, Members};
use crate::outbox::{Allowance, Pushed};
use crate::parcel::{Delivery, Parcel, Tags};
use crate::parked::Parked;
use crate::policy::{Guarded, Identity};
use crate::retained::Retained;
use crate::stats::{Counters, add};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;
use walking::Errand;

pub(crate) struct Hub {
    policy: Guarded,
    counters: Arc<Counters>,
    max_queue: usize,
    max_service_queue: usize,
    max_filters: usize,
    max_parked_bytes: usize,
    allowance: Arc<Allowance>,
    index: Index,
    retained: Retained,
    members: Members,
    parked: Parked,
    /// Who was expelled, and the newest connection that this concerns: no more of them than users whose login has changed.
    expelled: HashMap<Identity, u64>,
    pub(crate) followed: Followed,
    errands: VecDeque<Errand>,
    next_errand: u64,
    hits: Vec<Sub>,
    shared: Vec<(Sub, Arc<Filter>)>,
    /// Those of the delivery before: those of the next are the same, mostly.
    tags: Option<Arc<Tags>>,
    unaware: Vec<usize>,
    wills: Vec<Arc<Parcel>>,
}

impl Hub {
    pub(crate) fn new(config: &Config, policy: Guarded, counters: Arc<Counters>, followed: Followed) -> Self {
        Self {
            policy,
            counters,
            max_queue: config.max_queue,
            max_service_queue: config.max_service_queue,
            max_filters: config.max_filters,
            max_parked_bytes: config.max_parked_bytes_each,
            allowance: Allowance::new(config.max_queued_bytes),
            index: Index::default(),
            retained: Retained::new(config.max_retained, config.max_retained_bytes),
            members: Members::default(),
            parked: Parked::new(config.max_parked, config.max_parked_each),
            expelled: HashMap::new(),
            followed,
            errands: VecDeque::new(),
            next_errand: 0,
            hits: Vec::new(),
            shared: Vec::new(),
            tags: None,
            unaware: Vec::new(),
            wills: Vec::new(),
        }
    }

    /// Keeps a message, if it is to be kept, and puts it into the outbox of everyone who wants it.
    pub(crate) fn deliver(&mut self, parcel: &Arc<Parcel>) {
        if parcel.retain {
            self.keep(parcel);
        }
        let (mut hits, mut shared) = (std::mem::take(&mut self.hits), std::mem::take(&mut self.shared));
        self.find(parcel, &mut hits, &mut shared);
        let mut asked: Option<(usize, bool)> = None;
        for subs in hits.chunk_by(|a, b| a.member == b.member) {
            self.post(parcel, subs, &mut asked);
        }
        for (sub, filter) in shared.drain(..) {
            self.post_shared(parcel, sub, &filter);
        }
        hits.clear();
        (self.hits, self.shared) = (hits, shared);
    }

    fn keep(&mut self, parcel: &Arc<Parcel>) {
        let kept = self.retained.keep(parcel);
        add(&self.counters.unretained, u64::from(!kept));
        self.counters.retained.store(self.retained.len(), Ordering::Relaxed);
    }

    /// All subscriptions that want a message, those of one member side by side, and whose turn it is in each group.
    fn find(&mut self, parcel: &Parcel, hits: &mut Vec<Sub>, shared: &mut Vec<(Sub, Arc<Filter>)>) {
        let (members, policy) = (&self.members, &self.policy);
        let topic = parcel.topic.text();
        let mut filters = 0;
        self.index.visit(topic, |holders| {
            filters += 1;
            hits.extend_from_slice(&holders.each);
            for group in &mut holders.groups {
                let chosen = choose(group, members, policy, topic);
                shared.extend(chosen.map(|sub| (sub, Arc::clone(&group.filter))));
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
        let wanted = || subs.iter().filter(|sub| !(sub.no_local && parcel.from == member.serial));
        let Some(qos) = wanted().map(|sub| sub.qos).max() else { return };
        let qos = qos.min(parcel.qos);
        if member.away && qos == 0 || !self.may_read(slot, member, parcel, asked) {
            return;
        }
        let retain = parcel.retain && wanted().any(|sub| sub.keep_retain);
        let tags = if subs.iter().any(|sub| sub.id != 0) {
            self.tags = tagged(self.tags.take(), wanted().map(|sub| sub.id), None);
            self.tags.clone()
        } else {
            None
        };
        self.put(slot, Delivery { parcel: Arc::clone(parcel), tags, qos, retain, stored: false });
    }

    /// Who is chosen in a group may read it.
    fn post_shared(&mut self, parcel: &Arc<Parcel>, sub: Sub, filter: &Arc<Filter>) {
        self.tags = tagged(self.tags.take(), [sub.id].into_iter(), Some(filter));
        let (retain, qos) = (parcel.retain && sub.keep_retain, parcel.qos.min(sub.qos));
        let delivery = Delivery { parcel: Arc::clone(parcel), tags: self.tags.clone(), qos, retain, stored: false };
        self.put(sub.member, delivery);
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
        match member.outbox.push(delivery) {
            Pushed::Queued => {}
            Pushed::Missed => return,
            Pushed::Replaced => add(&self.counters.conflated, 1),
            Pushed::Dropped => add(&self.counters.dropped, 1),
        }
        if !member.unaware {
            member.unaware = true;
            self.unaware.push(slot);
        }
    }

    pub(crate) fn members(&self) -> usize {
        self.members.len()
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

    /// Is there anything that only time brings about?
    pub(crate) fn is_waiting(&self) -> bool {
        self.parked.len() > 0 || self.retained.expires()
    }

    /// Ends what has expired.
    pub(crate) fn sweep(&mut self, now: Instant) {
        let (over, wills) = self.parked.sweep(now);
        self.wills.extend(wills);
        for away in over {
            self.end_parked(away);
        }
        self.retained.sweep(now);
        self.counters.retained.store(self.retained.len(), Ordering::Relaxed);
        self.counters.parked.store(self.parked.len(), Ordering::Relaxed);
    }

    /// The wills that are due.
    pub(crate) fn take_wills(&mut self) -> Vec<Arc<Parcel>> {
        std::mem::take(&mut self.wills)
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

/// Whose turn it is: of those that may read it, one that is there before one that is away.
fn choose(group: &mut Group, members: &Members, policy: &Guarded, topic: &str) -> Option<Sub> {
    let reads = |member: &Member| member.who.as_ref().is_none_or(|who| policy.may_read(who, topic));
    let is_there = |sub: Sub| members.get(sub.member).is_some_and(|member| !member.away && reads(member));
    let is_away = |sub: Sub| members.get(sub.member).is_some_and(reads);
    group.offer(is_there).or_else(|| group.offer(is_away))
}

/// The tags that say this: those before, if they do.
fn tagged(
    before: Option<Arc<Tags>>,
    ids: impl Iterator<Item = u32> + Clone,
    share: Option<&Arc<Filter>>,
) -> Option<Arc<Tags>> {
    let ids = ids.filter(|id| *id != 0);
    let is_same = |tags: &Arc<Tags>| {
        let same_share = match (&tags.share, share) {
            (None, None) => true,
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            _ => false,
        };
        same_share && tags.ids.iter().copied().eq(ids.clone())
    };
    before.filter(is_same).or_else(|| Some(Arc::new(Tags { ids: ids.collect(), share: share.cloned() })))
}
