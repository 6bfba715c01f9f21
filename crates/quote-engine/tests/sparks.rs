//! Small charts and lists of the market, with providers that answer from a script: what they cost, and who is asked.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod house;

use std::collections::BTreeSet;

use bus::Interest;
use house::{House, Scripted, price_of, symbol, until};
use market::{History, MarketList, Symbol};
use quote_engine::{
    feed::{SPARKS_MAX, Source},
    provider::ProviderError,
};

const FIFTY: [&str; 50] = [
    "A0", "A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "B0", "B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8",
    "B9", "C0", "C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9", "D0", "D1", "D2", "D3", "D4", "D5", "D6", "D7",
    "D8", "D9", "E0", "E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8", "E9",
];

fn prices(symbols: &[&'static str]) -> Vec<(&'static str, f64)> {
    symbols.iter().map(|symbol| (*symbol, 100.0)).collect()
}

fn set(symbols: &[&str]) -> BTreeSet<Symbol> {
    symbols.iter().map(|text| symbol(text)).collect()
}

fn of<'a>(found: &'a [History], text: &str) -> Option<&'a History> {
    found.iter().find(|day| day.symbol.as_str() == text)
}

/// Those whose line has a beginning that was fetched; quotes alone make no such long one here.
fn seeded(found: &[History]) -> usize {
    found.iter().filter(|day| day.bars.len() >= 12).count()
}

fn down() -> ProviderError {
    ProviderError::Unreachable { provider: "Scripted", detail: "as told".into() }
}

#[tokio::test]
async fn fifty_rows_cost_three_requests_at_a_start_and_none_later() {
    let provider = Scripted::new("yahoo", &prices(&FIFTY));
    provider.offer_courses(&FIFTY);
    let house = House::open(Source::only(provider.clone()), &FIFTY, false);
    let windows = (0..4).map(|_| house.feed.sparks(set(&FIFTY)));
    for found in futures_util::future::join_all(windows).await {
        assert_eq!(seeded(&found), 50);
    }
    let mut quotes = house.hear(Interest::Quotes).await;
    provider.set("A0", 103.0);
    until(&mut quotes, |message| price_of("A0")(message).filter(|price| *price > 102.0)).await;
    let later = house.feed.sparks(set(&FIFTY)).await;
    let closes = |text| of(&later, text).unwrap().bars.iter().map(|bar| bar.close).collect::<Vec<_>>();
    assert!(closes("A0").len() >= 13, "the quotes go on where the course ends");
    assert_eq!((closes("A0")[0], *closes("A0").last().unwrap()), (99.0, 103.0));
    assert_eq!(provider.course_batches(), [20, 20, 10]);
}

#[tokio::test]
async fn what_is_left_out_is_not_asked_for_again_at_once() {
    let provider = Scripted::new("yahoo", &prices(&["AAPL", "MSFT"]));
    provider.offer_courses(&["AAPL"]);
    let house = House::open(Source::only(provider.clone()), &["AAPL", "MSFT"], false);
    for _ in 0..3 {
        let found = house.feed.sparks(set(&["AAPL", "MSFT"])).await;
        assert_eq!((seeded(&found), of(&found, "AAPL").is_some()), (1, true));
    }
    assert_eq!(provider.course_batches(), [2]);
}

#[tokio::test]
async fn another_provider_fills_in_and_the_rest_is_left_out() {
    let (first, second) = (Scripted::new("yahoo", &[("AAPL", 100.0)]), Scripted::new("finnhub", &[("AAPL", 100.0)]));
    first.offer_courses(&["AAPL"]);
    first.fail(true);
    second.offer_courses(&["AAPL"]);
    let house = House::open(Source::of(vec![first.clone(), second.clone()]), &["AAPL"], false);
    let found = house.feed.sparks(set(&["AAPL", "NOBODY"])).await;
    assert_eq!(of(&found, "AAPL").unwrap().bars[0].close.to_bits(), 99f64.to_bits());
    assert!(of(&found, "NOBODY").is_none());
    assert!(first.course_batches().len() <= 1 && second.course_batches() == [2]);
}

#[tokio::test]
async fn without_batches_a_few_charts_come_one_by_one_until_the_first_failure() {
    for (given, found, asked) in [(1_000, 20, 20), (5, 5, 6)] {
        let provider = Scripted::new("yahoo", &prices(&FIFTY));
        provider.offer_charts(given);
        let house = House::open(Source::only(provider.clone()), &FIFTY, false);
        let mut quotes = house.hear(Interest::Quotes).await;
        until(&mut quotes, price_of("A0")).await;
        assert_eq!(seeded(&house.feed.sparks(set(&FIFTY)).await), found);
        assert_eq!(provider.charts_asked(), asked);
    }
}

#[tokio::test]
async fn a_call_is_bounded() {
    let provider = Scripted::new("yahoo", &[]);
    provider.offer_courses(&[]);
    let house = House::open(Source::only(provider.clone()), &[], false);
    let many = (0..SPARKS_MAX + 50).map(|number| symbol(&format!("S{number}"))).collect();
    assert_eq!(house.feed.sparks(many).await, []);
    assert_eq!(provider.course_batches(), [20; SPARKS_MAX / 20]);
}

#[tokio::test]
async fn made_up_courses_end_with_the_made_up_market() {
    let (live, stand_in) = (Scripted::new("yahoo", &[("AAPL", 100.0)]), Scripted::new("simulated", &[("AAPL", 90.0)]));
    live.fail(true);
    stand_in.offer_courses(&["AAPL"]);
    stand_in.offer_lists(Ok("MADEUP"));
    let source = Source::only(live.clone()).with_stand_in(stand_in.clone());
    let house = House::open(source, &["AAPL"], false);
    let mut quotes = house.hear(Interest::Quotes).await;
    until(&mut quotes, |message| price_of("AAPL")(message).filter(|price| *price < 95.0)).await;
    let found = house.feed.sparks(set(&["AAPL"])).await;
    assert_eq!(of(&found, "AAPL").unwrap().source, "simulated");
    assert_eq!(house.feed.list(MarketList::Trending).await.unwrap()[0].name, "MADEUP");
    live.offer_lists(Ok("REAL"));
    live.fail(false);
    house.feed.retry_now().await;
    until(&mut quotes, |message| price_of("AAPL")(message).filter(|price| *price > 95.0)).await;
    assert!(house.feed.sparks(set(&["AAPL"])).await.iter().all(|day| day.source == "yahoo"));
    assert_eq!(house.feed.list(MarketList::Trending).await.unwrap()[0].name, "REAL");
}

#[tokio::test]
async fn a_list_is_asked_for_once_in_a_while_however_many_look() {
    let (poor, rich) = (Scripted::new("binance", &[]), Scripted::new("yahoo", &[]));
    rich.offer_lists(Ok("PEAR"));
    let house = House::open(Source::of(vec![poor, rich.clone()]), &[], false);
    let all = (0..20).map(|_| house.feed.list(MarketList::Gainers));
    for found in futures_util::future::join_all(all).await {
        assert_eq!(found.unwrap()[0].symbol, symbol("PEAR"));
    }
    assert_eq!(rich.lists_asked(), 1);
    house.feed.list(MarketList::Losers).await.unwrap();
    assert_eq!(rich.lists_asked(), 2, "each list by itself");
}

#[tokio::test]
async fn a_list_that_cannot_be_had_says_why_and_is_left_alone() {
    let provider = Scripted::new("yahoo", &[]);
    let house = House::open(Source::only(provider.clone()), &[], false);
    let nobody = house.feed.list(MarketList::Trending).await.unwrap_err();
    assert_eq!(nobody.to_string(), "The chosen feed has no lists of the market");
    provider.offer_lists(Err(down()));
    for _ in 0..3 {
        assert_eq!(house.feed.list(MarketList::MostActive).await, Err(down()));
    }
    assert_eq!(provider.lists_asked(), 1);
}
