//! A recording played through the real feed and broker, and tables of bars as people have them.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use bus::{Bus, Interest, Message, TopicPolicy, Topics};
use market::{QuoteState, Range, Symbol, Timestamp, UserName};
use quote_engine::{
    feed::{Feed, FeedConfig, Patience, Source},
    provider::{
        Provider,
        replay::{ReplayConfig, ReplayProvider},
        simulated::{SimulatedConfig, SimulatedProvider},
    },
    recording,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

struct Nobody;

impl bus::Accounts for Nobody {
    fn recognises(&self, _: &UserName, _: &str) -> bool {
        false
    }

    fn verify(&self, _: &UserName, _: &str) -> bool {
        false
    }

    fn may_feed(&self, _: &UserName) -> bool {
        false
    }
}

fn symbols(count: usize) -> Vec<Symbol> {
    (0..count).map(|number| Symbol::parse(&format!("S{number}")).unwrap()).collect()
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(1_790_000_000_000 + millis).unwrap()
}

/// So many quotes of some symbols, half a second after each other.
fn record(file: &Path, symbols: &[Symbol], rounds: i64) {
    let market = SimulatedProvider::new(SimulatedConfig::default());
    let mut writer = recording::create(file, at(0), recording::BYTES_MAX).unwrap();
    for round in 0..rounds {
        for quote in market.quotes_at(symbols, at(round * 500)).quotes {
            writer.write(&quote).unwrap();
        }
    }
    writer.into_inner().finish().unwrap();
}

fn play(file: PathBuf, speed: f64) -> ReplayProvider {
    ReplayProvider::new(&ReplayConfig { file, speed }).unwrap()
}

#[tokio::test]
async fn a_recording_is_published_up_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("day.jsonl.gz");
    let symbols = symbols(3);
    record(&file, &symbols, 200);
    let topics = Topics::new("quickstocks/v1", false);
    let policy = TopicPolicy {
        topics: topics.clone(),
        accounts: Arc::new(Nobody),
        access: bus::Access::new(bus::Anonymous::Loopback, bus::OtherTopics::None),
        logins: Arc::default(),
        home_assistant: false,
    };
    let broker = broker::Broker::start(broker::Config::default(), Arc::new(policy)).unwrap();
    let bus = Bus::embedded(&broker, topics);
    let config = FeedConfig {
        source: Source::only(Arc::new(play(file, 1_000.0))),
        poll_interval: Duration::from_secs(5),
        symbols: symbols.iter().cloned().collect(),
        data_dir: None,
        patience: Patience::default(),
    };
    let (feed, _handle) = Feed::new(config, bus.clone());
    let (_accounts, accounts) = watch::channel(Arc::default());
    let stop = CancellationToken::new();
    let running = tokio::spawn(feed.run(accounts, stop.clone()));
    let mut heard = bus.subscribe(&[Interest::Quotes]).await;
    let mut closed = std::collections::BTreeMap::new();
    while closed.len() < symbols.len() {
        if let Some(Message::Quote(quote)) = heard.recv().await {
            assert_eq!(quote.source, "replay");
            if quote.state == QuoteState::Closed {
                closed.insert(quote.symbol.clone(), quote);
            }
        }
    }
    let last = SimulatedProvider::new(SimulatedConfig::default()).quotes_at(&symbols, at(199 * 500)).quotes;
    for quote in last {
        let held = &closed[&quote.symbol];
        assert_eq!((held.price, held.quoted_at), (quote.price, quote.quoted_at));
    }
    stop.cancel();
    running.await.unwrap();
    broker.shutdown().await;
}

/// The tables that lie beside the project, where they do: each is read whole.
#[tokio::test]
async fn tables_of_bars_from_elsewhere_are_read_whole() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures/ohlc");
    let Ok(files) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: no tables beside the project");
        return;
    };
    for file in files.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "csv")) {
        let replay = play(file.clone(), 1.0);
        let rows = std::fs::read_to_string(&file).unwrap().lines().filter(|line| !line.trim().is_empty()).count() - 1;
        let mut bars = 0;
        for instrument in replay.search("").await.unwrap() {
            let history = replay.history(&instrument.symbol, Range::Max).await.unwrap();
            println!("{}: {} bars of {}", instrument.symbol, history.bars.len(), history.interval);
            assert!(history.bars.windows(2).all(|pair| pair[0].at < pair[1].at));
            bars += history.bars.len();
            let end = replay.quotes_at(std::slice::from_ref(&instrument.symbol), Duration::from_secs(1 << 34), at(0));
            let (held, last) = (&end.quotes[0], history.bars.last().unwrap());
            assert_eq!((Some(held.price), held.quoted_at), (market::Price::from_f64(last.close), last.at));
        }
        assert_eq!(bars, rows, "{}", file.display());
    }
}

/// How a large recording behaves. `cargo test --release -p quote-engine --test replay -- --ignored --nocapture`
#[test]
#[ignore = "takes a while; run it in release, it prints figures"]
fn a_million_quotes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large.jsonl");
    let symbols = symbols(100);
    let timed = |what: &str, work: &mut dyn FnMut()| {
        let began = std::time::Instant::now();
        work();
        println!("{what}: {:.2} s", began.elapsed().as_secs_f64());
    };
    timed("recording", &mut || record(&file, &symbols, 10_000));
    println!("{} MiB", std::fs::metadata(&file).unwrap().len() >> 20);
    let mut replay = None;
    timed("opening", &mut || replay = Some(play(file.clone(), 1.0)));
    let replay = replay.unwrap();
    timed("playing", &mut || {
        while replay.quotes_at(&symbols, Duration::from_secs(10_000), at(0)).quotes[0].state != QuoteState::Closed {}
    });
    timed("a chart", &mut || {
        let chart = replay.history_at(&symbols[50], Range::Max, Duration::from_secs(10_000)).unwrap();
        println!("{} bars of {}", chart.bars.len(), chart.interval);
    });
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default());
}
