//! `[provider.coinbase]` of the configuration. Every address is a setting, so that tests exercise the real loading code.

use serde::{Deserialize, Serialize};

use crate::provider::settings::{ProviderConfigError, check_endpoints};

/// How to reach Coinbase, and how often.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CoinbaseConfig {
    /// Where requests go: the exchange, not the wallet.
    pub rest_url: String,
    /// Where the stream is; empty = no streaming.
    pub stream_url: String,
    /// A budget over all requests; a quote takes two.
    pub requests_per_second: f64,
}

impl Default for CoinbaseConfig {
    fn default() -> Self {
        Self {
            rest_url: "https://api.exchange.coinbase.com".to_owned(),
            stream_url: "wss://ws-feed.exchange.coinbase.com".to_owned(),
            requests_per_second: 5.0,
        }
    }
}

impl CoinbaseConfig {
    /// Checks what a request is later built from.
    pub(super) fn check(&self) -> Result<(), ProviderConfigError> {
        check_endpoints(&self.rest_url, &self.stream_url, self.requests_per_second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_checked_by_name() {
        let config = CoinbaseConfig::default();
        assert_eq!(config.check(), Ok(()));
        assert_eq!(CoinbaseConfig { stream_url: String::new(), ..config.clone() }.check(), Ok(()));
        for (broken, says) in [
            (CoinbaseConfig { rest_url: "wss://x".to_owned(), ..config.clone() }, "rest_url"),
            (CoinbaseConfig { stream_url: "https://x".to_owned(), ..config.clone() }, "stream_url"),
            (CoinbaseConfig { requests_per_second: f64::NAN, ..config.clone() }, "requests_per_second"),
        ] {
            assert!(broken.check().unwrap_err().to_string().starts_with(says), "{says}");
        }
        assert!(serde_json::from_str::<CoinbaseConfig>(r#"{"api_key":"x"}"#).is_err());
    }
}
