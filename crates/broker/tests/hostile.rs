//! Clients that break the rules: their session ends, and nobody else notices.
#![allow(clippy::unwrap_used)]

mod common;

use broker::Config;
use common::{Connect, Raw, Server, packet, publish, subscribe, until};
use proptest::prelude::*;
use proptest::test_runner::{Config as Cases, RngAlgorithm, TestRng, TestRunner};

/// Sends bytes as a client that was let in; the code of the DISCONNECT, in version 5.
async fn ends(server: &Server, level: u8, bytes: &[u8]) -> Option<u8> {
    let mut client = server.client(level, "home/hostile").await;
    client.try_send(bytes).await;
    let mut code = None;
    while let Some(got) = client.recv().await {
        assert_eq!(got.first, 0xe0, "{got:?} after {bytes:?}");
        code = Some(got.body[0]);
    }
    code
}

#[tokio::test]
async fn the_same_odd_client_id_twice() {
    let server = Server::start().await;
    for id in ["home/laptop", "a+b", "#", "$x", "é/ü", &"x".repeat(4_000)] {
        for level in [4, 5, 4] {
            server.client(level, id).await;
        }
    }
    server.assert_alive().await;
}

#[tokio::test]
async fn a_topic_that_begins_beyond_ascii() {
    let server = Server::start().await;
    let mut reader = server.client(4, "reader").await;
    reader.subscribe(&[("#", 0), ("é/x", 0), ("é/#", 0)]).await;
    let (mut all, mut expected) = (Vec::new(), 0);
    for (login, level) in [(None, 4), (None, 5), (Some(("service", "pw")), 4), (Some(("service", "pw")), 5)] {
        let mut client = server.raw().await;
        client.connect(Connect { level, login, will: Some(("é/x", "will", true)), ..Connect::default() }).await;
        client.send(&publish(level, 0x33, "é/x", 1, &[], b"1")).await;
        client.expect(0x40, if level == 5 && login.is_none() { &[0, 1, 0x87] } else { &[0, 1] }).await;
        client.send(&publish(level, 0x33, "$SYS/x", 2, &[], b"1")).await;
        client.expect(0x40, if level == 5 { &[0, 2, 0x90] } else { &[0, 2] }).await;
        drop(client);
        expected += if login.is_some() { 2 } else { 0 };
        while all.len() < expected {
            all.push(reader.text().await);
        }
    }
    assert!(all.iter().all(|(topic, _)| topic == "é/x"));
    server.publish("end", "").await;
    assert_eq!(reader.text().await.0, "end");
    assert_eq!(server.broker.stats().router_rebuilds, 0);
}

#[tokio::test]
async fn packets_that_only_a_server_may_send() {
    let server = Server::start().await;
    for level in [4, 5] {
        for first in [0x20, 0x90, 0xb0, 0xd0, 0xf0, 0x00] {
            let code = ends(&server, level, &packet(first, &[0, 0, 0, 0])).await;
            assert_eq!(code, (level == 5).then_some(0x82), "{first:x}");
        }
    }
    server.assert_alive().await;
}

#[tokio::test]
async fn packets_that_make_no_sense() {
    let server = Server::start().await;
    let cases: &[(&[u8], u8)] = &[
        (&[0x30, 0xff, 0xff, 0xff, 0xff, 1], 0x81),        // a length of five bytes
        (&[0x82, 0xff, 0xff, 0xff, 0x7f], 0x95),           // 256 MB announced
        (&publish(5, 0x36, "open/x", 1, &[], b""), 0x81),  // QoS 3
        (&publish(5, 0x32, "open/x", 0, &[], b""), 0x81),  // packet id 0
        (&publish(5, 0x30, "open/+", 0, &[], b""), 0x90),  // a wildcard
        (&publish(5, 0x30, "open/\0", 0, &[], b""), 0x81), // NUL
        (&publish(5, 0x30, "", 0, &[], b""), 0x82),        // no topic
        (&publish(5, 0x30, "open/x", 0, &[0x23, 0, 0], b""), 0x94), // a topic alias of 0
        (&publish(5, 0x30, "open/x", 0, &[0x23, 0, 17], b""), 0x94), // one beyond what was told
        (&publish(5, 0x30, "", 0, &[0x23, 0, 1], b""), 0x94), // one that means nothing
        (&publish(5, 0x30, "open/x", 0, &[0x0b, 1], b""), 0x82), // a subscription identifier
        (&[0x30, 5, 0, 2, 0xc3, 0x28, 0], 0x81),           // a topic that is no UTF-8
        (&[0x30, 3, 0, 9, b'x'], 0x81),                    // a topic beyond its packet
        (&[0x30, 4, 0, 1, b'x', 0xff], 0x81),              // properties beyond their packet
        (&[0x80, 0], 0x81),                                // a SUBSCRIBE without its flags
        (&packet(0x82, &[0, 1, 0]), 0x82),                 // no filter
        (&subscribe(5, 0, &[], &[("a", 0)]), 0x81),        // packet id 0
        (&subscribe(5, 1, &[0x0b, 0], &[("a", 0)]), 0x82), // subscription identifier 0
        (&packet(0xa2, &[0, 1, 0]), 0x82),                 // no filter
        (&packet(0x62, &[0, 0]), 0x81),                    // packet id 0
        (&[0xc1, 0], 0x81),                                // a PINGREQ with flags
        (&Connect { level: 5, ..Connect::default() }.encode(), 0x82), // a second CONNECT
    ];
    for (bytes, expected) in cases {
        assert_eq!(ends(&server, 5, bytes).await, Some(*expected), "{bytes:x?}");
    }
    for bytes in
        [&[0x30, 0xff, 0xff, 0xff, 0xff, 1][..], &publish(4, 0x36, "open/x", 1, &[], b""), &[0x62, 1, 0], &[0xa2, 1, 0]]
    {
        assert_eq!(ends(&server, 4, bytes).await, None);
    }
    server.assert_alive().await;
}

#[tokio::test]
async fn a_flood_of_refused_publishes_ends_the_session() {
    let server = Server::with(Config { max_dropped_publishes: 10, ..Config::default() }).await;
    let mut client = server.client(5, "flood").await;
    for _ in 0..20 {
        client.try_send(&publish(5, 0x30, "quote/fake", 0, &[], b"1")).await;
    }
    client.expect(0xe0, &[0x96, 0]).await;
    client.end().await;
    assert_eq!(server.broker.stats().refused_publishes, 11);
    assert_eq!(server.broker.stats().retained, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retained_values_on_a_hundred_thousand_topics_are_bounded() {
    let server = Server::with(Config { max_retained_bytes: 1 << 20, ..Config::default() }).await;
    let mut flood = server.client(4, "flood").await;
    for some in (0..100_000).collect::<Vec<_>>().chunks(1_000) {
        let bytes: Vec<u8> = some.iter().flat_map(|n| publish(4, 0x31, &format!("open/{n}"), 0, &[], b"x")).collect();
        flood.send(&bytes).await;
    }
    until(|| server.broker.stats().messages_in == 100_000).await;
    let stats = server.broker.stats();
    assert!(stats.unretained > 0 && stats.retained as u64 + stats.unretained == 100_000, "{stats:?}");
    server.assert_alive().await;
    // There is room again for whoever clears.
    flood.send(&publish(4, 0x31, "open/0", 0, &[], b"")).await;
    until(|| server.broker.stats().retained < stats.retained).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_wills() {
    let server = Server::start().await;
    let mut reader = server.client(4, "reader").await;
    reader.subscribe(&[("open/+", 0), ("quote/+", 0)]).await;
    let mut crowd = Vec::new();
    for n in 0..400 {
        let mut raw = server.raw().await;
        // Every fourth on a topic that is not its to publish on.
        let topic = if n % 4 == 0 { format!("quote/{n}") } else { format!("open/{n}") };
        let (id, will) = (format!("client {n}"), Some((&*topic, "gone", true)));
        raw.connect(Connect { id: &id, will, ..Connect::default() }).await;
        crowd.push(raw);
    }
    drop(crowd);
    for _ in 0..300 {
        assert!(reader.text().await.0.starts_with("open/"));
    }
    server.assert_alive().await;
    until(|| server.broker.stats().sessions == 1).await;
    assert_eq!(server.broker.stats().retained, 300);
    reader.silence().await;
}

#[tokio::test]
async fn publishes_that_are_never_released_are_bounded() {
    let server = Server::start().await;
    let mut client = server.client(5, "hoarder").await;
    for id in 1..=1_024 {
        client.send(&publish(5, 0x34, "open/x", id, &[], b"")).await;
        client.expect(0x50, &id.to_be_bytes()).await;
    }
    client.send(&publish(5, 0x34, "open/x", 2_000, &[], b"")).await;
    client.expect(0xe0, &[0x93, 0]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_by_the_thousand_keep_nobody_waiting() {
    let server = Server::start().await;
    for n in 0..5_000 {
        server.retain(&format!("quote/T{n}"), "1").await;
    }
    let mut many = server.client(5, "many").await;
    let filters: Vec<String> = (0..1_200).map(|n| format!("{}+/{n}/#", "+/".repeat(n % 40))).collect();
    for round in 0..3 {
        for (n, some) in filters.chunks(400).enumerate() {
            let filters: Vec<(&str, u8)> = some.iter().map(|filter| (&**filter, 0)).collect();
            let codes = many.subscribe_with(&[], &filters).await;
            assert_eq!(codes.into_iter().filter(|code| *code == 0).count(), if n < 2 { 400 } else { 200 }, "{round}");
        }
        server.assert_alive().await;
    }
    let deep = "a/".repeat(20_000);
    assert_eq!(many.subscribe_with(&[], &[(&deep, 0)]).await, [0x8f]);
    drop(many);
    server.assert_alive().await;
}

/// A CONNECT, packets that may follow it, all of them right, to be made wrong.
fn corpus(level: u8) -> Vec<Vec<u8>> {
    let if_five = |properties: &'static [u8]| if level == 5 { properties } else { &[] };
    let connect = Connect {
        level,
        id: "fuzz",
        clean: false,
        will: Some(("open/w", "x", true)),
        will_qos: 1,
        properties: if_five(&[0x11, 0, 0, 0, 9, 0x21, 0, 3, 0x22, 0, 5, 0x27, 0, 0, 1, 0, 0x17, 1, 0x26, 0, 0, 0, 0]),
        will_properties: if_five(&[0x18, 0, 0, 0, 1, 0x02, 0, 0, 0, 9, 0x01, 1]),
        ..Connect::default()
    };
    let all = if_five(b"\x01\x01\x02\0\0\0\x09\x03\0\x01t\x08\0\x01r\x09\0\x01c\x23\0\x01\x26\0\x01k\0\x01v");
    let reasoned = |first| packet(first, if level == 5 { &[0, 1, 0, 4, 0x1f, 0, 1, b'r'] } else { &[0, 1] });
    vec![
        connect.encode(),
        Connect { level, id: "fuzz", login: Some(("me", "pw")), ..Connect::default() }.encode(),
        publish(level, 0x31, "open/x", 0, all, b"payload"),
        publish(level, 0x32, "open/é", 1, &[], b"payload"),
        publish(level, 0x34, "open/x", 2, &[], b""),
        publish(level, 0x3d, "open/x", 2, all, b"again"),
        packet(0x62, &[0, 2]),
        subscribe(level, 3, if_five(&[0x0b, 9]), &[("open/#", 0), ("+/x", 1), ("$share/g/#", 2), ("quote/+", 2)]),
        packet(0xa2, if level == 5 { &[0, 4, 0, 0, 1, b'x'] } else { &[0, 4, 0, 1, b'x'] }),
        packet(0x40, &[0, 1]),
        reasoned(0x40),
        reasoned(0x50),
        reasoned(0x62),
        reasoned(0x70),
        packet(0xc0, &[]),
        packet(0xe0, if_five(&[0, 5, 0x11, 0, 0, 0, 9])),
    ]
}

#[derive(Debug, Clone)]
enum Mutation {
    Set(prop::sample::Index, u8),
    Flip(prop::sample::Index, u8),
    Remove(prop::sample::Index),
    Insert(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Double(prop::sample::Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Mutation::Set(at, byte)),
        (at(), 0..8_u8).prop_map(|(at, bit)| Mutation::Flip(at, bit)),
        at().prop_map(Mutation::Remove),
        (at(), any::<u8>()).prop_map(|(at, byte)| Mutation::Insert(at, byte)),
        at().prop_map(Mutation::Cut),
        at().prop_map(Mutation::Double),
    ]
}

fn mutate(bytes: &mut Vec<u8>, mutation: &Mutation) {
    if bytes.is_empty() {
        return;
    }
    match mutation {
        Mutation::Set(at, byte) => *at.get_mut(bytes) = *byte,
        Mutation::Flip(at, bit) => *at.get_mut(bytes) ^= 1 << bit,
        Mutation::Remove(at) => drop(bytes.remove(at.index(bytes.len()))),
        Mutation::Insert(at, byte) => bytes.insert(at.index(bytes.len()), *byte),
        Mutation::Cut(at) => bytes.truncate(at.index(bytes.len())),
        Mutation::Double(at) => {
            let tail = bytes[at.index(bytes.len())..].to_vec();
            bytes.extend(tail);
        }
    }
}

/// Streams of packets, some of them made wrong, sometimes the CONNECT too.
fn streams() -> impl Strategy<Value = (u8, Vec<u8>)> {
    let level = prop_oneof![Just(4_u8), Just(5)];
    let packets = prop::collection::vec((any::<prop::sample::Index>(), prop::collection::vec(mutation(), 0..3)), 1..5);
    (level, prop::collection::vec(mutation(), 0..2), prop::bool::weighted(0.3), packets).prop_map(
        |(level, first, mutate_connect, packets)| {
            let corpus = corpus(level);
            let mut stream = corpus[0].clone();
            if mutate_connect {
                for mutation in &first {
                    mutate(&mut stream, mutation);
                }
            }
            for (which, mutations) in packets {
                let mut packet = which.get(&corpus).clone();
                for mutation in &mutations {
                    mutate(&mut packet, mutation);
                }
                stream.extend(packet);
            }
            (level, stream)
        },
    )
}

/// Says it all, and that there is no more to come; reads to the end.
async fn say(server: &Server, bytes: &[u8]) {
    use tokio::io::AsyncWriteExt;
    let mut raw: Raw = server.raw().await;
    raw.try_send(bytes).await;
    raw.stream.shutdown().await.ok();
    while raw.recv().await.is_some() {}
}

#[test]
fn no_stream_of_bytes_harms_another_client() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let server = runtime.block_on(Server::start());
    let canary = runtime.block_on(async {
        let mut canary = server.client(5, "canary").await;
        canary.subscribe(&[("canary", 0)]).await;
        std::sync::Arc::new(tokio::sync::Mutex::new(canary))
    });
    // The same ones each time. STREAMS=100000 takes a minute and a half.
    let cases = std::env::var("STREAMS").ok().and_then(|number| number.parse().ok()).unwrap_or(1_500);
    let cases = Cases { cases, failure_persistence: None, ..Cases::default() };
    let mut number = 0_u32;
    let number = std::cell::RefCell::new(&mut number);
    TestRunner::new_with_rng(cases, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
        .run(&streams(), |(_, stream)| {
            runtime.block_on(async {
                say(&server, &stream).await;
                **number.borrow_mut() += 1;
                let number = number.borrow().to_string();
                server.publish("canary", number.clone()).await;
                let got = canary.lock().await.text().await;
                prop_assert_eq!(got.1, number);
                Ok(())
            })
        })
        .unwrap();
    assert_eq!(server.broker.stats().router_rebuilds, 0);
    runtime.block_on(until(|| server.broker.stats().sessions == 1));
}
