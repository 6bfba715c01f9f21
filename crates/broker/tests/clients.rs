//! A client library that people use, in both versions.
#![allow(clippy::unwrap_used)]

mod common;

use common::{PATIENCE, Server, next};
use rumqttc::v5::mqttbytes::QoS as QoS5;
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS, v5};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// What a client library saw.
#[derive(Debug, PartialEq, Eq)]
enum Saw {
    Subscribed,
    Acknowledged,
    Message(String, Vec<u8>, bool),
}

async fn saw(events: &mut mpsc::UnboundedReceiver<Saw>) -> Saw {
    timeout(PATIENCE, events.recv()).await.unwrap().unwrap()
}

fn v4(server: &Server) -> (AsyncClient, mpsc::UnboundedReceiver<Saw>) {
    let mut options = MqttOptions::new("home/laptop", "127.0.0.1", server.port());
    options.set_keep_alive(Duration::from_secs(5)).set_credentials("service", "pw");
    let (client, mut events) = AsyncClient::new(options, 10);
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok(event) = events.poll().await {
            let saw = match event {
                Event::Incoming(Packet::SubAck(_)) => Saw::Subscribed,
                Event::Incoming(Packet::PubAck(_) | Packet::PubComp(_)) => Saw::Acknowledged,
                Event::Incoming(Packet::Publish(p)) => Saw::Message(p.topic, p.payload.to_vec(), p.retain),
                _ => continue,
            };
            tell.send(saw).ok();
        }
    });
    (client, told)
}

fn v5(server: &Server) -> (v5::AsyncClient, mpsc::UnboundedReceiver<Saw>) {
    use v5::mqttbytes::v5::Packet;
    let mut options = v5::MqttOptions::new("home/phone", "127.0.0.1", server.port());
    options.set_keep_alive(Duration::from_secs(5)).set_credentials("service", "pw").set_topic_alias_max(Some(3));
    let (client, mut events) = v5::AsyncClient::new(options, 10);
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        // The library tells of packets as they came: what an alias means is for its user to remember.
        let mut aliases = std::collections::HashMap::new();
        while let Ok(event) = events.poll().await {
            let saw = match event {
                v5::Event::Incoming(Packet::SubAck(_)) => Saw::Subscribed,
                v5::Event::Incoming(Packet::PubAck(_) | Packet::PubComp(_)) => Saw::Acknowledged,
                v5::Event::Incoming(Packet::Publish(p)) => {
                    let mut topic = String::from_utf8(p.topic.to_vec()).unwrap();
                    match p.properties.and_then(|properties| properties.topic_alias) {
                        Some(alias) if topic.is_empty() => topic.clone_from(&aliases[&alias]),
                        Some(alias) => drop(aliases.insert(alias, topic.clone())),
                        None => assert!(!topic.is_empty()),
                    }
                    Saw::Message(topic, p.payload.to_vec(), p.retain)
                }
                _ => continue,
            };
            tell.send(saw).ok();
        }
    });
    (client, told)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_of_version_4() {
    let server = Server::start().await;
    server.retain("quote/A", "stored").await;
    common::until(|| server.broker.stats().retained == 1).await;
    let mut inside = server.broker.link().subscribe(&["open/+"]);
    let (client, mut events) = v4(&server);
    client.subscribe("quote/+", QoS::AtLeastOnce).await.unwrap();
    assert_eq!(saw(&mut events).await, Saw::Subscribed);
    assert_eq!(saw(&mut events).await, Saw::Message("quote/A".into(), b"stored".to_vec(), true));
    for (n, qos) in [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce].into_iter().enumerate() {
        client.publish("open/x", qos, false, n.to_string()).await.unwrap();
        assert_eq!(next(&mut inside).await.1, n.to_string());
        if n > 0 {
            assert_eq!(saw(&mut events).await, Saw::Acknowledged);
        }
    }
    server.publish("quote/A", "live").await;
    assert_eq!(saw(&mut events).await, Saw::Message("quote/A".into(), b"live".to_vec(), false));
    client.disconnect().await.unwrap();
    common::until(|| server.broker.stats().sessions == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_of_version_5_gets_each_topic_under_its_name() {
    let server = Server::start().await;
    for n in 0..5 {
        server.retain(&format!("quote/T{n}"), n.to_string()).await;
    }
    common::until(|| server.broker.stats().retained == 5).await;
    let mut inside = server.broker.link().subscribe(&["open/+"]);
    let (client, mut events) = v5(&server);
    client.subscribe("quote/#", QoS5::ExactlyOnce).await.unwrap();
    assert_eq!(saw(&mut events).await, Saw::Subscribed);
    for n in 0..5 {
        let expected = Saw::Message(format!("quote/T{n}"), n.to_string().into_bytes(), true);
        assert_eq!(saw(&mut events).await, expected);
    }
    for (n, qos) in [QoS5::AtMostOnce, QoS5::AtLeastOnce, QoS5::ExactlyOnce].into_iter().enumerate() {
        client.publish("open/x", qos, false, n.to_string()).await.unwrap();
        assert_eq!(next(&mut inside).await.1, n.to_string());
        if n > 0 {
            assert_eq!(saw(&mut events).await, Saw::Acknowledged);
        }
    }
    for n in 0..5 {
        server.publish(&format!("quote/T{n}"), "live").await;
        assert_eq!(saw(&mut events).await, Saw::Message(format!("quote/T{n}"), b"live".to_vec(), false));
    }
    client.disconnect().await.unwrap();
    common::until(|| server.broker.stats().sessions == 0).await;
}
