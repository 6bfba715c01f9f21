//! Doing without a crumb: many charts in one request, then one by one.

#![allow(clippy::unwrap_used)]

mod provider_stub;

use jiff::Timestamp;
use market::{HealthCode, QuoteState, Range, Session, Symbol, TradingHours};
use provider_stub::{Asked, CHART_NOT_FOUND, Says, Stub, UNABLE, chart, says};
use quote_engine::provider::{Provider, ProviderError, yahoo::decode};

fn symbols(names: &[&str]) -> Vec<Symbol> {
    names.iter().map(|name| Symbol::parse(name).unwrap()).collect()
}

fn sparks(rows: &[String]) -> String {
    format!(r#"{{"spark":{{"result":[{}],"error":null}}}}"#, rows.join(","))
}

/// A row of `spark`, with further fields of its `meta`.
fn spark(symbol: &str, meta: &str) -> String {
    format!(
        r#"{{"symbol":"{symbol}","response":[{{"meta":{{"symbol":"{symbol}","instrumentType":"EQUITY","currency":"USD","regularMarketPrice":12.5,"regularMarketTime":1700000000,"previousClose":12.0,"priceHint":2{meta}}},"timestamp":[1700000000],"indicators":{{"quote":[{{"close":[12.5]}}]}}}}]}}"#
    )
}

/// What a server without a crumb says: sparks of everything but `NO…`, charts of everything but `NONE…`.
fn keyless(asked: &Asked) -> Says {
    if asked.is("/spark") {
        let mut rows: Vec<String> =
            asked.symbols().iter().filter(|s| !s.starts_with("NO")).map(|s| spark(s, "")).collect();
        rows.reverse();
        return says(200, sparks(&rows));
    }
    match asked {
        _ if asked.is("/chart/NONE") => says(404, CHART_NOT_FOUND),
        _ if asked.is("/chart/") => says(200, chart("X")),
        _ => says(401, UNABLE),
    }
}

#[tokio::test]
async fn twenty_at_a_time_and_the_rest_by_their_charts() {
    let stub = Stub::start(keyless).await;
    let provider = stub.provider();
    let mut asked: Vec<Symbol> = (0..50).map(|i| Symbol::parse(&format!("S{i}")).unwrap()).collect();
    asked.extend(symbols(&["NOSPARK", "NONE", "BRK.B"]));
    let answer = provider.quotes(&asked).await.unwrap();
    assert_eq!((answer.quotes.len(), answer.unknown, answer.rejected.len()), (52, symbols(&["NONE"]), 0));
    let sizes: Vec<usize> = stub.asked().iter().filter(|a| a.is("/spark")).map(|a| a.symbols().len()).collect();
    assert_eq!(sizes, [20, 20, 13]);
    assert_eq!((stub.count("/chart/"), stub.count("/quote")), (2, 0), "only those that were left out");
    assert!(
        stub.asked().iter().any(|a| a.symbols().contains(&"BRK-B".to_owned())),
        "a class of shares by its name there"
    );
    assert!(answer.quotes.iter().any(|quote| quote.symbol.as_str() == "BRK.B"), "and by ours here");
    let note = answer.note.unwrap();
    assert_eq!(note.code, Some(HealthCode::Reduced));
    let note = note.text;
    assert!(note.contains("crumb") && note.contains("slower way"), "{note}");
}

#[tokio::test]
async fn sparks_that_are_refused_are_left_alone_for_a_while() {
    for bad in [says(401, UNABLE), says(404, "gone"), says(200, "<html>"), says(500, "")] {
        let stub = Stub::start(move |asked| if asked.is("/spark") { bad.clone() } else { keyless(asked) }).await;
        let provider = stub.provider();
        for _ in 0..3 {
            let answer = provider.quotes(&symbols(&["A", "B"])).await.unwrap();
            assert_eq!(answer.quotes.len(), 2);
            assert!(answer.note.unwrap().text.contains("one by one"));
        }
        assert_eq!((stub.count("/spark"), stub.count("/chart/")), (1, 6));
    }
}

#[tokio::test]
async fn being_told_to_slow_down_ends_the_matter() {
    let stub = Stub::start(|asked| if asked.is("/spark") { says(429, "") } else { keyless(asked) }).await;
    let provider = stub.provider();
    for _ in 0..3 {
        let error = provider.quotes(&symbols(&["A", "B"])).await.unwrap_err();
        assert!(matches!(error, ProviderError::RateLimited { .. }), "{error}");
    }
    assert_eq!((stub.count("/spark"), stub.count("/chart/")), (1, 0));
}

#[tokio::test]
async fn courses_come_twenty_at_a_time_without_a_session() {
    let stub = Stub::start(keyless).await;
    let provider = stub.provider();
    let mut asked: Vec<Symbol> = (0..45).map(|i| Symbol::parse(&format!("S{i}")).unwrap()).collect();
    asked.extend(symbols(&["NOSPARK", "BRK.B"]));
    let found = provider.sparks(&asked).await.unwrap();
    assert_eq!((found.len(), found.iter().any(|day| day.symbol.as_str() == "BRK.B")), (46, true));
    let sizes: Vec<usize> = stub.asked().iter().map(|a| a.symbols().len()).collect();
    assert_eq!(sizes, [20, 20, 7]);
    assert!(stub.asked().iter().all(|a| a.is("/spark") && a.query["includeTimestamps"] == "true"));
}

#[tokio::test]
async fn courses_that_cannot_be_had_say_why_and_what_came_before_stays() {
    for (bad, expected) in
        [(says(401, UNABLE), "refuses"), (says(429, ""), "slow down"), (says(200, "<html>"), "web page")]
    {
        let stub = Stub::start(move |_| bad.clone()).await;
        let error = stub.provider().sparks(&symbols(&["A", "B"])).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(stub.asked().len(), 1);
    }
    let half = |asked: &Asked| if asked.symbols().contains(&"S25".to_owned()) { says(500, "") } else { keyless(asked) };
    let stub = Stub::start(half).await;
    let asked: Vec<Symbol> = (0..60).map(|i| Symbol::parse(&format!("S{i}")).unwrap()).collect();
    assert_eq!((stub.provider().sparks(&asked).await.unwrap().len(), stub.asked().len()), (20, 2));
}

#[test]
fn a_course_is_a_chart_of_the_day() {
    let body = include_bytes!("fixtures/yahoo/spark.json");
    let found = decode::sparks(body, &symbols(&["PEAR", "OTEA.L", "NONE"]), at(0)).unwrap();
    let told: Vec<_> = found
        .iter()
        .map(|drawn| {
            let day = &drawn.history;
            let closes: Vec<f64> = day.bars.iter().map(|bar| bar.close).collect();
            (day.symbol.as_str(), day.range, closes, day.previous_close, day.regular_hours.is_some())
        })
        .collect();
    let pence = ("OTEA.L", Range::Day, vec![3.13], Some(3.152), true);
    assert_eq!(told, [pence, ("PEAR", Range::Day, vec![200.5], Some(200.0), true)]);
    for bad in ["null", "17", "{}", r#"{"symbol":"A"}"#, r#"{"symbol":"A","response":[{}]}"#] {
        let body = sparks(&[bad.to_owned(), spark("B", "")]);
        let found = decode::sparks(body.as_bytes(), &symbols(&["A", "B"]), at(0)).unwrap();
        assert_eq!(found.len(), 1, "{bad}");
    }
}

/// Hours of a day like New York's; the time is given in minutes after the opening bell.
fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(OPENING + minutes * 60).unwrap()
}

const OPENING: i64 = 1_763_735_400;

fn told(price_at: i64, now: i64, kind: &str) -> quote_engine::provider::Answer {
    let meta = format!(
        r#","instrumentType":"{kind}","regularMarketTime":{},"currentTradingPeriod":{{"pre":{{"start":{},"end":{OPENING}}},"regular":{{"start":{OPENING},"end":{}}},"post":{{"start":{},"end":{}}}}}"#,
        at(price_at).as_second(),
        at(-330).as_second(),
        at(390).as_second(),
        at(390).as_second(),
        at(630).as_second(),
    );
    decode::spark_quotes(sparks(&[spark("A", &meta)]).as_bytes(), &symbols(&["A"]), at(now)).unwrap()
}

#[test]
fn session_and_delay_follow_from_the_trading_period() {
    for (price_at, now, session, delay) in [
        (-900, -331, Session::Closed, None),
        (-900, -330, Session::Pre, None),
        (-900, 0, Session::Regular, None),
        (-900, 9, Session::Regular, None),
        (-900, 15, Session::Regular, Some(15)),
        (60, 60, Session::Regular, None),
        (60, 69, Session::Regular, None),
        (60, 70, Session::Regular, Some(10)),
        (60, 76, Session::Regular, Some(15)),
        (60, 200, Session::Regular, Some(30)),
        (390, 390, Session::Post, None),
        (390, 600, Session::Post, None),
        (390, 630, Session::Closed, None),
    ] {
        let answer = told(price_at, now, "EQUITY");
        let quote = &answer.quotes[0];
        assert_eq!((quote.session, quote.delay_minutes), (session, delay), "{price_at} {now}");
        let state = match session {
            Session::Closed => QuoteState::Closed,
            _ if delay.is_some() => QuoteState::Delayed,
            _ => QuoteState::Live,
        };
        assert_eq!(quote.state, state);
    }
    assert_eq!(told(390, 700, "CRYPTOCURRENCY").quotes[0].session, Session::Regular);
}

#[test]
fn trading_hours_are_told_where_they_make_sense() {
    let (pre, regular, post) = (Some((at(-330), at(0))), Some((at(0), at(390))), Some((at(390), at(630))));
    let hours = TradingHours { pre, regular, post, told_at: Some(at(1)) };
    assert_eq!(told(0, 1, "EQUITY").hours, [(symbols(&["A"])[0].clone(), hours)]);
    for senseless in [
        r#","currentTradingPeriod":{}"#,
        r#","currentTradingPeriod":null"#,
        r#","currentTradingPeriod":{"regular":{"start":5,"end":5}}"#,
        r#","currentTradingPeriod":{"regular":{"start":1e300,"end":"x"}}"#,
    ] {
        let body = sparks(&[spark("A", senseless)]);
        let answer = decode::spark_quotes(body.as_bytes(), &symbols(&["A"]), at(0)).unwrap();
        assert_eq!((answer.hours.len(), answer.quotes[0].session), (0, Session::Closed), "{senseless}");
    }
    let fresh = sparks(&[spark("A", "")]);
    let now = Timestamp::from_second(1_700_000_060).unwrap();
    let answer = decode::spark_quotes(fresh.as_bytes(), &symbols(&["A"]), now).unwrap();
    assert_eq!(answer.quotes[0].session, Session::Regular, "a regular price a minute old");
}

#[test]
fn a_bad_spark_spoils_none_of_the_good_ones() {
    for bad in [
        "null",
        "17",
        "{}",
        r#"{"symbol":"BAD"}"#,
        r#"{"symbol":"BAD","response":[]}"#,
        r#"{"symbol":"BAD","response":[{"meta":{"regularMarketPrice":NaN}}]}"#,
    ] {
        let body = sparks(&[spark("A", ""), bad.to_owned(), spark("B", "")]);
        let answer = decode::spark_quotes(body.as_bytes(), &symbols(&["A", "BAD", "B"]), at(0)).unwrap();
        assert_eq!((answer.quotes.len(), answer.unknown.len(), answer.rejected.len()), (2, 0, 1), "{bad}");
    }
}
