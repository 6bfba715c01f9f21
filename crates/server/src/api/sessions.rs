//! Logins from the web page: one-time codes and sessions, both random, bounded in number, and short-lived.
//!
//! In memory only: whoever was logged in before a restart opens the new link, or shows the token again.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use market::UserName;
use sha2::{Digest as _, Sha256};

/// How long a one-time code opens.
const CODE_LIFE: Duration = Duration::from_secs(10 * 60);
/// How long a session lasts.
pub(super) const SESSION_LIFE: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Sessions at once at the most; the oldest ends for one more.
const SESSIONS_MAX: usize = 1_000;
/// Codes that wait at the most.
const CODES_MAX: usize = 100;

/// Kept under the fingerprint of what its holder shows, so that looking it up tells nothing by its time.
#[derive(Debug)]
struct Kept {
    user: UserName,
    until: Instant,
}

#[derive(Debug, Default)]
pub(super) struct Sessions {
    codes: Mutex<HashMap<[u8; 32], Kept>>,
    sessions: Mutex<HashMap<[u8; 32], Kept>>,
}

impl Sessions {
    /// A code that logs in once.
    pub(super) fn new_code(&self, user: &UserName) -> String {
        keep(&mut lock(&self.codes), user, CODE_LIFE, CODES_MAX)
    }

    /// Whom a code logs in. It does so once.
    pub(super) fn redeem(&self, code: &str) -> Option<UserName> {
        let kept = lock(&self.codes).remove(&fingerprint(code))?;
        (kept.until > Instant::now()).then_some(kept.user)
    }

    /// A new session; what its holder shows.
    pub(super) fn begin(&self, user: &UserName) -> String {
        keep(&mut lock(&self.sessions), user, SESSION_LIFE, SESSIONS_MAX)
    }

    /// Whose session this is.
    pub(super) fn user_of(&self, id: &str) -> Option<UserName> {
        let sessions = lock(&self.sessions);
        let kept = sessions.get(&fingerprint(id))?;
        (kept.until > Instant::now()).then(|| kept.user.clone())
    }

    pub(super) fn end(&self, id: &str) {
        lock(&self.sessions).remove(&fingerprint(id));
    }
}

fn keep(all: &mut HashMap<[u8; 32], Kept>, user: &UserName, life: Duration, max: usize) -> String {
    let now = Instant::now();
    all.retain(|_, kept| kept.until > now);
    if all.len() >= max
        && let Some(oldest) = all.iter().min_by_key(|(_, kept)| kept.until).map(|(key, _)| *key)
    {
        all.remove(&oldest);
    }
    let shown = hex::encode(rand::random::<[u8; 32]>());
    all.insert(fingerprint(&shown), Kept { user: user.clone(), until: now + life });
    shown
}

fn fingerprint(shown: &str) -> [u8; 32] {
    Sha256::digest(shown).into()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_opens_once() {
        let sessions = Sessions::default();
        let code = sessions.new_code(&UserName::me());
        assert_eq!(sessions.redeem("wrong"), None);
        assert_eq!(sessions.redeem(&code), Some(UserName::me()));
        assert_eq!(sessions.redeem(&code), None);
    }

    #[test]
    fn a_session_ends_when_it_is_told_to() {
        let sessions = Sessions::default();
        let id = sessions.begin(&UserName::me());
        assert_eq!(sessions.user_of(&id), Some(UserName::me()));
        sessions.end(&id);
        assert_eq!(sessions.user_of(&id), None);
    }

    #[test]
    fn there_is_a_bound_on_their_number() {
        let sessions = Sessions::default();
        let first = sessions.begin(&UserName::me());
        for _ in 0..SESSIONS_MAX {
            sessions.begin(&UserName::me());
        }
        assert_eq!(sessions.user_of(&first), None);
        assert_eq!(lock(&sessions.sessions).len(), SESSIONS_MAX);
    }
}
