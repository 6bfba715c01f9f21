//! The house of secrets: where the user's keys for providers are found, and where a new one is put.
//!
//! Looked up in this order: environment, the system's keychain, `secrets.toml` in the data folder. Of these only the
//! keychain is ever written to; what destinations of alerts keep secret has files of its own beside it. A value must never reach a log, an error message, a `Debug` output or a topic: it leaves here as a
//! [`SecretString`] and nothing else.

mod destinations;
mod file;
mod keychain;
mod provider_keys;

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use secrecy::ExposeSecret as _;
pub use secrecy::SecretString;
use tokio::sync::watch;

pub use keychain::Keychain;
use keychain::Trouble;
pub use market::KeyPlace as Place;

/// The user's key for Finnhub.
pub const FINNHUB_KEY: &str = "provider.finnhub.key";
/// Every secret there is, named as its configuration key would be.
pub const KNOWN: &[&str] = &[FINNHUB_KEY];
/// The file in the data folder.
pub const FILE_NAME: &str = "secrets.toml";
/// The longest secret taken, in bytes.
pub const SECRET_BYTES_MAX: usize = 512;

/// The environment variable that a secret is looked for in: `QUICKSTOCKS_PROVIDER__FINNHUB__KEY`.
pub fn variable(name: &str) -> String {
    format!("QUICKSTOCKS_{}", name.to_ascii_uppercase().replace('.', "__"))
}

/// Where secrets belong, for whoever puts one elsewhere.
pub fn places(name: &str) -> String {
    format!(
        "a key belongs in the system's keychain (through the settings), in the environment variable {}, or in \
         {FILE_NAME} of the data folder with mode 0600",
        variable(name)
    )
}

/// Why a secret could not be read, kept or removed. Never holds the secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// There is no such secret.
    #[error("there is no secret {name:?}; allowed: {}", KNOWN.join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// What stands there can be no key.
    #[error(
        "{name}: what stands in {place} is no key; allowed: 1 to {SECRET_BYTES_MAX} printable ASCII characters \
         without spaces"
    )]
    Unfit {
        /// Which secret.
        name: &'static str,
        /// Where it stands.
        place: String,
    },
    /// The keychain is there, but does not do it.
    #[error("{name}: the system's keychain {reason}; {}", without_it(name, file))]
    Keychain {
        /// Which secret.
        name: &'static str,
        /// What it says.
        reason: String,
        /// The file that can be used instead.
        file: PathBuf,
    },
    /// There is no keychain; nothing was kept.
    #[error(
        "{name}: this system has no keychain to keep it in ({reason}), so it was not saved; {}",
        without_it(name, file)
    )]
    NoKeychain {
        /// Which secret.
        name: &'static str,
        /// What the system says.
        reason: String,
        /// The file that can be used instead.
        file: PathBuf,
    },
    /// It stands where this program writes nothing.
    #[error("{name}: it stands in {place}, where Quickstocks changes nothing; change it there")]
    Elsewhere {
        /// Which secret.
        name: &'static str,
        /// Where it stands.
        place: String,
    },
    /// A destination's secret can be no such thing.
    #[error(
        "a destination's secret has 1 to {} printable ASCII characters without spaces",
        destinations::OF_DESTINATION_BYTES_MAX
    )]
    UnfitForDestination,
    /// A destination's secret cannot be read, kept or removed.
    #[error("the secret of a destination: {reason}")]
    OfDestination {
        /// Why, and what to do.
        reason: String,
    },
    /// The file is there, but not as it must be.
    #[error("{}: {reason}", file.display())]
    File {
        /// Which file.
        file: PathBuf,
        /// What is wrong, and what to do.
        reason: String,
    },
}

/// A secret and where it was found.
type Found = (Place, SecretString);

/// Finds the user's keys, and keeps new ones.
pub struct Secrets {
    environment: BTreeMap<&'static str, SecretString>,
    keychain: Keychain,
    file: PathBuf,
    /// Where destinations' secrets stand where there is no keychain.
    folder: PathBuf,
    /// What has been found: a keychain is not asked again for every request.
    found: Mutex<HashMap<&'static str, Found>>,
    changes: watch::Sender<u64>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Secrets {
    /// With this process's environment, the system's keychain and the file in the data folder; asks none of them yet.
    pub fn new(data_dir: &Path) -> Self {
        let vars = KNOWN.iter().filter_map(|name| Some((variable(name), std::env::var(variable(name)).ok()?)));
        Self::with(data_dir, vars, Keychain::native())
    }

    /// The same with a given environment and keychain.
    pub fn with(data_dir: &Path, vars: impl IntoIterator<Item = (String, String)>, keychain: Keychain) -> Self {
        let mut environment = BTreeMap::new();
        // A variable that is empty is one that is not set.
        for (variable_name, value) in vars.into_iter().filter(|(_, value)| !value.trim().is_empty()) {
            if let Some(name) = KNOWN.iter().find(|name| variable(name) == variable_name) {
                environment.insert(*name, SecretString::from(value.trim()));
            }
        }
        let (file, found) = (data_dir.join(FILE_NAME), Mutex::default());
        let folder = data_dir.join(destinations::FOLDER);
        Self { environment, keychain, file, folder, found, changes: watch::Sender::new(0) }
    }

    /// A secret; `None` where nobody has set it.
    pub async fn get(&self, name: &str) -> Result<Option<SecretString>, SecretsError> {
        Ok(self.find(name).await?.map(|(_, secret)| secret))
    }

    /// Where a secret is kept; `None` where nobody has set it.
    pub async fn place(&self, name: &str) -> Result<Option<Place>, SecretsError> {
        Ok(self.find(name).await?.map(|(place, _)| place))
    }

    /// Whether a secret is set.
    pub async fn has(&self, name: &str) -> Result<bool, SecretsError> {
        Ok(self.find(name).await?.is_some())
    }

    /// Keeps a secret in the keychain, in place of the one before.
    pub async fn set(&self, name: &str, secret: &SecretString) -> Result<(), SecretsError> {
        let name = known(name)?;
        let secret = fit(name, SecretString::from(secret.expose_secret().trim()), || "what was given".to_owned())?;
        if self.environment.contains_key(name) {
            return Err(self.elsewhere(name, Place::Environment));
        }
        self.keychain.set(name, secret).await.map_err(|trouble| self.not_kept(name, trouble))?;
        self.changed(name);
        Ok(())
    }

    /// Removes a secret from the keychain. Fails where it still stands elsewhere.
    pub async fn remove(&self, name: &str) -> Result<(), SecretsError> {
        let name = known(name)?;
        match self.keychain.remove(name).await {
            Ok(()) | Err(Trouble::Absent(_)) => self.changed(name),
            Err(trouble) => return Err(self.not_kept(name, trouble)),
        }
        match self.place(name).await? {
            None => Ok(()),
            Some(place) => Err(self.elsewhere(name, place)),
        }
    }

    /// Tells whenever a secret was kept or removed.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    async fn find(&self, name: &str) -> Result<Option<Found>, SecretsError> {
        let name = known(name)?;
        if let Some(secret) = self.environment.get(name) {
            let secret = fit(name, secret.clone(), || self.shown(name, Place::Environment))?;
            return Ok(Some((Place::Environment, secret)));
        }
        if let Some(found) = self.remembered().get(name) {
            return Ok(Some(found.clone()));
        }
        let asked_at = *self.changes.borrow();
        let found = self.look_up(name).await?;
        if let Some(found) = &found {
            let mut remembered = self.remembered();
            // Unless it was replaced in the meantime.
            if *self.changes.borrow() == asked_at {
                remembered.insert(name, found.clone());
            }
        }
        Ok(found)
    }

    async fn look_up(&self, name: &'static str) -> Result<Option<Found>, SecretsError> {
        let trouble = match self.keychain.get(name).await {
            Ok(Some(secret)) => {
                let secret = fit(name, secret, || self.shown(name, Place::Keychain))?;
                return Ok(Some((Place::Keychain, secret)));
            }
            Ok(None) => None,
            Err(Trouble::Absent(reason)) => {
                tracing::debug!(%reason, "no keychain");
                None
            }
            Err(trouble) => Some(trouble),
        };
        match (self.in_file(name)?, trouble) {
            (Some(secret), _) => Ok(Some((Place::File, secret))),
            (None, None) => Ok(None),
            (None, Some(trouble)) => Err(self.not_kept(name, trouble)),
        }
    }

    fn in_file(&self, name: &'static str) -> Result<Option<SecretString>, SecretsError> {
        let wrong = |reason| SecretsError::File { file: self.file.clone(), reason };
        let secret = file::read(&self.file, name).map_err(wrong)?;
        secret.map(|secret| fit(name, secret, || self.shown(name, Place::File))).transpose()
    }

    fn changed(&self, name: &str) {
        let mut found = self.remembered();
        found.remove(name);
        self.changes.send_modify(|count| *count += 1);
    }

    fn remembered(&self) -> MutexGuard<'_, HashMap<&'static str, Found>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn not_kept(&self, name: &'static str, trouble: Trouble) -> SecretsError {
        let file = self.file.clone();
        match trouble {
            Trouble::Absent(reason) => SecretsError::NoKeychain { name, reason, file },
            Trouble::Failed(reason) => SecretsError::Keychain { name, reason: format!("refused ({reason})"), file },
            Trouble::Silent(limit) => SecretsError::Keychain {
                name,
                reason: format!("did not answer within {} s: unlock it and try again", limit.as_secs()),
                file,
            },
        }
    }

    fn elsewhere(&self, name: &'static str, place: Place) -> SecretsError {
        SecretsError::Elsewhere { name, place: self.shown(name, place) }
    }

    fn shown(&self, name: &str, place: Place) -> String {
        match place {
            Place::Environment => format!("the environment variable {}", variable(name)),
            Place::Keychain => "the system's keychain".to_owned(),
            Place::File => self.file.display().to_string(),
        }
    }
}

/// What to do where the keychain does not.
fn without_it(name: &str, file: &Path) -> String {
    format!(
        "without it, set the environment variable {}, or write the key into {} with mode 0600",
        variable(name),
        file.display()
    )
}

fn known(name: &str) -> Result<&'static str, SecretsError> {
    let known = KNOWN.iter().find(|known| **known == name).copied();
    known.ok_or_else(|| SecretsError::Unknown { name: name.chars().take(64).collect() })
}

/// A secret that a request can carry.
fn fit(name: &'static str, secret: SecretString, place: impl Fn() -> String) -> Result<SecretString, SecretsError> {
    let text = secret.expose_secret();
    if (1..=SECRET_BYTES_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(secret);
    }
    Err(SecretsError::Unfit { name, place: place() })
}
