//! What a broker's process weighs, and the processor time it takes. For its memory ours has a process of its own, as
//! mosquitto has: nothing that was measured before it is in it.

use crate::brokers::{Mosquitto, Ours, OverTcp, Publisher, Target};
use crate::subscriber::Subscribers;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

const ROLE: &str = "BENCH_BROKER";
const READERS: usize = 500;
const BURST: usize = 2_000;
const BYTES: usize = 200;
/// Everything has been read by then, and nothing moves any more.
const QUIET: Duration = Duration::from_secs(2);

/// A broker in a process of its own.
trait Apart {
    fn port(&self) -> u16;
    fn process(&self) -> u32;
    /// Publishes so many, the way the product does.
    fn burst(&mut self, messages: usize);
}

/// Ours, alone.
struct OursAlone {
    process: Child,
    orders: ChildStdin,
    output: BufReader<std::process::ChildStdout>,
    port: u16,
}

impl OursAlone {
    fn start() -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let mut process = command.env(ROLE, "1").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (orders, output) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        let mut output = BufReader::new(output);
        let port = line(&mut output).parse().unwrap();
        Self { process, orders, output, port }
    }
}

fn line(output: &mut impl BufRead) -> String {
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    line.trim().to_owned()
}

impl Apart for OursAlone {
    fn port(&self) -> u16 {
        self.port
    }

    fn process(&self) -> u32 {
        self.process.id()
    }

    fn burst(&mut self, messages: usize) {
        writeln!(self.orders, "{messages}").unwrap();
        assert_eq!(line(&mut self.output), "done");
    }
}

impl Drop for OursAlone {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

impl Apart for Mosquitto {
    fn port(&self) -> u16 {
        Target::port(self)
    }

    fn process(&self) -> u32 {
        Target::process(self)
    }

    fn burst(&mut self, messages: usize) {
        publish(&mut OverTcp::connect(Target::port(self), 0), messages);
    }
}

/// The child's side of [`OursAlone`]: `false` if this is no such child.
pub fn run() -> bool {
    if std::env::var(ROLE).is_err() {
        return false;
    }
    let broker = Ours::start();
    println!("{}", Target::port(&broker));
    let mut publisher = broker.publisher(0);
    for order in std::io::stdin().lines().map_while(Result::ok) {
        publish(&mut publisher, order.parse().unwrap());
        println!("done");
    }
    true
}

/// Prices, on as many topics as a large watchlist has.
fn publish(publisher: &mut impl Publisher, messages: usize) {
    for n in 0..messages {
        publisher.publish(&format!("c/T{:05}", n % 200), &[b'x'; BYTES], false);
    }
    publisher.flush();
}

/// KiB above the idle process: of so many idle subscribers, and after a burst to all of them.
pub fn ours() -> Vec<f64> {
    weigh(OursAlone::start())
}

pub fn mosquittos(binary: &Path) -> Vec<f64> {
    weigh(Mosquitto::start(binary))
}

fn weigh(mut broker: impl Apart) -> Vec<f64> {
    // Whatever is set up by the first client is no client's.
    Subscribers::start(broker.port(), 1, "c/#", usize::MAX, 0).stop();
    std::thread::sleep(QUIET / 4);
    let empty = resident(broker.process());
    let mut subscribers = Subscribers::start(broker.port(), READERS, "c/#", usize::MAX, 0);
    std::thread::sleep(QUIET / 4);
    let idle = resident(broker.process());
    broker.burst(BURST);
    std::thread::sleep(QUIET);
    let after = resident(broker.process());
    subscribers.stop();
    vec![idle - empty, after - empty]
}

/// KiB.
fn resident(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Seconds of the processor that a process has taken so far.
pub fn processor(process: u32) -> f64 {
    /// `USER_HZ`, which is the same on every Linux that there is.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let after_name = stat.rsplit_once(") ").unwrap().1;
    let field = |n: usize| after_name.split(' ').nth(n).unwrap().parse::<f64>().unwrap();
    (field(11) + field(12)) / TICKS
}
