//! The decoder over recorded answers, where the folder with them lies beside the project. It is not part of the
//! project: without it these tests say so and pass.

#![allow(clippy::unwrap_used)]

mod provider_stub;

use std::{
    fs,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use market::{Price, Quote, Range, Session, Symbol};
use provider_stub::{Asked, Says, Stub, quotes, says};
use quote_engine::provider::{
    Provider,
    settings::Network,
    yahoo::{Consent, YahooConfig, YahooProvider, decode},
};
use serde_json::Value;

fn folder(kind: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures/yahoo").join(kind);
    let there = folder.is_dir();
    if !there {
        eprintln!("skipped: no recorded answers beside the project ({kind})");
    }
    there.then_some(folder)
}

/// The body of every recording of a kind, with the file's name.
fn recordings(kind: &str) -> Vec<(String, Value)> {
    let Some(folder) = folder(kind) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let mut document: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            if document.get("response").is_some() {
                document = document["response"]["bodyJson"].take();
            }
            (path.file_name().unwrap().to_string_lossy().into_owned(), document)
        })
        .collect()
}

fn received_at() -> Timestamp {
    "2027-01-01T00:00:00Z".parse().unwrap()
}

fn close_to(ours: Option<f64>, theirs: Option<f64>) -> bool {
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => (ours - theirs).abs() <= 1e-9 * theirs.abs().max(1e-6),
        (None, None) => true,
        _ => false,
    }
}

fn divisor(row: &Value) -> (Option<&str>, f64) {
    match row["currency"].as_str() {
        Some("GBp") => (Some("GBP"), 100.0),
        Some("ZAc") => (Some("ZAR"), 100.0),
        Some("ILA") => (Some("ILS"), 100.0),
        other => (other, 1.0),
    }
}

fn check_row(file: &str, row: &Value, quote: &Quote) {
    let (currency, by) = divisor(row);
    let number = |key: &str| row[key].as_f64().filter(|number| *number != 0.0);
    let price = |key: &str| number(key).map(|number| number / by);
    for (ours, theirs) in [
        (Some(quote.price.to_f64()), price("regularMarketPrice")),
        (quote.change.map(Price::to_f64), row["regularMarketChange"].as_f64().map(|change| change / by)),
        (quote.change_percent, row["regularMarketChangePercent"].as_f64()),
        (quote.previous_close.map(Price::to_f64), price("regularMarketPreviousClose")),
        (quote.open.map(Price::to_f64), price("regularMarketOpen")),
        (quote.day_low.map(Price::to_f64), price("regularMarketDayLow")),
        (quote.day_high.map(Price::to_f64), price("regularMarketDayHigh")),
        (quote.year_low.map(Price::to_f64), price("fiftyTwoWeekLow")),
        (quote.year_high.map(Price::to_f64), price("fiftyTwoWeekHigh")),
        (quote.volume, number("regularMarketVolume")),
        (quote.average_volume, number("averageDailyVolume3Month")),
        (quote.market_cap, number("marketCap")),
        (quote.pe_ratio, number("trailingPE")),
    ] {
        assert!(close_to(ours, theirs), "{file}: {}: {ours:?} for {theirs:?}", quote.symbol);
    }
    assert_eq!(quote.currency.as_deref(), currency, "{file}");
    assert_eq!(quote.quoted_in.is_some(), by > 1.0);
    assert_eq!(Some(quote.quoted_at.as_second()), row["regularMarketTime"].as_i64());
    assert_eq!(quote.name.as_deref(), row["longName"].as_str().or(row["shortName"].as_str()));
    assert_eq!(quote.exchange.as_deref(), row["fullExchangeName"].as_str().or(row["exchange"].as_str()));
    assert_eq!(quote.time_zone.as_deref(), row["exchangeTimezoneName"].as_str());
    assert_eq!(quote.delay_minutes.map(u64::from), row["exchangeDataDelayedBy"].as_u64());
    let digits = row["priceHint"].as_u64().map(|hint| hint + if by > 1.0 { 2 } else { 0 });
    assert_eq!(quote.price_digits.map(u64::from), digits);
    let newest = ["pre", "post"]
        .into_iter()
        .filter_map(|part| {
            Some((row[format!("{part}MarketTime")].as_i64()?, row[format!("{part}MarketPrice")].as_f64()?))
        })
        .filter(|(time, _)| Some(*time) > row["regularMarketTime"].as_i64())
        .max_by_key(|(time, _)| *time);
    assert!(close_to(quote.extended_price.map(Price::to_f64), newest.map(|(_, price)| price / by)), "{file}");
    assert_eq!(quote.extended_at.map(Timestamp::as_second), newest.map(|(time, _)| time), "{file}");
}

#[test]
fn every_recorded_quote_field_by_field() {
    let mut checked = 0;
    for (file, body) in recordings("quote").into_iter().chain(recordings("screener")) {
        let wrapped = if body.get("quoteResponse").is_some() {
            body
        } else {
            serde_json::json!({ "quoteResponse": { "result": body["finance"]["result"][0]["quotes"] } })
        };
        let rows = wrapped["quoteResponse"]["result"].as_array().unwrap().clone();
        let asked: Vec<Symbol> =
            rows.iter().map(|row| Symbol::parse(row["symbol"].as_str().unwrap()).unwrap()).collect();
        let answer = decode::quotes(&serde_json::to_vec(&wrapped).unwrap(), &asked, received_at()).unwrap();
        assert_eq!((answer.unknown.len(), answer.rejected.len()), (0, 0), "{file}: {answer:?}");
        for (row, quote) in rows.iter().zip(&answer.quotes) {
            check_row(&file, row, quote);
            checked += 1;
        }
    }
    eprintln!("{checked} recorded quotes");
    assert!(folder("quote").is_none() || checked > 20);
}

#[test]
fn every_recorded_chart() {
    let mut checked = 0;
    for (file, body) in recordings("chart") {
        let chart = &body["chart"]["result"][0];
        let (currency, by) = divisor(&chart["meta"]);
        let symbol = Symbol::parse(chart["meta"]["symbol"].as_str().unwrap()).unwrap();
        let bytes = serde_json::to_vec(&body).unwrap();
        let history = decode::history(&bytes, &symbol, Range::Day, received_at()).unwrap().history;
        let closes = chart["indicators"]["quote"][0]["close"].as_array().unwrap();
        let times = chart["timestamp"].as_array().unwrap();
        assert_eq!(history.currency.as_deref(), currency, "{file}");
        assert_eq!(Some(history.interval.as_str()), chart["meta"]["dataGranularity"].as_str());
        assert!(
            close_to(history.previous_close, chart["meta"]["chartPreviousClose"].as_f64().map(|c| c / by)),
            "{file}"
        );
        assert!(history.bars.len() <= closes.len() && history.bars.len() + 1 >= closes.len(), "{file}");
        for bar in &history.bars[..history.bars.len() - 1] {
            let at = times.iter().position(|time| time.as_i64() == Some(bar.at.as_second())).unwrap();
            let close = closes[at].as_f64().unwrap() / by;
            assert!((bar.close / close - 1.0).abs() < 1e-6, "{file}: {} for {close}", bar.close);
            assert!(bar.close.to_string().len() <= 12, "{file}: float noise in {}", bar.close);
        }
        let last = closes.last().unwrap().as_f64().unwrap() / by;
        assert!(
            (history.bars.last().unwrap().close / last - 1.0).abs() < 1e-6,
            "{file}: the live price ends the chart"
        );

        let quote = &decode::chart_quote(&bytes, &symbol, received_at()).unwrap().quotes[0];
        assert!(
            close_to(Some(quote.price.to_f64()), chart["meta"]["regularMarketPrice"].as_f64().map(|p| p / by)),
            "{file}"
        );
        checked += 1;
    }
    eprintln!("{checked} recorded charts");
    assert!(folder("chart").is_none() || checked > 8);
}

#[test]
fn every_recorded_search() {
    for (file, body) in recordings("search") {
        let found = decode::instruments(&serde_json::to_vec(&body).unwrap()).unwrap();
        let theirs: Vec<&Value> =
            body["quotes"].as_array().unwrap().iter().filter(|row| row["symbol"].is_string()).collect();
        assert_eq!(found.len(), theirs.len(), "{file}");
        for (ours, theirs) in found.iter().zip(theirs) {
            assert_eq!(Some(ours.symbol.as_str()), theirs["symbol"].as_str(), "{file}");
            let name = theirs["longname"].as_str().or(theirs["shortname"].as_str()).unwrap();
            assert_eq!(ours.name, name.trim(), "{file}");
            assert_eq!(Some(ours.exchange.as_str()), theirs["exchDisp"].as_str(), "{file}");
        }
    }
}

#[test]
fn every_recorded_list() {
    for (file, body) in recordings("trending").into_iter().chain(recordings("screener")) {
        let found = decode::list(&serde_json::to_vec(&body).unwrap()).unwrap();
        let theirs = body["finance"]["result"][0]["quotes"].as_array().unwrap();
        assert_eq!(found.len(), theirs.len(), "{file}");
        for (ours, theirs) in found.iter().zip(theirs) {
            assert_eq!(Some(ours.symbol.as_str()), theirs["symbol"].as_str(), "{file}");
            let name = theirs["longName"].as_str().or(theirs["symbol"].as_str()).unwrap();
            assert_eq!(ours.name, name.trim(), "{file}");
        }
    }
}

#[test]
fn every_recorded_spark() {
    for (file, body) in recordings("spark") {
        let rows = body["spark"]["result"].as_array().unwrap();
        let asked: Vec<Symbol> =
            rows.iter().rev().map(|row| Symbol::parse(row["symbol"].as_str().unwrap()).unwrap()).collect();
        let answer = decode::spark_quotes(&serde_json::to_vec(&body).unwrap(), &asked, received_at()).unwrap();
        assert_eq!((answer.quotes.len(), answer.unknown.len(), answer.rejected.len()), (asked.len(), 0, 0), "{file}");
        for (row, quote) in rows.iter().zip(&answer.quotes) {
            let meta = &row["response"][0]["meta"];
            assert_eq!(Some(quote.symbol.as_str()), row["symbol"].as_str(), "{file}");
            assert_eq!(Some(quote.price.to_f64()), meta["regularMarketPrice"].as_f64(), "{file}");
            // Of several days it is the close before the first of them.
            let of_a_day = meta["range"].as_str().is_none_or(|range| range == "1d");
            let before = meta["chartPreviousClose"].as_f64().filter(|_| of_a_day);
            let close = meta["previousClose"].as_f64().or(before);
            assert_eq!(quote.previous_close.map(Price::to_f64), close, "{file}");
            assert_eq!(quote.change.and_then(|change| quote.price.minus(change)), quote.previous_close, "{file}");
        }
        let told = rows.iter().filter(|row| row["response"][0]["meta"]["currentTradingPeriod"].is_object()).count();
        assert_eq!(answer.hours.len(), told, "{file}");
    }
}

#[test]
fn every_recorded_frame() {
    let Some(file) = folder("../yahoo-stream").map(|folder| folder.join("frames.jsonl")) else { return };
    for line in fs::read_to_string(file).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let theirs = &line["decoded"];
        let at = Timestamp::from_millisecond(theirs["time"].as_i64().unwrap()).unwrap();
        let received_at = at + jiff::SignedDuration::from_secs(3);
        let prints = decode::prints(line["frame"].as_str().unwrap().as_bytes(), received_at);
        let float = |key: &str| theirs[key].as_f64().unwrap();
        let print = &prints[0];
        assert_eq!((Some(print.symbol.as_str()), print.at), (theirs["id"].as_str(), at));
        assert_eq!((print.price as f32).to_bits(), (float("price") as f32).to_bits());
        assert!(print.price.to_string().len() <= 9, "float noise in {}", print.price);
        assert_eq!((print.change_percent.unwrap() as f32).to_bits(), (float("change_percent") as f32).to_bits());
        assert!((print.change.unwrap() - float("change")).abs() <= print.grain);
        assert_eq!(print.volume, theirs["day_volume"].as_f64());
        let session = [Session::Pre, Session::Regular][theirs["market_hours"].as_u64().unwrap() as usize];
        assert_eq!(print.session, Some(session));
        assert_eq!(prints.len(), if print.symbol.as_str() == "JPY=X" { 2 } else { 1 });
    }
}

/// A recorded answer as it was sent, but for the hosts it leads to: all are this computer.
fn replayed(folder: &Path, name: &str) -> Says {
    let path = folder.join(format!("getCrumb-{name}.http.json"));
    let document: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let response = &document["response"];
    let mut says = says(response["status"].as_u64().unwrap() as u16, response["bodyText"].as_str().unwrap());
    if let Some(location) = response["headers"]["location"].as_str() {
        let path = location.splitn(4, '/').nth(3).unwrap();
        says = says.with("location", format!("/{path}"));
    }
    for cookie in response["headers"]["set-cookie"].as_array().into_iter().flatten() {
        says = says.with("set-cookie", cookie.as_str().unwrap());
    }
    says
}

#[tokio::test]
async fn the_recorded_way_through_the_consent_page() {
    let Some(folder) = folder("session") else { return };
    let recorded = folder.clone();
    let agreed = |asked: &Asked| asked.headers.get("cookie").is_some_and(|cookie| cookie.contains("EuConsent="));
    let stub = Stub::start(move |asked| match asked.path.as_str() {
        "/quote/AAPL" if asked.query.contains_key("guccounter") => {
            replayed(&folder, "quote-AAPL-consent-final-redirect")
        }
        "/quote/AAPL" => replayed(&folder, "quote-AAPL"),
        "/consent" => replayed(&folder, "quote-AAPL-consent"),
        "/v2/collectConsent" if asked.method == "POST" => replayed(&folder, "quote-AAPL-collectConsentSubmit"),
        "/v2/collectConsent" => replayed(&folder, "quote-AAPL-collectConsent"),
        "/copyConsent" => replayed(&folder, "quote-AAPL-copyConsent"),
        "/v1/test/getcrumb" if agreed(asked) => replayed(&folder, "getcrumb"),
        "/v7/finance/quote" if agreed(asked) => {
            let crumb = asked.query["crumb"].replace("haT3oykhHqZ", provider_stub::CRUMB);
            quotes(&Asked {
                query: asked.query.clone().into_iter().chain([("crumb".to_owned(), crumb)]).collect(),
                ..asked.clone()
            })
        }
        _ => says(404, ""),
    })
    .await;
    let config =
        YahooConfig { consent: Consent::Accept, consent_url: format!("{}/quote/AAPL", stub.url), ..stub.config() };
    let provider = YahooProvider::new(&config, &Network::default()).unwrap();
    let answer = provider.quotes(&[Symbol::parse("AAPL").unwrap()]).await.unwrap();
    assert_eq!((answer.quotes.len(), answer.note), (1, None));
    let sent = stub.asked().into_iter().find(|asked| asked.method == "POST").unwrap();
    let path = recorded.join("getCrumb-quote-AAPL-collectConsentSubmit.http.json");
    let theirs: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    assert_eq!(Some(sent.body.as_str()), theirs["request"]["bodyText"].as_str(), "the form, to the letter");
}

#[test]
fn every_recorded_error_is_one() {
    let Some(folder) = folder("errors") else { return };
    for entry in fs::read_dir(folder).unwrap() {
        let body = fs::read(entry.unwrap().path()).unwrap();
        assert!(decode::quotes(&body, &[], received_at()).is_err());
        assert!(decode::history(&body, &Symbol::parse("A").unwrap(), Range::Day, received_at()).is_err());
        assert!(decode::instruments(&body).is_err());
        assert!(decode::spark_quotes(&body, &[], received_at()).is_err());
        assert!(decode::list(&body).is_err());
    }
}
