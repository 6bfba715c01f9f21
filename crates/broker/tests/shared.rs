//! Shared subscriptions: each message to one of a group, and to another if that one leaves without it.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Connect, Raw, Server, publish, until};

async fn member(server: &Server, id: &str, keep: bool) -> Raw {
    let mut raw = server.raw().await;
    let properties: &[u8] = if keep { &[0x11, 0, 0, 14, 16] } else { &[] };
    raw.connect(Connect { level: 5, id, clean: !keep, properties, ..Connect::default() }).await;
    assert_eq!(raw.subscribe_with(&[], &[("$share/g/open/+", 2)]).await, [2]);
    raw
}

#[tokio::test]
async fn what_a_member_did_not_acknowledge_goes_to_another() {
    let server = Server::start().await;
    let (mut one, mut two) = (member(&server, "one", false).await, member(&server, "two", false).await);
    for n in 0..4 {
        server.publish("open/x", n.to_string()).await;
    }
    assert_eq!(one.any_publish().await.payload, b"0");
    assert_eq!(one.any_publish().await.payload, b"2");
    assert_eq!([two.acknowledge().await, two.acknowledge().await], ["1", "3"]);
    drop(one);
    assert_eq!([two.acknowledge().await, two.acknowledge().await], ["0", "2"]);
    two.silence().await;
}

#[tokio::test]
async fn what_may_have_arrived_once_goes_to_nobody_else() {
    let server = Server::start().await;
    let mut writer = server.client(4, "writer").await;
    let (mut one, mut two) = (member(&server, "one", false).await, member(&server, "two", false).await);
    writer.send(&publish(4, 0x34, "open/x", 1, &[], b"once")).await;
    assert_eq!(one.any_publish().await.qos, 2);
    drop(one);
    until(|| server.broker.stats().sessions == 2).await;
    two.silence().await;
}

#[tokio::test]
async fn who_is_there_comes_before_who_is_away() {
    let server = Server::start().await;
    let (one, mut two) = (member(&server, "one", true).await, member(&server, "two", true).await);
    drop(one);
    until(|| server.broker.stats().parked == 1).await;
    for n in 0..3 {
        server.publish("open/x", n.to_string()).await;
        assert_eq!(two.acknowledge().await, n.to_string());
    }
    drop(two);
    until(|| server.broker.stats().parked == 2).await;
    for n in 3..7 {
        server.publish("open/x", n.to_string()).await;
    }
    until(|| server.broker.stats().messages_in == 7).await;
    // One that comes for good gets what was kept for one that ends.
    let mut two = server.raw().await;
    two.resume(Connect { level: 5, id: "two", clean: false, properties: &[0x11, 0, 0, 14, 16], ..Connect::default() })
        .await;
    let mut got = vec![two.acknowledge().await, two.acknowledge().await];
    two.silence().await;
    server.client(5, "one").await.silence().await;
    got.extend([two.acknowledge().await, two.acknowledge().await]);
    got.sort();
    assert_eq!(got, ["3", "4", "5", "6"]);
}

#[tokio::test]
async fn a_client_that_subscribes_both_ways_gets_it_both_ways() {
    let server = Server::start().await;
    let mut one = member(&server, "one", false).await;
    one.subscribe_with(&[0x0b, 9], &[("open/#", 0)]).await;
    server.publish("open/x", "1").await;
    let mut got = [one.any_publish().await, one.any_publish().await].map(|publish| (publish.qos, publish.properties));
    got.sort();
    assert_eq!(got, [(0, vec![0x0b, 9]), (1, vec![])]);
}
