//! The decoder of the Yahoo provider, over answers that were damaged at random.

#![allow(clippy::unwrap_used)]

mod provider_stub;

use jiff::Timestamp;
use market::{Range, Symbol};
use proptest::prelude::*;
use provider_stub::frames::{Frame, bare, wrapped};
use quote_engine::provider::{Answer, stream::Print, yahoo::decode};

const QUOTES: &[u8] = include_bytes!("fixtures/yahoo/quotes.json");
const CHART_DAY: &[u8] = include_bytes!("fixtures/yahoo/chart_day.json");
const CHART_YEAR: &[u8] = include_bytes!("fixtures/yahoo/chart_year.json");
const SEARCH: &[u8] = include_bytes!("fixtures/yahoo/search.json");
const SPARK: &[u8] = include_bytes!("fixtures/yahoo/spark.json");
const TRENDING: &[u8] = include_bytes!("fixtures/yahoo/trending.json");
const SCREENER: &[u8] = include_bytes!("fixtures/yahoo/screener.json");
const EVERY: [&[u8]; 7] = [QUOTES, CHART_DAY, CHART_YEAR, SEARCH, SPARK, TRENDING, SCREENER];
const SYMBOLS: [&str; 7] = ["PEAR", "OTEA.L", "NUT-USD", "EURUSD=X", "^WORRY", "WRLD.AS", "GONE"];

fn symbol(text: &str) -> Symbol {
    Symbol::parse(text).unwrap()
}

fn symbols() -> Vec<Symbol> {
    SYMBOLS.map(symbol).to_vec()
}

fn received_at() -> Timestamp {
    Timestamp::from_second(1_763_800_000).unwrap()
}

/// The answer to one row for the symbol `A`.
fn one(row: &str) -> Answer {
    let body = format!(r#"{{"quoteResponse":{{"result":[{row}],"error":null}}}}"#);
    decode::quotes(body.as_bytes(), &[symbol("A")], received_at()).unwrap()
}

fn check_sane(answer: &Answer) -> Result<(), TestCaseError> {
    for quote in &answer.quotes {
        prop_assert!(quote.price.is_positive());
        let json = serde_json::to_value(quote).unwrap();
        // A number that is not finite would have become null.
        prop_assert!(json.as_object().unwrap().values().all(|value| !value.is_null()), "{json}");
    }
    for (_, hours) in &answer.hours {
        prop_assert!([hours.pre, hours.regular, hours.post].iter().flatten().all(|(start, end)| start < end));
    }
    Ok(())
}

fn check_print(print: &Print) -> Result<(), TestCaseError> {
    prop_assert!(print.price.is_finite() && print.price > 0.0 && print.grain >= 0.0 && print.grain.is_finite());
    prop_assert!([print.change, print.change_percent, print.volume].iter().flatten().all(|value| value.is_finite()));
    let age = received_at().as_second() - print.at.as_second();
    prop_assert!((0..=decode::AGE_SECONDS_MAX).contains(&age), "{age}");
    Ok(())
}

/// Everything that reads a body, over one body.
fn read_all(body: &[u8]) -> Result<(), TestCaseError> {
    let answers = [
        decode::quotes(body, &symbols(), received_at()),
        decode::spark_quotes(body, &symbols(), received_at()),
        decode::chart_quote(body, &symbol("PEAR"), received_at()),
    ];
    for answer in answers.into_iter().flatten() {
        check_sane(&answer)?;
    }
    if let Ok(decode::Drawn { history, .. }) = decode::history(body, &symbol("PEAR"), Range::Day, received_at()) {
        for bar in &history.bars {
            prop_assert!([bar.open, bar.high, bar.low, bar.close].iter().all(|p| p.is_finite() && *p > 0.0));
            prop_assert!(bar.low <= bar.open.min(bar.close) && bar.high >= bar.open.max(bar.close));
        }
        prop_assert!(history.bars.windows(2).all(|pair| pair[0].at < pair[1].at));
    }
    for split in decode::splits(body).into_iter().flatten() {
        prop_assert!(split.numerator > 0.0 && (split.numerator / split.denominator).is_finite());
    }
    for decode::Drawn { history: course, .. } in decode::sparks(body, &symbols(), received_at()).into_iter().flatten() {
        prop_assert!(!course.bars.is_empty() && course.bars.iter().all(|bar| bar.close.is_finite() && bar.close > 0.0));
    }
    let _ = decode::instruments(body);
    let _ = decode::list(body);
    for print in decode::prints(body, received_at()) {
        check_print(&print)?;
    }
    Ok(())
}

/// Cut at every byte, no answer is taken for a whole one, and none makes a panic.
#[test]
fn an_answer_cut_anywhere_is_none() {
    for body in EVERY {
        let whole = body.trim_ascii_end();
        for cut in 0..whole.len() {
            let cut = &whole[..cut];
            let quotes = decode::quotes(cut, &symbols(), received_at());
            let sparks = decode::spark_quotes(cut, &symbols(), received_at());
            assert!(quotes.is_err() && sparks.is_err() && decode::sparks(cut, &symbols(), received_at()).is_err());
            assert!(decode::instruments(cut).is_err() && decode::list(cut).is_err());
            let history = decode::history(cut, &symbol("PEAR"), Range::Day, received_at());
            assert!(history.is_err() && decode::splits(cut).is_err());
        }
    }
}

/// Ten thousand levels deep, wherever the depth stands.
#[test]
fn depth_is_no_harm() {
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let objects = format!("{}1{}", r#"{"a":"#.repeat(10_000), "}".repeat(10_000));
    for deep in [deep, objects] {
        for around in [
            "@",
            r#"{"quoteResponse":{"result":@}}"#,
            r#"{"spark":{"result":[{"symbol":"PEAR","response":@}]}}"#,
            r#"{"finance":{"result":[{"quotes":@}]}}"#,
            r#"{"finance":{"error":@}}"#,
            r#"{"quotes":[{"symbol":@}]}"#,
            r#"{"chart":{"result":[{"meta":@,"timestamp":@,"indicators":@}]}}"#,
            r#"{"type":"pricing","message":@}"#,
        ] {
            read_all(around.replace('@', &deep).as_bytes()).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Cut, spliced and scribbled over, an answer never makes a panic or a senseless price.
    #[test]
    fn mutilated_answers_give_no_senseless_price(
        which in 0usize..EVERY.len(),
        cut in 0usize..6_000,
        edits in prop::collection::vec((0usize..6_000, prop::sample::select(vec!["NaN", "null", "-1", "1e999", "0", "{", "}", "[", "]", "\"", ",", ":", "\\", "\u{0}", "é", "Infinity", "{}", "1e308"])), 0..6),
        flips in prop::collection::vec((0usize..6_000, any::<u8>()), 0..4),
    ) {
        let mut body = EVERY[which].to_vec();
        for (at, text) in edits {
            let at = at % body.len();
            body.splice(at..(at + 1).min(body.len()), text.bytes());
        }
        for (at, byte) in flips {
            let at = at % body.len();
            body[at] = byte;
        }
        if cut < body.len() && cut % 3 == 0 {
            body.truncate(cut);
        }
        read_all(&body)?;
    }

    /// Whatever numbers a frame holds, what leaves is a sane price or nothing.
    #[test]
    fn any_numbers_in_a_frame(
        id in "[A-Z^=.-]{0,12}", price in any::<f32>(), time_ms in prop_oneof![any::<i64>(), 1_763_700_000_000i64..1_763_900_000_000],
        kind in any::<i32>(), hours in -1i32..5, change in any::<f32>(), percent in any::<f32>(), volume in any::<i64>(),
    ) {
        let frame = Frame {
            id, price: Some(price), time_ms: Some(time_ms), quote_type: Some(kind), market_hours: Some(hours),
            change: Some(change), change_percent: Some(percent), day_volume: Some(volume), ..Frame::default()
        };
        for print in decode::prints(wrapped(&frame).as_bytes(), received_at()) {
            check_print(&print)?;
        }
    }

    /// A frame that was damaged on its way, in its text or in what that packs.
    #[test]
    fn mutilated_frames(at in 0usize..80, byte in any::<u8>(), cut in 0usize..80) {
        let frame = Frame { time_ms: Some(1_763_799_000_000), change: Some(0.77), ..Frame::of("AAPL", 305.76) };
        for text in [wrapped(&frame), bare(&frame)] {
            let mut bytes = text.into_bytes();
            let at = at % bytes.len();
            bytes[at] = byte;
            for frame in [&bytes[..], &bytes[..cut.min(bytes.len())]] {
                for print in decode::prints(frame, received_at()) {
                    check_print(&print)?;
                }
            }
        }
    }

    /// Whatever number stands in a field, what leaves is a sane quote or a rejection.
    #[test]
    fn any_number_in_any_field(value in any::<f64>(), other in any::<f64>(), seconds in any::<i64>(), hint in any::<i32>()) {
        let number = |value: f64| if value.is_finite() { format!("{value:e}") } else { value.to_string() };
        let answer = one(&format!(
            r#"{{"symbol":"A","currency":"GBp","regularMarketPrice":{v},"regularMarketTime":{seconds},"regularMarketChange":{o},"regularMarketChangePercent":{v},"regularMarketPreviousClose":{o},"marketCap":{v},"trailingPE":{o},"dividendYield":{v},"trailingAnnualDividendYield":{o},"postMarketPrice":{o},"postMarketTime":1763790000,"priceHint":{hint},"exchangeDataDelayedBy":{o}}}"#,
            v = number(value).replace("inf", "Infinity"), o = number(other).replace("inf", "Infinity"),
        ));
        prop_assert_eq!(answer.quotes.len() + answer.rejected.len(), 1);
        check_sane(&answer)?;
    }

    #[test]
    fn any_bytes_at_all(body in prop::collection::vec(any::<u8>(), 0..400)) {
        read_all(&body)?;
    }
}
