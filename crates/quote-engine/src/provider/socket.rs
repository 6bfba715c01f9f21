//! Keeps the sockets of a stream open: one task a connection, symbols dealt out over connections, subscriptions kept
//! up with what is wanted, and a new connection after each loss, later each time.
//!
//! It knows no vendor: a [`Dialect`] says what to send and what frames mean. Nothing a peer sends can end it.

use std::{collections::HashSet, fmt, sync::Arc, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use jiff::Timestamp;
use market::Symbol;
use reqwest::Client;
use reqwest_websocket::{CloseCode, Message, Upgrade as _, WebSocket};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use super::{
    ProviderError,
    backoff::Backoff,
    http::{self, Peer},
    settings::{Network, ProviderConfigError},
    stream::{Tick, TickSender},
};

/// The largest frame or message taken.
const MESSAGE_BYTES_MAX: usize = 1024 * 1024;
/// How long opening a connection may take.
const OPEN_TIME_MAX: Duration = Duration::from_secs(10);
/// How long sending may take: a peer that takes nothing is gone.
const SEND_TIME_MAX: Duration = Duration::from_secs(10);
/// A connection that lived this long was a good one: the next loss is a first one.
const GOOD_AFTER: Duration = Duration::from_secs(60);

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
    /// A connection that says nothing for so long is taken to be dead.
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
        let mut connections = JoinSet::new();
        loop {
            let now = Arc::clone(&wanted.borrow_and_update());
            for fresh in shards.deal(&now) {
                let connection = Connection {
                    client: self.client.clone(),
                    dialect: Arc::clone(&self.dialect),
                    symbols: fresh,
                    ticks: ticks.clone(),
                    on: Vec::new(),
                };
                connections.spawn(connection.keep());
            }
            // Connections whose symbols are gone end by themselves.
            while connections.try_join_next().is_some() {}
            if wanted.changed().await.is_err() {
                return;
            }
        }
    }
}

/// Which symbols go over which connection: a symbol stays where it is while it is wanted.
struct Shards {
    limits: SocketLimits,
    shards: Vec<watch::Sender<Vec<Symbol>>>,
}

impl Shards {
    fn new(limits: SocketLimits) -> Self {
        Self { limits, shards: Vec::new() }
    }

    /// Deals out what is wanted, the most important first; gives back what new connections listen to.
    fn deal(&mut self, wanted: &[Symbol]) -> Vec<watch::Receiver<Vec<Symbol>>> {
        let room = self.limits.symbols_max * self.limits.connections_max;
        let wanted = &wanted[..wanted.len().min(room)];
        let mut open: HashSet<&Symbol> = wanted.iter().collect();
        let mut dealt: Vec<Vec<Symbol>> = self.shards.iter().map(|shard| shard.borrow().clone()).collect();
        for shard in &mut dealt {
            shard.retain(|symbol| open.remove(symbol));
        }
        let mut rest: Vec<Symbol> = wanted.iter().filter(|symbol| open.remove(symbol)).cloned().collect();
        for shard in &mut dealt {
            let free = self.limits.symbols_max.saturating_sub(shard.len()).min(rest.len());
            shard.extend(rest.drain(..free));
        }
        for (shard, symbols) in self.shards.iter().zip(dealt) {
            shard.send_if_modified(|before| {
                let changed = *before != symbols;
                *before = symbols;
                changed
            });
        }
        // An empty connection closes; its place is free.
        self.shards.retain(|shard| !shard.borrow().is_empty());
        self.opened(&rest)
    }

    fn opened(&mut self, rest: &[Symbol]) -> Vec<watch::Receiver<Vec<Symbol>>> {
        let open = |symbols: &[Symbol]| watch::channel(symbols.to_vec());
        let (senders, receivers): (Vec<_>, Vec<_>) = rest.chunks(self.limits.symbols_max.max(1)).map(open).unzip();
        self.shards.extend(senders);
        receivers
    }
}

/// One connection and what goes over it.
struct Connection {
    client: Client,
    dialect: Arc<dyn Dialect>,
    symbols: watch::Receiver<Vec<Symbol>>,
    ticks: TickSender,
    /// What the peer was asked for.
    on: Vec<Symbol>,
}

impl Connection {
    /// Opens, listens, and opens again, until nothing is wanted over it.
    async fn keep(mut self) {
        let mut backoff = Backoff::default();
        while !self.wanted().is_empty() {
            let since = Instant::now();
            let Err(error) = self.session().await else { return };
            if since.elapsed() > GOOD_AFTER {
                backoff.reset();
            }
            let pause = backoff.failed();
            tracing::debug!(provider = self.dialect.provider(), %error, pause_ms = pause.as_millis(), "stream lost");
            self.ticks.lost(error.clone(), &self.wanted());
            if error.retry() == super::Retry::Stop {
                return;
            }
            sleep(pause).await;
        }
    }

    fn wanted(&self) -> Vec<Symbol> {
        self.symbols.borrow().clone()
    }

    /// One life of the connection. Ends well only when nothing is wanted any more.
    async fn session(&mut self) -> Result<(), ProviderError> {
        let symbols = self.symbols.borrow_and_update().clone();
        let mut socket = self.opened(&symbols).await?;
        self.on.clear();
        self.catch_up(&mut socket, &symbols).await?;
        self.ticks.restored();
        let silence_max = self.dialect.limits().silence_max;
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
                frame = timeout(silence_max, socket.next()) => match frame {
                    Err(_) => return Err(self.unreachable("its stream fell silent")),
                    Ok(None | Some(Err(_))) => return Err(self.unreachable("its stream broke off")),
                    Ok(Some(Ok(message))) => self.hear(&mut socket, &message).await?,
                },
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
            let status = response.status().as_u16();
            match status {
                101 => response.into_websocket().await.map_err(|_| self.unreachable("its stream is none")),
                401 | 403 => Err(ProviderError::KeyRejected {
                    provider: self.dialect.provider(),
                    detail: format!("its stream answers HTTP {status}"),
                }),
                429 => Err(ProviderError::RateLimited { provider: self.dialect.provider(), retry_after: None }),
                _ => Err(self.unreachable(&format!("its stream answers HTTP {status}"))),
            }
        };
        timeout(OPEN_TIME_MAX, opening).await.unwrap_or_else(|_| Err(self.unreachable("its stream does not open")))
    }

    /// Asks for what is new, and no longer for what is not wanted.
    async fn catch_up(&mut self, socket: &mut WebSocket, wanted: &[Symbol]) -> Result<(), ProviderError> {
        let gone: Vec<Symbol> = self.on.iter().filter(|symbol| !wanted.contains(symbol)).cloned().collect();
        let new: Vec<Symbol> = wanted.iter().filter(|symbol| !self.on.contains(symbol)).cloned().collect();
        let leaving = if gone.is_empty() { Vec::new() } else { self.dialect.unsubscribe(&gone) };
        let joining = if new.is_empty() { Vec::new() } else { self.dialect.subscribe(&new) };
        for text in leaving.into_iter().chain(joining) {
            self.say(socket, text).await?;
            sleep(self.dialect.limits().pace).await;
        }
        wanted.clone_into(&mut self.on);
        Ok(())
    }

    async fn hear(&self, socket: &mut WebSocket, message: &Message) -> Result<(), ProviderError> {
        let frame = match message {
            Message::Text(text) => text.as_bytes(),
            Message::Binary(bytes) => bytes,
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
            Message::Close { .. } => return Err(self.unreachable("its stream was closed")),
        };
        let heard = self.dialect.read(frame, Timestamp::now());
        self.ticks.send(heard.ticks);
        if let Some(answer) = heard.answer {
            self.say(socket, answer).await?;
        }
        heard.refused.map_or(Ok(()), Err)
    }

    async fn say(&self, socket: &mut WebSocket, text: String) -> Result<(), ProviderError> {
        match timeout(SEND_TIME_MAX, socket.send(Message::Text(text))).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(self.unreachable("its stream takes nothing")),
        }
    }

    fn unreachable(&self, detail: &str) -> ProviderError {
        ProviderError::Unreachable { provider: self.dialect.provider(), detail: detail.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const LIMITS: SocketLimits =
        SocketLimits { symbols_max: 3, connections_max: 4, pace: Duration::ZERO, silence_max: Duration::from_secs(60) };

    proptest! {
        /// However wishes change: no connection over its bound, nobody twice, the first ones are on, and who stays
        /// stays on the same connection.
        #[test]
        fn dealing_keeps_its_bounds(wishes in prop::collection::vec(prop::collection::btree_set(0u8..30, 0..20), 1..20)) {
            let mut shards = Shards::new(LIMITS);
            for wish in wishes {
                let wanted: Vec<Symbol> = wish.iter().map(|n| Symbol::parse(&format!("S{n}")).unwrap()).collect();
                let before: Vec<Vec<Symbol>> = shards.shards.iter().map(|shard| shard.borrow().clone()).collect();
                drop(shards.deal(&wanted));
                let dealt: Vec<Vec<Symbol>> = shards.shards.iter().map(|shard| shard.borrow().clone()).collect();
                prop_assert!(dealt.len() <= 4 && dealt.iter().all(|shard| (1..=3).contains(&shard.len())));
                let on: Vec<&Symbol> = dealt.iter().flatten().collect();
                prop_assert_eq!(on.len(), on.iter().collect::<BTreeSet<_>>().len());
                let first: BTreeSet<&Symbol> = wanted.iter().take(12).collect();
                prop_assert_eq!(on.into_iter().collect::<BTreeSet<_>>(), first.clone());
                for old in &before {
                    let stayed: Vec<&Symbol> = old.iter().filter(|symbol| first.contains(symbol)).collect();
                    let together = stayed.is_empty() || dealt.iter().any(|new| stayed.iter().all(|symbol| new.contains(symbol)));
                    prop_assert!(together, "{stayed:?} were torn apart");
                }
            }
        }
    }
}
