//! The decoder of the Yahoo provider, over small answers in the documented shapes.

#![allow(clippy::unwrap_used, clippy::float_cmp)]

use jiff::Timestamp;
use market::{Kind, Price, Quote, QuoteState, Range, Session, Symbol};
use quote_engine::provider::{
    Answer,
    yahoo::decode::{self, Fault},
};

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

fn quotes() -> Answer {
    decode::quotes(QUOTES, &symbols(), received_at()).unwrap()
}

fn quote(name: &str) -> Quote {
    quotes().quotes.into_iter().find(|quote| quote.symbol.as_str() == name).unwrap()
}

fn price(value: f64) -> Price {
    Price::from_f64(value).unwrap()
}

/// The answer to one row for the symbol `A`.
fn one(row: &str) -> Answer {
    let body = format!(r#"{{"quoteResponse":{{"result":[{row}],"error":null}}}}"#);
    decode::quotes(body.as_bytes(), &[symbol("A")], received_at()).unwrap()
}

/// A row for `A` with a few fields set otherwise.
fn with(fields: &str) -> Answer {
    one(&format!(r#"{{"symbol":"A","regularMarketPrice":10,"regularMarketTime":1763700000,{fields}}}"#))
}

fn near(left: Option<f64>, right: f64) -> bool {
    left.is_some_and(|left| (left - right).abs() < 1e-9)
}

#[test]
fn a_share_with_a_later_print() {
    let pear = quote("PEAR");
    assert_eq!(pear.name.as_deref(), Some("Pear Computers, Inc."));
    assert_eq!(
        (pear.kind, pear.exchange.as_deref(), pear.currency.as_deref()),
        (Kind::Equity, Some("NasdaqGS"), Some("USD"))
    );
    assert_eq!((pear.quoted_in.as_deref(), pear.price_digits, pear.price), (None, Some(2), price(201.5)));
    assert_eq!(
        (pear.change, pear.change_percent, pear.previous_close),
        (Some(price(1.5)), Some(0.75), Some(price(200.0)))
    );
    assert_eq!(
        (pear.open, pear.day_low, pear.day_high),
        (Some(price(200.25)), Some(price(199.75)), Some(price(203.0)))
    );
    assert_eq!(
        (pear.year_low, pear.year_high, pear.volume),
        (Some(price(150.1)), Some(price(231.25)), Some(48_123_456.0))
    );
    assert_eq!((pear.market_cap, pear.pe_ratio, pear.dividend_yield), (Some(3.1e12), Some(30.25), Some(0.41)));
    assert_eq!((pear.extended_price, pear.extended_change_percent), (Some(price(202.507)), Some(0.49975)));
    assert_eq!(pear.extended_at.map(Timestamp::as_second), Some(1_763_773_199), "the newer of the two");
    assert_eq!((pear.session, pear.state, pear.delay_minutes), (Session::Closed, QuoteState::Closed, Some(0)));
    assert_eq!((pear.quoted_at.as_second(), pear.received_at), (1_763_758_800, received_at()));
    assert_eq!((pear.source.as_str(), pear.time_zone.as_deref()), ("yahoo", Some("America/New_York")));
}

#[test]
fn pence_become_pounds_but_for_the_capitalisation() {
    let tea = quote("OTEA.L");
    assert_eq!(
        (tea.currency.as_deref(), tea.quoted_in.as_deref(), tea.price_digits),
        (Some("GBP"), Some("GBp"), Some(4))
    );
    assert_eq!((tea.price, tea.change, tea.change_percent), (price(3.088), Some(price(-0.064)), Some(-2.030_456_8)));
    assert_eq!(
        (tea.previous_close, tea.open, tea.year_high),
        (Some(price(3.152)), Some(price(3.082)), Some(price(5.413_46)))
    );
    assert_eq!((tea.market_cap, tea.name.as_deref()), (Some(2.55e9), Some("OLD TEA ORD 2P")));
    assert!(near(tea.dividend_yield, 3.1), "a fraction becomes percent: {:?}", tea.dividend_yield);
    assert_eq!((tea.state, tea.delay_minutes), (QuoteState::Delayed, Some(15)));
}

#[test]
fn crypto_keeps_its_own_percent_and_never_closes() {
    let nut = quote("NUT-USD");
    assert_eq!((nut.kind, nut.price, nut.price_digits), (Kind::Crypto, price(0.000_012_34), Some(8)));
    assert_eq!((nut.change_percent, nut.previous_close), (Some(1.446), Some(price(0.000_012_41))));
    assert_eq!((nut.session, nut.state), (Session::Regular, QuoteState::Live));
    assert_eq!(with(r#""quoteType":"CRYPTOCURRENCY","marketState":"CLOSED""#).quotes[0].session, Session::Regular);
}

#[test]
fn what_is_zero_or_absent_is_left_out() {
    let euro = quote("EURUSD=X");
    assert_eq!((euro.volume, euro.market_cap, euro.extended_price), (None, None, None));
    let world = quote("WRLD.AS");
    assert_eq!((world.price, world.price_digits, world.change_percent), (price(126.05), Some(2), None));
    assert_eq!((world.session, world.name, world.exchange), (Session::Closed, None, None));
    let json = serde_json::to_string(&quotes().quotes).unwrap();
    assert!(!json.contains("null") && !json.contains("NaN"), "{json}");
}

#[test]
fn no_percent_against_a_senseless_close() {
    let worry = quote("^WORRY");
    assert_eq!((worry.price, worry.change_percent, worry.change), (price(16.0), None, None));
    let broken =
        &with(r#""regularMarketPreviousClose":0,"regularMarketChange":10,"regularMarketChangePercent":5"#).quotes[0];
    assert_eq!((broken.previous_close, broken.change, broken.change_percent), (None, None, None));
}

#[test]
fn what_is_converted_has_no_float_noise_and_a_change_of_nothing_is_nothing() {
    let noisy = with(r#""currency":"GBp","regularMarketOpen":308.80000000000001137,"regularMarketChange":5.6e-17"#);
    assert_eq!((noisy.quotes[0].open, noisy.quotes[0].change), (Some(price(3.088)), Some(Price::ZERO)));
    let senseless = with(r#""regularMarketOpen":2e12,"regularMarketDayLow":9e-13,"regularMarketChange":-2e12"#);
    let quote = &senseless.quotes[0];
    assert_eq!((quote.open, quote.day_low, quote.change), (None, None, None));
}

#[test]
fn who_is_missing_is_unknown() {
    assert_eq!(quotes().unknown, [symbol("GONE")]);
    assert_eq!(quotes().rejected, []);
    let empty = br#"{"quoteResponse":{"result":[],"error":null}}"#;
    assert!(symbols().len() >= 5);
    let fault = decode::quotes(empty, &symbols(), received_at()).unwrap_err();
    assert!(fault.to_string().contains("without a single row"), "so many at once are not all unknown");
    let few = &symbols()[..2];
    let none = decode::quotes(empty, few, received_at()).unwrap();
    assert_eq!(none.unknown, few);
    let nobody = one(r#"{"symbol":"A","quoteType":"NONE"}"#);
    assert_eq!((nobody.unknown.len(), nobody.rejected.len()), (1, 0));
    assert_eq!(nobody.delisted, nobody.unknown, "it has a name there, and nothing trades under it");
    assert_eq!(none.delisted, [], "these were never heard of");
}

#[test]
fn rows_are_matched_by_symbol_and_strangers_dropped() {
    let rows = r#"{"symbol":"Z","regularMarketPrice":1,"regularMarketTime":5},{"symbol":"a","regularMarketPrice":10,"regularMarketTime":1763700000},{"symbol":"A","regularMarketPrice":99,"regularMarketTime":1763700000}"#;
    let answer = one(rows);
    assert_eq!(answer.quotes.iter().map(|q| (q.symbol.as_str(), q.price)).collect::<Vec<_>>(), [("A", price(10.0))]);
    let yen =
        br#"{"quoteResponse":{"result":[{"symbol":"JPY=X","regularMarketPrice":150,"regularMarketTime":1763700000}]}}"#;
    let answer = decode::quotes(yen, &[symbol("USDJPY=X")], received_at()).unwrap();
    assert_eq!(answer.quotes[0].symbol, symbol("USDJPY=X"));
    let both = [symbol("JPY=X"), symbol("USDJPY=X")];
    let answer = decode::quotes(yen, &both, received_at()).unwrap();
    assert_eq!(answer.quotes.iter().map(|quote| &quote.symbol).collect::<Vec<_>>(), both.iter().collect::<Vec<_>>());
    assert_eq!(answer.unknown, [], "answered once, asked for by both names");
    let class = br#"{"quoteResponse":{"result":[{"symbol":"BRK-B","regularMarketPrice":487.31,"regularMarketTime":1763700000}]}}"#;
    assert_eq!(decode::quotes(class, &[symbol("BRK.B")], received_at()).unwrap().quotes[0].symbol, symbol("BRK.B"));
}

#[test]
fn one_bad_row_spoils_none_of_98_good_ones() {
    for bad in [
        "null",
        "17",
        r#""text""#,
        "[]",
        "{}",
        r#"{"symbol":"A"}"#,
        r#"{"symbol":"A","regularMarketPrice":NaN,"regularMarketTime":1763700000}"#,
        r#"{"symbol":"A","regularMarketPrice":-Infinity,"regularMarketTime":1763700000}"#,
        r#"{"symbol":"A","regularMarketPrice":1e999,"regularMarketTime":1763700000}"#,
        r#"{"symbol":"A","regularMarketPrice":-3,"regularMarketTime":1763700000}"#,
        r#"{"symbol":"A","regularMarketPrice":0,"regularMarketTime":1763700000}"#,
        r#"{"symbol":"A","regularMarketPrice":1e13,"regularMarketTime":1763700000}"#,
        r#"{"symbol":"A","regularMarketPrice":"N/A","regularMarketTime":1763700000}"#,
        r#"{"symbol":"A","regularMarketPrice":10}"#,
        r#"{"symbol":"A","regularMarketPrice":10,"regularMarketTime":0}"#,
        r#"{"symbol":"A","regularMarketPrice":10,"regularMarketTime":1763801000}"#,
    ] {
        let good: Vec<Symbol> = (0..98).map(|i| symbol(&format!("G{i}"))).collect();
        let mut rows: Vec<String> = good
            .iter()
            .map(|s| format!(r#"{{"symbol":"{s}","regularMarketPrice":1.5,"regularMarketTime":1763700000}}"#))
            .collect();
        rows.insert(41, bad.to_owned());
        let body = format!(r#"{{"quoteResponse":{{"result":[{}]}}}}"#, rows.join(","));
        let asked: Vec<Symbol> = good.iter().cloned().chain([symbol("A")]).collect();
        let answer = decode::quotes(body.as_bytes(), &asked, received_at()).unwrap();
        assert_eq!((answer.quotes.len(), answer.unknown.len(), answer.rejected.len()), (98, 0, 1), "{bad}");
        assert_eq!(answer.rejected[0].0, symbol("A"));
        assert!(!answer.rejected[0].1.is_empty());
    }
}

#[test]
fn one_bad_field_spoils_no_row() {
    for bad in [
        r#""marketCap":1e999"#,
        r#""marketCap":"lots""#,
        r#""longName":17"#,
        r#""longName":null,"shortName":{}"#,
        r#""priceHint":-1"#,
        r#""priceHint":400"#,
        r#""exchangeDataDelayedBy":1e9"#,
        r#""regularMarketOpen":NaN"#,
        r#""currency":["USD"]"#,
        r#""currency":"a currency of its own""#,
        r#""exchangeTimezoneName":"<script>""#,
        r#""postMarketPrice":12,"postMarketTime":-4"#,
        r#""postMarketPrice":NaN,"postMarketTime":1763700500"#,
        r#""marketState":["REGULAR"]"#,
        r#""symbol":"A","symbol":"A""#,
    ] {
        let answer = with(bad);
        assert_eq!(answer.quotes.len(), 1, "{bad}: {answer:?}");
        let json = serde_json::to_string(&answer.quotes).unwrap();
        assert!(!json.contains("null") && !json.contains("script") && !json.contains("of its own"), "{json}");
        assert_eq!(answer.quotes[0].extended_price, None);
    }
}

#[test]
fn hostile_names_stay_bounded_text() {
    let megabyte = "x".repeat(1 << 20);
    for (name, shown) in [
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        (r"a\u0000b\u001b[31m\nc", "ab[31mc"),
        (r"\u202egro.live\u202c", "gro.live"),
        ("شركة التفاح", "شركة التفاح"),
        (megabyte.as_str(), &megabyte[..256]),
    ] {
        assert_eq!(with(&format!(r#""longName":"{name}""#)).quotes[0].name.as_deref(), Some(shown));
    }
    let fallback = with(r#""longName":" \u0007 ","shortName":"Short""#);
    assert_eq!(fallback.quotes[0].name.as_deref(), Some("Short"));
}

#[test]
fn sessions_follow_the_market_state() {
    for (state, session, extended) in [
        ("PRE", Session::Pre, true),
        ("REGULAR", Session::Regular, true),
        ("POST", Session::Post, true),
        ("PREPRE", Session::Closed, true),
        ("POSTPOST", Session::Closed, true),
        ("CLOSED", Session::Closed, true),
        ("LUNCH", Session::Closed, true),
    ] {
        let answer = with(&format!(r#""marketState":"{state}","preMarketPrice":11,"preMarketTime":1763700060"#));
        let quote = &answer.quotes[0];
        assert_eq!((quote.session, quote.extended_price.is_some()), (session, extended), "{state}");
        assert!(near(quote.extended_change_percent, 10.0));
    }
    let older = with(r#""marketState":"REGULAR","postMarketPrice":11,"postMarketTime":1763699999"#);
    assert_eq!(older.quotes[0].extended_price, None, "last night's print is older than the price");
}

#[test]
fn other_minor_units_are_told_by_the_currency_alone() {
    for (unit, currency, major) in [("ZAc", "ZAR", 0.1), ("ILA", "ILS", 0.1), ("USX", "USD", 0.1), ("GBP", "GBP", 10.0)]
    {
        let answer = with(&format!(r#""currency":"{unit}""#));
        let quote = &answer.quotes[0];
        assert_eq!((quote.currency.as_deref(), quote.price), (Some(currency), price(major)), "{unit}");
    }
}

#[test]
fn a_body_that_is_no_answer_says_what_it_is() {
    let fault = |body: &[u8]| decode::quotes(body, &symbols(), received_at()).unwrap_err();
    assert_eq!(fault(b"<!doctype html><html>"), Fault::NotMarketData("a web page".to_owned()));
    assert_eq!(fault(b""), Fault::NotMarketData("an empty body".to_owned()));
    assert_eq!(fault(&QUOTES[..QUOTES.len() / 2]), Fault::NotMarketData("an answer that breaks off".to_owned()));
    assert_eq!(fault(b"{\"quoteResponse\":null}"), Fault::NotMarketData("JSON without a result".to_owned()));
    let deep = "[".repeat(100_000);
    assert!(matches!(fault(deep.as_bytes()), Fault::NotMarketData(_)));
    let deep = format!(r#"{{"quoteResponse":{{"result":{}{}}}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let _ = decode::quotes(deep.as_bytes(), &symbols(), received_at());
    let error = br#"{"finance":{"result":null,"error":{"code":"Bad Request","description":"Missing required query parameter=symbols"}}}"#;
    assert!(matches!(fault(error), Fault::Vendor { code, .. } if code == "Bad Request"));
}

#[test]
fn broken_utf8_costs_a_character() {
    let body = [
        br#"{"quoteResponse":{"result":[{"symbol":"A","longName":"caf"#.as_slice(),
        &[0xe9, 0xff],
        br#"","regularMarketPrice":10,"regularMarketTime":1763700000}]}}"#,
    ]
    .concat();
    let answer = decode::quotes(&body, &[symbol("A")], received_at()).unwrap();
    assert_eq!(answer.quotes[0].price, price(10.0));
    assert!(answer.quotes[0].name.as_deref().unwrap().starts_with("caf"));
}

#[test]
fn a_chart_of_a_day() {
    let history = decode::history(CHART_DAY, &symbol("PEAR"), Range::Day, received_at()).unwrap().history;
    assert_eq!((history.interval.as_str(), history.previous_close), ("5m", Some(200.0)));
    assert_eq!(history.currency.as_deref(), Some("USD"));
    let hours = history.regular_hours.unwrap();
    assert_eq!((hours.start.as_second(), hours.end.as_second()), (1_763_735_400, 1_763_758_800));
    let at: Vec<i64> = history.bars.iter().map(|bar| bar.at.as_second()).collect();
    assert_eq!(
        at,
        [1_763_735_400, 1_763_735_700, 1_763_736_300, 1_763_736_600, 1_763_737_200],
        "holes and the live bar are gone"
    );
    let last = history.bars.last().unwrap();
    assert_eq!(
        (last.open, last.high, last.low, last.close, last.volume),
        (201.1, 201.5, 200.75, 201.25, Some(90_000.0))
    );
    assert_eq!(history.bars[0].open, 200.1, "without float noise");
}

#[test]
fn a_chart_of_a_year_in_pence_with_short_columns() {
    let history = decode::history(CHART_YEAR, &symbol("OTEA.L"), Range::Year, received_at()).unwrap().history;
    assert_eq!((history.interval.as_str(), history.previous_close), ("1d", Some(4.205)));
    let closes: Vec<f64> = history.bars.iter().map(|bar| bar.close).collect();
    assert_eq!(closes, [3.182, 3.165, 3.152, 3.088]);
    let last = history.bars.last().unwrap();
    assert_eq!((last.open, last.high), (3.088, 3.126), "the opening price that is missing is taken to be the close");
    assert_eq!(last.at.as_second(), 1_763_712_000, "the live bar stands at its session's beginning");
}

#[test]
fn a_chart_gives_a_quote_without_a_crumb() {
    let answer =
        decode::chart_quote(CHART_DAY, &symbol("PEAR"), Timestamp::from_second(1_763_737_500).unwrap()).unwrap();
    let quote = &answer.quotes[0];
    assert_eq!(
        (quote.price, quote.previous_close, quote.change),
        (price(201.25), Some(price(200.0)), Some(price(1.25)))
    );
    assert!(near(quote.change_percent, 0.625));
    assert_eq!((quote.session, quote.open), (Session::Regular, Some(price(200.1))));
    assert_eq!(quote.name.as_deref(), Some("Pear Computers, Inc."));
}

#[test]
fn charts_that_are_none() {
    let chart = |result: &str| {
        decode::history(
            format!(r#"{{"chart":{{"result":{result}}}}}"#).as_bytes(),
            &symbol("A"),
            Range::Day,
            received_at(),
        )
        .map(|drawn| drawn.history)
    };
    assert!(chart("null").is_err() && chart("[]").is_err() && chart("[1]").is_err());
    for empty in [
        "[{}]",
        r#"[{"meta":{},"timestamp":null,"indicators":{"quote":[{}]}}]"#,
        r#"[{"timestamp":[1],"indicators":{"quote":[]}}]"#,
    ] {
        let history = chart(empty).unwrap();
        assert_eq!((history.bars.len(), history.interval.as_str()), (0, "5m"), "{empty}");
    }
    let many = format!(
        r#"[{{"timestamp":[{t}],"indicators":{{"quote":[{{"close":[{t}]}}]}}}}]"#,
        t = (1..=30_000).map(|i| (i * 300).to_string()).collect::<Vec<_>>().join(",")
    );
    let history = chart(&many).unwrap();
    assert_eq!((history.bars.len(), history.bars.last().unwrap().close), (20_000, 9_000_000.0), "the newest stay");
}

#[test]
fn search_results_can_all_be_followed() {
    let found = decode::instruments(SEARCH).unwrap();
    let shown: Vec<_> =
        found.iter().map(|i| (i.symbol.as_str(), i.name.as_str(), i.exchange.as_str(), i.kind)).collect();
    assert_eq!(
        shown,
        [
            ("PEAR", "Pear Computers, Inc.", "NASDAQ", Kind::Equity),
            ("PEAR.L", "<img src=x onerror=alert(1)>", "London", Kind::Etf),
            ("PEAR-USD", "PEAR-USD", "CCC", Kind::Crypto),
        ]
    );
    assert!(
        decode::instruments(b"<html>").is_err()
            && decode::instruments(b"{}").is_err()
            && decode::instruments(b"[]").is_err()
    );
    assert_eq!(decode::instruments(br#"{"quotes":[]}"#).unwrap(), []);
}

#[test]
fn a_chart_from_nowhere_on_earth_is_still_one() {
    let chart = include_str!("fixtures/yahoo/chart_year.json");
    let offset = chart.split("\"gmtoffset\":").nth(1).unwrap().split([',', '}']).next().unwrap();
    let whole = decode::history(chart.as_bytes(), &symbol("OTEA.L"), Range::Year, received_at()).unwrap().history;
    for senseless in ["1e300", "-9223372036854775807"] {
        let chart = chart.replace(&format!("\"gmtoffset\":{offset}"), &format!("\"gmtoffset\":{senseless}"));
        let history = decode::history(chart.as_bytes(), &symbol("OTEA.L"), Range::Year, received_at()).unwrap().history;
        assert_eq!(history.bars.len(), whole.bars.len());
    }
}

#[test]
fn a_chart_of_many_days_says_nothing_about_yesterday() {
    let meta = |range: &str| {
        format!(
            r#"{{"chart":{{"result":[{{"meta":{{"symbol":"PEAR","currency":"USD","instrumentType":"EQUITY",
        "regularMarketPrice":244.6,"regularMarketTime":1763758800,"chartPreviousClose":100.0,"range":"{range}"}}}}]}}}}"#
        )
    };
    let close = |range: &str| {
        let answer = decode::chart_quote(meta(range).as_bytes(), &symbol("PEAR"), received_at()).unwrap();
        (answer.quotes[0].previous_close, answer.quotes[0].change_percent.is_some())
    };
    assert_eq!(close("1d"), (Some(price(100.0)), true));
    assert_eq!(close("6mo"), (None, false));
}

#[test]
fn splits_are_read_and_what_is_none_is_left_out() {
    let body = br#"{"chart":{"result":[{"meta":{},"events":{"splits":{
        "1598880600":{"date":1598880600,"numerator":4,"denominator":1,"splitRatio":"4:1"},
        "1402320600":{"date":1402320600,"numerator":7.0,"denominator":1},
        "1":{"date":1,"numerator":0,"denominator":1}, "2":{"date":2,"numerator":"N/A","denominator":1}, "3":null, "4":7,
        "5":{"date":1e300,"numerator":2,"denominator":1}}}}],"error":null}}"#;
    let splits = decode::splits(body).unwrap();
    let told: Vec<_> = splits.iter().map(|s| (s.numerator, s.denominator, s.at.as_second())).collect();
    assert_eq!(told, [(7.0, 1.0, 1_402_320_600), (4.0, 1.0, 1_598_880_600)]);
    assert_eq!(decode::splits(CHART_DAY).unwrap(), []);
    assert!(decode::splits(b"<html>").is_err());
}
