//! The decoder of the Yahoo provider, over answers that were damaged at random.

#![allow(clippy::unwrap_used)]

use jiff::Timestamp;
use market::{Range, Symbol};
use proptest::prelude::*;
use quote_engine::provider::{Answer, yahoo::decode};

const QUOTES: &[u8] = include_bytes!("fixtures/yahoo/quotes.json");
const CHART_DAY: &[u8] = include_bytes!("fixtures/yahoo/chart_day.json");
const CHART_YEAR: &[u8] = include_bytes!("fixtures/yahoo/chart_year.json");
const SEARCH: &[u8] = include_bytes!("fixtures/yahoo/search.json");
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
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Cut, spliced and scribbled over, an answer never makes a panic or a senseless price.
    #[test]
    fn mutilated_answers_give_no_senseless_price(
        which in 0usize..4,
        cut in 0usize..6_000,
        edits in prop::collection::vec((0usize..6_000, prop::sample::select(vec!["NaN", "null", "-1", "1e999", "0", "{", "}", "[", "]", "\"", ",", ":", "\\", "\u{0}", "é", "Infinity", "{}", "1e308"])), 0..6),
        flips in prop::collection::vec((0usize..6_000, any::<u8>()), 0..4),
    ) {
        let mut body = [QUOTES, CHART_DAY, CHART_YEAR, SEARCH][which].to_vec();
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
        if let Ok(answer) = decode::quotes(&body, &symbols(), received_at()) {
            check_sane(&answer)?;
        }
        if let Ok(answer) = decode::chart_quote(&body, &symbol("PEAR"), received_at()) {
            check_sane(&answer)?;
        }
        if let Ok(history) = decode::history(&body, &symbol("PEAR"), Range::Day) {
            for bar in &history.bars {
                prop_assert!([bar.open, bar.high, bar.low, bar.close].iter().all(|p| p.is_finite() && *p > 0.0));
                prop_assert!(bar.low <= bar.open.min(bar.close) && bar.high >= bar.open.max(bar.close));
            }
            prop_assert!(history.bars.windows(2).all(|pair| pair[0].at < pair[1].at));
        }
        let _ = decode::instruments(&body);
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
        let _ = decode::quotes(&body, &symbols(), received_at());
        let _ = decode::history(&body, &symbol("A"), Range::Max);
        let _ = decode::instruments(&body);
    }
}
