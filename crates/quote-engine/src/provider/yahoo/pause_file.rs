//! "Too many requests" outlives the program: `yahoo-pause.json` in the data folder says until when nothing is asked.
//!
//! Whatever is wrong with the file, the next refusal writes a new one.

use std::{
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::config::YahooConfig;
use crate::provider::RETRY_AFTER_MAX;

/// The file's name in the data folder.
const FILE_NAME: &str = "yahoo-pause.json";
const FILE_BYTES_MAX: u64 = 4 * 1024;

/// Where the pause is kept, and of which host: another one has asked for none.
#[derive(Debug, Clone)]
pub(super) struct PauseFile {
    path: PathBuf,
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
    pub(super) fn new(folder: &Path, config: &YahooConfig) -> Self {
        Self { path: folder.join(FILE_NAME), host: config.query_urls.first().cloned().unwrap_or_default() }
    }

    /// The pause, if it is not over yet. A clock that was turned back lengthens none.
    pub(super) fn load(&self, now: Timestamp) -> Option<Pause> {
        let mut text = String::new();
        fs::File::open(&self.path).ok()?.take(FILE_BYTES_MAX).read_to_string(&mut text).ok()?;
        let kept: Kept = serde_json::from_str(&text).ok().filter(|kept: &Kept| kept.host == self.host)?;
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

    fn write(&self, pause: Pause, now: Timestamp) -> std::io::Result<()> {
        let folder = self.path.parent().unwrap_or_else(|| Path::new("."));
        fs::create_dir_all(folder)?;
        let left = SignedDuration::try_from(pause.left).unwrap_or_default();
        let until = now.checked_add(left).unwrap_or(now);
        let kept = Kept { host: self.host.clone(), until, strikes: pause.strikes };
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&serde_json::to_vec(&kept)?)?;
        file.persist(&self.path)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lasts_until_it_is_over_and_no_longer() {
        let folder = tempfile::tempdir().unwrap();
        let file = PauseFile::new(folder.path(), &YahooConfig::default());
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
        assert_eq!(PauseFile::new(folder.path(), &elsewhere).load(now), None, "another host asked for none");
        let whole = fs::read_to_string(&file.path).unwrap();
        for cut in 0..whole.len() {
            fs::write(&file.path, &whole[..cut]).unwrap();
            assert_eq!(file.load(now), None, "cut at {cut}");
        }
    }
}
