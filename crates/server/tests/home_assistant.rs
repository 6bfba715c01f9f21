//! Home Assistant and its kind against the whole: the packets they send, byte by byte, and what they find.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use std::net::SocketAddr;

use common::{Mqtt, PATIENCE, Server, folder_of_two, start_in};
use market::{Alert, Edit, UserName};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

const ON: (&str, &str) = ("QUICKSTOCKS_BROKER__HOME_ASSISTANT", "true");
const AAPL: &str = "homeassistant/sensor/quickstocks_AAPL/config";
/// Nobody follows it at first.
const TSLA: &str = "homeassistant/sensor/quickstocks_TSLA/config";

/// A client that sends what Home Assistant's paho sends, as version 3.1.1 or 5.
struct Home {
    stream: TcpStream,
    version: u8,
}

fn text(text: &str) -> Vec<u8> {
    [&u16::try_from(text.len()).unwrap().to_be_bytes(), text.as_bytes()].concat()
}

fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![first];
    let mut length = body.len();
    while length > 0x7f {
        out.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    out.push(u8::try_from(length).unwrap());
    [out, body.to_vec()].concat()
}

impl Home {
    /// Connects as Home Assistant does: a clean session, sixty seconds, a will on `homeassistant/status`.
    async fn connect(addr: SocketAddr, version: u8, retains_will: bool) -> Self {
        let flags = if retains_will { 0x26 } else { 0x06 };
        let no_properties: &[u8] = if version == 5 { &[0] } else { &[] };
        let body = [
            &b"\x00\x04MQTT"[..],
            &[version, flags, 0, 60],
            no_properties,
            &text("4fBqcwwyqQBVDaR0XMB6xP"),
            no_properties,
            &text("homeassistant/status"),
            &text("offline"),
        ];
        let mut home = Self { stream: TcpStream::connect(addr).await.unwrap(), version };
        home.send(&packet(0x10, &body.concat())).await;
        let (first, body) = home.packet().await;
        assert_eq!((first, &body[..2]), (0x20, &[0, 0][..]), "let in");
        home
    }

    /// Subscribes as it does once it is connected.
    async fn discover(&mut self) {
        self.subscribe(1, &["homeassistant/+/+/config", "homeassistant/+/+/+/config"]).await;
        self.subscribe(2, &["homeassistant/status", "hass/status", "tasmota/discovery/#"]).await;
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    async fn subscribe(&mut self, id: u16, filters: &[&str]) {
        let no_properties: &[u8] = if self.version == 5 { &[0] } else { &[] };
        let filters = filters.iter().flat_map(|filter| [text(filter), vec![0]].concat());
        let body = [id.to_be_bytes().to_vec(), no_properties.to_vec(), filters.collect()].concat();
        self.send(&packet(0x82, &body)).await;
    }

    async fn publish(&mut self, first: u8, topic: &str, payload: &str) {
        let id: &[u8] = if first & 6 == 0 { &[] } else { &[0, 9] };
        let no_properties: &[u8] = if self.version == 5 { &[0] } else { &[] };
        self.send(&packet(first, &[&text(topic), id, no_properties, payload.as_bytes()].concat())).await;
    }

    async fn packet(&mut self) -> (u8, Vec<u8>) {
        let reading = async {
            let first = self.stream.read_u8().await?;
            let (mut length, mut shift) = (0, 0);
            loop {
                let byte = self.stream.read_u8().await?;
                length |= usize::from(byte & 0x7f) << shift;
                shift += 7;
                if byte & 0x80 == 0 {
                    break;
                }
            }
            let mut body = vec![0; length];
            self.stream.read_exact(&mut body).await?;
            Ok::<_, std::io::Error>((first, body))
        };
        tokio::time::timeout(PATIENCE, reading).await.expect("a packet").expect("the connection stands")
    }

    /// Reads on to a packet of this type.
    async fn until_packet(&mut self, kind: u8) -> Vec<u8> {
        loop {
            let (first, body) = self.packet().await;
            if first & 0xf0 == kind {
                return body;
            }
        }
    }

    /// Reads on until something is published on this topic; what that is, and whether it was kept for a newcomer.
    async fn until(&mut self, topic: &str) -> (String, bool) {
        loop {
            let (first, body) = self.packet().await;
            if first & 0xf0 != 0x30 {
                continue;
            }
            let length = usize::from(u16::from_be_bytes([body[0], body[1]]));
            let (said, rest) = (std::str::from_utf8(&body[2..2 + length]).unwrap(), &body[2 + length..]);
            let properties = if self.version == 5 { 1 + usize::from(rest[0]) } else { 0 };
            if said == topic {
                return (String::from_utf8(rest[properties..].to_vec()).unwrap(), first & 1 == 1);
            }
        }
    }
}

async fn start(more: &[(&str, &str)]) -> Server {
    start_in(folder_of_two(), &[&[ON], more].concat()).await.unwrap()
}

async fn follow(server: &Server, method: Method, symbol: &str) {
    let path = format!("/users/me/watchlists/default/symbols/{symbol}");
    assert!(server.mine(method, &path).send().await.unwrap().status().is_success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_followed_symbol_is_a_sensor_until_nobody_follows_it() {
    for version in [4, 5] {
        let server = start(&[]).await;
        let mut home = Home::connect(server.mqtt_addr(), version, false).await;
        home.discover().await;
        follow(&server, Method::PUT, "TSLA").await;
        let (announced, _) = home.until(TSLA).await;
        let sensor: Value = serde_json::from_str(&announced).unwrap();
        assert_eq!(sensor["unit_of_measurement"], "USD");
        assert_eq!(sensor["state_class"], "measurement");
        assert!(sensor.get("device_class").is_none());

        // What it subscribes to next is an echo: it keeps nothing announced that the user has dropped.
        let topic = |key: &str| sensor[key].as_str().unwrap().to_owned();
        let (state, attributes) = (topic("state_topic"), topic("json_attributes_topic"));
        home.subscribe(3, &[&state, &attributes]).await;
        let (price, kept) = home.until(&state).await;
        assert!(price.parse::<f64>().unwrap() > 0.0 && kept);
        let (quote, _) = home.until(&attributes).await;
        assert_eq!(serde_json::from_str::<Value>(&quote).unwrap()["symbol"], "TSLA");
        for (id, needed) in sensor["availability"].as_array().unwrap().iter().enumerate() {
            let status = needed["topic"].as_str().unwrap();
            home.subscribe(4 + u16::try_from(id).unwrap(), &[status]).await;
            let (said, _) = home.until(status).await;
            assert_eq!(serde_json::from_str::<Value>(&said).unwrap()["state"], "online", "{status}");
        }

        follow(&server, Method::DELETE, "TSLA").await;
        assert_eq!(home.until(TSLA).await.0, "", "withdrawn");
        let mut late = Home::connect(server.mqtt_addr(), version, false).await;
        late.discover().await;
        late.until("homeassistant/sensor/quickstocks_MSFT/config").await;
        late.publish(0x32, "homeassistant/status", "online").await;
        // The connection that this one replaced says offline by its will: sooner or later, it is none of this one's news.
        let mut status = late.until("homeassistant/status").await.0;
        while status == "offline" {
            status = late.until("homeassistant/status").await.0;
        }
        assert_eq!(status, "online", "its own birth message comes back to it, as from any broker");
        server.services.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_birth_message_has_everything_announced_again() {
    let server = start(&[]).await;
    let mut home = Home::connect(server.mqtt_addr(), 4, true).await;
    home.discover().await;
    let (first, _) = home.until(AAPL).await;
    home.publish(0x31, "homeassistant/status", "online").await;
    assert_eq!(home.until(AAPL).await, (first, false), "said again, not only kept");
    home.until("homeassistant/event/quickstocks_alerts_me/config").await;
    // It goes without a word: its will is kept for whoever asks.
    drop(home);
    let mut heard = Mqtt::reading(server.mqtt_addr(), None, "homeassistant/status").await;
    heard.until(|_, payload| payload == b"offline").await;
    server.services.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_display_subscribes_to_is_announced_as_well() {
    let server = start(&[]).await;
    let mut home = Home::connect(server.mqtt_addr(), 5, false).await;
    home.discover().await;
    home.until(AAPL).await;
    let mut display = Mqtt::reading(server.mqtt_addr(), None, "quickstocks/v1/price/VOD.L").await;
    display.until(|_, _| true).await;
    let (announced, _) = home.until("homeassistant/sensor/quickstocks_VOD_2eL/config").await;
    assert_eq!(serde_json::from_str::<Value>(&announced).unwrap()["unit_of_measurement"], "GBP");
    server.services.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_an_event() {
    let server = start(&[]).await;
    let mut home = Home::connect(server.mqtt_addr(), 4, false).await;
    home.discover().await;
    let (announced, _) = home.until("homeassistant/event/quickstocks_alerts_me/config").await;
    let events: Value = serde_json::from_str(&announced).unwrap();
    let topic = events["state_topic"].as_str().unwrap().to_owned();
    assert_eq!(topic, "quickstocks/v1/user/me/alert");
    let mut mine = Mqtt::reading(server.mqtt_addr(), Some(("me", &server.token)), &topic).await;
    let price = server.get("/quotes/AAPL").await["price"].as_f64().unwrap();
    // The market moves: one of them comes true.
    for (id, kind, line) in [("high", "above", price * 1.0001), ("low", "below", price * 0.9999)] {
        let alert = json!({
            "id": id, "symbol": "AAPL", "condition": { "kind": kind, "value": line },
            "repeat": true, "extended_hours": false, "enabled": true,
        });
        let alert: Alert = serde_json::from_value(alert).unwrap();
        server.services.desk.apply(&UserName::me(), Edit::PutAlert { alert }).await.unwrap();
    }
    let (_, fired) = mine.until(|_, _| true).await;
    let fired: Value = serde_json::from_slice(&fired).unwrap();
    let kinds = events["event_types"].as_array().unwrap();
    assert!(kinds.contains(&fired["condition"]["kind"]), "{fired}");
    server.services.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_they_publish_beside_is_acknowledged_and_changes_nothing() {
    let server = start(&[]).await;
    let before = server.services.broker.as_ref().unwrap().stats().retained;
    for (version, answer) in [(4, &[0, 9][..]), (5, &[0, 9, 0x87])] {
        let mut home = Home::connect(server.mqtt_addr(), version, false).await;
        home.discover().await;
        home.until(AAPL).await;
        home.publish(0x33, "homeassistant/switch/lamp/config", r#"{"name":"Lamp"}"#).await;
        assert_eq!(&home.until_packet(0x40).await[..answer.len()], answer);
        home.publish(0x33, AAPL, "").await;
        assert_eq!(&home.until_packet(0x40).await[..answer.len()], answer, "nobody else withdraws");
        home.send(&[0xc0, 0]).await;
        home.until_packet(0xd0).await;
    }
    let mut fresh = Home::connect(server.mqtt_addr(), 4, false).await;
    fresh.discover().await;
    assert!(fresh.until(AAPL).await.1, "still kept");
    assert!(server.services.broker.as_ref().unwrap().stats().retained <= before + 20);
    server.services.stop().await;
}

/// A device of `ESPHome` with two hundred entities and a chatty log: what it sends when it connects, and on from there.
#[tokio::test(flavor = "multi_thread")]
async fn an_esphome_device_is_never_put_off() {
    let server = start(&[]).await;
    let mut device = TcpStream::connect(server.mqtt_addr()).await.unwrap();
    // Version 3.1.1, a session to be kept, fifteen seconds, a retained will on its own status.
    let connect =
        [&b"\x00\x04MQTT\x04\x24\x00\x0f"[..], &text("porch-a1b2c3"), &text("porch/status"), &text("offline")].concat();
    device.write_all(&packet(0x10, &connect)).await.unwrap();
    let mut home = Home { stream: device, version: 4 };
    assert_eq!(home.packet().await, (0x20, vec![0, 0]));
    home.publish(0x31, "porch/status", "online").await;
    home.publish(0x31, "esphome/discover/porch", r#"{"ip":"192.168.1.7","name":"porch"}"#).await;
    home.subscribe(1, &["esphome/discover", "esphome/ping/porch"]).await;
    home.subscribe(2, &["quickstocks/v1/price/AAPL"]).await;
    for entity in 0..200 {
        home.publish(0x31, &format!("homeassistant/sensor/porch/e{entity}/config"), &"x".repeat(500)).await;
        home.publish(0x31, &format!("porch/sensor/e{entity}/state"), "21.5").await;
    }
    for line in 0..4_000 {
        home.publish(0x30, "porch/debug", &format!("[D][sensor:094]: 'e{line}': Sending state 21.5")).await;
    }
    home.send(&[0xc0, 0]).await;
    home.until_packet(0xd0).await;
    home.until("quickstocks/v1/price/AAPL").await;
    let stats = server.services.broker.as_ref().unwrap().stats();
    assert_eq!(stats.refused_publishes, 4_402, "all of it dropped, and the price read on");
    server.services.stop().await;
}

/// The folder of a server that has announced, and is now stopped.
async fn left_behind() -> TempDir {
    let server = start(&[]).await;
    Mqtt::reading(server.mqtt_addr(), None, AAPL).await.until(|_, _| true).await;
    let Server { services, folder, .. } = server;
    services.stop().await;
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn turned_off_it_takes_back_what_it_announced() {
    let folder = left_behind().await;
    let written = folder.path().join("home-assistant.json");
    assert!(written.exists());
    let server = start_in(folder, &[]).await.unwrap();
    let mut home = Home::connect(server.mqtt_addr(), 4, false).await;
    home.discover().await;
    home.publish(0x30, "homeassistant/status", "online").await;
    assert_eq!(home.until(AAPL).await.0, "");
    let gone = async {
        while written.exists() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.expect("forgotten once it was heard");
    let Server { services, folder, .. } = server;
    services.stop().await;
    let server = start_in(folder, &[]).await.unwrap();
    let broker = server.services.broker.clone().unwrap();
    let mut home = Home::connect(server.mqtt_addr(), 4, false).await;
    home.publish(0x32, "homeassistant/status", "online").await;
    home.until_packet(0x40).await;
    assert_eq!(broker.stats().refused_publishes, 1, "and its topics are nobody's again");
    server.services.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn made_up_prices_that_stand_in_are_never_announced() {
    // Nobody answers there: the made-up market stands in.
    let nowhere = "http://127.0.0.1:1";
    let none = [
        ("QUICKSTOCKS_FEED__PROVIDER", "auto"),
        ("QUICKSTOCKS_PROVIDER__YAHOO__QUERY_URLS", nowhere),
        ("QUICKSTOCKS_PROVIDER__YAHOO__COOKIE_URL", nowhere),
        ("QUICKSTOCKS_PROVIDER__YAHOO__STREAM_URL", ""),
        ("QUICKSTOCKS_PROVIDER__BINANCE__REST_URL", nowhere),
        ("QUICKSTOCKS_PROVIDER__BINANCE__STREAM_URL", ""),
        ("QUICKSTOCKS_PROVIDER__COINBASE__REST_URL", nowhere),
        ("QUICKSTOCKS_PROVIDER__COINBASE__STREAM_URL", ""),
        ("QUICKSTOCKS_PROVIDER__FINNHUB__REST_URL", nowhere),
        ("QUICKSTOCKS_PROVIDER__FINNHUB__STREAM_URL", ""),
        ("QUICKSTOCKS_PROVIDER__ECB__URL", nowhere),
        ("QUICKSTOCKS_PROVIDER__ECB__HISTORY_URL", nowhere),
    ];
    let server = start(&none).await;
    let mut quotes = Mqtt::reading(server.mqtt_addr(), None, "quickstocks/v1/quote/+").await;
    for symbol in ["AAPL", "BTC-USD"] {
        let topic = format!("quickstocks/v1/quote/{symbol}");
        let (_, quote) = quotes.until(|said, _| said == topic).await;
        assert_eq!(serde_json::from_slice::<Value>(&quote).unwrap()["source"], "simulated");
    }
    let mut home = Home::connect(server.mqtt_addr(), 4, false).await;
    home.discover().await;
    home.publish(0x31, "homeassistant/status", "online").await;
    // After the first quotes, and after everything was announced again: alerts, and no sensor.
    let mut heard = home.until("homeassistant/event/quickstocks_alerts_me/config").await;
    if heard.1 {
        heard = home.until("homeassistant/event/quickstocks_alerts_me/config").await;
    }
    assert!(!heard.1);
    let link = server.services.broker.as_ref().unwrap().link();
    let mut announced = link.subscribe(&["homeassistant/sensor/+/config", "homeassistant/status"]);
    assert_eq!(&*announced.recv().await.unwrap().topic, "homeassistant/status", "nothing else is kept");
    server.services.stop().await;
}
