//! Keeps the sockets of a stream open: one task a connection, symbols dealt out over connections, subscriptions kept
//! up with what is wanted, and a new connection after each loss, later each time.
//!
//! It knows no vendor: a [`Dialect`] says what to send and what frames mean. Nothing a peer sends can end it.

mod roll_call;
mod shards;
mod standing;

use std::{fmt, sync::Arc, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use jiff::Timestamp;
use market::{Market, OfSymbol as _, Session, Symbol};
use reqwest::{Client, header};
use reqwest_websocket::{Bytes, CloseCode, Message, Upgrade as _, UpgradeResponse, WebSocket};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::{Instant, sleep, timeout, timeout_at},
};

use super::{
    ProviderError, Retry,
    backoff::Backoff,
    cooldown::retry_after,
    http::{self, Peer},
    settings::{Network, ProviderConfigError},
    stream::{Tick, TickSender},
};
use roll_call::RollCall;
use shards::Shards;
use standing::{Standing, Watch};

/// The largest frame or message taken.
const MESSAGE_BYTES_MAX: usize = 1024 * 1024;
/// How long opening a connection may take.
const OPEN_TIME_MAX: Duration = Duration::from_secs(10);
/// How long sending may take: a peer that takes nothing is gone.
const SEND_TIME_MAX: Duration = Duration::from_secs(10);
/// A connection that lived this long was a good one: the next loss is a first one.
const GOOD_AFTER: Duration = Duration::from_secs(60);

/// Connections that were found to carry less than they took, and wait to be heard about it.
const TRUNCATED_MAX: usize = 16;

/// What a vendor says on its sockets.
pub trait Dialect: Send + Sync + 'static {
    /// The provider's display name.
    fn provider(&self) -> &'static str;

    /// How symbols are dealt out, and what silence means.
    fn limits(&self) -> SocketLimits;

    /// The address to open for these symbols. It may hold a key: nobody logs it.
    fn address(&self, symbols: &[Symbol]) -> String;

    /// What to send so that these symbols come.
    fn subscribe(&self, symbols: &[Symbol]) -> Vec<String>;

    /// What to send so that they come no more.
    fn unsubscribe(&self, symbols: &[Symbol]) -> Vec<String>;

    /// What a frame means.
    fn read(&self, frame: &[u8], received_at: Timestamp) -> Heard;

    /// Of a vendor that may drop without a word what is too much: how soon whatever is traded is told after it was asked
    /// for.
    fn tells_within(&self) -> Option<Duration> {
        None
    }

    /// Whether nobody logs in there: then it is the network that is refused, not a key.
    fn keyless(&self) -> bool {
        false
    }
}

/// How symbols are dealt out over connections, and what silence means.
#[derive(Debug, Clone, Copy)]
pub struct SocketLimits {
    /// Symbols on a connection.
    pub symbols_max: usize,
    /// Connections.
    pub connections_max: usize,
    /// The pause between two messages of ours.
    pub pace: Duration,
    /// A connection that says nothing for so long is taken to be dead. Halfway it is asked for a sign of life.
    pub silence_max: Duration,
}

/// What a frame means.
#[derive(Debug, Default)]
pub struct Heard {
    /// The prices in it.
    pub ticks: Vec<Tick>,
    /// What to answer, such as a pong.
    pub answer: Option<String>,
    /// Why this connection is of no use any more.
    pub refused: Option<ProviderError>,
}

/// What opens sockets.
pub struct Sockets {
    client: Client,
    dialect: Arc<dyn Dialect>,
}

impl fmt::Debug for Sockets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sockets").field("provider", &self.dialect.provider()).finish_non_exhaustive()
    }
}

impl Sockets {
    /// Opens nothing yet.
    pub fn new(peer: Peer<'_>, network: &Network, dialect: Arc<dyn Dialect>) -> Result<Self, ProviderConfigError> {
        Ok(Self { client: http::socket_client(peer, network)?, dialect })
    }

    /// Keeps what is wanted streaming, until it is dropped.
    pub async fn run(&self, mut wanted: watch::Receiver<Arc<[Symbol]>>, ticks: TickSender) {
        let mut shards = Shards::new(self.dialect.limits());
        let watch = Watch::new(ticks.clone());
        let (truncated, mut truncations) = mpsc::channel(TRUNCATED_MAX);
        let mut connections = JoinSet::new();
        loop {
            let now = Arc::clone(&wanted.borrow_and_update());
            for fresh in shards.deal(&now) {
                let connection = Connection {
                    client: self.client.clone(),
                    dialect: Arc::clone(&self.dialect),
                    symbols: fresh,
                    ticks: ticks.clone(),
                    standing: watch.opening(),
                    truncated: truncated.clone(),
                    on: Vec::new(),
                    roll_call: RollCall::default(),
                    counting_since: Instant::now(),
                };
                connections.spawn(connection.keep());
            }
            // Connections whose symbols are gone end by themselves.
            while connections.try_join_next().is_some() {}
            tokio::select! {
                changed = wanted.changed() => if changed.is_err() { return },
                Some(told) = truncations.recv() => shards.shrink(told),
            }
        }
    }
}

/// One connection and what goes over it.
struct Connection {
    client: Client,
    dialect: Arc<dyn Dialect>,
    symbols: watch::Receiver<Vec<Symbol>>,
    ticks: TickSender,
    standing: Standing,
    /// Where it says how many symbols are told, if that is fewer than were taken.
    truncated: mpsc::Sender<usize>,
    /// What the peer was asked for, in that order.
    on: Vec<Symbol>,
    roll_call: RollCall,
    /// Since when it has been asked for the same, or the roll was last called.
    counting_since: Instant,
}

impl Connection {
    /// Opens, listens, and opens again, until nothing is wanted over it.
    async fn keep(mut self) {
        let mut backoff = Backoff::default();
        while !self.wanted().is_empty() {
            let since = Instant::now();
            let Err(error) = self.session().await else { return self.standing.not_wanted() };
            if since.elapsed() > GOOD_AFTER {
                backoff.reset();
            }
            let pause = match error.retry() {
                Retry::After(pause) => pause.max(backoff.failed()),
                Retry::Backoff | Retry::Never | Retry::Stop => backoff.failed(),
            };
            tracing::debug!(provider = self.dialect.provider(), %error, pause_ms = pause.as_millis(), "stream lost");
            let stop = error.retry() == Retry::Stop;
            self.standing.lost(error, &self.wanted());
            if stop {
                return;
            }
            self.until_over_or_unwanted(pause).await;
        }
        self.standing.not_wanted();
    }

    /// A pause that ends early where nothing is wanted over the connection any more.
    async fn until_over_or_unwanted(&mut self, pause: Duration) {
        let unwanted = self.symbols.wait_for(Vec::is_empty);
        let _ = timeout(pause, unwanted).await;
    }

    fn wanted(&self) -> Vec<Symbol> {
        self.symbols.borrow().clone()
    }

    /// One life of the connection. Ends well only when nothing is wanted any more.
    async fn session(&mut self) -> Result<(), ProviderError> {
        let symbols = self.symbols.borrow_and_update().clone();
        let mut socket = self.opened(&symbols).await?;
        self.on.clear();
        self.roll_call = RollCall::default();
        self.catch_up(&mut socket, &symbols).await?;
        self.standing.stands();
        let silence_half = self.dialect.limits().silence_max / 2;
        let mut asked_for_life = false;
        // Only what the peer does, or is asked to, moves it: wishes that change hide no silence.
        let mut silent_at = Instant::now() + silence_half;
        loop {
            tokio::select! {
                changed = self.symbols.changed() => {
                    let symbols = self.symbols.borrow_and_update().clone();
                    if changed.is_err() || symbols.is_empty() {
                        // Saying goodbye is a courtesy.
                        let _ = timeout(SEND_TIME_MAX, socket.close(CloseCode::Normal, None)).await;
                        return Ok(());
                    }
                    self.catch_up(&mut socket, &symbols).await?;
                }
                frame = timeout_at(silent_at, socket.next()) => {
                    silent_at = Instant::now() + silence_half;
                    match frame {
                        Err(_) if asked_for_life => return Err(self.unreachable("its stream fell silent")),
                        Err(_) => {
                            asked_for_life = true;
                            self.say(&mut socket, Message::Ping(Bytes::new())).await?;
                        }
                        Ok(None | Some(Err(_))) => return Err(self.unreachable("its stream broke off")),
                        Ok(Some(Ok(message))) => {
                            asked_for_life = false;
                            self.hear(&mut socket, &message).await?;
                        }
                    }
                }
            }
        }
    }

    async fn opened(&self, symbols: &[Symbol]) -> Result<WebSocket, ProviderError> {
        let config = tungstenite::protocol::WebSocketConfig::default()
            .max_message_size(Some(MESSAGE_BYTES_MAX))
            .max_frame_size(Some(MESSAGE_BYTES_MAX));
        let address = self.dialect.address(symbols);
        let opening = async {
            let response = self.client.get(address).upgrade().web_socket_config(config).send().await;
            let response = response.map_err(|_| self.unreachable("its stream cannot be opened"))?;
            match response.status().as_u16() {
                101 => response.into_websocket().await.map_err(|_| self.unreachable("its stream is none")),
                status => Err(self.not_opened(status, &response)),
            }
        };
        timeout(OPEN_TIME_MAX, opening).await.unwrap_or_else(|_| Err(self.unreachable("its stream does not open")))
    }

    fn not_opened(&self, status: u16, response: &UpgradeResponse) -> ProviderError {
        let provider = self.dialect.provider();
        let detail = format!("its stream answers HTTP {status}");
        match status {
            401 | 403 if !self.dialect.keyless() => ProviderError::KeyRejected { provider, detail },
            401 | 403 | 451 => ProviderError::Refused { provider, detail },
            418 | 429 => {
                let asked = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
                let retry_after = asked.and_then(|text| retry_after(text, Timestamp::now()));
                ProviderError::RateLimited { provider, retry_after }
            }
            _ => self.unreachable(&detail),
        }
    }

    /// Asks for what is new, and no longer for what is not wanted.
    async fn catch_up(&mut self, socket: &mut WebSocket, wanted: &[Symbol]) -> Result<(), ProviderError> {
        let gone: Vec<Symbol> = self.on.iter().filter(|symbol| !wanted.contains(symbol)).cloned().collect();
        let new: Vec<Symbol> = wanted.iter().filter(|symbol| !self.on.contains(symbol)).cloned().collect();
        let leaving = if gone.is_empty() { Vec::new() } else { self.dialect.unsubscribe(&gone) };
        let joining = if new.is_empty() { Vec::new() } else { self.dialect.subscribe(&new) };
        for text in leaving.into_iter().chain(joining) {
            self.say(socket, Message::Text(text)).await?;
            sleep(self.dialect.limits().pace).await;
        }
        wanted.clone_into(&mut self.on);
        self.roll_call.begin(wanted);
        self.counting_since = Instant::now();
        Ok(())
    }

    async fn hear(&mut self, socket: &mut WebSocket, message: &Message) -> Result<(), ProviderError> {
        let frame = match message {
            Message::Text(text) => text.as_bytes(),
            Message::Binary(bytes) => bytes,
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
            Message::Close { .. } => return Err(self.unreachable("its stream was closed")),
        };
        let heard = self.dialect.read(frame, super::clock::now());
        self.call_the_roll(&heard.ticks);
        self.ticks.send(heard.ticks);
        if let Some(answer) = heard.answer {
            self.say(socket, Message::Text(answer)).await?;
        }
        heard.refused.map_or(Ok(()), Err)
    }

    /// Where the peer takes more than it tells, fewer symbols go over each connection from now on: what is too much goes
    /// over another one, or is polled.
    fn call_the_roll(&mut self, ticks: &[Tick]) {
        let Some(within) = self.dialect.tells_within() else { return };
        for tick in ticks {
            self.roll_call.heard(tick.symbol());
        }
        if self.counting_since.elapsed() < within {
            return;
        }
        self.counting_since = Instant::now();
        let now = super::clock::now();
        let is_open = |symbol: &Symbol| {
            Market::of(symbol, None, None).is_some_and(|market| market.session(now) == Session::Regular)
        };
        if let Some(told) = self.roll_call.told_of(&self.on, is_open) {
            let (provider, taken) = (self.dialect.provider(), self.on.len());
            tracing::warn!(provider, taken, told, "the stream takes more symbols than it tells: fewer a connection");
            // Where nobody hears it now, it is found again.
            let _ = self.truncated.try_send(told);
            self.roll_call.begin(&self.on);
        }
    }

    async fn say(&self, socket: &mut WebSocket, message: Message) -> Result<(), ProviderError> {
        match timeout(SEND_TIME_MAX, socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(self.unreachable("its stream takes nothing")),
        }
    }

    fn unreachable(&self, detail: &str) -> ProviderError {
        ProviderError::Unreachable { provider: self.dialect.provider(), detail: detail.to_owned() }
    }
}
