//! What is still to be delivered, on disk: a redb database, each change of which is there as a whole or not at all.
//!
//! Everything stands in memory too, within bounds. A full disk silences nothing: what could not be written is delivered
//! all the same, and may be delivered again after a restart. Blocks on the disk: call it where that may be.

mod disk;

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use jiff::{SignedDuration, Timestamp};
use market::{DeadLetter, LogEvent, UserName};
use serde::{Deserialize, Serialize};

pub use disk::FILE_NAME;
use disk::{Changes, Disk};

use super::retry;

/// Letters that wait for one destination at the most; the oldest is given up beyond that.
const WAITING_MAX: usize = 500;
/// Letters of everybody that wait at the most; beyond that nothing is put down.
const WAITING_OF_ALL_MAX: usize = 20_000;
/// Dead letters of one user at the most; the oldest is forgotten beyond that.
const DEAD_MAX: usize = 200;
/// How long a dead letter is kept.
const DEAD_TIME_MAX: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long is known what has been heard: longer than it is looked for in any log.
const HEARD_TIME_MAX: SignedDuration = SignedDuration::from_hours(48);
/// Events that are known to have been heard at the most.
const HEARD_MAX: usize = 100_000;

/// A user's destination.
pub(super) type Lane = (UserName, String);

/// One event for one destination.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Letter {
    /// Unique, and growing.
    pub(super) id: u64,
    pub(super) user: UserName,
    pub(super) destination: String,
    pub(super) event: LogEvent,
    pub(super) queued_at: Timestamp,
    pub(super) tries: u32,
    pub(super) next_try: Timestamp,
    /// Why it was given up, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) dead: Option<(String, Timestamp)>,
}

impl Letter {
    fn lane(&self) -> Lane {
        (self.user.clone(), self.destination.clone())
    }

    fn shown(&self) -> Option<DeadLetter> {
        let (reason, given_up_at) = self.dead.clone()?;
        Some(DeadLetter {
            id: self.id.to_string(),
            destination: self.destination.clone(),
            event: self.event.clone(),
            reason,
            tries: self.tries,
            given_up_at,
        })
    }
}

/// The letters.
#[derive(Debug)]
pub(super) struct Outbox {
    disk: Disk,
    /// Those that wait, by destination, the oldest first.
    waiting: BTreeMap<Lane, BTreeMap<u64, Letter>>,
    /// Those that were given up.
    dead: BTreeMap<UserName, BTreeMap<u64, Letter>>,
    /// The ids of events that were put down, and when.
    heard: HashMap<String, Timestamp>,
    next_id: u64,
    since: Timestamp,
}

impl Outbox {
    /// Reads what an earlier run left.
    pub(super) fn open(folder: &Path, now: Timestamp) -> Result<Self, redb::Error> {
        let (disk, found) = Disk::open(folder, now)?;
        let mut outbox = Self {
            disk,
            waiting: BTreeMap::new(),
            dead: BTreeMap::new(),
            next_id: found.letters.last().map_or(1, |last| last.id + 1),
            heard: found.heard,
            since: found.since,
        };
        for letter in found.letters {
            outbox.keep(letter);
        }
        outbox.forget(now);
        Ok(outbox)
    }

    /// When the first run began: what happened before was delivered, or was to be, by nobody.
    pub(super) fn since(&self) -> Timestamp {
        self.since
    }

    /// Whether an event was put down before.
    pub(super) fn has_heard(&self, event: &str) -> bool {
        self.heard.contains_key(event)
    }

    /// Puts an event down for these destinations, once: one that is heard again changes nothing.
    pub(super) fn put(&mut self, user: &UserName, event: &LogEvent, destinations: &[String], now: Timestamp) {
        if self.has_heard(event.id()) {
            return;
        }
        if self.heard.len() >= HEARD_MAX {
            self.forget(now);
        }
        let mut changes = Changes { heard: Some((event.id().to_owned(), now)), ..Changes::default() };
        for destination in destinations {
            if self.waiting_of_all() >= WAITING_OF_ALL_MAX {
                tracing::warn!(%user, destination, "not delivered: {WAITING_OF_ALL_MAX} alerts wait already");
                continue;
            }
            let letter = Letter {
                id: self.next_id,
                user: user.clone(),
                destination: destination.clone(),
                event: event.clone(),
                queued_at: now,
                tries: 0,
                next_try: now,
                dead: None,
            };
            self.next_id += 1;
            changes.puts.push(letter.clone());
            self.keep(letter);
            self.bound_lane(&(user.clone(), destination.clone()), now, &mut changes);
        }
        self.heard.insert(event.id().to_owned(), now);
        self.disk.write(&changes);
    }

    /// Of each destination that is free and has one, the letter that is due first.
    pub(super) fn due(&self, now: Timestamp, is_free: impl Fn(&Lane) -> bool) -> Vec<Letter> {
        let lanes = self.waiting.iter().filter(|(lane, _)| is_free(lane));
        let first = lanes.filter_map(|(_, letters)| first(letters));
        first.filter(|letter| letter.next_try <= now).cloned().collect()
    }

    /// When the next letter is due at one of these destinations.
    pub(super) fn next_due(&self, not_before: impl Fn(&Lane) -> Option<Timestamp>) -> Option<Timestamp> {
        let lanes = self.waiting.iter();
        lanes.filter_map(|(lane, letters)| Some(first(letters)?.next_try.max(not_before(lane)?))).min()
    }

    /// It was taken.
    pub(super) fn delivered(&mut self, id: u64, lane: &Lane) {
        if self.take(id, lane).is_some() {
            self.disk.write(&Changes { removes: vec![id], ..Changes::default() });
        }
    }

    /// Why a letter that was not taken is not tried again, if it is not.
    pub(super) fn given_up(&self, id: u64, lane: &Lane, now: Timestamp) -> Option<&'static str> {
        let letter = self.waiting.get(lane)?.get(&id)?;
        retry::given_up(letter.tries + 1, letter.queued_at, now)
    }

    /// It was not taken, and is tried again.
    pub(super) fn put_off(&mut self, id: u64, lane: &Lane, until: Timestamp) {
        if let Some(letter) = self.waiting.get_mut(lane).and_then(|letters| letters.get_mut(&id)) {
            (letter.tries, letter.next_try) = (letter.tries + 1, until);
            self.disk.write(&Changes { puts: vec![letter.clone()], ..Changes::default() });
        }
    }

    /// It was not taken, and is not tried again by itself.
    pub(super) fn give_up(&mut self, id: u64, lane: &Lane, reason: &str, now: Timestamp) {
        let mut changes = Changes::default();
        if let Some(letter) = self.take(id, lane) {
            self.bury(Letter { tries: letter.tries + 1, ..letter }, reason, now, &mut changes);
            self.disk.write(&changes);
        }
    }

    /// Drops what waits for destinations that are there no more.
    pub(super) fn drop_lanes(&mut self, is_gone: impl Fn(&Lane) -> bool) {
        let gone: Vec<Lane> = self.waiting.keys().filter(|lane| is_gone(lane)).cloned().collect();
        let letters = gone.iter().filter_map(|lane| self.waiting.remove(lane));
        let removes: Vec<u64> = letters.flat_map(BTreeMap::into_keys).collect();
        if !removes.is_empty() {
            self.disk.write(&Changes { removes, ..Changes::default() });
        }
    }

    /// How many letters wait for each of a user's destinations.
    pub(super) fn waiting(&self, user: &UserName) -> BTreeMap<String, u32> {
        let own = self.waiting.iter().filter(|((owner, _), _)| owner == user);
        own.map(|((_, id), letters)| (id.clone(), u32::try_from(letters.len()).unwrap_or(u32::MAX))).collect()
    }

    /// A user's dead letters, the newest first.
    pub(super) fn dead(&self, user: &UserName) -> Vec<DeadLetter> {
        self.dead.get(user).into_iter().flat_map(|letters| letters.values().rev()).filter_map(Letter::shown).collect()
    }

    /// Sends a dead letter once more, as if it were new; whether there is one.
    pub(super) fn try_again(&mut self, user: &UserName, id: u64, now: Timestamp) -> bool {
        let Some(letter) = self.dead.get_mut(user).and_then(|letters| letters.remove(&id)) else { return false };
        let letter = Letter { tries: 0, queued_at: now, next_try: now, dead: None, ..letter };
        let mut changes = Changes { puts: vec![letter.clone()], ..Changes::default() };
        let lane = letter.lane();
        self.keep(letter);
        self.bound_lane(&lane, now, &mut changes);
        self.disk.write(&changes);
        true
    }

    /// Forgets a dead letter; whether there is one.
    pub(super) fn delete(&mut self, user: &UserName, id: u64) -> bool {
        let found = self.dead.get_mut(user).and_then(|letters| letters.remove(&id)).is_some();
        if found {
            self.disk.write(&Changes { removes: vec![id], ..Changes::default() });
        }
        found
    }

    /// Forgets what nobody asks for any more.
    pub(super) fn forget(&mut self, now: Timestamp) {
        let is_old = |at: Timestamp, most: SignedDuration| now.duration_since(at) > most;
        let is_full = self.heard.len() >= HEARD_MAX;
        let heard_max = if is_full { HEARD_TIME_MAX / 4 } else { HEARD_TIME_MAX };
        let unheard = self.heard.extract_if(|_, at| is_old(*at, heard_max)).map(|(id, _)| id).collect();
        let mut removes = Vec::new();
        for letters in self.dead.values_mut() {
            let old = |letter: &Letter| letter.dead.as_ref().is_some_and(|(_, at)| is_old(*at, DEAD_TIME_MAX));
            removes.extend(letters.values().filter(|letter| old(letter)).map(|letter| letter.id));
            letters.retain(|_, letter| !old(letter));
        }
        self.dead.retain(|_, letters| !letters.is_empty());
        self.disk.write(&Changes { removes, unheard, ..Changes::default() });
    }

    fn waiting_of_all(&self) -> usize {
        self.waiting.values().map(BTreeMap::len).sum()
    }

    fn keep(&mut self, letter: Letter) {
        let letters = match letter.dead {
            Some(_) => self.dead.entry(letter.user.clone()).or_default(),
            None => self.waiting.entry(letter.lane()).or_default(),
        };
        letters.insert(letter.id, letter);
    }

    fn take(&mut self, id: u64, lane: &Lane) -> Option<Letter> {
        let letters = self.waiting.get_mut(lane)?;
        let letter = letters.remove(&id);
        if letters.is_empty() {
            self.waiting.remove(lane);
        }
        letter
    }

    /// The newest tell most: of too many that wait, the oldest is given up.
    fn bound_lane(&mut self, lane: &Lane, now: Timestamp, changes: &mut Changes) {
        let oldest = self.waiting.get_mut(lane).filter(|letters| letters.len() > WAITING_MAX);
        if let Some((_, oldest)) = oldest.and_then(BTreeMap::pop_first) {
            self.bury(oldest, "too many newer ones wait", now, changes);
        }
    }

    fn bury(&mut self, letter: Letter, reason: &str, now: Timestamp, changes: &mut Changes) {
        let letter = Letter { dead: Some((reason.to_owned(), now)), ..letter };
        changes.puts.push(letter.clone());
        let letters = self.dead.entry(letter.user.clone()).or_default();
        letters.insert(letter.id, letter);
        if letters.len() > DEAD_MAX
            && let Some((oldest, _)) = letters.pop_first()
        {
            changes.removes.push(oldest);
        }
    }
}

/// The letter that is due first; of several the oldest.
fn first(letters: &BTreeMap<u64, Letter>) -> Option<&Letter> {
    letters.values().min_by_key(|letter| (letter.next_try, letter.id))
}

#[cfg(test)]
mod tests;
