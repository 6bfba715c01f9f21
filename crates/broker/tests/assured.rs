//! Messages that are acknowledged: both ways, at least once or exactly once, within what the other side takes.
#![allow(clippy::unwrap_used)]

mod common;

use broker::Config;
use common::{Connect, Raw, Server, acknowledgement, next, publish, until};

const PUBACK: u8 = 0x40;
const PUBREC: u8 = 0x50;
const PUBREL: u8 = 0x62;
const PUBCOMP: u8 = 0x70;

async fn reader(server: &Server, level: u8, filter: &str, qos: u8) -> Raw {
    let mut client = server.client(level, "reader").await;
    assert_eq!(client.subscribe_with(&[], &[(filter, qos)]).await, [qos]);
    client
}

/// Publishes with `QoS` 0, 1 and 2, and waits for the answers.
async fn publish_each(writer: &mut Raw, level: u8, topic: &str) {
    for qos in 0..3_u8 {
        writer.send(&publish(level, 0x30 | qos << 1, topic, 9, &[], &[b'0' + qos])).await;
    }
    writer.expect(PUBACK, &[0, 9]).await;
    writer.expect(PUBREC, &[0, 9]).await;
    writer.send(&acknowledgement(PUBREL, 9)).await;
    writer.expect(PUBCOMP, &[0, 9]).await;
}

#[tokio::test]
async fn the_lower_of_what_was_published_and_what_was_granted() {
    let server = Server::start().await;
    for level in [4, 5] {
        let mut writer = server.client(level, "writer").await;
        for granted in 0..3_u8 {
            let mut client = reader(&server, level, "open/x", granted).await;
            publish_each(&mut writer, level, "open/x").await;
            let mut got = Vec::new();
            for _ in 0..3 {
                let publish = client.any_publish().await;
                assert!(!publish.dup && (publish.id > 0) == (publish.qos > 0));
                got.push((publish.payload[0] - b'0', publish.qos));
            }
            got.sort_unstable();
            assert_eq!(got, [(0, 0), (1, granted.min(1)), (2, granted)]);
        }
    }
}

#[tokio::test]
async fn prices_are_granted_and_sent_with_no_acknowledgement() {
    let server = Server::start().await;
    server.retain("quote/A", "1").await;
    let mut client = server.client(5, "reader").await;
    assert_eq!(client.subscribe_with(&[], &[("quote/+", 2), ("#", 1), ("queued/+", 2)]).await, [0, 1, 2]);
    assert_eq!(client.text().await, ("quote/A".into(), "1".into()));
    server.publish("quote/A", "2").await;
    assert_eq!(client.text().await, ("quote/A".into(), "2".into()), "whatever another filter was granted");
}

#[tokio::test]
async fn exactly_once_in_is_exactly_once() {
    let server = Server::start().await;
    let mut inside = server.broker.link().subscribe(&["open/+"]);
    for level in [4, 5] {
        let mut client = server.client(level, "writer").await;
        for round in 0..3 {
            for dup in [0, 8, 8] {
                client.send(&publish(level, 0x34 | dup, "open/x", 7, &[], round.to_string().as_bytes())).await;
                client.expect(PUBREC, &[0, 7]).await;
            }
            for unknown in [false, true] {
                client.send(&acknowledgement(PUBREL, 7)).await;
                client.expect(PUBCOMP, if unknown && level == 5 { &[0, 7, 0x92] } else { &[0, 7] }).await;
            }
            assert_eq!(next(&mut inside).await.1, round.to_string());
        }
        assert!(inside.try_recv().is_none());
        client.leave().await;
    }
}

#[tokio::test]
async fn what_waits_for_its_release_outlives_the_connection() {
    let server = Server::start().await;
    let mut inside = server.broker.link().subscribe(&["open/+"]);
    let kept = Connect { id: "writer", clean: false, ..Connect::default() };
    let mut client = server.raw().await;
    client.connect(kept.clone()).await;
    client.send(&publish(4, 0x34, "open/x", 7, &[], b"once")).await;
    client.expect(PUBREC, &[0, 7]).await;
    drop(client);
    until(|| server.broker.stats().parked == 1).await;
    let mut client = server.raw().await;
    client.resume(kept).await;
    client.send(&publish(4, 0x3c, "open/x", 7, &[], b"once")).await;
    client.expect(PUBREC, &[0, 7]).await;
    client.send(&acknowledgement(PUBREL, 7)).await;
    client.expect(PUBCOMP, &[0, 7]).await;
    server.publish("open/y", "end").await;
    assert_eq!([next(&mut inside).await.1, next(&mut inside).await.1], ["once", "end"]);
}

#[tokio::test]
async fn exactly_once_out() {
    let server = Server::start().await;
    for level in [4, 5] {
        let (mut writer, mut client) =
            (server.client(level, "writer").await, reader(&server, level, "open/x", 2).await);
        writer.send(&publish(level, 0x34, "open/x", 1, &[], b"1")).await;
        let got = client.any_publish().await;
        assert_eq!((got.qos, got.dup), (2, false));
        for _ in 0..2 {
            client.send(&acknowledgement(PUBREC, got.id)).await;
            client.expect(PUBREL, &got.id.to_be_bytes()).await;
        }
        client.send(&acknowledgement(PUBCOMP, got.id)).await;
        client.silence().await;
        // Of what was never sent: version 5 is told so.
        client.send(&acknowledgement(PUBREC, 999)).await;
        client.expect(PUBREL, if level == 5 { &[3, 0xe7, 0x92] } else { &[3, 0xe7] }).await;
        for harmless in [PUBACK, PUBCOMP] {
            client.send(&acknowledgement(harmless, 999)).await;
        }
        client.silence().await;
        client.leave().await;
    }
}

#[tokio::test]
async fn no_more_on_their_way_than_the_client_takes() {
    let server = Server::start().await;
    let mut client = server.raw().await;
    client.connect(Connect { level: 5, properties: &[0x21, 0, 2], ..Connect::default() }).await;
    assert_eq!(client.subscribe_with(&[], &[("queued/+", 1), ("quote/+", 0)]).await, [1, 0]);
    for n in 0..5 {
        server.publish("queued/x", n.to_string()).await;
    }
    let (first, second) = (client.any_publish().await, client.any_publish().await);
    assert_eq!([&*first.payload, &*second.payload], [b"0", b"1"]);
    client.silence().await;
    server.publish("quote/A", "a price does not wait").await;
    assert_eq!(client.publish().await.topic, "quote/A");
    // Any order will do.
    client.send(&acknowledgement(PUBACK, second.id)).await;
    assert_eq!(client.any_publish().await.payload, b"2");
    client.silence().await;
    client.send(&acknowledgement(PUBACK, first.id)).await;
    assert_eq!(client.any_publish().await.payload, b"3");
    // A refusal is an end too.
    client.send(&common::packet(PUBACK, &[0, first.id as u8, 0x87])).await;
    assert_eq!(client.any_publish().await.payload, b"4");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_come_in_order_and_each_once() {
    let server = Server::with(Config { max_queue: 20_000, ..Config::default() }).await;
    let mut client = reader(&server, 4, "queued/+", 1).await;
    let link = server.broker.link();
    let writer = tokio::spawn(async move {
        for n in 0..10_000 {
            link.publish("queued/x", n.to_string().into(), false).await.unwrap();
        }
    });
    for n in 0..10_000 {
        assert_eq!(client.acknowledge().await, n.to_string());
    }
    writer.await.unwrap();
    client.silence().await;
    assert_eq!(server.broker.stats().dropped, 0);
}

#[tokio::test]
async fn all_that_is_stored_comes_acknowledged() {
    const TOPICS: usize = 3_000;
    let server = Server::start().await;
    for n in 0..TOPICS {
        server.retain(&format!("queued/{n}"), n.to_string()).await;
    }
    until(|| server.broker.stats().retained == TOPICS).await;
    let mut client = reader(&server, 5, "queued/#", 2).await;
    let mut seen = std::collections::HashSet::new();
    for _ in 0..TOPICS {
        let publish = client.any_publish().await;
        assert!(publish.retain && publish.qos == 1, "as it was published");
        client.send(&acknowledgement(PUBACK, publish.id)).await;
        assert!(seen.insert(publish.topic));
    }
    client.silence().await;
}

#[tokio::test]
async fn one_copy_with_the_highest_quality_for_filters_that_overlap() {
    let server = Server::start().await;
    let mut writer = server.client(5, "writer").await;
    let mut client = server.client(5, "reader").await;
    client.subscribe_with(&[0x0b, 7], &[("open/+", 1)]).await;
    client.subscribe_with(&[0x0b, 8], &[("open/#", 2), ("open/x", 0)]).await;
    writer.send(&publish(5, 0x34, "open/x", 1, &[], b"1")).await;
    let got = client.any_publish().await;
    assert_eq!(got.qos, 2);
    let mut ids: Vec<&[u8]> = got.properties.split(|byte| *byte == 0x0b).skip(1).collect();
    ids.sort_unstable();
    assert_eq!(ids, [&[7][..], &[8], &[8]]);
    client.silence().await;
}

#[tokio::test]
async fn what_a_client_does_not_acknowledge_is_bounded() {
    let server = Server::with(Config { max_queue: 10, max_queued_bytes: 10_000, ..Config::default() }).await;
    let mut client = server.raw().await;
    client.connect(Connect { level: 5, properties: &[0x21, 0, 3], ..Connect::default() }).await;
    client.subscribe_with(&[], &[("queued/+", 1)]).await;
    for _ in 0..3 {
        server.publish("queued/x", "1").await;
        client.any_publish().await;
    }
    for _ in 0..15 {
        server.publish("queued/x", "2").await;
    }
    until(|| server.broker.stats().dropped == 5).await;
    let mut other = server.client(4, "other").await;
    other.subscribe_with(&[], &[("large/+", 1)]).await;
    for _ in 0..3 {
        server.publish("large/x", vec![b'x'; 4_000]).await;
    }
    until(|| server.broker.stats().dropped == 6).await;
    for _ in 0..2 {
        other.acknowledge().await;
    }
    other.silence().await;
    server.publish("large/x", vec![b'x'; 4_000]).await;
    other.acknowledge().await;
}
