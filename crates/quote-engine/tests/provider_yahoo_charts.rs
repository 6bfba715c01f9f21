//! Charts with the bars that were asked for, hours that charts tell, and splits; the server is on this machine.

#![allow(clippy::unwrap_used)]

mod provider_stub;

use market::{Range, Symbol, TradingHours};
use provider_stub::{Asked, CRUMB, Says, Stub, batch, row, says, session};
use quote_engine::provider::Provider;

const WEEK: i64 = 7 * 86_400;
/// Monday, 12 January 1981, in New York.
const FIRST: i64 = 348_123_600;

fn apple() -> Symbol {
    Symbol::parse("AAPL").unwrap()
}

/// A chart with a bar at each of these seconds.
fn chart(granularity: &str, at: &[i64]) -> String {
    let row = |value: &str| vec![value; at.len()].join(",");
    let times = at.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    format!(
        r#"{{"chart":{{"result":[{{"meta":{{"symbol":"AAPL","instrumentType":"EQUITY","currency":"USD","firstTradeDate":{FIRST},"gmtoffset":-18000,"dataGranularity":"{granularity}"}},"timestamp":[{times}],"indicators":{{"quote":[{{"open":[{prices}],"high":[{prices}],"low":[{prices}],"close":[{prices}],"volume":[{volumes}]}}]}}}}],"error":null}}}}"#,
        prices = row("10.5"),
        volumes = row("7"),
    )
}

fn second(asked: &Asked, name: &str) -> Option<i64> {
    asked.query.get(name).map(|second| second.parse().unwrap())
}

/// Weekly bars between two seconds, at midnight on Mondays, winter and summer the same.
fn weeks(from: i64, to: i64) -> Vec<i64> {
    (0..).map(|week| FIRST + week * WEEK).skip_while(|at| *at < from).take_while(|at| *at < to).collect()
}

/// Gives long bars from there on for `range`, and what `window` says for a window.
async fn coarse(from: i64, window: impl Fn(i64, i64) -> Says + Send + Sync + 'static) -> Stub {
    Stub::start(move |asked| match (second(asked, "period1"), second(asked, "period2")) {
        (Some(from), Some(to)) => window(from, to),
        _ => says(200, chart("3mo", &[from, from + 13 * WEEK, from + 26 * WEEK])),
    })
    .await
}

#[tokio::test]
async fn everything_there_is_comes_by_the_week_in_windows_without_gaps_or_doubles() {
    let stub = coarse(FIRST + WEEK, |from, to| says(200, chart("1wk", &weeks(from, to)))).await;
    let history = stub.provider().history(&apple(), Range::Max).await.unwrap();
    assert_eq!((history.interval.as_str(), history.range), ("1wk", Range::Max));
    let at: Vec<i64> = history.bars.iter().map(|bar| bar.at.as_second()).collect();
    assert_eq!(at, weeks(FIRST, market::Timestamp::now().as_second()), "since the first trade, every week once");
    assert!(history.bars.iter().all(|bar| bar.volume == Some(7.0)));
    let asked = stub.asked();
    let windows = &asked[1..];
    assert!((4..=10).contains(&windows.len()), "{} windows", windows.len());
    assert!(windows.iter().all(|asked| asked.query["interval"] == "1wk" && !asked.query.contains_key("range")));
    assert!(windows.windows(2).all(|pair| pair[0].query["period2"] == pair[1].query["period1"]), "no gap");
}

#[tokio::test]
async fn a_short_range_is_asked_for_again_once() {
    let begins = market::Timestamp::now().as_second() - 30 * WEEK;
    let stub = coarse(begins, |from, _| says(200, chart("5m", &[from, from + 300]))).await;
    let history = stub.provider().history(&apple(), Range::Day).await.unwrap();
    let at: Vec<i64> = history.bars.iter().map(|bar| bar.at.as_second()).collect();
    assert_eq!((history.interval.as_str(), at), ("5m", vec![begins, begins + 300]));
    let asked = stub.asked();
    assert_eq!((asked[0].query["range"].as_str(), second(&asked[1], "period1")), ("1d", Some(begins)));
    assert_eq!(asked.len(), 2);
    assert!(asked[1..].iter().all(|asked| asked.query["includePrePost"] == "true"));
}

#[tokio::test]
async fn where_there_are_no_finer_bars_the_long_ones_are_shown_as_such() {
    let (month, broken, empty) = (chart("1mo", &[FIRST]), "<html>".to_owned(), chart("1wk", &[]));
    for bad in [says(200, month), says(200, broken), says(200, empty), says(404, ""), says(429, "")] {
        let kept = bad.clone();
        let stub = coarse(FIRST, move |_, _| kept.clone()).await;
        let history = stub.provider().history(&apple(), Range::FiveYears).await.unwrap();
        assert_eq!((history.interval.as_str(), history.bars.len()), ("3mo", 3), "{bad:?}");
        assert!(stub.asked().len() <= 12, "{} requests", stub.asked().len());
    }
}

/// A spark or chart whose market has had these regular hours, in seconds.
fn told(symbol: &str, exchange: &str, kind: &str, start: i64, end: i64) -> String {
    format!(
        r#"{{"meta":{{"symbol":"{symbol}","instrumentType":"{kind}","fullExchangeName":"{exchange}","regularMarketPrice":12.5,"regularMarketTime":1700000000,"currentTradingPeriod":{{"regular":{{"start":{start},"end":{end}}}}}}},"timestamp":[1700000000],"indicators":{{"quote":[{{"close":[12.5]}}]}}}}"#
    )
}

fn closed_in_hong_kong(symbol: &str) -> String {
    row(symbol).replace("\"REGULAR\"", r#""CLOSED","fullExchangeName":"HKSE""#)
}

#[tokio::test]
async fn the_hours_a_chart_tells_hold_for_its_market_and_cost_no_request() {
    let stub = Stub::start(|asked| {
        if let Some(said) = session(asked) {
            return said;
        }
        if asked.is("/spark") {
            let told = told("0001.HK", "HKSE", "EQUITY", 1_700_010_000, 1_700_020_000);
            return says(200, format!(r#"{{"spark":{{"result":[{{"symbol":"0001.HK","response":[{told}]}}]}}}}"#));
        }
        if asked.is("/chart/") {
            // A share that has long not been traded.
            let told = told("0002.HK", "HKSE", "EQUITY", 1_600_000_000, 1_600_010_000);
            return says(200, format!(r#"{{"chart":{{"result":[{told}],"error":null}}}}"#));
        }
        assert_eq!(asked.query["crumb"], CRUMB);
        says(
            200,
            batch(&[
                closed_in_hong_kong("0700.HK"),
                row("0005.HK"),
                closed_in_hong_kong("0006.HK").replace("HKSE", "Other"),
            ]),
        )
    })
    .await;
    let provider = stub.provider();
    let asked: Vec<Symbol> =
        ["0700.HK", "0005.HK", "0006.HK"].iter().map(|text| Symbol::parse(text).unwrap()).collect();
    assert_eq!(provider.quotes(&asked).await.unwrap().hours, [], "nothing has been told yet");
    provider.sparks(&[Symbol::parse("0001.HK").unwrap()]).await.unwrap();
    provider.history(&Symbol::parse("0002.HK").unwrap(), Range::Year).await.unwrap();
    let requests = stub.asked().len();
    let hours = provider.quotes(&asked).await.unwrap().hours;
    assert_eq!(stub.asked().len(), requests + 1);
    let second = |second| market::Timestamp::from_second(second).unwrap();
    let [(symbol, TradingHours { regular, told_at: Some(_), .. })] = &hours[..] else { panic!("{hours:?}") };
    assert_eq!((symbol.as_str(), *regular), ("0700.HK", Some((second(1_700_010_000), second(1_700_020_000)))));
}
