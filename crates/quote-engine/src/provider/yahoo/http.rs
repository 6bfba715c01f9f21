//! Yahoo's front ends: several hosts with the same API, one of which is asked.

use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::header::{self, HeaderMap, HeaderValue};

use jiff::Timestamp;

use super::{
    DISPLAY_NAME,
    config::YahooConfig,
    pause_file::{Pause, PauseFile},
};
use crate::provider::{
    ProviderError,
    http::{self, Peer},
    settings::{Network, ProviderConfigError},
};

pub(super) use http::Reply;

/// The client, and which host it asks.
#[derive(Debug)]
pub(super) struct Http {
    client: http::Http,
    hosts: Vec<String>,
    /// Index of the host that answered last.
    host: AtomicUsize,
    pause_file: Option<PauseFile>,
}

/// Without this, pages set no cookie.
const ACCEPT_PAGE: &str = "text/html,application/xhtml+xml,application/xml";

impl Http {
    pub(super) fn new(config: &YahooConfig, network: &Network) -> Result<Self, ProviderConfigError> {
        let addresses = config.addresses();
        let peer = peer(config, &addresses);
        let client = http::Http::new(peer, network)?.with_steps(peer, network)?;
        let pause_file = PauseFile::new(network, config);
        if let Some(Pause { left, strikes }) = pause_file.as_ref().and_then(|file| file.load(Timestamp::now())) {
            client.resume_pause(left, strikes);
        }
        Ok(Self {
            client,
            pause_file,
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
        self.noting(self.client.get(&url, headers("*/*", cookie))).await
    }

    /// Asks for a page, such as the one that sets the cookie.
    pub(super) async fn page(&self, url: &str) -> Result<Reply, ProviderError> {
        self.noting(self.client.get(url, headers(ACCEPT_PAGE, None))).await
    }

    /// Asks for a page or sends a form there; a redirect is the answer, and is not followed.
    pub(super) async fn step(
        &self,
        url: &str,
        form: Option<&[(&str, &str)]>,
        cookie: Option<&HeaderValue>,
    ) -> Result<Reply, ProviderError> {
        self.noting(self.client.step(url, form, headers(ACCEPT_PAGE, cookie))).await
    }

    /// Keeps a pause that begins with this request.
    async fn noting(
        &self,
        request: impl Future<Output = Result<Reply, ProviderError>>,
    ) -> Result<Reply, ProviderError> {
        let before = self.client.strikes();
        let reply = request.await;
        if let (Err(ProviderError::RateLimited { retry_after: Some(left), .. }), Some(file)) =
            (&reply, &self.pause_file)
            && self.client.strikes() > before
        {
            file.store(Pause { left: *left, strikes: self.client.strikes() }).await;
        }
        reply
    }
}

/// Whom the client asks, and how.
pub(super) fn peer<'a>(config: &'a YahooConfig, addresses: &'a [&'a str]) -> Peer<'a> {
    Peer {
        provider: DISPLAY_NAME,
        addresses,
        user_agent: &config.user_agent,
        per_second: config.requests_per_second,
        says_too_many,
    }
}

fn headers(accept: &'static str, cookie: Option<&HeaderValue>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
    if let Some(cookie) = cookie {
        headers.insert(header::COOKIE, cookie.clone());
    }
    headers
}

/// 429, Yahoo's own 999, or their words under another status (the crumb's address says them with 200).
fn says_too_many(reply: &Reply) -> bool {
    matches!(reply.status, 429 | 999)
        || (reply.body.len() < 64 && reply.body.trim_ascii().eq_ignore_ascii_case(b"too many requests"))
}
