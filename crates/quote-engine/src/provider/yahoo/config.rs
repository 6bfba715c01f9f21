//! `[provider.yahoo]` of the configuration. Every address is a setting, so that tests exercise the real loading code.

use serde::{Deserialize, Serialize};

use crate::provider::{
    http::default_user_agent,
    settings::{ProviderConfigError, check_address, check_budget, check_stream_address, check_user_agent},
};

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
        check_stream_address("stream_url", &self.stream_url)?;
        check_user_agent(&self.user_agent)?;
        check_budget(self.requests_per_second)
    }

    /// Every address that is asked.
    pub(super) fn addresses(&self) -> Vec<&str> {
        self.query_urls.iter().chain([&self.cookie_url]).map(String::as_str).collect()
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
    }
}
