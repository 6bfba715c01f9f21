//! The two brokers, a publisher for each, and the floor: bytes that are written straight into the subscribers' sockets.

use broker::{Broker, Config, Identity, Link, Listener, Login, Policy, Publication, Stats, Verdict};
use std::io::{BufWriter, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use tokio::runtime::Runtime;

/// A running broker.
pub trait Target {
    type Publisher: Publisher;
    fn port(&self) -> u16;
    /// One that publishes with this `QoS`.
    fn publisher(&self, qos: u8) -> Self::Publisher;
    /// Waits until so many messages have arrived.
    fn settle(&self, messages: usize);
    /// The process that it runs in.
    fn process(&self) -> u32;
}

pub trait Publisher {
    fn publish(&mut self, topic: &str, payload: &[u8], retain: bool);
    fn flush(&mut self);
}

/// Everybody may do everything; `c/` conflates.
struct Open;

impl Policy for Open {
    fn authenticate(&self, _: SocketAddr, _: Option<Login<'_>>) -> Verdict {
        Ok(Identity::Anonymous).into()
    }
    fn may_read(&self, _: &Identity, _: &str) -> bool {
        true
    }
    fn may_publish(&self, _: &Identity, _: &str) -> bool {
        true
    }
    fn conflates(&self, topic: &str) -> bool {
        topic.starts_with("c/")
    }
}

/// Ours, embedded in this process.
pub struct Ours {
    runtime: Runtime,
    broker: Broker,
    listener: Listener,
}

impl Ours {
    pub fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let (broker, listener) = runtime.block_on(async {
            let config = Config { max_queue: 100_000, max_queued_bytes: usize::MAX, ..Config::default() };
            let broker = Broker::start(config, Arc::new(Open)).unwrap();
            let listener = broker.listen((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
            (broker, listener)
        });
        Self { runtime, broker, listener }
    }

    /// What was counted once so many messages had arrived.
    pub fn settled(&self, messages: usize) -> Stats {
        self.settle(messages);
        self.broker.stats()
    }
}

impl Drop for Ours {
    fn drop(&mut self) {
        assert_eq!(self.broker.stats().dropped, 0, "nothing was dropped");
        self.runtime.block_on(self.broker.shutdown());
    }
}

impl Target for Ours {
    type Publisher = InProcess;

    fn port(&self) -> u16 {
        self.listener.local_addr().port()
    }

    /// Whatever is asked for: it publishes with 1.
    fn publisher(&self, _: u8) -> InProcess {
        InProcess { link: self.broker.link(), runtime: self.runtime.handle().clone(), answer: Vec::new() }
    }

    fn settle(&self, messages: usize) {
        while self.broker.stats().messages_in < messages as u64 {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn process(&self) -> u32 {
        std::process::id()
    }
}

/// As the product publishes: what one answer of a provider holds, together.
pub struct InProcess {
    link: Link,
    runtime: tokio::runtime::Handle,
    answer: Vec<Publication>,
}

/// Symbols of an answer.
const ANSWER: usize = 99;

impl Publisher for InProcess {
    fn publish(&mut self, topic: &str, payload: &[u8], retain: bool) {
        let payload = bytes::Bytes::copy_from_slice(payload);
        self.answer.push(Publication { topic: topic.to_owned(), payload, retain });
        if self.answer.len() >= ANSWER {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let answer = std::mem::take(&mut self.answer);
        self.runtime.block_on(self.link.publish_all(answer)).unwrap();
    }
}

/// Where mosquitto is.
pub fn mosquitto_binary() -> Option<&'static Path> {
    ["/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto"]
        .map(Path::new)
        .into_iter()
        .find(|path| path.exists())
}

/// Mosquitto, in a process of its own.
pub struct Mosquitto {
    process: Child,
    port: u16,
    config: PathBuf,
}

impl Mosquitto {
    pub fn start(binary: &Path) -> Self {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let config = std::env::temp_dir().join(format!("mosquitto-bench-{}-{port}.conf", std::process::id()));
        let settings = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\n\
             max_queued_messages 100000\nmax_inflight_messages 100\nlog_type none\n"
        );
        std::fs::write(&config, settings).unwrap();
        let process =
            Command::new(binary).arg("-c").arg(&config).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            std::thread::sleep(Duration::from_millis(10));
        }
        Self { process, port, config }
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
        std::fs::remove_file(&self.config).ok();
    }
}

impl Target for Mosquitto {
    type Publisher = OverTcp;

    fn port(&self) -> u16 {
        self.port
    }

    fn publisher(&self, qos: u8) -> OverTcp {
        OverTcp::connect(self.port, qos)
    }

    fn settle(&self, _: usize) {
        std::thread::sleep(Duration::from_millis(500));
    }

    fn process(&self) -> u32 {
        self.process.id()
    }
}

/// No broker at all: whoever subscribes is answered, and then gets what is published, whatever it asked for.
pub struct Floor {
    port: u16,
    subscribers: Arc<Mutex<Vec<TcpStream>>>,
}

impl Floor {
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let subscribers = Arc::new(Mutex::new(Vec::new()));
        let accepted = Arc::clone(&subscribers);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                welcome(stream.unwrap(), &accepted);
            }
        });
        Self { port, subscribers }
    }
}

/// Answers a CONNECT and a SUBSCRIBE, which are short. Whoever is told that it has subscribed is among them.
fn welcome(mut stream: TcpStream, subscribers: &Mutex<Vec<TcpStream>>) {
    stream.set_nodelay(true).unwrap();
    skip_packet(&mut stream);
    stream.write_all(&[0x20, 2, 0, 0]).unwrap();
    skip_packet(&mut stream);
    subscribers.lock().unwrap().push(stream.try_clone().unwrap());
    stream.write_all(&[0x90, 3, 0, 1, 0]).unwrap();
}

fn skip_packet(stream: &mut TcpStream) {
    let mut head = [0; 2];
    stream.read_exact(&mut head).unwrap();
    stream.read_exact(&mut vec![0; usize::from(head[1])]).unwrap();
}

impl Target for Floor {
    type Publisher = Straight;

    fn port(&self) -> u16 {
        self.port
    }

    fn publisher(&self, _: u8) -> Straight {
        let into = Arc::clone(&self.subscribers);
        Straight { into, streams: Vec::new() }
    }

    fn settle(&self, _: usize) {}

    fn process(&self) -> u32 {
        std::process::id()
    }
}

/// Into every subscriber's socket.
pub struct Straight {
    into: Arc<Mutex<Vec<TcpStream>>>,
    streams: Vec<BufWriter<TcpStream>>,
}

impl Publisher for Straight {
    fn publish(&mut self, topic: &str, payload: &[u8], retain: bool) {
        self.streams.extend(self.into.lock().unwrap().drain(..).map(|s| BufWriter::with_capacity(64 * 1024, s)));
        let packet = packet(0, 0, topic, payload, retain);
        for stream in &mut self.streams {
            stream.write_all(&packet).unwrap();
        }
    }

    fn flush(&mut self) {
        for stream in &mut self.streams {
            stream.flush().unwrap();
        }
    }
}

/// The client library with which this product publishes to an external broker.
pub struct Library {
    client: rumqttc::AsyncClient,
    runtime: Runtime,
}

impl Library {
    pub fn connect(port: u16) -> Self {
        let runtime = Runtime::new().unwrap();
        let client = runtime.block_on(async {
            let options = rumqttc::MqttOptions::new("library", "127.0.0.1", port);
            let (client, mut events) = rumqttc::AsyncClient::new(options, 1_000);
            let mut network = rumqttc::NetworkOptions::new();
            network.set_tcp_nodelay(true);
            events.set_network_options(network);
            while !matches!(events.poll().await.unwrap(), rumqttc::Event::Incoming(rumqttc::Packet::ConnAck(_))) {}
            tokio::spawn(async move { while events.poll().await.is_ok() {} });
            client
        });
        Self { client, runtime }
    }
}

impl Publisher for Library {
    fn publish(&mut self, topic: &str, payload: &[u8], retain: bool) {
        let sent = self.client.publish(topic, rumqttc::QoS::AtMostOnce, retain, payload);
        self.runtime.block_on(sent).unwrap();
    }

    fn flush(&mut self) {}
}

/// A bare socket. What it is answered is read and thrown away.
pub struct OverTcp {
    stream: BufWriter<TcpStream>,
    qos: u8,
    id: u16,
}

impl OverTcp {
    pub fn connect(port: u16, qos: u8) -> Self {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.write_all(b"\x10\x0f\0\x04MQTT\x04\x02\0\0\0\x03pub").unwrap();
        let mut welcome = [0; 4];
        stream.read_exact(&mut welcome).unwrap();
        assert_eq!(welcome, [0x20, 2, 0, 0]);
        let mut answers = stream.try_clone().unwrap();
        std::thread::spawn(move || std::io::copy(&mut answers, &mut std::io::sink()));
        Self { stream: BufWriter::with_capacity(64 * 1024, stream), qos, id: 0 }
    }
}

impl Drop for OverTcp {
    fn drop(&mut self) {
        self.stream.get_ref().shutdown(std::net::Shutdown::Both).ok();
    }
}

impl Publisher for OverTcp {
    fn publish(&mut self, topic: &str, payload: &[u8], retain: bool) {
        self.id = self.id % u16::MAX + 1;
        self.stream.write_all(&packet(self.qos, self.id, topic, payload, retain)).unwrap();
    }

    fn flush(&mut self) {
        self.stream.flush().unwrap();
    }
}

/// A PUBLISH.
fn packet(qos: u8, id: u16, topic: &str, payload: &[u8], retain: bool) -> Vec<u8> {
    let id = &id.to_be_bytes()[..if qos == 0 { 0 } else { 2 }];
    let length = 2 + topic.len() + id.len() + payload.len();
    assert!((128..16_384).contains(&length));
    let first = 0x30 | qos << 1 | u8::from(retain);
    let head = [first, length as u8 | 0x80, (length >> 7) as u8, 0, topic.len() as u8];
    [&head, topic.as_bytes(), id, payload].concat()
}
