//! Finnhub: trades in the United States as they happen, with a key of the user's.
//!
//! The key goes into a header, and into the address of the stream alone; it must never reach a log, an error or another
//! host.

mod classify;
mod config;
pub mod decode;
mod dialect;
mod hours;
mod names;
mod profiles;
mod wire;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use async_trait::async_trait;
use market::{Instrument, Kind, Symbol, schedule::RequestLimits};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::watch;

pub use config::FinnhubConfig;

use super::{
    Answer, Capabilities, Provider, ProviderError, clock,
    http::{self, Http, Peer},
    settings::{Network, ProviderConfigError},
    socket::Sockets,
    stream::TickSender,
    text::percent_encoded,
};
use crate::secrets::{FINNHUB_KEY, Secrets};
use classify::{key_rejected, malformed};
use decode::{NotMarketData, Profile};
use dialect::{FinnhubDialect, STREAM_SYMBOLS_MAX};
use profiles::Profiles;

/// As in `Quote::source` and the configuration.
pub const NAME: &str = "finnhub";
/// As in messages.
const DISPLAY_NAME: &str = "Finnhub";
/// Where the key goes.
const KEY_HEADER: HeaderName = HeaderName::from_static("x-finnhub-token");
const KINDS: &[Kind] = &[Kind::Equity, Kind::Etf];

/// Quotes, search and a stream of trades from Finnhub.
pub struct FinnhubProvider {
    config: FinnhubConfig,
    network: Network,
    http: Http,
    secrets: Arc<Secrets>,
    profiles: Mutex<Profiles>,
}

impl fmt::Debug for FinnhubProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FinnhubProvider").field("config", &self.config).finish_non_exhaustive()
    }
}

impl FinnhubProvider {
    /// Checks the settings; asks nothing yet, and looks the key up when it is first needed.
    pub fn new(config: &FinnhubConfig, network: &Network, secrets: Arc<Secrets>) -> Result<Self, ProviderConfigError> {
        config.check()?;
        let user_agent = http::default_user_agent();
        let http = Http::for_one_host(peer(config, &[&config.rest_url], &user_agent), network)?;
        let (config, network) = (config.clone(), network.clone());
        Ok(Self { config, network, http, secrets, profiles: Mutex::default() })
    }

    async fn key(&self) -> Result<SecretString, ProviderError> {
        match self.secrets.get(FINNHUB_KEY).await {
            Ok(Some(key)) => Ok(key),
            Ok(None) => Err(ProviderError::KeyMissing { provider: DISPLAY_NAME }),
            Err(error) => Err(key_rejected(error.to_string())),
        }
    }

    async fn ask(&self, path: &str) -> Result<Vec<u8>, ProviderError> {
        let key = self.key().await?;
        let mut value = HeaderValue::from_str(key.expose_secret())
            .map_err(|_| key_rejected("it holds characters that no request can carry".to_owned()))?;
        value.set_sensitive(true);
        let url = format!("{}{path}", self.config.rest_url.trim_end_matches('/'));
        let reply = self.http.get(&url, HeaderMap::from_iter([(KEY_HEADER, value)])).await?;
        classify::body(reply, &key)
    }

    async fn quote(&self, symbol: &Symbol) -> Result<Answer, ProviderError> {
        let body = self.ask(&format!("/quote?symbol={}", percent_encoded(&names::theirs(symbol)))).await?;
        let received_at = clock::now();
        let profile = self.profile(symbol).await;
        decode::quote(&body, symbol, &profile, received_at).map_err(|NotMarketData(what)| malformed(what))
    }

    /// Name and exchange, as far as they are known. That they are not to be had is no reason to hold a price back.
    async fn profile(&self, symbol: &Symbol) -> Profile {
        if self.profiles().wanted(symbol, Instant::now()) {
            let path = format!("/stock/profile2?symbol={}", percent_encoded(&names::theirs(symbol)));
            let profile = self.ask(&path).await.ok().and_then(|body| decode::profile(&body).ok());
            self.profiles().answered(symbol, profile, Instant::now());
        }
        self.profiles().of(symbol)
    }

    fn profiles(&self) -> MutexGuard<'_, Profiles> {
        self.profiles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The stream with the key of this moment, until nothing is wanted any more.
    async fn stream_with_key(&self, mut wanted: watch::Receiver<Arc<[Symbol]>>, ticks: TickSender) {
        match self.sockets().await {
            Ok(sockets) => sockets.run(wanted, ticks).await,
            Err(error) => {
                let symbols = Arc::clone(&wanted.borrow());
                ticks.lost(error, &symbols);
                while wanted.changed().await.is_ok() {}
            }
        }
    }

    async fn sockets(&self) -> Result<Sockets, ProviderError> {
        let dialect = FinnhubDialect { stream_url: self.config.stream_url.clone(), key: self.key().await? };
        let (addresses, user_agent) = ([self.config.stream_url.as_str()], http::default_user_agent());
        let peer = peer(&self.config, &addresses, &user_agent);
        Sockets::new(peer, &self.network, Arc::new(dialect)).map_err(|error| self.http.unreachable(&error.to_string()))
    }
}

fn peer<'a>(config: &FinnhubConfig, addresses: &'a [&'a str], user_agent: &'a str) -> Peer<'a> {
    Peer {
        provider: DISPLAY_NAME,
        addresses,
        user_agent,
        per_second: config.requests_per_second,
        says_too_many: http::is_429,
    }
}

#[async_trait]
impl Provider for FinnhubProvider {
    fn name(&self) -> &'static str {
        NAME
    }

    fn capabilities(&self) -> Capabilities {
        let streams = !self.config.stream_url.is_empty();
        Capabilities {
            stream_max: if streams { STREAM_SYMBOLS_MAX } else { 0 },
            search: true,
            needs_key: true,
            ..Capabilities::of(
                DISPLAY_NAME,
                KINDS,
                RequestLimits { symbols_max: 1, bytes_max: usize::MAX, per_second: self.config.requests_per_second },
            )
        }
    }

    fn covers(&self, symbol: &Symbol) -> bool {
        names::covers(symbol)
    }

    async fn quotes(&self, symbols: &[Symbol]) -> Result<Answer, ProviderError> {
        let mut answer = Answer::default();
        for symbol in symbols {
            if names::covers(symbol) {
                let one = self.quote(symbol).await?;
                answer.quotes.extend(one.quotes);
                answer.unknown.extend(one.unknown);
                answer.rejected.extend(one.rejected);
            } else {
                answer.unknown.push(symbol.clone());
            }
        }
        Ok(answer)
    }

    async fn search(&self, text: &str) -> Result<Vec<Instrument>, ProviderError> {
        let body = self.ask(&format!("/search?q={}&exchange=US", percent_encoded(text.trim()))).await?;
        let found = decode::instruments(&body).map_err(|NotMarketData(what)| malformed(what))?;
        self.profiles().found(&found);
        Ok(found)
    }

    async fn stream(&self, wanted: watch::Receiver<Arc<[Symbol]>>, ticks: TickSender) {
        if self.config.stream_url.is_empty() {
            return;
        }
        let mut changes = self.secrets.changes();
        loop {
            tokio::select! {
                () = self.stream_with_key(wanted.clone(), ticks.clone()) => return,
                // Another key: the stream begins anew with it.
                changed = changes.changed() => if changed.is_err() { return },
            }
        }
    }
}
