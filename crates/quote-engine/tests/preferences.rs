//! Whom the user prefers for which symbols: for prices, charts and what a search finds.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod house;

use std::sync::Arc;

use bus::{Interest, Message, Subscription};
use house::{House, Scripted, symbol, until};
use market::{Kind, Range};
use quote_engine::feed::{
    Source,
    prefer::{Group, Preference},
};

async fn quote_of(heard: &mut Subscription, text: &str, source: &str) {
    until(heard, |message| match message {
        Message::Quote(quote) if quote.symbol.as_str() == text && quote.source == source => Some(()),
        _ => None,
    })
    .await;
}

async fn chart_source(house: &House, text: &str) -> Option<String> {
    house.feed.history(&symbol(text), Range::Day).await.ok().map(|chart| chart.source)
}

async fn found(house: &House, text: &str) -> Vec<String> {
    house.feed.search(text).await.unwrap().iter().map(|found| found.symbol.to_string()).collect()
}

/// Two providers who know the same, and whom the user wants for what.
fn house_preferring(first: &Arc<Scripted>, second: &Arc<Scripted>, prefer: &[&str], follows: &[&str]) -> House {
    let preference = |of: &&str| Preference { of: Group::parse(of).unwrap(), first: vec!["second".into()] };
    let source = Source::of(vec![Arc::clone(first) as _, Arc::clone(second) as _]);
    House::open(source.preferring(prefer.iter().map(preference).collect()), follows, false)
}

#[tokio::test]
async fn kinds_and_markets_have_orders_of_their_own() {
    let prices = [("SPY", 100.0), ("BTC-USD", 90_000.0), ("VOD.L", 0.66), ("7203.T", 2_500.0), ("EURUSD=X", 1.1)];
    let (first, second) = (Scripted::new("first", &prices), Scripted::new("second", &prices));
    let symbols = prices.map(|(symbol, _)| symbol);
    let house = house_preferring(&first, &second, &["crypto", ".L", "tokyo"], &symbols);
    let mut quotes = house.hear(Interest::Quotes).await;
    for (text, source) in
        [("SPY", "first"), ("BTC-USD", "second"), ("VOD.L", "second"), ("7203.T", "second"), ("EURUSD=X", "first")]
    {
        quote_of(&mut quotes, text, source).await;
    }
    second.fail(true);
    quote_of(&mut quotes, "VOD.L", "first").await;
}

#[tokio::test]
async fn a_kind_that_only_an_answer_tells_is_preferred_for_from_then_on() {
    let prices = [("SPY", 100.0), ("AAPL", 200.0)];
    let (first, second) = (Scripted::new("first", &prices), Scripted::new("second", &prices));
    first.tell_kind("SPY", Kind::Etf);
    let house = house_preferring(&first, &second, &["etf"], &["SPY", "AAPL"]);
    let mut quotes = house.hear(Interest::Quotes).await;
    quote_of(&mut quotes, "SPY", "first").await;
    quote_of(&mut quotes, "SPY", "second").await;
    for price in 1..10 {
        second.set("SPY", 100.0 + f64::from(price));
        let shown = until(&mut quotes, |m| match m {
            Message::Quote(quote) if quote.symbol.as_str() == "SPY" => Some(quote),
            _ => None,
        });
        assert_eq!(shown.await.source, "second");
    }
}

#[tokio::test]
async fn charts_come_from_whom_the_user_prefers_and_else_from_the_others() {
    let prices = [("SPY", 100.0), ("BTC-USD", 90_000.0), ("VOD.L", 0.66)];
    let (first, second) = (Scripted::new("first", &prices), Scripted::new("second", &prices));
    first.offer_charts(usize::MAX);
    second.offer_charts(1);
    let house = house_preferring(&first, &second, &["crypto", ".L"], &[]);
    assert_eq!(chart_source(&house, "SPY").await.as_deref(), Some("first"));
    assert_eq!(chart_source(&house, "BTC-USD").await.as_deref(), Some("second"));
    assert_eq!(chart_source(&house, "VOD.L").await.as_deref(), Some("first"), "the second has no more");
}

#[tokio::test]
async fn a_chart_is_not_waited_for_where_the_preferred_one_does_not_answer() {
    let (first, second) = (Scripted::new("first", &[("VOD.L", 0.66)]), Scripted::new("second", &[("VOD.L", 0.67)]));
    first.offer_charts(usize::MAX);
    second.offer_charts(usize::MAX);
    let house = house_preferring(&first, &second, &["london"], &["VOD.L"]);
    let mut quotes = house.hear(Interest::Quotes).await;
    quote_of(&mut quotes, "VOD.L", "second").await;
    second.fail(true);
    quote_of(&mut quotes, "VOD.L", "first").await;
    assert_eq!(chart_source(&house, "VOD.L").await.as_deref(), Some("first"));
    assert_eq!(second.charts_asked(), 0, "it is known not to answer");
}

#[tokio::test]
async fn a_chart_follows_the_kind_that_an_answer_tells() {
    let (first, second) = (Scripted::new("first", &[("SPY", 100.0)]), Scripted::new("second", &[("SPY", 101.0)]));
    first.tell_kind("SPY", Kind::Etf);
    second.tell_kind("SPY", Kind::Etf);
    first.offer_charts(usize::MAX);
    second.offer_charts(usize::MAX);
    let house = house_preferring(&first, &second, &["etf"], &["SPY"]);
    assert_eq!(chart_source(&house, "GLD").await.as_deref(), Some("first"), "nobody has told");
    let mut quotes = house.hear(Interest::Quotes).await;
    quote_of(&mut quotes, "SPY", "second").await;
    assert_eq!(chart_source(&house, "SPY").await.as_deref(), Some("second"));
}

#[tokio::test]
async fn a_search_for_a_symbol_begins_with_whom_the_user_prefers_for_it() {
    let (first, second) = (Scripted::new("first", &[]), Scripted::new("second", &[]));
    first.offer_search(&["SPY", "VOD.L"]);
    second.offer_search(&["VOD.L"]);
    let house = house_preferring(&first, &second, &[".L"], &[]);
    assert_eq!(found(&house, "vod.l").await, ["VOD.L"]);
    assert_eq!((first.searches(), second.searches()), (0, 1));
    assert_eq!(found(&house, "RR.L").await, ["SPY", "VOD.L"], "the second knows no such symbol");
    assert_eq!(found(&house, "vodafone").await, ["SPY", "VOD.L"], "no symbol that anybody is preferred for");
    assert_eq!((first.searches(), second.searches()), (2, 2));
    first.offer_search(&[]);
    assert_eq!(found(&house, "RR.L").await, ["VOD.L"], "better than nothing");
    first.fail(true);
    assert_eq!(found(&house, "RR.L").await, ["VOD.L"]);
}
