//! The session between runs: `yahoo-session.json` in the data folder, readable by its owner only.
//!
//! It is a convenience: whatever is wrong with it, a new session is made.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    config::YahooConfig,
    crumb::{Credentials, checked_cookie, checked_crumb},
};
use crate::{
    durable::DurableError,
    provider::{kept_file::KeptFile, settings::Network},
};

/// The file's name in the data folder.
pub(super) const FILE_NAME: &str = "yahoo-session.json";
const FILE_BYTES_MAX: u64 = 16 * 1024;
const AGE_MAX: SignedDuration = SignedDuration::from_hours(24);

/// Where the session is kept, and under which name and from where it was minted: another one is not ours.
#[derive(Debug, Clone)]
pub(super) struct SessionFile {
    file: KeptFile,
    user_agent: String,
    cookie_url: String,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    user_agent: String,
    cookie_url: String,
    minted_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cookie: Option<String>,
    crumb: String,
}

impl SessionFile {
    /// `None` where nothing is kept.
    pub(super) fn new(network: &Network, config: &YahooConfig) -> Option<Self> {
        Some(Self {
            file: KeptFile::new(network, FILE_NAME)?,
            user_agent: config.user_agent.clone(),
            cookie_url: config.cookie_url.clone(),
        })
    }

    /// The session, if it is ours, whole and less than a day old.
    pub(super) fn load(&self) -> Option<Credentials> {
        let kept: Kept = serde_json::from_str(&self.file.read(FILE_BYTES_MAX)?).ok()?;
        let age = Timestamp::now().duration_since(kept.minted_at);
        let ours = kept.user_agent == self.user_agent && kept.cookie_url == self.cookie_url;
        if !ours || age.is_negative() || age >= AGE_MAX {
            return None;
        }
        let cookie = match kept.cookie {
            Some(cookie) => Some(checked_cookie(&cookie)?),
            None => None,
        };
        Some(Credentials { cookie, crumb: checked_crumb(kept.crumb.as_bytes())? })
    }

    /// Keeps the session; a failure costs a handshake at the next start and nothing more.
    pub(super) async fn store(&self, credentials: &Arc<Credentials>) {
        let (file, credentials) = (self.clone(), Arc::clone(credentials));
        let done = tokio::task::spawn_blocking(move || file.write(&credentials)).await;
        if let Ok(Err(error)) = done {
            tracing::debug!(provider = super::NAME, %error, "the session is not kept");
        }
    }

    /// Forgets the session.
    pub(super) async fn remove(&self) {
        let file = self.file.clone();
        // Where that fails, the next session takes its place.
        let _ = tokio::task::spawn_blocking(move || file.remove()).await;
    }

    fn write(&self, credentials: &Credentials) -> Result<(), DurableError> {
        self.file.write(&Kept {
            user_agent: self.user_agent.clone(),
            cookie_url: self.cookie_url.clone(),
            minted_at: Timestamp::now(),
            cookie: credentials.cookie.as_ref().and_then(|cookie| cookie.to_str().ok()).map(str::to_owned),
            crumb: credentials.crumb.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    fn file(folder: &Path) -> SessionFile {
        of(folder, &YahooConfig::default())
    }

    fn of(folder: &Path, config: &YahooConfig) -> SessionFile {
        let network = Network { data_dir: Some(folder.to_owned()), ..Network::default() };
        SessionFile::new(&network, config).unwrap()
    }

    fn credentials() -> Credentials {
        Credentials { cookie: checked_cookie("A3=d=x"), crumb: "ab/c+d".to_owned() }
    }

    #[test]
    fn survives_a_restart_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        file(folder.path()).write(&credentials()).unwrap();
        let loaded = file(folder.path()).load().unwrap();
        assert_eq!((loaded.cookie, loaded.crumb), (credentials().cookie, credentials().crumb));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(folder.path().join(FILE_NAME)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn another_name_or_day_or_a_broken_file_is_no_session() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        file(folder.path()).write(&credentials()).unwrap();
        let other = YahooConfig { user_agent: "Other/1".to_owned(), ..YahooConfig::default() };
        assert!(of(folder.path(), &other).load().is_none());
        let other = YahooConfig { cookie_url: "http://127.0.0.1:1/".to_owned(), ..YahooConfig::default() };
        assert!(of(folder.path(), &other).load().is_none());

        let whole = fs::read_to_string(&path).unwrap();
        for cut in 0..whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            assert!(file(folder.path()).load().is_none(), "cut at {cut}");
        }
        for broken in
            [whole.replace("ab/c+d", "Too Many Requests"), whole.replace("minted_at\":\"20", "minted_at\":\"19")]
        {
            fs::write(&path, broken).unwrap();
            assert!(file(folder.path()).load().is_none());
        }
    }
}
