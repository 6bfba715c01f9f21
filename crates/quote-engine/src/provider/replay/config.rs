//! `[provider.replay]` of the configuration.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::provider::settings::ProviderConfigError;

/// The slowest a file can be played.
const SPEED_MIN: f64 = 0.1;
/// The fastest: a year in half a minute.
const SPEED_MAX: f64 = 1_000_000.0;

/// Which file is played, and how fast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReplayConfig {
    /// A recording of `quickstocksd record`, or bars as CSV; either may be compressed with gzip.
    pub file: PathBuf,
    /// How many seconds of the file pass in a second.
    pub speed: f64,
}

impl Default for ReplayConfig {
    fn default() -> Self {
        Self { file: PathBuf::new(), speed: 1.0 }
    }
}

impl ReplayConfig {
    /// Checks what can be known without the file.
    pub fn check(&self) -> Result<(), ProviderConfigError> {
        if (SPEED_MIN..=SPEED_MAX).contains(&self.speed) {
            return Ok(());
        }
        let (value, allowed) = (self.speed.to_string(), "from 0.1 to 1000000; 1 is as fast as it was");
        Err(ProviderConfigError::Value { key: "speed", value, allowed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_are_numbers_within_reason() {
        let check = |speed| ReplayConfig { speed, ..ReplayConfig::default() }.check();
        for good in [0.1, 1.0, 10_000.0] {
            assert_eq!(check(good), Ok(()));
        }
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(check(bad).unwrap_err().to_string().starts_with("speed: "), "{bad}");
        }
        assert!(serde_json::from_str::<ReplayConfig>(r#"{"loop":true}"#).is_err());
    }
}
