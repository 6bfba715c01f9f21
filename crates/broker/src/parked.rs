//! The sessions whose client is away and may come back: how long they are kept, and the wills that wait for it. Must
//! never hold more than it was told, in all and of one identity.

use crate::inflight::Inflight;
use crate::parcel::Parcel;
use crate::policy::Identity;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Whose session it is: a client id is one client's only together with who it is.
pub(crate) type Key = (Identity, String);

/// What a session knows of its exchanges with its client.
#[derive(Debug, Default)]
pub(crate) struct Estate {
    pub(crate) inflight: Inflight,
    /// Publishes with `QoS` 2 that were taken and wait for their release.
    pub(crate) taken: HashSet<u16>,
}

/// How a session leaves.
#[derive(Debug)]
pub(crate) struct Parting {
    pub(crate) client_id: String,
    pub(crate) estate: Estate,
    /// Keep it for so long.
    pub(crate) keep: Duration,
    /// A will that waits for its client to come back, and how long.
    pub(crate) will: Option<(Arc<Parcel>, Duration)>,
}

/// A session whose client is away.
#[derive(Debug)]
pub(crate) struct Away {
    /// The member that it was and still is.
    pub(crate) serial: u64,
    pub(crate) estate: Estate,
    pub(crate) will: Option<Arc<Parcel>>,
    will_due: Instant,
    since: Instant,
    until: Instant,
}

impl Away {
    pub(crate) fn new(serial: u64, parting: Parting, now: Instant) -> Self {
        let (will, delay) = parting.will.map_or((None, parting.keep), |(will, delay)| (Some(will), delay));
        // Bounded by the configuration, so neither is beyond what an instant can be.
        let after = |time: Duration| now.checked_add(time).unwrap_or(now);
        let until = after(parting.keep);
        Self { serial, estate: parting.estate, will, will_due: after(delay).min(until), since: now, until }
    }
}

#[derive(Debug)]
pub(crate) struct Parked {
    away: HashMap<Key, Away>,
    max: usize,
    max_each: usize,
}

impl Parked {
    pub(crate) fn new(max: usize, max_each: usize) -> Self {
        Self { away: HashMap::new(), max, max_each }
    }

    pub(crate) fn len(&self) -> usize {
        self.away.len()
    }

    /// Keeps a session. Those that have to end for it are handed over, maybe itself.
    pub(crate) fn keep(&mut self, key: Key, away: Away) -> Vec<Away> {
        let who = key.0.clone();
        let mut over = Vec::from_iter(self.away.insert(key, away));
        if self.away.keys().filter(|(each, _)| *each == who).count() > self.max_each {
            over.extend(self.end_oldest(|each| *each == who));
        }
        if self.away.len() > self.max {
            over.extend(self.end_oldest(|_| true));
        }
        over
    }

    /// The one that has been away the longest.
    fn end_oldest(&mut self, is_one: impl Fn(&Identity) -> bool) -> Option<Away> {
        let oldest = self.away.iter().filter(|((who, _), _)| is_one(who)).min_by_key(|(_, away)| away.since)?;
        let key = oldest.0.clone();
        self.away.remove(&key)
    }

    /// The client is back.
    pub(crate) fn take(&mut self, key: &Key) -> Option<Away> {
        self.away.remove(key)
    }

    /// All that is kept for somebody.
    pub(crate) fn take_all(&mut self, who: &Identity) -> Vec<Away> {
        self.away.extract_if(|(of, _), _| of == who).map(|(_, away)| away).collect()
    }

    /// Those that have been kept for long enough, and the wills whose time has come.
    pub(crate) fn sweep(&mut self, now: Instant) -> (Vec<Away>, Vec<Arc<Parcel>>) {
        let wills = self.away.values_mut().filter(|away| away.will_due <= now).filter_map(|away| away.will.take());
        let wills = wills.collect();
        (self.away.extract_if(|_, away| away.until <= now).map(|(_, away)| away).collect(), wills)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn parting(keep: u64, will: Option<u64>) -> Parting {
        let will = will.map(|delay| (Arc::new(Parcel::new("w", "x".into(), false)), Duration::from_secs(delay)));
        Parting { client_id: String::new(), estate: Estate::default(), keep: Duration::from_secs(keep), will }
    }

    fn key(who: &str, id: u64) -> Key {
        (if who.is_empty() { Identity::Anonymous } else { Identity::User(who.into()) }, id.to_string())
    }

    #[test]
    fn those_of_nobody_never_displace_those_of_a_user() {
        let (mut parked, now) = (Parked::new(4, 2), Instant::now());
        let mut keep = |who, id| {
            let over = parked.keep(key(who, id), Away::new(id, parting(60, None), now + Duration::from_millis(id)));
            over.into_iter().map(|away| away.serial).collect::<Vec<_>>()
        };
        assert!(keep("me", 1).is_empty());
        for id in 2..4 {
            assert!(keep("", id).is_empty());
        }
        assert_eq!(keep("", 4), [2], "the one that has been away the longest");
        assert!(keep("you", 5).is_empty());
        assert_eq!(keep("you", 6), [1], "there is room for four in all");
        assert_eq!(parked.len(), 4);
    }

    #[test]
    fn a_will_waits_for_its_delay_or_the_end_of_the_session() {
        for (keep, delay, due) in [(10, 3, 3), (3, 10, 3), (5, 5, 5)] {
            let (mut parked, now) = (Parked::new(4, 2), Instant::now());
            parked.keep(key("", 1), Away::new(1, parting(keep, Some(delay)), now));
            let mut wills = |after| parked.sweep(now + Duration::from_secs(after)).1.len();
            assert_eq!([wills(due - 1), wills(due)], [0, 1], "{keep} {delay}");
        }
    }

    #[test]
    fn a_session_is_kept_until_it_expires() {
        let (mut parked, now) = (Parked::new(4, 2), Instant::now());
        parked.keep(key("", 1), Away::new(1, parting(5, None), now));
        assert!(parked.sweep(now + Duration::from_secs(4)).0.is_empty());
        assert_eq!(parked.sweep(now + Duration::from_secs(5)).0.len(), 1);
        assert!(parked.take(&key("", 1)).is_none());
    }
}
