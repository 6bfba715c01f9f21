//! Requests to Binance and Coinbase, as the settings lead to them, against a server on this machine.

#![allow(clippy::unwrap_used, clippy::float_cmp)]

mod house;
mod provider_stub;

use bus::{Interest, Message};
use house::{House, until};
use market::{QuoteState, Range, Standstill, Symbol};
use provider_stub::{Asked, Says, Stub, says};
use quote_engine::provider::{
    Provider, ProviderError,
    binance::{BinanceConfig, BinanceProvider},
    coinbase::{CoinbaseConfig, CoinbaseProvider},
    settings::Network,
};

const BUDGET: f64 = 10_000.0;
const INVALID_SYMBOL: &str = r#"{"code":-1121,"msg":"Invalid symbol."}"#;

fn symbols(names: &[&str]) -> Vec<Symbol> {
    names.iter().map(|name| Symbol::parse(name).unwrap()).collect()
}

fn binance(stub: &Stub) -> BinanceProvider {
    let rest_url = format!("{}/", stub.url);
    let config = BinanceConfig { rest_url, requests_per_second: BUDGET, ..BinanceConfig::default() };
    BinanceProvider::new(&config, &Network::default()).unwrap()
}

fn coinbase(stub: &Stub) -> CoinbaseProvider {
    let config =
        CoinbaseConfig { rest_url: stub.url.clone(), requests_per_second: BUDGET, ..CoinbaseConfig::default() };
    CoinbaseProvider::new(&config, &Network::default()).unwrap()
}

/// As Binance does: one unlisted symbol (here those with NO in front) spoils the request.
fn tickers(asked: &Asked) -> Says {
    let listed: Vec<String> = serde_json::from_str(&asked.query["symbols"]).unwrap();
    if listed.iter().any(|symbol| symbol.starts_with("NO")) {
        return says(400, INVALID_SYMBOL);
    }
    let row = |symbol: &String| {
        format!(
            r#"{{"symbol":"{symbol}","priceChange":"2.50","priceChangePercent":"2.5","lastPrice":"102.50000000","openPrice":"100.00000000","closeTime":1763799999000}}"#
        )
    };
    says(200, format!("[{}]", listed.iter().map(row).collect::<Vec<_>>().join(",")))
}

#[tokio::test]
async fn binance_answers_under_every_name() {
    let stub = Stub::start(tickers).await;
    let answer = binance(&stub).quotes(&symbols(&["BTC-USD", "BTC/USDT", "ETH-EUR", "BRK-B"])).await.unwrap();
    let named: Vec<(&str, &str)> =
        answer.quotes.iter().map(|quote| (quote.symbol.as_str(), quote.currency.as_deref().unwrap())).collect();
    assert_eq!(named, [("BTC-USD", "USDT"), ("BTC/USDT", "USDT"), ("ETH-EUR", "EUR")]);
    assert_eq!(answer.unknown, symbols(&["BRK-B"]));
    assert_eq!(stub.count("/api/v3/ticker/24hr"), 1);
    assert_eq!(stub.asked()[0].query["symbols"], r#"["BTCUSDT","ETHEUR"]"#);
    assert!(stub.asked()[0].target.contains("%5B%22BTCUSDT%22%2C%22"), "encoded");
}

#[tokio::test]
async fn an_unlisted_symbol_spoils_no_other_at_binance() {
    let stub = Stub::start(tickers).await;
    let names: Vec<String> = (0..100).map(|n| format!("{}{n}C-USDT", if n % 33 == 7 { "NO" } else { "S" })).collect();
    let asked = symbols(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let answer = binance(&stub).quotes(&asked).await.unwrap();
    assert_eq!((answer.quotes.len(), answer.rejected.len()), (97, 0));
    let mut unknown: Vec<&str> = answer.unknown.iter().map(Symbol::as_str).collect();
    unknown.sort_unstable();
    assert_eq!(unknown, ["NO40C-USDT", "NO73C-USDT", "NO7C-USDT"]);
    assert!(stub.asked().len() < 2 * 3 * 8, "{} requests", stub.asked().len());
}

#[tokio::test]
async fn statuses_of_both_mean_what_they_say() {
    for (status, body, expected) in [
        (451, r#"{"code":0,"msg":"Service unavailable from a restricted location"}"#, "Refused"),
        (403, "<html>", "Refused"),
        (429, "{}", "RateLimited"),
        (500, "{}", "Unreachable"),
        (404, "<html>", "Malformed"),
        (400, r#"{"code":-1102,"msg":"Mandatory parameter"}"#, "Malformed"),
        (200, "<html>", "Malformed"),
        (200, "", "Malformed"),
    ] {
        let stub = Stub::start(move |_| says(status, body)).await;
        let providers: [Box<dyn Provider>; 2] = [Box::new(binance(&stub)), Box::new(coinbase(&stub))];
        for provider in providers {
            let error = provider.quotes(&symbols(&["BTC-USD"])).await.unwrap_err();
            assert!(format!("{error:?}").starts_with(expected), "{status} {body}: {error:?}");
            assert!(!error.to_string().contains('<'), "{error}");
        }
    }
    let stub = Stub::start(|_| says(418, "{}").with("retry-after", "7")).await;
    let error = binance(&stub).quotes(&symbols(&["BTC-USD"])).await.unwrap_err();
    assert!(matches!(error, ProviderError::RateLimited { retry_after: Some(pause), .. } if pause.as_secs() == 7));
}

#[tokio::test]
async fn binance_history() {
    let stub = Stub::start(|asked| {
        let known = asked.query["symbol"] != "NOUSDT";
        if known { says(200, include_str!("fixtures/binance/klines.json")) } else { says(400, INVALID_SYMBOL) }
    })
    .await;
    let provider = binance(&stub);
    let history = provider.history(&symbols(&["NUT-USD"])[0], Range::FiveYears).await.unwrap();
    assert_eq!((history.bars.len(), history.interval.as_str()), (2, "1wk"));
    assert_eq!((history.currency.as_deref(), history.symbol.as_str()), (Some("USDT"), "NUT-USD"));
    assert_eq!(stub.asked()[0].query["interval"], "1w");
    let error = provider.history(&symbols(&["NO-USD"])[0], Range::Day).await.unwrap_err();
    assert!(matches!(error, ProviderError::UnknownSymbol { symbol, .. } if symbol.as_str() == "NO-USD"));
}

fn product(asked: &Asked) -> Says {
    if asked.is("/NO-") {
        return says(404, r#"{"message":"NotFound"}"#);
    }
    match asked.path.rsplit('/').next().unwrap() {
        "ticker" => says(200, include_str!("fixtures/coinbase/ticker.json")),
        "stats" if asked.is("/ODD-") => says(500, ""),
        "stats" => says(200, include_str!("fixtures/coinbase/stats.json")),
        "products" => says(200, include_str!("fixtures/coinbase/products.json")),
        _ => says(200, "[]"),
    }
}

#[tokio::test]
async fn coinbase_quotes_take_two_requests() {
    let stub = Stub::start(product).await;
    let answer = coinbase(&stub).quotes(&symbols(&["NUT-USD", "NUT/USD", "NO-USD", "ODD-EUR"])).await.unwrap();
    assert_eq!(answer.unknown, symbols(&["NO-USD"]));
    let found: Vec<(&str, Option<f64>)> =
        answer.quotes.iter().map(|quote| (quote.symbol.as_str(), quote.change.map(market::Price::to_f64))).collect();
    assert_eq!(found, [("NUT-USD", Some(854.3)), ("NUT/USD", Some(854.3)), ("ODD-EUR", None)]);
    assert_eq!(stub.count("/products/NUT-USD/"), 2);
}

#[tokio::test]
async fn coinbase_search_asks_for_the_list_once() {
    let stub = Stub::start(product).await;
    let provider = coinbase(&stub);
    for text in ["nut", "NUT-USD", "nut/usd"] {
        let found = provider.search(text).await.unwrap();
        assert_eq!((found[0].symbol.as_str(), found[0].name.as_str()), ("NUT-USD", "NUT/USD"), "{text}");
    }
    assert!(provider.search("old").await.unwrap().is_empty(), "delisted");
    assert_eq!(stub.asked().len(), 1);
}

#[tokio::test]
async fn coinbase_history_goes_back_until_nothing_comes() {
    let stub = Stub::start(|asked| {
        let first: i64 = asked.query["start"].parse::<jiff::Timestamp>().unwrap().as_second();
        let listed = jiff::Timestamp::now().as_second() - 500 * 86_400;
        let candle = format!("[[{}, 1, 2, 1.5, 1.75, 10]]", first + 86_400);
        says(200, if first > listed { candle } else { "[]".to_owned() })
    })
    .await;
    let history = coinbase(&stub).history(&symbols(&["NUT-GBP"])[0], Range::Max).await.unwrap();
    assert_eq!((history.bars.len(), stub.asked().len()), (1, 2));
    assert_eq!((history.interval.as_str(), history.currency.as_deref()), ("1d", Some("GBP")));
    assert_eq!(stub.asked()[0].query["granularity"], "86400");
}

/// A feed that asks an exchange for a pair whose last trade was so many minutes ago: what is published of it.
async fn published(exchange: &str, pair: &str, minutes: i64) -> (Option<Standstill>, QuoteState) {
    let at = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(minutes);
    let stub = Stub::start(move |asked| match asked.path.as_str() {
        path if path.ends_with("/stats") => says(200, "{}"),
        path if path.ends_with("/ticker") => says(200, format!(r#"{{"price":"5.25","time":"{at}"}}"#)),
        _ => says(200, format!(r#"[{{"symbol":"NUTUSDT","lastPrice":"5.25","closeTime":{}}}]"#, at.as_millisecond())),
    })
    .await;
    let rest_url = stub.url.clone();
    let network = Network::default();
    let provider: std::sync::Arc<dyn Provider> = if exchange == "binance" {
        let config = BinanceConfig { rest_url, stream_url: String::new(), ..BinanceConfig::default() };
        std::sync::Arc::new(BinanceProvider::new(&config, &network).unwrap())
    } else {
        let config = CoinbaseConfig { rest_url, stream_url: String::new(), ..CoinbaseConfig::default() };
        std::sync::Arc::new(CoinbaseProvider::new(&config, &network).unwrap())
    };
    let house = House::open(quote_engine::feed::Source::only(provider), &[pair], false);
    let mut quotes = house.hear(Interest::Quotes).await;
    until(&mut quotes, |message| match message {
        Message::Quote(quote) => Some((quote.standstill, quote.state)),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn a_pair_that_is_halted_is_no_live_one() {
    for (exchange, pair) in [("coinbase", "NUT-USD"), ("binance", "NUT-USDT")] {
        assert_eq!(published(exchange, pair, 1).await, (None, QuoteState::Live), "{exchange}");
        assert_eq!(published(exchange, pair, 60).await, (Some(Standstill::Halted), QuoteState::Closed), "{exchange}");
    }
}
