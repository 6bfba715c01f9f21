//! Finnhub and the European Central Bank as providers, against servers on this machine that are reached through the
//! settings.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod provider_stub;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::{
        Query,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    response::Response,
    routing::get,
};
use keyring_core::mock;
use market::{Kind, Range, Symbol};
use provider_stub::{Body, Says, Stub, says};
use quote_engine::{
    provider::{
        Provider, ProviderError, Retry,
        ecb::{EcbConfig, EcbProvider},
        finnhub::{FinnhubConfig, FinnhubProvider},
        settings::Network,
        stream::{Delivery, Tick, TickReceiver, mailbox},
    },
    secrets::{FINNHUB_KEY, Keychain, Secrets},
};
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
};

const QUOTE: &str = include_str!("fixtures/finnhub/quote.json");
const SEARCH: &str = include_str!("fixtures/finnhub/search.json");
const TRADES: &str = include_str!("fixtures/finnhub/trades.json");
const DAILY: &str = include_str!("fixtures/ecb/daily.xml");
const HISTORY: &str = include_str!("fixtures/ecb/history.xml");

fn symbols(names: &[&str]) -> Vec<Symbol> {
    names.iter().map(|name| Symbol::parse(name).unwrap()).collect()
}

/// Keys from the environment, and no keychain.
fn secrets(key: Option<&str>) -> Arc<Secrets> {
    let vars = key.map(|key| ("QUICKSTOCKS_PROVIDER__FINNHUB__KEY".to_owned(), key.to_owned()));
    Arc::new(Secrets::with(std::path::Path::new("/nowhere"), vars, Keychain::opened_by(|| Err("none".to_owned()))))
}

fn finnhub_at(rest_url: &str, stream_url: &str, secrets: Arc<Secrets>) -> FinnhubProvider {
    let config = FinnhubConfig {
        rest_url: rest_url.to_owned(),
        stream_url: stream_url.to_owned(),
        requests_per_second: 10_000.0,
    };
    FinnhubProvider::new(&config, &Network::default(), secrets).unwrap()
}

fn finnhub(stub: &Stub) -> FinnhubProvider {
    finnhub_at(&format!("{}/api/v1", stub.url), "", secrets(Some("sesame")))
}

#[tokio::test]
async fn a_quote_is_asked_for_by_the_vendors_name_with_the_key_in_a_header() {
    let stub = Stub::start(|_| says(200, QUOTE)).await;
    let answer = finnhub(&stub).quotes(&symbols(&["BRK-B"])).await.unwrap();
    assert_eq!((answer.quotes[0].symbol.as_str(), answer.quotes[0].price.to_f64()), ("BRK-B", 244.6));
    let asked = stub.asked();
    assert_eq!((asked.len(), asked[0].target.as_str()), (1, "/api/v1/quote?symbol=BRK.B"));
    assert_eq!(asked[0].headers["x-finnhub-token"], "sesame");
}

#[tokio::test]
async fn the_name_comes_with_the_second_price_and_is_asked_for_once() {
    let stub = Stub::start(|asked| {
        says(
            200,
            if asked.is("profile2") { r#"{"name":"Pear Inc","exchange":"NASDAQ","currency":"CNY"}"# } else { QUOTE },
        )
    })
    .await;
    let (provider, pear) = (finnhub(&stub), symbols(&["PEAR"]));
    let mut names = Vec::new();
    for _ in 0..4 {
        let quote = provider.quotes(&pear).await.unwrap().quotes.remove(0);
        assert_eq!(quote.currency.as_deref(), Some("USD"), "a profile's currency is that of the company's books");
        names.push(quote.name);
    }
    assert_eq!(
        (names[0].as_deref(), names[1].as_deref(), names[3].as_deref()),
        (None, Some("Pear Inc"), Some("Pear Inc"))
    );
    assert_eq!((stub.count("/quote"), stub.count("/profile2")), (4, 1));
}

#[tokio::test]
async fn a_profile_that_is_refused_holds_no_price_back() {
    let stub = Stub::start(|asked| if asked.is("profile2") { says(403, "{}") } else { says(200, QUOTE) }).await;
    let (provider, pear) = (finnhub(&stub), symbols(&["PEAR"]));
    for _ in 0..3 {
        assert_eq!(provider.quotes(&pear).await.unwrap().quotes.len(), 1);
    }
    assert_eq!(stub.count("/profile2"), 1);
}

#[tokio::test]
async fn what_is_not_of_the_united_states_is_never_asked_for() {
    let stub = Stub::start(|_| says(200, QUOTE)).await;
    let foreign = symbols(&["VOD.L", "^GSPC", "BTC-USD", "EURUSD=X"]);
    assert_eq!(finnhub(&stub).quotes(&foreign).await.unwrap().unknown, foreign);
    assert_eq!(stub.asked().len(), 0);
}

#[tokio::test]
async fn a_search_is_asked_for_what_was_typed() {
    let stub = Stub::start(|_| says(200, SEARCH)).await;
    assert_eq!(finnhub(&stub).search(" pear & co ").await.unwrap().len(), 3);
    assert_eq!(stub.asked()[0].target, "/api/v1/search?q=pear%20%26%20co&exchange=US");
}

#[tokio::test]
async fn a_quote_is_of_the_kind_that_a_search_or_a_profile_said() {
    let row = r#"{"result":[{"symbol":"SPY","type":"ETP","description":"SPDR S&P 500"}]}"#;
    let stub = Stub::start(move |asked| match asked.path.as_str() {
        path if path.ends_with("/search") => says(200, row),
        path if path.ends_with("/profile2") => says(200, r#"{"name":"Told","type":"ETP"}"#),
        _ => says(200, QUOTE),
    })
    .await;
    let provider = finnhub(&stub);
    let kinds = async || -> Vec<Kind> {
        let answer = provider.quotes(&symbols(&["SPY", "VOO"])).await.unwrap();
        answer.quotes.iter().map(|quote| quote.kind).collect()
    };
    assert_eq!(kinds().await, [Kind::Equity, Kind::Equity], "nobody has said anything yet");
    provider.search("spdr").await.unwrap();
    assert_eq!(kinds().await, [Kind::Etf, Kind::Etf]);
}

#[tokio::test]
async fn without_a_key_nobody_is_asked() {
    let stub = Stub::start(|_| says(200, QUOTE)).await;
    let provider = finnhub_at(&stub.url, "", secrets(None));
    let error = provider.quotes(&symbols(&["PEAR"])).await.unwrap_err();
    assert_eq!((error.to_string().as_str(), error.retry()), ("Finnhub needs a key, and none is set", Retry::Stop));
    assert_eq!(stub.asked().len(), 0);
}

/// What a provider makes of an answer.
async fn error_of(answer: Says) -> ProviderError {
    let stub = Stub::start(move |_| answer.clone()).await;
    finnhub(&stub).quotes(&symbols(&["PEAR"])).await.unwrap_err()
}

#[tokio::test]
async fn each_refusal_is_what_it_is() {
    let key_rejected = error_of(says(401, r#"{"error":"Please use an API key."}"#)).await;
    assert_eq!(key_rejected.to_string(), "Finnhub did not accept the key (HTTP 401: Please use an API key.)");
    assert_eq!(key_rejected.retry(), Retry::Stop);
    assert_eq!(error_of(says(403, "<html>")).await.retry(), Retry::Stop);
    let asked_to_wait = error_of(says(429, "API limit reached.").with("retry-after", "17")).await;
    assert_eq!(asked_to_wait.retry(), Retry::After(Duration::from_secs(17)));
    let cut = Body::Broken { announced: 500, sent: QUOTE.as_bytes()[..30].to_vec() };
    for (answer, told) in [
        (says(200, "<!DOCTYPE html><html>"), "(a web page)"),
        (says(200, ""), "(an empty body)"),
        (says(200, &QUOTE.as_bytes()[..30]), "breaks off"),
        (Says { status: 200, headers: Vec::new(), body: cut }, "(the answer broke off)"),
        (says(503, "{}"), "(HTTP 503)"),
        (says(404, "gone"), "(HTTP 404)"),
    ] {
        let error = error_of(answer).await;
        assert!(error.to_string().contains(told) && error.retry() == Retry::Backoff, "{error}");
    }
}

#[tokio::test]
async fn after_too_many_requests_nothing_is_asked_before_the_pause_is_over() {
    let stub = Stub::start(|_| says(429, "").with("retry-after", "60")).await;
    let provider = finnhub(&stub);
    for _ in 0..3 {
        let error = provider.quotes(&symbols(&["PEAR"])).await.unwrap_err();
        assert!(matches!(error, ProviderError::RateLimited { .. }), "{error}");
    }
    assert_eq!(stub.asked().len(), 1);
}

#[tokio::test]
async fn a_redirect_takes_the_key_nowhere_else() {
    let elsewhere = Stub::start(|_| says(200, QUOTE)).await;
    let away = elsewhere.url.replace("127.0.0.1", "localhost");
    for target in [elsewhere.url.clone(), away] {
        let stub = Stub::start(move |_| says(302, "").with("location", format!("{target}/quote"))).await;
        let error = finnhub(&stub).quotes(&symbols(&["PEAR"])).await.unwrap_err();
        assert!(error.to_string().contains("redirect"), "{error}");
    }
    assert_eq!(elsewhere.asked().len(), 0);
    let stub =
        Stub::start(
            |asked| {
                if asked.is("/moved") { says(200, QUOTE) } else { says(302, "").with("location", "/moved") }
            },
        )
        .await;
    assert_eq!(finnhub(&stub).quotes(&symbols(&["PEAR"])).await.unwrap().quotes.len(), 1, "within the host it may");
}

/// A stream that tells what it hears: the token of each connection, then each message; it answers `frames` to the first.
async fn socket(frames: &'static [&'static str]) -> (String, mpsc::UnboundedReceiver<String>) {
    let (heard, hears) = mpsc::unbounded_channel();
    let open = move |Query(query): Query<HashMap<String, String>>, upgrade: WebSocketUpgrade| {
        let heard = heard.clone();
        async move {
            heard.send(query["token"].clone()).unwrap();
            upgrade.on_upgrade(move |socket| answer(socket, heard, frames))
        }
    };
    (serve(Router::new().route("/", get(open))).await, hears)
}

async fn answer(mut socket: WebSocket, heard: mpsc::UnboundedSender<String>, frames: &'static [&'static str]) {
    let mut frames = Some(frames);
    while let Some(Ok(message)) = socket.recv().await {
        if let Message::Text(text) = message {
            let _ = heard.send(text.to_string());
            for frame in frames.take().unwrap_or_default() {
                socket.send(Message::Text((*frame).into())).await.unwrap();
            }
        }
    }
}

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("ws://{address}")
}

/// A stream at work, and what comes out of it.
fn streaming(provider: FinnhubProvider, names: &[&str]) -> (watch::Sender<Arc<[Symbol]>>, TickReceiver) {
    let (wanted, receiver) = watch::channel(Arc::from(symbols(names)));
    let (sender, ticks) = mailbox();
    tokio::spawn(async move { provider.stream(receiver, sender).await });
    (wanted, ticks)
}

async fn delivery(ticks: &TickReceiver, fits: impl Fn(&Delivery) -> bool) -> Delivery {
    loop {
        let delivery = ticks.recv().await;
        if fits(&delivery) {
            return delivery;
        }
    }
}

#[tokio::test]
async fn a_stream_subscribes_one_by_one_and_delivers_trades() {
    let frames = &[r#"{"type":"ping"}"#, "<html>", r#"{"msg":"Invalid symbol PEAR","type":"error"}"#, TRADES];
    let (url, mut hears) = socket(frames).await;
    let (wanted, ticks) =
        streaming(finnhub_at("http://127.0.0.1:9", &url, secrets(Some("sesame"))), &["PEAR", "PRK-B"]);
    assert_eq!(hears.recv().await.unwrap(), "sesame");
    assert_eq!(hears.recv().await.unwrap(), r#"{"symbol":"PEAR","type":"subscribe"}"#);
    assert_eq!(hears.recv().await.unwrap(), r#"{"symbol":"PRK.B","type":"subscribe"}"#);
    let mut prices: Vec<(String, f64)> = delivery(&ticks, |delivery| delivery.ticks.len() == 2)
        .await
        .ticks
        .into_iter()
        .map(|tick| match tick {
            Tick::Print(print) => (print.symbol.to_string(), print.price),
            Tick::Quote(quote) => panic!("{quote:?}"),
        })
        .collect();
    prices.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(prices, [("PEAR".to_owned(), 122.11), ("PRK-B".to_owned(), 480.5)]);
    wanted.send(Arc::from(symbols(&["PEAR"]))).unwrap();
    assert_eq!(hears.recv().await.unwrap(), r#"{"symbol":"PRK.B","type":"unsubscribe"}"#);
}

#[tokio::test]
async fn another_key_opens_the_stream_anew() {
    let (url, mut hears) = socket(&[]).await;
    let keychain = Keychain::of(mock::Store::new().unwrap());
    let ours = Arc::new(Secrets::with(std::path::Path::new("/nowhere"), [], keychain));
    let (_wanted, ticks) = streaming(finnhub_at("http://127.0.0.1:9", &url, Arc::clone(&ours)), &["PEAR"]);
    let (error, lost) = delivery(&ticks, |delivery| delivery.lost.is_some()).await.lost.unwrap();
    assert_eq!((error.retry(), lost.len()), (Retry::Stop, 1), "no key is set yet");
    for key in ["one", "two"] {
        ours.set(FINNHUB_KEY, &key.into()).await.unwrap();
        assert_eq!(hears.recv().await.unwrap(), key);
        assert_eq!(hears.recv().await.unwrap(), r#"{"symbol":"PEAR","type":"subscribe"}"#);
    }
}

#[tokio::test]
async fn a_stream_that_refuses_the_key_is_not_asked_again() {
    let opened = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&opened);
    let refuse = move || {
        counted.fetch_add(1, Ordering::SeqCst);
        async { axum::http::StatusCode::UNAUTHORIZED }
    };
    let url = serve(Router::new().route("/", get(refuse))).await;
    let (_wanted, ticks) = streaming(finnhub_at("http://127.0.0.1:9", &url, secrets(Some("sesame"))), &["PEAR"]);
    let (error, _) = delivery(&ticks, |delivery| delivery.lost.is_some()).await.lost.unwrap();
    assert_eq!((error.retry(), opened.load(Ordering::SeqCst)), (Retry::Stop, 1));
}

#[tokio::test]
async fn a_complaint_about_the_key_in_the_stream_ends_it_and_does_not_repeat_the_key() {
    let complain = |upgrade: WebSocketUpgrade| async {
        let response: Response = upgrade.on_upgrade(|mut socket| async move {
            let frame = r#"{"type":"error","msg":"Invalid token sesame"}"#;
            socket.send(Message::Text(frame.into())).await.unwrap();
            while socket.recv().await.is_some() {}
        });
        response
    };
    let url = serve(Router::new().route("/", get(complain))).await;
    let (_wanted, ticks) = streaming(finnhub_at("http://127.0.0.1:9", &url, secrets(Some("sesame"))), &["PEAR"]);
    let (error, _) = delivery(&ticks, |delivery| delivery.lost.is_some()).await.lost.unwrap();
    assert_eq!(error.to_string(), "Finnhub did not accept the key (Invalid token …)");
}

fn ecb(stub: &Stub) -> EcbProvider {
    let config = EcbConfig { url: format!("{}/daily", stub.url), history_url: format!("{}/history", stub.url) };
    EcbProvider::new(&config, &Network::default()).unwrap()
}

#[tokio::test]
async fn one_request_serves_every_pair_and_the_chart() {
    let stub = Stub::start(|asked| says(200, if asked.is("/history") { HISTORY } else { DAILY })).await;
    let provider = ecb(&stub);
    let wanted = symbols(&["EURUSD=X", "JPY=X", "GBPJPY=X", "EURXXX=X"]);
    for _ in 0..3 {
        let answer = provider.quotes(&wanted).await.unwrap();
        assert_eq!((answer.quotes.len(), answer.unknown.len(), answer.note), (3, 1, None));
        assert_eq!(answer.quotes[0].previous_close.map(market::Price::to_f64), Some(1.16));
    }
    assert_eq!(provider.history(&wanted[0], Range::Month).await.unwrap().bars.len(), 2);
    assert!(matches!(provider.history(&wanted[0], Range::Day).await, Err(ProviderError::NotOffered { .. })));
    assert!(matches!(provider.history(&wanted[3], Range::Max).await, Err(ProviderError::UnknownSymbol { .. })));
    assert_eq!((stub.count("/history"), stub.count("/daily")), (1, 0));
}

#[tokio::test]
async fn the_short_file_stands_in_for_the_long_one() {
    let stub = Stub::start(|asked| if asked.is("/history") { says(500, "") } else { says(200, DAILY) }).await;
    let quote = ecb(&stub).quotes(&symbols(&["EURUSD=X"])).await.unwrap().quotes.remove(0);
    assert_eq!((quote.price.to_f64(), quote.change), (1.152, None));
}

#[tokio::test]
async fn what_is_no_rate_is_told() {
    let cut = Body::Broken { announced: 5_000, sent: DAILY.as_bytes()[..300].to_vec() };
    for (answer, told) in [
        (says(200, "<html>"), "(a web page)"),
        (says(200, &DAILY.as_bytes()[..400]), "breaks off"),
        (Says { status: 200, headers: Vec::new(), body: cut }, "(the answer broke off)"),
        (says(200, DAILY.replace("2025-", "2999-")), "(rates of the future only)"),
        (says(503, ""), "(HTTP 503)"),
        (says(403, ""), "refuses this network"),
        (says(429, "").with("retry-after", "30"), "slow down"),
    ] {
        let stub = Stub::start(move |_| answer.clone()).await;
        let error = ecb(&stub).quotes(&symbols(&["EURUSD=X"])).await.unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
    }
}

#[test]
fn pairs_of_published_currencies_are_covered() {
    let provider = EcbProvider::new(&EcbConfig::default(), &Network::default()).unwrap();
    let covers = |name: &str| provider.covers(&Symbol::parse(name).unwrap());
    assert!(["EURUSD=X", "JPY=X", "EUR=X", "GBPZAR=X"].into_iter().all(covers));
    assert!(!["USDVND=X", "EUREUR=X", "GC=F", "BTC-USD", "AAPL"].into_iter().any(covers));
}
