//! Subscribing is following: what counts, what does not, and what is beyond the bounds.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use broker::{Config, Followers};
use common::{Connect, PATIENCE, Raw, Server, unsubscribe};
use std::collections::BTreeMap;

/// Waits until this is followed: topics, how many sessions each, and how many of those echo what was announced.
async fn is(server: &Server, expected: &[(&str, usize, usize)]) {
    let expected: BTreeMap<String, Followers> = expected
        .iter()
        .map(|(topic, sessions, echoes)| ((*topic).to_owned(), Followers { sessions: *sessions, echoes: *echoes }))
        .collect();
    let mut followed = server.broker.followed();
    let held = tokio::time::timeout(PATIENCE, followed.wait_for(|now| **now == expected)).await.map(|_| ());
    assert!(held.is_ok(), "{:?} instead of {expected:?}", server.broker.followed().borrow());
}

async fn leave(client: &mut Raw, version: u8, filter: &str) {
    client.send(&unsubscribe(version, 7, &[filter])).await;
    client.expect(0xb0, if version == 5 { &[0, 7, 0, 0] } else { &[0, 7] }).await;
}

#[tokio::test]
async fn what_is_followed_is_counted_by_session() {
    let server = Server::start().await;
    let _inside = server.broker.link().subscribe(&["quote/INSIDE"]);
    let (mut one, mut two) = (server.client(4, "one").await, server.client(5, "two").await);
    one.subscribe(&[("quote/A", 0), ("quote/A", 0), ("quote/+", 0), ("quote/A/#", 0), ("secret/x", 0)]).await;
    is(&server, &[("quote/A", 1, 0)]).await;
    two.subscribe(&[("quote/A", 0), ("price/A", 0), ("other/A", 0)]).await;
    is(&server, &[("price/A", 1, 0), ("quote/A", 2, 0)]).await;
    leave(&mut two, 5, "quote/A").await;
    is(&server, &[("price/A", 1, 0), ("quote/A", 1, 0)]).await;
    drop(one);
    is(&server, &[("price/A", 1, 0)]).await;
    let _again = server.client(5, "two").await;
    is(&server, &[]).await;
}

#[tokio::test]
async fn what_is_beyond_the_bounds_is_granted_and_follows_nothing() {
    let config = Config { max_followed_each: 2, max_followed: 3, ..Config::default() };
    let server = Server::with(config).await;
    server.retain("quote/C", "1").await;
    let (mut one, mut two) = (server.client(4, "one").await, server.client(5, "two").await);
    let codes = one.subscribe_with(&[], &[("quote/A", 0), ("quote/B", 0), ("quote/C", 0)]).await;
    assert_eq!(codes, [0, 0, 0]);
    assert_eq!(one.text().await, ("quote/C".into(), "1".into()), "it is read all the same");
    is(&server, &[("quote/A", 1, 0), ("quote/B", 1, 0)]).await;
    assert_eq!(server.broker.stats().unfollowed, 1);
    two.subscribe(&[("quote/C", 0), ("quote/A", 0)]).await;
    let mut three = server.client(4, "three").await;
    three.subscribe(&[("quote/D", 0), ("quote/B", 0)]).await;
    is(&server, &[("quote/A", 2, 0), ("quote/B", 2, 0), ("quote/C", 1, 0)]).await;
    assert_eq!(server.broker.stats().unfollowed, 2, "of all sessions together, D is one topic too many");
    leave(&mut one, 4, "quote/C").await;
    leave(&mut one, 4, "quote/B").await;
    drop(two);
    three.subscribe(&[("quote/E", 0)]).await;
    is(&server, &[("quote/A", 1, 0), ("quote/B", 1, 0), ("quote/E", 1, 0)]).await;
}

#[tokio::test]
async fn who_hears_announcements_may_ask_because_of_one() {
    let server = Server::start().await;
    let (mut home, mut display) = (server.client(4, "home").await, server.client(5, "display").await);
    home.subscribe(&[("quote/A", 0)]).await;
    is(&server, &[("quote/A", 1, 0)]).await;
    home.subscribe(&[("news/#", 0), ("news/+/x", 0), ("quote/B", 0)]).await;
    display.subscribe(&[("quote/B", 0)]).await;
    is(&server, &[("quote/A", 1, 1), ("quote/B", 2, 1)]).await;
    leave(&mut home, 4, "news/#").await;
    leave(&mut home, 4, "quote/A").await;
    is(&server, &[("quote/B", 2, 1)]).await;
    leave(&mut home, 4, "news/+/x").await;
    is(&server, &[("quote/B", 2, 0)]).await;
    home.subscribe(&[("news/+/x", 0)]).await;
    drop((home, display));
    is(&server, &[]).await;
}

#[tokio::test]
async fn a_kept_session_follows_while_its_client_is_there() {
    let server = Server::start().await;
    let kept = Connect { clean: false, id: "kept", ..Connect::default() };
    let mut client = server.raw().await;
    client.connect(kept.clone()).await;
    client.subscribe(&[("quote/A", 0), ("quote/B", 0)]).await;
    is(&server, &[("quote/A", 1, 0), ("quote/B", 1, 0)]).await;
    drop(client);
    is(&server, &[]).await;
    let mut back = server.raw().await;
    back.send(&kept.encode()).await;
    back.expect(0x20, &[1, 0]).await;
    is(&server, &[("quote/A", 1, 0), ("quote/B", 1, 0)]).await;
    leave(&mut back, 4, "quote/A").await;
    is(&server, &[("quote/B", 1, 0)]).await;
}
