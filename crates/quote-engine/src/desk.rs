//! The desk: the one writer of users, watchlists, alerts and the alert log.
//!
//! Every edit comes here as a message, is applied, saved, published, and only then acknowledged. What fired is written
//! down before it is published. Nobody else writes.

mod account_edit;
pub mod counter;
mod dated;
mod handle;
mod log;
mod logins;
mod relay;
mod save;
mod shared;
mod spent;
mod wire;

use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

use bus::{Bus, Message};
use market::{AlertLog, Edited, LogEvent, Profile, Timestamp, UserName, Watchlists};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::{
    backups::BackupFolder,
    durable::{self, DurableError},
    store::{Account, Accounts, ProfileStore},
    token,
};

use handle::{Asked, Here, Request};
pub use handle::{DeskError, DeskHandle, Happened};
pub use log::LOGS_FOLDER;
use log::{LogFiles, Logs};
pub use relay::Relay;
use spent::Spent;

/// Edits that wait for the desk at the most; an editor waits beyond that.
const EDITS_MAX: usize = 256;
/// What fired and waits to be written down at the most; beyond that whoever found it waits.
const HAPPENED_MAX: usize = 4_096;

/// Users at the most.
const USERS_MAX: usize = 1_000;

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

/// The desk itself, open but not yet at work.
#[derive(Debug)]
pub struct Desk {
    disk: Disk,
    accounts: watch::Sender<Arc<Accounts>>,
    logs: watch::Sender<Arc<Logs>>,
    requests: mpsc::Receiver<Request>,
    happened: mpsc::Receiver<Happened>,
    spent: Spent,
    /// What the other services are to hear of changed accounts; `None` where there are none elsewhere.
    unsaid: Option<Vec<Message>>,
    _lock: File,
}

/// What blocks, and goes to a thread that may.
#[derive(Debug)]
struct Disk {
    store: Box<dyn ProfileStore>,
    generation: u64,
    logs: LogFiles,
    backups: BackupFolder,
}

impl Disk {
    fn save(&mut self, accounts: &Accounts) -> Result<(), DurableError> {
        self.store.save(self.generation + 1, accounts)?;
        self.generation += 1;
        Ok(())
    }

    /// Keeps the state before a drastic edit, which is not made without; and that before the first edit of a day, if it
    /// can.
    fn keep(&self, before: &Profile, drastic: bool) -> Result<(), DurableError> {
        let now = Timestamp::now();
        if drastic {
            return self.backups.keep(before, now);
        }
        if self.backups.is_due(&before.user, now)
            && let Err(error) = self.backups.keep(before, now)
        {
            tracing::warn!(user = %before.user, %error, "no backup was made today");
        }
        Ok(())
    }
}

/// What opening found.
#[derive(Debug)]
pub struct Opened {
    /// The desk, to be run.
    pub desk: Desk,
    /// The way to it.
    pub handle: DeskHandle,
    /// What the user should know about the files.
    pub notices: Vec<String>,
}

impl Desk {
    /// Locks the data folder and reads the store; at a first start makes the user `me` and writes its token to
    /// `<data_dir>/token`.
    pub fn open(data_dir: &Path, mut store: Box<dyn ProfileStore>) -> Result<Opened, OpenError> {
        let lock = lock(data_dir)?;
        let loaded = store.load()?;
        let mut accounts = loaded.state.unwrap_or_default();
        let backups = BackupFolder::new(data_dir);
        let logs = LogFiles::new(data_dir);
        let mut disk = Disk { store, generation: loaded.generation, logs, backups: backups.clone() };
        if ensure_me(data_dir, &mut accounts)? {
            disk.save(&accounts)?;
        }
        let (logs, of_logs) = disk.logs.load(accounts.keys())?;
        let notices = loaded.notice.into_iter().chain(of_logs).collect();
        let (requests, incoming) = mpsc::channel(EDITS_MAX);
        let (happened, happening) = mpsc::channel(HAPPENED_MAX);
        let spent = Spent::found(&accounts, &logs);
        let (accounts, watched) = watch::channel(Arc::new(accounts));
        let (logs, watched_logs) = watch::channel(Arc::new(logs));
        let (requests_in, unsaid) = (incoming, None);
        let desk =
            Self { disk, accounts, logs, requests: requests_in, happened: happening, spent, unsaid, _lock: lock };
        let handle = DeskHandle::here(Here { requests, happened, logs: watched_logs, backups }, watched);
        Ok(Opened { desk, handle, notices })
    }

    /// Tells services in other processes of everybody's accounts, on topics that nobody else reads.
    #[must_use]
    pub fn sharing_accounts(self) -> Self {
        Self { unsaid: Some(Vec::new()), ..self }
    }

    /// Takes edits and what fired until `shutdown`; what was taken is finished.
    pub async fn run(mut self, bus: Bus, shutdown: CancellationToken) {
        let mut connection = bus.connection();
        connection.borrow_and_update();
        say_all(&bus, self.everything()).await;
        let mut batch = Vec::new();
        self = self.write_down(Vec::new(), &bus).await;
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                request = self.requests.recv() => match request {
                    Some(request) => self = self.answer(request, &bus).await,
                    None => return,
                },
                // A broker that is reached again may have forgotten everything.
                Ok(()) = connection.changed() => {
                    if connection.borrow_and_update().is_some() {
                        say_all(&bus, self.everything()).await;
                    }
                }
                _ = self.happened.recv_many(&mut batch, HAPPENED_MAX) => {
                    self = self.write_down(std::mem::take(&mut batch), &bus).await;
                }
            }
        }
        while let Ok(last) = self.happened.try_recv() {
            batch.push(last);
        }
        self.write_down(batch, &bus).await;
    }

    /// What the bus is to keep of everybody.
    fn everything(&self) -> Vec<Message> {
        let accounts = self.accounts.borrow();
        let of_user = |(user, account): (&UserName, &Account)| {
            [watchlists(&account.profile), preferences(&account.profile), self.summary(user)]
        };
        let shared = self.unsaid.is_some().then(|| shared::changes(&Accounts::new(), &accounts));
        accounts.iter().flat_map(of_user).chain(shared.into_iter().flatten()).collect()
    }

    async fn answer(mut self, request: Request, bus: &Bus) -> Self {
        let Request { user, what, id, done } = request;
        let (desk, result) = match what {
            Asked::Profile(edit) => self.save_edit(&user, edit, id).await,
            Asked::Log(edit) => self.save_log_edit(&user, edit).await,
            Asked::Account(edit) => self.save_account_edit(&user, edit, id).await,
            Asked::Happened(batch) => (self.write_down_once(batch, bus).await, Ok((Edited::Changed, Vec::new()))),
        };
        self = desk;
        let outcome = match result {
            Ok((edited, news)) => {
                if edited != Edited::Unchanged {
                    let shared = self.unsaid.as_mut().map(std::mem::take).unwrap_or_default();
                    say_all(bus, shared.into_iter().chain(news)).await;
                }
                Ok(edited)
            }
            Err(error) => Err(error),
        };
        // Whoever asked may have gone; the edit stands.
        let _ = done.send(outcome);
        self
    }

    /// The same for what was handed over on the bus: more than once, perhaps, or by two who saw the same.
    async fn write_down_once(self, mut batch: Vec<Happened>, bus: &Bus) -> Self {
        let logs = Arc::clone(&self.logs.borrow());
        let accounts = Arc::clone(&self.accounts.borrow());
        batch.retain(|Happened { user, event, .. }| {
            accounts.contains_key(user) && !logs.get(user).is_some_and(|log| log.has(event))
        });
        if batch.is_empty() { self } else { self.write_down(batch, bus).await }
    }

    /// Writes down what happened, a file for each user and one for alerts that are spent, however much it is; then says
    /// it on the bus. A full disk silences no alert: what could not be written is told, and written with the next.
    async fn write_down(mut self, batch: Vec<Happened>, bus: &Bus) -> Self {
        self.spent.add(&batch);
        let (logs, accounts) = (self.with_events(&batch), self.without_spent());
        let (mut desk, (logs, accounts)) = self
            .on_disk(move |disk| {
                for (user, log) in &logs {
                    if let Err(error) = disk.logs.save(user, log) {
                        tracing::warn!(%user, %error, "what fired is not written down yet");
                    }
                }
                let accounts = accounts.filter(|accounts| match disk.save(accounts) {
                    Ok(()) => true,
                    Err(error) => {
                        tracing::warn!(%error, "an alert that was to fire once is not switched off");
                        false
                    }
                });
                (logs, accounts)
            })
            .await;
        let users: Vec<UserName> = logs.iter().map(|(user, _)| user.clone()).collect();
        desk.put_logs(logs);
        if let Some(accounts) = accounts {
            desk.put_accounts(accounts);
        }
        let told = batch.into_iter().filter(|happened| happened.silent.is_none()).map(said);
        let shared = desk.unsaid.as_mut().map(std::mem::take).unwrap_or_default();
        let messages: Vec<Message> =
            shared.into_iter().chain(told).chain(users.iter().map(|user| desk.summary(user))).collect();
        say_all(bus, messages).await;
        desk
    }

    /// The logs of those to whom something happened, with it.
    fn with_events(&self, batch: &[Happened]) -> Vec<(UserName, AlertLog)> {
        let before = self.logs.borrow();
        let mut logs: BTreeMap<&UserName, AlertLog> = BTreeMap::new();
        for Happened { user, event, silent, .. } in batch {
            let log = logs
                .entry(user)
                .or_insert_with(|| before.get(user).map(|log| AlertLog::clone(log)).unwrap_or_default());
            log.push(event.clone(), *silent);
        }
        logs.into_iter().map(|(user, log)| (user.clone(), log)).collect()
    }

    /// Everybody, with what was to fire once and has switched off; `None` where that changes nothing.
    fn without_spent(&mut self) -> Option<Accounts> {
        let mut accounts = Accounts::clone(&self.accounts.borrow());
        self.spent.switch_off(&mut accounts).then_some(accounts)
    }

    /// What is saved is so.
    fn put_accounts(&mut self, accounts: Accounts) {
        self.spent.saved();
        let before = self.accounts.send_replace(Arc::new(accounts));
        if let Some(unsaid) = &mut self.unsaid {
            unsaid.extend(shared::changes(&before, &self.accounts.borrow()));
        }
    }

    fn put_logs(&self, changed: impl IntoIterator<Item = (UserName, AlertLog)>) {
        let changed = changed.into_iter().map(|(user, log)| (user, Arc::new(log)));
        self.logs.send_modify(|logs| Arc::make_mut(logs).extend(changed));
    }

    fn summary(&self, user: &UserName) -> Message {
        let summary = self.logs.borrow().get(user).map(|log| log.summary()).unwrap_or_default();
        Message::AlertLog(user.clone(), summary)
    }

    /// Saving blocks, so it happens on a thread that may.
    async fn on_disk<T: Send + 'static>(self, work: impl FnOnce(&mut Disk) -> T + Send + 'static) -> (Self, T) {
        let Self { mut disk, accounts, logs, requests, happened, spent, unsaid, _lock: lock } = self;
        let working = tokio::task::spawn_blocking(move || {
            let done = work(&mut disk);
            (disk, done)
        });
        match working.await {
            Ok((disk, done)) => (Self { disk, accounts, logs, requests, happened, spent, unsaid, _lock: lock }, done),
            // The blocking task cannot be cancelled and does not panic; if it did, this task ends and is told so.
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

/// What is said of something that happened.
fn said(happened: Happened) -> Message {
    match happened.event {
        LogEvent::Alert(fired) => Message::Alert(happened.user, fired),
        LogEvent::Digest(digest) => Message::Digest(happened.user, digest),
    }
}

fn watchlists(profile: &Profile) -> Message {
    Message::Watchlists(profile.user.clone(), Watchlists { watchlists: profile.watchlists.clone() })
}

fn preferences(profile: &Profile) -> Message {
    Message::Preferences(profile.user.clone(), Box::new(profile.preferences.clone()))
}

async fn say_all(bus: &Bus, messages: impl IntoIterator<Item = Message>) {
    if let Err(error) = bus.publish_all(messages).await {
        tracing::warn!(%error, "not published");
    }
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
    let fingerprint = token::fingerprint(&token);
    let account = match accounts.remove(&UserName::me()) {
        Some(account) => Account { token_sha256: fingerprint, ..account },
        None => Account::new(fingerprint, Profile::new(UserName::me())),
    };
    accounts.insert(UserName::me(), account);
    Ok(true)
}
