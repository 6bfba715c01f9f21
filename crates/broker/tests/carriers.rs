//! All four listeners: the same sessions over TCP, TLS, WebSocket and WebSocket over TLS, and what can go wrong below them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use broker::{Config, Tls, TlsError};
use bytes::Bytes;
use common::carriers::{Four, KINDS, Kind, Pair, secured, web};
use common::{Connect, PATIENCE, Raw, Server, publish, subscribe, until};
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::{Error, Message};

const TLS: Kind = Kind { tls: true, web: false };
const WEB: Kind = Kind { tls: false, web: true };
const CONNACK: [u8; 4] = [0x20, 2, 0, 0];

async fn socket(four: &Four) -> WebSocketStream<TcpStream> {
    let stream = TcpStream::connect(four.addr(WEB)).await.unwrap();
    web(stream, "ws://localhost/", None).await.unwrap()
}

async fn frame(socket: &mut WebSocketStream<TcpStream>) -> Option<Message> {
    timeout(PATIENCE, socket.next()).await.expect("a frame or the end").and_then(Result::ok)
}

/// What a web page of this origin is answered.
async fn status(four: &Four, origin: Option<&str>) -> u16 {
    let stream = TcpStream::connect(four.addr(WEB)).await.unwrap();
    match web(stream, "ws://localhost/mqtt", origin).await {
        Ok(_) => 101,
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn every_listener_serves_both_versions() {
    let server = Server::start().await;
    let four = Four::open(&server.broker).await;
    server.retain("quote/A", "1").await;
    for kind in KINDS {
        for level in [4, 5] {
            let mut client = four.raw(kind).await;
            client.connect(Connect { level, id: "same", ..Connect::default() }).await;
            client.subscribe(&[("#", 0)]).await;
            assert_eq!(client.text().await, ("quote/A".into(), "1".into()), "{kind:?}, version {level}");
            server.publish("quote/B", "2").await;
            assert_eq!(client.text().await, ("quote/B".into(), "2".into()));
            client.send(&[0xc0, 0]).await;
            client.expect(0xd0, &[]).await;
            let mut wrong = four.raw(kind).await;
            let login = Some(("me", "wrong"));
            let code = wrong.refused(Connect { level, login, ..Connect::default() }).await;
            assert_eq!(code, if level == 5 { 0x86 } else { 4 });
        }
    }
}

#[tokio::test]
async fn all_of_a_large_message_arrives_whatever_carries_it() {
    let server = Server::start().await;
    let four = Four::open(&server.broker).await;
    let large: Vec<u8> = (0..3_000_000_u32).map(|n| n as u8).collect();
    for kind in KINDS {
        let mut client = four.raw(kind).await;
        client.connect(Connect::default()).await;
        client.subscribe(&[("large", 0)]).await;
        // Nothing is said after it that would push it on.
        server.publish("large", large.clone()).await;
        assert!(client.publish().await.payload == large, "{kind:?}");
    }
}

#[tokio::test]
async fn a_stalled_reader_is_dropped_whatever_carries_it() {
    let config = Config { write_timeout: Duration::from_millis(200), ..Config::default() };
    let server = Server::with(config).await;
    let four = Four::open(&server.broker).await;
    let large = Bytes::from(vec![7; 8 << 20]);
    for kind in KINDS {
        let mut client = four.raw(kind).await;
        client.connect(Connect::default()).await;
        client.subscribe(&[("large", 0)]).await;
        server.publish("large", large.clone()).await;
        until(|| server.broker.stats().sessions == 0).await;
    }
    server.assert_alive().await;
}

#[tokio::test]
async fn another_certificate_is_shown_from_the_next_connection_on() {
    let server = Server::start().await;
    let four = Four::open(&server.broker).await;
    let mut before = four.raw(TLS).await;
    before.connect(Connect::default()).await;
    let (other, old) = (Pair::new(), four.tls.fingerprint());
    four.tls.replace(other.certificate.as_bytes(), other.key.as_bytes()).unwrap();
    assert_ne!(four.tls.fingerprint(), old);
    let connect = || async { TcpStream::connect(four.addr(TLS)).await.unwrap() };
    assert!(secured(connect().await, &four.pair).await.is_err(), "the old one is not shown any more");
    secured(connect().await, &other).await.expect("the new one is");
    before.send(&[0xc0, 0]).await;
    before.expect(0xd0, &[]).await;
    // Halves of two pairs, no certificate, no key: what is shown stays.
    let mixed = four.tls.replace(four.pair.certificate.as_bytes(), other.key.as_bytes());
    assert!(matches!(mixed, Err(TlsError::Pair(_))), "{mixed:?}");
    assert!(matches!(four.tls.replace(b"", other.key.as_bytes()), Err(TlsError::Chain(0))));
    assert!(matches!(Tls::new(other.certificate.as_bytes(), b"no key"), Err(TlsError::Key(_))));
    secured(connect().await, &other).await.expect("it still is");
}

#[test]
fn a_fingerprint_is_the_sha_256_of_the_certificate() {
    let tls = Pair::new().tls();
    let bytes: Vec<_> = tls.fingerprint().split(':').map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
    assert_eq!(bytes.len(), 32);
}

#[tokio::test]
async fn a_web_page_connects_only_from_an_origin_that_is_allowed() {
    let server = Server::start().await;
    let four = Four::open(&server.broker).await;
    four.origins.allow(["https://Ticker.example".to_owned(), "http://127.0.0.1:8080".to_owned()]);
    let cases = [
        (None, 101),
        (Some("https://ticker.example"), 101),
        (Some("http://127.0.0.1:8080"), 101),
        (Some("http://127.0.0.1"), 403),
        (Some("http://ticker.example"), 403),
        (Some("https://ticker.example.evil"), 403),
        (Some("null"), 403),
        (Some(""), 403),
    ];
    let mut asked = Vec::new();
    for (origin, _) in cases {
        asked.push((origin, status(&four, origin).await));
    }
    assert_eq!(asked, cases);
}

#[tokio::test]
async fn who_does_not_offer_mqtt_is_refused() {
    let server = Server::start().await;
    let four = Four::open(&server.broker).await;
    for line in ["", "Sec-WebSocket-Protocol: chat, mqttv9\r\n"] {
        let mut stream = TcpStream::connect(four.addr(WEB)).await.unwrap();
        let request = format!(
            "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{line}\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
}

#[tokio::test]
async fn the_borders_of_frames_mean_nothing() {
    let server = Server::start().await;
    let four = Four::open(&server.broker).await;
    let mut socket = socket(&four).await;
    // Two packets and a half in one message, which comes in fragments with a ping between them.
    let mut bytes = Connect::default().encode();
    bytes.extend([0xc0, 0, 0xc0]);
    let (first, second) = bytes.split_at(5);
    let part = |bytes: &[u8], data, last| Message::Frame(Frame::message(bytes.to_vec(), OpCode::Data(data), last));
    socket.send(part(first, Data::Binary, false)).await.unwrap();
    socket.send(Message::Ping("there?".into())).await.unwrap();
    assert_eq!(frame(&mut socket).await, Some(Message::Pong("there?".into())));
    socket.send(part(second, Data::Continue, true)).await.unwrap();
    socket.send(Message::binary(vec![])).await.unwrap();
    socket.send(Message::binary(vec![0])).await.unwrap();
    let mut got = Vec::new();
    while got.len() < 8 {
        got.extend(frame(&mut socket).await.expect("an answer").into_data());
    }
    assert_eq!(got, [&CONNACK[..], &[0xd0, 0, 0xd0, 0]].concat());
}

#[tokio::test]
async fn text_and_messages_beyond_a_packet_end_the_session() {
    let config = Config { max_packet: 1_000, ..Config::default() };
    let server = Server::with(config).await;
    let four = Four::open(&server.broker).await;
    let mut texts = socket(&four).await;
    texts.send(Message::binary(Connect::default().encode())).await.unwrap();
    assert!(frame(&mut texts).await.is_some());
    texts.send(Message::text("{}")).await.unwrap();
    let Some(Message::Close(Some(close))) = frame(&mut texts).await else { panic!("no reason") };
    assert_eq!(close.code, CloseCode::Unsupported);
    // One frame, and fragments that never end.
    let opcodes = [vec![OpCode::Data(Data::Binary)], vec![OpCode::Data(Data::Continue); 3]].concat();
    for (sizes, opcodes) in [(1_001, &opcodes[..1]), (300, &opcodes[..])] {
        let mut socket = socket(&four).await;
        socket.send(Message::binary(Connect::default().encode())).await.unwrap();
        assert!(frame(&mut socket).await.is_some());
        for opcode in opcodes {
            socket.send(Message::Frame(Frame::message(vec![0; sizes], *opcode, false))).await.unwrap();
        }
        while frame(&mut socket).await.is_some() {}
    }
    until(|| server.broker.stats().sessions == 0).await;
    server.assert_alive().await;
}

#[tokio::test]
async fn peers_that_say_nothing_stop_nobody() {
    // They are all still there when the canary is answered: none is shut out before its minute is over.
    let config = Config { connect_timeout: Duration::from_secs(60), ..Config::default() };
    let server = Server::with(config).await;
    let four = Four::open(&server.broker).await;
    let mut silent = Vec::new();
    for kind in KINDS {
        for _ in 0..500 {
            silent.push(TcpStream::connect(four.addr(kind)).await.unwrap());
        }
        let mut canary = four.raw(kind).await;
        canary.connect(Connect::default()).await;
        canary.subscribe(&[("alive", 0)]).await;
        server.publish("alive", "yes").await;
        assert_eq!(canary.text().await.1, "yes", "{kind:?}");
    }
    for stream in &silent {
        let told = stream.try_read(&mut [0]).map_err(|error| error.kind());
        assert_eq!(told, Err(std::io::ErrorKind::WouldBlock), "it is still let stay");
    }
}

#[tokio::test]
async fn who_takes_too_long_to_shake_hands_is_shut_out() {
    let config = Config { connect_timeout: Duration::from_millis(100), ..Config::default() };
    let server = Server::with(config).await;
    let four = Four::open(&server.broker).await;
    for kind in KINDS {
        // The beginning of a ClientHello, of a request, of a CONNECT: one byte after the other.
        for begun in [&[0x16, 3, 1, 2, 0][..], b"GET / HTTP/1.1\r\n", &[0x10, 0x20, 0]] {
            let mut raw = Raw::open(four.addr(kind)).await;
            for byte in begun {
                raw.try_send(&[*byte]).await;
            }
            // TLS may say why.
            while raw.recv().await.is_some() {}
        }
    }
    server.assert_alive().await;
}

#[tokio::test]
async fn rubbish_below_mqtt_stops_nobody() {
    let server = Server::start().await;
    let four = Four::open(&server.broker).await;
    for kind in KINDS {
        for rubbish in [&[0_u8; 300][..], b"GET / HTTP/1.1\r\n\r\n", &[0x16; 10_000], b"\xff\xff\xff\xff\r\n\r\n"] {
            let mut raw = Raw::open(four.addr(kind)).await;
            raw.try_send(rubbish).await;
            raw.stream.shutdown().await.ok();
            while raw.recv().await.is_some() {}
        }
    }
    server.assert_alive().await;
}

#[tokio::test]
async fn a_listener_that_closes_ends_its_own_sessions_and_says_so() {
    let server = Server::start().await;
    let mut four = Four::open(&server.broker).await;
    let mut elsewhere = server.client(5, "elsewhere").await;
    let addr = four.addr(TLS);
    let mut silent = Raw::open(addr).await;
    let mut clients = Vec::new();
    for level in [4, 5] {
        let mut client = four.raw(TLS).await;
        let id = if level == 4 { "old" } else { "new" };
        let will = (level == 5).then_some(("open/will", "gone", false));
        client.connect(Connect { level, id, will, ..Connect::default() }).await;
        clients.push(client);
    }
    elsewhere.subscribe(&[("open/will", 0)]).await;
    let (_, listener) = four.listeners.remove(1);
    listener.close().await;
    drop(TcpListener::bind(addr).await.expect("the address is free"));
    clients[0].end().await;
    clients[1].expect(0xe0, &[0x98, 0]).await;
    clients[1].end().await;
    silent.end().await;
    assert_eq!(elsewhere.text().await, ("open/will".into(), "gone".into()));
    assert_eq!(server.broker.stats().sessions, 1);
    server.assert_alive().await;
}

#[tokio::test]
async fn a_listener_that_is_dropped_leaves_its_sessions() {
    let server = Server::start().await;
    let mut four = Four::open(&server.broker).await;
    let mut client = four.raw(TLS).await;
    client.connect(Connect::default()).await;
    four.listeners.clear();
    client.send(&subscribe(4, 1, &[], &[("open/x", 0)])).await;
    client.expect(0x90, &[0, 1, 0]).await;
    client.send(&publish(4, 0x30, "open/x", 0, &[], b"1")).await;
    assert_eq!(client.text().await.1, "1");
}
