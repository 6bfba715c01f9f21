//! The subscribers: the same program for both brokers, in a process of its own. It reads as fast as it can, counts
//! packets, and tells its parent on its output how far the slowest one is.

use std::cell::{Cell, RefCell};
use std::io::{BufRead, BufReader, Write};
use std::net::Ipv4Addr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const ROLE: &str = "BENCH_SUBSCRIBER";

/// What the subscribers are to do.
pub struct Plan {
    port: u16,
    readers: usize,
    filter: String,
    messages: usize,
    qos: u8,
}

impl Plan {
    pub fn from_env() -> Option<Self> {
        let plan = std::env::var(ROLE).ok()?;
        let mut parts = plan.split(' ');
        let mut number = || parts.next()?.parse::<usize>().ok();
        let (port, readers, messages, qos) = (number()?, number()?, number()?, number()?);
        Some(Self { port: port as u16, readers, messages, filter: parts.next()?.to_owned(), qos: qos as u8 })
    }
}

fn now_ns() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64
}

/// A payload that says when it was made.
pub fn stamped(bytes: usize) -> Vec<u8> {
    let mut payload = vec![b'x'; bytes];
    payload[..8].copy_from_slice(&now_ns().to_be_bytes());
    payload
}

/// The parent's side.
pub struct Subscribers {
    process: Child,
    slowest: Arc<AtomicUsize>,
    news: mpsc::Receiver<String>,
}

impl Subscribers {
    /// Returns when all have subscribed.
    pub fn start(port: u16, readers: usize, filter: &str, messages: usize, qos: u8) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .env(ROLE, format!("{port} {readers} {messages} {qos} {filter}"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = process.stdout.take().unwrap();
        let slowest = Arc::new(AtomicUsize::new(0));
        let (tell, news) = mpsc::channel();
        let seen = Arc::clone(&slowest);
        std::thread::spawn(move || listen(output, &seen, &tell));
        assert_eq!(news.recv().unwrap(), "ready");
        Self { process, slowest, news }
    }

    pub fn slowest(&self) -> usize {
        self.slowest.load(Ordering::Relaxed)
    }

    /// Waits for news.
    pub fn wait(&mut self) {
        self.news.recv_timeout(Duration::from_secs(60)).expect("progress");
    }

    fn result(&mut self, name: &str) -> Vec<f64> {
        loop {
            let line = self.news.recv_timeout(Duration::from_secs(60)).expect("a result");
            if let Some(values) = line.strip_prefix(name) {
                self.stop();
                return values.split_whitespace().map(|value| value.parse().unwrap()).collect();
            }
        }
    }

    /// Microseconds, p50 and p99.
    pub fn latencies(&mut self) -> (f64, f64) {
        let values = self.result("latency ");
        (values[0], values[1])
    }

    /// Milliseconds from SUBSCRIBE to the last message.
    pub fn snapshot(&mut self) -> f64 {
        self.result("took ")[0]
    }

    pub fn stop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

impl Drop for Subscribers {
    fn drop(&mut self) {
        self.stop();
    }
}

fn listen(output: ChildStdout, slowest: &AtomicUsize, tell: &mpsc::Sender<String>) {
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        if let Some(count) = line.strip_prefix("at ") {
            slowest.store(count.parse().unwrap(), Ordering::Relaxed);
        }
        if tell.send(line).is_err() {
            return;
        }
    }
}

/// What all subscribers share.
struct Tally {
    /// How many readers have come so far, by messages of [`STEP`].
    steps: RefCell<Vec<usize>>,
    done: Cell<usize>,
    latencies: RefCell<Vec<u64>>,
}

/// Progress is told by so many messages.
const STEP: usize = 500;

/// The child's side.
pub fn run(plan: &Plan) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        let tally = Rc::new(Tally {
            steps: RefCell::new(vec![0; (plan.messages / STEP + 2).min(1_000_000)]),
            done: Cell::new(0),
            latencies: RefCell::new(Vec::new()),
        });
        let mut streams = Vec::new();
        for reader in 0..plan.readers {
            streams.push(connect(plan, reader).await);
        }
        say("ready");
        let readers: Vec<_> = streams
            .into_iter()
            .map(|stream| tokio::task::spawn_local(read(stream, plan.messages, plan.readers, Rc::clone(&tally))))
            .collect();
        for reader in readers {
            reader.await.unwrap();
        }
        report(&tally);
        std::future::pending::<()>().await;
    });
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").ok();
    out.flush().ok();
}

async fn connect(plan: &Plan, reader: usize) -> (TcpStream, Vec<u8>, Instant) {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, plan.port)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let id = format!("reader{reader:03}");
    let mut connect = vec![0x10, 12 + id.len() as u8, 0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 0, 0, id.len() as u8];
    connect.extend(id.as_bytes());
    stream.write_all(&connect).await.unwrap();
    let mut welcome = [0; 4];
    stream.read_exact(&mut welcome).await.unwrap();
    assert_eq!(welcome, [0x20, 2, 0, 0]);
    let mut subscribe = vec![0x82, 5 + plan.filter.len() as u8, 0, 1, 0, plan.filter.len() as u8];
    subscribe.extend(plan.filter.as_bytes());
    subscribe.push(plan.qos);
    let asked = Instant::now();
    stream.write_all(&subscribe).await.unwrap();
    let mut granted = [0; 5];
    stream.read_exact(&mut granted).await.unwrap();
    assert_eq!(granted, [0x90, 3, 0, 1, plan.qos]);
    (stream, Vec::new(), asked)
}

/// Reads so many messages.
async fn read(
    (mut stream, _, asked): (TcpStream, Vec<u8>, Instant),
    messages: usize,
    readers: usize,
    tally: Rc<Tally>,
) {
    let mut buffer = vec![0; 256 * 1024];
    let (mut held, mut count, mut answers) = (0, 0, Vec::new());
    while count < messages {
        let read = stream.read(&mut buffer[held..]).await.unwrap();
        if read == 0 {
            return;
        }
        held += read;
        let mut at = 0;
        let now = now_ns();
        while let Some(length) = frame(&buffer[at..held]) {
            if readers == 1 {
                note(&buffer[at..at + length], now, &tally);
            }
            if buffer[at] & 6 != 0 {
                acknowledge(&buffer[at..at + length], &mut answers);
            }
            at += length;
            count += 1;
            if count % STEP == 0 || count == messages {
                progress(count, messages, readers, &tally);
            }
        }
        buffer.copy_within(at..held, 0);
        held -= at;
        stream.write_all(&answers).await.unwrap();
        answers.clear();
    }
    if readers == 1 {
        say(&format!("took {}", asked.elapsed().as_secs_f64() * 1_000.0));
    }
}

/// The length of the first packet, if it is whole.
fn frame(bytes: &[u8]) -> Option<usize> {
    let (mut length, mut at) = (0, 1);
    loop {
        let byte = *bytes.get(at)?;
        length |= usize::from(byte & 0x7f) << (7 * (at - 1));
        at += 1;
        if byte & 0x80 == 0 {
            break;
        }
    }
    (bytes.len() >= at + length).then_some(at + length)
}

/// PUBACK.
fn acknowledge(packet: &[u8], answers: &mut Vec<u8>) {
    let topic = 1 + packet[1..].iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
    let id = topic + 2 + usize::from(packet[topic + 1]);
    answers.extend([0x40, 2, packet[id], packet[id + 1]]);
}

fn note(packet: &[u8], now: u64, tally: &Tally) {
    let topic = usize::from(packet[4]);
    let stamp = u64::from_be_bytes(packet[5 + topic..13 + topic].try_into().unwrap());
    tally.latencies.borrow_mut().push(now.saturating_sub(stamp));
}

/// Tells the parent when the last reader has come so far.
fn progress(count: usize, messages: usize, readers: usize, tally: &Tally) {
    let mut steps = tally.steps.borrow_mut();
    let step = count.div_ceil(STEP);
    if let Some(reached) = steps.get_mut(step) {
        *reached += 1;
        if *reached == readers {
            say(&format!("at {count}"));
        }
    }
    if count == messages {
        tally.done.set(tally.done.get() + 1);
    }
}

fn report(tally: &Tally) {
    let mut latencies = tally.latencies.borrow_mut();
    if latencies.is_empty() {
        return;
    }
    latencies.sort_unstable();
    let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize] as f64 / 1_000.0;
    say(&format!("latency {} {}", at(0.5), at(0.99)));
}
