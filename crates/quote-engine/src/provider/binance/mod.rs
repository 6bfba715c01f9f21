//! Binance, crypto assets only. Everything that is peculiar to it (addresses, field names, spellings) stays in this
//! folder.
//!
//! No dollars are traded there: a pair in USD is answered from its pair in USDT, and the quote says so (`currency` is
//! `USDT`). It must never pass a dollar token off as the dollar.

mod config;
pub mod decode;
mod dialect;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use jiff::{Timestamp, tz::Offset};
use market::{History, Kind, Range, Symbol, schedule::RequestLimits};
use tokio::sync::watch;

pub use config::BinanceConfig;

use super::{
    Answer, Capabilities, Provider, ProviderError, clock,
    crypto::{
        figures::Exchange,
        pair::Pair,
        reply,
        spellings::Spellings,
        way::{Place, Way},
    },
    http::Reply,
    settings::{Network, ProviderConfigError},
    stream::TickSender,
    text::percent_encoded,
};
use dialect::{STREAM_MAX, Tickers};

/// As in `Quote::source` and the configuration.
pub const NAME: &str = "binance";
/// As in messages.
const DISPLAY_NAME: &str = "Binance";
const EXCHANGE: Exchange = Exchange { source: NAME, name: DISPLAY_NAME };

/// What pairs are quoted in there. None is the end of another, so that `BTCUSDT` can be taken apart; and none is a
/// single letter, which would make share classes (`BRK-B`) pairs.
const QUOTES: &[&str] = &[
    "USDT", "USDC", "FDUSD", "TUSD", "USD1", "DAI", "BTC", "ETH", "BNB", "XRP", "TRX", "DOGE", "EUR", "EURI", "TRY",
    "BRL", "JPY", "MXN", "ARS", "COP", "CZK", "PLN", "RON", "UAH", "ZAR", "IDR",
];
/// What stands in for the dollar there.
const DOLLAR: (&str, &str) = ("USD", "USDT");

/// Symbols in a request: beyond that it weighs twice as much.
const SYMBOLS_MAX: usize = 100;
/// Bytes that the symbols may take up in the address.
const SYMBOL_BYTES_MAX: usize = 3_000;
/// The quotes and the comma around a symbol, encoded.
const SYMBOL_FRAME_BYTES: usize = 9;

/// Quotes, charts and a stream of crypto assets from Binance.
#[derive(Debug)]
pub struct BinanceProvider {
    way: Way,
}

impl BinanceProvider {
    /// Checks the settings; asks nothing yet.
    pub fn new(config: &BinanceConfig, network: &Network) -> Result<Self, ProviderConfigError> {
        config.check()?;
        let place = Place {
            provider: DISPLAY_NAME,
            rest_url: &config.rest_url,
            stream_url: &config.stream_url,
            per_second: config.requests_per_second,
            says_too_many,
        };
        let way = Way::to(place, network, Arc::new(Tickers::at(&config.stream_url)))?;
        Ok(Self { way })
    }

    /// One unlisted symbol spoils a whole request, and the answer does not say which: the request is halved until
    /// only those fail that ask for nothing else. So there are fewer than twice as many requests as symbols.
    async fn pairs(&self, pairs: &[Symbol]) -> Result<Answer, ProviderError> {
        let mut answer = Answer::default();
        let mut open: Vec<&[Symbol]> = pairs.chunks(SYMBOLS_MAX).collect();
        while let Some(batch) = open.pop() {
            match self.batch(batch).await? {
                Some(part) => add(&mut answer, part),
                None if batch.len() == 1 => answer.unknown.extend_from_slice(batch),
                None => open.extend(<[_; 2]>::from(batch.split_at(batch.len() / 2))),
            }
        }
        Ok(answer)
    }

    /// One request; `None` where one of its symbols is not listed.
    async fn batch(&self, pairs: &[Symbol]) -> Result<Option<Answer>, ProviderError> {
        let listed: Vec<String> = pairs.iter().filter_map(joined).collect();
        let list = percent_encoded(&serde_json::json!(listed).to_string());
        let Some(body) = self.ask(&format!("/api/v3/ticker/24hr?symbols={list}")).await? else { return Ok(None) };
        decode::quotes(&body, pairs, clock::now()).map(Some).map_err(|what| self.way.http.malformed(what))
    }

    /// The body of an answer; `None` where the symbol is not listed.
    async fn ask(&self, path: &str) -> Result<Option<Vec<u8>>, ProviderError> {
        let reply = self.way.get(path).await?;
        let complaint = if reply.status == 200 { None } else { decode::complaint(&reply.body) };
        match complaint {
            Some((_, true)) if reply.status == 400 => Ok(None),
            complaint => reply::body(DISPLAY_NAME, reply, complaint.as_ref().map(|(said, _)| said.as_str())).map(Some),
        }
    }

    fn unknown(symbol: &Symbol) -> ProviderError {
        ProviderError::UnknownSymbol { provider: DISPLAY_NAME, symbol: symbol.clone() }
    }
}

/// 429, and 418 for those who did not listen.
fn says_too_many(reply: &Reply) -> bool {
    matches!(reply.status, 418 | 429)
}

fn add(answer: &mut Answer, part: Answer) {
    answer.quotes.extend(part.quotes);
    answer.unknown.extend(part.unknown);
    answer.rejected.extend(part.rejected);
}

/// The pair that a symbol means there: a dollar is a USDT.
fn meaning(symbol: &Symbol) -> Option<Symbol> {
    let (dollar, token) = DOLLAR;
    let in_dollars = Pair::of(symbol, &[dollar]).filter(|pair| pair.base != token);
    let in_tokens = in_dollars.map(|pair| Pair { quote: token, ..pair });
    in_tokens.or_else(|| Pair::of(symbol, QUOTES))?.symbol()
}

/// `BTC-USDT` is `BTCUSDT`.
fn joined(pair: &Symbol) -> Option<String> {
    Pair::of(pair, QUOTES).map(|pair| format!("{}{}", pair.base, pair.quote))
}

fn symbol_cost(symbol: &Symbol) -> usize {
    symbol.as_str().len() + SYMBOL_FRAME_BYTES
}

/// The vendor's name of a bar's length, and how many bars make up the range.
fn bars_of(range: Range, today: Timestamp) -> (&'static str, u16) {
    match range {
        Range::Day => ("5m", 288),
        Range::FiveDays => ("15m", 480),
        Range::Month => ("1h", 720),
        Range::HalfYear => ("1d", 183),
        Range::YearToDate => ("1d", Offset::UTC.to_datetime(today).date().day_of_year().unsigned_abs()),
        Range::Year => ("1d", 365),
        Range::FiveYears => ("1w", 261),
        Range::Max => ("1M", 1_000),
    }
}

#[async_trait]
impl Provider for BinanceProvider {
    fn name(&self) -> &'static str {
        NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            symbol_cost,
            stream_max: self.way.stream_max(STREAM_MAX),
            // No search: its list of pairs has no names, and takes megabytes.
            history: true,
            ..Capabilities::of(
                DISPLAY_NAME,
                &[Kind::Crypto],
                RequestLimits {
                    symbols_max: SYMBOLS_MAX,
                    bytes_max: SYMBOL_BYTES_MAX,
                    per_second: self.way.per_second,
                },
            )
        }
    }

    fn covers(&self, symbol: &Symbol) -> bool {
        meaning(symbol).is_some()
    }

    async fn quotes(&self, symbols: &[Symbol]) -> Result<Answer, ProviderError> {
        let spellings = Spellings::of(symbols, meaning);
        Ok(spellings.answer(self.pairs(&spellings.pairs).await?))
    }

    async fn history(&self, symbol: &Symbol, range: Range) -> Result<History, ProviderError> {
        let pair = meaning(symbol).and_then(|pair| Pair::of(&pair, QUOTES));
        let pair = pair.ok_or_else(|| Self::unknown(symbol))?;
        let now = clock::now();
        let (interval, count) = bars_of(range, now);
        let path = format!("/api/v3/klines?symbol={}{}&interval={interval}&limit={count}", pair.base, pair.quote);
        let body = self.ask(&path).await?.ok_or_else(|| Self::unknown(symbol))?;
        let bars = decode::bars(&body, now).map_err(|what| self.way.http.malformed(what))?;
        Ok(EXCHANGE.history(symbol, &pair, (range, range.interval()), bars))
    }

    async fn stream(&self, wanted: watch::Receiver<Arc<[Symbol]>>, ticks: TickSender) {
        self.way.stream(meaning, wanted, ticks).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbol(text: &str) -> Symbol {
        Symbol::parse(text).unwrap()
    }

    #[test]
    fn a_dollar_is_a_usdt_there() {
        for (text, pair) in [
            ("BTC-USD", Some("BTC-USDT")),
            ("btc/usdt", Some("BTC-USDT")),
            ("ETH-BTC", Some("ETH-BTC")),
            ("USDT-USD", None),
            ("USDT-TRY", Some("USDT-TRY")),
            ("BRK-B", None),
            ("BF-A", None),
            ("AAPL", None),
            ("TRUMP27872-USD", None),
        ] {
            assert_eq!(meaning(&symbol(text)), pair.map(symbol), "{text}");
        }
    }

    #[test]
    fn no_quote_currency_ends_another_or_is_a_share_class() {
        for one in QUOTES {
            assert!(one.len() > 2);
            assert!(QUOTES.iter().all(|other| other == one || !other.ends_with(one)), "{one}");
        }
    }
}
