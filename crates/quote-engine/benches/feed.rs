//! The way of a quote inside this process: the bytes of a full answer → decoded → feed and board → a subscriber of the
//! broker. Prints a Markdown table; `cargo bench -p quote-engine --bench feed`.

#![allow(missing_docs, clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)]

#[path = "../tests/house/mod.rs"]
mod house;
#[path = "feed/rows.rs"]
mod rows;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use house::House;
use market::{Kind, Symbol, schedule::RequestLimits};
use quote_engine::{
    feed::Source,
    provider::{Answer, Capabilities, Delay, Provider, ProviderError, yahoo::decode},
};

const SYMBOLS: usize = 99;
const ROUNDS: usize = 200;
/// The time between two answers: long enough for one to be everywhere before the next.
const TICK: Duration = Duration::from_millis(40);

fn main() {
    println!("| what | measured | target |\n|---|---|---|");
    tokio::runtime::Runtime::new().unwrap().block_on(answer_to_subscriber());
}

/// Answers with bytes as they come from the network, and notes when it had them.
#[derive(Debug)]
struct Bytes {
    /// Of each round.
    had_at: Mutex<Vec<Instant>>,
}

#[async_trait]
impl Provider for Bytes {
    fn name(&self) -> &'static str {
        "yahoo"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            symbol_cost: |symbol| symbol.as_str().len() + 1,
            tick: Some(TICK),
            delay: Delay::ByExchange,
            figures: true,
            ..Capabilities::of(
                "Bytes",
                &[Kind::Equity],
                RequestLimits { symbols_max: SYMBOLS, bytes_max: 1_800, per_second: 1_000.0 },
            )
        }
    }

    fn covers(&self, _: &Symbol) -> bool {
        true
    }

    async fn quotes(&self, asked: &[Symbol]) -> Result<Answer, ProviderError> {
        let body = rows::body(asked, self.had_at.lock().unwrap().len());
        self.had_at.lock().unwrap().push(Instant::now());
        Ok(decode::quotes(body.as_bytes(), asked, market::Timestamp::now()).unwrap())
    }
}

/// Every price is new in every answer; a round ends when all of its quotes have reached a subscriber.
async fn answer_to_subscriber() {
    let symbols: Vec<String> = (0..SYMBOLS).map(|i| format!("S{i:05}")).collect();
    let follows: Vec<&str> = symbols.iter().map(String::as_str).collect();
    let provider = Arc::new(Bytes { had_at: Mutex::default() });
    let house = House::open(Source::only(provider.clone()), &follows, false);
    let mut heard = house.broker.link().subscribe(&["quickstocks/v1/quote/+"]);
    let mut arrived = Vec::with_capacity(ROUNDS * SYMBOLS);
    while arrived.len() < ROUNDS * SYMBOLS {
        arrived.push((heard.recv().await.unwrap().payload, Instant::now()));
    }
    // Read afterwards, so that reading costs the rounds nothing. One that was conflated with the next is left out.
    let mut rounds: BTreeMap<u64, Vec<Instant>> = BTreeMap::new();
    for (payload, at) in arrived {
        let quote: market::Quote = serde_json::from_slice(&payload).unwrap();
        rounds.entry(quote.price.to_f64().to_bits()).or_default().push(at);
    }
    let had_at = provider.had_at.lock().unwrap().clone();
    let times = had_at.iter().enumerate().filter_map(|(round, had_at)| {
        let arrivals = rounds.get(&rows::price(round).to_bits()).filter(|arrivals| arrivals.len() == SYMBOLS)?;
        Some(arrivals.last()?.duration_since(*had_at))
    });
    let mut times: Vec<Duration> = times.collect();
    times.sort();
    let at = |part: usize| times[times.len() * part / 100].as_secs_f64() * 1_000.0;
    println!(
        "| bytes of {SYMBOLS} quotes → at a subscriber of the bus (median of {}) | {:.2} ms | ≤ 3 ms |",
        times.len(),
        at(50)
    );
    println!("| … 95th percentile | {:.2} ms | – |", at(95));
}
