//! The sockets of a stream against a server on this machine: connections, subscriptions, losses, silence.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod ws_stub;

use std::{
    sync::{Arc, mpsc},
    time::Duration,
};

use jiff::Timestamp;
use market::{OfSymbol as _, Symbol};
use quote_engine::provider::{
    ProviderError,
    http::{Peer, is_429},
    settings::Network,
    socket::{Dialect, Heard, SocketLimits, Sockets},
    stream::{Delivery, Print, Tick, TickReceiver, mailbox},
};
use tokio::{sync::watch, task::JoinHandle, time};
use ws_stub::{Event, WsStub};

const SILENCE_MAX: Duration = Duration::from_secs(60);

/// `+A` asks for A, `-A` for no more of it; a frame `A` is a price of A, `!` a refusal, `?` wants an answer.
struct Plain {
    url: String,
    keyless: bool,
    symbols_max: usize,
}

impl Dialect for Plain {
    fn provider(&self) -> &'static str {
        "Plain"
    }

    fn limits(&self) -> SocketLimits {
        SocketLimits {
            symbols_max: self.symbols_max,
            connections_max: 3,
            pace: Duration::ZERO,
            silence_max: SILENCE_MAX,
        }
    }

    fn address(&self, symbols: &[Symbol]) -> String {
        format!("{}/{}", self.url, symbols.len())
    }

    fn subscribe(&self, symbols: &[Symbol]) -> Vec<String> {
        symbols.iter().map(|symbol| format!("+{symbol}")).collect()
    }

    fn unsubscribe(&self, symbols: &[Symbol]) -> Vec<String> {
        symbols.iter().map(|symbol| format!("-{symbol}")).collect()
    }

    fn read(&self, frame: &[u8], received_at: Timestamp) -> Heard {
        match frame {
            b"!" => Heard { refused: Some(unreachable("refused")), ..Heard::default() },
            b"?" => Heard { answer: Some("!".to_owned()), ..Heard::default() },
            name => Heard { ticks: print(name, received_at).into_iter().collect(), ..Heard::default() },
        }
    }

    fn tells_within(&self) -> Option<Duration> {
        Some(Duration::ZERO)
    }

    fn keyless(&self) -> bool {
        self.keyless
    }
}

fn print(name: &[u8], at: Timestamp) -> Option<Tick> {
    let symbol = Symbol::parse(std::str::from_utf8(name).ok()?).ok()?;
    let (session, change, change_percent, volume) = (None, None, None, None);
    Some(Tick::Print(Print { symbol, price: 1.0, at, session, change, change_percent, volume, grain: 0.0 }))
}

fn unreachable(detail: &str) -> ProviderError {
    ProviderError::Unreachable { provider: "Plain", detail: detail.to_owned() }
}

fn symbols(names: &str) -> Arc<[Symbol]> {
    names.chars().map(|name| Symbol::parse(&name.to_string()).unwrap()).collect()
}

/// A stream that runs.
struct Stream {
    stub: WsStub,
    wanted: watch::Sender<Arc<[Symbol]>>,
    heard: TickReceiver,
    running: JoinHandle<()>,
}

impl Stream {
    async fn of(names: &str) -> Self {
        Self::with(WsStub::start().await, names, true)
    }

    fn with(stub: WsStub, names: &str, keyless: bool) -> Self {
        let peer = Peer {
            provider: "Plain",
            addresses: &[&stub.url],
            user_agent: "test",
            per_second: 1.0,
            says_too_many: is_429,
        };
        let dialect = Arc::new(Plain { url: stub.url.clone(), keyless, symbols_max: 2 });
        let sockets = Sockets::new(peer, &Network::default(), dialect).unwrap();
        let (wanted, receiver) = watch::channel(symbols(names));
        let (ticks, heard) = mailbox();
        let running = tokio::spawn(async move { sockets.run(receiver, ticks).await });
        Self { stub, wanted, heard, running }
    }

    /// What comes next of one kind; the rest is let go.
    async fn until<T>(&self, wanted: impl Fn(Delivery) -> Option<T>) -> T {
        loop {
            if let Some(found) = wanted(self.heard.recv().await) {
                return found;
            }
        }
    }

    async fn lost(&self) -> (ProviderError, Vec<Symbol>) {
        self.until(|delivery| delivery.lost).await
    }

    async fn tick(&self) -> Symbol {
        self.until(|delivery| delivery.ticks.first().map(|tick| tick.symbol().clone())).await
    }
}

#[tokio::test]
async fn a_lost_connection_is_opened_again_and_asked_for_the_same() {
    let mut stream = Stream::of("AB").await;
    let first = stream.stub.opened().await;
    assert_eq!(first.path, "/2");
    assert_eq!(stream.stub.said(2).await, [(0, "+A".to_owned()), (0, "+B".to_owned())]);
    first.say("A");
    assert_eq!(stream.tick().await.as_str(), "A");
    first.close();
    assert_eq!(stream.lost().await.1, *symbols("AB"));
    let second = stream.stub.opened().await;
    assert_eq!(stream.stub.said(2).await, [(1, "+A".to_owned()), (1, "+B".to_owned())]);
    stream.until(|delivery| delivery.restored.then_some(())).await;
    second.say_bytes(b"B".to_vec());
    assert_eq!(stream.tick().await.as_str(), "B");
}

#[tokio::test]
async fn only_what_changed_is_told() {
    let mut stream = Stream::of("AB").await;
    let _peer = stream.stub.opened().await;
    stream.stub.said(2).await;
    stream.wanted.send_replace(symbols("BC"));
    assert_eq!(stream.stub.said(2).await, [(0, "-A".to_owned()), (0, "+C".to_owned())]);
    stream.wanted.send_replace(symbols("B"));
    assert_eq!(stream.stub.said(1).await, [(0, "-C".to_owned())]);
}

#[tokio::test]
async fn symbols_are_dealt_out_and_empty_connections_close() {
    let mut stream = Stream::of("ABCDEFGH").await;
    let mut said: Vec<String> = Vec::new();
    let mut of_first = None;
    for (number, text) in stream.stub.said(6).await {
        if text == "+A" {
            of_first = Some(number);
        }
        said.push(text);
    }
    said.sort();
    assert_eq!(said, ["+A", "+B", "+C", "+D", "+E", "+F"], "three connections of two, and no more");
    stream.wanted.send_replace(symbols("CDEF"));
    assert_eq!(Some(stream.stub.gone().await), of_first);
    stream.wanted.send_replace(symbols("CDEFG"));
    assert_eq!(stream.stub.said(1).await, [(3, "+G".to_owned())], "a place that is free is taken again");
}

#[tokio::test]
async fn what_is_dropped_closes_its_connections() {
    let mut stream = Stream::of("A").await;
    let peer = stream.stub.opened().await;
    stream.stub.said(1).await;
    stream.running.abort();
    assert_eq!(stream.stub.gone().await, peer.number);
}

#[tokio::test]
async fn refusals_in_words_and_by_status() {
    let mut stream = Stream::of("A").await;
    let peer = stream.stub.opened().await;
    peer.say("?");
    assert_eq!(stream.stub.said(2).await[1].1, "!", "what wants an answer gets it");
    stream.stub.refuse_with(451);
    peer.say("!");
    assert_eq!(stream.lost().await.0, unreachable("refused"));
    assert!(matches!(stream.lost().await.0, ProviderError::Refused { .. }), "the region");
    for (keyless, status, expected) in [(true, 403, "Refused"), (false, 403, "KeyRejected"), (true, 429, "RateLimited")]
    {
        let stub = WsStub::start().await;
        stub.refuse_with(status);
        let stream = Stream::with(stub, "A", keyless);
        let (error, without) = stream.lost().await;
        assert!(format!("{error:?}").starts_with(expected), "{status}: {error:?}");
        assert_eq!(without, *symbols("A"));
    }
}

#[tokio::test]
async fn a_message_that_is_too_large_ends_the_connection_only() {
    let mut stream = Stream::of("A").await;
    let peer = stream.stub.opened().await;
    peer.say("x".repeat(2 * 1024 * 1024));
    assert!(matches!(stream.lost().await.0, ProviderError::Unreachable { .. }));
    stream.stub.opened().await.say("A");
    assert_eq!(stream.tick().await.as_str(), "A");
}

/// The clock stands still until it is set forward, although nothing runs.
struct StoppedClock(#[allow(dead_code, reason = "what it holds ends with it")] mpsc::Sender<()>);

impl StoppedClock {
    fn stop() -> Self {
        let (hold, released) = mpsc::channel::<()>();
        // A clock never runs ahead by itself while a blocking task is under way.
        tokio::task::spawn_blocking(move || released.recv());
        time::pause();
        Self(hold)
    }
}

#[tokio::test]
async fn a_quiet_peer_that_answers_is_alive() {
    let mut stream = Stream::of("A").await;
    let peer = stream.stub.opened().await;
    stream.stub.said(1).await;
    peer.say("A");
    stream.tick().await;
    let _clock = StoppedClock::stop();
    for _ in 0..5 {
        // Timers count whole milliseconds.
        time::advance(SILENCE_MAX / 2 + Duration::from_millis(1)).await;
        stream.stub.pinged().await;
        // Its answer goes before this.
        peer.say("A");
        stream.tick().await;
    }
}

#[tokio::test]
async fn a_peer_that_answers_nothing_is_dead() {
    let mut stream = Stream::of("A").await;
    let peer = stream.stub.opened().await;
    stream.stub.said(1).await;
    peer.say("A");
    stream.tick().await;
    peer.stall();
    time::pause();
    let (error, _) = stream.lost().await;
    assert_eq!(error, unreachable("its stream fell silent"));
    time::resume();
    assert!(matches!(stream.stub.next().await, Event::Opened(second) if second.number == 1));
}

#[tokio::test]
async fn wishes_that_change_all_the_time_hide_no_dead_peer() {
    let mut stream = Stream::of("A").await;
    let peer = stream.stub.opened().await;
    stream.stub.said(1).await;
    peer.say("A");
    stream.tick().await;
    peer.stall();
    time::pause();
    let wanted = stream.wanted.clone();
    let _changing = tokio::spawn(async move {
        for names in ["AB", "A"].into_iter().cycle() {
            time::sleep(SILENCE_MAX / 4).await;
            wanted.send_replace(symbols(names));
        }
    });
    let (error, _) = time::timeout(SILENCE_MAX * 3, stream.lost()).await.expect("the silence is noticed");
    assert_eq!(error, unreachable("its stream fell silent"));
}

#[tokio::test]
async fn what_is_taken_and_never_told_goes_elsewhere() {
    let stub = WsStub::start().await;
    let peer =
        Peer { provider: "Plain", addresses: &[&stub.url], user_agent: "test", per_second: 1.0, says_too_many: is_429 };
    let dialect = Arc::new(Plain { url: stub.url.clone(), keyless: true, symbols_max: 40 });
    let sockets = Sockets::new(peer, &Network::default(), dialect).unwrap();
    // Of a market that is always open.
    let coins: Arc<[Symbol]> = (0..40).map(|n| Symbol::parse(&format!("C{n}-USD")).unwrap()).collect();
    let (_wanted, receiver) = watch::channel(Arc::clone(&coins));
    let (ticks, _heard) = mailbox();
    let running = tokio::spawn(async move { sockets.run(receiver, ticks).await });
    let mut stub = stub;
    let first = stub.opened().await;
    stub.said(40).await;
    for coin in coins.iter().take(25).cycle().take(100) {
        first.say(coin.to_string());
    }
    let moved: Vec<String> = coins.iter().skip(25).map(Symbol::to_string).collect();
    let mut said: Vec<String> = stub.said(30).await.into_iter().map(|(_, text)| text).collect();
    said.sort();
    let mut expected: Vec<String> = moved.iter().flat_map(|coin| [format!("+{coin}"), format!("-{coin}")]).collect();
    expected.sort();
    assert_eq!(said, expected, "off the connection that does not tell them, and onto another");
    running.abort();
}
