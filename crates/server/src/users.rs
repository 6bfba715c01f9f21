//! `quickstocksd user …`: users, what opens them and what they may. Beside a desk that is at work the change goes through
//! its REST interface; without one, the data folder is opened for as long as it takes. Must never take a password as an
//! argument, and never print anything secret but a new token, once.

use std::{
    io::{BufRead as _, Read as _},
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    http::{Request, StatusCode, header},
};
use broker::Broker;
use bus::{Bus, TopicPolicy, Topics};
use hyper_util::rt::TokioIo;
use market::UserName;
use quote_engine::{
    desk::{Desk, DeskError, DeskHandle, OpenError},
    durable::{self, DurableError},
    password::{self, PasswordError},
    store::FileStore,
    token,
};
use tokio::{net::TcpStream, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::Config;

/// How long a desk that is at work has to answer.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(10);
/// The largest answer that is read.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// What is to become of a user.
#[derive(Debug, Clone)]
pub enum UserCommand {
    /// It is made; its token is printed.
    Add(UserName),
    /// Every user is printed.
    List,
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
    /// A desk keeps the folder, and takes no such change from here.
    #[error("data_dir: {} is in use by another Quickstocks, which takes no such change while it runs: end it first", .0.display())]
    InUse(PathBuf),
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
    /// The program that keeps the folder does not answer, or refuses.
    #[error("api.listen: the Quickstocks that keeps this folder did not take it: {0}")]
    Api(String),
    /// The desk could not be put to work.
    #[error("broker: {0}")]
    Broker(#[from] broker::Error),
}

/// Does it; what is to be printed.
pub async fn run(config: &Config, command: UserCommand) -> Result<String, UserError> {
    if matches!(command, UserCommand::List) {
        let accounts = FileStore::new(&config.data_dir).peek()?;
        return Ok(accounts.keys().map(UserName::as_str).collect::<Vec<_>>().join("\n"));
    }
    let shown = if matches!(command, UserCommand::Password(_)) { Some(first_line()?) } else { None };
    match AtWork::open(config) {
        Ok(desk) => {
            let told = change(config, &desk.handle, command, shown).await;
            desk.close().await;
            told
        }
        Err(UserError::Open(OpenError::Locked { .. })) => beside(config, command, shown).await,
        Err(error) => Err(error),
    }
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
        UserCommand::List => Ok(String::new()),
        UserCommand::Add(user) => Ok(desk.add_user(&user).await?),
        UserCommand::Token(user) => {
            let token = desk.renew_token(&user).await?;
            if user == UserName::me() {
                // Where the next start looks for it.
                durable::write_secret(&config.data_dir.join(token::FILE), &token)?;
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

/// Through the desk that is at work: its owner's password only, since no token but the owner's is known here.
async fn beside(config: &Config, command: UserCommand, shown: Option<String>) -> Result<String, UserError> {
    let in_use = || UserError::InUse(config.data_dir.clone());
    let (UserCommand::Password(user), Some(password), Some(mut addr)) = (command, shown, config.api.daemon_address())
    else {
        return Err(in_use());
    };
    if user != UserName::me() {
        return Err(in_use());
    }
    if addr.ip().is_unspecified() {
        addr.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let file = config.data_dir.join(token::FILE);
    let unreadable = |source| UserError::Read { what: file.display().to_string(), source };
    let token = std::fs::read_to_string(&file).map_err(unreadable)?;
    let (path, body) = (format!("/api/v1/users/{user}/password"), serde_json::json!({ "password": password }));
    let asking = put(addr, &path, token.trim(), body.to_string());
    let answer = tokio::time::timeout(ANSWER_TIME_MAX, asking).await;
    let late = || UserError::Api(format!("no answer within {} s", ANSWER_TIME_MAX.as_secs()));
    let (status, document) = answer.map_err(|_| late())?.map_err(|error| UserError::Api(error.to_string()))?;
    if status.is_success() {
        return Ok(format!("{user} has a new password"));
    }
    let problem: serde_json::Value = serde_json::from_slice(&document).unwrap_or_default();
    Err(UserError::Api(problem["detail"].as_str().map_or_else(|| status.to_string(), str::to_owned)))
}

/// One request to our own REST interface, on this machine.
async fn put(
    addr: SocketAddr,
    path: &str,
    token: &str,
    body: String,
) -> Result<(StatusCode, Bytes), Box<dyn std::error::Error + Send + Sync>> {
    let stream = TcpStream::connect(addr).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let request = Request::put(path)
        .header(header::HOST, addr.to_string())
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body))?;
    let response = sender.send_request(request).await?;
    let status = response.status();
    let document = axum::body::to_bytes(Body::new(response.into_body()), ANSWER_BYTES_MAX).await?;
    connection.abort();
    Ok((status, document))
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
