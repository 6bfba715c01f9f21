//! The way to an exchange: requests to its host, and the sockets of its stream.

use std::sync::Arc;

use market::Symbol;
use reqwest::header::HeaderMap;
use tokio::sync::watch;

use super::super::{
    ProviderError,
    http::{Http, Peer, Reply, default_user_agent},
    settings::{Network, ProviderConfigError},
    socket::{Dialect, Sockets},
    stream::TickSender,
};
use super::spellings::{self, Meaning};

/// Where an exchange is, and how much it may be asked.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Place<'a> {
    /// Its name in messages.
    pub(in super::super) provider: &'static str,
    pub(in super::super) rest_url: &'a str,
    /// Empty = no streaming.
    pub(in super::super) stream_url: &'a str,
    /// A budget over all requests.
    pub(in super::super) per_second: f64,
    /// Whether an answer says that there were too many.
    pub(in super::super) says_too_many: fn(&Reply) -> bool,
}

/// The way there.
#[derive(Debug)]
pub(in super::super) struct Way {
    pub(in super::super) http: Http,
    rest_url: String,
    sockets: Option<Sockets>,
    pub(in super::super) per_second: f64,
}

impl Way {
    /// Asks nothing yet. `dialect` is spoken on the sockets.
    pub(in super::super) fn to(
        place: Place<'_>,
        network: &Network,
        dialect: Arc<dyn Dialect>,
    ) -> Result<Self, ProviderConfigError> {
        let Place { provider, rest_url, stream_url, per_second, says_too_many } = place;
        let user_agent = default_user_agent();
        let (rest, stream) = ([rest_url], [stream_url]);
        let peer = |addresses| Peer { provider, addresses, user_agent: &user_agent, per_second, says_too_many };
        let sockets = || Sockets::new(peer(&stream), network, dialect);
        Ok(Self {
            http: Http::new(peer(&rest), network)?,
            rest_url: rest_url.trim_end_matches('/').to_owned(),
            sockets: if stream_url.is_empty() { None } else { Some(sockets()?) },
            per_second,
        })
    }

    /// Asks for a path, which begins with a slash.
    pub(in super::super) async fn get(&self, path: &str) -> Result<Reply, ProviderError> {
        self.http.get(&format!("{}{path}", self.rest_url), HeaderMap::new()).await
    }

    /// `most` symbols, where there is a stream at all.
    pub(in super::super) fn stream_max(&self, most: usize) -> usize {
        if self.sockets.is_some() { most } else { 0 }
    }

    /// Streams what is wanted, for as long as it is wanted.
    pub(in super::super) async fn stream(
        &self,
        meaning: Meaning,
        wanted: watch::Receiver<Arc<[Symbol]>>,
        ticks: TickSender,
    ) {
        if let Some(sockets) = &self.sockets {
            spellings::stream(sockets, meaning, wanted, ticks).await;
        }
    }
}
