//! The decoder of the Yahoo provider over symbols of every market, prices of every size, and every part of the day.

#![allow(clippy::unwrap_used)]

use jiff::Timestamp;
use market::{Price, Symbol};
use quote_engine::provider::yahoo::decode;

fn symbol(text: &str) -> Symbol {
    Symbol::parse(text).unwrap()
}

fn price(value: f64) -> Price {
    Price::from_f64(value).unwrap()
}

fn received_at() -> Timestamp {
    Timestamp::from_second(1_763_800_000).unwrap()
}

/// Prices of every size and symbols of every market arrive as they were written.
#[test]
fn symbols_of_every_market_and_prices_of_every_size() {
    for (name, fields, value, digits) in [
        ("BRK-A", r#""regularMarketPrice":731450.25,"priceHint":2"#, 731_450.25, 2),
        ("SHIB-USD", r#""quoteType":"CRYPTOCURRENCY","regularMarketPrice":0.0000081234,"priceHint":8"#, 8.1234e-6, 8),
        ("USDJPY=X", r#""regularMarketPrice":159.355,"priceHint":3"#, 159.355, 3),
        ("7203.T", r#""currency":"JPY","regularMarketPrice":2871,"priceHint":0"#, 2871.0, 0),
        ("005930.KS", r#""currency":"KRW","regularMarketPrice":"71900","priceHint":2"#, 71_900.0, 2),
        ("0700.HK", r#""regularMarketPrice":{"raw":412.6,"fmt":"412.60"},"priceHint":3"#, 412.6, 3),
        ("600519.SS", r#""regularMarketPrice":1415.01,"priceHint":2"#, 1415.01, 2),
        ("VOLV-B.ST", r#""regularMarketPrice":283.4,"priceHint":4"#, 283.4, 4),
        ("NPN.JO", r#""currency":"ZAc","regularMarketPrice":420055,"priceHint":0"#, 4200.55, 2),
        ("TEVA.TA", r#""currency":"ILA","regularMarketPrice":6543,"priceHint":2"#, 65.43, 4),
        ("ZC=F", r#""currency":"USX","regularMarketPrice":431.25,"priceHint":2"#, 4.3125, 4),
        ("^GSPC", r#""regularMarketPrice":6602,"priceHint":2"#, 6602.0, 2),
        ("0P000071W8.TO", r#""regularMarketPrice":29.3217,"priceHint":4"#, 29.3217, 4),
        ("AAPL261218C00300000", r#""regularMarketPrice":0.01,"priceHint":2"#, 0.01, 2),
        ("F*GC.CMX", r#""regularMarketPrice":4079.5,"priceHint":1"#, 4079.5, 1),
    ] {
        let body = format!(
            r#"{{"quoteResponse":{{"result":[{{"symbol":"{name}",{fields},"regularMarketTime":1763700000,"marketCap":3712000000000}}]}}}}"#
        );
        let answer = decode::quotes(body.as_bytes(), &[symbol(name)], received_at()).unwrap();
        let quote = &answer.quotes[0];
        assert_eq!((quote.price, quote.price_digits), (price(value), Some(digits)), "{name}");
        assert_eq!(quote.market_cap, Some(3.712e12), "{name}: never in the minor unit");
    }
}

/// The newest of regular, pre, post and overnight by its own time, whatever the state says; ties are regular.
#[test]
fn the_newest_print_rules() {
    let parts = [("preMarket", 101.0), ("postMarket", 102.0), ("overnightMarket", 103.0)];
    for (state, times, newest) in [
        ("REGULAR", [-60, -60, -60], None),
        ("REGULAR", [0, 0, 0], None),
        ("PRE", [120, 60, 30], Some(101.0)),
        ("POST", [-60, 60, 30], Some(102.0)),
        ("POSTPOST", [-60, 60, 90], Some(103.0)),
        ("CLOSED", [-60, 1, -60], Some(102.0)),
    ] {
        let fields = parts
            .iter()
            .zip(times)
            .map(|((part, price), offset)| format!(r#""{part}Price":{price},"{part}Time":{}"#, 1_763_700_000 + offset));
        let body = format!(
            r#"{{"quoteResponse":{{"result":[{{"symbol":"A","regularMarketPrice":10,"regularMarketTime":1763700000,"marketState":"{state}",{}}}]}}}}"#,
            fields.collect::<Vec<_>>().join(",")
        );
        let answer = decode::quotes(body.as_bytes(), &[symbol("A")], received_at()).unwrap();
        assert_eq!(
            (answer.quotes[0].extended_price, answer.quotes[0].price),
            (newest.map(price), price(10.0)),
            "{state} {times:?}"
        );
    }
}
