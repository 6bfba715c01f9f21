//! Feed, desk and dispatcher together, on the real broker, with a provider that answers from a script.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod house;

use std::collections::BTreeSet;

use bus::{Accounts as _, Interest, Message};
use house::{House, Scripted, alert_above, price_of, symbol, until};
use market::{
    Alert, Edit, ProviderState, QuoteState, UserName,
    alert::DAY_MOVE_ALERT,
    profile::DEFAULT_LIST,
    quote::{REPLAY, SIMULATED},
};
use quote_engine::{desk::Desk, feed::Source, store::FileStore};

/// Hears until the dispatcher has routed this price.
async fn until_routed(routed: &mut broker::Subscription, price: f64) {
    loop {
        let heard = routed.recv().await.unwrap();
        if heard.payload.is_empty() {
            // Gone, to come back from another source.
            continue;
        }
        let quote: market::Quote = serde_json::from_slice(&heard.payload).unwrap();
        if (quote.price.to_f64() - price).abs() < f64::EPSILON {
            return;
        }
    }
}

#[tokio::test]
async fn what_is_followed_is_published_and_what_is_unfollowed_is_cleared() {
    let provider = Scripted::new("yahoo", &[("TSLA", 250.5), ("AAPL", 101.0)]);
    let house = House::open(Source::only(provider), &["AAPL"], false);
    let mut quotes = house.hear(Interest::Quotes).await;
    house.apply(Edit::Follow { list: DEFAULT_LIST.into(), symbol: symbol("TSLA") }).await;
    assert!((until(&mut quotes, price_of("TSLA")).await - 250.5).abs() < f64::EPSILON);
    house.apply(Edit::Unfollow { list: DEFAULT_LIST.into(), symbol: symbol("TSLA") }).await;
    until(&mut quotes, |m| matches!(m, Message::QuoteGone(s) if s.as_str() == "TSLA").then_some(())).await;
    let mut late = house.hear(Interest::Quotes).await;
    let first = until(&mut late, |m| if let Message::Quote(q) = m { Some(q.symbol) } else { None }).await;
    assert_eq!(first, symbol("AAPL"), "nothing of TSLA is kept");
}

#[tokio::test]
async fn a_user_hears_of_the_own_picks_only() {
    let provider = Scripted::new("yahoo", &[("AAPL", 101.0), ("SPY", 600.0)]);
    let house = House::open(Source::only(provider), &["SPY"], false);
    let mut all = house.hear(Interest::Quotes).await;
    until(&mut all, price_of("SPY")).await;
    let topics = house.bus.topics();
    let mine = house.broker.link().subscribe(&[&format!("{}/user/me/quote/#", topics.root())]);
    let mut mine = mine;
    let heard = mine.recv().await.unwrap();
    assert_eq!(&*heard.topic, "quickstocks/v1/user/me/quote/AAPL");
}

#[tokio::test]
async fn an_alert_fires_once_and_is_then_written_down() {
    let provider = Scripted::new("yahoo", &[("AAPL", 100.5)]);
    let house = House::open(Source::only(provider.clone()), &[], false);
    let mut quotes = house.hear(Interest::Quotes).await;
    let mut alerts = house.hear(Interest::Alerts).await;
    until(&mut quotes, price_of("AAPL")).await;
    house.alert_above("AAPL", 101.0, false).await;
    provider.set("AAPL", 101.5);
    let fired = until(&mut alerts, |m| if let Message::Alert(_, fired) = m { Some(fired) } else { None }).await;
    assert_eq!((fired.symbol, fired.alert_id.as_str()), (symbol("AAPL"), "AAPL-101"));
    let mut accounts = house.desk.accounts();
    accounts.wait_for(|all| all[&UserName::me()].profile.alerts.iter().all(|alert| !alert.enabled)).await.unwrap();
    // Down and up again: the next thing heard is the default alert for three percent, not this one once more.
    provider.set("AAPL", 99.0);
    until(&mut quotes, |m| price_of("AAPL")(m).filter(|p| *p < 100.0)).await;
    provider.set("AAPL", 104.0);
    let next = until(&mut alerts, |m| if let Message::Alert(_, fired) = m { Some(fired) } else { None }).await;
    assert_eq!(next.alert_id, DAY_MOVE_ALERT);
}

#[tokio::test]
async fn recorded_prices_fire_an_alert_once_and_leave_it_armed_for_real_ones() {
    let provider = Scripted::new(REPLAY, &[("AAPL", 100.5)]);
    let house = House::open(Source::only(provider.clone()), &[], true);
    let mut routed = house.broker.link().subscribe(&["quickstocks/v1/user/me/quote/AAPL"]);
    let mut alerts = house.hear(Interest::Alerts).await;
    until_routed(&mut routed, 100.5).await;
    house.alert_above("AAPL", 101.0, false).await;
    provider.set("AAPL", 101.5);
    let fired = until(&mut alerts, |m| if let Message::Alert(_, fired) = m { Some(fired) } else { None }).await;
    assert_eq!((fired.alert_id.as_str(), fired.source.as_str()), ("AAPL-101", REPLAY));
    provider.set("AAPL", 99.0);
    until_routed(&mut routed, 99.0).await;
    provider.set("AAPL", 104.0);
    let next = until(&mut alerts, |m| if let Message::Alert(_, fired) = m { Some(fired) } else { None }).await;
    assert_eq!(next.alert_id, DAY_MOVE_ALERT, "once is once");
    assert!(house.desk.profile(&UserName::me()).unwrap().alerts.iter().all(|alert| alert.enabled));
}

#[tokio::test]
async fn an_alert_that_is_edited_away_and_back_has_forgotten_what_it_saw() {
    let provider = Scripted::new("yahoo", &[("AAPL", 100.5)]);
    let house = House::open(Source::only(provider.clone()), &[], false);
    let mut routed = house.broker.link().subscribe(&["quickstocks/v1/user/me/quote/AAPL"]);
    let mut alerts = house.hear(Interest::Alerts).await;
    until_routed(&mut routed, 100.5).await;
    let rule = |line: f64| Alert { id: "one".into(), ..alert_above("AAPL", line, true) };
    house.apply(Edit::PutAlert { alert: rule(101.0) }).await;
    // What was routed after an edit was ruled on with it.
    provider.set("AAPL", 100.6);
    until_routed(&mut routed, 100.6).await;
    house.apply(Edit::PutAlert { alert: rule(200.0) }).await;
    provider.set("AAPL", 101.5);
    until_routed(&mut routed, 101.5).await;
    house.apply(Edit::PutAlert { alert: rule(101.0) }).await;
    provider.set("AAPL", 104.0);
    let next = until(&mut alerts, |m| if let Message::Alert(_, fired) = m { Some(fired) } else { None }).await;
    assert_eq!(next.alert_id, DAY_MOVE_ALERT, "above the line since before the edit");
}

#[tokio::test]
async fn a_silent_provider_is_told_and_the_last_price_stays_as_stale() {
    let provider = Scripted::new("yahoo", &[("AAPL", 101.0)]);
    let house = House::open(Source::only(provider.clone()), &["AAPL"], false);
    let mut quotes = house.hear(Interest::Quotes).await;
    let mut providers = house.hear(Interest::Providers).await;
    until(&mut quotes, price_of("AAPL")).await;
    provider.fail(true);
    let health = until(&mut providers, |m| match m {
        Message::Provider(health) if health.state == ProviderState::Down => Some(health),
        _ => None,
    });
    let health = health.await;
    assert!(health.next_try.is_some() && health.reason.unwrap().contains("does not answer"));
    let stale = until(&mut quotes, |m| match m {
        Message::Quote(quote) if quote.state == QuoteState::Stale => Some(quote.price.to_f64()),
        _ => None,
    });
    assert!((stale.await - 101.0).abs() < f64::EPSILON);
    let before = provider.requests();
    provider.fail(false);
    house.feed.retry_now().await;
    until(&mut quotes, |m| matches!(m, Message::Quote(q) if q.state == QuoteState::Live).then_some(())).await;
    assert!(provider.requests() - before <= 5, "no storm on recovery");
}

#[tokio::test]
async fn made_up_prices_stand_in_until_the_first_live_one_and_never_beside_it() {
    let live = Scripted::new("yahoo", &[("AAPL", 101.0), ("MSFT", 400.0)]);
    let stand_in = Scripted::new(SIMULATED, &[("AAPL", 7.0), ("MSFT", 8.0)]);
    live.fail(true);
    let source = Source::only(live.clone()).with_stand_in(stand_in);
    let house = House::open(source, &["AAPL", "MSFT"], false);
    let mut quotes = house.hear(Interest::Quotes).await;
    assert!((until(&mut quotes, price_of("AAPL")).await - 7.0).abs() < f64::EPSILON);
    let mut prices = house.broker.link().subscribe(&["quickstocks/v1/price/#"]);
    assert!(prices.try_recv().is_none(), "nothing made up under price/");
    live.fail(false);
    house.feed.retry_now().await;
    let mut live_ones = BTreeSet::new();
    until(&mut quotes, |message| {
        if let Message::Quote(quote) = message {
            assert!(live_ones.is_empty() || !quote.is_simulated(), "made up beside live: {}", quote.symbol);
            if !quote.is_simulated() {
                live_ones.insert(quote.symbol);
            }
        }
        (live_ones.len() == 2).then_some(())
    })
    .await;
    assert!(prices.recv().await.unwrap().topic.starts_with("quickstocks/v1/price/"), "live ones are there");
}

#[tokio::test]
async fn a_rule_sees_no_made_up_price_before_the_first_live_one() {
    let live = Scripted::new("yahoo", &[("AAPL", 101.5)]);
    let stand_in = Scripted::new(SIMULATED, &[("AAPL", 99.0)]);
    live.fail(true);
    let house = House::open(Source::only(live.clone()).with_stand_in(stand_in), &["AAPL"], false);
    let mut routed = house.broker.link().subscribe(&["quickstocks/v1/user/me/quote/AAPL"]);
    let mut alerts = house.hear(Interest::Alerts).await;
    until_routed(&mut routed, 99.0).await;
    house.alert_above("AAPL", 101.0, true).await;
    live.fail(false);
    house.feed.retry_now().await;
    until_routed(&mut routed, 101.5).await;
    live.set("AAPL", 100.0);
    until_routed(&mut routed, 100.0).await;
    live.set("AAPL", 102.0);
    let fired = until(&mut alerts, |m| if let Message::Alert(_, fired) = m { Some(fired) } else { None }).await;
    assert!(
        (fired.price.to_f64() - 102.0).abs() < f64::EPSILON,
        "the first live price crossed nothing: {}",
        fired.price
    );
}

#[tokio::test]
async fn an_alert_that_is_switched_on_again_fires_again() {
    let provider = Scripted::new("yahoo", &[("AAPL", 100.5)]);
    let house = House::open(Source::only(provider.clone()), &[], false);
    let mut quotes = house.hear(Interest::Quotes).await;
    let mut alerts = house.hear(Interest::Alerts).await;
    until(&mut quotes, price_of("AAPL")).await;
    house.alert_above("AAPL", 101.0, false).await;
    for _ in 0..2 {
        provider.set("AAPL", 101.5);
        let fired = until(&mut alerts, |m| if let Message::Alert(_, fired) = m { Some(fired) } else { None }).await;
        assert_eq!(fired.alert_id, "AAPL-101");
        let mut accounts = house.desk.accounts();
        accounts.wait_for(|all| all[&UserName::me()].profile.alerts.iter().all(|alert| !alert.enabled)).await.unwrap();
        provider.set("AAPL", 99.0);
        until(&mut quotes, |m| price_of("AAPL")(m).filter(|p| *p < 100.0)).await;
        house.alert_above("AAPL", 101.0, false).await;
    }
}

#[tokio::test]
async fn looking_fetches_what_nobody_follows_and_names_what_nobody_knows() {
    let provider = Scripted::new("yahoo", &[("NFLX", 900.0)]);
    let house = House::open(Source::only(provider), &[], false);
    let looked = house.feed.look([symbol("NFLX"), symbol("NOPE")].into()).await;
    assert_eq!(looked.quotes.len(), 1);
    assert_eq!(looked.unknown, [symbol("NOPE")]);
}

#[tokio::test]
async fn the_next_start_shows_the_last_prices_at_once_as_stale() {
    let provider = Scripted::new("yahoo", &[("AAPL", 101.0)]);
    let mut house = House::open(Source::only(provider.clone()), &["AAPL"], false);
    let mut quotes = house.hear(Interest::Quotes).await;
    until(&mut quotes, price_of("AAPL")).await;
    let folder = std::mem::replace(&mut house.folder, tempfile::tempdir().unwrap());
    house.stop.cancel();
    let file = folder.path().join("quotes.json");
    while !file.exists() {
        tokio::task::yield_now().await;
    }
    drop(house);
    provider.fail(true);
    let house = loop {
        // The old desk lets go of its lock when its task ends.
        if Desk::open(folder.path(), Box::new(FileStore::new(folder.path()))).is_err() {
            tokio::task::yield_now().await;
            continue;
        }
        break House::open_in(folder, Source::only(provider), &["AAPL"], false);
    };
    let mut quotes = house.hear(Interest::Quotes).await;
    let kept = until(&mut quotes, |m| if let Message::Quote(q) = m { Some(q) } else { None }).await;
    assert_eq!((kept.state, kept.price.to_string()), (QuoteState::Stale, "101".to_owned()));
}

#[tokio::test]
async fn an_edit_that_cannot_be_saved_is_not_made() {
    let provider = Scripted::new("yahoo", &[]);
    let house = House::open(Source::only(provider), &[], false);
    let profiles = house.folder.path().join("profiles.json");
    std::fs::remove_file(&profiles).unwrap();
    // A folder in the file's place: no rename can replace it.
    std::fs::create_dir_all(profiles.join("in-the-way")).unwrap();
    let edit = Edit::Follow { list: DEFAULT_LIST.into(), symbol: symbol("TSLA") };
    let refused = house.desk.apply(&UserName::me(), edit).await;
    assert!(refused.unwrap_err().to_string().starts_with("not saved"));
    assert!(!house.desk.profile(&UserName::me()).unwrap().follows(&symbol("TSLA")));
}

#[tokio::test]
async fn the_token_on_disk_opens_the_user_and_no_other_text_does() {
    let house = House::open(Source::only(Scripted::new("yahoo", &[])), &[], false);
    let token = std::fs::read_to_string(house.folder.path().join("token")).unwrap();
    assert_eq!(house.desk.user_of(&token), Some(UserName::me()));
    assert!(house.desk.recognises(&UserName::me(), &token));
    assert_eq!(house.desk.user_of(""), None);
    assert!(!house.desk.recognises(&UserName::me(), &token[1..]));
}

#[tokio::test]
async fn a_second_desk_on_the_same_folder_is_refused() {
    let house = House::open(Source::only(Scripted::new("yahoo", &[])), &[], false);
    let second = Desk::open(house.folder.path(), Box::new(FileStore::new(house.folder.path())));
    assert!(second.unwrap_err().to_string().contains("is in use by another Quickstocks"));
}
