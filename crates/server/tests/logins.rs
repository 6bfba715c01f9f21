//! Logging in over MQTT: tokens, passwords, and what wrong ones cost.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use std::net::SocketAddr;

use common::{PATIENCE, Server, problem, start, status};
use market::UserName;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Connects with MQTT 5 and a login; the connection, and the reason code of the answer: there is one in any case.
async fn connack(addr: SocketAddr, id: &str, user: &str, password: &str) -> (TcpStream, u8) {
    let mut body = b"\x00\x04MQTT\x05\xc2\x00\x00\x00".to_vec();
    for text in [id, user, password] {
        body.extend((text.len() as u16).to_be_bytes());
        body.extend(text.as_bytes());
    }
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(&[&[0x10, body.len() as u8], &body[..]].concat()).await.unwrap();
    let mut head = [0; 4];
    tokio::time::timeout(PATIENCE, stream.read_exact(&mut head)).await.expect("an answer").expect("no silent close");
    assert_eq!(head[0], 0x20);
    let mut rest = vec![0; usize::from(head[1]) - 2];
    stream.read_exact(&mut rest).await.unwrap();
    (stream, head[3])
}

async fn code(addr: SocketAddr, user: &str, password: &str) -> u8 {
    connack(addr, "client", user, password).await.1
}

async fn set_password(server: &Server, password: &str) {
    let path = "/users/me/password";
    assert_eq!(server.put(path, &json!({ "password": password })).await, StatusCode::NO_CONTENT);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_opens_what_the_token_does() {
    let server = start().await;
    let addr = server.mqtt_addr();
    assert_eq!(code(addr, "me", "correct horse").await, 0x86);
    set_password(&server, "correct horse").await;
    for (user, password, answer) in [
        ("me", "correct horse", 0),
        ("me", &*server.token, 0),
        ("me", "correct hors", 0x86),
        ("you", "correct horse", 0x86),
        ("nobody", "correct horse", 0x86),
        ("#", "correct horse", 0x86),
    ] {
        assert_eq!(code(addr, user, password).await, answer, "{user}");
    }
    set_password(&server, "another horse").await;
    assert_eq!(code(addr, "me", "correct horse").await, 0x86);
    assert_eq!(code(addr, "me", "another horse").await, 0);
    let short = server.mine(Method::PUT, "/users/me/password").json(&json!({"password": "short"}));
    let (refused, document) = problem(short).await;
    assert_eq!((refused, &document["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("password")));
    let yours = server.mine(Method::PUT, "/users/you/password").json(&json!({"password": "correct horse"}));
    assert_eq!(status(yours).await, StatusCode::FORBIDDEN);
    assert_eq!(status(server.mine(Method::DELETE, "/users/me/password")).await, StatusCode::NO_CONTENT);
    assert_eq!(code(addr, "me", "another horse").await, 0x86);
    server.services.stop().await;
}

/// Reads to the end of a connection: the reason code that it is told last.
async fn dismissed(mut stream: TcpStream) -> u8 {
    let mut said = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut said)).await.expect("the end").unwrap();
    assert_eq!(said[..2], [0xe0, 2], "{said:?}");
    said[2]
}

async fn is_there(stream: &mut TcpStream) {
    stream.write_all(&[0xc0, 0]).await.unwrap();
    let mut pong = [0; 2];
    tokio::time::timeout(PATIENCE, stream.read_exact(&mut pong)).await.expect("an answer").unwrap();
    assert_eq!(pong, [0xd0, 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_end_with_the_login_that_let_them_in() {
    let server = start().await;
    let (addr, me) = (server.mqtt_addr(), UserName::me());
    let (mut mine, _) = connack(addr, "mine", "me", &server.token).await;
    let (mut yours, _) = connack(addr, "yours", "you", common::YOUR_TOKEN).await;
    set_password(&server, "correct horse").await;
    // A first password takes nothing back: a subscriber that comes now is after the change, and the one before is there.
    connack(addr, "other", "me", "correct horse").await;
    is_there(&mut mine).await;
    set_password(&server, "another horse").await;
    assert_eq!(dismissed(mine).await, 0x87);
    let (mine, code) = connack(addr, "mine", "me", &server.token).await;
    assert_eq!(code, 0, "the token opens still");
    server.services.desk.renew_token(&me).await.unwrap();
    assert_eq!(dismissed(mine).await, 0x87);
    assert_eq!(self::code(addr, "me", &server.token).await, 0x86);
    is_there(&mut yours).await;
    server.services.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_that_nobody_has_shown_yet_is_checked() {
    let server = start().await;
    set_password(&server, "correct horse").await;
    let Server { services, folder, .. } = server;
    services.stop().await;
    let again = common::start_in(folder, &[]).await.unwrap();
    assert_eq!(code(again.mqtt_addr(), "me", "wrong horse").await, 0x86);
    assert_eq!(code(again.mqtt_addr(), "me", "correct horse").await, 0);
    again.services.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_wrong_passwords_keep_nobody_waiting() {
    let server = start().await;
    let addr = server.mqtt_addr();
    set_password(&server, "correct horse").await;
    let wrong: Vec<_> = (0..1_000)
        .map(|n| tokio::spawn(async move { connack(addr, &format!("w{n}"), "me", "wrong horse").await.1 }))
        .collect();
    // While most of them wait: whoever is right comes in, and a reader reads.
    let mut reader = common::Mqtt::reading(addr, Some(("me", "correct horse")), "quickstocks/v1/quote/#").await;
    reader.until(|topic, _| topic.ends_with("AAPL")).await;
    assert_eq!(code(addr, "me", "correct horse").await, 0);
    assert_eq!(code(addr, "me", &server.token).await, 0);
    assert!(wrong.iter().any(|attempt| !attempt.is_finished()), "some are still being slowed");
    let mut busy = 0;
    for attempt in wrong {
        match attempt.await.unwrap() {
            0x89 => busy += 1,
            other => assert_eq!(other, 0x86),
        }
    }
    assert!(busy > 900, "{busy} were told that it is too much");
    server.services.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_the_right_publishes_on_its_own_prefix() {
    let server = start().await;
    let (addr, me) = (server.mqtt_addr(), UserName::me());
    let mut heard = server.services.bus.subscribe(&[bus::Interest::Feeds]).await;
    let quote = server.get("/quotes/AAPL").await.to_string();
    let publish = |id: u8, topic: &str| {
        let mut body = (topic.len() as u16).to_be_bytes().to_vec();
        body.extend(topic.as_bytes());
        body.extend([0, id, 0]);
        body.extend(quote.as_bytes());
        let length = [(body.len() & 0x7f) as u8 | 0x80, (body.len() >> 7) as u8];
        [&[0x32][..], &length, &body].concat()
    };
    let (mut stream, _) = connack(addr, "feeder", "me", &server.token).await;
    let mut answers = Vec::new();
    for (id, right, topic) in [(1, false, "feed/me/AAPL"), (2, true, "feed/you/AAPL"), (3, true, "feed/me/AAPL")] {
        server.services.desk.let_feed(&me, right).await.unwrap();
        stream.write_all(&publish(id, &format!("quickstocks/v1/{topic}"))).await.unwrap();
        let mut ack = [0; 2];
        stream.read_exact(&mut ack).await.unwrap();
        let mut rest = vec![0; usize::from(ack[1])];
        stream.read_exact(&mut rest).await.unwrap();
        answers.push(rest.get(2).copied().unwrap_or(0));
    }
    assert_eq!(answers[..2], [0x87, 0x87]);
    assert!(answers[2] < 0x80, "{answers:?}");
    let message = tokio::time::timeout(PATIENCE, heard.recv()).await.expect("it is heard").unwrap();
    assert!(matches!(message, bus::Message::Feed(user, quote) if user == me && quote.symbol.as_str() == "AAPL"));
    server.services.stop().await;
}
