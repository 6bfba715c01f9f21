//! `[provider.yahoo]` of the configuration. Every address is a setting, so that tests exercise the real loading code.

use std::path::PathBuf;

use reqwest::Url;
use serde::{Deserialize, Serialize};

/// The longest address that can be set, in bytes: the rest of a request's 1,800 bytes is for symbols.
const URL_BYTES_MAX: usize = 256;
/// The most requests a second that can be set.
const PER_SECOND_MAX: f64 = 10_000.0;
/// The fewest: one in a quarter of an hour.
const PER_SECOND_MIN: f64 = 1.0 / 900.0;

/// How to reach Yahoo, and how often.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct YahooConfig {
    /// Front ends of the same API, in order of preference.
    pub query_urls: Vec<String>,
    /// Where the cookie comes from.
    pub cookie_url: String,
    /// Where the stream is; empty = no streaming.
    pub stream_url: String,
    /// How this program names itself. Libraries' default names are refused.
    pub user_agent: String,
    /// A budget over all requests.
    pub requests_per_second: f64,
    /// A proxy's address; the system's settings count where it is absent.
    #[serde(skip)]
    pub proxy: Option<String>,
    /// Where the session is kept between runs; nowhere when absent.
    #[serde(skip)]
    pub data_dir: Option<PathBuf>,
}

impl Default for YahooConfig {
    fn default() -> Self {
        Self {
            query_urls: vec![
                "https://query1.finance.yahoo.com".to_owned(),
                "https://query2.finance.yahoo.com".to_owned(),
            ],
            cookie_url: "https://fc.yahoo.com/".to_owned(),
            stream_url: "wss://streamer.finance.yahoo.com/?version=2".to_owned(),
            user_agent: format!("Mozilla/5.0 (compatible; Quickstocks/{})", env!("CARGO_PKG_VERSION")),
            requests_per_second: 2.0,
            proxy: None,
            data_dir: None,
        }
    }
}

/// What is wrong with a provider's settings: the key, the fault, and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderConfigError {
    /// An address that is none.
    #[error("{key}: {value:?} is no address; allowed: http:// or https:// and a host, at most {URL_BYTES_MAX} bytes")]
    Address {
        /// The setting.
        key: &'static str,
        /// What stands there, without anything that could be a password.
        value: String,
    },
    /// No address at all.
    #[error("query_urls: empty; allowed: one or more http:// or https:// addresses")]
    NoAddress,
    /// A budget that is none.
    #[error("requests_per_second: {value}; allowed: from {PER_SECOND_MIN:.4} to {PER_SECOND_MAX}")]
    Budget {
        /// What stands there.
        value: String,
    },
    /// A name that no request can carry.
    #[error("user_agent: it holds characters that no request can carry; allowed: printable ASCII, not empty")]
    UserAgent,
    /// A proxy that is none.
    #[error("proxy: not a proxy's address; allowed: http://, https:// or socks5:// and a host")]
    Proxy,
    /// The HTTP client could not be made.
    #[error("the HTTP client cannot be set up ({0})")]
    Client(String),
}

impl YahooConfig {
    /// Checks what a request is later built from.
    pub(super) fn check(&self) -> Result<(), ProviderConfigError> {
        if self.query_urls.is_empty() {
            return Err(ProviderConfigError::NoAddress);
        }
        for url in &self.query_urls {
            check_address("query_urls", url)?;
        }
        check_address("cookie_url", &self.cookie_url)?;
        let printable = self.user_agent.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        if self.user_agent.trim().is_empty() || self.user_agent.len() > URL_BYTES_MAX || !printable {
            return Err(ProviderConfigError::UserAgent);
        }
        if !(PER_SECOND_MIN..=PER_SECOND_MAX).contains(&self.requests_per_second) {
            return Err(ProviderConfigError::Budget { value: self.requests_per_second.to_string() });
        }
        Ok(())
    }

    /// Whether every address is this computer: nothing of that goes through a proxy.
    pub(super) fn is_loopback(&self) -> bool {
        self.query_urls.iter().chain([&self.cookie_url]).all(|url| {
            let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
            host == "localhost"
                || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        })
    }
}

fn check_address(key: &'static str, address: &str) -> Result<(), ProviderConfigError> {
    let fits = |url: Url| {
        matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none() && url.fragment().is_none()
    };
    if address.len() <= URL_BYTES_MAX && Url::parse(address).is_ok_and(fits) {
        return Ok(());
    }
    let shown = address.rsplit('@').next().unwrap_or_default().chars().take(80).collect();
    Err(ProviderConfigError::Address { key, value: shown })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_checked_by_name() {
        let config = YahooConfig::default();
        assert_eq!(config.check(), Ok(()));
        for (broken, says) in [
            (YahooConfig { query_urls: vec![], ..config.clone() }, "query_urls"),
            (YahooConfig { query_urls: vec!["ftp://x".to_owned()], ..config.clone() }, "query_urls"),
            (YahooConfig { cookie_url: "nonsense".to_owned(), ..config.clone() }, "cookie_url"),
            (YahooConfig { user_agent: "a\nb".to_owned(), ..config.clone() }, "user_agent"),
            (YahooConfig { requests_per_second: 0.0, ..config.clone() }, "requests_per_second"),
            (YahooConfig { requests_per_second: f64::NAN, ..config.clone() }, "requests_per_second"),
        ] {
            assert!(broken.check().unwrap_err().to_string().starts_with(says), "{says}");
        }
    }

    #[test]
    fn only_loopback_goes_past_the_proxy() {
        assert!(!YahooConfig::default().is_loopback());
        let local = YahooConfig {
            query_urls: vec!["http://127.0.0.1:1".to_owned(), "http://[::1]:2".to_owned()],
            cookie_url: "http://localhost:3/".to_owned(),
            ..YahooConfig::default()
        };
        assert!(local.is_loopback());
    }

    #[test]
    fn unknown_keys_are_refused() {
        assert!(serde_json::from_str::<YahooConfig>(r#"{"requests_per_second":1}"#).is_ok());
        assert!(serde_json::from_str::<YahooConfig>(r#"{"data_dir":"/tmp"}"#).is_err());
    }
}
