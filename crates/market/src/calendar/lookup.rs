//! Which market a symbol trades in: by its shape as Yahoo writes it, by the exchange's name, by the time zone.

use jiff::tz::TimeZone;

use super::{
    Market,
    markets::{self, americas, elsewhere, europe},
};
use crate::{Kind, Symbol};

/// How an exchange is told: the suffix of its symbols, and its code and names, in no particular case.
struct Sign {
    market: &'static Market,
    suffixes: &'static [&'static str],
    names: &'static [&'static str],
}

const fn sign(market: &'static Market, suffixes: &'static [&'static str], names: &'static [&'static str]) -> Sign {
    Sign { market, suffixes, names }
}

static SIGNS: &[Sign] = &[
    sign(
        &americas::US_STOCKS,
        &[],
        &[
            "NMS",
            "NGM",
            "NCM",
            "NAS",
            "NYQ",
            "NYS",
            "ASE",
            "PCX",
            "BTS",
            "PNK",
            "NASDAQ",
            "NasdaqGS",
            "NasdaqGM",
            "NasdaqCM",
            "NYSE",
            "NYSEArca",
            "NYSE Arca",
            "NYSE American",
            "AMEX",
            "Cboe US",
            "US",
        ],
    ),
    sign(&markets::CRYPTO, &[], &["CCC", "Binance", "Coinbase"]),
    sign(&markets::FOREX, &[], &["CCY", "ECB"]),
    sign(&markets::FUTURES, &[], &["CMX", "NYM", "CME", "CBT", "COMEX", "NY Mercantile", "CBOT"]),
    sign(&americas::TORONTO, &["TO", "V", "NE", "CN"], &["TOR", "VAN", "NEO", "CNQ", "Toronto", "TSXV", "TSX"]),
    sign(&americas::MEXICO, &["MX"], &["MEX", "Mexico"]),
    sign(&americas::SAO_PAULO, &["SA"], &["SAO", "São Paulo", "Sao Paulo", "B3"]),
    sign(&europe::LONDON, &["L", "IL"], &["LSE", "IOB", "London"]),
    sign(&europe::XETRA, &["DE"], &["GER", "XETRA"]),
    sign(
        &europe::GERMAN_FLOORS,
        &["F", "SG", "MU", "BE", "DU", "HM"],
        &[
            "FRA",
            "STU",
            "MUN",
            "BER",
            "DUS",
            "HAM",
            "Frankfurt",
            "Stuttgart",
            "Munich",
            "Berlin",
            "Dusseldorf",
            "Hamburg",
        ],
    ),
    sign(
        &europe::EURONEXT,
        &["PA", "AS", "BR", "LS"],
        &["PAR", "AMS", "BRU", "LIS", "Paris", "Amsterdam", "Brussels", "Lisbon", "Euronext"],
    ),
    sign(&europe::MADRID, &["MC"], &["MCE", "Madrid"]),
    sign(&europe::MILAN, &["MI"], &["MIL", "Milan"]),
    sign(&europe::SWISS, &["SW"], &["EBS", "Swiss", "SIX"]),
    sign(&europe::STOCKHOLM, &["ST"], &["STO", "Stockholm"]),
    sign(&europe::COPENHAGEN, &["CO"], &["CPH", "Copenhagen"]),
    sign(&europe::OSLO, &["OL"], &["OSL", "Oslo"]),
    sign(&europe::HELSINKI, &["HE"], &["HEL", "Helsinki"]),
    sign(&europe::VIENNA, &["VI"], &["VIE", "Vienna"]),
    sign(&elsewhere::JOHANNESBURG, &["JO"], &["JNB", "Johannesburg"]),
    sign(&elsewhere::TEL_AVIV, &["TA"], &["TLV", "Tel Aviv"]),
    sign(&elsewhere::INDIA, &["NS", "BO"], &["NSI", "BSE", "NSE", "Bombay"]),
    sign(&elsewhere::TOKYO, &["T"], &["JPX", "TYO", "Tokyo", "OSA", "Osaka"]),
    sign(&elsewhere::HONG_KONG, &["HK"], &["HKG", "HKSE"]),
    sign(&elsewhere::CHINA, &["SS", "SZ"], &["SHH", "SHZ", "Shanghai", "Shenzhen"]),
    sign(&elsewhere::KOREA, &["KS", "KQ"], &["KSC", "KOE", "KSE", "KOSDAQ"]),
    sign(&elsewhere::TAIWAN, &["TW", "TWO"], &["TAI", "TWO", "Taiwan", "Taipei Exchange"]),
    sign(&elsewhere::SINGAPORE, &["SI"], &["SES", "Singapore"]),
    sign(&elsewhere::AUSTRALIA, &["AX"], &["ASX", "Australian"]),
];

/// Zones whose market is not the one that keeps its hours there.
static OTHER_ZONES: &[(&str, &Market)] = &[
    ("America/Chicago", &americas::US_STOCKS),
    ("America/Mexico_City", &americas::MEXICO),
    ("Europe/Amsterdam", &europe::EURONEXT),
    ("Europe/Brussels", &europe::EURONEXT),
    ("Europe/Lisbon", &europe::EURONEXT),
    ("Asia/Calcutta", &elsewhere::INDIA),
    ("Asia/Tel_Aviv", &elsewhere::TEL_AVIV),
];

/// What a cryptocurrency is quoted in (`BTC-USD`, `ETH-BTC`): never the class of a share (`BRK-B`).
static CRYPTO_QUOTES: &[&str] = &[
    "USD", "EUR", "GBP", "JPY", "CAD", "AUD", "CHF", "CNY", "INR", "KRW", "BRL", "MXN", "RUB", "TRY", "NZD", "HKD",
    "SGD", "TWD", "BTC", "ETH", "USDT", "USDC",
];

impl Market {
    /// The market of a symbol as Yahoo writes it (`VOD.L`, `EURUSD=X`, `BTC-USD`, `^FTSE`), helped by what else is
    /// known: the exchange's code or name, and its IANA time zone, without which an index has no market. `None` means
    /// that nothing is known of its hours, or that this machine has no time zone database.
    pub fn of(symbol: &Symbol, exchange: Option<&str>, time_zone: Option<&str>) -> Option<&'static Self> {
        let market = find(symbol.as_str(), exchange, time_zone)?;
        TimeZone::get(market.zone).is_ok().then_some(market)
    }

    /// The market of that name (`London`, `US stocks`), in no particular case.
    pub fn named(name: &str) -> Option<&'static Self> {
        SIGNS.iter().map(|sign| sign.market).find(|market| market.name.eq_ignore_ascii_case(name))
    }

    /// What the markets are called.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SIGNS.iter().map(|sign| sign.market.name)
    }

    /// Every market there is, in no particular order.
    #[cfg(test)]
    pub(super) fn all() -> impl Iterator<Item = &'static Self> {
        SIGNS.iter().map(|sign| sign.market).chain(std::iter::once(&americas::US_INDICES))
    }
}

impl Kind {
    /// What a symbol is by how Yahoo writes it. Shares, exchange-traded funds and mutual funds outside the United States
    /// look alike: a share is what is not known to be something else.
    pub fn looks(symbol: &Symbol) -> Self {
        let text = symbol.as_str();
        let is = |market: &Market| by_shape(text).is_some_and(|found| std::ptr::eq(found, market));
        match () {
            () if text.starts_with('^') => Self::Index,
            () if is(&markets::FOREX) => Self::Currency,
            () if is(&markets::FUTURES) => Self::Future,
            () if is(&markets::CRYPTO) => Self::Crypto,
            () if is_option(text) => Self::Option,
            () => Self::Equity,
        }
    }
}

/// `AAPL260116C00250000`: the underlying, six digits of a date, call or put, eight digits of a price.
fn is_option(text: &str) -> bool {
    let Some((head, strike)) = text.split_at_checked(text.len().saturating_sub(8)) else { return false };
    let Some(head) = head.strip_suffix(['C', 'P']) else { return false };
    let Some((underlying, date)) = head.split_at_checked(head.len().saturating_sub(6)) else { return false };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    !underlying.is_empty() && date.len() == 6 && digits(date) && digits(strike)
}

fn find(symbol: &str, exchange: Option<&str>, time_zone: Option<&str>) -> Option<&'static Market> {
    let by_zone = time_zone.and_then(by_zone);
    if symbol.starts_with('^') {
        let is_us = |market: &Market| market.name == americas::US_STOCKS.name;
        return by_zone.map(|market| if is_us(market) { &americas::US_INDICES } else { market });
    }
    let told = by_shape(symbol).or_else(|| exchange.and_then(by_name)).or(by_zone);
    // A plain ticker of which nothing else is said is American.
    let plain = exchange.is_none() && time_zone.is_none() && !symbol.contains(['.', '=']);
    told.or(plain.then_some(&americas::US_STOCKS))
}

fn by_shape(symbol: &str) -> Option<&'static Market> {
    if symbol.ends_with("=X") {
        return Some(&markets::FOREX);
    }
    if symbol.ends_with("=F") {
        return Some(&markets::FUTURES);
    }
    if let Some((_, suffix)) = symbol.rsplit_once('.') {
        return SIGNS.iter().find(|sign| sign.suffixes.contains(&suffix)).map(|sign| sign.market);
    }
    symbol.rsplit_once('-').and_then(|(_, quoted_in)| CRYPTO_QUOTES.contains(&quoted_in).then_some(&markets::CRYPTO))
}

fn by_name(exchange: &str) -> Option<&'static Market> {
    let named = |sign: &&Sign| sign.names.iter().any(|name| name.eq_ignore_ascii_case(exchange));
    SIGNS.iter().find(named).map(|sign| sign.market)
}

fn by_zone(zone: &str) -> Option<&'static Market> {
    let other = OTHER_ZONES.iter().find(|(name, _)| *name == zone).map(|(_, market)| *market);
    other.or_else(|| SIGNS.iter().map(|sign| sign.market).find(|market| market.zone == zone))
}
