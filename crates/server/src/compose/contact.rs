//! `service.toml` in the data folder: where the broker is, and the login of our own services there. Whoever runs the broker
//! writes it, for its owner's eyes only; services with the same folder find it by themselves, and look again whenever they
//! have lost the broker. The login stays the same over restarts, the address may not.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use bus::{ExternalBroker, Whereabouts};
use figment::{
    Figment,
    providers::{Format as _, Toml},
};
use quote_engine::{
    durable::{self, DurableError},
    token,
};
use serde::Deserialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{MqttState, StartError};
use crate::config::BrokerSection;

/// The file's name in the data folder.
pub const SERVICE_FILE: &str = "service.toml";
/// The name of the login. No user can have it.
const USER: &str = "_services";

/// What stands in the file.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Contact {
    /// Where the broker is; empty while it listens nowhere.
    url: String,
    user: String,
    password: String,
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contact").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Contact {
    /// What stands in the folder's file; `None` where there is none that can be read.
    fn read(data_dir: &Path) -> Option<Self> {
        Figment::from(Toml::file_exact(data_dir.join(SERVICE_FILE))).extract().ok()
    }

    /// The login of a broker in this folder: that of the run before, or a new one.
    pub(super) fn of_broker(data_dir: &Path) -> Self {
        let before = Self::read(data_dir).filter(|before| before.user == USER && before.password.len() >= 32);
        let password = before.map_or_else(token::generate, |before| before.password);
        Self { url: String::new(), user: USER.into(), password }
    }

    /// Whether this is the login. Compares fingerprints, so that the time it takes tells nothing.
    pub(super) fn opens(&self, name: &str, password: &str) -> bool {
        name == self.user && token::matches(password, &token::fingerprint(&self.password))
    }

    /// Writes how the listeners are reached now, where that is news.
    pub(super) fn keep_up(&mut self, data_dir: &Path, mqtt: &MqttState) {
        self.url = mqtt.address().map(url_of).unwrap_or_default();
        if Self::read(data_dir).as_ref() != Some(self)
            && let Err(error) = self.write(data_dir)
        {
            tracing::warn!(%error, "services in other processes do not find the broker");
        }
    }

    fn write(&self, data_dir: &Path) -> Result<(), DurableError> {
        let Self { url, user, password } = self;
        let text = format!(
            "# Written by the broker: how our own services find it. Whoever can read this can do everything.\n\
             url = \"{url}\"\nuser = \"{user}\"\npassword = \"{password}\"\n"
        );
        durable::write_secret(&data_dir.join(SERVICE_FILE), &text)
    }
}

/// Keeps the file as the listeners are, until `shutdown`.
pub(super) async fn keep(
    mut contact: Contact,
    data_dir: PathBuf,
    mut mqtt: watch::Receiver<MqttState>,
    shutdown: CancellationToken,
) {
    while let Some(Ok(())) = shutdown.run_until_cancelled(mqtt.changed()).await {
        contact.keep_up(&data_dir, &mqtt.borrow_and_update());
    }
}

/// How the listener is reached from this machine.
fn url_of(mut addr: SocketAddr) -> String {
    if addr.ip().is_unspecified() {
        addr.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    format!("mqtt://{addr}")
}

/// Where the broker is to be found: as configured, else as the folder's file says at the moment. A login that is not
/// configured is the file's.
pub(crate) fn whereabouts(
    settings: &BrokerSection,
    data_dir: &Path,
    client_id: &str,
) -> Result<Whereabouts, StartError> {
    let configured = login(settings)?;
    let (url, client_id, data_dir) = (settings.url.clone(), client_id.to_owned(), data_dir.to_owned());
    if !url.is_empty() {
        ExternalBroker { url: url.clone(), login: None, client_id: client_id.clone() }.fixed()?;
    }
    Ok(Arc::new(move || {
        let contact = Contact::read(&data_dir);
        let found = contact.as_ref().map(|contact| contact.url.clone()).filter(|url| !url.is_empty());
        let url = Some(url.clone()).filter(|url| !url.is_empty()).or(found)?;
        let login = configured.clone().or_else(|| contact.map(|contact| (contact.user, contact.password)));
        Some(ExternalBroker { url, login, client_id: client_id.clone() })
    }))
}

fn login(settings: &BrokerSection) -> Result<Option<(String, String)>, StartError> {
    if settings.user.is_empty() {
        return Ok(None);
    }
    let unreadable = |source| StartError::PasswordFile { path: settings.password_file.clone(), source };
    let password = std::fs::read_to_string(&settings.password_file).map_err(unreadable)?;
    Ok(Some((settings.user.clone(), password.trim_end_matches(['\r', '\n']).to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_find_the_broker_by_its_file_and_again_when_it_has_moved() {
        let folder = tempfile::tempdir().unwrap();
        let find = whereabouts(&BrokerSection::default(), folder.path(), "a").unwrap();
        assert!(find().is_none(), "not there yet");
        let contact = |port: u16| Contact {
            url: url_of(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port)),
            ..Contact::of_broker(folder.path())
        };
        let first = contact(1);
        first.write(folder.path()).unwrap();
        let found = find().unwrap();
        assert_eq!((found.url.as_str(), found.login.as_ref().unwrap().0.as_str()), ("mqtt://127.0.0.1:1", USER));
        assert!(first.opens(USER, &found.login.unwrap().1) && !first.opens(USER, "") && !first.opens("me", ""));
        contact(2).write(folder.path()).unwrap();
        assert_eq!(find().unwrap().url, "mqtt://127.0.0.1:2");
        assert_eq!(contact(2).password, first.password, "the login stays");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let about = std::fs::metadata(folder.path().join(SERVICE_FILE)).unwrap();
            assert_eq!(about.permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn what_is_configured_counts() {
        let folder = tempfile::tempdir().unwrap();
        Contact { url: "mqtt://127.0.0.1:1".into(), ..Contact::of_broker(folder.path()) }.write(folder.path()).unwrap();
        let elsewhere = BrokerSection { url: "mqtt://broker.example".into(), ..BrokerSection::default() };
        let find = whereabouts(&elsewhere, folder.path(), "a").unwrap();
        let found = find().unwrap();
        assert_eq!(found.url, "mqtt://broker.example");
        assert!(found.login.is_some(), "the file's login, for it may be the very same broker");
    }
}
