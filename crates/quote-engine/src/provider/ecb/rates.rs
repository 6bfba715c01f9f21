//! What the rates mean: any pair of the currencies by way of the euro, as a quote and as bars. Pure.

use std::{collections::BTreeMap, fmt};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use market::{Bar, History, Kind, Price, Quote, QuoteState, Range, Session, Symbol, currency};

use super::{EXCHANGE, NAME};

/// What a currency is called, ISO 4217.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code([u8; 3]);

/// Units for one euro, of one day.
pub type Day = BTreeMap<Code, f64>;
/// Day by day.
pub type Days = BTreeMap<Date, Day>;

const EUR: Code = Code(*b"EUR");
const USD: Code = Code(*b"USD");
const JPY: Code = Code(*b"JPY");
/// What the bank has rates of, or had lately. The file may have others: those are answered too, but nobody is promised
/// them.
const PUBLISHED: [&str; 33] = [
    "AUD", "BGN", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HRK", "HUF", "IDR", "ILS", "INR",
    "ISK", "JPY", "KRW", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "RON", "RUB", "SEK", "SGD", "THB", "TRY", "USD",
    "ZAR",
];

/// Frankfurt's time since 1996, by its rule: no time zone data is needed for it.
const FRANKFURT: &str = "CET-1CEST,M3.5.0,M10.5.0/3";
/// The hour at which the rates of a day are published, and which stands for their time.
pub(super) const PUBLISHED_AT: i8 = 16;
/// The most days from one publication to the next: Easter and Christmas. Beyond it a day is missing in between.
const GAP_DAYS_MAX: i32 = 5;

impl Code {
    /// Three capital letters.
    pub fn parse(text: &str) -> Option<Self> {
        let code: [u8; 3] = text.as_bytes().try_into().ok()?;
        code.iter().all(u8::is_ascii_uppercase).then_some(Self(code))
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// So many units of `quote` for one of `base`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    base: Code,
    quote: Code,
}

impl Pair {
    /// `EURUSD=X`; `JPY=X` has the dollar before it.
    pub fn parse(symbol: &Symbol) -> Option<Self> {
        let codes = symbol.as_str().strip_suffix("=X")?;
        let pair = match codes.len() {
            3 => Self { base: USD, quote: Code::parse(codes)? },
            6 => Self { base: Code::parse(codes.get(..3)?)?, quote: Code::parse(codes.get(3..)?)? },
            _ => return None,
        };
        (pair.base != pair.quote).then_some(pair)
    }

    /// Whether the bank has rates of both.
    pub fn is_published(self) -> bool {
        [self.base, self.quote].iter().all(|code| PUBLISHED.contains(&code.as_str()))
    }

    /// The rate of a day: published as it is where the euro is the base, without float noise where it is worked out.
    fn rate(self, day: &Day) -> Option<f64> {
        let euro = |code: Code| if code == EUR { Some(1.0) } else { day.get(&code).copied() };
        Some(currency::without_noise(euro(self.quote)? / euro(self.base)?))
    }

    fn digits(self) -> u8 {
        if [self.base, self.quote].contains(&JPY) { 3 } else { 5 }
    }
}

/// The newest rate of a pair; `None` where the newest day has none. It is against the day before where that is known.
pub fn quote(days: &Days, symbol: &Symbol, received_at: Timestamp) -> Option<Quote> {
    let pair = Pair::parse(symbol)?;
    let (date, day) = days.last_key_value()?;
    let price = Price::from_f64(pair.rate(day)?)?;
    let previous_close = day_before(days, *date).and_then(|day| Price::from_f64(pair.rate(day)?));
    // A few minutes early, the clock says.
    let quoted_at = published_at(*date)?.min(received_at);
    Some(Quote {
        name: Some(format!("{}/{}", pair.base, pair.quote)),
        exchange: Some(EXCHANGE.to_owned()),
        currency: Some(pair.quote.to_string()),
        price_digits: Some(pair.digits()),
        change: previous_close.and_then(|close| price.minus(close)),
        change_percent: previous_close.and_then(|close| price.percent_against(close)),
        previous_close,
        session: Session::Closed,
        state: QuoteState::Closed,
        time_zone: Some("Europe/Berlin".to_owned()),
        ..Quote::bare(symbol.clone(), Kind::Currency, price, quoted_at, received_at, NAME)
    })
}

fn day_before(days: &Days, date: Date) -> Option<&Day> {
    let (before, day) = days.range(..date).next_back()?;
    (date.since(*before).ok()?.get_days() <= GAP_DAYS_MAX).then_some(day)
}

/// The bars of a pair over a range, a rate a day; of a longer range, what there is.
pub fn history(days: &Days, symbol: &Symbol, range: Range) -> Option<History> {
    let pair = Pair::parse(symbol)?;
    let (newest, _) = days.last_key_value()?;
    let first = first_day(days, *newest, range)?;
    let bars = days.range(first..).filter_map(|(date, day)| bar(*date, pair.rate(day)?)).collect();
    Some(History {
        symbol: symbol.clone(),
        range,
        interval: "1d".to_owned(),
        currency: Some(pair.quote.to_string()),
        previous_close: day_before(days, first).and_then(|day| pair.rate(day)),
        time_zone: Some("Europe/Berlin".to_owned()),
        regular_hours: None,
        source: NAME.to_owned(),
        fetched_at: None,
        bars,
    })
}

fn first_day(days: &Days, newest: Date, range: Range) -> Option<Date> {
    use jiff::ToSpan as _;

    let back = match range {
        Range::Day => return Some(newest),
        Range::FiveDays => return days.keys().rev().nth(4).or_else(|| days.keys().next()).copied(),
        Range::YearToDate => return Date::new(newest.year(), 1, 1).ok(),
        Range::Month => 1.month(),
        Range::HalfYear => 6.months(),
        Range::Year => 1.year(),
        Range::FiveYears => 5.years(),
        Range::Max => return days.keys().next().copied(),
    };
    newest.checked_sub(back).ok()
}

fn bar(date: Date, rate: f64) -> Option<Bar> {
    Some(Bar { at: published_at(date)?, open: rate, high: rate, low: rate, close: rate, volume: None })
}

/// The time that stands for a day's rates.
pub(super) fn published_at(date: Date) -> Option<Timestamp> {
    frankfurt().to_timestamp(date.at(PUBLISHED_AT, 0, 0, 0)).ok()
}

pub(super) fn frankfurt() -> TimeZone {
    // It is a constant that a test reads.
    TimeZone::posix(FRANKFURT).unwrap_or(TimeZone::UTC)
}
