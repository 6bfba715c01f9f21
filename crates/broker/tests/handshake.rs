//! Coming in: versions, client ids, logins, places, take-over, keep-alive.
#![allow(clippy::unwrap_used)]

mod common;

use broker::Config;
use common::{Connect, PATIENCE, Server, next, until};
use std::time::Duration;

#[tokio::test]
async fn both_versions_come_in_on_one_port() {
    let server = Server::start().await;
    let mut v4 = server.raw().await;
    assert!(v4.connect(Connect::default()).await.is_empty());
    let mut v5 = server.raw().await;
    let properties = v5.connect(Connect { level: 5, id: "five", ..Connect::default() }).await;
    // Receive Maximum, Maximum Packet Size, Topic Alias Maximum. No Maximum QoS.
    assert_eq!(properties, [11, 0x21, 4, 0, 0x27, 0, 1, 0, 0, 0x22, 0, 16]);
    assert_eq!(server.broker.stats().sessions, 2);
}

#[tokio::test]
async fn other_versions_are_told() {
    let server = Server::start().await;
    for (level, code) in [(3, 1), (0x84, 1), (6, 0x84)] {
        let mut raw = server.raw().await;
        assert_eq!(raw.refused(Connect { level, ..Connect::default() }).await, code, "level {level}");
    }
}

#[tokio::test]
async fn what_is_no_mqtt_is_closed() {
    let server = Server::start().await;
    for bytes in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        &[0xc0, 0],
        &[0x10, 0xff, 0xff, 0xff, 0xff],
        &[0x10, 9, 0, 4, b'M', b'Q', b'T', b'X'],
    ] {
        let mut raw = server.raw().await;
        raw.try_send(bytes).await;
        raw.end().await;
    }
    server.assert_alive().await;
}

#[tokio::test]
async fn a_connect_that_makes_no_sense_is_answered_in_version_5() {
    let server = Server::start().await;
    let mut broken = Connect { level: 5, ..Connect::default() }.encode();
    broken[9] |= 1; // the reserved flag
    let mut raw = server.raw().await;
    raw.send(&broken).await;
    raw.expect(0x20, &[0, 0x81, 0]).await;
    raw.end().await;

    broken = Connect::default().encode();
    broken[9] |= 1;
    let mut raw = server.raw().await;
    raw.send(&broken).await;
    raw.end().await;

    let long = "x".repeat(9_000);
    let mut raw = server.raw().await;
    assert_eq!(raw.refused(Connect { level: 5, id: &long, ..Connect::default() }).await, 0x95);

    let mut raw = server.raw().await;
    let method = [0x15, 0, 1, b'x'];
    assert_eq!(raw.refused(Connect { level: 5, properties: &method, ..Connect::default() }).await, 0x8c);
}

#[tokio::test]
async fn a_connect_may_come_byte_by_byte_and_with_what_follows() {
    let server = Server::start().await;
    let mut raw = server.raw().await;
    let mut bytes = Connect::default().encode();
    bytes.extend([0xc0, 0]);
    for byte in bytes {
        raw.send(&[byte]).await;
    }
    raw.expect(0x20, &[0, 0]).await;
    raw.expect(0xd0, &[]).await;
}

#[tokio::test]
async fn logins() {
    let server = Server::start().await;
    for (login, v4, v5) in [
        (("me", "wrong"), 4, 0x86),
        (("banned", "pw"), 5, 0x87),
        (("panic", "pw"), 5, 0x87),
        (("panic later", "pw"), 5, 0x87),
        (("hasty", "pw"), 3, 0x89),
    ] {
        let connect = Connect { login: Some(login), ..Connect::default() };
        assert_eq!(server.raw().await.refused(connect.clone()).await, v4, "{login:?}");
        assert_eq!(server.raw().await.refused(Connect { level: 5, ..connect }).await, v5, "{login:?}");
    }
    server.raw().await.connect(Connect { login: Some(("me", "pw")), ..Connect::default() }).await;
}

#[tokio::test]
async fn an_empty_client_id_is_assigned() {
    let server = Server::start().await;
    let mut v5 = server.raw().await;
    let properties = v5.connect(Connect { level: 5, id: "", ..Connect::default() }).await;
    let assigned = &properties[12..];
    assert_eq!(&assigned[..8], b"\x12\0\x15auto-");
    let mut again = server.raw().await;
    assert_ne!(again.connect(Connect { level: 5, id: "", ..Connect::default() }).await[12..], *assigned);

    server.raw().await.connect(Connect { id: "", ..Connect::default() }).await;
    assert_eq!(server.raw().await.refused(Connect { id: "", clean: false, ..Connect::default() }).await, 2);
    let kept = Connect { id: "kept", clean: false, ..Connect::default() };
    server.raw().await.connect(kept).await;
}

#[tokio::test]
async fn the_newer_session_of_a_client_takes_over() {
    let server = Server::start().await;
    let mut older = server.client(5, "home/laptop").await;
    let mut newer = server.client(5, "home/laptop").await;
    older.expect(0xe0, &[0x8e, 0]).await;
    older.end().await;
    newer.send(&[0xc0, 0]).await;
    newer.expect(0xd0, &[]).await;

    let mut v4 = server.client(4, "home/laptop").await;
    newer.expect(0xe0, &[0x8e, 0]).await;
    let somebody_else = Connect { id: "home/laptop", login: Some(("me", "pw")), ..Connect::default() };
    server.raw().await.connect(somebody_else).await;
    v4.send(&[0xc0, 0]).await;
    v4.expect(0xd0, &[]).await;
}

#[tokio::test]
async fn a_full_server_says_so_and_has_room_again() {
    let server = Server::with(Config { max_sessions: 2, ..Config::default() }).await;
    let mut first = server.client(4, "home/one").await;
    let mut second = server.client(4, "home/two").await;
    for _ in 0..3 {
        assert_eq!(server.raw().await.refused(Connect { id: "home/three", ..Connect::default() }).await, 3);
        let v5 = Connect { level: 5, id: "home/three", ..Connect::default() };
        assert_eq!(server.raw().await.refused(v5).await, 0x97);
    }
    let mut again = server.client(4, "home/two").await;
    second.end().await;
    again.send(&[0xc0, 0]).await;
    again.expect(0xd0, &[]).await;

    first.send(&[0xe0, 0]).await;
    first.end().await;
    until(|| server.broker.stats().sessions == 1).await;
    server.client(4, "home/three").await;
}

#[tokio::test]
async fn a_silent_connection_is_closed_and_delays_nobody() {
    let server = Server::with(Config { connect_timeout: Duration::from_secs(2), ..Config::default() }).await;
    let mut silent = server.raw().await;
    let mut slow = server.raw().await;
    slow.send(&Connect::default().encode()[..5]).await;
    server.assert_alive().await;
    silent.end().await;
    slow.end().await;
}

#[tokio::test]
async fn silence_beyond_the_keep_alive_ends_a_session() {
    let server = Server::start().await;
    let mut v5 = server.raw().await;
    v5.connect(Connect { level: 5, keep_alive: 1, ..Connect::default() }).await;
    v5.expect(0xe0, &[0x8d, 0]).await;
    v5.end().await;
}

#[tokio::test]
async fn a_reset_before_the_connack_harms_nobody() {
    let server = Server::start().await;
    for _ in 0..1_000 {
        let mut raw = server.raw().await;
        raw.send(&Connect { id: "home/laptop", ..Connect::default() }.encode()).await;
        #[allow(deprecated)] // a reset is what is wanted
        raw.stream.set_linger(Some(Duration::ZERO)).unwrap();
    }
    let mut raw = server.client(4, "home/laptop").await;
    raw.send(&[0xc0, 0]).await;
    raw.expect(0xd0, &[]).await;
    until(|| server.broker.stats().sessions == 1).await;
}

#[tokio::test]
async fn listeners_close_and_the_port_is_free() {
    let server = Server::start().await;
    let addr = server.listener.local_addr();
    let taken = server.broker.listen(addr).await.unwrap_err();
    assert!(taken.to_string().contains(&addr.to_string()), "{taken}");
    let mut session = server.client(4, "leaves").await;
    server.listener.close().await;
    let again = server.broker.listen(addr).await.unwrap();
    assert_eq!(again.local_addr(), addr);
    session.end().await;
}

#[tokio::test]
async fn shutdown_says_goodbye_to_all() {
    let server = Server::start().await;
    let mut v4 = server.client(4, "four").await;
    let mut v5 = server.client(5, "five").await;
    let mut silent = server.raw().await;
    let mut subscription = server.broker.link().subscribe(&["#"]);
    let mut gone = server.broker.link().subscribe(&["a"]);
    tokio::time::timeout(PATIENCE, server.broker.shutdown()).await.unwrap();
    v4.end().await;
    v5.expect(0xe0, &[0x8b, 0]).await;
    v5.end().await;
    silent.end().await;
    assert_eq!(subscription.recv().await, None);
    assert_eq!(gone.recv().await, None);
    server.broker.link().publish("a", "x".into(), false).await.unwrap_err();
    server.broker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_said_before_the_shutdown_is_heard_before_the_goodbye() {
    const CLIENTS: usize = 500;
    let server = Server::start().await;
    let mut clients = Vec::new();
    for n in 0..CLIENTS {
        let mut client = server.client(5, &format!("reader-{n}")).await;
        client.subscribe(&[("last/+", 0)]).await;
        clients.push(client);
    }
    let mut inside = server.broker.link().subscribe(&["last/+"]);
    server.retain("last/words", "offline").await;
    assert_eq!(next(&mut inside).await.1, "offline");
    server.broker.shutdown().await;
    for client in &mut clients {
        assert_eq!(client.publish().await.payload, b"offline");
        client.expect(0xe0, &[0x8b, 0]).await;
    }
}
