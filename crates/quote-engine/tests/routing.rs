//! Which provider a price comes from while providers fail, recover, stream and disagree.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod house;

use std::sync::Arc;

use bus::{Interest, Message, Subscription};
use house::{House, Misbehaviour, Scripted, quote, symbol, until};
use market::{HealthCode, ProviderHealth, ProviderState, Quote, QuoteState};
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
    assert_eq!(told.code, Some(HealthCode::KeyRejected));
    quote_from(&mut quotes, "second").await;
    house.feed.retry_now().await;
    for price in 1..20 {
        second.set("SPY", 101.0 + f64::from(price));
        quote_from(&mut quotes, "second").await;
    }
    assert_eq!(first.requests(), 1, "nobody asks again with a key that is refused");
}

#[tokio::test]
async fn what_is_wrong_has_a_word_for_programs() {
    use ProviderState::{Degraded, Down, Off};
    let (provider, detail) = ("First", "as told".to_owned());
    for (error, state, code) in [
        (ProviderError::KeyMissing { provider }, Off, HealthCode::KeyMissing),
        (ProviderError::Undecided { provider, detail: detail.clone() }, Down, HealthCode::Consent),
        (ProviderError::Refused { provider, detail: detail.clone() }, Down, HealthCode::Refused),
        (ProviderError::RateLimited { provider, retry_after: None }, Degraded, HealthCode::RateLimited),
        (ProviderError::Unreachable { provider, detail: detail.clone() }, Down, HealthCode::Unreachable),
        (ProviderError::Malformed { provider, detail: detail.clone() }, Down, HealthCode::BadAnswer),
    ] {
        let first = Scripted::new("first", &[("SPY", 100.0)]);
        first.fail_with(Some(error.clone()));
        let house = house(&[&first], &["SPY"]);
        let mut providers = house.hear(Interest::Providers).await;
        let told = until(&mut providers, |message| match message {
            Message::Provider(health) if health.reason.is_some() => Some(health),
            _ => None,
        });
        let told = told.await;
        assert_eq!((told.state, told.code, told.reason), (state, Some(code), Some(error.to_string())));
    }
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

#[tokio::test]
async fn a_spike_out_of_a_stream_is_asked_about_and_not_waited_for() {
    let provider = Scripted::streaming("fast", &[("SPY", 100.0)]);
    let house = house(&[&provider], &["SPY"]);
    let mut quotes = house.hear(Interest::Quotes).await;
    quote_from(&mut quotes, "fast").await;
    let ticks = provider.open_stream().await;
    ticks.send([print("SPY", 101.0)]);
    until(&mut quotes, |m| matches!(&m, Message::Quote(q) if (q.price.to_f64() - 101.0).abs() < 1e-9).then_some(()))
        .await;
    let polled = provider.requests_for("SPY");
    provider.set("SPY", 500.0);
    let wild = async {
        for price in [300.0, 1_500.0].into_iter().cycle() {
            ticks.send([print("SPY", price)]);
            tokio::task::yield_now().await;
            if provider.requests_for("SPY") >= polled + 2 {
                break;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), wild).await.expect("polled, whatever the stream says");
    until(&mut quotes, |m| matches!(&m, Message::Quote(q) if (q.price.to_f64() - 500.0).abs() < 1e-9).then_some(()))
        .await;
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
    assert_eq!(told.code, Some(HealthCode::StreamLost));
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

#[tokio::test]
async fn a_tick_ends_no_pause_that_was_asked_for() {
    let provider = Scripted::streaming("fast", &[("SPY", 100.0), ("DIA", 50.0)]);
    let house = house(&[&provider], &["SPY", "DIA"]);
    let mut quotes = house.hear(Interest::Quotes).await;
    let mut providers = house.hear(Interest::Providers).await;
    quote_from(&mut quotes, "fast").await;
    let ticks = provider.open_stream().await;
    let wait = Some(std::time::Duration::from_secs(600));
    provider.fail_with(Some(ProviderError::RateLimited { provider: "Fast", retry_after: wait }));
    health(&mut providers, "fast", ProviderState::Degraded).await;
    let asked = provider.requests();
    for price in 1..50 {
        ticks.send([print("SPY", 101.0 + f64::from(price) / 10.0)]);
        until(&mut quotes, |m| matches!(&m, Message::Quote(q) if q.symbol.as_str() == "SPY").then_some(())).await;
    }
    assert_eq!(provider.requests(), asked, "prices go on coming, and nothing is asked");
}

#[tokio::test]
async fn what_the_stream_cannot_tell_exactly_is_polled() {
    let provider = Scripted::streaming("fast", &[("BRK-A", 700_000.5)]);
    let house = house(&[&provider], &["BRK-A"]);
    let mut quotes = house.hear(Interest::Quotes).await;
    quote_from(&mut quotes, "fast").await;
    let ticks = provider.open_stream().await;
    let Tick::Print(exact) = print("BRK-A", 700_001.0) else { panic!("a print") };
    for price in 1..20 {
        ticks.send([Tick::Print(Print { grain: 0.5, ..exact.clone() })]);
        provider.set("BRK-A", 700_000.5 + f64::from(price));
        let polled = 700_000.5 + f64::from(price);
        let is_it = |q: &Quote| (q.price.to_f64() - polled).abs() < 1e-9;
        until(&mut quotes, |m| matches!(&m, Message::Quote(q) if is_it(q)).then_some(())).await;
    }
}

#[tokio::test]
async fn a_quiet_stream_is_not_stale_at_once() {
    let provider = Scripted::streaming("fast", &[("SPY", 100.0), ("DIA", 50.0)]);
    let house = house(&[&provider], &["SPY", "DIA"]);
    let mut quotes = house.hear(Interest::Quotes).await;
    quote_from(&mut quotes, "fast").await;
    let ticks = provider.open_stream().await;
    ticks.send([print("SPY", 100.5)]);
    until(&mut quotes, |m| matches!(&m, Message::Quote(q) if (q.price.to_f64() - 100.5).abs() < 1e-9).then_some(()))
        .await;
    provider.fail(true);
    // The polled one grows stale; the one that the stream told a moment ago does not.
    let stale = until(&mut quotes, |m| match m {
        Message::Quote(quote) if quote.state == QuoteState::Stale => Some(quote.symbol),
        _ => None,
    });
    assert_eq!(stale.await, symbol("DIA"));
    let error = ProviderError::Unreachable { provider: "Fast", detail: "its stream broke off".into() };
    ticks.lost(error, &[symbol("SPY")]);
    until(&mut quotes, |m| {
        matches!(&m, Message::Quote(q) if q.symbol.as_str() == "SPY" && q.state == QuoteState::Stale).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_provider_without_its_key_keeps_nothing_from_being_unknown() {
    let (first, keyless) = (Scripted::new("first", &[("SPY", 100.0)]), Scripted::new("keyless", &[]));
    keyless.fail_with(Some(ProviderError::KeyMissing { provider: "Keyless" }));
    let house = house(&[&first, &keyless], &["SPY"]);
    let mut quotes = house.hear(Interest::Quotes).await;
    quote_from(&mut quotes, "first").await;
    assert_eq!(house.feed.look([symbol("NOPE")].into()).await.unknown, [symbol("NOPE")]);
    assert_eq!(house.feed.search("nothing of the kind").await, Ok(Vec::new()), "a missing key is no failure");
}
