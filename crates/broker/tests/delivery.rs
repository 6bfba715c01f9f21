//! What readers get: retained and live, conflated and queued, by right, by option, by turn.
#![allow(clippy::unwrap_used)]

mod common;

use broker::{Config, Error};
use common::{Connect, Server, next, publish, until};
use std::collections::{BTreeMap, HashSet};

const NO_LOCAL: u8 = 0x04;
const KEEP_RETAIN: u8 = 0x08;
const IF_NEW: u8 = 0x10;
const NEVER: u8 = 0x20;

#[tokio::test]
async fn a_subscriber_gets_what_is_retained_and_then_what_is_live() {
    let server = Server::start().await;
    server.retain("quote/AAPL", "1").await;
    server.retain("other/AAPL", "2").await;
    until(|| server.broker.stats().retained == 2).await;
    let mut inside = server.broker.link().subscribe(&["quote/+"]);
    assert_eq!(next(&mut inside).await, ("quote/AAPL".into(), "1".into(), true));
    for level in [4, 5] {
        let mut client = server.client(level, "reader").await;
        client.subscribe(&[("quote/+", 0)]).await;
        let stored = client.publish().await;
        assert_eq!((&*stored.topic, &*stored.payload, stored.retain), ("quote/AAPL", &b"1"[..], true));
        server.retain("quote/MSFT", "3").await;
        let live = client.publish().await;
        assert_eq!((&*live.topic, &*live.payload, live.retain), ("quote/MSFT", &b"3"[..], false));
        assert_eq!(next(&mut inside).await, ("quote/MSFT".into(), "3".into(), false));
        server.retain("quote/MSFT", "").await;
        assert_eq!(client.publish().await.payload, b"");
        assert_eq!(next(&mut inside).await, ("quote/MSFT".into(), String::new(), false));
    }
    assert_eq!(server.broker.stats().retained, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_of_twenty_thousand_retained_values_come() {
    const TOPICS: usize = 20_000;
    let server = Server::start().await;
    for family in ["quote", "queued"] {
        for n in 0..TOPICS {
            server.retain(&format!("{family}/T{n}"), n.to_string()).await;
        }
    }
    until(|| server.broker.stats().retained == 2 * TOPICS).await;
    for (level, filter) in [(4, "quote/+"), (5, "queued/#")] {
        let mut client = server.client(level, "reader").await;
        client.subscribe(&[(filter, 0)]).await;
        let mut seen = HashSet::new();
        for _ in 0..TOPICS {
            let publish = client.publish().await;
            assert!(publish.retain && publish.topic.ends_with(std::str::from_utf8(&publish.payload).unwrap()));
            assert!(seen.insert(publish.topic));
        }
        server.publish(&filter.replace(['+', '#'], "end"), "end").await;
        assert_eq!(client.publish().await.payload, b"end");
    }
    let mut inside = server.broker.link().subscribe(&["#"]);
    for _ in 0..2 * TOPICS {
        assert!(next(&mut inside).await.2);
    }
    assert_eq!(server.broker.stats().dropped, 0);
}

#[tokio::test]
async fn retained_values_are_bounded() {
    let server = Server::with(Config { max_retained: 2, ..Config::default() }).await;
    for topic in ["a/1", "a/2", "a/3"] {
        server.retain(topic, "x").await;
    }
    until(|| server.broker.stats().unretained == 1).await;
    assert_eq!(server.broker.stats().retained, 2);
}

#[tokio::test]
async fn subscribing_again_sends_what_is_retained_again() {
    let server = Server::start().await;
    server.retain("queued/a", "1").await;
    let mut client = server.client(4, "reader").await;
    for _ in 0..3 {
        client.subscribe(&[("queued/+", 0)]).await;
        assert_eq!(client.text().await, ("queued/a".into(), "1".into()));
    }
    server.publish("queued/b", "2").await;
    assert_eq!(client.text().await.0, "queued/b", "once, though subscribed three times");
    server.publish("queued/c", "3").await;
    assert_eq!(client.text().await.0, "queued/c");
}

#[tokio::test]
async fn overlapping_filters_deliver_once() {
    let server = Server::start().await;
    let mut client = server.client(5, "reader").await;
    client.subscribe_with(&[0x0b, 7], &[("a/+", 0)]).await;
    client.subscribe_with(&[0x0b, 0x80, 1], &[("a/#", 0), ("+/b", 0)]).await;
    client.subscribe(&[("a/b", 0)]).await;
    server.publish("a/b", "1").await;
    let got = client.publish().await;
    let mut ids: Vec<&[u8]> = got.properties.split(|byte| *byte == 0x0b).skip(1).collect();
    ids.sort_unstable();
    assert_eq!(ids, [&[7][..], &[0x80, 1], &[0x80, 1]]);
    server.publish("end", "").await;
    server.publish("a/b", "2").await;
    assert_eq!(client.publish().await.payload, b"2");
}

#[tokio::test]
async fn any_filter_is_granted_and_delivers_what_may_be_read() {
    let server = Server::start().await;
    for topic in ["secret/x", "user/me/x", "user/you/x", "panic/x", "quote/x"] {
        server.retain(topic, topic.to_owned()).await;
    }
    let mut anybody = server.client(4, "anybody").await;
    anybody.subscribe(&[("#", 0), ("secret/x", 0), ("user/me/x", 0), ("panic/x", 0)]).await;
    assert_eq!(anybody.text().await.0, "quote/x");
    let mut me = server.raw().await;
    me.connect(Connect { login: Some(("me", "pw")), ..Connect::default() }).await;
    me.subscribe(&[("#", 0)]).await;
    assert_eq!([me.text().await.0, me.text().await.0], ["quote/x", "user/me/x"]);
    let mut service = server.raw().await;
    service.connect(Connect { login: Some(("service", "pw")), ..Connect::default() }).await;
    service.subscribe(&[("#", 0)]).await;
    for _ in 0..5 {
        service.publish().await;
    }
    for topic in ["secret/y", "user/me/y", "user/you/y", "panic/y", "quote/y"] {
        server.publish(topic, "live").await;
    }
    assert_eq!(anybody.text().await.0, "quote/y");
    assert_eq!([me.text().await.0, me.text().await.0], ["user/me/y", "quote/y"]);
    for _ in 0..5 {
        service.publish().await;
    }
}

#[tokio::test]
async fn publishes_are_acknowledged_and_only_those_that_may_be_arrive() {
    let server = Server::start().await;
    let mut inside = server.broker.link().subscribe(&["#"]);
    for (level, reason) in [(4, vec![]), (5, vec![0x87])] {
        let mut client = server.client(level, "writer").await;
        client.send(&publish(level, 0x30, "open/0", 0, &[], b"qos 0")).await;
        client.send(&publish(level, 0x33, "open/1", 7, &[], b"qos 1")).await;
        client.expect(0x40, &[0, 7]).await;
        for dup in [0, 8] {
            client.send(&publish(level, 0x34 | dup, "open/2", 8, &[], b"qos 2")).await;
            client.expect(0x50, &[0, 8]).await;
        }
        client.send(&[0x62, 2, 0, 8]).await;
        client.expect(0x70, &[0, 8]).await;
        client.send(&publish(level, 0x30, "quote/X", 0, &[], b"fake")).await;
        client.send(&publish(level, 0x33, "quote/X", 9, &[], b"fake")).await;
        client.expect(0x40, &[&[0, 9], &reason[..]].concat()).await;
        client.send(&publish(level, 0x35, "quote/X", 10, &[], b"fake")).await;
        client.expect(0x50, &[&[0, 10], &reason[..]].concat()).await;
        if level == 5 {
            client.send(&[0x62, 2, 0, 10]).await;
            client.expect(0x70, &[0, 10, 0x92]).await;
        }
        for n in 0..3 {
            assert_eq!(next(&mut inside).await, (format!("open/{n}"), format!("qos {n}"), false));
        }
        client.send(&[0xe0, 0]).await;
        client.end().await;
    }
    server.publish("end", "").await;
    assert_eq!(next(&mut inside).await.0, "end");
    let stats = server.broker.stats();
    assert_eq!((stats.refused_publishes, stats.retained), (6, 1), "{stats:?}");
}

#[tokio::test]
async fn a_service_publishes_like_a_link() {
    let server = Server::start().await;
    let mut service = server.raw().await;
    service.connect(Connect { login: Some(("service", "pw")), ..Connect::default() }).await;
    service.send(&publish(4, 0x33, "quote/A", 1, &[], b"1")).await;
    service.expect(0x40, &[0, 1]).await;
    until(|| server.broker.stats().retained == 1).await;
    let mut late = server.broker.link().subscribe(&["quote/A"]);
    assert_eq!(next(&mut late).await, ("quote/A".into(), "1".into(), true));
}

#[tokio::test]
async fn subscribe_options_of_version_5() {
    let server = Server::start().await;
    let mut client = server.client(5, "both").await;
    client.subscribe(&[("open/not-mine", NO_LOCAL), ("open/kept", KEEP_RETAIN), ("open/plain", 0)]).await;
    client.send(&publish(5, 0x30, "open/not-mine", 0, &[], b"own")).await;
    client.send(&publish(5, 0x31, "open/kept", 0, &[], b"kept")).await;
    client.send(&publish(5, 0x31, "open/plain", 0, &[], b"plain")).await;
    let (kept, plain) = (client.publish().await, client.publish().await);
    assert_eq!((&*kept.topic, kept.retain), ("open/kept", true));
    assert_eq!((&*plain.topic, plain.retain), ("open/plain", false));
    server.publish("open/not-mine", "another's").await;
    assert_eq!(client.publish().await.payload, b"another's");

    let mut picky = server.client(5, "picky").await;
    picky.subscribe(&[("open/kept", NEVER), ("open/plain", IF_NEW)]).await;
    assert_eq!(picky.publish().await.topic, "open/plain");
    picky.subscribe(&[("open/plain", IF_NEW), ("open/kept", 0)]).await;
    assert_eq!(picky.publish().await.topic, "open/kept");
    picky.send(&common::subscribe(5, 9, &[], &[("open/x", 0x30)])).await;
    picky.expect(0xe0, &[0x82, 0]).await;
}

#[tokio::test]
async fn properties_travel_to_readers_of_version_5() {
    let server = Server::start().await;
    let (mut v5, mut v4) = (server.client(5, "five").await, server.client(4, "four").await);
    v5.subscribe(&[("open/+", 0)]).await;
    v4.subscribe(&[("open/+", 0)]).await;
    let properties = b"\x01\x01\x03\0\x04json\x08\0\x01r\x09\0\x02\x01\x02\x26\0\x01k\0\x01v";
    v5.send(&publish(5, 0x30, "open/x", 0, properties, b"1")).await;
    assert_eq!(v5.publish().await.properties, properties);
    assert_eq!(v4.text().await, ("open/x".into(), "1".into()));
}

#[tokio::test]
async fn a_shared_subscription_takes_turns() {
    let server = Server::start().await;
    server.retain("quote/A", "stored").await;
    until(|| server.broker.stats().retained == 1).await;
    let (mut one, mut two, mut all) =
        (server.client(5, "one").await, server.client(4, "two").await, server.client(4, "all").await);
    one.subscribe(&[("$share/g/queued/+", 0), ("$share/g/quote/A", 0)]).await;
    two.subscribe(&[("$share/g/queued/+", 0)]).await;
    all.subscribe(&[("queued/+", 0)]).await;
    for n in 0..10 {
        server.publish("queued/x", n.to_string()).await;
    }
    for n in 0..10 {
        let reader = if n % 2 == 0 { &mut one } else { &mut two };
        assert_eq!(reader.text().await.1, n.to_string(), "nothing stored, every second one");
        assert_eq!(all.text().await.1, n.to_string());
    }
    two.send(&[0xe0, 0]).await;
    two.end().await;
    until(|| server.broker.stats().subscriptions == 3).await;
    server.publish("queued/x", "left").await;
    assert_eq!(one.text().await.1, "left");
    assert_eq!(server.broker.followed().borrow().get("quote/A").unwrap().sessions, 1);
}

#[tokio::test]
async fn invalid_and_too_many_filters_are_refused_one_by_one() {
    let server = Server::with(Config { max_filters: 2, ..Config::default() }).await;
    let filters = [("a#", 0), ("a", 1), ("$share/g", 0), ("b", 2), ("c", 0), ("a", 0)];
    let mut v4 = server.client(4, "four").await;
    assert_eq!(v4.subscribe_with(&[], &filters).await, [0x80, 1, 0x80, 2, 0x80, 0]);
    let mut v5 = server.client(5, "five").await;
    assert_eq!(v5.subscribe_with(&[], &filters).await, [0x8f, 1, 0x8f, 2, 0x97, 0]);
    v5.send(&[0xa2, 9, 0, 7, 0, 0, 1, b'a', 0, 1, b'x']).await;
    v5.expect(0xb0, &[0, 7, 0, 0, 0x11]).await;
    v4.send(&[0xa2, 8, 0, 7, 0, 1, b'a', 0, 1, b'x']).await;
    v4.expect(0xb0, &[0, 7]).await;
    assert_eq!(v5.subscribe_with(&[], &[("d", 0)]).await, [0], "there is room again");
}

#[tokio::test]
async fn wills_are_published_if_they_may_be() {
    let server = Server::start().await;
    let mut inside = server.broker.link().subscribe(&["#"]);
    for (topic, level) in [("open/gone", 4), ("quote/gone", 4), ("é/x", 4), ("open/gone", 5)] {
        let mut client = server.raw().await;
        client.connect(Connect { level, will: Some((topic, "will", true)), ..Connect::default() }).await;
        drop(client);
    }
    let mut polite = server.raw().await;
    polite.connect(Connect { will: Some(("open/polite", "no will", true)), ..Connect::default() }).await;
    polite.send(&[0xe0, 0]).await;
    polite.end().await;
    let mut with_will = server.raw().await;
    with_will.connect(Connect { level: 5, will: Some(("open/said", "will", true)), ..Connect::default() }).await;
    with_will.send(&[0xe0, 1, 4]).await;
    with_will.end().await;
    let mut topics = vec![];
    for _ in 0..3 {
        topics.push(next(&mut inside).await.0);
    }
    topics.sort();
    assert_eq!(topics, ["open/gone", "open/gone", "open/said"]);
    until(|| server.broker.stats().sessions == 0).await;
    server.publish("end", "").await;
    assert_eq!(next(&mut inside).await.0, "end");
}

#[tokio::test]
async fn the_largest_packet_of_a_reader_is_respected() {
    let server = Server::start().await;
    let mut small = server.raw().await;
    small.connect(Connect { level: 5, properties: &[0x27, 0, 0, 0, 50], ..Connect::default() }).await;
    small.subscribe(&[("queued/+", 0)]).await;
    server.publish("queued/big", vec![b'x'; 100]).await;
    server.publish("queued/small", "1").await;
    assert_eq!(small.text().await.0, "queued/small");
    assert_eq!(server.broker.stats().dropped, 1);
}

#[tokio::test]
async fn what_a_link_publishes_is_not_held_to_the_limit_of_clients() {
    // More than the window of the router, and more than one segment of its log.
    const HUGE: usize = 5 * 1024 * 1024;
    let server = Server::start().await;
    let mut inside = server.broker.link().subscribe(&["queued/+"]);
    server.retain("queued/before", "1").await;
    server.retain("queued/huge", vec![b'x'; HUGE]).await;
    server.retain("queued/last", "2").await;
    let mut got = BTreeMap::new();
    while got.len() < 3 {
        let (topic, payload, _) = next(&mut inside).await;
        got.insert(topic, payload.len());
    }
    assert_eq!(got.into_values().collect::<Vec<_>>(), [1, HUGE, 1]);
    for level in [4, 5] {
        let mut client = server.client(level, "reader").await;
        client.subscribe(&[("queued/huge", 0)]).await;
        assert_eq!(client.publish().await.payload.len(), HUGE);
    }
    let stats = server.broker.stats();
    assert_eq!((stats.dropped, stats.router_rebuilds), (0, 0));
}

#[tokio::test]
async fn a_link_publishes_to_what_is_a_topic() {
    let server = Server::start().await;
    let link = server.broker.link();
    for topic in ["", "a/+", "#", "$SYS/x", "a\0"] {
        assert!(matches!(link.publish(topic, "x".into(), true).await, Err(Error::Topic { .. })), "{topic}");
    }
    let mut inside = link.subscribe(&["a#", "a"]);
    link.publish("a", "1".into(), false).await.unwrap();
    assert_eq!(next(&mut inside).await.1, "1", "an invalid filter is left out");
    assert!(inside.try_recv().is_none());
    drop(inside);
    until(|| server.broker.stats().subscriptions == 0).await;
}

#[tokio::test]
async fn a_new_value_is_never_overtaken_by_a_stored_one() {
    let server = Server::start().await;
    let link = server.broker.link();
    let writer = tokio::spawn(async move {
        for n in 1..=5_000 {
            link.publish("quote/A", n.to_string().into(), true).await.unwrap();
        }
    });
    let mut client = server.client(4, "reader").await;
    let mut last = 0;
    while last < 5_000 {
        client.send(&common::subscribe(4, 1, &[], &[("quote/A", 0)])).await;
        let mut read = false;
        while !read || last == 0 && !writer.is_finished() {
            let Some(got) = client.recv().await else { panic!("the end") };
            read |= got.first == 0x90;
            if got.first & 0xf0 == 0x30 {
                let value = std::str::from_utf8(&got.body[9..]).unwrap().parse().unwrap();
                assert!(value >= last, "{value} after {last}");
                last = value;
            }
        }
    }
    writer.await.unwrap();
}
