//! Who wants which topic: exact filters by their text, wildcards in a tree of levels. Must never look at every filter
//! for a message, and must never keep a branch that nobody holds.

use crate::filter::Filter;
use std::collections::HashMap;
use std::sync::Arc;

/// One subscription of one member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sub {
    /// The member's slot.
    pub(crate) member: usize,
    /// The quality of service that was granted.
    pub(crate) qos: u8,
    /// Do not send back what this member published.
    pub(crate) no_local: bool,
    /// Pass the publisher's retain bit on.
    pub(crate) keep_retain: bool,
    /// The subscription identifier; 0 for none.
    pub(crate) id: u32,
}

/// The subscriptions to one filter.
#[derive(Debug, Default)]
pub(crate) struct Holders {
    pub(crate) each: Vec<Sub>,
    pub(crate) groups: Vec<Group>,
}

/// A shared subscription: each message goes to one of them, in turn.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) filter: Arc<Filter>,
    subs: Vec<Sub>,
    next: usize,
}

impl Group {
    /// Members are asked in turn; the first that takes the message ends it.
    pub(crate) fn offer(&mut self, mut takes: impl FnMut(Sub) -> bool) -> Option<Sub> {
        for _ in 0..self.subs.len() {
            let sub = self.subs[self.next % self.subs.len()];
            self.next = (self.next + 1) % self.subs.len();
            if takes(sub) {
                return Some(sub);
            }
        }
        None
    }
}

impl Holders {
    fn is_empty(&self) -> bool {
        self.each.is_empty() && self.groups.is_empty()
    }

    fn insert(&mut self, filter: &Filter, sub: Sub) {
        let subs = if filter.share.is_none() {
            &mut self.each
        } else {
            let at = self.groups.iter().position(|group| group.filter.share == filter.share).unwrap_or_else(|| {
                self.groups.push(Group { filter: Arc::new(filter.clone()), subs: Vec::new(), next: 0 });
                self.groups.len() - 1
            });
            &mut self.groups[at].subs
        };
        match subs.iter_mut().find(|held| held.member == sub.member) {
            Some(held) => *held = sub,
            None => subs.push(sub),
        }
    }

    fn remove(&mut self, filter: &Filter, member: usize) {
        if filter.share.is_none() {
            return self.each.retain(|sub| sub.member != member);
        }
        if let Some(group) = self.group(filter) {
            group.subs.retain(|sub| sub.member != member);
        }
        self.groups.retain(|group| !group.subs.is_empty());
    }

    fn group(&mut self, filter: &Filter) -> Option<&mut Group> {
        self.groups.iter_mut().find(|group| group.filter.share == filter.share)
    }
}

#[derive(Debug, Default)]
struct Node {
    levels: HashMap<Box<str>, Node>,
    plus: Option<Box<Node>>,
    here: Holders,
    /// Those who hold `#` below here.
    rest: Holders,
}

impl Node {
    fn is_empty(&self) -> bool {
        self.levels.is_empty() && self.plus.is_none() && self.here.is_empty() && self.rest.is_empty()
    }

    /// The holders of a filter, made if need be.
    fn holders(&mut self, filter: &Filter) -> &mut Holders {
        let mut node = self;
        for level in filter.path.split('/') {
            match level {
                "#" => return &mut node.rest,
                "+" => node = node.plus.get_or_insert_default(),
                _ => node = node.levels.entry(level.into()).or_default(),
            }
        }
        &mut node.here
    }

    /// The holders of a filter, if there are any.
    fn held(&mut self, levels: std::str::Split<'_, char>) -> Option<&mut Holders> {
        let mut node = self;
        for level in levels {
            match level {
                "#" => return Some(&mut node.rest),
                "+" => node = node.plus.as_mut()?,
                _ => node = node.levels.get_mut(level)?,
            }
        }
        Some(&mut node.here)
    }

    /// As deep as [`crate::filter::MAX_LEVELS`] at most.
    fn remove(&mut self, filter: &Filter, mut levels: std::str::Split<'_, char>, member: usize) {
        match levels.next() {
            None => self.here.remove(filter, member),
            Some("#") => self.rest.remove(filter, member),
            Some("+") => {
                if let Some(plus) = &mut self.plus {
                    plus.remove(filter, levels, member);
                    self.plus.take_if(|plus| plus.is_empty());
                }
            }
            Some(level) => {
                if let Some(node) = self.levels.get_mut(level) {
                    node.remove(filter, levels, member);
                    if node.is_empty() {
                        self.levels.remove(level);
                    }
                }
            }
        }
    }

    fn visit(&mut self, mut levels: std::str::Split<'_, char>, found: &mut impl FnMut(&mut Holders)) {
        if !self.rest.is_empty() {
            found(&mut self.rest);
        }
        let Some(level) = levels.next() else {
            if !self.here.is_empty() {
                found(&mut self.here);
            }
            return;
        };
        if let Some(node) = self.levels.get_mut(level) {
            node.visit(levels.clone(), found);
        }
        if let Some(plus) = &mut self.plus {
            plus.visit(levels, found);
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Index {
    exact: HashMap<Arc<str>, Holders>,
    wild: Node,
}

impl Index {
    /// Adds a subscription, or replaces the one that the member has on this filter.
    pub(crate) fn insert(&mut self, filter: &Filter, sub: Sub) {
        let holders = if filter.wild {
            self.wild.holders(filter)
        } else {
            self.exact.entry(Arc::clone(&filter.path)).or_default()
        };
        holders.insert(filter, sub);
    }

    pub(crate) fn remove(&mut self, filter: &Filter, member: usize) {
        if filter.wild {
            self.wild.remove(filter, filter.path.split('/'), member);
        } else if let Some(holders) = self.exact.get_mut(&filter.path) {
            holders.remove(filter, member);
            if holders.is_empty() {
                self.exact.remove(&filter.path);
            }
        }
    }

    /// The group of a shared subscription, if anybody is left of it.
    pub(crate) fn group(&mut self, filter: &Filter) -> Option<&mut Group> {
        let holders =
            if filter.wild { self.wild.held(filter.path.split('/'))? } else { self.exact.get_mut(&filter.path)? };
        holders.group(filter)
    }

    /// Hands over the holders of each filter that matches a topic.
    pub(crate) fn visit(&mut self, topic: &str, mut found: impl FnMut(&mut Holders)) {
        if let Some(holders) = self.exact.get_mut(topic) {
            found(holders);
        }
        self.wild.visit(topic.split('/'), &mut found);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sub(member: usize) -> Sub {
        Sub { member, qos: 0, no_local: false, keep_retain: false, id: 0 }
    }

    fn found(index: &mut Index, topic: &str) -> Vec<usize> {
        let mut members = Vec::new();
        index.visit(topic, |holders| members.extend(holders.each.iter().map(|sub| sub.member)));
        members.sort_unstable();
        members
    }

    fn filters() -> impl Strategy<Value = Vec<Filter>> {
        let level = prop::sample::select(&["a", "b", "", "+", "#"][..]);
        let filter = prop::collection::vec(level, 1..5).prop_filter_map("valid", |l| Filter::parse(&l.join("/")));
        prop::collection::vec(filter, 0..30)
    }

    proptest! {
        #[test]
        fn the_index_agrees_with_matching_each_filter(
            filters in filters(),
            gone in prop::collection::vec(any::<bool>(), 30),
            topic in "[ab]?(/[ab]?){0,3}",
        ) {
            let mut index = Index::default();
            for (member, filter) in filters.iter().enumerate() {
                index.insert(filter, sub(member));
            }
            let matching = |held: &dyn Fn(usize) -> bool| -> Vec<usize> {
                (0..filters.len()).filter(|&m| held(m) && filters[m].matches(&topic)).collect()
            };
            prop_assert_eq!(found(&mut index, &topic), matching(&|_| true));
            for (member, filter) in filters.iter().enumerate().filter(|(member, _)| gone[*member]) {
                index.remove(filter, member);
            }
            prop_assert_eq!(found(&mut index, &topic), matching(&|member| !gone[member]));
            for (member, filter) in filters.iter().enumerate() {
                index.remove(filter, member);
            }
            prop_assert!(index.exact.is_empty() && index.wild.is_empty());
        }
    }

    #[test]
    fn a_group_takes_turns_and_passes_over_those_who_cannot() {
        let mut index = Index::default();
        let filter = Filter::parse("$share/g/a/+").unwrap();
        for member in 0..3 {
            index.insert(&filter, sub(member));
        }
        let mut turns = Vec::new();
        for _ in 0..4 {
            index.visit("a/b", |holders| {
                for group in &mut holders.groups {
                    group.offer(|sub| {
                        let takes = sub.member != 1;
                        turns.extend(takes.then_some(sub.member));
                        takes
                    });
                }
            });
        }
        assert_eq!(turns, [0, 2, 0, 2]);
    }
}
