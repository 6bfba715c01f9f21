//! The stream of the Yahoo provider, against a socket on this machine.

#![allow(clippy::unwrap_used, clippy::float_cmp)]

mod provider_stub;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use axum::{
    Router,
    extract::ws::{Message, WebSocket, WebSocketUpgrade},
    routing::get,
};
use jiff::{SignedDuration, Timestamp};
use market::{Price, Quote, Session, Symbol};
use provider_stub::frames::{Frame, bare, wrapped};
use quote_engine::provider::{
    Provider,
    settings::Network,
    stream::{Laid, Print, Tick, TickReceiver, mailbox},
    yahoo::{YahooConfig, YahooProvider, decode},
};
use tokio::{
    net::TcpListener,
    sync::{broadcast, mpsc, watch},
    task::JoinHandle,
};

fn symbols(names: &[&str]) -> Vec<Symbol> {
    names.iter().map(|name| Symbol::parse(name).unwrap()).collect()
}

/// A socket that hears what is said on each connection, and says what the test wants said on all.
struct Streamer {
    url: String,
    heard: mpsc::UnboundedReceiver<(usize, serde_json::Value)>,
    /// `None` hangs up.
    says: broadcast::Sender<Option<String>>,
}

impl Streamer {
    async fn start() -> Self {
        let (heard_by, heard) = mpsc::unbounded_channel();
        let (says, _) = broadcast::channel(64);
        let (speaks, opened) = (says.clone(), Arc::new(AtomicUsize::new(0)));
        let open = move |upgrade: WebSocketUpgrade| {
            let (heard_by, says, nth) = (heard_by.clone(), speaks.subscribe(), opened.fetch_add(1, SeqCst));
            async move { upgrade.on_upgrade(move |socket| talk(socket, nth, heard_by, says)) }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/?version=2", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/", get(open))).await });
        Self { url, heard, says }
    }

    fn provider(&self, connections: u8) -> YahooProvider {
        let config = YahooConfig {
            query_urls: vec!["http://127.0.0.1:9".to_owned()],
            cookie_url: "http://127.0.0.1:9/".to_owned(),
            stream_url: self.url.clone(),
            stream_connections: connections,
            ..YahooConfig::default()
        };
        YahooProvider::new(&config, &Network::default()).unwrap()
    }

    fn say(&self, frame: impl Into<String>) {
        self.says.send(Some(frame.into())).unwrap();
    }

    /// The next message: on which connection, the verb, and the symbols.
    async fn next(&mut self) -> (usize, String, Vec<String>) {
        let (nth, said) = self.heard.recv().await.unwrap();
        let (verb, names) = said.as_object().unwrap().iter().next().unwrap();
        (nth, verb.clone(), serde_json::from_value(names.clone()).unwrap())
    }
}

async fn talk(
    mut socket: WebSocket,
    nth: usize,
    heard_by: mpsc::UnboundedSender<(usize, serde_json::Value)>,
    mut says: broadcast::Receiver<Option<String>>,
) {
    loop {
        tokio::select! {
            heard = socket.recv() => match heard {
                Some(Ok(Message::Text(text))) => {
                    let _ = heard_by.send((nth, serde_json::from_str(&text).unwrap()));
                }
                Some(Ok(_)) => {}
                _ => return,
            },
            said = says.recv() => match said {
                Ok(Some(text)) => socket.send(Message::Text(text.into())).await.unwrap(),
                _ => return,
            },
        }
    }
}

fn streaming(
    provider: YahooProvider,
    wanted: &[Symbol],
) -> (watch::Sender<Arc<[Symbol]>>, TickReceiver, JoinHandle<()>) {
    let (wishes, wanted) = watch::channel(Arc::<[Symbol]>::from(wanted));
    let (sender, ticks) = mailbox();
    let task = tokio::spawn(async move { provider.stream(wanted, sender).await });
    (wishes, ticks, task)
}

/// The next prices; what else is delivered is not waited for.
async fn prices(ticks: &TickReceiver) -> Vec<(String, f64)> {
    loop {
        let delivered = ticks.recv().await.ticks;
        if !delivered.is_empty() {
            let print = |tick: &Tick| match tick {
                Tick::Print(print) => (print.symbol.to_string(), print.price),
                Tick::Quote(quote) => panic!("{quote:?}"),
            };
            let mut prices: Vec<_> = delivered.iter().map(print).collect();
            prices.sort_by(|a, b| a.0.cmp(&b.0));
            return prices;
        }
    }
}

#[tokio::test]
async fn what_is_wanted_comes_under_the_name_it_is_wanted_by() {
    let mut streamer = Streamer::start().await;
    let (wishes, ticks, _task) = streaming(streamer.provider(1), &symbols(&["AAPL", "USDJPY=X", "BRK.B", "BTC-USD"]));
    assert_eq!(
        streamer.next().await,
        (0, "subscribe".to_owned(), ["AAPL", "JPY=X", "BRK-B", "BTC-USD"].map(str::to_owned).to_vec())
    );
    streamer.say(wrapped(&Frame::of("AAPL", 305.76)));
    assert_eq!(prices(&ticks).await, [("AAPL".to_owned(), 305.76)]);
    streamer.say(bare(&Frame::of("JPY=X", 159.355)));
    assert_eq!(prices(&ticks).await, [("JPY=X".to_owned(), 159.355), ("USDJPY=X".to_owned(), 159.355)]);
    streamer.say(wrapped(&Frame::of("BRK-B", 487.31)));
    assert_eq!(prices(&ticks).await[1], ("BRK.B".to_owned(), 487.31));

    wishes.send(symbols(&["AAPL", "MSFT", "BTC-USD"]).into()).unwrap();
    let leaving = streamer.next().await;
    assert_eq!((leaving.1.as_str(), leaving.2), ("unsubscribe", vec!["JPY=X".to_owned(), "BRK-B".to_owned()]));
    let joining = streamer.next().await;
    assert_eq!((joining.1.as_str(), joining.2), ("subscribe", vec!["MSFT".to_owned()]));
}

#[tokio::test]
async fn no_connection_carries_more_than_it_may_and_no_more_are_opened_than_set() {
    let mut streamer = Streamer::start().await;
    let provider = streamer.provider(2);
    assert_eq!(provider.capabilities().stream_max, 190);
    let wanted: Vec<Symbol> = (0..250).map(|i| Symbol::parse(&format!("S{i:03}")).unwrap()).collect();
    let (_wishes, _ticks, _task) = streaming(provider, &wanted);
    let (one, other) = (streamer.next().await, streamer.next().await);
    assert_ne!(one.0, other.0);
    let mut on = [one.2, other.2].concat();
    on.sort();
    let first: Vec<String> = wanted.iter().take(190).map(Symbol::to_string).collect();
    assert_eq!(on, first, "ninety-five each, the first ones");
}

#[tokio::test]
async fn frames_that_make_no_sense_end_nothing() {
    let mut streamer = Streamer::start().await;
    let (_wishes, ticks, _task) = streaming(streamer.provider(1), &symbols(&["AAPL"]));
    streamer.next().await;
    for garbage in [
        "",
        "{",
        "null",
        "{}",
        "[[[[",
        "AAAA",
        "@@@@",
        r#"{"type":"pricing","message":17}"#,
        r#"{"type":"pricing","message":"////"}"#,
        r#"{"type":"news","message":"AAAA"}"#,
        "\u{0}\u{0}",
        "é",
    ] {
        streamer.say(garbage);
    }
    streamer.say("[".repeat(100_000));
    streamer.say(wrapped(&Frame::of("AAPL", 305.76)));
    assert_eq!(prices(&ticks).await, [("AAPL".to_owned(), 305.76)]);
}

#[tokio::test]
async fn a_lost_connection_is_told_and_opened_again() {
    let mut streamer = Streamer::start().await;
    let (_wishes, ticks, _task) = streaming(streamer.provider(1), &symbols(&["AAPL"]));
    streamer.next().await;
    streamer.says.send(None).unwrap();
    let (error, lost) = loop {
        if let Some(lost) = ticks.recv().await.lost {
            break lost;
        }
    };
    assert!(error.to_string().starts_with("Yahoo does not answer"), "{error}");
    assert_eq!(lost, symbols(&["AAPL"]));
    assert_eq!(streamer.next().await, (1, "subscribe".to_owned(), vec!["AAPL".to_owned()]));
    while !ticks.recv().await.restored {}
}

#[tokio::test]
async fn switched_off_there_is_no_stream() {
    let config = YahooConfig { stream_url: String::new(), ..YahooConfig::default() };
    let provider = YahooProvider::new(&config, &Network::default()).unwrap();
    assert_eq!(provider.capabilities().stream_max, 0);
    let (_wishes, ticks, task) = streaming(provider, &symbols(&["AAPL"]));
    task.await.unwrap();
    drop(ticks);
}

fn now() -> Timestamp {
    "2026-11-23T15:00:00Z".parse().unwrap()
}

fn heard(frame: &Frame) -> Vec<Print> {
    decode::prints(wrapped(frame).as_bytes(), now())
}

fn aged(seconds: i64) -> Frame {
    Frame { time_ms: Some((now().as_second() - seconds) * 1_000), ..Frame::of("AAPL", 305.76) }
}

#[test]
fn prices_of_other_days_are_dropped() {
    for (age, taken) in
        [(0, true), (3_600, true), (86_399, true), (86_401, false), (216_000, false), (-299, true), (-301, false)]
    {
        assert_eq!(heard(&aged(age)).len(), usize::from(taken), "{age}");
    }
    assert!(heard(&aged(-200)).iter().all(|print| print.at == now()), "a clock that runs ahead a little");
    for time_ms in [None, Some(i64::MAX), Some(i64::MIN), Some(0), Some(now().as_second())] {
        assert_eq!(heard(&Frame { time_ms, ..aged(0) }), [], "{time_ms:?}");
    }
}

#[test]
fn sessions_are_told_where_the_frame_says() {
    for (hours, kind, session) in [
        (Some(0), 8, Some(Session::Pre)),
        (Some(1), 8, Some(Session::Regular)),
        (Some(2), 8, Some(Session::Post)),
        (Some(3), 8, Some(Session::Overnight)),
        (None, 8, None),
        (Some(0), 41, Some(Session::Regular)),
    ] {
        let frame = Frame { market_hours: hours, quote_type: Some(kind), ..aged(1) };
        assert_eq!(heard(&frame)[0].session, session, "{hours:?} {kind}");
    }
    assert_eq!(heard(&Frame { market_hours: Some(9), ..aged(1) }), [], "a part of the day that nobody knows");
}

fn polled(fields: &serde_json::Value) -> Quote {
    let at = now() - SignedDuration::from_secs(60);
    let mut quote = serde_json::json!({
        "symbol": "AAPL", "kind": "equity", "price": 305.0, "previous_close": 304.99, "session": "regular",
        "price_digits": 2, "quoted_at": at, "received_at": at, "source": "yahoo", "state": "live",
    });
    quote.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    serde_json::from_value(quote).unwrap()
}

#[test]
fn a_polled_price_wins_where_a_float_cannot_hold_the_digits() {
    for (digits, price, quoted_in, taken) in [
        (2, 305.76, None, Some(305.76)),
        (2, 94_745.08, None, Some(94_745.08)),
        (2, 731_450.25, None, None),
        (8, 8.1234e-6, None, Some(8.1234e-6)),
        (4, 308.8, Some("GBp"), Some(3.088)),
    ] {
        let base = polled(&serde_json::json!({ "price_digits": digits, "quoted_in": quoted_in }));
        let print = &heard(&Frame { price: Some(price as f32), ..aged(1) })[0];
        assert_eq!(
            print.laid_over(&base, now()).and_then(Laid::news).map(|quote| quote.price.to_f64()),
            taken,
            "{price}"
        );
    }
}

#[test]
fn changes_are_without_noise_and_older_prices_change_nothing() {
    let frame = Frame { change: Some(0.770_019_5), change_percent: Some(0.252_473_7), ..aged(1) };
    let print = &heard(&frame)[0];
    let quote = print.laid_over(&polled(&serde_json::json!({})), now()).and_then(Laid::news).unwrap();
    assert_eq!((quote.change.map(Price::to_f64), quote.change_percent), (Some(0.77), Some(0.252_473_7)));
    assert_eq!(print.laid_over(&quote, now()), Some(Laid::Known), "the same again");
    assert_eq!(heard(&aged(30))[0].laid_over(&quote, now()), Some(Laid::Known), "older");
    let coin = Frame { quote_type: Some(41), change: Some(-2207.3828), change_percent: Some(-1.96), ..aged(1) };
    let base = polled(&serde_json::json!({ "kind": "crypto", "price": 305.7, "previous_close": 100.0 }));
    let quote = heard(&coin)[0].laid_over(&base, now()).and_then(Laid::news).unwrap();
    assert_eq!(quote.change_percent, Some(-1.96), "over 24 hours, whatever the close");
}
