//! Answers as large as the real ones: 86 fields a row, 2.4 KB.

use market::Symbol;

/// A row's fields that are read.
fn read_fields(symbol: &Symbol, price: f64, at: i64) -> String {
    format!(
        r#""quoteType":"EQUITY","shortName":"{symbol} Inc.","longName":"{symbol} Incorporated","marketState":"REGULAR","currency":"USD","exchange":"NMS","exchangeTimezoneName":"America/New_York","fullExchangeName":"NasdaqGS","regularMarketPrice":{price},"regularMarketTime":{at},"regularMarketChange":{change},"regularMarketChangePercent":{percent},"regularMarketDayHigh":245.41,"regularMarketDayLow":201,"regularMarketVolume":40896227,"regularMarketPreviousClose":200,"regularMarketOpen":201.07,"fiftyTwoWeekLow":164.08,"fiftyTwoWeekHigh":260.1,"trailingPE":38.763866,"trailingAnnualDividendYield":0.00409887,"dividendYield":0.41,"marketCap":3674405863424,"exchangeDataDelayedBy":0,"priceHint":2,"symbol":"{symbol}""#,
        change = price - 200.0,
        percent = (price / 200.0 - 1.0) * 100.0,
    )
}

/// The price of a round: no two have the same.
pub(crate) fn price(round: usize) -> f64 {
    200.0 + round as f64 / 100.0
}

/// An answer of a round.
pub(crate) fn body(symbols: &[Symbol], round: usize) -> String {
    let unread = (0..60).map(|i| format!(r#","unreadFieldNumber{i}":{i}.017019903"#)).collect::<Vec<_>>().concat();
    let (price, at) = (price(round), market::Timestamp::now().as_second());
    let rows: Vec<String> =
        symbols.iter().map(|symbol| format!("{{{}{unread}}}", read_fields(symbol, price, at))).collect();
    format!(r#"{{"quoteResponse":{{"result":[{}],"error":null}}}}"#, rows.join(","))
}
