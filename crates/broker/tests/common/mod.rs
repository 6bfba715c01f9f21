//! What the tests share: a policy, a broker on a free port, and a client that says exactly the bytes it is told.
#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    missing_debug_implementations,
    clippy::unwrap_used,
    clippy::expect_used
)]

mod packets;

pub use packets::{Connect, acknowledgement, packet, publish, subscribe, unsubscribe};

pub mod carriers;

use broker::{Broker, Config, Identity, Listener, Login, Policy, Refusal, Subscription, Verdict};
use bytes::{Buf, BufMut, BytesMut};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// No wait of a test is longer; reaching it is a failure, never a measurement.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Who may read and publish: everybody reads all but `secret/` and `user/`, a user reads `user/<user>/`; everybody
/// publishes to `open/`, a service to everything. `quote/` conflates, and is granted `QoS` 0. `quote/`, `price/` and
/// `secret/` are followed; what is announced stands below `news/`.
pub struct Rules;

impl Policy for Rules {
    fn authenticate(&self, _: SocketAddr, login: Option<Login<'_>>) -> Verdict {
        let verdict = match login.map(|login| (login.username, login.password)) {
            None => Ok(Identity::Anonymous),
            Some(("service", "pw")) => Ok(Identity::Service),
            Some(("banned", "pw")) => Err(Refusal::NotAuthorized),
            Some(("panic", _)) => panic!("the policy panics"),
            Some(("panic later", _)) => return Verdict::Later(Box::pin(async { panic!("the policy panics") })),
            Some(("later", "pw")) => {
                return Verdict::Later(Box::pin(async {
                    tokio::task::yield_now().await;
                    Ok(Identity::User("later".into()))
                }));
            }
            Some(("hasty", _)) => Err(Refusal::Busy),
            Some((user, "pw")) => Ok(Identity::User(user.into())),
            Some(_) => Err(Refusal::BadCredentials),
        };
        verdict.into()
    }

    fn may_read(&self, who: &Identity, topic: &str) -> bool {
        match (who, topic.split_once('/')) {
            (Identity::Service, _) | (_, None) => true,
            (_, Some(("panic", _))) => panic!("the policy panics"),
            (Identity::User(user), Some(("user", rest))) => rest.split('/').next() == Some(user),
            (_, Some((family, _))) => !matches!(family, "secret" | "user"),
        }
    }

    fn may_publish(&self, who: &Identity, topic: &str) -> bool {
        *who == Identity::Service || topic.starts_with("open/")
    }

    fn conflates(&self, topic: &str) -> bool {
        topic.starts_with("quote/")
    }

    fn max_qos(&self, filter: &str) -> u8 {
        if filter.starts_with("quote/") { 0 } else { 2 }
    }

    fn is_followed(&self, topic: &str) -> bool {
        topic.starts_with("quote/") || topic.starts_with("price/") || topic.starts_with("secret/")
    }

    fn is_announcement(&self, filter: &str) -> bool {
        filter.starts_with("news/")
    }
}

/// A broker on a free port.
pub struct Server {
    pub broker: Broker,
    pub listener: Listener,
}

impl Server {
    pub async fn start() -> Self {
        Self::with(Config::default()).await
    }

    pub async fn with(config: Config) -> Self {
        let broker = Broker::start(config, Arc::new(Rules)).unwrap();
        let listener = broker.listen((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
        Self { broker, listener }
    }

    pub fn port(&self) -> u16 {
        self.listener.local_addr().port()
    }

    pub async fn publish(&self, topic: &str, payload: impl Into<bytes::Bytes>) {
        self.broker.link().publish(topic, payload.into(), false).await.unwrap();
    }

    pub async fn retain(&self, topic: &str, payload: impl Into<bytes::Bytes>) {
        self.broker.link().publish(topic, payload.into(), true).await.unwrap();
    }

    pub async fn raw(&self) -> Raw {
        Raw::open(self.listener.local_addr()).await
    }

    /// A raw client that was let in.
    pub async fn client(&self, level: u8, id: &str) -> Raw {
        let mut raw = self.raw().await;
        raw.connect(Connect { level, id, ..Connect::default() }).await;
        raw
    }

    /// Does a client that connects now get a message that is published now?
    pub async fn assert_alive(&self) {
        let mut canary = self.client(4, "alive").await;
        canary.subscribe(&[("alive/+", 0)]).await;
        self.publish("alive/now", "yes").await;
        assert_eq!(canary.publish().await.payload, b"yes");
        canary.send(&[0xe0, 0]).await;
        canary.end().await;
    }
}

/// Waits for what an in-process subscription gets.
pub async fn next(subscription: &mut Subscription) -> (String, String, bool) {
    let message = timeout(PATIENCE, subscription.recv()).await.expect("a message").expect("not the end");
    let payload = String::from_utf8(message.payload.to_vec()).unwrap();
    (message.topic.to_string(), payload, message.retain)
}

/// Waits until a condition holds that somebody else brings about.
pub async fn until(mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, waiting).await.expect("the condition to hold");
}

/// What a raw client got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Got {
    pub first: u8,
    pub body: Vec<u8>,
}

/// A PUBLISH that a raw client got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publish {
    pub topic: String,
    pub payload: Vec<u8>,
    pub qos: u8,
    pub dup: bool,
    /// 0 with `QoS` 0.
    pub id: u16,
    pub retain: bool,
    pub properties: Vec<u8>,
}

/// A client that says exactly the bytes it is told.
pub struct Raw<S = TcpStream> {
    pub stream: S,
    buffer: BytesMut,
    level: u8,
    ids: u16,
}

impl Raw {
    pub async fn open(addr: SocketAddr) -> Self {
        let stream = timeout(PATIENCE, TcpStream::connect(addr)).await.unwrap().unwrap();
        stream.set_nodelay(true).unwrap();
        Self::over(stream)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Raw<S> {
    pub fn over(stream: S) -> Self {
        Self { stream, buffer: BytesMut::new(), level: 4, ids: 0 }
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        timeout(PATIENCE, self.stream.write_all(bytes)).await.unwrap().unwrap();
    }

    /// Sends what may meet a connection that has been closed.
    pub async fn try_send(&mut self, bytes: &[u8]) {
        timeout(PATIENCE, self.stream.write_all(bytes)).await.unwrap().ok();
    }

    /// The next packet; `None` at the end.
    pub async fn recv(&mut self) -> Option<Got> {
        loop {
            if let Some(got) = self.cut() {
                return Some(got);
            }
            match timeout(PATIENCE, self.stream.read_buf(&mut self.buffer)).await.expect("a packet or the end") {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    fn cut(&mut self) -> Option<Got> {
        let (mut length, mut at) = (0, 1);
        loop {
            let byte = *self.buffer.get(at)?;
            length |= usize::from(byte & 0x7f) << (7 * (at - 1));
            at += 1;
            if byte & 0x80 == 0 {
                break;
            }
        }
        if self.buffer.len() < at + length {
            return None;
        }
        let first = self.buffer[0];
        self.buffer.advance(at);
        Some(Got { first, body: self.buffer.split_to(length).to_vec() })
    }

    /// Nothing more comes.
    pub async fn end(&mut self) {
        assert_eq!(self.recv().await, None, "the end");
    }

    pub async fn expect(&mut self, first: u8, body: &[u8]) {
        assert_eq!(self.recv().await, Some(Got { first, body: body.to_vec() }));
    }

    /// Connects; the properties of the CONNACK.
    pub async fn connect(&mut self, connect: Connect<'_>) -> Vec<u8> {
        self.level = connect.level;
        self.send(&connect.encode()).await;
        let got = self.recv().await.expect("a CONNACK");
        assert_eq!((got.first, &got.body[..2]), (0x20, &[0, 0][..]), "let in, with nothing left of an earlier session");
        got.body[2..].to_vec()
    }

    /// Connects, and finds its session as it was left.
    pub async fn resume(&mut self, connect: Connect<'_>) {
        self.level = connect.level;
        self.send(&connect.encode()).await;
        let got = self.recv().await.expect("a CONNACK");
        assert_eq!((got.first, &got.body[..2]), (0x20, &[1, 0][..]), "let in, with the session as it was");
    }

    /// Connects and is not let in: the code.
    pub async fn refused(&mut self, connect: Connect<'_>) -> u8 {
        self.send(&connect.encode()).await;
        let got = self.recv().await.expect("a CONNACK");
        assert_eq!((got.first, got.body[0]), (0x20, 0));
        self.end().await;
        got.body[1]
    }

    pub async fn subscribe(&mut self, filters: &[(&str, u8)]) {
        let codes = self.subscribe_with(&[], filters).await;
        assert!(codes.iter().all(|code| *code == 0), "granted: {codes:?}");
    }

    pub async fn subscribe_with(&mut self, properties: &[u8], filters: &[(&str, u8)]) -> Vec<u8> {
        self.ids += 1;
        self.send(&subscribe(self.level, self.ids, properties, filters)).await;
        loop {
            let mut got = self.recv().await.expect("a SUBACK");
            if got.first == 0x90 {
                let skipped = if self.level == 5 { 3 } else { 2 };
                return got.body.split_off(skipped);
            }
        }
    }

    /// The next packet, which is a PUBLISH with `QoS` 0.
    pub async fn publish(&mut self) -> Publish {
        let publish = self.any_publish().await;
        assert_eq!(publish.qos, 0, "{publish:?}");
        publish
    }

    /// The next packet, which is a PUBLISH.
    pub async fn any_publish(&mut self) -> Publish {
        let got = self.recv().await.expect("a PUBLISH");
        assert_eq!(got.first & 0xf0, 0x30, "a PUBLISH: {got:?}");
        let mut body = &got.body[..];
        let topic = body.get_u16();
        let topic = String::from_utf8(body[..usize::from(topic)].to_vec()).unwrap();
        body.advance(topic.len());
        let qos = got.first >> 1 & 3;
        let id = if qos > 0 { body.get_u16() } else { 0 };
        let mut properties = Vec::new();
        if self.level == 5 {
            let length = usize::from(body.get_u8());
            assert!(length < 128);
            properties.extend(&body[..length]);
            body.advance(length);
        }
        let (dup, retain) = (got.first & 8 != 0, got.first & 1 != 0);
        Publish { topic, payload: body.to_vec(), qos, dup, id, retain, properties }
    }

    /// The next packet, which is a PUBLISH with `QoS` 1, acknowledged: its payload.
    pub async fn acknowledge(&mut self) -> String {
        let publish = self.any_publish().await;
        assert_eq!(publish.qos, 1, "{publish:?}");
        self.send(&acknowledgement(0x40, publish.id)).await;
        String::from_utf8(publish.payload).unwrap()
    }

    /// Nothing has come before the answer to a ping.
    pub async fn silence(&mut self) {
        self.send(&[0xc0, 0]).await;
        self.expect(0xd0, &[]).await;
    }

    /// Says goodbye, and waits for the end.
    pub async fn leave(&mut self) {
        self.send(&[0xe0, 0]).await;
        self.end().await;
    }

    pub async fn text(&mut self) -> (String, String) {
        let publish = self.publish().await;
        (publish.topic, String::from_utf8(publish.payload).unwrap())
    }
}
