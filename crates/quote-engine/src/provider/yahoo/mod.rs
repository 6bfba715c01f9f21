//! Yahoo Finance. Everything that is peculiar to it (addresses, headers, field names, the session it wants) stays in
//! this folder.
//!
//! It must never ask more often than its budget allows, and never answer a refusal with more requests: one renewal of
//! the session, one repetition, then a pause.

mod asking;
mod charts;
mod classify;
mod config;
mod consent;
mod crumb;
pub mod decode;
mod form;
mod hours;
mod http;
mod keyless;
mod lookup;
mod names;
mod pause_file;
mod session;
mod session_file;
mod stream;
mod wire;

use std::{collections::HashSet, fmt, sync::Arc};

use async_trait::async_trait;
use market::{History, Instrument, Kind, MarketList, Range, Split, Symbol, schedule::RequestLimits};
use tokio::sync::watch;

pub use config::YahooConfig;
pub use consent::Consent;

use super::{
    Answer, Capabilities, Delay, Provider, ProviderError, clock,
    settings::{Network, ProviderConfigError},
    socket::Sockets,
    stream::TickSender,
    text::{percent_encoded_len, push_percent_encoded},
};
use asking::{Api, CRUMB_PARAMETER, Question};
use crumb::CRUMB_BYTES_MAX;
use hours::Hours;
use http::Http;
use keyless::Keyless;
use names::asked_as;
use session::{NoSession, Session};
use stream::YahooDialect;

/// As in `Quote::source` and the configuration.
pub const NAME: &str = "yahoo";
/// As in messages.
const DISPLAY_NAME: &str = "Yahoo";

/// It has everything.
const KINDS: &[Kind] = &[
    Kind::Equity,
    Kind::Etf,
    Kind::Index,
    Kind::Fund,
    Kind::Currency,
    Kind::Crypto,
    Kind::Future,
    Kind::Option,
    Kind::Other,
];

/// The most symbols in a request: from a hundred on the connection is dropped.
pub const SYMBOLS_MAX: usize = 99;
/// The longest address that is not refused, in bytes.
pub const URL_BYTES_MAX: usize = 1_800;
/// Without `fields`, which would cost half of those bytes, every field comes.
const QUOTE_PATH: &str = "/v7/finance/quote?symbols=";
const LIST_PATH: &str = "/v1/finance/screener/predefined/saved?count=25&formatted=false&lang=en-US&region=US&scrIds=";

/// Quotes, stream, search, lists and history from Yahoo Finance.
pub struct YahooProvider {
    api: Api,
    keyless: Keyless,
    hours: Hours,
    sockets: Option<Sockets>,
    limits: RequestLimits,
    stream_max: usize,
}

impl fmt::Debug for YahooProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("YahooProvider").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl YahooProvider {
    /// Checks the settings and takes up the session of the last run; asks nothing yet.
    pub fn new(config: &YahooConfig, network: &Network) -> Result<Self, ProviderConfigError> {
        config.check()?;
        Ok(Self {
            api: Api { http: Http::new(config, network)?, session: Session::new(config, network) },
            keyless: Keyless::default(),
            hours: Hours::default(),
            sockets: sockets(config, network)?,
            limits: limits(config),
            stream_max: config.stream_max(),
        })
    }

    /// One request's worth of symbols.
    async fn batch(&self, symbols: &[Symbol]) -> Result<Answer, ProviderError> {
        let only = if symbols.len() == 1 { symbols.first() } else { None };
        let question = Question {
            path: format!("{QUOTE_PATH}{}", listed(symbols)),
            only,
            read: &|body| decode::quotes(body, symbols, clock::now()),
        };
        match self.api.ask(question).await {
            Err(NoSession::Provider(ProviderError::UnknownSymbol { symbol, .. })) => {
                Ok(Answer { unknown: vec![symbol], ..Answer::default() })
            }
            Err(NoSession::Provider(error)) => Err(error),
            Err(NoSession::Refused(why)) => self.keyless.quotes(&self.api.http, symbols, &why).await,
            Ok(mut answer) => {
                self.hours.complete(&mut answer);
                Ok(answer)
            }
        }
    }

    /// A list that the vendor keeps by a name of its own; it wants the session.
    async fn screener(&self, name: &str) -> Result<Vec<Instrument>, ProviderError> {
        let question = Question { path: format!("{LIST_PATH}{name}"), only: None, read: &decode::list };
        self.api.ask(question).await.map_err(|why| match why {
            NoSession::Provider(error) => error,
            NoSession::Refused(why) => keyless::refusal(&why),
        })
    }

    /// What people look at, with names where their quotes are to be had.
    async fn trending(&self) -> Result<Vec<Instrument>, ProviderError> {
        let mut found = lookup::trending(&self.api.http).await?;
        let symbols: Vec<Symbol> = found.iter().map(|instrument| instrument.symbol.clone()).collect();
        let quotes = self.quotes(&symbols).await.unwrap_or_default().quotes;
        for instrument in &mut found {
            let Some(quote) = quotes.iter().find(|quote| quote.symbol == instrument.symbol) else { continue };
            instrument.kind = quote.kind;
            instrument.name = quote.name.clone().unwrap_or_else(|| instrument.symbol.to_string());
            instrument.exchange = quote.exchange.clone().unwrap_or_default();
        }
        Ok(found)
    }
}

/// What opens the stream, unless it is switched off.
fn sockets(config: &YahooConfig, network: &Network) -> Result<Option<Sockets>, ProviderConfigError> {
    if config.stream_url.is_empty() {
        return Ok(None);
    }
    let addresses = [config.stream_url.as_str()];
    Sockets::new(http::peer(config, &addresses), network, Arc::new(YahooDialect::new(config))).map(Some)
}

/// Symbols as a query lists them, by the names they are asked by.
fn listed(symbols: &[Symbol]) -> String {
    let mut listed = String::with_capacity(URL_BYTES_MAX);
    for symbol in symbols {
        if !listed.is_empty() {
            listed.push(',');
        }
        push_percent_encoded(&mut listed, &asked_as(symbol));
    }
    listed
}

/// What fits into one request, whatever the crumb is.
fn limits(config: &YahooConfig) -> RequestLimits {
    let host = config.query_urls.iter().map(String::len).max().unwrap_or_default();
    let fixed = host + QUOTE_PATH.len() + CRUMB_PARAMETER.len() + 3 * CRUMB_BYTES_MAX;
    RequestLimits {
        symbols_max: SYMBOLS_MAX,
        bytes_max: URL_BYTES_MAX.saturating_sub(fixed),
        per_second: config.requests_per_second,
    }
}

/// The bytes of a symbol in the address, with its comma.
fn symbol_cost(symbol: &Symbol) -> usize {
    percent_encoded_len(symbol.as_str()) + 1
}

/// Adds another part to an answer.
fn add(answer: &mut Answer, part: Answer) {
    answer.quotes.extend(part.quotes);
    answer.unknown.extend(part.unknown);
    answer.delisted.extend(part.delisted);
    answer.rejected.extend(part.rejected);
    answer.hours.extend(part.hours);
    answer.note = part.note.or(answer.note.take());
}

/// The first request's worth of symbols, and the rest.
fn split(symbols: &[Symbol], limits: RequestLimits) -> (&[Symbol], &[Symbol]) {
    let mut bytes = 0;
    let fits = symbols.iter().take(limits.symbols_max).take_while(|symbol| {
        bytes += symbol_cost(symbol);
        bytes <= limits.bytes_max
    });
    symbols.split_at(fits.count().max(1).min(symbols.len()))
}

#[async_trait]
impl Provider for YahooProvider {
    fn name(&self) -> &'static str {
        NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            symbol_cost,
            delay: Delay::ByExchange,
            stream_max: self.stream_max,
            figures: true,
            search: true,
            history: true,
            ..Capabilities::of(DISPLAY_NAME, KINDS, self.limits)
        }
    }

    fn covers(&self, _symbol: &Symbol) -> bool {
        true
    }

    async fn quotes(&self, symbols: &[Symbol]) -> Result<Answer, ProviderError> {
        let mut seen = HashSet::new();
        let asked: Vec<Symbol> = symbols.iter().filter(|symbol| seen.insert(*symbol)).cloned().collect();
        let mut answer = Answer::default();
        let mut rest = asked.as_slice();
        while !rest.is_empty() {
            let (batch, later) = split(rest, self.limits);
            rest = later;
            add(&mut answer, self.batch(batch).await?);
        }
        Ok(answer)
    }

    async fn search(&self, text: &str) -> Result<Vec<Instrument>, ProviderError> {
        lookup::search(&self.api.http, text).await
    }

    async fn history(&self, symbol: &Symbol, range: Range) -> Result<History, ProviderError> {
        let chart = charts::history(&self.api.http, symbol, range).await?;
        self.hours.note([&chart]);
        Ok(chart.history)
    }

    async fn splits(&self, symbol: &Symbol) -> Result<Vec<Split>, ProviderError> {
        charts::splits(&self.api.http, symbol).await
    }

    async fn sparks(&self, symbols: &[Symbol]) -> Result<Vec<History>, ProviderError> {
        let courses = self.keyless.courses(&self.api.http, symbols).await?;
        self.hours.note(&courses);
        Ok(courses.into_iter().map(|course| course.history).collect())
    }

    async fn list(&self, list: MarketList) -> Result<Vec<Instrument>, ProviderError> {
        match list {
            MarketList::Trending => self.trending().await,
            MarketList::MostActive => self.screener("most_actives").await,
            MarketList::Gainers => self.screener("day_gainers").await,
            MarketList::Losers => self.screener("day_losers").await,
        }
    }

    async fn stream(&self, wanted: watch::Receiver<Arc<[Symbol]>>, ticks: TickSender) {
        if let Some(sockets) = &self.sockets {
            sockets.run(wanted, ticks).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeMap,
        time::{Duration, Instant},
    };

    use market::{
        PollSchedule,
        schedule::{PollIntervals, Tier},
    };

    use super::*;

    #[test]
    fn a_sweep_of_ten_thousand_is_102_requests_that_fit() {
        let provider = YahooProvider::new(&YahooConfig::default(), &Network::default()).unwrap();
        let Capabilities { limits, symbol_cost, .. } = provider.capabilities();
        let intervals = PollIntervals {
            open: Duration::from_secs(60),
            closed: Duration::from_secs(60),
            streamed: Duration::from_secs(60),
        };
        let mut schedule = PollSchedule::new(limits, intervals, symbol_cost);
        let named = |i| (Symbol::parse(&format!("S{i:05}")).unwrap(), Tier::Background);
        let symbols: BTreeMap<Symbol, Tier> = (0..10_000).map(named).collect();
        let mut now = Instant::now();
        schedule.follow(&symbols, now);
        let mut requests = 0;
        let mut asked = 0;
        while asked < symbols.len() {
            now = schedule.next_at().unwrap().max(now);
            let batch = schedule.take(now).unwrap();
            assert_eq!(split(&batch, limits).1, &[], "a scheduled batch is one request");
            (requests, asked) = (requests + 1, asked + batch.len());
        }
        assert_eq!(requests, 102);
    }

    #[test]
    fn no_address_is_too_long() {
        let config = YahooConfig::default();
        let limits = limits(&config);
        let symbols: Vec<Symbol> = (0..99).map(|i| Symbol::parse(&format!("^{i:060}=")).unwrap()).collect();
        let (batch, rest) = split(&symbols, limits);
        assert!(!batch.is_empty() && !rest.is_empty());
        let listed: usize = batch.iter().map(symbol_cost).sum();
        let host = config.query_urls[0].len();
        assert!(host + QUOTE_PATH.len() + listed + CRUMB_PARAMETER.len() + 3 * CRUMB_BYTES_MAX <= URL_BYTES_MAX);
    }
}
