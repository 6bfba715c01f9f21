//! `[provider.ecb]` of the configuration.

use serde::{Deserialize, Serialize};

use crate::provider::settings::{ProviderConfigError, check_address};

/// Where the reference rates are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EcbConfig {
    /// The newest day.
    pub url: String,
    /// The last 90 days.
    pub history_url: String,
}

impl Default for EcbConfig {
    fn default() -> Self {
        Self {
            url: "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml".to_owned(),
            history_url: "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist-90d.xml".to_owned(),
        }
    }
}

impl EcbConfig {
    /// Checks what a request is later built from.
    pub fn check(&self) -> Result<(), ProviderConfigError> {
        check_address("url", &self.url)?;
        check_address("history_url", &self.history_url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_checked_by_name() {
        let config = EcbConfig::default();
        assert_eq!(config.check(), Ok(()));
        for (broken, says) in [
            (EcbConfig { url: String::new(), ..config.clone() }, "url: "),
            (EcbConfig { history_url: "ftp://x".to_owned(), ..config.clone() }, "history_url: "),
        ] {
            assert!(broken.check().unwrap_err().to_string().starts_with(says), "{says}");
        }
    }
}
