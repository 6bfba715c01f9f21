//! Readers that do not read: they get the newest value of what conflates, a bounded queue of the rest, and nobody else
//! notices.
#![allow(clippy::unwrap_used)]

mod common;

use broker::Config;
use common::{Server, next, until};
use std::time::Duration;

const TOPICS: usize = 10;
const ROUNDS: usize = 20_000;

/// Publishes many values on few topics, each as large as a quote, and one more on a topic that queues.
async fn flood(server: &Server, family: &str) {
    let link = server.broker.link();
    let rest = "x".repeat(400);
    for round in 1..=ROUNDS {
        let payload = format!("{round} {rest}");
        link.publish(&format!("{family}/T{}", round % TOPICS), payload.into(), true).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stalled_reader_gets_the_newest_value_of_each_topic() {
    let server = Server::start().await;
    let mut stalled = server.client(4, "stalled").await;
    stalled.subscribe(&[("quote/+", 0)]).await;
    let mut inside = server.broker.link().subscribe(&["quote/+"]);
    flood(&server, "quote").await;
    server.publish("other", "").await;
    until(|| server.broker.stats().messages_in > ROUNDS as u64).await;
    assert!(server.broker.stats().conflated > 0);
    // What was kept for the subscription that did not read is one value for each topic.
    for _ in 0..TOPICS {
        next(&mut inside).await;
    }
    assert!(inside.try_recv().is_none());
    let mut newest = [0; TOPICS];
    while newest.iter().any(|n| *n <= ROUNDS - TOPICS) {
        let (topic, payload) = stalled.text().await;
        let topic: usize = topic.strip_prefix("quote/T").unwrap().parse().unwrap();
        let value: usize = payload.split(' ').next().unwrap().parse().unwrap();
        assert!(value > newest[topic], "in order");
        newest[topic] = value;
    }
    assert_eq!(server.broker.stats().dropped, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_queues_for_a_stalled_reader_is_bounded_and_others_get_all() {
    let server = Server::with(Config { max_queue: 500, ..Config::default() }).await;
    let mut stalled = server.client(5, "stalled").await;
    stalled.subscribe(&[("queued/+", 0)]).await;
    let mut quick = server.client(4, "quick").await;
    quick.subscribe(&[("queued/+", 0)]).await;
    let mut seen = 0;
    for round in 1..=ROUNDS / 100 {
        for n in 0..100 {
            server.publish("queued/x", format!("{round} {n} {}", "x".repeat(400))).await;
        }
        for _ in 0..100 {
            quick.publish().await;
            seen += 1;
        }
    }
    assert_eq!(seen, ROUNDS);
    assert!(server.broker.stats().dropped > 0, "the stalled reader's queue was full");
    let mut last = (0, 0);
    let held = ROUNDS as u64 - server.broker.stats().dropped;
    for _ in 0..held {
        let (_, payload) = stalled.text().await;
        let mut parts = payload.split(' ').map(str::parse::<usize>);
        let now = (parts.next().unwrap().unwrap(), parts.next().unwrap().unwrap());
        assert!(now > last || last == (0, 0), "in order");
        last = now;
    }
    server.publish("queued/end", "end").await;
    assert_eq!(stalled.text().await.1, "end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_takes_nothing_for_too_long_is_gone() {
    let server = Server::with(Config { write_timeout: Duration::from_millis(200), ..Config::default() }).await;
    let mut stalled = server.client(4, "stalled").await;
    stalled.subscribe(&[("queued/+", 0)]).await;
    until_gone(&server).await;
    server.assert_alive().await;
    while stalled.recv().await.is_some() {}
}

async fn until_gone(server: &Server) {
    let link = server.broker.link();
    let flooding = async {
        while server.broker.stats().sessions > 0 {
            link.publish("queued/x", vec![b'x'; 10_000].into(), false).await.unwrap();
        }
    };
    tokio::time::timeout(common::PATIENCE, flooding).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disconnect_under_backlog_harms_nobody() {
    let server = Server::start().await;
    for round in 0..50 {
        let mut leaving = server.client(4 + round % 2, "home/leaving").await;
        leaving.subscribe(&[("#", 0)]).await;
        for n in 0..1_000 {
            server.publish("queued/x", n.to_string()).await;
        }
        leaving.send(&[0xe0, 0]).await;
        drop(leaving);
    }
    server.assert_alive().await;
    assert_eq!(server.broker.stats().router_rebuilds, 0);
    until(|| server.broker.stats().sessions == 0).await;
}
