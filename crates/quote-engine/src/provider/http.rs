//! One pooled client a provider, with every bound a request has: time, size, redirects, how many, how often.
//!
//! Error messages made here never hold an address: a key could stand in it.

use std::{
    num::NonZeroU32,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use governor::{
    DefaultDirectRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use jiff::Timestamp;
use reqwest::{
    Client, ClientBuilder, Proxy, RequestBuilder, Url,
    header::{self, HeaderMap, HeaderValue},
    redirect,
};
use tokio::sync::Semaphore;

use super::{
    ProviderError, clock,
    cooldown::{Cooldown, retry_after},
    renewed::Renewed,
    settings::{Network, ProviderConfigError, Share, check_budget, is_loopback},
    text::percent_encoded,
};

/// The longest body taken, decompressed: thirty times a full batch of quotes.
pub const BODY_BYTES_MAX: usize = 8 * 1024 * 1024;
const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);
const TOTAL_TIME_MAX: Duration = Duration::from_secs(10);
const POOL_IDLE_TIME: Duration = Duration::from_secs(90);
const REDIRECTS_MAX: usize = 3;
const CONCURRENT_MAX: usize = 4;
const BURST: NonZeroU32 = NonZeroU32::new(4).unwrap();
/// Some vendors' pages carry more headers than most clients expect.
const HEADER_BYTES_MAX: u32 = 128 * 1024;

/// How this program names itself where nothing else is set.
pub fn default_user_agent() -> String {
    format!("Mozilla/5.0 (compatible; Quickstocks/{})", env!("CARGO_PKG_VERSION"))
}

/// An answer, whole.
#[derive(Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The body, decompressed.
    pub body: Vec<u8>,
    /// The values of `Set-Cookie`.
    pub cookies: Vec<String>,
    /// Where redirects led, without the query.
    pub path: String,
    /// Where a redirect that was not followed would lead.
    pub location: Option<String>,
}

/// Whom the client asks, and how.
#[derive(Debug, Clone, Copy)]
pub struct Peer<'a> {
    /// The provider's display name, for messages.
    pub provider: &'static str,
    /// Every address that will be asked: nothing of it goes through a proxy when all are this computer.
    pub addresses: &'a [&'a str],
    /// How the client names itself.
    pub user_agent: &'a str,
    /// A budget over all requests.
    pub per_second: f64,
    /// Whether an answer means "too many requests".
    pub says_too_many: fn(&Reply) -> bool,
}

/// What most vendors say when asked too often.
pub fn is_429(reply: &Reply) -> bool {
    reply.status == 429
}

/// The client with its budget.
#[derive(Debug)]
pub struct Http {
    provider: &'static str,
    client: Renewed,
    /// Follows no redirect; only where somebody has to see each.
    stepping: Option<Renewed>,
    budget: DefaultDirectRateLimiter,
    share: Share,
    slots: Semaphore,
    cooldown: Mutex<Cooldown>,
    says_too_many: fn(&Reply) -> bool,
}

impl Http {
    /// A client that has asked nothing yet.
    pub fn new(peer: Peer<'_>, network: &Network) -> Result<Self, ProviderConfigError> {
        Self::redirected(peer, network, || redirect::Policy::custom(follow))
    }

    /// The same for requests that carry a key: it goes to the host it is for, whatever redirects say.
    pub fn for_one_host(peer: Peer<'_>, network: &Network) -> Result<Self, ProviderConfigError> {
        Self::redirected(peer, network, || redirect::Policy::custom(follow_at_home))
    }

    fn redirected(peer: Peer<'_>, network: &Network, redirects: Redirects) -> Result<Self, ProviderConfigError> {
        check_budget(peer.per_second)?;
        let quota = Quota::with_period(Duration::from_secs_f64(1.0 / peer.per_second))
            .ok_or_else(|| ProviderConfigError::Budget { value: peer.per_second.to_string() })?;
        Ok(Self {
            provider: peer.provider,
            client: renewed(peer, network, redirects)?,
            stepping: None,
            budget: RateLimiter::direct(quota.allow_burst(BURST)),
            share: network.share.clone(),
            slots: Semaphore::new(CONCURRENT_MAX),
            cooldown: Mutex::default(),
            says_too_many: peer.says_too_many,
        })
    }

    /// The same client, able to take redirects one by one too.
    pub fn with_steps(mut self, peer: Peer<'_>, network: &Network) -> Result<Self, ProviderConfigError> {
        self.stepping = Some(renewed(peer, network, redirect::Policy::none)?);
        Ok(self)
    }

    /// Asks for an address and follows no redirect; with a form, sends that.
    pub async fn step(
        &self,
        url: &str,
        form: Option<&[(&str, &str)]>,
        headers: HeaderMap,
    ) -> Result<Reply, ProviderError> {
        let client = self.stepping.as_ref().unwrap_or(&self.client).client();
        let request = match form {
            Some(form) => with_form(client.post(url), form),
            None => client.get(url),
        };
        self.ask(request.headers(headers)).await
    }

    /// Takes up a pause that a run before this one was told to keep.
    pub fn resume_pause(&self, left: Duration, strikes: usize) {
        self.pause().resume(left, strikes, Instant::now());
    }

    /// How often in a row the vendor has refused.
    pub fn strikes(&self) -> usize {
        self.pause().strikes()
    }

    /// Asks for an address, with further headers.
    pub async fn get(&self, url: &str, headers: HeaderMap) -> Result<Reply, ProviderError> {
        self.ask(self.client.client().get(url).headers(headers)).await
    }

    async fn ask(&self, request: RequestBuilder) -> Result<Reply, ProviderError> {
        let _slot = self.slots.acquire().await.map_err(|_| self.unreachable("shutting down"))?;
        self.within_budget().await?;
        let response = request.send().await.map_err(|error| self.transport(&error))?;
        clock::heard(response.headers());
        let asked_pause = pause_asked(response.headers());
        let reply = self.read(response).await?;
        if (self.says_too_many)(&reply) {
            return Err(self.refused(asked_pause));
        }
        self.pause().answered(Instant::now());
        Ok(reply)
    }

    /// Waits for as many turns as programs share the budget: one of them is ours.
    async fn within_budget(&self) -> Result<(), ProviderError> {
        for _ in 0..self.share.among() {
            self.within_own_budget().await?;
        }
        Ok(())
    }

    /// Waits for a turn; refuses at once, and after the wait, while the vendor wants to be left alone.
    async fn within_own_budget(&self) -> Result<(), ProviderError> {
        loop {
            if let Some(left) = self.pause().remaining(Instant::now()) {
                return Err(self.rate_limited(left));
            }
            let Err(not_until) = self.budget.check() else { return Ok(()) };
            tokio::time::sleep(not_until.wait_time_from(DefaultClock::default().now())).await;
        }
    }

    fn refused(&self, asked_pause: Option<Duration>) -> ProviderError {
        let pause = self.pause().refused(asked_pause, Instant::now());
        tracing::warn!(provider = self.provider, pause_s = pause.as_secs(), "too many requests");
        self.rate_limited(pause)
    }

    fn pause(&self) -> MutexGuard<'_, Cooldown> {
        self.cooldown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads a body piece by piece; what is counted is what came out of the decompressor.
    async fn read(&self, mut response: reqwest::Response) -> Result<Reply, ProviderError> {
        if response.content_length().is_some_and(|length| length > BODY_BYTES_MAX as u64) {
            return Err(self.too_large());
        }
        let status = response.status().as_u16();
        let path = response.url().path().to_owned();
        let location = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok().map(str::to_owned));
        let set_cookie = response.headers().get_all(header::SET_COOKIE).iter();
        let cookies = set_cookie.filter_map(|value| value.to_str().ok().map(str::to_owned)).collect();
        // At once: growing by doubling moves a long body many times.
        let mut body = Vec::with_capacity(response.content_length().unwrap_or_default() as usize);
        while let Some(piece) = response.chunk().await.map_err(|error| self.transport(&error))? {
            if body.len() + piece.len() > BODY_BYTES_MAX {
                return Err(self.too_large());
            }
            body.extend_from_slice(&piece);
        }
        Ok(Reply { status, body, cookies, path, location })
    }

    /// No answer, for a reason in a few words.
    pub fn unreachable(&self, detail: &str) -> ProviderError {
        ProviderError::Unreachable { provider: self.provider, detail: detail.to_owned() }
    }

    /// An answer that is none.
    pub fn malformed(&self, detail: impl Into<String>) -> ProviderError {
        ProviderError::Malformed { provider: self.provider, detail: detail.into() }
    }

    fn too_large(&self) -> ProviderError {
        self.malformed(format!("more than {} MiB", BODY_BYTES_MAX / (1024 * 1024)))
    }

    fn rate_limited(&self, pause: Duration) -> ProviderError {
        ProviderError::RateLimited { provider: self.provider, retry_after: Some(pause) }
    }

    fn transport(&self, error: &reqwest::Error) -> ProviderError {
        if error.is_redirect() {
            return self.malformed("a redirect to another place");
        }
        self.unreachable(if error.is_timeout() {
            "no answer in time"
        } else if error.is_connect() {
            "no connection"
        } else {
            "the answer broke off"
        })
    }
}

/// A client for sockets: they are opened by HTTP/1.1, and live longer than any request.
pub(super) fn socket_client(peer: Peer<'_>, network: &Network) -> Result<Client, ProviderConfigError> {
    built(client_builder(peer, network)?.http1_only())
}

type Redirects = fn() -> redirect::Policy;

/// A client for requests, and the way to make another like it.
fn renewed(peer: Peer<'_>, network: &Network, redirects: Redirects) -> Result<Renewed, ProviderConfigError> {
    let (user_agent, network) = (peer.user_agent.to_owned(), network.clone());
    let addresses: Vec<String> = peer.addresses.iter().map(|address| (*address).to_owned()).collect();
    let Peer { provider, per_second, says_too_many, .. } = peer;
    Renewed::new(move || {
        let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
        let peer = Peer { provider, addresses: &addresses, user_agent: &user_agent, per_second, says_too_many };
        built(request_builder(peer, &network)?.redirect(redirects()))
    })
}

fn request_builder(peer: Peer<'_>, network: &Network) -> Result<ClientBuilder, ProviderConfigError> {
    let builder = client_builder(peer, network)?;
    Ok(builder.timeout(TOTAL_TIME_MAX).http2_max_header_list_size(HEADER_BYTES_MAX))
}

fn with_form(request: RequestBuilder, form: &[(&str, &str)]) -> RequestBuilder {
    let pair = |(name, value): &(&str, &str)| format!("{}={}", percent_encoded(name), percent_encoded(value));
    let body = form.iter().map(pair).collect::<Vec<_>>().join("&");
    request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body)
}

fn built(builder: ClientBuilder) -> Result<Client, ProviderConfigError> {
    builder.build().map_err(|error| ProviderConfigError::Client(error.without_url().to_string()))
}

fn client_builder(peer: Peer<'_>, network: &Network) -> Result<ClientBuilder, ProviderConfigError> {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("en-US,en;q=0.9"));
    let builder = ClientBuilder::new()
        .tls_backend_rustls()
        .user_agent(peer.user_agent)
        .default_headers(headers)
        .connect_timeout(CONNECT_TIME_MAX)
        .pool_idle_timeout(POOL_IDLE_TIME)
        // A Referer would carry keys to wherever a redirect leads.
        .referer(false)
        .redirect(redirect::Policy::custom(follow));
    let trusting = network.trusted.iter().cloned().fold(builder, ClientBuilder::add_root_certificate);
    if peer.addresses.iter().all(|address| is_loopback(address)) {
        return Ok(trusting.no_proxy());
    }
    match network.proxy.as_deref().filter(|proxy| !proxy.is_empty()) {
        Some(proxy) => Ok(trusting.proxy(Proxy::all(proxy).map_err(|_| ProviderConfigError::Proxy)?)),
        None => Ok(trusting),
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

/// Redirects that leave neither the host nor its encryption.
fn follow_at_home(attempt: redirect::Attempt<'_>) -> redirect::Action {
    let home = attempt.previous().last().map(Url::origin);
    if attempt.previous().len() > REDIRECTS_MAX || home != Some(attempt.url().origin()) {
        return attempt.error("a redirect that is not followed");
    }
    attempt.follow()
}

fn pause_asked(headers: &HeaderMap) -> Option<Duration> {
    retry_after(headers.get(header::RETRY_AFTER)?.to_str().ok()?, Timestamp::now())
}
