//! A user's own quotes: read by that user alone, under its name, and never among the providers'.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use common::{Mqtt, Server, YOUR_TOKEN, start};
use market::{StreamMessage, Timestamp, UserName};
use quickstocks_server::stream::QuoteStream;
use reqwest::Method;
use serde_json::{Value, json};

const ROOT: &str = "quickstocks/v1";

fn quote(symbol: &str, price: f64) -> Value {
    let now = Timestamp::now();
    json!({
        "symbol": symbol, "kind": "other", "currency": "EUR", "price": price, "session": "regular",
        "quoted_at": now, "received_at": now, "source": "yahoo", "state": "live",
    })
}

/// As the broker passes it on from somebody with the right to publish it.
async fn say(server: &Server, topic: &str, payload: &Value) {
    let link = server.services.broker.as_ref().unwrap().link();
    let payload = if payload.is_null() { String::new() } else { payload.to_string() };
    link.publish(&format!("{ROOT}/{topic}"), payload.into(), false).await.unwrap();
}

fn priced(payload: &[u8], price: f64) -> bool {
    serde_json::from_slice::<Value>(payload).is_ok_and(|quote| quote["price"] == json!(price))
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_shown_to_its_user_under_its_name_and_to_nobody_else() {
    let server = start().await;
    let mut mine = Mqtt::reading(server.mqtt_addr(), Some(("me", &server.token)), &format!("{ROOT}/#")).await;
    let mut yours = Mqtt::reading(server.mqtt_addr(), Some(("you", YOUR_TOKEN)), &format!("{ROOT}/#")).await;
    mine.until(|topic, _| topic.ends_with("/quote/AAPL")).await;
    yours.until(|topic, _| topic.ends_with("/quote/AAPL")).await;
    for wrong in [
        json!("GOLD"),
        quote("SILVER", 1.0),
        json!({ "symbol": "GOLD", "price": 1.0 }),
        {
            let mut much = quote("GOLD", 1.0);
            much["name"] = json!("x".repeat(5_000));
            much
        },
        {
            let mut late = quote("GOLD", 1.0);
            late["quoted_at"] = json!("2999-01-01T00:00:00Z");
            late
        },
    ] {
        say(&server, "feed/me/GOLD", &wrong).await;
    }
    // A symbol that the providers have, too: theirs stays what it is.
    say(&server, "feed/me/AAPL", &quote("AAPL", 0.125)).await;
    say(&server, "feed/me/GOLD", &quote("GOLD", 2_650.5)).await;
    let gold = format!("{ROOT}/user/me/feed/GOLD");
    let (topic, payload) = mine.until(|topic, _| topic.contains("GOLD")).await;
    assert_eq!(topic, gold, "nowhere else");
    let taken: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(
        (&taken["price"], &taken["source"], &taken["currency"]),
        (&json!(2_650.5), &json!("feed:me"), &json!("EUR"))
    );
    // What is said after it comes after it: by then nothing else had come of it.
    say(&server, "feed/you/GOLD", &quote("GOLD", 3.0)).await;
    let heard = yours.until(|topic, payload| topic.contains("GOLD") || priced(payload, 0.125)).await;
    assert_eq!(heard.0, format!("{ROOT}/user/you/feed/GOLD"));
    assert_ne!(server.get("/quotes/AAPL").await["price"], json!(0.125));
    say(&server, "feed/me/GOLD", &Value::Null).await;
    mine.until(|topic, payload| topic == gold && payload.is_empty()).await;
    server.services.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_shows_it_where_no_provider_has_the_symbol() {
    let server = start().await;
    let mut stream = QuoteStream::new(&server.services.bus, UserName::me()).await;
    let path = "/users/me/watchlists/default/symbols/AAPL";
    assert!(server.mine(Method::PUT, path).send().await.unwrap().status().is_success());
    let mut read = async |wanted: &str, source: &str| loop {
        let (StreamMessage::Snapshot(quotes) | StreamMessage::Batch(quotes)) = stream.next().await.unwrap() else {
            continue;
        };
        for quote in quotes {
            assert!(quote.symbol.as_str() != "AAPL" || quote.source == "simulated", "{quote:?}");
            if quote.symbol.as_str() == wanted && quote.source == source {
                return;
            }
        }
    };
    read("AAPL", "simulated").await;
    say(&server, "feed/me/AAPL", &quote("AAPL", 0.125)).await;
    say(&server, "feed/me/GOLD", &quote("GOLD", 2_650.5)).await;
    read("GOLD", "feed:me").await;
    read("AAPL", "simulated").await;
    server.services.stop().await;
}
