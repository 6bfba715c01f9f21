//! Yahoo Finance. Everything that is peculiar to it (addresses, headers, field names, the session it wants) stays in
//! this folder.
//!
//! It must never ask more often than its budget allows, and never answer a refusal with more requests: one renewal of
//! the session, one repetition, then a pause.

mod classify;
mod config;
mod crumb;
pub mod decode;
mod http;
mod keyless;
mod lookup;
mod session;
mod session_file;
mod wire;

use std::{collections::HashSet, fmt, sync::Arc};

use async_trait::async_trait;
use jiff::Timestamp;
use market::{History, Instrument, Kind, Range, Symbol, schedule::RequestLimits};

pub use config::YahooConfig;

use super::{
    Answer, Capabilities, Delay, Provider, ProviderError,
    settings::{Network, ProviderConfigError},
    text::{percent_encoded, percent_encoded_len},
};
use classify::{Verdict, from_fault, verdict};
use crumb::{CRUMB_BYTES_MAX, Credentials};
use http::Http;
use keyless::Keyless;
use session::{NoSession, Session, Stale};

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
const CRUMB_PARAMETER: &str = "&crumb=";

/// Quotes, search and history from Yahoo Finance.
pub struct YahooProvider {
    http: Http,
    session: Session,
    keyless: Keyless,
    limits: RequestLimits,
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
            http: Http::new(config, network)?,
            session: Session::new(config, network),
            keyless: Keyless::default(),
            limits: limits(config),
        })
    }

    /// One request's worth of symbols.
    async fn batch(&self, symbols: &[Symbol]) -> Result<Answer, ProviderError> {
        let credentials = match self.session.current(&self.http).await {
            Ok(credentials) => credentials,
            Err(why) => return self.without_session(symbols, why).await,
        };
        let stale = match self.ask(symbols, &credentials).await? {
            Asked::Answer(answer) => return Ok(answer),
            Asked::Refused(stale) => stale,
        };
        let renewed = match self.session.renewed(&self.http, &credentials, stale).await {
            Ok(renewed) => renewed,
            Err(why) => return self.without_session(symbols, why).await,
        };
        match self.ask(symbols, &renewed).await? {
            Asked::Answer(answer) => Ok(answer),
            Asked::Refused(_) => {
                let why = self.session.give_up(&renewed).await;
                self.without_session(symbols, why).await
            }
        }
    }

    async fn without_session(&self, symbols: &[Symbol], why: NoSession) -> Result<Answer, ProviderError> {
        match why {
            NoSession::Provider(error) => Err(error),
            NoSession::Refused(why) => self.keyless.quotes(&self.http, symbols, &why).await,
        }
    }

    async fn ask(&self, symbols: &[Symbol], credentials: &Arc<Credentials>) -> Result<Asked, ProviderError> {
        let listed: Vec<String> = symbols.iter().map(|symbol| percent_encoded(symbol.as_str())).collect();
        let path = format!("{QUOTE_PATH}{}{CRUMB_PARAMETER}{}", listed.join(","), credentials.encoded_crumb());
        let reply = self.http.api(&path, credentials.cookie.as_ref()).await?;
        let only = if symbols.len() == 1 { symbols.first() } else { None };
        match verdict(reply, only) {
            Verdict::Body(body) => {
                let answer = decode::quotes(&body, symbols, Timestamp::now());
                let answer = answer.map_err(|fault| from_fault(&fault, only))?;
                self.session.answered().await;
                Ok(Asked::Answer(answer))
            }
            Verdict::CrumbRefused => Ok(Asked::Refused(Stale::Crumb)),
            Verdict::SessionRefused => Ok(Asked::Refused(Stale::Session)),
            Verdict::Failed(ProviderError::UnknownSymbol { symbol, .. }) => {
                Ok(Asked::Answer(Answer { unknown: vec![symbol], ..Answer::default() }))
            }
            Verdict::Failed(error) => Err(error),
        }
    }
}

enum Asked {
    Answer(Answer),
    Refused(Stale),
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

/// A comma separates symbols even when it is encoded: nothing of the vendor's is called so.
fn can_be_asked(symbol: &Symbol) -> bool {
    !symbol.as_str().contains(',')
}

/// Adds another part to an answer.
fn add(answer: &mut Answer, part: Answer) {
    answer.quotes.extend(part.quotes);
    answer.unknown.extend(part.unknown);
    answer.rejected.extend(part.rejected);
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
            display_name: DISPLAY_NAME,
            kinds: KINDS,
            limits: self.limits,
            symbol_cost,
            tick: None,
            delay: Delay::ByExchange,
            stream_max: 0,
            figures: true,
            search: true,
            history: true,
            needs_key: false,
        }
    }

    fn covers(&self, _symbol: &Symbol) -> bool {
        true
    }

    async fn quotes(&self, symbols: &[Symbol]) -> Result<Answer, ProviderError> {
        let mut seen = HashSet::new();
        let asked = symbols.iter().filter(|symbol| seen.insert(*symbol)).cloned();
        let (possible, unknown): (Vec<_>, Vec<_>) = asked.partition(can_be_asked);
        let mut answer = Answer { unknown, ..Answer::default() };
        let mut rest = possible.as_slice();
        while !rest.is_empty() {
            let (batch, later) = split(rest, self.limits);
            rest = later;
            add(&mut answer, self.batch(batch).await?);
        }
        Ok(answer)
    }

    async fn search(&self, text: &str) -> Result<Vec<Instrument>, ProviderError> {
        lookup::search(&self.http, text).await
    }

    async fn history(&self, symbol: &Symbol, range: Range) -> Result<History, ProviderError> {
        lookup::history(&self.http, symbol, range).await
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
