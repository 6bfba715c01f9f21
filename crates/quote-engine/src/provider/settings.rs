//! What the settings of every provider have in common: addresses, budgets, the way out. Every address is a setting, so
//! that tests exercise the real loading code.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use reqwest::{Certificate, Url};

/// The longest address that can be set, in bytes.
pub const URL_BYTES_MAX: usize = 256;
/// The most requests a second that can be set.
const PER_SECOND_MAX: f64 = 10_000.0;
/// The fewest: one in a quarter of an hour.
const PER_SECOND_MIN: f64 = 1.0 / 900.0;

/// The way out, the same for every provider.
#[derive(Debug, Clone, Default)]
pub struct Network {
    /// A proxy's address; the system's settings count where it is absent.
    pub proxy: Option<String>,
    /// Certificates trusted beside the system's.
    pub trusted: Vec<Certificate>,
    /// Where providers keep what they need between runs; nowhere when absent.
    pub data_dir: Option<PathBuf>,
    /// Whether they may change it there.
    pub keep: Keep,
    /// How many programs ask the vendors from this address.
    pub share: Share,
}

/// How many programs share each vendor's budget: those of one machine, which the vendors see as one. Cheap to clone; all
/// clones say the same.
#[derive(Debug, Clone, Default)]
pub struct Share(Arc<AtomicU32>);

impl Share {
    /// From now on so many.
    pub fn set(&self, among: u32) {
        self.0.store(among, Ordering::Relaxed);
    }

    /// At least one.
    pub fn among(&self) -> u32 {
        self.0.load(Ordering::Relaxed).max(1)
    }
}

/// What may be done with what is kept between runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// Read and written.
    #[default]
    ReadWrite,
    /// Only read: for a program that runs beside the one whose folder it is.
    ReadOnly,
}

impl Network {
    /// Trusts the certificates in a PEM file as well.
    pub fn trusting(mut self, ca_file: &Path) -> Result<Self, ProviderConfigError> {
        let unreadable = |why: String| ProviderConfigError::Certificates { path: ca_file.to_owned(), why };
        let pem = std::fs::read(ca_file).map_err(|error| unreadable(error.to_string()))?;
        self.trusted = Certificate::from_pem_bundle(&pem).map_err(|_| unreadable("it is no PEM".to_owned()))?;
        if self.trusted.is_empty() {
            return Err(unreadable("it holds no certificate".to_owned()));
        }
        Ok(self)
    }
}

/// What is wrong with a provider's settings: the key, the fault, and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderConfigError {
    /// An address that is none.
    #[error("{key}: {value:?} is no address; allowed: {schemes} and a host, at most {URL_BYTES_MAX} bytes")]
    Address {
        /// The setting.
        key: &'static str,
        /// What stands there, without anything that could be a password.
        value: String,
        /// How it may begin.
        schemes: &'static str,
    },
    /// No address at all.
    #[error("{key}: empty; allowed: one or more http:// or https:// addresses")]
    NoAddress {
        /// The setting.
        key: &'static str,
    },
    /// A budget that is none.
    #[error("requests_per_second: {value}; allowed: from {PER_SECOND_MIN:.4} to {PER_SECOND_MAX}")]
    Budget {
        /// What stands there.
        value: String,
    },
    /// A name that no request can carry.
    #[error("user_agent: it holds characters that no request can carry; allowed: printable ASCII, not empty")]
    UserAgent,
    /// A proxy that is none.
    #[error("proxy: not a proxy's address; allowed: http://, https:// or socks5:// and a host")]
    Proxy,
    /// Certificates that cannot be had.
    #[error("ca_file: {path}: {why}; allowed: a file of certificates in PEM", path = path.display())]
    Certificates {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A number that is out of bounds.
    #[error("{key}: {value}; allowed: {allowed}")]
    Value {
        /// The setting.
        key: &'static str,
        /// What stands there.
        value: String,
        /// What may.
        allowed: &'static str,
    },
    /// The HTTP client could not be made.
    #[error("the HTTP client cannot be set up ({0})")]
    Client(String),
}

/// An address that HTTP requests go to.
pub fn check_address(key: &'static str, address: &str) -> Result<(), ProviderConfigError> {
    let plain = |url: &Url| url.query().is_none() && url.fragment().is_none();
    check(key, address, &["http", "https"], "http:// or https://", plain)
}

/// An address that a stream is opened at; empty for no stream.
pub fn check_stream_address(key: &'static str, address: &str) -> Result<(), ProviderConfigError> {
    if address.is_empty() {
        return Ok(());
    }
    check(key, address, &["ws", "wss"], "ws:// or wss://", |url| url.fragment().is_none())
}

fn check(
    key: &'static str,
    address: &str,
    allowed: &[&str],
    schemes: &'static str,
    fits: impl Fn(&Url) -> bool,
) -> Result<(), ProviderConfigError> {
    let ok = |url: Url| allowed.contains(&url.scheme()) && url.has_host() && fits(&url);
    if address.len() <= URL_BYTES_MAX && Url::parse(address).is_ok_and(ok) {
        return Ok(());
    }
    let shown = address.rsplit('@').next().unwrap_or_default().chars().take(80).collect();
    Err(ProviderConfigError::Address { key, value: shown, schemes })
}

/// A budget of requests.
pub fn check_budget(per_second: f64) -> Result<(), ProviderConfigError> {
    if (PER_SECOND_MIN..=PER_SECOND_MAX).contains(&per_second) {
        return Ok(());
    }
    Err(ProviderConfigError::Budget { value: per_second.to_string() })
}

/// Where a provider with REST and a stream is reached, and how often.
pub fn check_endpoints(rest_url: &str, stream_url: &str, per_second: f64) -> Result<(), ProviderConfigError> {
    check_address("rest_url", rest_url)?;
    check_stream_address("stream_url", stream_url)?;
    check_budget(per_second)
}

/// How a program names itself.
pub fn check_user_agent(user_agent: &str) -> Result<(), ProviderConfigError> {
    let printable = user_agent.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    if user_agent.trim().is_empty() || user_agent.len() > URL_BYTES_MAX || !printable {
        return Err(ProviderConfigError::UserAgent);
    }
    Ok(())
}

/// Whether an address is this computer: nothing of that goes through a proxy.
pub fn is_loopback(address: &str) -> bool {
    let host = Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_nonsense() {
        assert_eq!(check_address("rest_url", "https://api.example/v3"), Ok(()));
        assert_eq!(check_stream_address("stream_url", "wss://stream.example/?version=2"), Ok(()));
        assert_eq!(check_stream_address("stream_url", ""), Ok(()));
        for bad in ["", "nonsense", "ftp://x", "https://", "https://x/?a=b"] {
            let error = check_address("rest_url", bad).unwrap_err().to_string();
            assert!(error.starts_with("rest_url: "), "{error}");
        }
        let error = check_stream_address("stream_url", "https://user:secret@x").unwrap_err().to_string();
        assert!(error.contains("wss://") && !error.contains("secret"), "{error}");
    }

    #[test]
    fn certificates_are_pem_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        for content in ["", "no certificate", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
            std::fs::write(&path, content).unwrap();
            let error = Network::default().trusting(&path).unwrap_err().to_string();
            assert!(error.starts_with("ca_file: ") && error.contains("PEM"), "{error}");
        }
        assert!(Network::default().trusting(&folder.path().join("missing")).is_err());
    }

    #[test]
    fn only_loopback_goes_past_the_proxy() {
        for local in ["http://127.0.0.1:1", "http://[::1]:2", "ws://localhost:3/"] {
            assert!(is_loopback(local), "{local}");
        }
        assert!(!is_loopback("https://localhost.example/"));
    }

    #[test]
    fn budgets_are_numbers_within_reason() {
        assert_eq!(check_budget(2.0), Ok(()));
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(check_budget(bad).is_err(), "{bad}");
        }
    }
}
