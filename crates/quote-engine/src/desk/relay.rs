//! The way to a desk in another process: its accounts as the bus tells them, changes as questions, and what happened
//! handed over until the desk has it. Keeps nothing that the desk does not have.

use std::{sync::Arc, time::Duration};

use bus::{Bus, CallError, Calls, Interest, Message, Subscription, Topic};
use futures_util::FutureExt as _;
use market::{AlertLog, Backups, Edited, UserName};
use tokio::{
    sync::{mpsc, watch},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{
    DeskError, DeskHandle, HAPPENED_MAX, Happened,
    handle::Asked,
    wire::{ADDRESS, Answer, Outcome, Question},
};
use crate::store::{Account, Accounts};

/// How long whoever asks waits for the desk: shorter than a request to the REST interface may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// Of what happened so much goes into one letter.
const BATCH_MAX: usize = 256;
/// At the end what happened still has this long to be handed over.
const LAST_CHANCE: Duration = Duration::from_secs(1);

/// What a desk in another process is reached by.
#[derive(Debug, Clone)]
pub(super) struct Apart {
    calls: Calls,
    pub(super) happened: mpsc::Sender<Happened>,
}

impl Apart {
    pub(super) async fn edit(&self, user: &UserName, what: Asked) -> Result<Edited, DeskError> {
        self.edited(&Question::Edit { user: user.clone(), what }).await
    }

    pub(super) async fn restore(&self, user: &UserName, id: &str) -> Result<Edited, DeskError> {
        self.edited(&Question::Restore { user: user.clone(), id: id.to_owned() }).await
    }

    pub(super) async fn alert_log(&self, user: &UserName) -> Result<Arc<AlertLog>, DeskError> {
        match ask(&self.calls, &Question::Log(user.clone())).await? {
            Answer::Log(log) => Ok(Arc::new(log)),
            _ => Err(DeskError::OutOfReach),
        }
    }

    pub(super) async fn backups(&self, user: &UserName) -> Result<Backups, DeskError> {
        match ask(&self.calls, &Question::Backups(user.clone())).await? {
            Answer::Backups(backups) => Ok(backups),
            _ => Err(DeskError::OutOfReach),
        }
    }

    async fn edited(&self, question: &Question) -> Result<Edited, DeskError> {
        match ask(&self.calls, question).await? {
            Answer::Edited(edited) => Ok(edited),
            _ => Err(DeskError::OutOfReach),
        }
    }
}

async fn ask(calls: &Calls, question: &Question) -> Outcome {
    let asked = calls.ask::<_, Outcome>(ADDRESS, question, PATIENCE).await;
    asked.unwrap_or_else(|error| {
        if let CallError::Unreadable { .. } = error {
            tracing::warn!(%error, "the desk is of another version, perhaps");
        }
        Err(DeskError::OutOfReach)
    })
}

/// What keeps a handle to a desk in another process going.
#[derive(Debug)]
pub struct Relay {
    bus: Bus,
    calls: Calls,
    accounts: watch::Sender<Arc<Accounts>>,
    happened: mpsc::Receiver<Happened>,
}

impl Relay {
    /// A relay and the handle that it serves; `calls` are answered by it, too.
    pub fn new(bus: Bus, calls: Calls) -> (Self, DeskHandle) {
        let (accounts, watched) = watch::channel(Arc::default());
        let (to_hand_over, happened) = mpsc::channel(HAPPENED_MAX);
        let handle = DeskHandle::apart(Apart { calls: calls.clone(), happened: to_hand_over }, watched);
        (Self { bus, calls, accounts, happened }, handle)
    }

    /// Runs until `shutdown`, and until the desk has what happened before it, if it is there.
    pub async fn run(self, shutdown: CancellationToken) {
        let Self { bus, calls, accounts, happened } = self;
        let interests = [Interest::Accounts, Interest::Users, Interest::Replies(calls.address().to_owned())];
        let heard = bus.subscribe(&interests).await;
        tokio::select! {
            () = listen(heard, &calls, &accounts) => {}
            () = hand_over(happened, &calls, &shutdown) => {}
        }
    }
}

/// Takes in accounts and answers, in the order in which they come: whoever reads an answer finds what it changed.
async fn listen(mut heard: Subscription, calls: &Calls, accounts: &watch::Sender<Arc<Accounts>>) {
    let mut roll = Roll::default();
    let mut next = heard.recv().await;
    while let Some(message) = next {
        match message {
            Message::Reply(_, bytes) => {
                roll.tell(accounts);
                calls.deliver(&bytes);
            }
            message => roll.take_in(message),
        }
        // Many come at once: they are told at once, too.
        next = if let Some(next) = heard.recv().now_or_never() {
            next
        } else {
            roll.tell(accounts);
            heard.recv().await
        };
    }
}

/// Who there is, as it is told.
#[derive(Debug, Default)]
struct Roll {
    accounts: Accounts,
    users: Option<Vec<UserName>>,
    changed: bool,
}

impl Roll {
    fn take_in(&mut self, message: Message) {
        match message {
            Message::Account(user, bytes) => match serde_json::from_slice::<Account>(&bytes) {
                Ok(account) => drop(self.accounts.insert(user, account)),
                Err(error) => {
                    tracing::warn!(%user, %error, "an account cannot be read: is the desk of another version?");
                }
            },
            Message::Gone(Topic::Account(user)) => drop(self.accounts.remove(&user)),
            Message::Users(users) => {
                self.accounts.retain(|user, _| users.contains(user));
                self.users = Some(users);
            }
            _ => return,
        }
        self.changed = true;
    }

    /// Tells what changed. The list of all tells who went while nobody listened, and when a new one is there.
    fn tell(&mut self, accounts: &watch::Sender<Arc<Accounts>>) {
        if !std::mem::take(&mut self.changed) {
            return;
        }
        let is_there = |user: &UserName| self.users.as_ref().is_none_or(|users| users.contains(user));
        let all = self.accounts.iter().filter(|(user, _)| is_there(user));
        accounts.send_replace(Arc::new(all.map(|(user, account)| (user.clone(), account.clone())).collect()));
    }
}

async fn hand_over(mut happened: mpsc::Receiver<Happened>, calls: &Calls, shutdown: &CancellationToken) {
    let mut batch = Vec::new();
    while let Some(more) = shutdown.run_until_cancelled(happened.recv_many(&mut batch, BATCH_MAX)).await {
        if more == 0 {
            return shutdown.cancelled().await;
        }
        let mut handing = std::pin::pin!(until_taken(std::mem::take(&mut batch), calls));
        if shutdown.run_until_cancelled(&mut handing).await.is_none() && timeout(LAST_CHANCE, handing).await.is_err() {
            tracing::warn!("the desk is out of reach: the last that happened is not written down");
        }
    }
    while let Ok(last) = happened.try_recv() {
        batch.push(last);
    }
    if !batch.is_empty() && timeout(LAST_CHANCE, until_taken(batch, calls)).await.is_err() {
        tracing::warn!("the desk is out of reach: the last that happened is not written down");
    }
}

/// However often it takes: the desk writes each down once.
async fn until_taken(batch: Vec<Happened>, calls: &Calls) {
    let Some(user) = batch.first().map(|first| first.user.clone()) else { return };
    let question = Question::Edit { user, what: Asked::Happened(batch) };
    while let Err(error) = ask(calls, &question).await {
        tracing::warn!(%error, "what fired waits for the desk");
    }
}
