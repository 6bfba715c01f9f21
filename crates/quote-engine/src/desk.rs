//! The desk: the one writer of users, watchlists and alerts.
//!
//! Every edit comes here as a message, is applied, saved, published, and only then acknowledged. Nobody else writes.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

use bus::{Bus, Message};
use market::{EditError, Edited, Profile, Split, Symbol, Timestamp, UserName, Watchlists, profile::Edit};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::{
    durable::{self, DurableError},
    store::{Account, Accounts, ProfileStore},
    token,
};

/// Edits that wait for the desk at the most; an editor waits beyond that.
const EDITS_MAX: usize = 256;

/// Why an edit was not acknowledged. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// There is no such user.
    #[error("there is no user {0:?}")]
    NoUser(String),
    /// The edit makes no sense.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// It could not be made to survive.
    #[error("not saved: {0}")]
    NotSaved(#[from] DurableError),
    /// The program is ending.
    #[error("the desk is closed")]
    Closed,
}

/// Why the desk cannot open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another program keeps this data folder.
    #[error("{folder} is in use by another Quickstocks: {source}")]
    Locked {
        /// The data folder.
        folder: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The data folder cannot be read or written.
    #[error(transparent)]
    Store(#[from] DurableError),
}

struct Request {
    user: UserName,
    edit: Edit,
    done: oneshot::Sender<Result<Edited, DeskError>>,
}

/// A way to the desk. Cheap to clone.
#[derive(Debug, Clone)]
pub struct DeskHandle {
    requests: mpsc::Sender<Request>,
    accounts: watch::Receiver<Arc<Accounts>>,
}

impl DeskHandle {
    /// Makes one change to a user's profile. When this returns, it has survived.
    pub async fn apply(&self, user: &UserName, edit: Edit) -> Result<Edited, DeskError> {
        let (done, answer) = oneshot::channel();
        let request = Request { user: user.clone(), edit, done };
        self.requests.send(request).await.map_err(|_| DeskError::Closed)?;
        answer.await.map_err(|_| DeskError::Closed)?
    }

    /// Carries the alerts of every user over a split. When this returns, all of them have survived; done again, it
    /// changes nothing.
    pub async fn carry_over(&self, symbol: &Symbol, split: Split, seen_at: Timestamp) -> Result<(), DeskError> {
        let accounts = Arc::clone(&self.accounts.borrow());
        let concerned = |account: &Account| account.profile.alerts.iter().any(|alert| alert.symbol == *symbol);
        for (user, _) in accounts.iter().filter(|(_, account)| concerned(account)) {
            let edit = Edit::CarryOverSplit { symbol: symbol.clone(), split, seen_at };
            match self.apply(user, edit).await {
                // Who is gone has no alerts.
                Ok(_) | Err(DeskError::NoUser(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// A user's profile as it is now.
    pub fn profile(&self, user: &UserName) -> Result<Profile, DeskError> {
        let accounts = self.accounts.borrow();
        let account = accounts.get(user).ok_or_else(|| DeskError::NoUser(user.to_string()))?;
        Ok(account.profile.clone())
    }

    /// Every user, now and at each change.
    pub fn accounts(&self) -> watch::Receiver<Arc<Accounts>> {
        self.accounts.clone()
    }

    /// Whose token this is.
    pub fn user_of(&self, presented: &str) -> Option<UserName> {
        let accounts = self.accounts.borrow();
        let mut found = None;
        // Looks at every account, so that the time it takes tells nothing.
        for (user, account) in accounts.iter() {
            if token::matches(presented, &account.token_sha256) {
                found = Some(user.clone());
            }
        }
        found
    }
}

impl bus::Accounts for DeskHandle {
    fn verify(&self, user: &UserName, password: &str) -> bool {
        self.accounts.borrow().get(user).is_some_and(|account| token::matches(password, &account.token_sha256))
    }
}

/// The desk itself, open but not yet at work.
#[derive(Debug)]
pub struct Desk {
    store: Box<dyn ProfileStore>,
    generation: u64,
    accounts: watch::Sender<Arc<Accounts>>,
    requests: mpsc::Receiver<Request>,
    _lock: File,
}

/// What opening found.
#[derive(Debug)]
pub struct Opened {
    /// The desk, to be run.
    pub desk: Desk,
    /// The way to it.
    pub handle: DeskHandle,
    /// What the user should know about the files.
    pub notice: Option<String>,
}

impl Desk {
    /// Locks the data folder and reads the store; at a first start makes the user `me` and writes its token to
    /// `<data_dir>/token`.
    pub fn open(data_dir: &Path, mut store: Box<dyn ProfileStore>) -> Result<Opened, OpenError> {
        let lock = lock(data_dir)?;
        let loaded = store.load()?;
        let (mut accounts, mut generation) = (loaded.state.unwrap_or_default(), loaded.generation);
        if ensure_me(data_dir, &mut accounts)? {
            generation += 1;
            store.save(generation, &accounts)?;
        }
        let (requests, incoming) = mpsc::channel(EDITS_MAX);
        let (accounts, watched) = watch::channel(Arc::new(accounts));
        let desk = Self { store, generation, accounts, requests: incoming, _lock: lock };
        Ok(Opened { desk, handle: DeskHandle { requests, accounts: watched }, notice: loaded.notice })
    }

    /// Takes edits until `shutdown`; an edit that was taken is finished.
    pub async fn run(mut self, bus: Bus, shutdown: CancellationToken) {
        let everybody = Arc::clone(&self.accounts.borrow());
        for account in everybody.values() {
            publish_watchlists(&bus, &account.profile).await;
        }
        loop {
            let request = tokio::select! {
                biased;
                () = shutdown.cancelled() => return,
                request = self.requests.recv() => request,
            };
            let Some(Request { user, edit, done }) = request else { return };
            let (desk, result) = self.save_edit(&user, edit).await;
            self = desk;
            if let Ok(Edited::Created | Edited::Changed) = result {
                let profile = self.accounts.borrow().get(&user).map(|account| account.profile.clone());
                if let Some(profile) = profile {
                    publish_watchlists(&bus, &profile).await;
                }
            }
            // Whoever asked may have gone; the edit stands.
            let _ = done.send(result);
        }
    }

    /// Applies an edit to a copy, saves the copy, and only then puts it in place. Saving blocks on the disk, so it
    /// happens on a thread that may.
    async fn save_edit(mut self, user: &UserName, edit: Edit) -> (Self, Result<Edited, DeskError>) {
        let mut accounts = Accounts::clone(&self.accounts.borrow());
        let applied = match accounts.get_mut(user) {
            Some(account) => {
                let edit = dated(edit, &account.profile, Timestamp::now());
                account.profile.apply(edit).map_err(DeskError::from)
            }
            None => Err(DeskError::NoUser(user.to_string())),
        };
        match applied {
            Ok(Edited::Unchanged) | Err(_) => return (self, applied),
            Ok(Edited::Created | Edited::Changed) => {}
        }
        let generation = self.generation + 1;
        let mut store = self.store;
        let saving = tokio::task::spawn_blocking(move || {
            let saved = store.save(generation, &accounts);
            (store, accounts, saved)
        });
        match saving.await {
            Ok((store, accounts, saved)) => {
                self.store = store;
                if let Err(error) = saved {
                    return (self, Err(error.into()));
                }
                self.generation = generation;
                self.accounts.send_replace(Arc::new(accounts));
                (self, applied)
            }
            // The blocking task cannot be cancelled and does not panic; if it did, this task ends and is told so.
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

/// An alert's line is drawn now, unless it stands where it did.
fn dated(edit: Edit, profile: &Profile, now: Timestamp) -> Edit {
    let Edit::PutAlert { mut alert } = edit else { return edit };
    let before = profile.alert(&alert.id).ok();
    let same = before.filter(|before| before.symbol == alert.symbol && before.condition == alert.condition);
    (alert.drawn_at, alert.carried_to) = same.map_or((Some(now), None), |same| (same.drawn_at, same.carried_to));
    Edit::PutAlert { alert }
}

/// The lock on a data folder: one desk each.
fn lock(data_dir: &Path) -> Result<File, OpenError> {
    let locked = |source| OpenError::Locked { folder: data_dir.into(), source };
    let made = |source| DurableError::Write { path: data_dir.into(), source };
    std::fs::create_dir_all(data_dir).map_err(made)?;
    let path = data_dir.join("desk.lock");
    let file = File::create(&path).map_err(|source| DurableError::Write { path, source })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(locked(std::io::ErrorKind::WouldBlock.into())),
        Err(std::fs::TryLockError::Error(error)) => Err(locked(error)),
    }
}

/// Makes the user `me`, and a token where there is none that opens it. Says whether anything was made.
fn ensure_me(data_dir: &Path, accounts: &mut Accounts) -> Result<bool, DurableError> {
    let path = data_dir.join(token::FILE);
    let present = std::fs::read_to_string(&path).ok();
    if let (Some(account), Some(token)) = (accounts.get(&UserName::me()), &present)
        && token::matches(token.trim(), &account.token_sha256)
    {
        return Ok(false);
    }
    let token = token::generate();
    durable::write_secret(&path, &token)?;
    let profile = accounts.remove(&UserName::me()).map_or_else(|| Profile::new(UserName::me()), |a| a.profile);
    accounts.insert(UserName::me(), Account { token_sha256: token::fingerprint(&token), profile });
    Ok(true)
}

async fn publish_watchlists(bus: &Bus, profile: &Profile) {
    let watchlists = Watchlists { watchlists: profile.watchlists.clone() };
    if let Err(error) = bus.publish(&Message::Watchlists(profile.user.clone(), watchlists)).await {
        tracing::warn!(user = %profile.user, %error, "watchlists not published");
    }
}
