//! The services as processes of their own, on one data folder: they find each other whatever the order, and whichever is
//! killed comes back without anything that was acknowledged being lost.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;
mod processes;

use std::net::SocketAddr;

use common::Mqtt;
use market::Timestamp;
use processes::{Installation, Process, in_time};
use reqwest::{Method, StatusCode};
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use serde_json::{Value, json};

const ROOT: &str = "quickstocks/v1";

fn about(below: &str) -> String {
    format!("{ROOT}/{below}")
}

fn says(payload: &[u8], state: &str) -> bool {
    serde_json::from_slice::<Value>(payload).is_ok_and(|status| status["state"] == state)
}

async fn heard(addr: SocketAddr, login: Option<(&str, &str)>, below: &str) -> Vec<u8> {
    let topic = about(below);
    Mqtt::reading(addr, login, &topic).await.until(|heard, payload| heard == topic && !payload.is_empty()).await.1
}

/// Waits until an instance of a service is told to be so.
async fn told(addr: SocketAddr, service: &str, state: &str) {
    let mut statuses = Mqtt::reading(addr, None, &about(&format!("status/{service}/+"))).await;
    statuses.until(|_, payload| says(payload, state)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_order_any_kill() {
    let home = Installation::new();
    let started = ["api", "engine", "dispatcher", "desk"].map(|role| home.start(role));
    let mut broker = home.start("broker");
    broker.ready().await;
    let [mut api, mut engine, mut dispatcher, mut desk] = started;
    for process in [&mut desk, &mut engine, &mut dispatcher, &mut api] {
        process.ready().await;
    }
    home.answers(&api).await;
    let addr = home.mqtt();
    let token = home.token();
    let me = Some(("me", token.as_str()));

    // What services say among themselves is theirs alone, whatever is subscribed to.
    let mut everything = Mqtt::reading(addr, me, "#").await;
    assert_eq!(home.put(&api, "/users/me/watchlists/default/symbols/AMD", None).await, StatusCode::NO_CONTENT);
    let mut topics = Vec::new();
    let watchlists = about("user/me/watchlists");
    everything
        .until(|topic, payload| {
            topics.push(topic.to_owned());
            topic == watchlists && String::from_utf8_lossy(payload).contains("AMD")
        })
        .await;
    let secret = |topic: &&String| ["cmd/", "reply/", "sys/"].iter().any(|family| topic.contains(&about(family)));
    assert_eq!(topics.iter().find(secret), None);

    heard(addr, None, "quote/AMD").await;
    heard(addr, me, "user/me/quote/AMD").await;
    heard(addr, None, "quote/TSLA").await;
    let quote = home.get(&api, "/quotes/AMD").await;
    assert_eq!(quote["symbol"], "AMD");

    // The dispatcher alone routes to users: without it quotes go on.
    dispatcher.kill().await;
    told(addr, "dispatcher", "offline").await;
    let mut own = Mqtt::reading(addr, me, &about("#")).await;
    let mut seen = 0;
    own.until(|topic, _| {
        seen += usize::from(topic == about("quote/AMD"));
        // The first two may be what is kept.
        assert!(seen < 3 || !topic.starts_with(&about("user/me/quote")), "nobody routes");
        seen == 6
    })
    .await;
    dispatcher = home.start("dispatcher");
    dispatcher.ready().await;
    own.until(|topic, _| topic == about("user/me/quote/AMD")).await;

    engine.kill().await;
    told(addr, "engine", "offline").await;
    engine = home.start("engine");
    engine.ready().await;
    told(addr, "engine", "online").await;

    // A change that is asked for while there is no desk is made by the next one.
    desk.kill().await;
    told(addr, "desk", "offline").await;
    let follow = home.put(&api, "/users/me/watchlists/default/symbols/INTC", None);
    let restart = async {
        let mut desk = home.start("desk");
        desk.ready().await;
        desk
    };
    let (followed, restarted) = tokio::join!(follow, restart);
    assert_eq!(followed, StatusCode::NO_CONTENT);
    desk = restarted;
    heard(addr, me, "user/me/quote/INTC").await;

    // A broker that has forgotten everything, elsewhere: it is found, and told again.
    broker.kill().await;
    broker = home.start("broker");
    broker.ready().await;
    let moved = home.mqtt();
    until_login(moved, "me", &token, true).await;
    for below in ["quote/AMD", "user/me/quote/INTC", "user/me/watchlists"] {
        heard(moved, me, below).await;
    }
    for service in ["engine", "desk", "dispatcher", "api", "broker"] {
        told(moved, service, "online").await;
    }
    assert_eq!(home.put(&api, "/users/me/watchlists/default/symbols/ORCL", None).await, StatusCode::NO_CONTENT);

    for (service, process) in [("api", api), ("dispatcher", dispatcher), ("engine", engine), ("desk", desk)] {
        assert_eq!(process.terminate().await, Some(0), "{service}");
        told(moved, service, "offline").await;
    }
    assert_eq!(broker.terminate().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_one_desk() {
    let home = Installation::new();
    let mut broker = home.start("broker");
    broker.ready().await;
    let mut desk = home.start("desk");
    desk.ready().await;
    let (code, complaint) = home.start("desk").end().await;
    assert_eq!(code, Some(1));
    assert!(complaint.contains("is in use by another Quickstocks"), "{complaint}");

    let elsewhere = Installation::new();
    std::fs::copy(home.data().join("service.toml"), elsewhere.data().join("service.toml")).unwrap();
    let (code, complaint) = elsewhere.start("desk").end().await;
    assert_eq!(code, Some(1));
    assert!(complaint.contains("another desk is at work on this bus"), "{complaint}");
    told(home.mqtt(), "desk", "online").await;

    // One that an old broker only remembers is no desk.
    desk.kill().await;
    let mut other = elsewhere.start("desk");
    other.ready().await;
}

/// Asks the desk as a service does, on the wire.
async fn ask_the_desk(home: &Installation, id: &str, again: bool, question: &Value) -> Value {
    let (user, password) = home.service_login();
    let addr = home.mqtt();
    let mut options = MqttOptions::new(format!("asking-{again}"), addr.ip().to_string(), addr.port());
    options.set_credentials(user, password);
    let (client, mut events) = AsyncClient::new(options, 10);
    client.subscribe(about("reply/test"), QoS::AtLeastOnce).await.unwrap();
    let until = Timestamp::now() + jiff::SignedDuration::from_mins(1);
    let letter = json!({"id": id, "again": again, "from": "test", "until": until, "body": question}).to_string();
    let asking = async {
        loop {
            match events.poll().await.unwrap() {
                Event::Incoming(Packet::SubAck(_)) => {
                    let (client, letter) = (client.clone(), letter.clone());
                    // As services do: until it is answered.
                    tokio::spawn(async move {
                        let mut again = tokio::time::interval(std::time::Duration::from_secs(1));
                        loop {
                            again.tick().await;
                            let to = about("cmd/desk");
                            if client.publish(to, QoS::AtLeastOnce, false, letter.clone()).await.is_err() {
                                return;
                            }
                        }
                    });
                }
                Event::Incoming(Packet::Publish(publish)) => {
                    return serde_json::from_slice::<Value>(&publish.payload).unwrap()["body"].clone();
                }
                _ => {}
            }
        }
    };
    in_time(asking).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_for_again_after_a_kill_is_done_once() {
    let home = Installation::new();
    let mut broker = home.start("broker");
    broker.ready().await;
    let mut desk = home.start("desk");
    desk.ready().await;
    let add = json!({"edit": {"user": "kitchen", "what": {"Account": {"Add": "0".repeat(64)}}}});
    let made = json!({"Ok": {"edited": "created"}});
    assert_eq!(ask_the_desk(&home, "t-1", false, &add).await, made);
    assert_eq!(ask_the_desk(&home, "t-1", true, &add).await, made, "answered again");
    desk.kill().await;
    desk = home.start("desk");
    desk.ready().await;
    assert_eq!(ask_the_desk(&home, "t-1", true, &add).await, made, "and by the next one");
    let refused = ask_the_desk(&home, "t-2", false, &add).await;
    assert_eq!(refused, json!({"Err": {"user_exists": "kitchen"}}), "another one asks for it");
    let remove = json!({"edit": {"user": "kitchen", "what": {"Account": "Remove"}}});
    let gone = json!({"Ok": {"edited": "changed"}});
    assert_eq!(ask_the_desk(&home, "t-3", false, &remove).await, gone);
    desk.kill().await;
    desk = home.start("desk");
    desk.ready().await;
    assert_eq!(ask_the_desk(&home, "t-3", true, &remove).await, gone);
}

/// Whether the token logs in; waits until the broker knows.
async fn until_login(addr: SocketAddr, user: &str, token: &str, is_let_in: bool) {
    let trying = async {
        loop {
            let mut options = MqttOptions::new("login", addr.ip().to_string(), addr.port());
            options.set_credentials(user, token);
            let (_client, mut events) = AsyncClient::new(options, 10);
            let connected = matches!(events.poll().await, Ok(Event::Incoming(Packet::ConnAck(_))));
            if connected == is_let_in {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    in_time(trying).await;
}

async fn users_are_managed(home: &Installation) {
    let addr = home.mqtt();
    let token = home.user(&["add", "kitchen"]).await;
    until_login(addr, "kitchen", &token, true).await;
    let mut own = Mqtt::reading(addr, Some(("kitchen", &token)), &about("user/kitchen/+")).await;
    own.until(|topic, payload| topic.ends_with("watchlists") && !payload.is_empty()).await;
    let renewed = home.user(&["token", "kitchen"]).await;
    until_login(addr, "kitchen", &renewed, true).await;
    until_login(addr, "kitchen", &token, false).await;
    assert!(home.user(&["list"]).await.contains("kitchen"));
    home.user(&["remove", "kitchen"]).await;
    in_time(own.ended()).await;
    until_login(addr, "kitchen", &renewed, false).await;
    assert_eq!(home.user(&["list"]).await, "me");
    let profiles = std::fs::read_to_string(home.data().join("profiles.json")).unwrap();
    assert!(!profiles.contains("kitchen"));
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_managed_beside_a_desk_wherever_it_works() {
    let apart = Installation::new();
    let mut running: Vec<Process> = ["broker", "desk"].map(|role| apart.start(role)).into();
    for process in &mut running {
        process.ready().await;
    }
    users_are_managed(&apart).await;
    let together = Installation::new();
    let mut all = together.start("all");
    all.ready().await;
    users_are_managed(&together).await;
    let refused = together.client.request(Method::GET, format!("{}/api/v1/users/me/watchlists", all.origin()));
    assert_eq!(refused.bearer_auth("kitchen's").send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
}
