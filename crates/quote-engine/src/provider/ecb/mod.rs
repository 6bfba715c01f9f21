//! The euro's reference rates of the European Central Bank: some thirty currencies, one rate a working day, each with its
//! date. For information, not for transactions, as the bank says.
//!
//! One fetch serves every pair. The file of 90 days comes first: it alone has the day before, which a change is told
//! against, and the bars of a chart. After that the small file of the newest day is looked at, and the long one again
//! only when that day is a new one. It must never ask more often than `rhythm` says, however many symbols are wanted.

mod config;
mod rates;
mod rhythm;
mod wire;

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;
use market::{History, Kind, Range, Symbol, schedule::RequestLimits};
use reqwest::header::HeaderMap;
use tokio::sync::{Mutex, MutexGuard};

pub use config::EcbConfig;
use rates::{Days, Pair};
use wire::NotRates;

use super::{
    Answer, Capabilities, Delay, Note, Provider, ProviderError, clock,
    http::{self, Http, Peer},
    settings::{Network, ProviderConfigError},
};

/// Bytes in, rates and quotes out. Pure.
pub mod decode {
    pub use super::{
        rates::{Code, Day, Days, Pair, history, quote},
        wire::{NotRates, days},
    };
}

/// As in `Quote::source` and the configuration.
pub const NAME: &str = "ecb";
/// As in messages.
const DISPLAY_NAME: &str = "ECB";
/// As in quotes.
const EXCHANGE: &str = "ECB reference rate";
const KINDS: &[Kind] = &[Kind::Currency];
/// A budget over all requests; the rhythm asks for far less.
const PER_SECOND: f64 = 1.0;
/// Every pair there is fits into one answer.
const SYMBOLS_MAX: usize = 1_000;
/// How far ahead of our clock a day may be, in days: it is tomorrow already elsewhere.
const AHEAD_DAYS_MAX: i64 = 1;

/// Exchange rates from the European Central Bank.
pub struct EcbProvider {
    config: EcbConfig,
    http: Http,
    /// Held while something is fetched: whoever comes meanwhile waits for the same rates.
    kept: Mutex<Kept>,
}

/// What is known.
#[derive(Debug, Default)]
struct Kept {
    days: Days,
    /// When the bank was last asked, successfully or not.
    asked_at: Timestamp,
    /// Why it did not answer then.
    trouble: Option<Note>,
}

impl fmt::Debug for EcbProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EcbProvider").field("config", &self.config).finish_non_exhaustive()
    }
}

impl EcbProvider {
    /// Checks the settings; asks nothing yet.
    pub fn new(config: &EcbConfig, network: &Network) -> Result<Self, ProviderConfigError> {
        config.check()?;
        let peer = Peer {
            provider: DISPLAY_NAME,
            addresses: &[&config.url, &config.history_url],
            user_agent: &http::default_user_agent(),
            per_second: PER_SECOND,
            says_too_many: http::is_429,
        };
        Ok(Self { config: config.clone(), http: Http::new(peer, network)?, kept: Mutex::default() })
    }

    /// The rates, renewed where it is time for that. An error only while there are none at all.
    async fn rates(&self) -> Result<MutexGuard<'_, Kept>, ProviderError> {
        let mut kept = self.kept.lock().await;
        let now = clock::now();
        let newest = kept.days.keys().next_back().copied();
        if newest.is_some_and(|newest| !rhythm::is_time(newest, kept.asked_at, kept.trouble.is_some(), now)) {
            return Ok(kept);
        }
        let renewed =
            if newest.is_none() { self.first(&mut kept, now).await } else { self.renew(&mut kept, now).await };
        kept.asked_at = now;
        kept.trouble = renewed.as_ref().err().map(Note::from);
        match renewed {
            Err(error) if kept.days.is_empty() => Err(error),
            _ => Ok(kept),
        }
    }

    /// The long file; the short one where that cannot be had.
    async fn first(&self, kept: &mut Kept, now: Timestamp) -> Result<(), ProviderError> {
        let long = self.fetch(&self.config.history_url, now).await;
        match long {
            Ok(days) => kept.days = days,
            Err(ProviderError::RateLimited { .. }) => return long.map(drop),
            Err(_) => kept.days = self.fetch(&self.config.url, now).await?,
        }
        Ok(())
    }

    /// The short file; the long one too where that has a new day, or has never been had.
    async fn renew(&self, kept: &mut Kept, now: Timestamp) -> Result<(), ProviderError> {
        let short = self.fetch(&self.config.url, now).await?;
        let complete = kept.days.len() > 1 && short.keys().all(|date| kept.days.contains_key(date));
        if !complete && let Ok(long) = self.fetch(&self.config.history_url, now).await {
            kept.days = long;
        }
        // The long file may be a little behind; of the same day the newer file is right.
        kept.days.extend(short);
        Ok(())
    }

    async fn fetch(&self, url: &str, now: Timestamp) -> Result<Days, ProviderError> {
        let reply = self.http.get(url, HeaderMap::new()).await?;
        match reply.status {
            200..=299 => {}
            403 | 451 => {
                let detail = format!("HTTP {}", reply.status);
                return Err(ProviderError::Refused { provider: DISPLAY_NAME, detail });
            }
            407 => return Err(self.http.unreachable("the proxy wants a login")),
            status @ (408 | 500..) => return Err(self.http.unreachable(&format!("HTTP {status}"))),
            status => return Err(self.http.malformed(format!("HTTP {status}"))),
        }
        let mut days = wire::days(&reply.body).map_err(|NotRates(what)| self.http.malformed(what))?;
        days.retain(|date, _| !is_ahead(*date, now));
        if days.is_empty() {
            return Err(self.http.malformed("rates of the future only"));
        }
        Ok(days)
    }
}

fn is_ahead(date: jiff::civil::Date, now: Timestamp) -> bool {
    let limit = now.as_second() + AHEAD_DAYS_MAX * 24 * 3_600;
    rates::published_at(date).is_none_or(|at| at.as_second() > limit)
}

#[async_trait]
impl Provider for EcbProvider {
    fn name(&self) -> &'static str {
        NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            tick: Some(rhythm::DUE),
            delay: Delay::Daily,
            history: true,
            ..Capabilities::of(
                DISPLAY_NAME,
                KINDS,
                RequestLimits { symbols_max: SYMBOLS_MAX, bytes_max: usize::MAX, per_second: PER_SECOND },
            )
        }
    }

    fn covers(&self, symbol: &Symbol) -> bool {
        Pair::parse(symbol).is_some_and(Pair::is_published)
    }

    async fn quotes(&self, symbols: &[Symbol]) -> Result<Answer, ProviderError> {
        let kept = self.rates().await?;
        let received_at = clock::now();
        let mut answer = Answer { note: kept.trouble.clone(), ..Answer::default() };
        for symbol in symbols {
            match rates::quote(&kept.days, symbol, received_at) {
                Some(quote) => answer.quotes.push(quote),
                None => answer.unknown.push(symbol.clone()),
            }
        }
        Ok(answer)
    }

    async fn history(&self, symbol: &Symbol, range: Range) -> Result<History, ProviderError> {
        if range == Range::Day {
            return Err(ProviderError::NotOffered { provider: DISPLAY_NAME, what: "charts of a single day" });
        }
        let kept = self.rates().await?;
        let history = rates::history(&kept.days, symbol, range).filter(|history| !history.bars.is_empty());
        history.ok_or_else(|| ProviderError::UnknownSymbol { provider: DISPLAY_NAME, symbol: symbol.clone() })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use std::sync::{Arc, Mutex as StdMutex};

    use axum::{Router, routing::get};

    use super::*;

    type Script = Arc<StdMutex<(String, String)>>;

    fn file(days: &[(&str, &str)]) -> String {
        let day =
            |(date, rate): &(&str, &str)| format!("<Cube time='{date}'><Cube currency='USD' rate='{rate}'/></Cube>");
        format!("<Envelope><Cube>{}</Cube></Envelope>", days.iter().map(day).collect::<String>())
    }

    /// A bank whose files (short, long) the test writes.
    async fn bank(script: &Script) -> EcbProvider {
        let (short, long) = (Arc::clone(script), Arc::clone(script));
        let router = Router::new()
            .route("/short", get(move || async move { short.lock().unwrap().0.clone() }))
            .route("/long", get(move || async move { long.lock().unwrap().1.clone() }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let config = EcbConfig { url: format!("{host}/short"), history_url: format!("{host}/long") };
        EcbProvider::new(&config, &Network::default()).unwrap()
    }

    /// The price, the day before's, and the note, an hour after the last request.
    async fn next(provider: &EcbProvider) -> (f64, Option<f64>, Option<String>) {
        provider.kept.lock().await.asked_at = Timestamp::UNIX_EPOCH;
        let mut answer = provider.quotes(&[Symbol::parse("EURUSD=X").unwrap()]).await.unwrap();
        let quote = answer.quotes.remove(0);
        (quote.price.to_f64(), quote.previous_close.map(market::Price::to_f64), answer.note.map(|note| note.text))
    }

    #[tokio::test]
    async fn a_new_day_is_told_against_the_one_before_and_trouble_keeps_the_rates() {
        let (thursday, friday, monday) = (("2025-11-20", "1.15"), ("2025-11-21", "1.16"), ("2025-11-24", "1.17"));
        let script = Script::default();
        let say = |short: String, long: String| *script.lock().unwrap() = (short, long);
        let provider = bank(&script).await;
        say(file(&[friday]), "no XML".to_owned());
        assert_eq!(next(&provider).await, (1.16, None, None), "the short file alone knows no day before");
        say(file(&[friday]), file(&[friday, thursday]));
        assert_eq!(next(&provider).await, (1.16, Some(1.15), None), "the long one is asked for again");
        say(file(&[monday]), file(&[friday, thursday]));
        assert_eq!(next(&provider).await, (1.17, Some(1.16), None), "the long one is a little behind");
        say("<html>".to_owned(), "<html>".to_owned());
        let (price, before, note) = next(&provider).await;
        assert_eq!((price, before), (1.17, Some(1.16)));
        assert!(note.unwrap().contains("a web page"));
        say(file(&[monday]), file(&[monday, friday]));
        assert_eq!(next(&provider).await.2, None, "it is over");
    }
}
