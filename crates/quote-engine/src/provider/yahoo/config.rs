//! `[provider.yahoo]` of the configuration. Every address is a setting, so that tests exercise the real loading code.

use serde::{Deserialize, Serialize};

use super::{consent::Consent, stream};
use crate::provider::{
    http::default_user_agent,
    settings::{ProviderConfigError, check_address, check_budget, check_stream_address, check_user_agent, is_loopback},
};

/// The most connections of the stream that can be set.
const STREAM_CONNECTIONS_MAX: u8 = 20;

/// How to reach Yahoo, and how often.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct YahooConfig {
    /// Front ends of the same API, in order of preference.
    pub query_urls: Vec<String>,
    /// Where the cookie comes from.
    pub cookie_url: String,
    /// The page that asks about cookies where the vendor wants a decision first.
    pub consent_url: String,
    /// What to answer there.
    pub consent: Consent,
    /// Where the stream is; empty = no streaming.
    pub stream_url: String,
    /// The most connections of the stream, 1 to 20; each carries 95 symbols.
    pub stream_connections: u8,
    /// How this program names itself. Libraries' default names are refused.
    pub user_agent: String,
    /// A budget over all requests.
    pub requests_per_second: f64,
}

impl Default for YahooConfig {
    fn default() -> Self {
        Self {
            query_urls: vec![
                "https://query1.finance.yahoo.com".to_owned(),
                "https://query2.finance.yahoo.com".to_owned(),
            ],
            cookie_url: "https://fc.yahoo.com/".to_owned(),
            consent_url: "https://finance.yahoo.com/quote/AAPL".to_owned(),
            consent: Consent::Ask,
            stream_connections: 5,
            stream_url: "wss://streamer.finance.yahoo.com/?version=2".to_owned(),
            user_agent: default_user_agent(),
            requests_per_second: 2.0,
        }
    }
}

impl YahooConfig {
    /// Checks what a request is later built from.
    pub(super) fn check(&self) -> Result<(), ProviderConfigError> {
        if self.query_urls.is_empty() {
            return Err(ProviderConfigError::NoAddress { key: "query_urls" });
        }
        for url in &self.query_urls {
            check_address("query_urls", url)?;
        }
        check_address("cookie_url", &self.cookie_url)?;
        check_address("consent_url", &self.consent_url)?;
        if !(1..=STREAM_CONNECTIONS_MAX).contains(&self.stream_connections) {
            return Err(ProviderConfigError::Value {
                key: "stream_connections",
                value: self.stream_connections.to_string(),
                allowed: "1 to 20",
            });
        }
        check_stream_address("stream_url", &self.stream_url)?;
        check_user_agent(&self.user_agent)?;
        check_budget(self.requests_per_second)
    }

    /// Every address that is asked.
    pub(super) fn addresses(&self) -> Vec<&str> {
        let api = self.query_urls.iter().chain([&self.cookie_url]).map(String::as_str);
        api.chain(self.consent_page()).collect()
    }

    /// The page that asks about cookies, unless only the cookie comes from this computer: then nobody else is asked.
    pub(super) fn consent_page(&self) -> Option<&str> {
        (is_loopback(&self.consent_url) == is_loopback(&self.cookie_url)).then_some(self.consent_url.as_str())
    }

    /// Symbols that the stream carries at the most.
    pub(super) fn stream_max(&self) -> usize {
        if self.stream_url.is_empty() { 0 } else { usize::from(self.stream_connections) * stream::SYMBOLS_MAX }
    }
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
            (YahooConfig { consent_url: String::new(), ..config.clone() }, "consent_url"),
            (YahooConfig { stream_url: "https://x".to_owned(), ..config.clone() }, "stream_url"),
            (YahooConfig { stream_connections: 0, ..config.clone() }, "stream_connections"),
            (YahooConfig { stream_connections: 21, ..config.clone() }, "stream_connections"),
            (YahooConfig { user_agent: "a\nb".to_owned(), ..config.clone() }, "user_agent"),
            (YahooConfig { requests_per_second: 0.0, ..config.clone() }, "requests_per_second"),
            (YahooConfig { requests_per_second: f64::NAN, ..config.clone() }, "requests_per_second"),
        ] {
            assert!(broken.check().unwrap_err().to_string().starts_with(says), "{says}");
        }
    }

    #[test]
    fn unknown_keys_are_refused() {
        assert!(serde_json::from_str::<YahooConfig>(r#"{"requests_per_second":1}"#).is_ok());
        assert!(serde_json::from_str::<YahooConfig>(r#"{"data_dir":"/tmp"}"#).is_err());
        assert!(serde_json::from_str::<YahooConfig>(r#"{"consent":"maybe"}"#).is_err());
    }

    #[test]
    fn the_page_of_another_world_is_not_asked() {
        let here = "http://127.0.0.1:9/".to_owned();
        let config = YahooConfig::default();
        assert_eq!(config.consent_page(), Some(config.consent_url.as_str()));
        let mixed = YahooConfig { cookie_url: here.clone(), query_urls: vec![here.clone()], ..config };
        assert_eq!((mixed.consent_page(), mixed.addresses().len()), (None, 2));
        assert_eq!(YahooConfig { consent_url: here.clone(), ..mixed }.consent_page(), Some(here.as_str()));
    }
}
