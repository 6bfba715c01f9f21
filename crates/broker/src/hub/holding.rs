//! The filters that members hold. Must never grant more than there may be, or a quality of service that the topics do
//! not have.

use super::Hub;
use crate::filter::Filter;
use crate::index::Sub;
use crate::member::Held;
use std::sync::atomic::Ordering;

/// A subscription that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) filter: String,
    /// The quality of service that is asked for.
    pub(crate) qos: u8,
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
    /// With this quality of service at the most.
    Granted(u8),
    Invalid,
    TooMany,
}

impl Hub {
    pub(crate) fn subscribe(&mut self, serial: u64, request: &Request) -> Grant {
        let Some(filter) = Filter::parse(&request.filter) else { return Grant::Invalid };
        let Some(slot) = self.members.slot(serial) else { return Grant::TooMany };
        let Some(member) = self.members.get_mut(slot) else { return Grant::TooMany };
        let is_new = !member.held.contains_key(&request.filter);
        if is_new && member.who.is_some() && member.held.len() >= self.max_filters {
            return Grant::TooMany;
        }
        let qos = request.qos.min(self.policy.max_qos(&filter.path));
        let &Request { no_local, keep_retain, id, .. } = request;
        let sub = Sub { member: slot, qos, no_local, keep_retain, id };
        self.index.insert(&filter, sub);
        let wanted = match request.stored {
            Stored::Always => true,
            Stored::IfNew => is_new,
            Stored::Never => false,
        };
        let walk = self.next_walk();
        if wanted && filter.share.is_none() {
            self.begin_walk(serial, request.filter.clone(), walk, false);
        }
        self.hold(slot, &request.filter, filter, sub, walk);
        Grant::Granted(qos)
    }

    fn hold(&mut self, slot: usize, text: &str, filter: Filter, sub: Sub, walk: u64) {
        let Some(member) = self.members.get_mut(slot) else { return };
        if let Some(held) = member.held.get_mut(text) {
            (held.sub, held.walk) = (sub, walk);
            return;
        }
        let follows = self.followed.taken_up(member, text, &filter, &self.policy);
        member.held.insert(text.to_owned(), Held { filter, sub, follows, walk });
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
}
