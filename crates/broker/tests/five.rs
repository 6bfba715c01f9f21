//! What only version 5 has: properties, aliases, expiry, keep-alive as told, and what it makes of mistakes in them.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Connect, Raw, Server, acknowledgement, packet, publish, subscribe, until};

const PUBACK: u8 = 0x40;

/// Bytes of properties with their length.
fn properties(bytes: &[u8]) -> Vec<u8> {
    [&[bytes.len() as u8], bytes].concat()
}

async fn client(server: &Server, properties: &[u8]) -> Raw {
    let mut raw = server.raw().await;
    raw.connect(Connect { level: 5, id: "five", properties, ..Connect::default() }).await;
    raw
}

#[tokio::test]
async fn a_client_that_means_to_be_silent_for_long_is_told_how_long() {
    let server = Server::start().await;
    for (keep_alive, told) in [(0, None), (60, None), (61, Some([0x13, 0, 60])), (u16::MAX, Some([0x13, 0, 60]))] {
        let mut raw = server.raw().await;
        let properties = raw.connect(Connect { level: 5, keep_alive, ..Connect::default() }).await;
        let found = properties.windows(3).find(|three| three[0] == 0x13 && three[1] == 0);
        assert_eq!(found, told.as_ref().map(|told| &told[..]), "{keep_alive}");
    }
}

#[tokio::test]
async fn an_alias_stands_for_its_topic_on_its_connection() {
    let server = Server::start().await;
    let mut inside = server.broker.link().subscribe(&["open/#"]);
    let mut writer = client(&server, &[]).await;
    for (topic, alias, means) in [
        ("open/a", 1, "open/a"),
        ("", 1, "open/a"),
        ("open/b", 16, "open/b"),
        ("open/c", 1, "open/c"),
        ("", 1, "open/c"),
        ("", 16, "open/b"),
    ] {
        writer.send(&publish(5, 0x30, topic, 0, &[0x23, 0, alias], b"1")).await;
        assert_eq!(common::next(&mut inside).await.0, means);
    }
    // A topic that may not be published to has an alias too, and that gains it nothing.
    writer.send(&publish(5, 0x32, "quote/A", 1, &[0x23, 0, 2], b"1")).await;
    writer.expect(PUBACK, &[0, 1, 0x87]).await;
    writer.send(&publish(5, 0x32, "", 2, &[0x23, 0, 2], b"1")).await;
    writer.expect(PUBACK, &[0, 2, 0x87]).await;
    let mut again = client(&server, &[]).await;
    again.send(&publish(5, 0x30, "", 0, &[0x23, 0, 1], b"1")).await;
    again.expect(0xe0, &[0x94, 0]).await;
}

#[tokio::test]
async fn a_client_that_takes_aliases_gets_them_and_can_always_tell_the_topic() {
    let server = Server::start().await;
    let mut reader = client(&server, &[0x22, 0, 2]).await;
    assert_eq!(reader.subscribe_with(&[], &[("queued/+", 1), ("quote/+", 0)]).await, [1, 0]);
    let mut names = std::collections::HashMap::new();
    for (topic, is_named, has_alias) in [
        ("queued/a", true, true),
        ("quote/b", true, true),
        ("queued/a", false, true),
        ("quote/c", true, false),
        ("quote/b", false, true),
        ("quote/c", true, false),
    ] {
        server.publish(topic, topic.to_owned()).await;
        let got = reader.any_publish().await;
        assert_eq!((!got.topic.is_empty(), got.properties.starts_with(&[0x23])), (is_named, has_alias), "{topic}");
        let name = match (has_alias, is_named) {
            (true, true) => names.entry(got.properties).insert_entry(got.topic).get().clone(),
            (true, false) => names[&got.properties].clone(),
            _ => got.topic,
        };
        assert_eq!(name.as_bytes(), got.payload);
    }
}

#[tokio::test]
async fn a_packet_too_large_for_its_reader_teaches_no_alias_and_blocks_nothing() {
    let server = Server::start().await;
    let mut reader = client(&server, &[0x22, 0, 9, 0x27, 0, 0, 0, 60, 0x21, 0, 1]).await;
    assert_eq!(reader.subscribe_with(&[], &[("queued/+", 1)]).await, [1]);
    server.publish("queued/a", vec![b'x'; 100]).await;
    for (named, payload) in [(true, "1"), (false, "2")] {
        server.publish("queued/a", payload).await;
        let got = reader.any_publish().await;
        assert_eq!((!got.topic.is_empty(), &*got.payload), (named, payload.as_bytes()));
        reader.send(&acknowledgement(PUBACK, got.id)).await;
    }
    assert_eq!(server.broker.stats().dropped, 1);
}

#[tokio::test]
async fn a_message_is_passed_on_with_the_time_that_is_left_to_it() {
    let server = Server::start().await;
    let mut reader = server.client(4, "old").await;
    reader.subscribe(&[("open/#", 0)]).await;
    let mut writer = client(&server, &[]).await;
    writer.send(&publish(5, 0x31, "open/long", 0, &[0x02, 0, 0, 14, 16, 0x26, 0, 1, b'k', 0, 1, b'v'], b"1")).await;
    writer.send(&publish(5, 0x31, "open/short", 0, &[0x02, 0, 0, 0, 1], b"2")).await;
    writer.send(&publish(5, 0x31, "open/gone", 0, &[0x02, 0, 0, 0, 0], b"3")).await;
    // The last has no time left for anybody; version 4 knows of none.
    assert_eq!([reader.text().await.1, reader.text().await.1], ["1", "2"]);
    until(|| server.broker.stats().retained == 1).await;
    let mut late = client(&server, &[]).await;
    late.subscribe(&[("open/#", 0)]).await;
    let got = late.publish().await;
    assert_eq!((&*got.topic, got.properties[0], &got.properties[5..]), ("open/long", 0x02, &b"\x26\0\x01k\0\x01v"[..]));
    let left = u32::from_be_bytes(got.properties[1..5].try_into().unwrap());
    assert!(left > 0 && left <= 3600);
    late.silence().await;
}

#[tokio::test]
async fn what_expires_while_its_reader_is_away_is_not_sent() {
    let server = Server::start().await;
    let kept = Connect { level: 5, id: "kept", clean: false, properties: &[0x11, 0, 0, 14, 16], ..Connect::default() };
    let mut reader = server.raw().await;
    reader.connect(kept.clone()).await;
    reader.subscribe_with(&[], &[("open/+", 1)]).await;
    reader.leave().await;
    until(|| server.broker.stats().parked == 1).await;
    let mut writer = client(&server, &[]).await;
    // Retained as well, so that there is something to see it expire by.
    writer.send(&publish(5, 0x33, "open/short", 1, &[0x02, 0, 0, 0, 1], b"1")).await;
    writer.send(&publish(5, 0x32, "open/long", 2, &[0x02, 0, 0, 14, 16], b"2")).await;
    until(|| server.broker.stats().messages_in == 2).await;
    until(|| server.broker.stats().retained == 0).await;
    let mut reader = server.raw().await;
    reader.resume(kept).await;
    assert_eq!(reader.acknowledge().await, "2");
    reader.silence().await;
}

#[tokio::test]
async fn a_will_carries_its_properties_and_quality() {
    let server = Server::start().await;
    let mut reader = client(&server, &[]).await;
    reader.subscribe_with(&[], &[("open/+", 2)]).await;
    let mut dying = server.raw().await;
    let will = Connect {
        level: 5,
        will: Some(("open/gone", "will", false)),
        will_qos: 2,
        will_properties: b"\x02\0\0\x0e\x10\x01\x01\x03\0\x04text\x26\0\x01k\0\x01v",
        ..Connect::default()
    };
    dying.connect(will).await;
    drop(dying);
    let got = reader.any_publish().await;
    assert_eq!((&*got.payload, got.qos), (&b"will"[..], 2));
    assert_eq!(got.properties[0], 0x02);
    assert_eq!(&got.properties[5..], b"\x01\x01\x03\0\x04text\x26\0\x01k\0\x01v");
}

#[tokio::test]
async fn a_connect_with_properties_that_make_no_sense_is_told() {
    let server = Server::start().await;
    let cases: &[(&[u8], u8)] = &[
        (&[0x7f], 0x81),                               // unknown
        (&[0x02, 0, 0, 0, 1], 0x81),                   // of a message
        (&[0x12, 0, 1, b'x'], 0x81),                   // a server's
        (&[0x11, 0, 0, 0], 0x81),                      // cut
        (&[0x26, 0, 1, b'k'], 0x81),                   // half a pair
        (&[0x26, 0, 1, 0xff, 0, 0], 0x81),             // no UTF-8
        (&[0x11, 0, 0, 0, 1, 0x11, 0, 0, 0, 1], 0x82), // twice
        (&[0x21, 0, 0], 0x82),                         // receive maximum 0
        (&[0x27, 0, 0, 0, 0], 0x82),                   // packets of no bytes
        (&[0x17, 2], 0x82),                            // neither yes nor no
        (&[0x15, 0, 0], 0x8c),                         // another way to say who it is
    ];
    for (properties, code) in cases {
        let connect = Connect { level: 5, properties, ..Connect::default() };
        assert_eq!(server.raw().await.refused(connect).await, *code, "{properties:x?}");
    }
    let connect =
        Connect { level: 5, properties: &[0x17, 0, 0x19, 1, 0x26, 0, 0, 0, 0, 0x26, 0, 0, 0, 0], ..Connect::default() };
    server.raw().await.connect(connect).await;
    server.assert_alive().await;
}

#[tokio::test]
async fn packets_with_properties_that_make_no_sense_end_the_session() {
    let server = Server::start().await;
    let cases: &[(Vec<u8>, u8)] = &[
        (publish(5, 0x30, "open/x", 0, &[0x7f], b""), 0x81),
        (publish(5, 0x30, "open/x", 0, &[0x11, 0, 0, 0, 1], b""), 0x81),
        (publish(5, 0x30, "open/x", 0, &[0x01, 2], b""), 0x81),
        (publish(5, 0x30, "open/x", 0, &[0x01, 1, 0x01, 1], b""), 0x82),
        (publish(5, 0x30, "open/x", 0, &[0x08, 0, 1, b'#'], b""), 0x82),
        (publish(5, 0x38, "open/x", 0, &[], b""), 0x81), // sent again, with QoS 0
        (subscribe(5, 1, &[0x23, 0, 1], &[("a", 0)]), 0x81),
        (subscribe(5, 1, &[], &[("$share/g/a", 4)]), 0x82), // shared, and not one's own
        (subscribe(5, 1, &[], &[("a", 3)]), 0x81),
        (subscribe(5, 1, &[], &[("a", 0x40)]), 0x81),
        (packet(PUBACK, &[0, 1, 0, 1, 0x01]), 0x81),
        (packet(PUBACK, &[0, 1, 0, 0, 0]), 0x81), // more than there is
        (packet(0xa2, &[&[0, 1][..], &properties(&[0x0b, 1]), &[0, 1, b'a']].concat()), 0x81),
        (packet(0xe0, &[0, 2, 0x02, 1]), 0x81),
        (packet(0xf0, &[0, 0]), 0x82), // AUTH, of which nothing was said
    ];
    for (bytes, code) in cases {
        let mut client = client(&server, &[]).await;
        client.send(bytes).await;
        client.expect(0xe0, &[*code, 0]).await;
        client.end().await;
    }
    server.assert_alive().await;
}
