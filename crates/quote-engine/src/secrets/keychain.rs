//! The system's keychain (Keychain, Credential Manager, Secret Service), asked from a thread of its own and for a limited
//! time: it may wait for a person to unlock it, or hang.
//!
//! One question at a time, so that a keychain that hangs holds one thread. That thread is none of the runtime's, because
//! a runtime waits for its own threads before the program can end. A store's own error text is shown only where it
//! cannot hold what was read.

use std::{fmt, sync::Arc, thread, time::Duration};

use keyring_core::{CredentialStore, Entry, Error};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::{
    sync::{Semaphore, oneshot},
    time::timeout,
};

/// Under which name the entries stand in it.
const SERVICE: &str = "app.quickstocks.desktop";
/// How long a secret is waited for: nothing that starts waits longer.
const READ_TIME_MAX: Duration = Duration::from_secs(2);
/// How long a change may take: a person may have to unlock the keychain for it.
const WRITE_TIME_MAX: Duration = Duration::from_secs(60);

type Open = dyn Fn() -> Result<Arc<CredentialStore>, String> + Send + Sync;

/// A keychain; not asked before it is needed.
#[derive(Clone)]
pub struct Keychain {
    open: Arc<Open>,
    turn: Arc<Semaphore>,
}

impl fmt::Debug for Keychain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keychain").finish_non_exhaustive()
    }
}

/// What is wrong with the keychain.
#[derive(Debug)]
pub(super) enum Trouble {
    /// There is none.
    Absent(String),
    /// It refuses.
    Failed(String),
    /// It has not answered for so long.
    Silent(Duration),
}

impl Keychain {
    /// The system's own.
    pub fn native() -> Self {
        Self::opened_by(|| {
            keyring::Entry::store_status().as_ref().map_err(said)?;
            keyring_core::get_default_store().ok_or_else(|| "none was found".to_owned())
        })
    }

    /// This one.
    pub fn of(store: Arc<CredentialStore>) -> Self {
        Self::opened_by(move || Ok(Arc::clone(&store)))
    }

    /// One that is had by a call which may fail or hang.
    pub fn opened_by(open: impl Fn() -> Result<Arc<CredentialStore>, String> + Send + Sync + 'static) -> Self {
        Self { open: Arc::new(open), turn: Arc::new(Semaphore::new(1)) }
    }

    pub(super) async fn get(&self, name: &str) -> Result<Option<SecretString>, Trouble> {
        self.ask(READ_TIME_MAX, name, |entry| match entry.get_password() {
            Ok(secret) => Ok(Some(SecretString::from(secret))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
        .await
    }

    pub(super) async fn set(&self, name: &str, secret: SecretString) -> Result<(), Trouble> {
        self.ask(WRITE_TIME_MAX, name, move |entry| entry.set_password(secret.expose_secret())).await
    }

    pub(super) async fn remove(&self, name: &str) -> Result<(), Trouble> {
        self.ask(WRITE_TIME_MAX, name, |entry| match entry.delete_credential() {
            Err(Error::NoEntry) => Ok(()),
            other => other,
        })
        .await
    }

    async fn ask<T: Send + 'static>(
        &self,
        limit: Duration,
        name: &str,
        question: impl FnOnce(&Entry) -> keyring_core::Result<T> + Send + 'static,
    ) -> Result<T, Trouble> {
        let (open, name) = (Arc::clone(&self.open), name.to_owned());
        let asking = async {
            let turn = Arc::clone(&self.turn).acquire_owned().await.map_err(|_| broke_off())?;
            let (done, answer) = oneshot::channel();
            let work = move || {
                let result = open().map_err(Trouble::Absent).and_then(|store| {
                    let entry = store.build(SERVICE, &name, None).map_err(|error| failed(&error))?;
                    question(&entry).map_err(|error| failed(&error))
                });
                drop(turn);
                // Whoever asked may have stopped waiting.
                let _ = done.send(result);
            };
            thread::Builder::new().name("keychain".to_owned()).spawn(work).map_err(|_| broke_off())?;
            answer.await.unwrap_or_else(|_| Err(broke_off()))
        };
        timeout(limit, asking).await.unwrap_or(Err(Trouble::Silent(limit)))
    }
}

fn broke_off() -> Trouble {
    Trouble::Failed("the question broke off".to_owned())
}

fn failed(error: &Error) -> Trouble {
    Trouble::Failed(said(error))
}

/// The store's words; none of those that may quote what it holds.
fn said(error: &Error) -> String {
    match error {
        Error::PlatformFailure(cause) | Error::NoStorageAccess(cause) => cause.to_string(),
        Error::BadEncoding(_) | Error::BadDataFormat(..) => "the entry holds no text".to_owned(),
        Error::Ambiguous(entries) => format!("{} entries have this name", entries.len()),
        Error::NoEntry => "it has no such entry".to_owned(),
        Error::TooLong(_, limit) => format!("at most {limit} characters fit in"),
        Error::NoDefaultStore => "none was found".to_owned(),
        _ => "for a reason of its own".to_owned(),
    }
}
