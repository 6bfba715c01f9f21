//! This broker against mosquitto, with the same subscribers, in a process of their own, for both; and both against the
//! floor, the same bytes written straight into the subscribers' sockets. Prints a table. Names after `--` choose works.
//!
//! Our publisher is in process, as in the product, and publishes what one answer of a provider holds together; mosquitto's
//! comes over TCP: raw sockets, in batches of 64 KiB where throughput is measured, and for latency also the client library
//! with which the product publishes to an external broker.
//! Messages queue on both sides (topics that do not conflate), no more than a window ahead of the slowest subscriber, so
//! that none is dropped and every one is counted; the burst alone is of prices, which conflate.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "mosquitto/brokers.rs"]
mod brokers;
#[path = "mosquitto/memory.rs"]
mod memory;
#[path = "mosquitto/subscriber.rs"]
mod subscriber;

use brokers::{Floor, Library, Mosquitto, Ours, OverTcp, Publisher, Target, mosquitto_binary};
use std::path::Path;
use std::time::{Duration, Instant};
use subscriber::{Plan, Subscribers};

/// Interleaved; the median of them counts.
const RUNS: usize = 5;
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

/// One figure of a work.
struct Row {
    name: &'static str,
    target: &'static str,
    lower_is_better: bool,
    digits: usize,
}

/// Something that both brokers do; it yields a value for each row.
struct Work<'a> {
    name: &'static str,
    rows: Vec<Row>,
    ours: Box<dyn Fn() -> Vec<f64> + 'a>,
    theirs: Box<dyn Fn() -> Vec<f64> + 'a>,
    floor: Option<Box<dyn Fn() -> Vec<f64> + 'a>>,
}

fn main() {
    if let Some(plan) = Plan::from_env() {
        return subscriber::run(&plan);
    }
    if memory::run() {
        return;
    }
    let Some(mosquitto) = mosquitto_binary() else {
        println!("mosquitto is missing; on Debian: apt-get install mosquitto. Nothing was measured.");
        return;
    };
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let works = works(mosquitto).into_iter().filter(|work| wanted.is_empty() || wanted.iter().any(|w| w == work.name));
    let measured: Vec<_> = works.map(|work| (run(&work), work.rows)).collect();
    print(&measured);
    if wanted.is_empty() {
        println!("\n{}", conflation());
    }
}

fn works(mosquitto: &Path) -> Vec<Work<'_>> {
    let theirs = move || Mosquitto::start(mosquitto);
    vec![
        Work {
            name: "latency",
            rows: latency_rows("publisher as in the product"),
            ours: Box::new(|| in_product(&Ours::start())),
            theirs: Box::new(move || {
                let broker = theirs();
                latency(&broker, Library::connect(broker.port()))
            }),
            floor: None,
        },
        Work {
            name: "latency-raw",
            rows: latency_rows("mosquitto fed by a bare socket"),
            ours: Box::new(|| in_product(&Ours::start())),
            theirs: Box::new(move || over_tcp(&theirs())),
            floor: Some(Box::new(|| in_product(&Floor::start()))),
        },
        Work {
            name: "latency-tcp",
            rows: latency_rows("both fed by a bare socket"),
            ours: Box::new(|| over_tcp(&Ours::start())),
            theirs: Box::new(move || over_tcp(&theirs())),
            floor: None,
        },
        one_to_one(mosquitto),
        Work {
            name: "one-to-one-tcp",
            rows: vec![higher("1 → 1, messages/s, publisher: a bare socket for both", "≥ 2×")],
            ours: Box::new(|| one_over_tcp(&Ours::start())),
            theirs: Box::new(move || one_over_tcp(&theirs())),
            floor: None,
        },
        Work {
            name: "acknowledged",
            rows: vec![higher("1 → 1, messages/s, QoS 1 both ways", "≥ 2×")],
            ours: Box::new(|| acknowledged(&Ours::start())),
            theirs: Box::new(move || acknowledged(&theirs())),
            floor: None,
        },
        one_to_many(mosquitto),
        Work {
            name: "retained",
            rows: vec![
                lower("5,000 retained to a new subscriber, QoS 0, ms", "≤ 0.3×", 1),
                lower("5,000 retained to a new subscriber, QoS 1, ms", "≤ 0.3×", 1),
            ],
            ours: Box::new(|| vec![snapshot(&Ours::start(), 0), snapshot(&Ours::start(), 1)]),
            theirs: Box::new(move || vec![snapshot(&theirs(), 0), snapshot(&theirs(), 1)]),
            floor: None,
        },
        Work {
            name: "memory",
            rows: vec![
                lower("500 idle subscribers, KiB above the idle process", "≤ 1×", 0),
                lower("the same after a burst of 2,000 prices to all, KiB", "≤ 1×", 0),
            ],
            ours: Box::new(memory::ours),
            theirs: Box::new(move || memory::mosquittos(mosquitto)),
            floor: None,
        },
    ]
}

fn one_to_one(mosquitto: &Path) -> Work<'_> {
    Work {
        name: "one-to-one",
        rows: vec![
            higher("1 → 1, messages/s", "≥ 4×, ≥ 0.2 of the floor"),
            lower("1 → 1, processor seconds for a million deliveries", "–", 2),
        ],
        ours: Box::new(move || timed(&Ours::start(), 1, ONE_TO_ONE)),
        theirs: Box::new(move || timed(&Mosquitto::start(mosquitto), 1, ONE_TO_ONE)),
        floor: Some(Box::new(move || timed(&Floor::start(), 1, ONE_TO_ONE))),
    }
}

fn one_to_many(mosquitto: &Path) -> Work<'_> {
    Work {
        name: "one-to-many",
        rows: vec![
            higher("1 → 100 by wildcard, deliveries/s", "≥ 10×, ≥ 0.4 of the floor"),
            lower("1 → 100, processor seconds for a million deliveries", "–", 2),
        ],
        ours: Box::new(move || timed(&Ours::start(), READERS, ONE_TO_MANY)),
        theirs: Box::new(move || timed(&Mosquitto::start(mosquitto), READERS, ONE_TO_MANY)),
        floor: Some(Box::new(move || timed(&Floor::start(), READERS, ONE_TO_MANY))),
    }
}

fn higher(name: &'static str, target: &'static str) -> Row {
    Row { name, target, lower_is_better: false, digits: 0 }
}

fn lower(name: &'static str, target: &'static str, digits: usize) -> Row {
    Row { name, target, lower_is_better: true, digits }
}

fn latency_rows(of: &'static str) -> Vec<Row> {
    let name = |part: &str| Box::leak(format!("10,000 msg/s 1 → 1, {part}, µs; {of}").into_boxed_str());
    vec![lower(name("p50"), "≤ 0.5×", 0), lower(name("p99"), "≤ 0.5×", 0)]
}

/// For each row, what ours, theirs and the floor did in each run.
type Measured = Vec<[Vec<f64>; 3]>;

/// One broker right after the other, and who is first takes turns: the machine is not the same for long.
fn run(work: &Work<'_>) -> Measured {
    let mut measured: Measured = work.rows.iter().map(|_| Default::default()).collect();
    for run in 0..RUNS {
        eprintln!("{}: run {} of {RUNS}", work.name, run + 1);
        let mut note = |who: usize, values: Vec<f64>| {
            for (row, value) in measured.iter_mut().zip(values) {
                row[who].push(value);
            }
        };
        if run % 2 == 0 {
            note(0, (work.ours)());
        }
        note(1, (work.theirs)());
        if run % 2 == 1 {
            note(0, (work.ours)());
        }
        if let Some(floor) = &work.floor {
            note(2, floor());
        }
    }
    measured
}

fn topic(n: usize) -> String {
    format!("q/T{:05}", n % TOPICS)
}

fn in_product(broker: &impl Target) -> Vec<f64> {
    latency(broker, broker.publisher(0))
}

fn over_tcp(broker: &impl Target) -> Vec<f64> {
    latency(broker, OverTcp::connect(broker.port(), 0))
}

/// Microseconds, p50 and p99.
fn latency(broker: &impl Target, mut publisher: impl Publisher) -> Vec<f64> {
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
    let (p50, p99) = subscribers.latencies();
    vec![p50, p99]
}

fn one_over_tcp(broker: &impl Target) -> Vec<f64> {
    vec![throughput(broker, OverTcp::connect(broker.port(), 0), 1, ONE_TO_ONE, 0)]
}

fn acknowledged(broker: &impl Target) -> Vec<f64> {
    vec![throughput(broker, broker.publisher(1), 1, ACKNOWLEDGED, 1)]
}

/// Deliveries each second, and the seconds of the processor that a million of them cost the broker's process; ours has the
/// publisher in it.
fn timed(broker: &impl Target, readers: usize, messages: usize) -> Vec<f64> {
    let before = memory::processor(broker.process());
    let rate = throughput(broker, broker.publisher(0), readers, messages, 0);
    let took = memory::processor(broker.process()) - before;
    vec![rate, took * 1e6 / (readers * messages) as f64]
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
fn snapshot(broker: &impl Target, qos: u8) -> f64 {
    let mut publisher = broker.publisher(qos);
    for n in 0..RETAINED {
        publisher.publish(&format!("q/T{n:05}"), &[b'x'; BYTES], true);
    }
    publisher.flush();
    broker.settle(RETAINED);
    let mut times: Vec<f64> =
        (0..5).map(|_| Subscribers::start(broker.port(), 1, "q/#", RETAINED, qos).snapshot()).collect();
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
    publisher.flush();
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

fn print(measured: &[(Measured, Vec<Row>)]) {
    println!(
        "\n{RUNS} interleaved runs, medians; {BYTES} bytes, {TOPICS} topics, QoS 0 unless said; publisher in process for ours, over TCP for mosquitto.\n"
    );
    if let Ok(load) = std::fs::read_to_string("/proc/loadavg") {
        println!("Load average of the machine: {}; trust the latencies of a quiet one only.\n", load.trim());
    }
    println!("| | ours | mosquitto | ratio | of the floor | target |\n|---|---|---|---|---|---|");
    for (values, rows) in measured {
        for ([ours, theirs, floor], row) in values.iter().zip(rows) {
            let (us, them) = (median(&mut ours.clone()), median(&mut theirs.clone()));
            let better = if row.lower_is_better { "lower" } else { "higher" };
            let digits = row.digits;
            let of_floor =
                if floor.is_empty() { "–".to_owned() } else { format!("{:.2}", us / median(&mut floor.clone())) };
            println!(
                "| {} ({better} is better) | {us:.digits$} | {them:.digits$} | {:.2}× | {of_floor} | {} |",
                row.name,
                us / them,
                row.target
            );
        }
    }
}
