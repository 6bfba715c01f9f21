//! The way to the desk: what may be asked of it, and what it answers.

use std::sync::Arc;

use jiff::{Timestamp, tz::TimeZone};
use market::{
    AlertLog, Backups, Edit, EditError, Edited, LogEdit, LogEvent, MuteFor, Preferences, PreferencesChange, Profile,
    SeenSplit, Silence, Symbol, UserName,
};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot, watch};

use super::{USERS_MAX, account_edit::AccountEdit, log::Logs, logins::Known, relay::Apart};
use crate::{
    backups::BackupFolder,
    durable::DurableError,
    password::{self, PasswordError},
    store::Accounts,
    token,
};

/// Why an edit was not acknowledged. Nothing was changed.
#[derive(Debug, Clone, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeskError {
    /// There is no such user.
    #[error("there is no user {0:?}")]
    NoUser(String),
    /// The edit makes no sense.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// It could not be made to survive.
    #[error("not saved: {0}")]
    NotSaved(String),
    /// There is one of that name already.
    #[error("there is a user {0:?} already")]
    UserExists(String),
    /// There are as many users as there may be.
    #[error("at most {USERS_MAX} users")]
    TooManyUsers,
    /// It is no password.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// There is no such state to go back to.
    #[error("there is no backup {0:?} that can be read")]
    NoBackup(String),
    /// The owner stays: without one, the next start would make one.
    #[error("the user {0:?} is the owner, and stays")]
    Owner(String),
    /// The program is ending.
    #[error("the desk is closed")]
    Closed,
    /// It works in another process, and does not answer.
    #[error("the desk is out of reach: whether this was done is not known; try again once it is there")]
    OutOfReach,
}

impl From<DurableError> for DeskError {
    fn from(error: DurableError) -> Self {
        Self::NotSaved(error.to_string())
    }
}

/// Something for a user's alert log, and from there for whoever listens.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Happened {
    /// Whose.
    pub user: UserName,
    /// What happened.
    pub event: LogEvent,
    /// Why it is to be written down only, where it is.
    pub silent: Option<Silence>,
    /// The alert that was to fire once and has: it is switched off.
    pub spent: Option<String>,
}

#[derive(Debug)]
pub(super) struct Request {
    pub(super) user: UserName,
    pub(super) what: Asked,
    /// Under which it was asked for on the bus: asked for again, it is not done again.
    pub(super) id: Option<String>,
    pub(super) done: oneshot::Sender<Result<Edited, DeskError>>,
}

/// A change that is asked for, here or on the bus.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Asked {
    Profile(Edit),
    Log(LogEdit),
    Account(AccountEdit),
    Happened(Vec<Happened>),
}

/// A way to the desk, in this process or in another one. Cheap to clone.
#[derive(Debug, Clone)]
pub struct DeskHandle {
    way: Way,
    accounts: watch::Receiver<Arc<Accounts>>,
    pub(super) known: Known,
}

#[derive(Debug, Clone)]
enum Way {
    Here(Here),
    Apart(Apart),
}

/// What a desk in this process is reached by.
#[derive(Debug, Clone)]
pub(super) struct Here {
    pub(super) requests: mpsc::Sender<Request>,
    pub(super) happened: mpsc::Sender<Happened>,
    pub(super) logs: watch::Receiver<Arc<Logs>>,
    pub(super) backups: BackupFolder,
}

impl DeskHandle {
    pub(super) fn here(here: Here, accounts: watch::Receiver<Arc<Accounts>>) -> Self {
        Self { way: Way::Here(here), accounts, known: Known::default() }
    }

    pub(super) fn apart(apart: Apart, accounts: watch::Receiver<Arc<Accounts>>) -> Self {
        Self { way: Way::Apart(apart), accounts, known: Known::default() }
    }

    /// Makes a new user; the token that opens it, which is told this once.
    pub async fn add_user(&self, user: &UserName) -> Result<String, DeskError> {
        let token = token::generate();
        self.ask(user, Asked::Account(AccountEdit::Add(token::fingerprint(&token)))).await?;
        Ok(token)
    }

    /// Gives a user another token, which is told this once; the one before opens nothing any more.
    pub async fn renew_token(&self, user: &UserName) -> Result<String, DeskError> {
        let token = token::generate();
        self.ask(user, Asked::Account(AccountEdit::Token(token::fingerprint(&token)))).await?;
        Ok(token)
    }

    /// Removes a user with all there is of it. When this returns, that has survived.
    pub async fn remove_user(&self, user: &UserName) -> Result<Edited, DeskError> {
        self.ask(user, Asked::Account(AccountEdit::Remove)).await
    }

    /// Sets a user's password, or takes it away. When this returns, it has survived.
    pub async fn set_password(&self, user: &UserName, password: Option<String>) -> Result<Edited, DeskError> {
        let Some(password) = password else {
            return self.ask(user, Asked::Account(AccountEdit::Password(None))).await;
        };
        let hashing = tokio::task::spawn_blocking(move || password::hash(&password).map(|hash| (password, hash)));
        let (password, hash) = hashing.await.map_err(|_| DeskError::Closed)??;
        let edited = self.ask(user, Asked::Account(AccountEdit::Password(Some(hash.clone())))).await?;
        self.known.remember(user, &password, &hash);
        Ok(edited)
    }

    /// Lets a user publish quotes of its own, or not any more. When this returns, it has survived.
    pub async fn let_feed(&self, user: &UserName, may_feed: bool) -> Result<Edited, DeskError> {
        self.ask(user, Asked::Account(AccountEdit::MayFeed(may_feed))).await
    }

    /// Makes one change to a user's profile. When this returns, it has survived.
    pub async fn apply(&self, user: &UserName, edit: Edit) -> Result<Edited, DeskError> {
        self.ask(user, Asked::Profile(edit)).await
    }

    /// The states of a user's profile that were kept.
    pub async fn backups(&self, user: &UserName) -> Result<Backups, DeskError> {
        let here = match &self.way {
            Way::Here(here) => here,
            Way::Apart(apart) => return apart.backups(user).await,
        };
        let (folder, user) = (here.backups.clone(), user.clone());
        let listed = tokio::task::spawn_blocking(move || folder.list(&user)).await;
        listed.map_err(|_| DeskError::Closed)
    }

    /// Goes back to a state that was kept; the present one is kept before. When this returns, it has survived.
    pub async fn restore(&self, user: &UserName, id: &str) -> Result<Edited, DeskError> {
        let here = match &self.way {
            Way::Here(here) => here,
            Way::Apart(apart) => return apart.restore(user, id).await,
        };
        let (folder, of, asked) = (here.backups.clone(), user.clone(), id.to_owned());
        let read = tokio::task::spawn_blocking(move || folder.read(&of, &asked)).await;
        let profile = read.map_err(|_| DeskError::Closed)?.ok_or_else(|| DeskError::NoBackup(id.into()))?;
        self.apply(user, Edit::Restore { profile: Box::new(profile) }).await
    }

    /// Makes one change to a user's alert log. When this returns, it has survived.
    pub async fn edit_log(&self, user: &UserName, edit: LogEdit) -> Result<Edited, DeskError> {
        self.ask(user, Asked::Log(edit)).await
    }

    /// Changes what is named of a user's preferences; gives back the whole of them. When this returns, it has survived.
    pub async fn change_preferences(
        &self,
        user: &UserName,
        change: PreferencesChange,
    ) -> Result<Preferences, DeskError> {
        self.apply(user, Edit::ChangePreferences { change }).await?;
        Ok(self.profile(user)?.preferences)
    }

    /// Delivers no alerts for a symbol, as long as is asked for. When this returns, it has survived.
    pub async fn mute(&self, user: &UserName, symbol: Symbol, how_long: MuteFor) -> Result<Edited, DeskError> {
        let now = Timestamp::now();
        let until = match how_long {
            MuteFor::Today => Some(self.profile(user)?.preferences.end_of_day(now, &TimeZone::system())),
            MuteFor::Ever => None,
        };
        self.apply(user, Edit::Mute { symbol, until, now }).await
    }

    /// Carries the alerts and lots of every user over a split. When this returns, all of them have survived; done again,
    /// it changes nothing.
    pub async fn carry_over(&self, seen: &SeenSplit) -> Result<(), DeskError> {
        let accounts = Arc::clone(&self.accounts.borrow());
        // Who has nothing of it now may get it back from a backup.
        for user in accounts.keys() {
            match self.apply(user, Edit::CarryOverSplit { seen: seen.clone() }).await {
                // Who is gone has nothing.
                Ok(_) | Err(DeskError::NoUser(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn ask(&self, user: &UserName, what: Asked) -> Result<Edited, DeskError> {
        match &self.way {
            Way::Here(here) => here.ask(user, what, None).await,
            Way::Apart(apart) => apart.edit(user, what).await,
        }
    }

    /// Asks for what was asked for on the bus, under the id that it has there.
    pub(super) async fn ask_as(&self, id: String, user: &UserName, what: Asked) -> Result<Edited, DeskError> {
        match &self.way {
            Way::Here(here) => here.ask(user, what, Some(id)).await,
            Way::Apart(apart) => apart.edit(user, what).await,
        }
    }

    /// Hands over what happened: the desk writes it down, then says it on the bus. Waits while too much of it waits.
    pub async fn write_down(&self, happened: Happened) {
        let (Way::Here(Here { happened: to, .. }) | Way::Apart(Apart { happened: to, .. })) = &self.way;
        if let Err(mpsc::error::SendError(lost)) = to.send(happened).await {
            tracing::warn!(user = %lost.user, id = lost.event.id(), "not written down: the desk is closed");
        }
    }

    /// A user's profile as it is now.
    pub fn profile(&self, user: &UserName) -> Result<Profile, DeskError> {
        let accounts = self.accounts.borrow();
        let account = accounts.get(user).ok_or_else(|| DeskError::NoUser(user.to_string()))?;
        Ok(account.profile.clone())
    }

    /// A user's alert log as it is now.
    pub async fn alert_log(&self, user: &UserName) -> Result<Arc<AlertLog>, DeskError> {
        if !self.accounts.borrow().contains_key(user) {
            return Err(DeskError::NoUser(user.to_string()));
        }
        match &self.way {
            Way::Here(here) => Ok(here.logs.borrow().get(user).cloned().unwrap_or_default()),
            Way::Apart(apart) => apart.alert_log(user).await,
        }
    }

    /// Whether the desk works in this process.
    pub fn is_here(&self) -> bool {
        matches!(self.way, Way::Here(_))
    }

    /// Whether there is such a user.
    pub fn has(&self, user: &UserName) -> bool {
        self.accounts.borrow().contains_key(user)
    }

    /// Waits until there is no such user.
    pub async fn gone(&self, user: &UserName) {
        let mut accounts = self.accounts.clone();
        // Where the desk has ended, the program does.
        let is_gone = accounts.wait_for(|accounts| !accounts.contains_key(user)).await.is_ok();
        if !is_gone {
            std::future::pending::<()>().await;
        }
    }

    /// Whether anything has been heard of the desk's users: there always is one.
    pub fn has_been_heard(&self) -> bool {
        !self.accounts.borrow().is_empty()
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

impl Here {
    async fn ask(&self, user: &UserName, what: Asked, id: Option<String>) -> Result<Edited, DeskError> {
        let (done, answer) = oneshot::channel();
        let request = Request { user: user.clone(), what, id, done };
        self.requests.send(request).await.map_err(|_| DeskError::Closed)?;
        answer.await.map_err(|_| DeskError::Closed)?
    }
}
