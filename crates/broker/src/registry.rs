//! The remote sessions that live: one for each identity and client id, and no more than there may be. Must never wait,
//! and must never forget a session before its task has ended.

use crate::policy::Identity;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Why a session is asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Its client has connected again.
    TakenOver,
    /// The listener that it came through has been closed.
    Dismissed,
    /// What it was let in for holds no more.
    Expelled,
    ShuttingDown,
}

/// Why a session may not begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoEntry {
    Full,
    ShuttingDown,
    /// Its client has connected again already.
    Outrun,
}

type Key = (Identity, String);
/// Ends when a session has given its place back.
type Gone = oneshot::Receiver<Infallible>;

#[derive(Debug)]
struct Live {
    serial: u64,
    end: oneshot::Sender<End>,
    gone: Gone,
}

#[derive(Debug, Default)]
struct Inner {
    live: HashMap<Key, Live>,
    closed: bool,
}

#[derive(Debug)]
pub(crate) struct Registry {
    inner: Mutex<Inner>,
    max: usize,
}

/// A session's place; given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    registry: Arc<Registry>,
    key: Key,
    serial: u64,
    end: oneshot::Receiver<End>,
    /// The session whose place it was.
    before: Option<Gone>,
    _here: oneshot::Sender<Infallible>,
}

impl Registry {
    pub(crate) fn new(max: usize) -> Self {
        Self { inner: Mutex::default(), max }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a session; serials count up with connections. An older one of the same client ends, and its place goes to this one.
    pub(crate) fn enter(self: &Arc<Self>, key: Key, serial: u64) -> Result<Place, NoEntry> {
        let mut inner = self.lock();
        if inner.closed {
            return Err(NoEntry::ShuttingDown);
        }
        if inner.live.get(&key).is_some_and(|live| live.serial > serial) {
            return Err(NoEntry::Outrun);
        }
        if inner.live.len() >= self.max && !inner.live.contains_key(&key) {
            return Err(NoEntry::Full);
        }
        let ((end, ended), (here, gone)) = (oneshot::channel(), oneshot::channel());
        let older = inner.live.insert(key.clone(), Live { serial, end, gone });
        let before = older.map(|older| {
            older.end.send(End::TakenOver).ok();
            older.gone
        });
        Ok(Place { registry: Arc::clone(self), key, serial, end: ended, before, _here: here })
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().live.len()
    }

    /// Ends the sessions with these serials.
    pub(crate) fn dismiss(&self, is_meant: impl Fn(u64) -> bool) {
        let mut inner = self.lock();
        let meant = inner.live.extract_if(|_, live| is_meant(live.serial));
        for (_, live) in meant {
            live.end.send(End::Dismissed).ok();
        }
    }

    /// Ends the sessions of somebody whose connections were not newer than this.
    pub(crate) fn expel(&self, who: &Identity, newest: u64) {
        let mut inner = self.lock();
        let expelled = inner.live.extract_if(|(of, _), live| of == who && live.serial <= newest);
        for (_, live) in expelled {
            live.end.send(End::Expelled).ok();
        }
    }

    /// Ends all sessions; none can begin any more.
    pub(crate) fn close(&self) {
        let mut inner = self.lock();
        inner.closed = true;
        for (_, live) in inner.live.drain() {
            live.end.send(End::ShuttingDown).ok();
        }
    }
}

impl Place {
    pub(crate) fn client_id(&self) -> &str {
        &self.key.1
    }

    /// Waits until the session whose place this was has left.
    pub(crate) async fn free(&mut self) {
        if let Some(before) = self.before.take() {
            before.await.ok();
        }
    }

    /// Waits until this session is asked to end.
    pub(crate) async fn ended(&mut self) -> Option<End> {
        (&mut self.end).await.ok()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inner = self.registry.lock();
        if inner.live.get(&self.key).is_some_and(|live| live.serial == self.serial) {
            inner.live.remove(&self.key);
        }
    }
}
