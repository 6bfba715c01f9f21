//! The decoders of the exchanges of crypto assets: small answers in the documented shapes, rubble, and, where the folder
//! with them lies beside the project, recorded frames.

#![allow(clippy::unwrap_used, clippy::float_cmp)]

use std::{fs, path::Path};

use jiff::Timestamp;
use market::{Kind, Quote, QuoteState, Session, Symbol};
use proptest::prelude::*;
use quote_engine::provider::{
    Answer, binance,
    coinbase::{self, decode::Frame},
    stream::Tick,
};
use serde_json::Value;

const TICKERS: &str = include_str!("fixtures/binance/ticker_24hr.json");
const KLINES: &str = include_str!("fixtures/binance/klines.json");
const BINANCE_FRAMES: &str = include_str!("fixtures/binance/frames.jsonl");
const TICKER: &str = include_str!("fixtures/coinbase/ticker.json");
const STATS: &str = include_str!("fixtures/coinbase/stats.json");
const CANDLES: &str = include_str!("fixtures/coinbase/candles.json");
const PRODUCTS: &str = include_str!("fixtures/coinbase/products.json");
const COINBASE_FRAMES: &str = include_str!("fixtures/coinbase/frames.jsonl");

/// As a number, to compare.
fn money(price: Option<market::Price>) -> Option<f64> {
    price.map(market::Price::to_f64)
}

fn symbol(text: &str) -> Symbol {
    Symbol::parse(text).unwrap()
}

fn received_at() -> Timestamp {
    Timestamp::from_second(1_763_800_000).unwrap()
}

fn binance_asked() -> Vec<Symbol> {
    ["OTE-BTC", "NUT-USDT", "HALT-USDT", "GONE-USDT"].map(symbol).to_vec()
}

fn binance_answer(body: &str) -> Result<Answer, String> {
    binance::decode::quotes(body.as_bytes(), &binance_asked(), received_at())
}

fn coinbase_quote(ticker: &str, stats: Option<&str>) -> Result<Result<Quote, &'static str>, String> {
    coinbase::decode::quote(ticker.as_bytes(), stats.map(str::as_bytes), &symbol("NUT-USD"), received_at())
}

#[test]
fn binance_rows_are_matched_by_symbol() {
    let answer = binance_answer(TICKERS).unwrap();
    assert_eq!(answer.unknown, [symbol("GONE-USDT")]);
    assert_eq!(answer.rejected, [(symbol("HALT-USDT"), "it has no price".to_owned())]);
    let [nut, ote] = answer.quotes.as_slice() else { panic!("{answer:?}") };
    assert_eq!((nut.symbol.as_str(), nut.price.to_f64(), nut.price_digits), ("NUT-USDT", 4.000_002, Some(6)));
    assert_eq!((money(nut.change), nut.change_percent), (Some(-94.999_998), Some(-95.96)), "as the vendor says it");
    assert_eq!((money(nut.open), money(nut.day_low), money(nut.day_high)), (Some(99.0), Some(0.1), Some(100.0)));
    assert_eq!((nut.volume, money(nut.previous_close)), (Some(8_913.3), None));
    assert_eq!(nut.quoted_at.as_millisecond(), 1_763_799_999_000);
    assert_eq!((nut.currency.as_deref(), nut.exchange.as_deref()), (Some("USDT"), Some("Binance")));
    assert_eq!((nut.kind, nut.session, nut.state), (Kind::Crypto, Session::Regular, QuoteState::Live));
    assert_eq!((ote.symbol.as_str(), ote.price.to_f64(), ote.price_digits), ("OTE-BTC", 0.000_006_38, Some(8)));
}

#[test]
fn binance_answers_of_another_shape() {
    let one = &TICKERS[TICKERS.find('{').unwrap()..=TICKERS.find('}').unwrap()];
    assert_eq!(binance_answer(one).unwrap().quotes.len(), 1, "a row without a list around it");
    let spoilt = TICKERS.replace("\"symbol\":\"OTEBTC\"", "\"symbol\":7");
    let answer = binance_answer(&spoilt).unwrap();
    assert_eq!((answer.quotes.len(), answer.unknown.len()), (1, 0), "an unreadable row proves nothing");
    for rubble in ["", "<html></html>", "[{", "\"text\"", "7", "null"] {
        assert!(binance_answer(rubble).is_err(), "{rubble}");
    }
}

#[test]
fn binance_bars_without_a_price_are_left_out() {
    let bars = binance::decode::bars(KLINES.as_bytes(), received_at()).unwrap();
    assert_eq!(bars.len(), 2);
    assert_eq!((bars[0].open, bars[0].high, bars[0].low, bars[0].close), (0.016_347_9, 0.8, 0.015_758, 0.015_771));
    assert_eq!((bars[0].volume, bars[0].at.as_second()), (Some(148_976.114_278_15), 1_763_797_500));
}

#[test]
fn binance_frames_raw_and_combined() {
    let ticks: Vec<Tick> =
        BINANCE_FRAMES.lines().flat_map(|line| binance::decode::frame(line.as_bytes(), received_at()).ticks).collect();
    let [Tick::Quote(mini), Tick::Quote(full), Tick::Print(deal), Tick::Print(trade), Tick::Quote(listed)] =
        ticks.as_slice()
    else {
        panic!("{ticks:?}")
    };
    assert_eq!((mini.symbol.as_str(), mini.price.to_f64(), mini.price_digits), ("NUT-USDT", 102.5, Some(2)));
    assert_eq!((money(mini.change), mini.change_percent), (Some(2.5), Some(2.5)), "worked out from the opening price");
    assert_eq!((money(full.change), full.change_percent), (Some(0.000_000_12), Some(1.917)));
    assert_eq!((deal.price, deal.at.as_millisecond(), deal.grain), (102.75, 1_763_799_992_000, 0.0));
    assert_eq!((trade.symbol.as_str(), trade.price), ("NUT-USDT", 102.8));
    assert_eq!(listed.price.to_f64(), 102.9, "a bad entry of a list spoils no good one");
}

#[test]
fn binance_says_when_it_goes() {
    for frame in [
        r#"{"e":"serverShutdown","E":1763799990000}"#,
        r#"{"stream":"","data":{"e":"serverShutdown","E":1763799990000}}"#,
    ] {
        assert!(binance::decode::frame(frame.as_bytes(), received_at()).shutting_down, "{frame}");
    }
}

#[test]
fn coinbase_quote_with_and_without_the_day() {
    let quote = coinbase_quote(TICKER, Some(STATS)).unwrap().unwrap();
    assert_eq!((quote.price.to_f64(), quote.price_digits, money(quote.open)), (6_268.48, Some(2), Some(5_414.18)));
    assert_eq!(
        (money(quote.change), money(quote.day_low), money(quote.day_high)),
        (Some(854.3), Some(5_261.69), Some(6_441.37))
    );
    assert!((quote.change_percent.unwrap() - 15.778_935_314).abs() < 1e-6);
    assert_eq!((quote.volume, money(quote.previous_close)), (Some(53_602.039_401_54), None));
    assert_eq!(quote.quoted_at.to_string(), "2025-11-22T08:12:00.123456Z");
    assert_eq!((quote.currency.as_deref(), quote.source.as_str()), (Some("USD"), "coinbase"));
    for stats in [None, Some("<html>"), Some("[]"), Some(r#"{"open":"0"}"#)] {
        let quote = coinbase_quote(TICKER, stats).unwrap().unwrap();
        assert_eq!(
            (quote.price.to_f64(), money(quote.change), money(quote.day_low)),
            (6_268.48, None, None),
            "{stats:?}"
        );
    }
    assert_eq!(coinbase_quote(&TICKER.replace("6268.48", "-1"), None), Ok(Err("it has no price")));
    assert_eq!(coinbase_quote(&TICKER.replace("2025", "2035"), None), Ok(Err("its price has no time")));
    assert!(coinbase_quote("<html>", None).is_err());
}

#[test]
fn coinbase_candles_come_out_oldest_first() {
    let bars = coinbase::decode::bars(CANDLES.as_bytes(), received_at()).unwrap();
    let closes: Vec<f64> = bars.iter().map(|bar| bar.close).collect();
    assert_eq!(closes, [0.31, 0.35, 4.2]);
    assert_eq!((bars[1].open, bars[1].high, bars[1].low, bars[1].volume), (0.31, 0.36, 0.3, Some(1e-5)));
}

#[test]
fn coinbase_products_that_can_be_traded() {
    let products = coinbase::decode::products(PRODUCTS.as_bytes()).unwrap();
    let named: Vec<(&str, &str)> = products.iter().map(|p| (p.symbol.as_str(), p.name.as_str())).collect();
    assert_eq!(named, [("NUT-USD", "NUT/USD"), ("NUT-EUR", "NUT/EUR")]);
}

#[test]
fn coinbase_frames() {
    let said: Vec<Frame> =
        COINBASE_FRAMES.lines().map(|line| coinbase::decode::frame(line.as_bytes(), received_at())).collect();
    let [Frame::Other, Frame::Ticker { quote, sequence }, Frame::Complaint(why), Frame::Other, Frame::Other] =
        said.as_slice()
    else {
        panic!("{said:?}")
    };
    assert_eq!((quote.price.to_f64(), money(quote.change), *sequence), (1_285.22, Some(-25.57), Some(37_475_248_783)));
    assert_eq!(
        (money(quote.day_low), money(quote.day_high), quote.volume),
        (Some(1_280.52), Some(1_313.8), Some(245_532.792_696_78))
    );
    assert_eq!(why, "NO-USD is not a valid product");
}

/// What lies beside the project; nothing where there is no such folder.
fn recorded(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures").join(file);
    let text = fs::read_to_string(path);
    text.unwrap_or_else(|_| {
        eprintln!("skipped: no recorded frames beside the project ({file})");
        String::new()
    })
}

fn number(value: &Value) -> Option<f64> {
    value.as_str()?.parse().ok()
}

#[test]
fn every_recorded_frame_of_binance() {
    let text = recorded("binance/ws_combined_2021.txt") + &recorded("binance/ws_miniTicker_2025.jsonl");
    for line in text.lines() {
        let json = &line[line.find('{').unwrap_or(line.len())..];
        let data = serde_json::from_str::<Value>(json).unwrap()["data"].take();
        match (data["e"].as_str(), binance::decode::frame(json.as_bytes(), Timestamp::now()).ticks.as_slice()) {
            (Some("aggTrade"), [Tick::Print(print)]) => {
                assert_eq!(Some(print.price), number(&data["p"]), "{json}");
                assert_eq!(Some(print.at.as_millisecond()), data["T"].as_i64());
            }
            (Some("24hrMiniTicker"), [Tick::Quote(quote)]) => {
                assert_eq!(quote.symbol.as_str().replace('-', ""), data["s"].as_str().unwrap());
                assert_eq!(Some(quote.quoted_at.as_millisecond()), data["E"].as_i64());
                let ours = [
                    Some(quote.price.to_f64()),
                    money(quote.open),
                    money(quote.day_high),
                    money(quote.day_low),
                    quote.volume,
                ];
                assert_eq!(ours, ["c", "o", "h", "l", "v"].map(|key| number(&data[key])), "{json}");
                assert!(
                    (quote.change.unwrap().to_f64() - (quote.price.to_f64() - quote.open.unwrap().to_f64())).abs()
                        < 1e-6
                );
            }
            (Some("kline") | None, []) => {}
            other => panic!("{other:?}: {json}"),
        }
    }
}

#[test]
fn every_recorded_frame_of_coinbase() {
    let text = recorded("coinbase/ws_ticker_2021.txt");
    let mut tickers = 0;
    for line in text.lines().filter(|line| !line.contains("<-")) {
        let json = &line[line.find('{').unwrap_or(line.len())..];
        let data: Value = serde_json::from_str(json).unwrap();
        match (data["type"].as_str(), coinbase::decode::frame(json.as_bytes(), Timestamp::now())) {
            (Some("ticker"), Frame::Ticker { quote, sequence }) => {
                tickers += 1;
                assert_eq!(quote.symbol.as_str(), data["product_id"].as_str().unwrap());
                assert_eq!(sequence, data["sequence"].as_u64());
                assert_eq!(quote.quoted_at, data["time"].as_str().unwrap().parse().unwrap());
                let ours = [
                    Some(quote.price.to_f64()),
                    money(quote.open),
                    money(quote.day_high),
                    money(quote.day_low),
                    quote.volume,
                ];
                let keys = ["price", "open_24h", "high_24h", "low_24h", "volume_24h"];
                assert_eq!(ours, keys.map(|key| number(&data[key])), "{json}");
            }
            (Some("subscriptions"), Frame::Other) => {}
            other => panic!("{other:?}: {json}"),
        }
    }
    assert!(text.is_empty() || tickers > 50, "{tickers}");
}

fn check_sane(quote: &Quote) -> Result<(), TestCaseError> {
    prop_assert!(quote.price.is_positive());
    // A number that is not finite would have become null.
    let json = serde_json::to_value(quote).unwrap();
    prop_assert!(json.as_object().unwrap().values().all(|value| !value.is_null()), "{json}");
    Ok(())
}

fn check_everything(body: &[u8]) -> Result<(), TestCaseError> {
    let now = received_at();
    for tick in binance::decode::frame(body, now).ticks {
        match tick {
            Tick::Quote(quote) => check_sane(&quote)?,
            Tick::Print(print) => prop_assert!(print.price.is_finite() && print.price > 0.0),
        }
    }
    if let Frame::Ticker { quote, .. } = coinbase::decode::frame(body, now) {
        check_sane(&quote)?;
    }
    for quote in binance::decode::quotes(body, &binance_asked(), now).unwrap_or_default().quotes {
        check_sane(&quote)?;
    }
    for stats in [Some(body), None] {
        if let Ok(Ok(quote)) = coinbase::decode::quote(body, stats, &symbol("NUT-USD"), now) {
            check_sane(&quote)?;
        }
    }
    for bars in [binance::decode::bars(body, now), coinbase::decode::bars(body, now)] {
        for bar in bars.unwrap_or_default() {
            prop_assert!([bar.open, bar.high, bar.low, bar.close].iter().all(|p| p.is_finite() && *p > 0.0));
            prop_assert!(bar.low <= bar.open.min(bar.close) && bar.high >= bar.open.max(bar.close));
        }
    }
    let _ = coinbase::decode::products(body);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    /// Cut, spliced and scribbled over, nothing makes a panic or a senseless price.
    #[test]
    fn mutilated_answers_give_no_senseless_price(
        which in 0usize..30,
        cut in prop::option::of(0usize..3_000),
        edits in prop::collection::vec((0usize..3_000, prop::sample::select(vec!["NaN", "null", "-1", "1e999", "0", "{", "}", "[", "]", "\"", ",", ":", "\\", "\u{0}", "é", "\"inf\"", "{}", "1e308", "e", "."])), 0..6),
        flips in prop::collection::vec((0usize..3_000, any::<u8>()), 0..4),
    ) {
        let whole = [TICKERS, KLINES, TICKER, STATS, CANDLES, PRODUCTS];
        let all: Vec<&str> = whole.into_iter().chain(BINANCE_FRAMES.lines()).chain(COINBASE_FRAMES.lines()).collect();
        let mut body = all[which % all.len()].as_bytes().to_vec();
        for (at, text) in edits {
            let at = at % body.len();
            body.splice(at..=at, text.bytes());
        }
        for (at, byte) in flips {
            let at = at % body.len();
            body[at] = byte;
        }
        body.truncate(cut.unwrap_or(usize::MAX));
        check_everything(&body)?;
    }

    /// Whatever number stands in a field, what leaves is sane.
    #[test]
    fn any_number_in_any_field(value in any::<f64>(), other in any::<f64>(), at in any::<i64>()) {
        for (value, other) in [(value, other), (value.abs(), other.abs())] {
            check_everything(format!(r#"{{"e":"24hrTicker","E":{at},"s":"NUTUSDT","c":"{value}","o":"{other}","p":"{value}","P":"{other}","h":"{other}","l":"{value:e}","v":"{value}"}}"#).as_bytes())?;
            check_everything(format!(r#"{{"e":"24hrTicker","E":1763799990000,"s":"NUTUSDT","c":"1","o":"{other}","p":"{value}","P":"{other}","h":"{other}","l":"{value:e}","v":"{value}"}}"#).as_bytes())?;
            check_everything(format!(r#"{{"type":"ticker","product_id":"NUT-USD","price":"{value}","open":"{other}","open_24h":"{other}","high_24h":"{other}","volume":"{value}","time":"2025-11-22T08:26:29Z"}}"#).as_bytes())?;
        }
    }

    #[test]
    fn any_bytes_at_all(body in prop::collection::vec(any::<u8>(), 0..300)) {
        check_everything(&body)?;
    }
}

/// As deep as a body may be: no stack is spent on it.
#[test]
fn depth_ends_nothing() {
    for deep in ["[".repeat(200_000), format!("{{\"e\":{}", "[{\"a\":".repeat(100_000))] {
        check_everything(deep.as_bytes()).unwrap();
    }
    let closed = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    check_everything(closed.as_bytes()).unwrap();
    check_everything(format!(r#"{{"e":"24hrTicker","s":{closed}}}"#).as_bytes()).unwrap();
}
