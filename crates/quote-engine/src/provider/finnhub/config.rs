//! `[provider.finnhub]` of the configuration. The user's key never stands here: see `crate::secrets`.

use serde::{Deserialize, Serialize};

use crate::provider::settings::{ProviderConfigError, check_endpoints};

/// How to reach Finnhub, and how often.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FinnhubConfig {
    /// Where requests go.
    pub rest_url: String,
    /// Where the stream is; empty = no streaming.
    pub stream_url: String,
    /// A budget over all requests. A free key has 60 a minute: the default stays below it with a burst in it.
    pub requests_per_second: f64,
}

impl Default for FinnhubConfig {
    fn default() -> Self {
        Self {
            rest_url: "https://finnhub.io/api/v1".to_owned(),
            stream_url: "wss://ws.finnhub.io".to_owned(),
            requests_per_second: 0.9,
        }
    }
}

impl FinnhubConfig {
    /// Checks what a request is later built from.
    pub fn check(&self) -> Result<(), ProviderConfigError> {
        check_endpoints(&self.rest_url, &self.stream_url, self.requests_per_second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_checked_by_name() {
        let config = FinnhubConfig::default();
        assert_eq!(config.check(), Ok(()));
        assert_eq!(FinnhubConfig { stream_url: String::new(), ..config.clone() }.check(), Ok(()));
        for (broken, says) in [
            (FinnhubConfig { rest_url: "nonsense".to_owned(), ..config.clone() }, "rest_url: "),
            (FinnhubConfig { stream_url: "https://x".to_owned(), ..config.clone() }, "stream_url: "),
            (FinnhubConfig { requests_per_second: 0.0, ..config.clone() }, "requests_per_second: "),
        ] {
            assert!(broken.check().unwrap_err().to_string().starts_with(says), "{says}");
        }
        assert!(serde_json::from_str::<FinnhubConfig>(r#"{"key":"x"}"#).is_err(), "a key stands elsewhere");
    }
}
