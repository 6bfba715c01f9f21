//! Which topics remote sessions ask for by name: what makes subscribing follow. Must never tell of a filter that its
//! holder could not read from, must never tell so often that a flood of subscriptions keeps the broker busy, and must
//! never grow beyond its bounds: what is beyond them is granted all the same, and follows nothing.

use crate::config::Config;
use crate::filter::Filter;
use crate::member::{Held, Member};
use crate::policy::Guarded;
use crate::stats::Counters;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::watch;

/// How many sessions follow a topic.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Followers {
    /// All of them.
    pub sessions: usize,
    /// Of those, the ones that also listen to what is announced: they may ask only because it was announced.
    pub echoes: usize,
}

pub(crate) type Counts = Arc<BTreeMap<String, Followers>>;

#[derive(Debug)]
pub(crate) struct Followed {
    counts: BTreeMap<String, Followers>,
    max: usize,
    max_each: usize,
    counters: Arc<Counters>,
    changed: bool,
    told: watch::Sender<Counts>,
}

impl Followed {
    pub(crate) fn new(config: &Config, counters: Arc<Counters>, told: watch::Sender<Counts>) -> Self {
        let (max, max_each) = (config.max_followed, config.max_followed_each);
        Self { counts: BTreeMap::new(), max, max_each, counters, changed: false, told }
    }

    /// A member takes up a filter; whether it follows by it.
    pub(crate) fn taken_up(&mut self, member: &mut Member, text: &str, filter: &Filter, policy: &Guarded) -> bool {
        let Some(who) = &member.who else { return false };
        if policy.is_announcement(&filter.path) {
            self.echo(member, text, true);
        } else if !filter.wild && policy.is_followed(&filter.path) && policy.may_read(who, &filter.path) {
            return self.follow(member, &filter.path);
        }
        false
    }

    /// A member has let go of a filter.
    pub(crate) fn let_go(&mut self, member: &mut Member, text: &str, held: &Held) {
        if held.follows {
            self.unfollow(member, &held.filter.path);
        } else {
            self.echo(member, text, false);
        }
    }

    fn follow(&mut self, member: &mut Member, topic: &str) -> bool {
        let room = self.counts.len() < self.max || self.counts.contains_key(topic);
        if member.follows >= self.max_each || !room {
            self.counters.unfollowed.fetch_add(1, Ordering::Relaxed);
            return false;
        }
        let followers = self.counts.entry(topic.to_owned()).or_default();
        followers.sessions += 1;
        followers.echoes += usize::from(member.is_echo());
        member.follows += 1;
        self.changed = true;
        true
    }

    pub(crate) fn unfollow(&mut self, member: &mut Member, topic: &str) {
        member.follows -= 1;
        if let Entry::Occupied(mut followers) = self.counts.entry(topic.to_owned()) {
            let left = followers.get_mut();
            left.sessions -= 1;
            left.echoes -= usize::from(member.is_echo());
            if left.sessions == 0 {
                followers.remove();
            }
            self.changed = true;
        }
    }

    /// A member is away: it follows nothing until it is back.
    pub(crate) fn pause(&mut self, member: &mut Member) {
        let held = std::mem::take(&mut member.held);
        for held in held.values().filter(|held| held.follows) {
            self.unfollow(member, &held.filter.path);
        }
        member.held = held;
    }

    /// It is back, and follows what it did, where there still is room.
    pub(crate) fn go_on(&mut self, member: &mut Member) {
        let mut held = std::mem::take(&mut member.held);
        for held in held.values_mut().filter(|held| held.follows) {
            held.follows = self.follow(member, &held.filter.path);
        }
        member.held = held;
    }

    /// A member begins or ceases to listen to one more announcement: that may turn all that it follows into an echo.
    fn echo(&mut self, member: &mut Member, text: &str, listens: bool) {
        let was = member.is_echo();
        if listens {
            member.announcements.insert(text.to_owned());
        } else {
            member.announcements.remove(text);
        }
        if was == member.is_echo() {
            return;
        }
        for held in member.held.values().filter(|held| held.follows) {
            if let Some(followers) = self.counts.get_mut(&*held.filter.path) {
                followers.echoes = if was { followers.echoes - 1 } else { followers.echoes + 1 };
                self.changed = true;
            }
        }
    }

    /// Is there something to tell?
    pub(crate) fn changed(&self) -> bool {
        self.changed
    }

    pub(crate) fn tell(&mut self) {
        self.changed = false;
        self.told.send_replace(Arc::new(self.counts.clone()));
    }
}
