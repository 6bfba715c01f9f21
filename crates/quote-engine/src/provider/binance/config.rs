//! `[provider.binance]` of the configuration. Every address is a setting, so that tests exercise the real loading code.

use serde::{Deserialize, Serialize};

use crate::provider::settings::{ProviderConfigError, check_endpoints};

/// How to reach Binance, and how often.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BinanceConfig {
    /// Where requests go: the host for market data, which knows no accounts.
    pub rest_url: String,
    /// Where the stream is; empty = no streaming.
    pub stream_url: String,
    /// A budget over all requests. A full one weighs 40 of the 6,000 that are allowed a minute.
    pub requests_per_second: f64,
}

impl Default for BinanceConfig {
    fn default() -> Self {
        Self {
            rest_url: "https://data-api.binance.vision".to_owned(),
            stream_url: "wss://data-stream.binance.vision".to_owned(),
            requests_per_second: 2.0,
        }
    }
}

impl BinanceConfig {
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
        let config = BinanceConfig::default();
        assert_eq!(config.check(), Ok(()));
        assert_eq!(BinanceConfig { stream_url: String::new(), ..config.clone() }.check(), Ok(()));
        for (broken, says) in [
            (BinanceConfig { rest_url: "wss://x".to_owned(), ..config.clone() }, "rest_url"),
            (BinanceConfig { stream_url: "https://x".to_owned(), ..config.clone() }, "stream_url"),
            (BinanceConfig { requests_per_second: f64::NAN, ..config.clone() }, "requests_per_second"),
        ] {
            assert!(broken.check().unwrap_err().to_string().starts_with(says), "{says}");
        }
        assert!(serde_json::from_str::<BinanceConfig>(r#"{"api_key":"x"}"#).is_err());
    }
}
