//! What the vendor says, field by field, before anybody judges it.
//!
//! Every field may be absent, null, of another type, or repeated: nothing in here fails for a field, and nothing in
//! here decides what a value means. It must never let a number through that is not finite.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// A value read leniently: whatever does not fit is absent.
pub(super) trait Field<'a>: Sized {
    /// Reads one JSON value.
    fn read(json: &'a str) -> Option<Self>;
}

/// A number as the vendor writes them: `1`, `1.5`, `"1.5"`, `{"raw":1.5,"fmt":"1.50"}`; `{}`, `null`, `"N/A"`, NaN
/// and infinities are no number.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(super) struct Num(pub(super) f64);

impl Field<'_> for Num {
    fn read(json: &str) -> Option<Self> {
        let value = match json.as_bytes().first()? {
            b'"' => Text::read(json)?.trim().parse().ok()?,
            b'{' => return Formatted::read(json)?.raw,
            b'-' | b'0'..=b'9' => json.parse().ok()?,
            _ => return None,
        };
        f64::is_finite(value).then_some(Self(value))
    }
}

/// A text, borrowed where it holds no escapes: quotes come by the thousand, and most of their texts are read once.
pub(super) type Text<'a> = Cow<'a, str>;

impl<'a> Field<'a> for Text<'a> {
    fn read(json: &'a str) -> Option<Self> {
        let quoted = json.strip_prefix('"')?;
        match quoted.strip_suffix('"').filter(|text| !text.contains(['\\', '"'])) {
            Some(text) => Some(Cow::Borrowed(text)),
            None => serde_json::from_str(json).ok().map(|Borrowed(text)| text),
        }
    }
}

impl Field<'_> for String {
    fn read(json: &str) -> Option<Self> {
        Text::read(json).map(Cow::into_owned)
    }
}

impl Field<'_> for bool {
    fn read(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }
}

/// Inside a list: an entry that does not fit keeps its place as a hole.
impl<'a, T: Field<'a>> Field<'a> for Option<T> {
    fn read(json: &'a str) -> Option<Self> {
        Some(T::read(json))
    }
}

impl<'a, T: Field<'a>> Field<'a> for Vec<T> {
    fn read(json: &'a str) -> Option<Self> {
        let entries: Vec<&'a RawValue> = serde_json::from_str(json).ok()?;
        Some(entries.into_iter().filter_map(|entry| T::read(entry.get())).collect())
    }
}

/// The values of an object whose keys say nothing.
#[derive(Debug)]
pub(super) struct Values<T>(pub(super) Vec<T>);

impl<'a, T: Field<'a>> Field<'a> for Values<T> {
    fn read(json: &'a str) -> Option<Self> {
        let entries: BTreeMap<String, &'a RawValue> = serde_json::from_str(json).ok()?;
        Some(Self(entries.into_values().filter_map(|entry| T::read(entry.get())).collect()))
    }
}

/// A struct whose fields are all optional and leniently read; of a repeated key the last one counts. One that borrows
/// from the JSON does so for `'de`.
macro_rules! row {
    ($(#[$doc:meta])* $name:ident $(<$life:lifetime>)? { $($field:ident: $type:ty = $key:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Default)]
        pub(super) struct $name $(<$life>)? {
            $(pub(super) $field: Option<$type>,)*
        }

        impl<'de> Deserialize<'de> for $name $(<$life>)? {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Row;
                impl<'de> Visitor<'de> for Row {
                    type Value = $name $(<$life>)?;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("an object")
                    }
                    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                        let mut row = Self::Value::default();
                        while let Some(Borrowed(key)) = map.next_key::<Borrowed<'de>>()? {
                            match &*key {
                                $($key => {
                                    let raw: &'de RawValue = map.next_value()?;
                                    row.$field = <$type>::read(raw.get());
                                })*
                                _ => {
                                    map.next_value::<IgnoredAny>()?;
                                }
                            }
                        }
                        Ok(row)
                    }
                }
                deserializer.deserialize_map(Row)
            }
        }

        impl<'de> Field<'de> for $name $(<$life>)? {
            fn read(json: &'de str) -> Option<Self> {
                serde_json::from_str(json).ok()
            }
        }
    };
}

/// A JSON string, borrowed where it holds no escapes: a bare `Cow` is never.
#[derive(Deserialize)]
struct Borrowed<'a>(#[serde(borrow)] Cow<'a, str>);

row! {
    /// A number with `formatted=true`.
    Formatted { raw: Num = "raw", }
}

row! {
    /// `{code, description}` where an answer is none.
    Complaint {
        code: String = "code",
        description: String = "description",
    }
}

row! {
    /// One entry of `quoteResponse.result`.
    QuoteRow<'de> {
        symbol: Text<'de> = "symbol",
        quote_type: Text<'de> = "quoteType",
        short_name: Text<'de> = "shortName",
        long_name: Text<'de> = "longName",
        currency: Text<'de> = "currency",
        full_exchange_name: Text<'de> = "fullExchangeName",
        exchange: Text<'de> = "exchange",
        exchange_timezone_name: Text<'de> = "exchangeTimezoneName",
        exchange_data_delayed_by: Num = "exchangeDataDelayedBy",
        market_state: Text<'de> = "marketState",
        price_hint: Num = "priceHint",
        regular_price: Num = "regularMarketPrice",
        regular_time: Num = "regularMarketTime",
        regular_change: Num = "regularMarketChange",
        regular_change_percent: Num = "regularMarketChangePercent",
        regular_previous_close: Num = "regularMarketPreviousClose",
        regular_open: Num = "regularMarketOpen",
        regular_day_high: Num = "regularMarketDayHigh",
        regular_day_low: Num = "regularMarketDayLow",
        regular_volume: Num = "regularMarketVolume",
        pre_price: Num = "preMarketPrice",
        pre_time: Num = "preMarketTime",
        pre_change_percent: Num = "preMarketChangePercent",
        post_price: Num = "postMarketPrice",
        post_time: Num = "postMarketTime",
        post_change_percent: Num = "postMarketChangePercent",
        overnight_price: Num = "overnightMarketPrice",
        overnight_time: Num = "overnightMarketTime",
        overnight_change_percent: Num = "overnightMarketChangePercent",
        fifty_two_week_low: Num = "fiftyTwoWeekLow",
        fifty_two_week_high: Num = "fiftyTwoWeekHigh",
        average_daily_volume: Num = "averageDailyVolume3Month",
        market_cap: Num = "marketCap",
        trailing_pe: Num = "trailingPE",
        dividend_yield: Num = "dividendYield",
        trailing_annual_dividend_yield: Num = "trailingAnnualDividendYield",
    }
}

row! {
    /// What `/v1/finance/search` answers: no wrapper with an error of its own.
    SearchAnswer { quotes: Vec<SearchRow> = "quotes", }
}

row! {
    /// One entry of `quotes` in a search.
    SearchRow {
        symbol: String = "symbol",
        short_name: String = "shortname",
        long_name: String = "longname",
        exchange: String = "exchange",
        exchange_display: String = "exchDisp",
        quote_type: String = "quoteType",
        is_yahoo_finance: bool = "isYahooFinance",
    }
}

row! {
    /// One entry of `finance.result`: a list of the market.
    ListResult<'de> { quotes: Vec<QuoteRow<'de>> = "quotes", }
}

row! {
    /// One entry of `spark.result`.
    SparkRow {
        symbol: String = "symbol",
        response: Vec<Chart> = "response",
    }
}

row! {
    /// One entry of `chart.result`.
    Chart {
        meta: ChartMeta = "meta",
        timestamp: Vec<Option<Num>> = "timestamp",
        indicators: Indicators = "indicators",
        events: Events = "events",
    }
}

row! {
    /// `events` of a chart, where they were asked for.
    Events { splits: Values<SplitRow> = "splits", }
}

row! {
    /// One entry of `splits`: `numerator` shares for every `denominator`, from the second `date` on.
    SplitRow {
        date: Num = "date",
        numerator: Num = "numerator",
        denominator: Num = "denominator",
    }
}

row! {
    /// `meta` of a chart.
    ChartMeta {
        symbol: String = "symbol",
        instrument_type: String = "instrumentType",
        short_name: String = "shortName",
        long_name: String = "longName",
        currency: String = "currency",
        full_exchange_name: String = "fullExchangeName",
        exchange_name: String = "exchangeName",
        exchange_timezone_name: String = "exchangeTimezoneName",
        gmtoffset: Num = "gmtoffset",
        price_hint: Num = "priceHint",
        regular_price: Num = "regularMarketPrice",
        regular_time: Num = "regularMarketTime",
        regular_change_percent: Num = "regularMarketChangePercent",
        regular_day_high: Num = "regularMarketDayHigh",
        regular_day_low: Num = "regularMarketDayLow",
        regular_volume: Num = "regularMarketVolume",
        fifty_two_week_low: Num = "fiftyTwoWeekLow",
        fifty_two_week_high: Num = "fiftyTwoWeekHigh",
        chart_previous_close: Num = "chartPreviousClose",
        previous_close: Num = "previousClose",
        data_granularity: String = "dataGranularity",
        range: String = "range",
        first_trade: Num = "firstTradeDate",
        current_trading_period: TradingPeriods = "currentTradingPeriod",
    }
}

row! {
    /// `currentTradingPeriod` of a chart.
    TradingPeriods {
        pre: TradingPeriod = "pre",
        regular: TradingPeriod = "regular",
        post: TradingPeriod = "post",
    }
}

row! {
    /// From when to when, in seconds.
    TradingPeriod {
        start: Num = "start",
        end: Num = "end",
    }
}

row! {
    /// `indicators` of a chart.
    Indicators { quote: Vec<Columns> = "quote", }
}

row! {
    /// The columns of a chart; they may differ in length, hold nulls, or be absent.
    Columns {
        open: Vec<Option<Num>> = "open",
        high: Vec<Option<Num>> = "high",
        low: Vec<Option<Num>> = "low",
        close: Vec<Option<Num>> = "close",
        volume: Vec<Option<Num>> = "volume",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_in_every_dress() {
        for (json, value) in
            [("1", 1.0), ("1.5", 1.5), ("-2e3", -2000.0), ("\"3.25\"", 3.25), ("{\"raw\":4,\"fmt\":\"4\"}", 4.0)]
        {
            assert_eq!(Num::read(json), Some(Num(value)), "{json}");
        }
        for json in [
            "null",
            "{}",
            "\"N/A\"",
            "\"-\"",
            "\"\"",
            "\"NaN\"",
            "\"inf\"",
            "1e999",
            "-1e999",
            "[]",
            "true",
            "{\"raw\":null}",
        ] {
            assert_eq!(Num::read(json), None, "{json}");
        }
    }

    #[test]
    fn texts_are_borrowed_unless_they_hold_escapes() {
        assert!(matches!(Text::read(r#""S&P 500""#), Some(Cow::Borrowed("S&P 500"))));
        assert!(matches!(Text::read(r#""S\u0026P""#), Some(Cow::Owned(text)) if text == "S&P"));
        for json in ["null", "1", "{}", "[\"a\"]"] {
            assert_eq!(Text::read(json), None, "{json}");
        }
        let row: QuoteRow<'_> = serde_json::from_str(r#"{"\u0073ymbol":"A\"B"}"#).unwrap();
        assert_eq!(row.symbol.as_deref(), Some("A\"B"));
    }

    #[test]
    fn a_bad_or_repeated_field_spoils_nothing() {
        let row: QuoteRow<'_> = serde_json::from_str(
            r#"{"symbol":"A","symbol":"B","regularMarketPrice":[1],"marketCap":1e999,"other":1e999,"regularMarketTime":5}"#,
        )
        .unwrap();
        assert_eq!(row.symbol.as_deref(), Some("B"));
        assert_eq!((row.regular_price, row.market_cap, row.regular_time), (None, None, Some(Num(5.0))));
    }
}
