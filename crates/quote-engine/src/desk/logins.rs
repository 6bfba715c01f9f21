//! Who may come in: tokens and passwords of the accounts, and the passwords that have been found right before, so that
//! nobody who shows one waits for a check. Must never hold a password: only what this process alone can compare.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use market::UserName;
use rand::RngExt as _;
use sha2::{Digest as _, Sha256};

use super::DeskHandle;
use crate::{
    password,
    store::{Account, Accounts},
    token,
};

/// A hash that no password is known to have: whoever names a user who is not there is let wait as long as others.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5cyBzYWx0IQ$J9gVwGNt2zEGbE1G/M3/CJr2fzfyTLtQ7mVg/TMmGzw";

/// Passwords that were right, one for each user, under a key that dies with the process.
#[derive(Clone)]
pub(super) struct Known(Arc<Inner>);

struct Inner {
    key: [u8; 32],
    right: Mutex<HashMap<UserName, [u8; 32]>>,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Known")
    }
}

impl Default for Known {
    fn default() -> Self {
        Self(Arc::new(Inner { key: rand::rng().random(), right: Mutex::default() }))
    }
}

impl Known {
    /// The hash is in it, so that a password that was changed is known no more.
    fn sign(&self, password: &str, hash: &str) -> [u8; 32] {
        let length = (hash.len() as u64).to_be_bytes();
        Sha256::new()
            .chain_update(self.0.key)
            .chain_update(length)
            .chain_update(hash)
            .chain_update(password)
            .finalize()
            .into()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserName, [u8; 32]>> {
        self.0.right.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn holds(&self, user: &UserName, password: &str, hash: &str) -> bool {
        self.lock().get(user).is_some_and(|sign| *sign == self.sign(password, hash))
    }

    pub(super) fn remember(&self, user: &UserName, password: &str, hash: &str) {
        let sign = self.sign(password, hash);
        self.lock().insert(user.clone(), sign);
    }
}

impl bus::Accounts for DeskHandle {
    fn recognises(&self, user: &UserName, shown: &str) -> bool {
        let accounts = self.accounts();
        accounts.borrow().get(user).is_some_and(|account| {
            let is_known = |hash: &String| self.known.holds(user, shown, hash);
            token::matches(shown, &account.token_sha256) || account.password.as_ref().is_some_and(is_known)
        })
    }

    fn verify(&self, user: &UserName, shown: &str) -> bool {
        let accounts = Arc::clone(&self.accounts().borrow());
        let Some(hash) = hash_to_check(&accounts, user) else { return false };
        let is_right = password::matches(shown, hash);
        if is_right {
            self.known.remember(user, shown, hash);
        }
        is_right
    }

    fn may_feed(&self, user: &UserName) -> bool {
        self.accounts().borrow().get(user).is_some_and(|account| account.may_feed)
    }
}

/// Where nobody has a password there is nothing to check.
fn hash_to_check<'a>(accounts: &'a Accounts, user: &UserName) -> Option<&'a str> {
    let of = |account: &'a Account| account.password.as_deref();
    let own = accounts.get(user).and_then(of);
    own.or_else(|| accounts.values().any(|account| of(account).is_some()).then_some(NOBODYS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_not_there_is_let_wait_as_long_as_who_is() {
        use argon2::password_hash::PasswordHash;
        let parts = |hash: &str| {
            let hash = PasswordHash::new(hash).unwrap();
            (hash.algorithm.to_string(), hash.params.to_string(), hash.hash.unwrap().len())
        };
        assert_eq!(parts(NOBODYS), parts(&password::hash("correct horse").unwrap()));
    }

    #[test]
    fn a_password_that_was_changed_is_known_no_more() {
        let (known, me) = (Known::default(), UserName::me());
        known.remember(&me, "correct horse", "hash");
        assert!(known.holds(&me, "correct horse", "hash"));
        assert!(!known.holds(&me, "correct horse", "another") && !known.holds(&me, "wrong", "hash"));
        assert!(!Known::default().holds(&me, "correct horse", "hash"));
    }
}
