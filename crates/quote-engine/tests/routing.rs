//! Which provider a price comes from while providers fail, recover, stream and disagree.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod house;

use std::sync::Arc;

use bus::{Interest, Message, Subscription};
use house::{House, Misbehaviour, Scripted, quote, symbol, until};
use market::{ProviderHealth, ProviderState, Quote, QuoteState};
use quote_engine::{
    feed::Source,
    provider::{
        ProviderError,
        stream::{Print, Tick},
    },
};

fn house(providers: &[&Arc<Scripted>], follows: &[&str]) -> House {
    let providers = providers.iter().map(|provider| Arc::clone(*provider) as _).collect();
    House::open(Source::of(providers), follows, false)
}

async fn quote_from(heard: &mut Subscription, source: &str) -> Quote {
    until(heard, |message| match message {
        Message::Quote(quote) if quote.source == source => Some(quote),
        _ => None,
    })
    .await
}

async fn health(heard: &mut Subscription, name: &str, state: ProviderState) -> ProviderHealth {
    until(heard, |message| match message {
        Message::Provider(health) if health.name == name && health.state == state => Some(health),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn the_next_provider_speaks_while_the_first_is_down() {
    let (first, second) = (Scripted::new("first", &[("SPY", 100.0)]), Scripted::new("second", &[("SPY", 101.0)]));
    let house = house(&[&first, &second], &["SPY"]);
    let mut quotes = house.hear(Interest::Quotes).await;
    quote_from(&mut quotes, "first").await;
    first.fail(true);
    quote_from(&mut quotes, "second").await;
    first.fail(false);
    first.set("SPY", 102.0);
    house.feed.retry_now().await;
    quote_from(&mut quotes, "first").await;
}

#[tokio::test]
async fn while_the_first_is_well_the_second_is_left_alone() {
    let (first, second) = (Scripted::new("first", &[("SPY", 100.0)]), Scripted::new("second", &[("SPY", 101.0)]));
    let house = house(&[&first, &second], &["SPY"]);
    let mut quotes = house.hear(Interest::Quotes).await;
    quote_from(&mut quotes, "first").await;
    for price in 1..20 {
        first.set("SPY", 100.0 + f64::from(price));
        let shown = quote_from(&mut quotes, "first").await;
        assert!(shown.price.to_f64() >= 100.0);
    }
    assert!(second.requests() <= 1, "it was asked {} times, once at the start", second.requests());
}

#[tokio::test]
async fn what_the_first_does_not_know_comes_from_the_second() {
    let (first, second) = (Scripted::new("first", &[("SPY", 100.0)]), Scripted::new("second", &[("ODD", 7.0)]));
    let house = house(&[&first, &second], &["SPY", "ODD"]);
    let mut quotes = house.hear(Interest::Quotes).await;
    assert_eq!(quote_from(&mut quotes, "second").await.symbol, symbol("ODD"));
    let looked = house.feed.look([symbol("NOPE")].into()).await;
    assert_eq!(looked.unknown, [symbol("NOPE")], "unknown is what nobody knows");
}

#[tokio::test]
async fn a_rejected_key_stops_and_tells() {
    let (first, second) = (Scripted::new("first", &[("SPY", 100.0)]), Scripted::new("second", &[("SPY", 101.0)]));
    first.fail_with(Some(ProviderError::KeyRejected { provider: "First", detail: "HTTP 401".into() }));
    let house = house(&[&first, &second], &["SPY"]);
    let mut quotes = house.hear(Interest::Quotes).await;
    let mut providers = house.hear(Interest::Providers).await;
    let told = health(&mut providers, "first", ProviderState::Down).await;
    assert!(told.reason.unwrap().contains("key"));
    quote_from(&mut quotes, "second").await;
    house.feed.retry_now().await;
    for price in 1..20 {
        second.set("SPY", 101.0 + f64::from(price));
        quote_from(&mut quotes, "second").await;
    }
    assert_eq!(first.requests(), 1, "nobody asks again with a key that is refused");
}

#[tokio::test]
async fn a_new_key_is_used_at_once() {
    let (first, second) = (Scripted::with_key("first", &[("SPY", 100.0)]), Scripted::new("second", &[("SPY", 101.0)]));
    first.fail_with(Some(ProviderError::KeyMissing { provider: "First" }));
    let house = house(&[&first, &second], &["SPY"]);
    let mut quotes = house.hear(Interest::Quotes).await;
    let mut providers = house.hear(Interest::Providers).await;
    assert!(health(&mut providers, "first", ProviderState::Off).await.next_try.is_none());
    quote_from(&mut quotes, "second").await;
    first.fail_with(Some(ProviderError::KeyRejected { provider: "First", detail: "HTTP 401".into() }));
    house.feed.key_changed().await;
    health(&mut providers, "first", ProviderState::Down).await;
    first.fail_with(None);
    house.feed.key_changed().await;
    health(&mut providers, "first", ProviderState::Up).await;
    quote_from(&mut quotes, "first").await;
}

#[tokio::test]
async fn figures_of_a_rich_provider_stand_beside_a_poor_ones_price() {
    let (poor, rich) = (Scripted::poor("poor", &[("BTC-USD", 100.0)]), Scripted::new("rich", &[("BTC-USD", 99.0)]));
    let house = house(&[&poor, &rich], &["BTC-USD"]);
    let mut quotes = house.hear(Interest::Quotes).await;
    let whole = until(&mut quotes, |message| match message {
        Message::Quote(quote) if quote.source == "poor" && quote.year_high.is_some() => Some(quote),
        _ => None,
    });
    assert!((whole.await.price.to_f64() - 100.0).abs() < f64::EPSILON);
    for price in 1..10 {
        poor.set("BTC-USD", 100.0 + f64::from(price));
        let shown = quote_from(&mut quotes, "poor").await;
        assert!(shown.year_high.is_some());
    }
    assert!(rich.requests() <= 2, "figures are asked for seldom");
}

#[tokio::test]
async fn a_spike_is_published_only_when_it_is_confirmed() {
    let provider = Scripted::new("only", &[("SPY", 100.0)]);
    let house = house(&[&provider], &["SPY"]);
    let mut quotes = house.hear(Interest::Quotes).await;
    quote_from(&mut quotes, "only").await;
    let asked = provider.requests();
    provider.set("SPY", 10_000.0);
    until(&mut quotes, |m| matches!(m, Message::Quote(quote) if quote.price.to_f64() > 9_999.0).then_some(())).await;
    assert!(provider.requests() >= asked + 2, "it was asked twice before that was believed");
}

fn print(text: &str, price: f64) -> Tick {
    Tick::Print(Print {
        symbol: symbol(text),
        price,
        at: market::Timestamp::now(),
        session: None,
        change: None,
        change_percent: None,
        volume: None,
        grain: 0.0,
    })
}

#[tokio::test]
async fn ticks_are_published_and_polling_waits_meanwhile() {
    let provider = Scripted::streaming("fast", &[("SPY", 100.0)]);
    let house = house(&[&provider], &["SPY"]);
    let mut quotes = house.hear(Interest::Quotes).await;
    let mut providers = house.hear(Interest::Providers).await;
    quote_from(&mut quotes, "fast").await;
    let ticks = provider.open_stream().await;
    ticks.send([print("SPY", 100.5)]);
    until(&mut quotes, |m| matches!(&m, Message::Quote(q) if (q.price.to_f64() - 100.5).abs() < 1e-9).then_some(()))
        .await;
    let polled = provider.requests_for("SPY");
    for price in 1..30 {
        ticks.send([print("SPY", 101.0 + f64::from(price))]);
        let shown = quote_from(&mut quotes, "fast").await;
        assert!(shown.price.to_f64() > 100.0 && shown.state == QuoteState::Live);
    }
    assert!(provider.requests_for("SPY") <= polled + 1, "what is streamed is hardly polled");
    let error = ProviderError::Unreachable { provider: "Fast", detail: "its stream broke off".into() };
    ticks.lost(error, &[symbol("SPY")]);
    let told = health(&mut providers, "fast", ProviderState::Degraded).await;
    assert!(told.reason.unwrap().contains("stream broke off"));
    provider.set("SPY", 140.0);
    until(&mut quotes, |m| matches!(&m, Message::Quote(q) if (q.price.to_f64() - 140.0).abs() < 1e-9).then_some(()))
        .await;
    ticks.restored();
    health(&mut providers, "fast", ProviderState::Up).await;
}

#[tokio::test]
async fn a_stream_alone_makes_a_provider_well() {
    let provider = Scripted::streaming("crypto", &[]);
    provider.fail(true);
    let house = house(&[&provider], &["BTC-USD"]);
    let mut quotes = house.hear(Interest::Quotes).await;
    let ticks = provider.open_stream().await;
    ticks.send([Tick::Quote(Box::new(quote(&symbol("BTC-USD"), 90_000.0, "crypto")))]);
    assert!((quote_from(&mut quotes, "crypto").await.price.to_f64() - 90_000.0).abs() < f64::EPSILON);
}

#[tokio::test]
async fn a_stream_knows_better_than_an_answer_that_denies() {
    let provider = Scripted::streaming("crypto", &[]);
    let house = house(&[&provider], &["BTC-USD"]);
    let mut quotes = house.hear(Interest::Quotes).await;
    let looked = house.feed.look([symbol("BTC-USD")].into()).await;
    assert_eq!(looked.unknown, [symbol("BTC-USD")]);
    let ticks = provider.open_stream().await;
    ticks.send([Tick::Quote(Box::new(quote(&symbol("BTC-USD"), 90_000.0, "crypto")))]);
    assert!((quote_from(&mut quotes, "crypto").await.price.to_f64() - 90_000.0).abs() < f64::EPSILON);
}

#[tokio::test]
async fn a_provider_that_hangs_takes_nobodys_turn() {
    let (first, second) = (Scripted::new("first", &[("SPY", 100.0)]), Scripted::new("second", &[("ODD", 7.0)]));
    let house = house(&[&first, &second], &["SPY", "ODD"]);
    let mut quotes = house.hear(Interest::Quotes).await;
    quote_from(&mut quotes, "first").await;
    quote_from(&mut quotes, "second").await;
    first.misbehave(Some(Misbehaviour::Hang));
    for price in 1..40 {
        second.set("ODD", 7.0 + f64::from(price) / 100.0);
        quote_from(&mut quotes, "second").await;
    }
    let hanging = first.requests();
    second.set("ODD", 8.0);
    quote_from(&mut quotes, "second").await;
    assert_eq!(first.requests(), hanging, "nor is it asked for ever");
}

#[tokio::test]
async fn a_provider_that_panics_has_failed_and_is_asked_again() {
    let provider = Scripted::new("only", &[("SPY", 100.0)]);
    provider.misbehave(Some(Misbehaviour::Panic));
    let house = house(&[&provider], &["SPY"]);
    let mut quotes = house.hear(Interest::Quotes).await;
    let mut providers = house.hear(Interest::Providers).await;
    let told = health(&mut providers, "only", ProviderState::Down).await;
    assert!(told.reason.unwrap().contains("panic") && told.next_try.is_some());
    provider.misbehave(None);
    house.feed.retry_now().await;
    quote_from(&mut quotes, "only").await;
}
