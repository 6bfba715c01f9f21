//! This broker against mosquitto, with the same subscribers, in a process of their own, for both. Prints a table.
//!
//! Our publisher is in process, as in the product; mosquitto's comes over TCP: raw sockets, in batches where throughput is
//! measured, and for latency also the client library with which the product publishes to an external broker.
//! Messages queue on both sides (topics that do not conflate), no more than a window ahead of the slowest subscriber, so
//! that none is dropped and every one is counted.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "mosquitto/brokers.rs"]
mod brokers;
#[path = "mosquitto/subscriber.rs"]
mod subscriber;

use brokers::{Library, Mosquitto, Ours, OverTcp, Publisher, Target, mosquitto_binary};
use std::time::{Duration, Instant};
use subscriber::{Plan, Subscribers};

/// Interleaved; the median of them counts.
const RUNS: usize = 3;
const TOPICS: usize = 1_000;
const BYTES: usize = 200;
/// Messages that may be ahead of the slowest subscriber.
const WINDOW: usize = 20_000;
const RATE: usize = 10_000;
const LATENCY_MESSAGES: usize = 40_000;
const ONE_TO_ONE: usize = 400_000;
const ACKNOWLEDGED: usize = 100_000;
const READERS: usize = 100;
const ONE_TO_MANY: usize = 10_000;
const RETAINED: usize = 5_000;

/// What one broker did in one run.
#[derive(Debug, Default, Clone, Copy)]
struct Run {
    p50_us: f64,
    p99_us: f64,
    /// The same with the client library as publisher; for ours there is only the one in process.
    library_us: (f64, f64),
    one_to_one: f64,
    /// The publisher over TCP for both.
    over_tcp: f64,
    acknowledged: f64,
    one_to_many: f64,
    snapshot_ms: f64,
}

fn main() {
    if let Some(plan) = Plan::from_env() {
        subscriber::run(&plan);
        return;
    }
    let Some(mosquitto) = mosquitto_binary() else {
        println!("mosquitto is missing; on Debian: apt-get install mosquitto. Nothing was measured.");
        return;
    };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for run in 1..=RUNS {
        eprintln!("run {run} of {RUNS}");
        let mut run = measure(&Ours::start);
        run.library_us = (run.p50_us, run.p99_us);
        ours.push(run);
        let mut run = measure(&|| Mosquitto::start(mosquitto));
        let broker = Mosquitto::start(mosquitto);
        run.library_us = latency(&broker, Library::connect(broker.port()));
        theirs.push(run);
    }
    let conflated = conflation();
    print(&ours, &theirs);
    println!("\n{conflated}");
}

fn measure<T: Target>(start: &dyn Fn() -> T) -> Run {
    let mut run = Run::default();
    let broker = start();
    (run.p50_us, run.p99_us) = latency(&broker, broker.publisher(0));
    drop(broker);
    let broker = start();
    run.one_to_one = throughput(&broker, broker.publisher(0), 1, ONE_TO_ONE, 0);
    drop(broker);
    let broker = start();
    run.over_tcp = throughput(&broker, OverTcp::connect(broker.port(), 0), 1, ONE_TO_ONE, 0);
    drop(broker);
    let broker = start();
    run.acknowledged = throughput(&broker, broker.publisher(1), 1, ACKNOWLEDGED, 1);
    drop(broker);
    let broker = start();
    run.one_to_many = throughput(&broker, broker.publisher(0), READERS, ONE_TO_MANY, 0);
    drop(broker);
    let broker = start();
    run.snapshot_ms = snapshot(&broker);
    run
}

fn topic(n: usize) -> String {
    format!("q/T{:05}", n % TOPICS)
}

/// Microseconds, p50 and p99.
fn latency(broker: &impl Target, mut publisher: impl Publisher) -> (f64, f64) {
    let mut subscribers = Subscribers::start(broker.port(), 1, "q/#", LATENCY_MESSAGES, 0);
    let start = Instant::now();
    for n in 0..LATENCY_MESSAGES {
        let due = start + Duration::from_nanos(n as u64 * 1_000_000_000 / RATE as u64);
        if let Some(early) = due.checked_duration_since(Instant::now()) {
            std::thread::sleep(early);
        }
        publisher.publish(&topic(n), &subscriber::stamped(BYTES), false);
        publisher.flush();
    }
    subscribers.latencies()
}

/// Deliveries each second.
fn throughput(broker: &impl Target, mut publisher: impl Publisher, readers: usize, messages: usize, qos: u8) -> f64 {
    let mut subscribers = Subscribers::start(broker.port(), readers, "q/#", messages, qos);
    let payload = vec![b'x'; BYTES];
    let start = Instant::now();
    for n in 0..messages {
        while n >= subscribers.slowest() + WINDOW {
            publisher.flush();
            subscribers.wait();
        }
        publisher.publish(&topic(n), &payload, false);
    }
    publisher.flush();
    while subscribers.slowest() < messages {
        subscribers.wait();
    }
    (readers * messages) as f64 / start.elapsed().as_secs_f64()
}

/// Milliseconds from SUBSCRIBE to the last retained value.
fn snapshot(broker: &impl Target) -> f64 {
    let mut publisher = broker.publisher(0);
    for n in 0..RETAINED {
        publisher.publish(&format!("q/T{n:05}"), &[b'x'; BYTES], true);
    }
    publisher.flush();
    broker.settle(RETAINED);
    let mut times: Vec<f64> =
        (0..5).map(|_| Subscribers::start(broker.port(), 1, "q/#", RETAINED, 0).snapshot()).collect();
    median(&mut times)
}

/// The same flood on topics that conflate, told apart: fewer deliveries are no speed.
fn conflation() -> String {
    let broker = Ours::start();
    let mut subscribers = Subscribers::start(broker.port(), 1, "c/#", usize::MAX, 0);
    let mut publisher = broker.publisher(0);
    let start = Instant::now();
    for n in 0..ONE_TO_ONE {
        publisher.publish(&format!("c/T{:05}", n % TOPICS), &[b'x'; BYTES], false);
    }
    let stats = broker.settled(ONE_TO_ONE);
    let rate = ONE_TO_ONE as f64 / start.elapsed().as_secs_f64();
    subscribers.stop();
    format!(
        "Topics that conflate, 1 → 1, without a window: {rate:.0} values/s taken, {:.1} % of them replaced by a newer one \
         before the reader took them.",
        100.0 * stats.conflated as f64 / ONE_TO_ONE as f64
    )
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn print(ours: &[Run], theirs: &[Run]) {
    let row = |name: &str, target: &str, lower_is_better: bool, digits: usize, value: &dyn Fn(&Run) -> f64| {
        let [us, them] = [ours, theirs].map(|runs| median(&mut runs.iter().map(value).collect::<Vec<_>>()));
        let better = if lower_is_better { "lower" } else { "higher" };
        println!("| {name} ({better} is better) | {us:.digits$} | {them:.digits$} | {:.2}× | {target} |", us / them);
    };
    println!(
        "\n{RUNS} interleaved runs, medians; {BYTES} bytes, {TOPICS} topics, QoS 0 unless said; publisher in process for ours, over TCP for mosquitto.\n"
    );
    if let Ok(load) = std::fs::read_to_string("/proc/loadavg") {
        println!("Load average of the machine: {}; trust the latencies of a quiet one only.\n", load.trim());
    }
    println!("| | ours | mosquitto | ratio | target |\n|---|---|---|---|---|");
    row("10,000 msg/s 1 → 1, p50 µs, publisher: product's client", "≤ 0.6×", true, 0, &|run| run.library_us.0);
    row("10,000 msg/s 1 → 1, p99 µs, publisher: product's client", "≤ 1×", true, 0, &|run| run.library_us.1);
    row("10,000 msg/s 1 → 1, p50 µs, publisher: raw socket", "–", true, 0, &|run| run.p50_us);
    row("10,000 msg/s 1 → 1, p99 µs, publisher: raw socket", "–", true, 0, &|run| run.p99_us);
    row("1 → 1, messages/s", "–", false, 0, &|run| run.one_to_one);
    row("1 → 1, messages/s, publisher: raw socket for both", "≥ 2×", false, 0, &|run| run.over_tcp);
    row("1 → 1, messages/s, QoS 1 both ways", "≥ 2×", false, 0, &|run| run.acknowledged);
    row("1 → 100 by wildcard, deliveries/s", "≥ 4×", false, 0, &|run| run.one_to_many);
    row("5,000 retained to a new subscriber, ms", "–", true, 1, &|run| run.snapshot_ms);
}
