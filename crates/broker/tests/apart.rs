//! A broker, or a reader, in a process of its own: one that may open few files, one that is stopped, one whose memory is
//! looked at.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod common;

use common::{Connect, PATIENCE, Raw, Server, publish, unsubscribe, until};
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, ChildStdout, Command, Stdio};
use tokio::net::TcpStream;
use tokio::time::timeout;

const ROLE: &str = "APART";

/// This very program again, as somebody else; what it says.
struct Apart {
    process: Child,
    said: BufReader<ChildStdout>,
}

impl Apart {
    /// With so many files that it may open.
    fn start(role: &str, files: usize) -> Self {
        let this = std::env::current_exe().unwrap();
        let command = format!("ulimit -n {files}; exec \"$0\" --exact the_other_process --nocapture");
        let mut process = Command::new("sh");
        process.arg("-c").arg(command).arg(this).env(ROLE, role).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = process.spawn().unwrap();
        let said = BufReader::new(process.stdout.take().unwrap());
        Self { process, said }
    }

    /// Reads on until it says this: what follows.
    fn says(&mut self, what: &str) -> String {
        for line in self.said.by_ref().lines() {
            if let Some((_, rest)) = line.unwrap().split_once(what) {
                return rest.trim().to_owned();
            }
        }
        panic!("it has ended without {what:?}");
    }

    fn server(files: usize) -> (Self, SocketAddr) {
        let mut apart = Self::start("server", files);
        let port = apart.says("port ").parse().unwrap();
        (apart, (Ipv4Addr::LOCALHOST, port).into())
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.process.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }

    fn open_files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.process.id())).unwrap().count()
    }

    /// KiB.
    fn memory(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

#[test]
fn the_other_process() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    if let Some(("reader", addr)) = role.split_once(' ') {
        return runtime.block_on(read(addr.parse().unwrap()));
    }
    let server = runtime.block_on(Server::start());
    println!("port {}", server.port());
    // Until its parent has gone.
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

/// Says each value that it gets.
async fn read(addr: SocketAddr) {
    let mut raw = client(addr, "reader").await;
    raw.subscribe(&[("quote/+", 0)]).await;
    println!("ready");
    while let Some(got) = raw.recv().await {
        println!("got {}", String::from_utf8_lossy(&got.body).split_whitespace().nth(1).unwrap());
    }
}

async fn client(addr: SocketAddr, id: &str) -> Raw {
    let mut raw = Raw::open(addr).await;
    raw.connect(Connect { id, ..Connect::default() }).await;
    raw
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_connections_and_no_file_left_to_open_lose_nobody_a_message() {
    const FILES: usize = 128;
    let (apart, addr) = Apart::server(FILES);
    let mut reader = client(addr, "reader").await;
    assert_eq!(reader.subscribe_with(&[], &[("open/+", 1)]).await, [1]);
    let mut writer = client(addr, "writer").await;
    for wave in 1..=50_u16 {
        let mut crowd = Vec::new();
        for _ in 0..200 {
            crowd.push(timeout(PATIENCE, TcpStream::connect(addr)).await.unwrap().unwrap());
        }
        until(|| apart.open_files() >= FILES).await;
        writer.send(&publish(4, 0x32, "open/x", wave, &[], &[b'0'; 9])).await;
        writer.expect(0x40, &wave.to_be_bytes()).await;
        assert_eq!(reader.acknowledge().await, "000000000");
    }
    client(addr, "after").await.silence().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_is_stopped_goes_on_with_the_newest_value_and_delays_nobody() {
    let server = Server::start().await;
    let mut reader = Apart::start(&format!("reader {}", server.listener.local_addr()), 64);
    reader.says("ready");
    reader.signal("STOP");
    let mut other = server.client(4, "other").await;
    other.subscribe(&[("alive/+", 0)]).await;
    let rest = "x".repeat(400);
    for n in 1..=50_000 {
        server.publish("quote/X", format!(" {n} {rest}")).await;
        if n % 1_000 == 0 {
            server.publish("alive/x", n.to_string()).await;
            assert_eq!(other.text().await.1, n.to_string());
        }
    }
    assert!(server.broker.stats().conflated > 0);
    reader.signal("CONT");
    let (mut last, mut values) = (0, 0);
    while last < 50_000 {
        let now: usize = reader.says("got ").parse().unwrap();
        assert!(now > last, "in order");
        (last, values) = (now, values + 1);
    }
    assert!(values < 50_000);
    assert_eq!(server.broker.stats().dropped, 0);
}

/// Ten clients take up a thousand filters each that nobody had before, and let go of them.
async fn ten_thousand_filters(addr: SocketAddr, round: usize) {
    for id in 0..10 {
        let mut raw = client(addr, &format!("client {id}")).await;
        let filters: Vec<String> = (0..1_000).map(|n| format!("quote/{round}/{id}/{n}")).collect();
        for some in filters.chunks(250) {
            raw.subscribe(&some.iter().map(|filter| (&**filter, 0)).collect::<Vec<_>>()).await;
        }
        // Half of them say so, half of them just go.
        for some in filters[..500].chunks(250) {
            raw.send(&unsubscribe(4, 9, &some.iter().map(|filter| &**filter).collect::<Vec<_>>())).await;
            raw.expect(0xb0, &[0, 9]).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_filters_come_and_go_and_leave_no_memory_taken() {
    let (apart, addr) = Apart::server(1_024);
    // What is set up once is no filter's.
    ten_thousand_filters(addr, 0).await;
    let before = apart.memory();
    for round in 1..=5 {
        ten_thousand_filters(addr, round).await;
    }
    let after = apart.memory();
    assert!(after * 10 <= before * 11, "{before} KiB before, {after} KiB after");
}
