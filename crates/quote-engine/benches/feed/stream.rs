//! Frames of a stream: decoded, and put into the mailbox, from which the feed takes the newest price of each symbol.

use std::{hint::black_box, time::Instant};

use market::Symbol;
use quote_engine::provider::stream::{Print, Tick, mailbox};

const FRAMES: usize = 400_000;
/// As many as a stream carries.
const SYMBOLS: usize = 95;
/// Frames between two looks of the feed into its mailbox.
const BURST: usize = 1_000;

/// What there is to decode: one entry for each vendor's frames. `None` where a frame says nothing.
const DECODERS: &[(&str, fn(usize) -> Vec<u8>, fn(&[u8]) -> Option<Tick>)] = &[];

/// How many frames a second one core takes: decoded and conflated, and conflated alone.
pub(crate) fn frames() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let ready: Vec<Tick> = (0..FRAMES).map(ready_made).collect();
    let alone = runtime.block_on(taken(ready.into_iter().map(Some)));
    row("ticks of a stream, conflated alone", alone, "–");
    for (vendor, frame, decoded) in DECODERS {
        let frames: Vec<Vec<u8>> = (0..FRAMES).map(frame).collect();
        let per_second = runtime.block_on(taken(frames.iter().map(|frame| decoded(black_box(frame)))));
        row(&format!("{vendor} frames, decoded and conflated on one core"), per_second, "≥ 100,000/s");
    }
}

fn row(what: &str, per_second: f64, target: &str) {
    println!("| {what} | {:.0},000/s | {target} |", per_second / 1_000.0);
}

/// Puts every tick into a mailbox and takes out what has come, burst by burst; ticks a second.
async fn taken(mut ticks: impl Iterator<Item = Option<Tick>>) -> f64 {
    let (sender, receiver) = mailbox();
    let start = Instant::now();
    let mut deliveries = 0;
    for _ in 0..FRAMES / BURST {
        for tick in ticks.by_ref().take(BURST) {
            sender.send(tick);
        }
        deliveries += black_box(receiver.recv().await.ticks).len();
    }
    assert_eq!(deliveries, FRAMES / BURST * SYMBOLS);
    FRAMES as f64 / start.elapsed().as_secs_f64()
}

fn ready_made(n: usize) -> Tick {
    Tick::Print(Print {
        symbol: Symbol::parse(&format!("S{:05}", n % SYMBOLS)).unwrap(),
        price: 100.0 + n as f64 / 1_000.0,
        at: market::Timestamp::from_millisecond(1_790_000_000_000 + n as i64).unwrap(),
        session: None,
        change: None,
        change_percent: None,
        volume: None,
        grain: 0.0,
    })
}
