//! Which topics remote sessions ask for by name: what makes subscribing follow. Must never tell of a filter that its
//! holder could not read from, and must never tell so often that a flood of subscriptions keeps the broker busy.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use tokio::sync::watch;

pub(crate) type Counts = Arc<BTreeMap<String, usize>>;

#[derive(Debug)]
pub(crate) struct Followed {
    counts: BTreeMap<String, usize>,
    changed: bool,
    told: watch::Sender<Counts>,
}

impl Followed {
    pub(crate) fn new(told: watch::Sender<Counts>) -> Self {
        Self { counts: BTreeMap::new(), changed: false, told }
    }

    pub(crate) fn add(&mut self, topic: &str) {
        *self.counts.entry(topic.to_owned()).or_default() += 1;
        self.changed = true;
    }

    pub(crate) fn remove(&mut self, topic: &str) {
        if let Entry::Occupied(mut count) = self.counts.entry(topic.to_owned()) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
            self.changed = true;
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
