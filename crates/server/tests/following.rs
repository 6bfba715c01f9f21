//! Subscribing is following, at the socket: what is fetched for it, and what is told of what cannot be.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use common::{PATIENCE, Server, folder_of_two, start, start_in};
use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, QoS};
use serde_json::Value;

const ROOT: &str = "quickstocks/v1";

struct Client {
    client: AsyncClient,
    events: EventLoop,
}

impl Client {
    fn new(server: &Server, id: &str) -> Self {
        let addr = server.mqtt_addr();
        let (client, events) = AsyncClient::new(MqttOptions::new(id, addr.ip().to_string(), addr.port()), 2_000);
        Self { client, events }
    }

    async fn subscribe(&self, topic: &str) {
        self.client.subscribe(format!("{ROOT}/{topic}"), QoS::AtMostOnce).await.unwrap();
    }

    /// Reads on until a message on this topic fits.
    async fn until(&mut self, topic: &str, fits: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        let topic = format!("{ROOT}/{topic}");
        let reading = async {
            loop {
                if let Event::Incoming(Packet::Publish(p)) = self.events.poll().await.expect("the broker is there")
                    && p.topic == topic
                    && fits(&p.payload)
                {
                    return p.payload.to_vec();
                }
            }
        };
        tokio::time::timeout(PATIENCE * 3, reading).await.expect("a message that fits")
    }
}

fn json(payload: &[u8]) -> Value {
    serde_json::from_slice(payload).unwrap_or_default()
}

fn is_real(payload: &[u8]) -> bool {
    !payload.is_empty()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_has_it_fetched_and_may_come_back() {
    let server = start().await;
    let (mut one, mut watcher) = (Client::new(&server, "one"), Client::new(&server, "watcher"));
    watcher.subscribe("quote/+").await;
    watcher.until("quote/AAPL", is_real).await;
    one.subscribe("price/NFLX").await;
    let price = one.until("price/NFLX", is_real).await;
    assert!(std::str::from_utf8(&price).unwrap().parse::<f64>().unwrap() > 0.0);
    watcher.until("quote/NFLX", is_real).await;
    drop(one);
    // Somebody who comes back in the grace time finds it still there; a wildcard keeps nothing.
    let mut again = Client::new(&server, "again");
    again.subscribe("quote/NFLX").await;
    again.until("quote/NFLX", is_real).await;
    // What is followed is told at a pace: it may still say what was before somebody came back.
    let mut following = server.services.bus.following();
    let one = following.wait_for(|now| now.symbols.iter().map(market::Symbol::as_str).eq(["NFLX"]));
    tokio::time::timeout(PATIENCE, one).await.expect("one symbol is followed").unwrap();
    server.services.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_knows_is_told_on_the_providers_topic() {
    let server = start().await;
    let mut client = Client::new(&server, "one");
    client.subscribe("provider/+").await;
    client.subscribe("quote/NOSUCH.THING").await;
    client.subscribe("quote/AMD").await;
    let names = |payload: &[u8], symbol: &str| {
        json(payload)["unknown"].as_array().is_some_and(|all| all.iter().any(|each| each == symbol))
    };
    let told = client.until("provider/simulated", |payload| names(payload, "NOSUCH.THING")).await;
    assert!(json(&told)["state"] == "up" && !names(&told, "AMD"), "{}", json(&told));
    server.services.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_beyond_the_bound_is_granted_and_told_on_the_brokers_status() {
    let server = start_in(folder_of_two(), &[("QUICKSTOCKS_FEED__SYMBOLS", "AMD")]).await.unwrap();
    let mut client = Client::new(&server, "many");
    for n in 0..500 {
        client.subscribe(&format!("quote/NONE{n}")).await;
    }
    client.subscribe("quote/NFLX").await;
    client.subscribe("quote/AMD").await;
    client.until("quote/AMD", is_real).await;
    let broker = server.services.broker.clone().unwrap();
    assert_eq!(broker.stats().unfollowed, 2, "read all the same where somebody else follows it");
    // Not before: the note, which is kept, would be passed over while the quote is waited for.
    client.subscribe("status/broker/+").await;
    let reading = async {
        loop {
            if let Event::Incoming(Packet::Publish(p)) = client.events.poll().await.unwrap()
                && p.topic.contains("/status/broker/")
                && json(&p.payload)["note"].as_str().is_some_and(|note| note.contains("500 topics a client"))
            {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("a note on the status");
    let followed = broker.followed();
    assert!(!followed.borrow().contains_key(&format!("{ROOT}/quote/NFLX")));
    server.services.stop().await;
}
