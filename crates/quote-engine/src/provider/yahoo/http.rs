//! One pooled client, with every bound a request has: time, size, redirects, how many, how often.
//!
//! Error messages made here never hold an address: a crumb could stand in it.

use std::{
    num::NonZeroU32,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use governor::{
    DefaultDirectRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use jiff::Timestamp;
use reqwest::{
    Client, ClientBuilder, Proxy, Url,
    header::{self, HeaderMap, HeaderValue},
    redirect,
};
use tokio::sync::Semaphore;

use super::{
    DISPLAY_NAME,
    classify::{malformed, unreachable},
    config::{ProviderConfigError, YahooConfig},
    cooldown::{Cooldown, retry_after},
};
use crate::provider::ProviderError;

/// The longest body taken, decompressed: thirty times a full batch.
pub(super) const BODY_BYTES_MAX: usize = 8 * 1024 * 1024;
const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);
const TOTAL_TIME_MAX: Duration = Duration::from_secs(10);
const POOL_IDLE_TIME: Duration = Duration::from_secs(90);
const REDIRECTS_MAX: usize = 3;
const CONCURRENT_MAX: usize = 4;
const BURST: NonZeroU32 = NonZeroU32::new(4).unwrap();
/// Yahoo's pages carry more headers than most clients expect.
const HEADER_BYTES_MAX: u32 = 128 * 1024;

/// An answer, whole.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    /// The values of `Set-Cookie`.
    pub(super) cookies: Vec<String>,
}

/// The client with its budget.
#[derive(Debug)]
pub(super) struct Http {
    client: Client,
    budget: DefaultDirectRateLimiter,
    slots: Semaphore,
    cooldown: Mutex<Cooldown>,
    hosts: Vec<String>,
    /// Index of the host that answered last.
    host: AtomicUsize,
}

impl Http {
    pub(super) fn new(config: &YahooConfig) -> Result<Self, ProviderConfigError> {
        let period = Duration::from_secs_f64(1.0 / config.requests_per_second);
        let quota = Quota::with_period(period)
            .ok_or_else(|| ProviderConfigError::Budget { value: config.requests_per_second.to_string() })?;
        Ok(Self {
            client: client(config)?,
            budget: RateLimiter::direct(quota.allow_burst(BURST)),
            slots: Semaphore::new(CONCURRENT_MAX),
            cooldown: Mutex::default(),
            hosts: config.query_urls.iter().map(|url| url.trim_end_matches('/').to_owned()).collect(),
            host: AtomicUsize::new(0),
        })
    }

    /// Asks the API. A host that fails by itself (5xx, silence) hands over to the next; being refused is no reason to.
    pub(super) async fn api(&self, path: &str, cookie: Option<&HeaderValue>) -> Result<Reply, ProviderError> {
        let first = self.host.load(Ordering::Relaxed);
        let reply = self.ask_host(first, path, cookie).await;
        let failed = match &reply {
            Ok(reply) => reply.status >= 500,
            Err(error) => matches!(error, ProviderError::Unreachable { .. }),
        };
        if !failed || self.hosts.len() < 2 {
            return reply;
        }
        self.host.store(first + 1, Ordering::Relaxed);
        self.ask_host(first + 1, path, cookie).await
    }

    async fn ask_host(&self, host: usize, path: &str, cookie: Option<&HeaderValue>) -> Result<Reply, ProviderError> {
        let url = format!("{}{path}", self.hosts[host % self.hosts.len()]);
        self.get(&url, "*/*", cookie).await
    }

    /// Asks for a page, such as the one that sets the cookie. Without this `Accept` it sets none.
    pub(super) async fn page(&self, url: &str) -> Result<Reply, ProviderError> {
        self.get(url, "text/html,application/xhtml+xml,application/xml", None).await
    }

    async fn get(&self, url: &str, accept: &'static str, cookie: Option<&HeaderValue>) -> Result<Reply, ProviderError> {
        let _slot = self.slots.acquire().await.map_err(|_| unreachable("shutting down"))?;
        self.within_budget().await?;
        let mut request = self.client.get(url).header(header::ACCEPT, accept);
        if let Some(cookie) = cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let response = request.send().await.map_err(|error| transport(&error))?;
        let asked_pause = pause_asked(response.headers());
        let reply = read(response).await?;
        if says_too_many(&reply) {
            return Err(self.refused(asked_pause));
        }
        self.pause().answered(Instant::now());
        Ok(reply)
    }

    /// Waits for a turn; refuses at once, and after the wait, while the vendor wants to be left alone.
    async fn within_budget(&self) -> Result<(), ProviderError> {
        loop {
            if let Some(left) = self.pause().remaining(Instant::now()) {
                return Err(rate_limited(left));
            }
            let Err(not_until) = self.budget.check() else { return Ok(()) };
            tokio::time::sleep(not_until.wait_time_from(DefaultClock::default().now())).await;
        }
    }

    fn refused(&self, asked_pause: Option<Duration>) -> ProviderError {
        let pause = self.pause().refused(asked_pause, Instant::now());
        tracing::warn!(provider = super::NAME, pause_s = pause.as_secs(), "too many requests");
        rate_limited(pause)
    }

    fn pause(&self) -> MutexGuard<'_, Cooldown> {
        self.cooldown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn client(config: &YahooConfig) -> Result<Client, ProviderConfigError> {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("en-US,en;q=0.9"));
    let builder = ClientBuilder::new()
        .tls_backend_rustls()
        .user_agent(&config.user_agent)
        .default_headers(headers)
        .connect_timeout(CONNECT_TIME_MAX)
        .timeout(TOTAL_TIME_MAX)
        .pool_idle_timeout(POOL_IDLE_TIME)
        .http2_max_header_list_size(HEADER_BYTES_MAX)
        // A Referer would carry the crumb to wherever a redirect leads.
        .referer(false)
        .redirect(redirect::Policy::custom(follow));
    with_proxy(builder, config)?.build().map_err(|error| ProviderConfigError::Client(error.without_url().to_string()))
}

fn with_proxy(builder: ClientBuilder, config: &YahooConfig) -> Result<ClientBuilder, ProviderConfigError> {
    if config.is_loopback() {
        return Ok(builder.no_proxy());
    }
    match config.proxy.as_deref().filter(|proxy| !proxy.is_empty()) {
        Some(proxy) => Ok(builder.proxy(Proxy::all(proxy).map_err(|_| ProviderConfigError::Proxy)?)),
        None => Ok(builder),
    }
}

/// Redirects: few, and only over TLS to a named host, or to the same host.
fn follow(attempt: redirect::Attempt<'_>) -> redirect::Action {
    let from = attempt.previous().last().and_then(Url::host_str);
    let same_host = from.is_some() && from == attempt.url().host_str();
    let named_over_tls = attempt.url().scheme() == "https" && attempt.url().domain().is_some();
    if attempt.previous().len() > REDIRECTS_MAX || !(same_host || named_over_tls) {
        return attempt.error("a redirect that is not followed");
    }
    attempt.follow()
}

/// Reads a body piece by piece; what is counted is what came out of the decompressor.
async fn read(mut response: reqwest::Response) -> Result<Reply, ProviderError> {
    if response.content_length().is_some_and(|length| length > BODY_BYTES_MAX as u64) {
        return Err(too_large());
    }
    let status = response.status().as_u16();
    let set_cookie = response.headers().get_all(header::SET_COOKIE).iter();
    let cookies = set_cookie.filter_map(|value| value.to_str().ok().map(str::to_owned)).collect();
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| transport(&error))? {
        if body.len() + piece.len() > BODY_BYTES_MAX {
            return Err(too_large());
        }
        body.extend_from_slice(&piece);
    }
    Ok(Reply { status, body, cookies })
}

fn too_large() -> ProviderError {
    malformed(format!("more than {} MiB", BODY_BYTES_MAX / (1024 * 1024)))
}

fn pause_asked(headers: &HeaderMap) -> Option<Duration> {
    retry_after(headers.get(header::RETRY_AFTER)?.to_str().ok()?, Timestamp::now())
}

/// 429, Yahoo's own 999, or their words under another status (the crumb's address says them with 200).
fn says_too_many(reply: &Reply) -> bool {
    matches!(reply.status, 429 | 999)
        || (reply.body.len() < 64 && reply.body.trim_ascii().eq_ignore_ascii_case(b"too many requests"))
}

fn rate_limited(pause: Duration) -> ProviderError {
    ProviderError::RateLimited { provider: DISPLAY_NAME, retry_after: Some(pause) }
}

fn transport(error: &reqwest::Error) -> ProviderError {
    if error.is_redirect() {
        return malformed("a redirect to another place".to_owned());
    }
    unreachable(if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the answer broke off"
    })
}
