//! Sessions that are kept while their client is away.
#![allow(clippy::unwrap_used)]

mod common;

use broker::Config;
use common::{Connect, Raw, Server, acknowledgement, publish, until};
use std::time::Duration;

const PUBACK: u8 = 0x40;
const PUBREC: u8 = 0x50;
const PUBREL: u8 = 0x62;
const PUBCOMP: u8 = 0x70;
/// Session Expiry Interval: an hour.
const HOUR: [u8; 5] = [0x11, 0, 0, 14, 16];

/// A client whose session is kept.
fn kept(level: u8, id: &str) -> Connect<'_> {
    let properties: &[u8] = if level == 5 { &HOUR } else { &[] };
    Connect { level, id, clean: false, properties, ..Connect::default() }
}

async fn connected(server: &Server, connect: Connect<'_>) -> Raw {
    let mut raw = server.raw().await;
    raw.connect(connect).await;
    raw
}

async fn resumed(server: &Server, connect: Connect<'_>) -> Raw {
    let mut raw = server.raw().await;
    raw.resume(connect).await;
    raw
}

async fn away(server: &Server, sessions: usize) {
    until(|| server.broker.stats().parked == sessions).await;
}

/// Waits until so many messages have met their readers since the broker began.
async fn arrived(server: &Server, messages: u64) {
    until(|| server.broker.stats().messages_in >= messages).await;
}

#[tokio::test]
async fn an_alert_that_fires_while_its_client_is_away_is_there_when_it_is_back() {
    let server = Server::start().await;
    for (level, politely) in [(4, true), (4, false), (5, true), (5, false)] {
        let before = server.broker.stats().messages_in;
        let mut client = connected(&server, kept(level, "phone")).await;
        assert_eq!(client.subscribe_with(&[], &[("queued/alert", 1), ("queued/other", 0)]).await, [1, 0]);
        if politely {
            client.leave().await;
        }
        drop(client);
        away(&server, 1).await;
        assert_eq!(server.broker.stats().sessions, 0);
        server.publish("queued/other", "is missed").await;
        server.publish("queued/alert", "fired").await;
        server.publish("queued/alert", "fired again").await;
        arrived(&server, before + 3).await;
        let mut client = resumed(&server, kept(level, "phone")).await;
        assert_eq!(client.acknowledge().await, "fired");
        assert_eq!(client.acknowledge().await, "fired again");
        client.silence().await;
        server.publish("queued/other", "the filter is still there").await;
        assert_eq!(client.text().await.1, "the filter is still there");
        client.leave().await;
        connected(&server, Connect { level, id: "phone", ..Connect::default() }).await.leave().await;
        assert_eq!(server.broker.stats().parked, 0);
    }
}

#[tokio::test]
async fn what_was_not_acknowledged_is_sent_again_in_order() {
    let server = Server::start().await;
    let mut writer = server.client(4, "writer").await;
    let mut client = connected(&server, kept(5, "reader")).await;
    client.subscribe_with(&[], &[("open/+", 2)]).await;
    for (id, qos) in [(1, 2), (2, 1), (3, 2), (4, 1)] {
        writer.send(&publish(4, 0x30 | qos << 1, "open/x", id, &[], &[b'0' + id as u8])).await;
    }
    let mut got = Vec::new();
    for _ in 0..4 {
        got.push(client.any_publish().await);
    }
    client.send(&acknowledgement(PUBREC, got[0].id)).await;
    client.expect(PUBREL, &got[0].id.to_be_bytes()).await;
    client.send(&acknowledgement(PUBACK, got[1].id)).await;
    client.silence().await;
    drop(client);
    away(&server, 1).await;
    let mut client = resumed(&server, kept(5, "reader")).await;
    client.expect(PUBREL, &got[0].id.to_be_bytes()).await;
    for before in &got[2..] {
        let again = client.any_publish().await;
        assert!(again.dup && again.id == before.id && again.payload == before.payload && again.qos == before.qos);
    }
    for (what, id) in [(PUBCOMP, got[0].id), (PUBACK, got[3].id)] {
        client.send(&acknowledgement(what, id)).await;
    }
    client.send(&acknowledgement(PUBREC, got[2].id)).await;
    client.expect(PUBREL, &got[2].id.to_be_bytes()).await;
    client.send(&acknowledgement(PUBCOMP, got[2].id)).await;
    client.silence().await;
}

#[tokio::test]
async fn what_is_sent_again_keeps_to_what_the_client_takes() {
    let server = Server::start().await;
    let mut client = connected(&server, kept(5, "reader")).await;
    client.subscribe_with(&[], &[("queued/+", 1)]).await;
    for n in 0..5 {
        server.publish("queued/x", n.to_string()).await;
        client.any_publish().await;
    }
    drop(client);
    away(&server, 1).await;
    server.publish("queued/x", "5").await;
    let one = Connect { properties: &[HOUR[0], HOUR[1], HOUR[2], HOUR[3], HOUR[4], 0x21, 0, 1], ..kept(5, "reader") };
    let mut client = resumed(&server, one).await;
    for n in 0..6 {
        let again = client.any_publish().await;
        assert_eq!((again.payload, again.dup), (n.to_string().into_bytes(), n < 5));
        client.silence().await;
        client.send(&acknowledgement(PUBACK, again.id)).await;
    }
    client.silence().await;
}

#[tokio::test]
async fn a_take_over_loses_nothing() {
    let server = Server::start().await;
    let mut older = connected(&server, kept(5, "home/laptop")).await;
    older.subscribe_with(&[], &[("queued/+", 1)]).await;
    for round in 0..20 {
        server.publish("queued/x", round.to_string()).await;
        let first = older.any_publish().await;
        let mut newer = resumed(&server, kept(5, "home/laptop")).await;
        older.expect(0xe0, &[0x8e, 0]).await;
        assert_eq!(newer.any_publish().await, common::Publish { dup: true, ..first.clone() });
        newer.send(&acknowledgement(PUBACK, first.id)).await;
        newer.silence().await;
        older = newer;
    }
    assert_eq!((server.broker.stats().parked, server.broker.stats().subscriptions), (0, 1));
}

#[tokio::test]
async fn a_session_is_kept_for_as_long_as_its_client_says() {
    let server = Server::start().await;
    // Not at all: nothing is said, in version 5, or 0.
    for properties in [&[][..], &[0x11, 0, 0, 0, 0]] {
        let none = Connect { properties, ..kept(5, "none") };
        connected(&server, none.clone()).await.leave().await;
        connected(&server, none).await.leave().await;
    }
    // A second.
    let second = Connect { properties: &[0x11, 0, 0, 0, 1], ..kept(5, "second") };
    connected(&server, second.clone()).await.leave().await;
    away(&server, 1).await;
    away(&server, 0).await;
    // Said at the end: longer, and not at all.
    let mut client = connected(&server, second).await;
    client.send(&[0xe0, 7, 0, 5, 0x11, 0, 0, 14, 16]).await;
    client.end().await;
    let mut client = resumed(&server, kept(5, "second")).await;
    client.send(&[0xe0, 7, 0, 5, 0x11, 0, 0, 0, 0]).await;
    client.end().await;
    until(|| server.broker.stats().sessions == 0).await;
    assert_eq!(server.broker.stats().parked, 0);
    // A session that was not to be kept cannot be in the end.
    let mut client = server.client(5, "none").await;
    client.send(&[0xe0, 7, 0, 5, 0x11, 0, 0, 0, 9]).await;
    client.expect(0xe0, &[0x82, 0]).await;
}

#[tokio::test]
async fn no_session_is_kept_for_longer_than_there_is_to_be() {
    let server = Server::with(Config { max_session_expiry: Duration::from_secs(1), ..Config::default() }).await;
    let mut client = server.raw().await;
    let told = client.connect(kept(5, "long")).await;
    assert!(told.windows(5).any(|five| five == [0x11, 0, 0, 0, 1]), "{told:x?}");
    client.leave().await;
    connected(&server, kept(4, "long too")).await.leave().await;
    away(&server, 2).await;
    away(&server, 0).await;
}

#[tokio::test]
async fn sessions_that_are_kept_are_bounded_for_each_and_in_all() {
    let server = Server::with(Config { max_parked: 3, max_parked_each: 2, ..Config::default() }).await;
    let mine = Connect { login: Some(("me", "pw")), ..kept(4, "mine") };
    let mut client = connected(&server, mine.clone()).await;
    client.subscribe_with(&[], &[("queued/+", 1)]).await;
    client.leave().await;
    for n in 0..10 {
        connected(&server, kept(4, &format!("flood {n}"))).await.leave().await;
    }
    away(&server, 3).await;
    connected(&server, kept(4, "flood 7")).await.leave().await;
    server.publish("queued/x", "still kept").await;
    assert_eq!(resumed(&server, mine).await.acknowledge().await, "still kept");
    assert_eq!(server.broker.stats().subscriptions, 1);
}

#[tokio::test]
async fn what_waits_for_one_that_is_away_is_bounded() {
    let server = Server::with(Config { max_queue: 5, ..Config::default() }).await;
    let mut client = connected(&server, kept(4, "reader")).await;
    client.subscribe_with(&[], &[("queued/+", 1)]).await;
    client.leave().await;
    away(&server, 1).await;
    for n in 0..8 {
        server.publish("queued/x", n.to_string()).await;
    }
    until(|| server.broker.stats().dropped == 3).await;
    let mut client = resumed(&server, kept(4, "reader")).await;
    for n in 0..5 {
        assert_eq!(client.acknowledge().await, n.to_string());
    }
    client.silence().await;
}

#[tokio::test]
async fn the_bytes_that_wait_for_one_that_is_away_are_bounded() {
    let server = Server::with(Config { max_parked_bytes_each: 100_000, ..Config::default() }).await;
    let mut client = connected(&server, kept(5, "reader")).await;
    client.subscribe_with(&[], &[("queued/+", 1)]).await;
    client.leave().await;
    away(&server, 1).await;
    for n in 0..8 {
        server.publish("queued/x", format!("{n}{}", "x".repeat(30_000))).await;
    }
    until(|| server.broker.stats().dropped == 5).await;
    let mut client = resumed(&server, kept(5, "reader")).await;
    for n in ["0", "1", "2"] {
        assert_eq!(client.acknowledge().await[..1], *n);
    }
    client.silence().await;
}

#[tokio::test]
async fn who_is_away_follows_nothing_and_gets_the_newest_prices_when_it_is_back() {
    let server = Server::start().await;
    let mut followed = server.broker.followed();
    let mut client = connected(&server, kept(4, "reader")).await;
    client.subscribe(&[("quote/A", 0), ("quote/B", 0)]).await;
    followed.wait_for(|now| now.len() == 2).await.unwrap();
    server.retain("quote/A", "1").await;
    assert_eq!(client.text().await.1, "1");
    client.leave().await;
    followed.wait_for(|now| now.is_empty()).await.unwrap();
    away(&server, 1).await;
    for n in 2..100 {
        server.retain("quote/A", n.to_string()).await;
    }
    arrived(&server, 99).await;
    let mut client = resumed(&server, kept(4, "reader")).await;
    let newest = client.publish().await;
    assert_eq!((&*newest.payload, newest.retain), (&b"99"[..], false), "it is no new subscription");
    client.silence().await;
    followed.wait_for(|now| now.len() == 2).await.unwrap();
    client.send(&[0xa2, 11, 0, 9, 0, 7, b'q', b'u', b'o', b't', b'e', b'/', b'B']).await;
    client.expect(0xb0, &[0, 9]).await;
    client.leave().await;
    followed.wait_for(|now| now.is_empty()).await.unwrap();
}

#[tokio::test]
async fn a_client_id_is_one_users_only() {
    let server = Server::start().await;
    let mine = Connect { login: Some(("me", "pw")), ..kept(4, "phone") };
    let mut client = connected(&server, mine.clone()).await;
    client.subscribe_with(&[], &[("user/me/x", 1)]).await;
    client.leave().await;
    away(&server, 1).await;
    server.publish("user/me/x", "for me").await;
    let you = Connect { login: Some(("you", "pw")), ..kept(4, "phone") };
    connected(&server, you).await.silence().await;
    connected(&server, kept(4, "phone")).await.silence().await;
    assert_eq!(resumed(&server, mine).await.acknowledge().await, "for me");
}

#[tokio::test]
async fn a_will_waits_for_its_client() {
    let server = Server::start().await;
    let mut inside = server.broker.link().subscribe(&["open/+"]);
    let will = |topic, delay: &'static [u8]| Connect {
        will: Some((topic, "gone", false)),
        will_properties: delay,
        ..kept(5, "delayed")
    };
    // It comes back in time; the will of the session is the new connection's.
    drop(connected(&server, will("open/never", &[0x18, 0, 0, 14, 16])).await);
    away(&server, 1).await;
    drop(resumed(&server, will("open/second", &[0x18, 0, 0, 0, 1])).await);
    assert_eq!(common::next(&mut inside).await.0, "open/second");
    assert_eq!(server.broker.stats().parked, 1, "the session is still there");
    // The session ends before the delay does.
    drop(resumed(&server, will("open/replaced", &[0x18, 0, 0, 14, 16])).await);
    away(&server, 1).await;
    let clean = Connect { clean: true, properties: &[0x11, 0, 0, 0, 1], ..will("open/expired", &[0x18, 0, 0, 14, 16]) };
    let client = connected(&server, clean).await;
    assert_eq!(common::next(&mut inside).await.0, "open/replaced");
    drop(client);
    assert_eq!(common::next(&mut inside).await.0, "open/expired");
    away(&server, 0).await;
    // Without a session nothing waits.
    drop(connected(&server, Connect { properties: &[], ..will("open/at once", &[0x18, 0, 0, 14, 16]) }).await);
    assert_eq!(common::next(&mut inside).await.0, "open/at once");
}

#[tokio::test]
async fn the_end_of_the_broker_ends_what_it_keeps() {
    let server = Server::start().await;
    let mut client = connected(&server, kept(4, "reader")).await;
    client.subscribe_with(&[], &[("queued/+", 1)]).await;
    client.leave().await;
    away(&server, 1).await;
    let _here = connected(&server, kept(4, "other")).await;
    tokio::time::timeout(common::PATIENCE, server.broker.shutdown()).await.unwrap();
}
