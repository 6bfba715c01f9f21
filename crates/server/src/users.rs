//! `quickstocksd user …`: users, what opens them and what they may. Beside a desk that is at work, in whatever process, the
//! change goes to it over the bus; without one, the data folder is opened for as long as it takes. Must never take a
//! password as an argument, and never print anything secret but a new token, once.

use std::{
    io::{BufRead as _, Read as _},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use broker::Broker;
use bus::{Bus, Calls, TopicPolicy, Topics};
use market::UserName;
use quote_engine::{
    desk::{Desk, DeskError, DeskHandle, OpenError, Relay},
    durable::{self, DurableError},
    password::{self, PasswordError},
    store::FileStore,
    token,
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    Config, StartError,
    compose::{SERVICE_FILE, whereabouts},
};

/// How long a desk that is at work elsewhere has to be heard.
const HEARD_WITHIN: Duration = Duration::from_secs(10);

/// What is to become of a user.
#[derive(Debug, Clone)]
pub enum UserCommand {
    /// It is made; its token is printed.
    Add(UserName),
    /// Every user is printed.
    List,
    /// It is removed, with all there is of it.
    Remove(UserName),
    /// It has another token, which is printed.
    Token(UserName),
    /// It has the password of the first line on standard input.
    Password(UserName),
    /// It may publish quotes of its own, or not any more.
    Feed(UserName, bool),
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// The data folder cannot be used.
    #[error("data_dir: {0}")]
    Open(#[from] OpenError),
    /// A desk is at work, and cannot be asked.
    #[error(
        "data_dir: the desk that keeps {} is not heard on its broker within {} s; it is found by {SERVICE_FILE} there, or by --broker",
        .0.display(), HEARD_WITHIN.as_secs()
    )]
    OutOfReach(PathBuf),
    /// The broker of a desk that is at work is not to be found.
    #[error(transparent)]
    Broker(#[from] StartError),
    /// The desk did not take it.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] DurableError),
    /// It is no password.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// Standard input, or a file of the running desk, cannot be read.
    #[error("{what}: {source}")]
    Read {
        /// What was to be read.
        what: String,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The desk could not be put to work.
    #[error("broker: {0}")]
    Bus(#[from] broker::Error),
}

/// Does it; what is to be printed.
pub async fn run(config: &Config, command: UserCommand) -> Result<String, UserError> {
    let is_elsewhere = !config.broker.url.is_empty();
    if matches!(command, UserCommand::List) && !is_elsewhere {
        return Ok(names(FileStore::new(&config.data_dir).peek()?.keys()));
    }
    let shown = if matches!(command, UserCommand::Password(_)) { Some(first_line()?) } else { None };
    if is_elsewhere && let Some(desk) = Elsewhere::reach(config).await? {
        return desk.change(config, command, shown).await;
    }
    match AtWork::open(config) {
        Ok(desk) => {
            let told = change(config, &desk.handle, command, shown).await;
            desk.close().await;
            told
        }
        Err(UserError::Open(OpenError::Locked { .. })) => match Elsewhere::reach(config).await? {
            Some(desk) => desk.change(config, command, shown).await,
            None => Err(UserError::OutOfReach(config.data_dir.clone())),
        },
        Err(error) => Err(error),
    }
}

fn names<'a>(users: impl Iterator<Item = &'a UserName>) -> String {
    users.map(UserName::as_str).collect::<Vec<_>>().join("\n")
}

/// The password: one line, without its end.
fn first_line() -> Result<String, UserError> {
    let unreadable = |source| UserError::Read { what: "standard input".into(), source };
    let mut line = String::new();
    std::io::stdin().lock().take(password::BYTES_MAX as u64 + 3).read_line(&mut line).map_err(unreadable)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

async fn change(
    config: &Config,
    desk: &DeskHandle,
    command: UserCommand,
    shown: Option<String>,
) -> Result<String, UserError> {
    match command {
        UserCommand::List => Ok(names(desk.accounts().borrow().keys())),
        UserCommand::Remove(user) => {
            desk.remove_user(&user).await?;
            Ok(format!("{user} is removed, with all there was of it"))
        }
        UserCommand::Add(user) => Ok(desk.add_user(&user).await?),
        UserCommand::Token(user) => {
            let token = desk.renew_token(&user).await?;
            let file = config.data_dir.join(token::FILE);
            if user == UserName::me() && (file.exists() || config.broker.url.is_empty()) {
                // Where the next start looks for it.
                durable::write_secret(&file, &token)?;
            }
            Ok(token)
        }
        UserCommand::Password(user) => {
            desk.set_password(&user, shown).await?;
            Ok(format!("{user} has a new password"))
        }
        UserCommand::Feed(user, may_feed) => {
            desk.let_feed(&user, may_feed).await?;
            let may = if may_feed { "may publish" } else { "may not publish" };
            Ok(format!("{user} {may} quotes on feed/{user}/…"))
        }
    }
}

/// A desk that is at work in another process, reached over the bus.
struct Elsewhere {
    handle: DeskHandle,
    bus: Bus,
    shutdown: CancellationToken,
    relay: JoinHandle<()>,
}

impl Elsewhere {
    /// `None` where none is heard.
    async fn reach(config: &Config) -> Result<Option<Self>, UserError> {
        let topics = Topics::new(config.broker.topic_root.as_str(), config.broker.escape_dots);
        let me = format!("user-{}", &token::generate()[..16]);
        let find = whereabouts(&config.broker, &config.data_dir, &format!("quickstocks-{me}"))?;
        let bus = Bus::external(find, topics, None).map_err(StartError::from)?;
        let (relay, handle) = Relay::new(bus.clone(), Calls::new(bus.clone(), &me));
        let shutdown = CancellationToken::new();
        let relay = tokio::spawn(relay.run(shutdown.clone()));
        let reached = Self { handle, bus, shutdown, relay };
        let mut accounts = reached.handle.accounts();
        let heard = tokio::time::timeout(HEARD_WITHIN, accounts.wait_for(|accounts| !accounts.is_empty())).await;
        let is_heard = matches!(heard, Ok(Ok(_)));
        if is_heard {
            return Ok(Some(reached));
        }
        reached.leave().await;
        Ok(None)
    }

    async fn change(self, config: &Config, command: UserCommand, shown: Option<String>) -> Result<String, UserError> {
        let told = change(config, &self.handle, command, shown).await;
        self.leave().await;
        told
    }

    async fn leave(self) {
        self.shutdown.cancel();
        if self.relay.await.is_err() {
            tracing::error!("the way to the desk ended in a panic");
        }
        self.bus.close().await;
    }
}

/// A desk that works for one change, on a bus of its own.
struct AtWork {
    handle: DeskHandle,
    broker: Broker,
    desk: JoinHandle<()>,
    shutdown: CancellationToken,
}

impl AtWork {
    fn open(config: &Config) -> Result<Self, UserError> {
        let opened = Desk::open(&config.data_dir, Box::new(FileStore::new(&config.data_dir)))?;
        let topics = Topics::new(config.broker.topic_root.as_str(), false);
        let policy = TopicPolicy {
            topics: topics.clone(),
            accounts: Arc::new(opened.handle.clone()),
            access: bus::Access::new(bus::Anonymous::Never, bus::OtherTopics::None),
            home_assistant: false,
            logins: Arc::default(),
        };
        let broker = Broker::start(broker::Config::default(), Arc::new(policy))?;
        let shutdown = CancellationToken::new();
        let desk = tokio::spawn(opened.desk.run(Bus::embedded(&broker, topics), shutdown.clone()));
        Ok(Self { handle: opened.handle, broker, desk, shutdown })
    }

    async fn close(self) {
        self.shutdown.cancel();
        if self.desk.await.is_err() {
            tracing::error!("the desk ended in a panic");
        }
        self.broker.shutdown().await;
    }
}
