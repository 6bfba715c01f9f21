//! One request to a place, with every bound it has: the address it may go to, time, size, no redirect.
//!
//! Messages made here never hold an address: a token could stand in it.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;
use reqwest::{
    Client, ClientBuilder, Proxy, Url,
    header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER},
    redirect,
};
use serde_json::Value;

use super::{Refusal, guard, quoted};
use crate::provider::{cooldown::retry_after, settings::Network};

const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);
const TOTAL_TIME_MAX: Duration = Duration::from_secs(14);
/// Of an answer so much is read, in bytes.
const ANSWER_BYTES_MAX: usize = 4 * 1024;
/// And so much told, in characters.
const ANSWER_TOLD_MAX: usize = 200;

/// What is asked.
#[derive(Debug)]
pub(super) struct Call {
    /// Where.
    pub(super) url: String,
    /// Whether a user named it: then it may not lie inside this network.
    pub(super) of_user: bool,
    /// Beside that of the content.
    pub(super) headers: HeaderMap,
    /// Of this kind.
    pub(super) content_type: &'static str,
    pub(super) body: Vec<u8>,
}

/// Makes requests.
#[derive(Debug)]
pub(super) struct Poster {
    private_hosts: BTreeSet<String>,
    network: Network,
}

impl Poster {
    pub(super) fn new(private_hosts: BTreeSet<String>, network: Network) -> Self {
        Self { private_hosts, network }
    }

    /// Sends it; what was answered, where that says that it was taken.
    pub(super) async fn post(&self, call: Call) -> Result<String, Refusal> {
        let url = Url::parse(&call.url).ok().filter(|url| matches!(url.scheme(), "https" | "http"));
        let url = url.ok_or_else(|| Refusal::never("its address is none of the web"))?;
        let client = self.client(&url, call.of_user).await?;
        let request = client.post(url).headers(call.headers).header(CONTENT_TYPE, call.content_type).body(call.body);
        let response = request.send().await.map_err(|error| refused(&error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let answer = read(response).await;
        outcome(status, &headers, &answer, Timestamp::now())
    }

    /// A client that goes to no other address than those that were checked. A name that was checked cannot lead elsewhere
    /// in the meantime; behind a proxy, it is the proxy that looks it up again.
    async fn client(&self, url: &Url, of_user: bool) -> Result<Client, Refusal> {
        let builder = ClientBuilder::new()
            .tls_backend_rustls()
            .user_agent(concat!("Quickstocks/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIME_MAX)
            .timeout(TOTAL_TIME_MAX)
            .referer(false)
            .redirect(redirect::Policy::none());
        let builder = self.network.trusted.iter().cloned().fold(builder, ClientBuilder::add_root_certificate);
        let proxy = self.network.proxy.as_deref().filter(|proxy| !proxy.is_empty());
        let builder = match proxy {
            Some(proxy) => builder.proxy(Proxy::all(proxy).map_err(|_| Refusal::later("network.proxy is no proxy"))?),
            None => builder.no_proxy(),
        };
        let checked = if of_user { Some(guard::check(url, &self.private_hosts).await) } else { None };
        let builder = match checked {
            Some(Ok(checked)) => builder.resolve_to_addrs(&checked.host, &checked.addresses),
            // Behind a proxy no name may be found from here.
            Some(Err(Refusal::Later { .. })) if proxy.is_some() => builder,
            Some(Err(refusal)) => return Err(refusal),
            None => builder,
        };
        builder.build().map_err(|error| Refusal::later(format!("no client can be made: {}", error.without_url())))
    }
}

fn refused(error: &reqwest::Error) -> Refusal {
    Refusal::later(if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the answer broke off"
    })
}

/// The beginning of an answer; an end that breaks off changes nothing about its status.
async fn read(mut response: reqwest::Response) -> String {
    let mut answer = Vec::new();
    while let Ok(Some(piece)) = response.chunk().await {
        let room = ANSWER_BYTES_MAX - answer.len();
        answer.extend_from_slice(&piece[..piece.len().min(room)]);
        if answer.len() == ANSWER_BYTES_MAX {
            break;
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// What an answer means: taken, later, never, or that there is no such place.
fn outcome(status: u16, headers: &HeaderMap, answer: &str, now: Timestamp) -> Result<String, Refusal> {
    let words = quoted(answer, ANSWER_TOLD_MAX);
    let said = if words.is_empty() { status.to_string() } else { format!("{status}: {words}") };
    match status {
        200..=299 => Ok(said),
        300..=399 => Err(Refusal::never(format!("{status}: it leads elsewhere, which is not followed"))),
        404 | 410 => Err(Refusal::Gone { reason: said }),
        // What heals by waiting.
        408 | 425 | 429 | 500..=599 => {
            let of_header = headers.get(RETRY_AFTER).and_then(|value| retry_after(value.to_str().ok()?, now));
            Err(Refusal::Later { reason: said, after: of_header.or_else(|| pause_in(answer)) })
        }
        _ => Err(Refusal::never(said)),
    }
}

/// The pause that Telegram and Discord ask for in their answers, in seconds.
fn pause_in(answer: &str) -> Option<Duration> {
    let answer: Value = serde_json::from_str(answer).ok()?;
    let seconds = answer.pointer("/parameters/retry_after").or_else(|| answer.get("retry_after"))?.as_f64()?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome_of(status: u16, header: Option<&str>, answer: &str) -> Result<String, Refusal> {
        let mut headers = HeaderMap::new();
        if let Some(value) = header {
            headers.insert(RETRY_AFTER, value.parse().unwrap());
        }
        outcome(status, &headers, answer, "2026-11-25T12:00:00Z".parse().unwrap())
    }

    fn pause(status: u16, header: Option<&str>, answer: &str) -> Option<u64> {
        match outcome_of(status, header, answer) {
            Err(Refusal::Later { after, .. }) => Some(after.map_or(0, |after| after.as_secs())),
            _ => None,
        }
    }

    #[test]
    fn answers_are_taken_later_or_never() {
        assert_eq!(outcome_of(204, None, ""), Ok("204".to_owned()));
        assert_eq!(outcome_of(200, None, " ok\r\n\u{1b}[31m "), Ok("200: ok [31m".to_owned()));
        for never in [301, 302, 400, 401, 403, 413] {
            assert!(matches!(outcome_of(never, None, "no"), Err(Refusal::Never { .. })), "{never}");
        }
        for gone in [404, 410] {
            assert!(matches!(outcome_of(gone, None, "no"), Err(Refusal::Gone { .. })), "{gone}");
        }
        for later in [408, 425, 429, 500, 502, 503, 504] {
            assert_eq!(pause(later, None, "no"), Some(0), "{later}");
        }
        assert!(outcome_of(200, None, &"é".repeat(5000)).unwrap().chars().count() < 210, "told shortly");
    }

    #[test]
    fn the_pause_that_is_asked_for_is_heard() {
        assert_eq!(pause(429, Some("7"), ""), Some(7));
        assert_eq!(pause(503, Some("Wed, 25 Nov 2026 12:01:00 GMT"), ""), Some(60));
        assert_eq!(pause(429, None, r#"{"ok":false,"parameters":{"retry_after":35}}"#), Some(35));
        assert_eq!(pause(429, None, r#"{"retry_after":2.5}"#), Some(2));
        assert_eq!(pause(429, None, r#"{"retry_after":-1}"#), Some(0));
    }
}
