//! What destinations of alerts keep secret: in the system's keychain, or, where there is none, each in a file of its own
//! with mode 0600. It is written by whoever sets it, read when something is delivered, and shown to nobody.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use market::UserName;
use secrecy::{ExposeSecret as _, SecretString};

use super::{Secrets, SecretsError, keychain::Trouble};
use crate::durable;

/// Bytes of a destination's secret at the most: a browser's subscription is the longest.
pub(super) const OF_DESTINATION_BYTES_MAX: usize = 2_048;
/// The folder below the data folder.
pub(super) const FOLDER: &str = "destination-secrets";

impl Secrets {
    /// A destination's secret; `None` where none is set.
    pub async fn of_destination(&self, user: &UserName, id: &str) -> Result<Option<SecretString>, SecretsError> {
        let path = self.path_of(user, id)?;
        // First the file: it is there where there was no keychain, and a keychain may take its time.
        if let Some(secret) = on_disk(move || read(&path)).await?.map_err(|error| trouble(&error))? {
            return Ok(Some(secret));
        }
        match self.keychain.get(&entry(user, id)).await {
            Ok(secret) => Ok(secret),
            Err(Trouble::Absent(_)) => Ok(None),
            Err(other) => Err(silent(other)),
        }
    }

    /// Keeps a destination's secret, in place of the one before. When this returns, it has survived.
    pub async fn set_of_destination(
        &self,
        user: &UserName,
        id: &str,
        secret: &SecretString,
    ) -> Result<(), SecretsError> {
        let secret = secret.clone();
        let text = secret.expose_secret();
        if !(1..=OF_DESTINATION_BYTES_MAX).contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(SecretsError::UnfitForDestination);
        }
        let path = self.path_of(user, id)?;
        match self.keychain.set(&entry(user, id), secret.clone()).await {
            Ok(()) => on_disk(move || durable::remove_if_there(&path)).await?.map_err(|error| trouble(&error)),
            Err(Trouble::Absent(_)) => {
                let write = move || durable::write_secret(&path, secret.expose_secret());
                on_disk(write).await?.map_err(|error| trouble(&error))
            }
            Err(other) => Err(silent(other)),
        }
    }

    /// Keeps what a browser said of itself, in a file: nobody typed it, and nobody is to be asked for it by a keychain.
    pub async fn set_of_browser(&self, user: &UserName, id: &str, secret: &SecretString) -> Result<(), SecretsError> {
        let (path, text) = (self.path_of(user, id)?, secret.clone());
        let write = move || durable::write_secret(&path, text.expose_secret());
        on_disk(write).await?.map_err(|error| trouble(&error))
    }

    /// Removes a destination's secret; that there is none is no error.
    pub async fn remove_of_destination(&self, user: &UserName, id: &str) -> Result<(), SecretsError> {
        let path = self.path_of(user, id)?;
        let remove = move || path.exists().then(|| durable::remove_if_there(&path)).transpose();
        if on_disk(remove).await?.map_err(|error| trouble(&error))?.is_some() {
            // It stands in one place.
            return Ok(());
        }
        match self.keychain.remove(&entry(user, id)).await {
            Ok(()) | Err(Trouble::Absent(_)) => Ok(()),
            Err(other) => Err(silent(other)),
        }
    }

    /// A name of both that is a path to nowhere else.
    fn path_of(&self, user: &UserName, id: &str) -> Result<PathBuf, SecretsError> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if id.is_empty() || id.len() > market::destination::DESTINATION_ID_MAX || !id.bytes().all(is_plain) {
            return Err(SecretsError::OfDestination { reason: "there is no such destination".to_owned() });
        }
        Ok(self.folder.join(format!("{user}.{id}")))
    }
}

/// Under which name it stands in the keychain.
fn entry(user: &UserName, id: &str) -> String {
    format!("destination.{user}.{id}")
}

fn read(path: &Path) -> io::Result<Option<SecretString>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut text = String::new();
    file.take(OF_DESTINATION_BYTES_MAX as u64).read_to_string(&mut text)?;
    Ok(Some(SecretString::from(text)))
}

async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, SecretsError> {
    let broke_off = |_| SecretsError::OfDestination { reason: "the question broke off; try again".to_owned() };
    tokio::task::spawn_blocking(work).await.map_err(broke_off)
}

fn trouble(error: &impl ToString) -> SecretsError {
    SecretsError::OfDestination { reason: error.to_string() }
}

fn silent(trouble: Trouble) -> SecretsError {
    let reason = match trouble {
        Trouble::Absent(reason) | Trouble::Failed(reason) => format!("the system's keychain refused ({reason})"),
        Trouble::Silent(limit) => {
            format!("the system's keychain did not answer within {} s: unlock it and try again", limit.as_secs())
        }
    };
    SecretsError::OfDestination { reason }
}
