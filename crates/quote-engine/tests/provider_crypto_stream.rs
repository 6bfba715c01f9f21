//! The streams of Binance and Coinbase, as the settings lead to them, against a server on this machine.

#![allow(clippy::unwrap_used, clippy::float_cmp)]

mod ws_stub;

use std::{collections::BTreeSet, sync::Arc};

use market::Symbol;
use quote_engine::provider::{
    Provider,
    binance::{BinanceConfig, BinanceProvider},
    coinbase::{CoinbaseConfig, CoinbaseProvider},
    settings::Network,
    stream::{Delivery, Tick, TickReceiver, mailbox},
};
use serde_json::{Value, json};
use tokio::sync::watch;
use ws_stub::{Event, WsStub};

fn symbols(names: &[&str]) -> Arc<[Symbol]> {
    names.iter().map(|name| Symbol::parse(name).unwrap()).collect()
}

fn streaming(provider: impl Provider + 'static, names: &[&str]) -> (watch::Sender<Arc<[Symbol]>>, TickReceiver) {
    let (wanted, receiver) = watch::channel(symbols(names));
    let (ticks, heard) = mailbox();
    tokio::spawn(async move { provider.stream(receiver, ticks).await });
    (wanted, heard)
}

fn binance(stub: &WsStub) -> BinanceProvider {
    let config = BinanceConfig { stream_url: stub.url.clone(), ..BinanceConfig::default() };
    BinanceProvider::new(&config, &Network::default()).unwrap()
}

fn coinbase(stub: &WsStub) -> CoinbaseProvider {
    let config = CoinbaseConfig { stream_url: stub.url.clone(), ..CoinbaseConfig::default() };
    CoinbaseProvider::new(&config, &Network::default()).unwrap()
}

/// The prices that come next, by name, until there are as many.
async fn prices(heard: &TickReceiver, count: usize) -> BTreeSet<(String, String)> {
    let mut prices = BTreeSet::new();
    while prices.len() < count {
        for tick in heard.recv().await.ticks {
            let Tick::Quote(quote) = tick else { panic!("{tick:?}") };
            prices.insert((quote.symbol.to_string(), quote.price.to_string()));
        }
    }
    prices
}

async fn lost(heard: &TickReceiver) -> Vec<Symbol> {
    loop {
        if let Delivery { lost: Some((_, without)), .. } = heard.recv().await {
            return without;
        }
    }
}

fn mini_ticker(joined: &str, price: &str, at: i64) -> String {
    let stream = format!("{}@miniTicker", joined.to_lowercase());
    let data = json!({ "e": "24hrMiniTicker", "E": at, "s": joined, "c": price, "o": "100", "h": "110", "l": "90",
        "v": "5", "q": "500" });
    json!({ "stream": stream, "data": data }).to_string()
}

fn params(message: &str) -> (String, Vec<String>) {
    let message: Value = serde_json::from_str(message).unwrap();
    (message["method"].as_str().unwrap().to_owned(), serde_json::from_value(message["params"].clone()).unwrap())
}

fn expected(list: &[(&str, &str)]) -> BTreeSet<(String, String)> {
    list.iter().map(|(name, price)| ((*name).to_owned(), (*price).to_owned())).collect()
}

#[tokio::test]
async fn binance_is_asked_once_for_a_pair_with_several_names() {
    let mut stub = WsStub::start().await;
    let (wanted, heard) = streaming(binance(&stub), &["BTC-USD", "BTC/USDT", "ETH-BTC", "BRK-B"]);
    let peer = stub.opened().await;
    assert_eq!(peer.path, "/stream");
    let asked = params(&stub.said(1).await[0].1);
    let streams = ["btcusdt@miniTicker", "ethbtc@miniTicker"].map(str::to_owned).to_vec();
    assert_eq!(asked, ("SUBSCRIBE".to_owned(), streams));
    peer.say(r#"{"result":null,"id":1}"#);
    peer.say(mini_ticker("BTCUSDT", "102.5", 1_763_799_990_000));
    assert_eq!(prices(&heard, 2).await, expected(&[("BTC-USD", "102.5"), ("BTC/USDT", "102.5")]));

    wanted.send_replace(symbols(&["BTC-USD"]));
    let asked = params(&stub.said(1).await[0].1);
    assert_eq!(asked, ("UNSUBSCRIBE".to_owned(), vec!["ethbtc@miniTicker".to_owned()]));
    peer.say(mini_ticker("BTCUSDT", "103", 1_763_799_991_000));
    assert_eq!(prices(&heard, 1).await, expected(&[("BTC-USD", "103")]), "the other name is wanted no more");
}

#[tokio::test]
async fn binance_that_goes_is_left_and_found_again() {
    let mut stub = WsStub::start().await;
    let (_wanted, heard) = streaming(binance(&stub), &["BTC-USD", "BTC-USDT"]);
    let peer = stub.opened().await;
    stub.said(1).await;
    peer.say(r#"{"e":"serverShutdown","E":1763799990000}"#);
    assert_eq!(lost(&heard).await, *symbols(&["BTC-USD", "BTC-USDT"]), "under the names it was asked by");
    let peer = stub.opened().await;
    assert_eq!(params(&stub.said(1).await[0].1).1, ["btcusdt@miniTicker"]);
    peer.say(mini_ticker("BTCUSDT", "104", 1_763_799_992_000));
    assert_eq!(prices(&heard, 2).await.len(), 2);
}

fn ticker(product: &str, price: &str, sequence: u64) -> String {
    json!({ "type": "ticker", "sequence": sequence, "product_id": product, "price": price, "open_24h": "100",
        "volume_24h": "5", "low_24h": "90", "high_24h": "110", "time": "2025-11-22T08:26:29.000000Z" })
    .to_string()
}

/// Answers a subscription as the vendor does: a message with an unknown product is refused as a whole.
fn acknowledgement(message: &str) -> Vec<String> {
    let message: Value = serde_json::from_str(message).unwrap();
    let products: Vec<String> = serde_json::from_value(message["product_ids"].clone()).unwrap();
    if let Some(bad) = products.iter().find(|product| product.starts_with("NO")) {
        let reason = format!("{bad} is not a valid product");
        return vec![json!({ "type": "error", "message": "Failed to subscribe", "reason": reason }).to_string()];
    }
    products.iter().map(|product| ticker(product, "101.5", 7)).collect()
}

#[tokio::test]
async fn an_unknown_product_spoils_no_other_at_coinbase() {
    let mut stub = WsStub::start().await;
    let (_wanted, heard) = streaming(coinbase(&stub), &["NO-USD", "BTC-USD", "NOT-EUR", "ETH-EUR"]);
    let peer = stub.opened().await;
    for (_, message) in stub.said(4).await {
        for answer in acknowledgement(&message) {
            peer.say(answer);
        }
    }
    assert_eq!(prices(&heard, 2).await, expected(&[("BTC-USD", "101.5"), ("ETH-EUR", "101.5")]));
    peer.say(ticker("BTC-USD", "99", 6));
    peer.say(ticker("BTC-USD", "102", 8));
    assert_eq!(prices(&heard, 1).await, expected(&[("BTC-USD", "102")]), "what is out of order is dropped");
}

#[tokio::test]
async fn coinbase_that_closes_is_found_again() {
    let mut stub = WsStub::start().await;
    let (_wanted, heard) = streaming(coinbase(&stub), &["BTC/USD"]);
    let peer = stub.opened().await;
    stub.said(1).await;
    peer.say(ticker("BTC-USD", "101", 900));
    assert_eq!(prices(&heard, 1).await, expected(&[("BTC/USD", "101")]));
    peer.close();
    assert_eq!(lost(&heard).await, *symbols(&["BTC/USD"]));
    let Event::Gone(0) = stub.next().await else { panic!() };
    let peer = stub.opened().await;
    let message = stub.said(1).await.remove(0).1;
    assert!(message.contains("\"BTC-USD\"") && message.contains("\"ticker\""), "{message}");
    peer.say(ticker("BTC-USD", "103", 3));
    assert_eq!(prices(&heard, 1).await, expected(&[("BTC/USD", "103")]), "the sequence began anew");
}
