//! What the broker counts. Must never be read to decide anything.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// The counts of a broker since its start; `sessions`, `parked`, `subscriptions`, `retained` and `queued` are the present
/// numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Remote sessions.
    pub sessions: usize,
    /// Sessions that are kept while their client is away.
    pub parked: usize,
    /// Filters held, by remote sessions and in-process subscriptions.
    pub subscriptions: usize,
    /// Topics with a retained value.
    pub retained: usize,
    /// Messages that wait for their readers, as of the last canary.
    pub queued: usize,
    /// Messages that have met their readers.
    pub messages_in: u64,
    /// Messages handed to a session's connection or an in-process subscription.
    pub messages_out: u64,
    /// Values that were replaced by a newer one before their reader took them.
    pub conflated: u64,
    /// Messages that were not delivered because there was no room for them, because they had expired, or because a packet
    /// was too large for its reader.
    pub dropped: u64,
    /// Publishes of clients that may not publish there.
    pub refused_publishes: u64,
    /// Values that were not kept because there were too many topics.
    pub unretained: u64,
    /// Subscriptions beyond the bounds of following: granted, but they follow nothing.
    pub unfollowed: u64,
    /// How often the router died and was built anew.
    pub router_rebuilds: u64,
}

/// Where the counts are kept.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) sessions: AtomicUsize,
    pub(crate) parked: AtomicUsize,
    pub(crate) subscriptions: AtomicUsize,
    pub(crate) retained: AtomicUsize,
    pub(crate) queued: AtomicUsize,
    pub(crate) messages_in: AtomicU64,
    pub(crate) messages_out: AtomicU64,
    pub(crate) conflated: AtomicU64,
    pub(crate) dropped: AtomicU64,
    pub(crate) refused_publishes: AtomicU64,
    pub(crate) unretained: AtomicU64,
    pub(crate) unfollowed: AtomicU64,
    pub(crate) router_rebuilds: AtomicU64,
}

impl Counters {
    pub(crate) fn snapshot(&self) -> Stats {
        Stats {
            sessions: self.sessions.load(Ordering::Relaxed),
            parked: self.parked.load(Ordering::Relaxed),
            subscriptions: self.subscriptions.load(Ordering::Relaxed),
            retained: self.retained.load(Ordering::Relaxed),
            queued: self.queued.load(Ordering::Relaxed),
            messages_in: self.messages_in.load(Ordering::Relaxed),
            messages_out: self.messages_out.load(Ordering::Relaxed),
            conflated: self.conflated.load(Ordering::Relaxed),
            dropped: self.dropped.load(Ordering::Relaxed),
            refused_publishes: self.refused_publishes.load(Ordering::Relaxed),
            unretained: self.unretained.load(Ordering::Relaxed),
            unfollowed: self.unfollowed.load(Ordering::Relaxed),
            router_rebuilds: self.router_rebuilds.load(Ordering::Relaxed),
        }
    }
}

/// Adds to a count, if there is anything to add.
pub(crate) fn add(count: &AtomicU64, n: u64) {
    if n > 0 {
        count.fetch_add(n, Ordering::Relaxed);
    }
}
