//! The replayed market as the feed sees it, from files on the disk.

use std::{io::Write as _, path::PathBuf};

use market::{Quote, QuoteState, Session};

use super::*;
use crate::provider::simulated::{SimulatedConfig, SimulatedProvider};

const SECOND: Duration = Duration::from_secs(1);
const LONG: Duration = Duration::from_secs(100_000);

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(1_790_000_000_000 + millis).unwrap()
}

fn symbols(texts: &[&str]) -> Vec<Symbol> {
    texts.iter().map(|text| Symbol::parse(text).unwrap()).collect()
}

/// A quote a second of two symbols, made up and recorded.
fn record(path: &Path, seconds: i64) -> Vec<Quote> {
    let market = SimulatedProvider::new(SimulatedConfig::default());
    let moments = (0..seconds).map(|second| at(second * 1_000));
    let quotes: Vec<Quote> =
        moments.flat_map(|now| market.quotes_at(&symbols(&["AAPL", "BTC-USD"]), now).quotes).collect();
    let mut writer = recording::create(path, at(0), recording::BYTES_MAX).unwrap();
    for quote in &quotes {
        writer.write(quote).unwrap();
    }
    writer.into_inner().finish().unwrap();
    quotes
}

fn play(file: PathBuf, speed: f64) -> ReplayProvider {
    ReplayProvider::new(&ReplayConfig { file, speed }).unwrap()
}

#[test]
fn prices_move_as_they_did_and_keep_their_time() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("day.jsonl.gz");
    let recorded = record(&file, 60);
    let replay = play(file, 2.0);
    for running in 0..30 {
        let answer = replay.quotes_at(&symbols(&["AAPL"]), SECOND * running, at(0));
        let (quote, then) = (&answer.quotes[0], &recorded[usize::try_from(running).unwrap() * 4]);
        assert_eq!((quote.price, quote.quoted_at), (then.price, then.quoted_at), "after {running} s");
        assert_eq!((quote.source.as_str(), quote.received_at), (REPLAY, at(0)));
    }
}

#[test]
fn at_the_end_the_last_price_is_held_and_the_market_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("day.jsonl");
    let last = record(&file, 10).pop().unwrap();
    let replay = play(file, 1.0);
    let while_it_runs = replay.quotes_at(&symbols(&["BTC-USD"]), SECOND, at(0)).quotes;
    assert_eq!((while_it_runs[0].session, while_it_runs[0].state), (Session::Regular, QuoteState::Live));
    let held = replay.quotes_at(&symbols(&["BTC-USD"]), LONG, at(0)).quotes;
    assert_eq!((held[0].price, held[0].quoted_at), (last.price, last.quoted_at));
    assert_eq!((held[0].session, held[0].state), (Session::Closed, QuoteState::Closed));
    assert_eq!(replay.quotes_at(&symbols(&["BTC-USD"]), LONG * 2, at(0)).quotes, held);
}

#[test]
fn only_what_was_recorded_is_covered_and_found() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("day.jsonl");
    record(&file, 1);
    let replay = play(file, 1.0);
    let answer = replay.quotes_at(&symbols(&["AAPL", "MSFT"]), LONG, at(0));
    assert_eq!((answer.quotes.len(), answer.unknown), (1, symbols(&["MSFT"])));
    assert!(!replay.covers(&symbols(&["MSFT"])[0]));
    let found = |text| tokio::runtime::Runtime::new().unwrap().block_on(replay.search(text)).unwrap();
    assert_eq!(found("apple")[0].symbol.as_str(), "AAPL");
    assert_eq!((found("btc").len(), found("zzz").len()), (1, 0));
}

#[test]
fn a_chart_of_a_recording_ends_at_the_price() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("day.jsonl");
    record(&file, 600);
    let (replay, apple) = (play(file, 1.0), &symbols(&["AAPL"])[0]);
    let price = replay.quotes_at(std::slice::from_ref(apple), SECOND * 300, at(0)).quotes[0].price.to_f64();
    let chart = replay.history_at(apple, Range::Day, SECOND * 300).unwrap();
    assert_eq!((chart.bars.last().unwrap().close, chart.interval.as_str()), (price, "1m"));
    assert!((5..=6).contains(&chart.bars.len()));
    assert!(replay.history_at(apple, Range::Max, SECOND).unwrap().bars.len() >= 10, "everything is everything");
    let unknown = replay.history_at(&symbols(&["MSFT"])[0], Range::Day, SECOND);
    assert!(matches!(unknown, Err(ProviderError::UnknownSymbol { .. })));
}

#[test]
fn damage_costs_some_quotes_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("day.jsonl");
    let recorded = record(&file, 300);
    let mut text = std::fs::read(&file).unwrap();
    let middle = text.len() / 2;
    text[middle..middle + 400].fill(0xff);
    std::fs::File::create(&file).unwrap().write_all(&text).unwrap();
    let held = play(file, 1.0).quotes_at(&symbols(&["AAPL"]), LONG, at(0)).quotes;
    assert_eq!(held[0].price, recorded[recorded.len() - 2].price);
}

#[test]
fn a_file_that_cannot_be_played_is_told_by_name_and_reason() {
    let folder = tempfile::tempdir().unwrap();
    let told = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        let error = ReplayProvider::new(&ReplayConfig { file, speed: 1.0 }).unwrap_err().to_string();
        assert!(error.starts_with("file: ") && error.contains(name) && error.contains("allowed: "), "{error}");
        error
    };
    assert!(told("a.csv", "Date,Volume\n").contains("no column Close"));
    assert!(told("b.jsonl", "{\"some\":\"json\"}\n").contains("no recording"));
    assert!(told("c", "").contains("no column Date"));
    let header = r#"{"quickstocks":"recording","version":1,"started_at":"2026-11-23T00:00:00Z"}"#;
    assert!(told("d.jsonl", header).contains("no quote"));
    let missing = ReplayConfig { file: folder.path().join("nowhere"), speed: 1.0 };
    assert!(ReplayProvider::new(&missing).unwrap_err().to_string().contains("nowhere"));
}

/// A faster replay is looked at more often, so that what it says is not late.
#[test]
fn it_is_looked_at_as_often_as_its_speed_wants() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.csv");
    std::fs::write(&file, "Date,Close\n2000-01-03,1\n").unwrap();
    let tick = |speed| play(file.clone(), speed).capabilities().tick.unwrap();
    assert_eq!((tick(0.1), tick(1.0), tick(1_000.0)), (TICK, TICK, TICK_MIN));
}
