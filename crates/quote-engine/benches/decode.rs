//! What a quote costs here: decoding a full answer, and a sweep of ten thousand symbols against a server on this
//! machine. Prints a Markdown table; `cargo bench -p quote-engine --bench decode`.

#![allow(missing_docs, clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)]

#[path = "../tests/provider_stub/mod.rs"]
mod provider_stub;

use std::{
    collections::BTreeMap,
    hint::black_box,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use market::{
    PollSchedule, Quote, Symbol,
    schedule::{PollIntervals, Tier},
};
use provider_stub::{
    Stub, batch,
    frames::{Frame, wrapped},
    says, session,
};
use quote_engine::provider::{
    Provider,
    stream::{Tick, mailbox},
    yahoo::decode,
};

const ROUNDS: usize = 200;
const SYMBOLS: usize = 10_000;
const FRAMES: usize = 200_000;

fn main() {
    println!("| what | measured | target |\n|---|---|---|");
    decoding();
    frames();
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(sweep());
}

/// A row with as many fields as the real ones have, those we do not read among them.
fn full_row(symbol: &str) -> String {
    let unread =
        (0..45).map(|i| format!(r#","unread{i}Field":{{"raw":{i}.25,"fmt":"{i}.25"}}"#)).collect::<Vec<_>>().concat();
    format!(
        r#"{{"language":"en-US","region":"US","quoteType":"EQUITY","currency":"USD","marketState":"POST","fullExchangeName":"NasdaqGS","shortName":"{symbol} Inc.","longName":"{symbol} Incorporated","exchangeTimezoneName":"America/New_York","exchangeDataDelayedBy":0,"priceHint":2,"regularMarketPrice":201.5,"regularMarketTime":1763758800,"regularMarketChange":1.5,"regularMarketChangePercent":0.75,"regularMarketPreviousClose":200.0,"regularMarketOpen":200.25,"regularMarketDayHigh":203,"regularMarketDayLow":199.75,"regularMarketVolume":48123456,"postMarketPrice":202.5,"postMarketTime":1763773199,"postMarketChangePercent":0.5,"fiftyTwoWeekLow":150.1,"fiftyTwoWeekHigh":231.25,"marketCap":3100000000000,"trailingPE":30.25,"dividendYield":0.41{unread},"symbol":"{symbol}"}}"#
    )
}

fn decoding() {
    let asked: Vec<Symbol> = (0..99).map(|i| Symbol::parse(&format!("S{i:05}")).unwrap()).collect();
    let body = batch(&asked.iter().map(|symbol| full_row(symbol.as_str())).collect::<Vec<_>>());
    let now = Timestamp::now();
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            let answer = decode::quotes(black_box(body.as_bytes()), black_box(&asked), now).unwrap();
            assert_eq!(black_box(answer).quotes.len(), 99);
            start.elapsed()
        })
        .collect();
    times.sort();
    let median = times[ROUNDS / 2].as_secs_f64() * 1_000.0;
    println!("| decoding 99 quotes, {} KiB (median of {ROUNDS}) | {median:.2} ms | ≤ 2 ms |", body.len() / 1_024);
}

/// Frames of the stream, decoded and conflated on one core.
fn frames() {
    let names = (0..475).map(|i| {
        wrapped(&Frame { change: Some(0.77), change_percent: Some(0.25), ..Frame::of(&format!("S{i:03}"), 305.76) })
    });
    let texts: Vec<String> = names.collect();
    let now = Timestamp::now();
    let (sender, receiver) = mailbox();
    let start = Instant::now();
    for text in texts.iter().cycle().take(FRAMES) {
        sender.send(decode::prints(black_box(text.as_bytes()), now).into_iter().map(Tick::Print));
    }
    let per_second = FRAMES as f64 / start.elapsed().as_secs_f64();
    black_box(receiver);
    println!("| frames of the stream a second, decoded and conflated | {per_second:.0} | ≥ 100000 |");
}

async fn sweep() {
    let stub = Stub::start(|asked| {
        session(asked).unwrap_or_else(|| {
            says(200, batch(&asked.symbols().iter().map(|symbol| full_row(symbol)).collect::<Vec<_>>()))
        })
    })
    .await;
    let provider = stub.provider();
    let can = provider.capabilities();
    let long = Duration::from_secs(3_600);
    let mut schedule =
        PollSchedule::new(can.limits, PollIntervals { open: long, closed: long, streamed: long }, can.symbol_cost);
    let named = |i| (Symbol::parse(&format!("S{i:05}")).unwrap(), Tier::Background);
    let symbols: BTreeMap<Symbol, Tier> = (0..SYMBOLS).map(named).collect();
    let mut now = Instant::now();
    schedule.follow(&symbols, now);
    let before = resident_kib();
    let start = Instant::now();
    let mut quotes: Vec<Quote> = Vec::new();
    while quotes.len() < SYMBOLS {
        // The budget is kept on a clock of its own: nobody waits here.
        now = schedule.next_at().unwrap().max(now);
        let asked = schedule.take(now).unwrap();
        quotes.extend(provider.quotes(&asked).await.unwrap().quotes);
    }
    let took = start.elapsed().as_secs_f64();
    let grown = (resident_kib() - before) / 1_024.0;
    println!("| a sweep of {SYMBOLS} symbols: requests | {} | 102 |", stub.count("/quote"));
    println!("| … resident memory, all quotes kept, server included | +{grown:.1} MiB | ≤ 40 MiB |");
    println!("| … without waiting for the budget | {took:.2} s | – |");
}

/// The most memory this process has had so far (Linux; 0 elsewhere).
fn resident_kib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|text| text.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or_default()
}
