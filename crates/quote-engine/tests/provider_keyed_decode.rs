//! What Finnhub and the European Central Bank say, decoded: as documented, as recorded where recordings are there, and
//! damaged at random.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(clippy::float_cmp, reason = "published figures come out as they went in")]

use std::{collections::BTreeSet, path::Path};

use jiff::Timestamp;
use market::{Kind, Quote, QuoteState, Range, Session, Symbol};
use proptest::prelude::*;
use quote_engine::provider::{
    Answer,
    ecb::decode as ecb,
    finnhub::decode::{self as finnhub, Profile, Said},
};

const QUOTE: &[u8] = include_bytes!("fixtures/finnhub/quote.json");
const SEARCH: &[u8] = include_bytes!("fixtures/finnhub/search.json");
const TRADES: &[u8] = include_bytes!("fixtures/finnhub/trades.json");
const DAILY: &[u8] = include_bytes!("fixtures/ecb/daily.xml");
const HISTORY: &[u8] = include_bytes!("fixtures/ecb/history.xml");

/// As a number, to compare.
fn money(price: Option<market::Price>) -> Option<f64> {
    price.map(market::Price::to_f64)
}

fn symbol(text: &str) -> Symbol {
    Symbol::parse(text).unwrap()
}

fn received_at() -> Timestamp {
    "2025-11-21T21:00:10Z".parse().unwrap()
}

fn finnhub_quote(body: &[u8]) -> Answer {
    finnhub::quote(body, &symbol("PEAR"), &Profile::default(), received_at()).unwrap()
}

/// A file of recordings, where there are any.
fn recorded(name: &str) -> Option<Vec<u8>> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().find(|folder| folder.join("shared/fixtures").is_dir())?;
    std::fs::read(folder.join("shared/fixtures").join(name)).ok()
}

#[test]
fn a_quote_of_finnhubs_says_what_it_knows_and_no_more() {
    let answer = finnhub_quote(QUOTE);
    let quote = &answer.quotes[0];
    assert_eq!((quote.price.to_f64(), money(quote.change), quote.change_percent), (244.6, Some(3.07), Some(1.2711)));
    assert_eq!(
        (money(quote.open), money(quote.day_low), money(quote.day_high)),
        (Some(242.1), Some(241.8), Some(245.55))
    );
    assert_eq!((money(quote.previous_close), quote.currency.as_deref()), (Some(241.53), Some("USD")));
    assert_eq!(quote.quoted_at.to_string(), "2025-11-21T21:00:00Z");
    assert_eq!((quote.session, quote.state, quote.source.as_str()), (Session::Post, QuoteState::Live, "finnhub"));
    assert_eq!((quote.volume, quote.market_cap, quote.delay_minutes), (None, None, None));
}

#[test]
fn zeros_are_an_unknown_symbol() {
    for body in [
        r#"{"c":0,"d":null,"dp":null,"h":0,"l":0,"o":0,"pc":0,"t":0}"#,
        r#"{"c":0,"d":null,"dp":null,"h":0,"l":0,"o":0,"pc":0,"t":null}"#,
    ] {
        assert_eq!(finnhub_quote(body.as_bytes()).unknown, [symbol("PEAR")], "{body}");
    }
}

#[test]
fn senseless_prices_and_times_are_rejected_with_a_reason() {
    for (body, reason) in [
        (r#"{"c":-1,"t":1763758800}"#, "its price is -1"),
        (r#"{"c":0,"t":1763758800}"#, "its price is 0"),
        (r#"{"c":"NaN","t":1763758800}"#, "its price is 0"),
        (r#"{"c":1,"t":0}"#, "it has no time"),
        (r#"{"c":1,"t":1763769999}"#, "ahead of this computer's clock"),
    ] {
        let answer = finnhub_quote(body.as_bytes());
        assert!(answer.quotes.is_empty() && answer.rejected[0].1.contains(reason), "{body}: {answer:?}");
    }
    let quote = &finnhub_quote(br#"{"c":16,"d":15.95,"dp":31900,"pc":0.05,"t":1763758800}"#).quotes[0];
    assert_eq!((quote.change, quote.change_percent), (None, None), "beyond belief");
}

#[test]
fn a_body_that_is_no_quote_says_what_it_is() {
    for (body, what) in [
        ("", "an empty body"),
        ("<html><body>Just a moment", "a web page"),
        ("{\"c\":244.6,\"d\":3.0", "an answer that breaks off, or of another shape"),
        ("[244.6,1,1,1,1,1,1,1763758800]", "an answer that breaks off, or of another shape"),
        ("{\"error\":\"no\"}", "an answer that breaks off, or of another shape"),
        ("API limit reached", "the text \"API limit reached\""),
    ] {
        let fault = finnhub::quote(body.as_bytes(), &symbol("PEAR"), &Profile::default(), received_at()).unwrap_err();
        assert_eq!(fault.0, what, "{body}");
    }
}

#[test]
fn a_search_finds_what_can_be_followed() {
    let found = finnhub::instruments(SEARCH).unwrap();
    let found: Vec<(&str, &str, Kind)> = found.iter().map(|i| (i.symbol.as_str(), i.name.as_str(), i.kind)).collect();
    assert_eq!(
        found,
        [
            ("PEAR", "PEAR INC", Kind::Equity),
            ("PRK-B", "PEAR HATHAWAY CL B", Kind::Equity),
            ("SPR", "PEAR 500 ETF", Kind::Etf)
        ]
    );
    assert!(finnhub::instruments(b"{}").is_err());
}

#[test]
fn of_trades_in_one_millisecond_the_last_one_counts() {
    let Said::Trades(prints) = finnhub::frame(TRADES, received_at()) else { panic!("trades") };
    let said: Vec<(&str, f64, Option<Session>)> =
        prints.iter().map(|p| (p.symbol.as_str(), p.price, p.session)).collect();
    assert_eq!(said, [("PEAR", 122.11, Some(Session::Regular)), ("PRK-B", 480.5, Some(Session::Regular))]);
    assert_eq!(prints[0].at.to_string(), "2025-11-21T15:00:00.196Z");
    assert_eq!(finnhub::frame(br#"{"type":"ping"}"#, received_at()), Said::Nothing);
    let complaint = finnhub::frame(br#"{"msg":"Invalid symbol X","type":"error"}"#, received_at());
    assert_eq!(complaint, Said::Complaint("Invalid symbol X".to_owned()));
}

#[test]
fn recorded_trades_are_read_as_recorded() {
    let Some(frame) = recorded("finnhub/ws_trades_TSLA_AAPL_2022.json") else { return };
    let Said::Trades(prints) = finnhub::frame(&frame, received_at()) else { panic!("trades") };
    let said: Vec<(&str, f64, i64)> =
        prints.iter().map(|p| (p.symbol.as_str(), p.price, p.at.as_millisecond())).collect();
    assert_eq!(said, [("AAPL", 129.575, 1_672_348_887_785), ("TSLA", 122.1, 1_672_348_887_198)]);
    assert!(prints.iter().all(|print| print.session == Some(Session::Post)));
}

fn rate(days: &ecb::Days, name: &str) -> Quote {
    ecb::quote(days, &symbol(name), received_at()).unwrap()
}

#[test]
fn rates_cross_by_way_of_the_euro() {
    let days = ecb::days(DAILY).unwrap();
    let euro = rate(&days, "EURUSD=X");
    assert_eq!((euro.price.to_f64(), euro.price_digits, euro.kind), (1.152, Some(5), Kind::Currency));
    assert_eq!((euro.name.as_deref(), euro.currency.as_deref()), (Some("EUR/USD"), Some("USD")));
    assert_eq!((euro.exchange.as_deref(), euro.change), (Some("ECB reference rate"), None));
    assert_eq!((euro.session, euro.state), (Session::Closed, QuoteState::Closed));
    assert_eq!(euro.quoted_at.to_string(), "2025-11-21T15:00:00Z", "16:00 in Frankfurt");
    let yen = rate(&days, "JPY=X");
    assert_eq!((yen.price.to_string().as_str(), yen.price_digits), ("156.597222222", Some(3)), "180.40 / 1.1520");
    assert_eq!(rate(&days, "USDJPY=X").price, yen.price);
    assert_eq!(rate(&days, "USDEUR=X").price.to_f64(), 0.868_055_555_556);
    assert_eq!(rate(&days, "GBPUSD=X").price.to_f64(), 1.309_090_909_09);
    for unknown in ["EURXXX=X", "EUREUR=X", "USD=X", "EURUSD", "AAPL", "1EUR=X"] {
        assert_eq!(ecb::quote(&days, &symbol(unknown), received_at()), None, "{unknown}");
    }
}

#[test]
fn a_change_is_against_the_day_before_unless_a_day_is_missing() {
    let days = ecb::days(HISTORY).unwrap();
    let quote = rate(&days, "EURUSD=X");
    assert_eq!(
        (quote.price.to_f64(), money(quote.previous_close), money(quote.change)),
        (1.15, Some(1.16), Some(-0.01))
    );
    assert_eq!(quote.change_percent, Some(-0.862_068_965_517));
    let mut gap = days.clone();
    gap.remove(&"2025-11-19".parse().unwrap());
    assert_eq!(rate(&gap, "EURUSD=X").previous_close, None);
}

#[test]
fn a_history_is_a_rate_a_day() {
    let days = ecb::days(HISTORY).unwrap();
    let history = |name: &str, range| ecb::history(&days, &symbol(name), range).unwrap();
    let month = history("EURUSD=X", Range::Month);
    assert_eq!((month.interval.as_str(), month.bars.len()), ("1d", 2));
    assert_eq!((month.bars[1].at.to_string().as_str(), month.bars[1].close), ("2025-11-20T15:00:00Z", 1.15));
    assert_eq!(history("EURUSD=X", Range::Max).bars.len(), 3);
    assert_eq!(history("EURGBP=X", Range::Max).bars.len(), 2, "a rate that is none makes no bar");
}

#[test]
fn a_file_that_breaks_off_anywhere_gives_nothing() {
    let end = DAILY.windows(2).rposition(|pair| pair == b"e>").unwrap();
    for cut in 0..=end {
        assert!(ecb::days(&DAILY[..cut]).is_err(), "cut at {cut}");
    }
    for (body, what) in [("<html><body/></html>", "a web page"), ("", "an empty body")] {
        assert_eq!(ecb::days(body.as_bytes()).unwrap_err().0, what);
    }
}

#[test]
fn recorded_rates_are_read_as_recorded() {
    let (Some(daily), Some(history)) =
        (recorded("ecb/eurofxref-daily_2015.xml"), recorded("ecb/eurofxref-hist-90d.xml"))
    else {
        return;
    };
    let daily = ecb::days(&daily).unwrap();
    assert_eq!((daily.len(), daily.values().next().unwrap().len()), (1, 31));
    assert_eq!(rate(&daily, "EURGBP=X").price.to_f64(), 0.7823);
    assert_eq!(rate(&daily, "EURRUB=X").quoted_at.to_string(), "2015-01-07T15:00:00Z");
    let history = ecb::days(&history).unwrap();
    assert_eq!(history.len(), 65, "working days");
    let quote = rate(&history, "EURUSD=X");
    assert_eq!(
        (quote.price.to_f64(), money(quote.previous_close), money(quote.change)),
        (1.0982, Some(1.1005), Some(-0.0023))
    );
}

fn is_sane(quote: &Quote) -> bool {
    let json = serde_json::to_value(quote).unwrap();
    // A number that is not finite would have become null.
    quote.price.is_positive()
        && quote.price.to_f64() > 0.0
        && quote.quoted_at <= received_at()
        && json.as_object().unwrap().values().all(|value| !value.is_null())
}

/// Decodes a body in every way there is.
fn decode_all(body: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(answer) = finnhub::quote(body, &symbol("PEAR"), &Profile::default(), received_at()) {
        prop_assert!(answer.quotes.iter().all(is_sane), "{answer:?}");
        prop_assert_eq!(answer.quotes.len() + answer.rejected.len() + answer.unknown.len(), 1);
    }
    if let Said::Trades(prints) = finnhub::frame(body, received_at()) {
        prop_assert!(
            prints.iter().all(|print| print.price.is_finite() && print.price > 0.0 && print.at <= received_at())
        );
        let symbols: BTreeSet<&Symbol> = prints.iter().map(|print| &print.symbol).collect();
        prop_assert_eq!(symbols.len(), prints.len());
    }
    let _ = (finnhub::instruments(body), finnhub::profile(body));
    if let Ok(days) = ecb::days(body) {
        for name in ["EURUSD=X", "JPY=X", "GBPJPY=X"] {
            prop_assert!(ecb::quote(&days, &symbol(name), received_at()).is_none_or(|quote| is_sane(&quote)));
            let history = ecb::history(&days, &symbol(name), Range::Max);
            let bars = history.map_or_else(Vec::new, |history| history.bars);
            prop_assert!(bars.iter().all(|bar| bar.close.is_finite() && bar.close > 0.0));
            prop_assert!(bars.windows(2).all(|pair| pair[0].at < pair[1].at));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Cut, spliced and scribbled over, an answer never makes a panic or a senseless price.
    #[test]
    fn mutilated_answers_give_no_senseless_price(
        which in 0usize..5,
        cut in 0usize..6_000,
        edits in prop::collection::vec((0usize..6_000, prop::sample::select(vec!["NaN", "null", "-1", "1e999", "0", "{", "}", "[", "]", "\"", ",", ":", "<", "/>", "&lt;", "&", "'", "\u{0}", "é", "1e308", "<Cube time='9999-12-31'>", "<Cube time='-009999-01-01'/>", "rate='1e-300'", "<!DOCTYPE x [", "<![CDATA["])), 0..6),
        flips in prop::collection::vec((0usize..6_000, any::<u8>()), 0..4),
    ) {
        let mut body = [QUOTE, SEARCH, TRADES, DAILY, HISTORY][which].to_vec();
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
        decode_all(&body)?;
    }

    #[test]
    fn any_bytes_at_all(body in prop::collection::vec(any::<u8>(), 0..400)) {
        decode_all(&body)?;
    }

    /// Whatever number stands in a field, what leaves is a sane quote or a rejection.
    #[test]
    fn any_number_in_any_field(value in any::<f64>(), other in any::<f64>(), time in any::<f64>(), millis in any::<i64>()) {
        decode_all(format!(r#"{{"c":{value:?},"d":{other:?},"dp":{value:?},"h":{other:?},"l":{value:?},"o":{other:?},"pc":{other:?},"t":{time:?}}}"#).as_bytes())?;
        decode_all(format!(r#"{{"type":"trade","data":[{{"s":"PEAR","p":{value:?},"t":{millis}}},{{"s":"PEAR","p":{other:?},"t":{time:?}}}]}}"#).as_bytes())?;
        decode_all(format!("<Envelope><Cube time='2025-11-20'><Cube currency='USD' rate='{value:?}'/><Cube currency='JPY' rate='{other:?}'/></Cube></Envelope>").as_bytes())?;
    }

    /// There and back again is where one was, whatever the rates.
    #[test]
    fn a_pair_and_its_opposite_are_each_others_inverse(dollar in 1e-4f64..1e6, yen in 1e-4f64..1e6) {
        let body = format!("<Envelope><Cube time='2025-11-20'><Cube currency='USD' rate='{dollar}'/><Cube currency='JPY' rate='{yen}'/></Cube></Envelope>");
        let days = ecb::days(body.as_bytes()).unwrap();
        let product = rate(&days, "USDJPY=X").price.to_f64() * rate(&days, "JPYUSD=X").price.to_f64();
        prop_assert!((product - 1.0).abs() < 1e-9, "{product}");
        prop_assert_eq!(rate(&days, "EURUSD=X").price.to_f64(), format!("{dollar:.11e}").parse::<f64>().unwrap());
    }
}
