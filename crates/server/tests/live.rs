//! The live stream, and how the whole begins and ends.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use common::{Mqtt, PATIENCE, Server, config, folder_of_two, parts, start, start_in, status};
use futures_util::StreamExt as _;
use market::StreamMessage;
use quickstocks_server::{PortTaken, Services, StartError, selftest::mqtt_round_trip};
use reqwest::{Method, StatusCode};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{self, Message, client::IntoClientRequest as _},
};

type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

async fn connect(server: &Server, headers: &[(&'static str, &str)]) -> Result<Socket, tungstenite::Error> {
    let mut request = format!("ws://{}/api/v1/stream", server.api.local_addr()).into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    tokio_tungstenite::connect_async(request).await.map(|(socket, _)| socket)
}

async fn next(socket: &mut Socket) -> StreamMessage {
    let reading = async {
        loop {
            if let Message::Text(text) = socket.next().await.expect("the stream goes on").unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("a message")
}

#[tokio::test]
async fn the_snapshot_first_then_what_changes() {
    let server = start().await;
    server.get("/quotes?symbols=AAPL,MSFT").await;
    let bearer = format!("Bearer {}", server.token);
    let mut socket = connect(&server, &[("authorization", &bearer)]).await.unwrap();
    let StreamMessage::Snapshot(quotes) = next(&mut socket).await else { panic!("the snapshot comes first") };
    assert!(quotes.iter().any(|quote| quote.symbol.as_str() == "AAPL"));
    let batch = loop {
        match next(&mut socket).await {
            StreamMessage::Batch(batch) => break batch,
            StreamMessage::Snapshot(_) => panic!("one snapshot is enough"),
            _ => {}
        }
    };
    let each_once: std::collections::BTreeSet<_> = batch.iter().map(|quote| &quote.symbol).collect();
    assert_eq!(each_once.len(), batch.len());
}

#[tokio::test]
async fn a_change_of_the_lists_is_told() {
    let server = start().await;
    let cookie = server.log_in().await;
    let origin = server.origin();
    let mut socket = connect(&server, &[("cookie", &cookie), ("origin", &origin)]).await.unwrap();
    assert!(matches!(next(&mut socket).await, StreamMessage::Snapshot(_)));
    let follow = server.mine(Method::PUT, "/users/me/watchlists/default/symbols/AMD");
    assert_eq!(status(follow).await, StatusCode::NO_CONTENT);
    loop {
        if let StreamMessage::Watchlists(lists) = next(&mut socket).await
            && lists.watchlists[0].symbols.iter().any(|symbol| symbol.as_str() == "AMD")
        {
            return;
        }
    }
}

#[tokio::test]
async fn a_choice_made_elsewhere_is_told() {
    let server = start().await;
    let cookie = server.log_in().await;
    let origin = server.origin();
    let mut socket = connect(&server, &[("cookie", &cookie), ("origin", &origin)]).await.unwrap();
    assert!(matches!(next(&mut socket).await, StreamMessage::Snapshot(_)));
    let change = server.mine(Method::PATCH, "/users/me/preferences").json(&serde_json::json!({"strip": true}));
    assert_eq!(status(change).await, StatusCode::OK);
    loop {
        if let StreamMessage::Preferences(preferences) = next(&mut socket).await
            && preferences.strip
        {
            return;
        }
    }
}

#[tokio::test]
async fn the_stream_is_for_our_own_page() {
    let server = start().await;
    let (cookie, bearer) = (server.log_in().await, format!("Bearer {}", server.token));
    let refused = |answer: Result<Socket, tungstenite::Error>| match answer {
        Err(tungstenite::Error::Http(response)) => response.status().as_u16(),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(connect(&server, &[]).await), 401);
    assert_eq!(refused(connect(&server, &[("cookie", &cookie)]).await), 403);
    let evil = ("origin", "http://evil.example");
    assert_eq!(refused(connect(&server, &[("cookie", &cookie), evil]).await), 403);
    assert_eq!(refused(connect(&server, &[("authorization", &bearer), evil]).await), 403);
}

#[tokio::test]
async fn a_value_goes_round_through_the_broker() {
    let server = start().await;
    mqtt_round_trip(&server.services.bus, server.mqtt_addr()).await.unwrap();
}

#[tokio::test]
async fn every_service_says_that_it_is_there_and_that_it_goes() {
    let server = start().await;
    let mut mqtt = Mqtt::reading(server.mqtt_addr(), None, "quickstocks/v1/status/#").await;
    let mut there = std::collections::BTreeSet::new();
    while there.len() < 5 {
        let (topic, payload) = mqtt.until(|_, _| true).await;
        assert!(payload.starts_with(br#"{"state":"online""#));
        there.insert(topic.split('/').nth(3).unwrap().to_owned());
    }
    assert_eq!(there.into_iter().collect::<Vec<_>>(), ["api", "broker", "desk", "dispatcher", "engine"]);
    let stopping = tokio::spawn(server.services.stop());
    mqtt.until(|topic, payload| topic.contains("/engine/") && payload.starts_with(br#"{"state":"offline""#)).await;
    stopping.await.unwrap();
}

#[tokio::test]
async fn two_cannot_keep_one_folder() {
    let server = start().await;
    let config = config(server.folder.path(), &[]);
    let second = Services::start(&config, parts(server.folder.path(), PortTaken::Fail)).await;
    assert!(matches!(second, Err(StartError::Desk(_))));
}

#[tokio::test]
async fn a_taken_port_names_the_setting() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let error = start_in(folder_of_two(), &[("QUICKSTOCKS_BROKER__LISTEN", &addr)]).await.err().unwrap().to_string();
    assert!(error.starts_with(&format!("broker.listen: cannot listen on {addr}: another program uses it")), "{error}");
}

#[tokio::test]
async fn the_desktop_runs_on_and_listens_when_the_port_is_free() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap();
    let folder = folder_of_two();
    let config = config(folder.path(), &[("QUICKSTOCKS_BROKER__LISTEN", &addr.to_string())]);
    let services = Services::start(&config, parts(folder.path(), PortTaken::KeepTrying)).await.unwrap();
    let problem = services.mqtt.borrow().problem().unwrap().to_owned();
    assert!(problem.contains("broker.listen") && problem.contains("is free"), "{problem}");
    drop(taken);
    let mut mqtt = services.mqtt.clone();
    let listening = mqtt.wait_for(|state| state.address() == Some(addr) && state.problem().is_none());
    tokio::time::timeout(PATIENCE, listening).await.expect("it listens").unwrap();
    services.stop().await;
}

#[tokio::test]
async fn the_desktop_moves_to_the_port_it_offers() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap();
    let folder = folder_of_two();
    let config = config(folder.path(), &[("QUICKSTOCKS_BROKER__LISTEN", &addr.to_string())]);
    let services = Services::start(&config, parts(folder.path(), PortTaken::KeepTrying)).await.unwrap();
    let offer = services.mqtt.borrow().taken().unwrap();
    assert_eq!(offer.port, addr.port());
    let refused = services.listeners.use_port(addr.port()).await.unwrap_err().to_string();
    assert!(refused.contains("another program uses it"), "{refused}");
    let free = offer.free.unwrap();
    services.listeners.use_port(free).await.unwrap();
    let moved = services.mqtt.borrow().clone();
    assert_eq!((moved.address().unwrap().port(), moved.problem(), moved.taken()), (free, None, None));
    mqtt_round_trip(&services.bus, moved.address().unwrap()).await.unwrap();
    services.listeners.use_port(addr.port()).await.expect("nothing is left to do");
    services.stop().await;
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let server = start().await;
    let follow = server.mine(Method::PUT, "/users/me/watchlists/default/symbols/AMD");
    assert_eq!(status(follow).await, StatusCode::NO_CONTENT);
    let Server { services, folder, .. } = server;
    services.stop().await;
    let again = start_in(folder, &[]).await.unwrap();
    let list = again.get("/users/me/watchlists/default").await;
    assert!(list["symbols"].as_array().unwrap().contains(&serde_json::json!("AMD")));
}
