//! The newest retained value of each topic, and walks through them that can stop and go on. Must never hold more
//! than it was told, and must never walk far at once: live messages wait meanwhile.

use crate::filter::Filter;
use crate::parcel::{BuildHashed, Parcel, Topic};
use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;
use std::time::Instant;

#[derive(Debug)]
pub(crate) struct Retained {
    values: HashMap<Topic, Arc<Parcel>, BuildHashed>,
    /// The topics in order, so that a walk has a place to go on from.
    order: BTreeSet<Arc<str>>,
    /// Those that expire.
    expiring: BTreeSet<(Instant, Arc<str>)>,
    bytes: usize,
    max: usize,
    max_bytes: usize,
}

/// Where a walk stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Walk {
    /// It goes on behind this topic; `None`: at the start.
    After(Option<Arc<str>>),
    /// It has seen all.
    Done,
}

impl Retained {
    pub(crate) fn new(max: usize, max_bytes: usize) -> Self {
        let (values, order, expiring) = (HashMap::default(), BTreeSet::new(), BTreeSet::new());
        Self { values, order, expiring, bytes: 0, max, max_bytes }
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// Keeps a value, or forgets the topic if the value is empty. `false` if there is no room for it; an older one is
    /// forgotten all the same.
    pub(crate) fn keep(&mut self, parcel: &Arc<Parcel>) -> bool {
        if parcel.payload.is_empty() {
            self.forget(&parcel.topic);
            return true;
        }
        let before = self.values.get(&parcel.topic);
        let bytes = self.bytes + parcel.size() - before.map_or(0, |before| before.size());
        if bytes > self.max_bytes || before.is_none() && self.values.len() >= self.max {
            self.forget(&parcel.topic);
            return false;
        }
        self.bytes = bytes;
        if let Some(before) = self.values.insert(parcel.topic.clone(), Arc::clone(parcel)) {
            self.never_mind(&before);
        } else {
            self.order.insert(Arc::clone(parcel.topic.text()));
        }
        self.expiring.extend(parcel.expires.map(|at| (at, Arc::clone(parcel.topic.text()))));
        true
    }

    fn forget(&mut self, topic: &Topic) {
        let Some(value) = self.values.remove(topic) else { return };
        self.order.remove(topic.text());
        self.bytes -= value.size();
        self.never_mind(&value);
    }

    /// It need not be forgotten when it expires.
    fn never_mind(&mut self, value: &Parcel) {
        if let Some(at) = value.expires {
            self.expiring.remove(&(at, Arc::clone(value.topic.text())));
        }
    }

    /// Is there anything that expires?
    pub(crate) fn expires(&self) -> bool {
        !self.expiring.is_empty()
    }

    /// Forgets what has expired.
    pub(crate) fn sweep(&mut self, now: Instant) {
        while let Some((_, topic)) = self.expiring.first().filter(|(at, _)| *at <= now) {
            let topic = Topic::new(topic);
            self.forget(&topic);
        }
    }

    /// Looks at no more than `steps` topics and hands those that match to `found`.
    pub(crate) fn walk(
        &self,
        filter: &Filter,
        from: Option<&Arc<str>>,
        steps: usize,
        mut found: impl FnMut(&Arc<Parcel>),
    ) -> Walk {
        if !filter.wild {
            if let Some(value) = self.values.get(&Topic::new(&filter.path)) {
                found(value);
            }
            return Walk::Done;
        }
        let prefix = filter.prefix();
        let start = match from {
            Some(topic) => Bound::Excluded(&**topic),
            None => Bound::Included(prefix),
        };
        let mut topics = self.order.range::<str, _>((start, Bound::Unbounded));
        let mut last = None;
        for _ in 0..steps {
            let Some(topic) = topics.next().filter(|topic| topic.starts_with(prefix)) else { return Walk::Done };
            if filter.matches(topic)
                && let Some(value) = self.values.get(&Topic::new(topic))
            {
                found(value);
            }
            last = Some(topic);
        }
        Walk::After(last.cloned())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use proptest::prelude::*;

    fn parcel(topic: &str, value: &'static str) -> Arc<Parcel> {
        Arc::new(Parcel::new(topic, Bytes::from_static(value.as_bytes()), true))
    }

    fn all(retained: &Retained, filter: &str, steps: usize) -> Vec<String> {
        let filter = Filter::parse(filter).unwrap();
        let (mut from, mut seen) = (None, Vec::new());
        while let Walk::After(topic) =
            retained.walk(&filter, from.as_ref(), steps, |value| seen.push(value.topic.text().to_string()))
        {
            from = topic;
        }
        seen
    }

    #[test]
    fn there_is_room_for_so_many_topics_only() {
        let mut retained = Retained::new(2, 1_000);
        assert!(retained.keep(&parcel("a", "1")) && retained.keep(&parcel("b", "1")));
        assert!(!retained.keep(&parcel("c", "1")));
        assert!(retained.keep(&parcel("a", "2")), "a newer value of a known topic");
        assert!(retained.keep(&parcel("a", "")), "cleared");
        assert!(retained.keep(&parcel("c", "1")), "there is room again");
        assert_eq!(all(&retained, "#", 10), ["b", "c"]);
    }

    #[test]
    fn there_is_room_for_so_many_bytes_only() {
        let size = parcel("a", "1").size();
        let mut retained = Retained::new(9, 2 * size + 1);
        assert!(retained.keep(&parcel("a", "1")) && retained.keep(&parcel("b", "1")));
        assert!(!retained.keep(&parcel("c", "1")));
        assert!(retained.keep(&parcel("a", "22")));
        assert!(!retained.keep(&parcel("b", "333")), "no newer value");
        assert_eq!(all(&retained, "#", 10), ["a"], "and no older one");
        assert!(retained.keep(&parcel("c", "1")), "there is room again");
        for topic in ["a", "c"] {
            retained.keep(&parcel(topic, ""));
        }
        assert_eq!(retained.bytes, 0);
    }

    #[test]
    fn what_expires_is_forgotten_unless_it_was_replaced() {
        let (mut retained, now) = (Retained::new(9, 1_000), Instant::now());
        let after = |seconds| Some(now + std::time::Duration::from_secs(seconds));
        let expiring =
            |topic, seconds| Arc::new(Parcel { expires: after(seconds), ..Parcel::new(topic, "x".into(), true) });
        for topic in ["a", "b", "c"] {
            retained.keep(&expiring(topic, 1));
        }
        retained.keep(&expiring("a", 5));
        retained.keep(&parcel("b", "for ever"));
        retained.sweep(after(1).unwrap());
        assert_eq!(all(&retained, "#", 10), ["a", "b"]);
        retained.sweep(after(5).unwrap());
        assert_eq!(all(&retained, "#", 10), ["b"]);
        assert!(!retained.expires());
    }

    proptest! {
        #[test]
        fn a_walk_in_steps_sees_what_a_filter_matches(
            topics in prop::collection::btree_set("[ab]{1,2}(/[ab]{1,2}){0,2}", 0..40),
            filter in prop::sample::select(&["#", "a/#", "+/b", "a/+", "aa", "ab/+/#", "+"]),
            steps in 1..7_usize,
        ) {
            let mut retained = Retained::new(100, 10_000);
            for topic in &topics {
                retained.keep(&parcel(topic, "v"));
            }
            let parsed = Filter::parse(filter).unwrap();
            let expected: Vec<String> = topics.into_iter().filter(|topic| parsed.matches(topic)).collect();
            prop_assert_eq!(all(&retained, filter, steps), expected);
        }
    }
}
