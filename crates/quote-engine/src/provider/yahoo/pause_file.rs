//! "Too many requests" outlives the program: `yahoo-pause.json` in the data folder says until when nothing is asked.
//!
//! Whatever is wrong with the file, the next refusal writes a new one.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::config::YahooConfig;
use crate::{
    durable::DurableError,
    provider::{RETRY_AFTER_MAX, kept_file::KeptFile, settings::Network},
};

/// The file's name in the data folder.
const FILE_NAME: &str = "yahoo-pause.json";
const FILE_BYTES_MAX: u64 = 4 * 1024;

/// Where the pause is kept, and of which host: another one has asked for none.
#[derive(Debug, Clone)]
pub(super) struct PauseFile {
    file: KeptFile,
    host: String,
}

/// What is left of a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pause {
    pub(super) left: Duration,
    /// Refusals in a row.
    pub(super) strikes: usize,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    host: String,
    until: Timestamp,
    strikes: usize,
}

impl PauseFile {
    /// `None` where nothing is kept.
    pub(super) fn new(network: &Network, config: &YahooConfig) -> Option<Self> {
        let host = config.query_urls.first().cloned().unwrap_or_default();
        Some(Self { file: KeptFile::new(network, FILE_NAME)?, host })
    }

    /// The pause, if it is not over yet. A clock that was turned back lengthens none.
    pub(super) fn load(&self, now: Timestamp) -> Option<Pause> {
        let kept: Kept =
            serde_json::from_str(&self.file.read(FILE_BYTES_MAX)?).ok().filter(|kept: &Kept| kept.host == self.host)?;
        let left = Duration::try_from(kept.until.duration_since(now)).ok()?.min(RETRY_AFTER_MAX);
        (!left.is_zero()).then_some(Pause { left, strikes: kept.strikes })
    }

    /// Keeps a pause; a failure costs a request too many at the next start.
    pub(super) async fn store(&self, pause: Pause) {
        let file = self.clone();
        let done = tokio::task::spawn_blocking(move || file.write(pause, Timestamp::now())).await;
        if let Ok(Err(error)) = done {
            tracing::debug!(provider = super::NAME, %error, "the pause is not kept");
        }
    }

    fn write(&self, pause: Pause, now: Timestamp) -> Result<(), DurableError> {
        let left = SignedDuration::try_from(pause.left).unwrap_or_default();
        let until = now.checked_add(left).unwrap_or(now);
        self.file.write(&Kept { host: self.host.clone(), until, strikes: pause.strikes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lasts_until_it_is_over_and_no_longer() {
        let folder = tempfile::tempdir().unwrap();
        let network = Network { data_dir: Some(folder.path().to_owned()), ..Network::default() };
        let file = PauseFile::new(&network, &YahooConfig::default()).unwrap();
        let now: Timestamp = "2026-11-23T15:00:00Z".parse().unwrap();
        let pause = Pause { left: Duration::from_secs(120), strikes: 2 };
        assert_eq!(file.load(now), None);
        file.write(pause, now).unwrap();
        assert_eq!(file.load(now), Some(pause));
        let later = now + SignedDuration::from_secs(90);
        assert_eq!(file.load(later), Some(Pause { left: Duration::from_secs(30), ..pause }));
        assert_eq!(file.load(now + SignedDuration::from_secs(120)), None);
        let turned_back = now - SignedDuration::from_hours(48);
        assert_eq!(file.load(turned_back), Some(Pause { left: RETRY_AFTER_MAX, ..pause }));

        let elsewhere = YahooConfig { query_urls: vec!["http://127.0.0.1:1".to_owned()], ..YahooConfig::default() };
        assert_eq!(PauseFile::new(&network, &elsewhere).unwrap().load(now), None, "another host asked for none");
        let path = folder.path().join(FILE_NAME);
        let whole = std::fs::read_to_string(&path).unwrap();
        for cut in 0..whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            assert_eq!(file.load(now), None, "cut at {cut}");
        }
    }
}
