//! The certificate of listeners with TLS: the files that the owner names, or, for MQTT, a pair of our own in the data
//! folder, made once. Followed while the program runs: other files are taken up, and what cannot be used leaves the one before.
//! Must never write over a key.

use std::{
    fs::File,
    io::Read as _,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::{Path, PathBuf},
    time::Duration,
};

use broker::Tls;
use jiff::{Timestamp, tz::Offset};
use quote_engine::durable;
use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, SanType};
use sha2::{Digest as _, Sha256};

use crate::config::{ApiSection, BrokerSection};

/// Our own certificate in the data folder: what clients are given to trust.
pub const CERTIFICATE_FILE: &str = "mqtt-cert.pem";
/// Its key, mode 0600.
pub const KEY_FILE: &str = "mqtt-key.pem";
/// How often the files are looked at.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(3);
/// The largest file read.
const FILE_BYTES_MAX: u64 = 256 * 1024;
/// A pair of our own is trusted by name, not by its age; and nobody is there to renew it.
const YEARS: i32 = 10;

/// Where a certificate and its key stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Files {
    pub(super) certificate: PathBuf,
    key: PathBuf,
    /// Whether they are ours to make.
    own: bool,
    /// The table of the configuration that names them.
    section: &'static str,
}

impl Files {
    /// Those of the listeners for MQTT.
    pub(super) fn of_broker(broker: &BrokerSection, data_dir: &Path) -> Self {
        let (own, section) = (broker.tls_cert.as_os_str().is_empty(), "broker");
        if own {
            Self { certificate: data_dir.join(CERTIFICATE_FILE), key: data_dir.join(KEY_FILE), own, section }
        } else {
            Self { certificate: broker.tls_cert.clone(), key: broker.tls_key.clone(), own, section }
        }
    }

    /// Those of the web page and REST, where there are some.
    pub(crate) fn of_api(api: &ApiSection) -> Option<Self> {
        let (certificate, key) = (api.tls_cert.clone(), api.tls_key.clone());
        let is_set = !certificate.as_os_str().is_empty();
        is_set.then_some(Self { certificate, key, own: false, section: "api" })
    }

    /// Makes the pair where it is ours and neither half is there.
    fn ensure(&self) -> Result<(), String> {
        if !self.own || self.certificate.exists() || self.key.exists() {
            return Ok(());
        }
        let (certificate, key) = self_signed().map_err(|error| format!("no certificate could be made: {error}"))?;
        durable::write_secret(&self.key, &key).map_err(|error| error.to_string())?;
        durable::write_secret(&self.certificate, &certificate).map_err(|error| error.to_string())
    }

    fn read(&self) -> Result<Texts, String> {
        self.ensure()?;
        let read = |key, path| read(&format!("{}.{key}", self.section), path);
        Ok(Texts { chain: read("tls_cert", &self.certificate)?, key: read("tls_key", &self.key)? })
    }
}

/// What stands in the two files.
struct Texts {
    chain: Vec<u8>,
    key: Vec<u8>,
}

impl Texts {
    fn digest(&self) -> [u8; 32] {
        Sha256::new().chain_update(&self.chain).chain_update([0]).chain_update(&self.key).finalize().into()
    }
}

/// The certificate that is shown, and what was last found in its files.
#[derive(Debug)]
pub(crate) struct Certificate {
    pub(super) files: Files,
    pub(crate) tls: Option<Tls>,
    /// Why the files as they are now are not what is shown.
    pub(crate) problem: Option<String>,
    seen: Option<[u8; 32]>,
}

impl Certificate {
    pub(crate) fn new(files: Files) -> Self {
        Self { files, tls: None, problem: None, seen: None }
    }

    /// Takes up what stands in the files, if that is new.
    pub(crate) async fn looked(mut self) -> Self {
        let files = self.files.clone();
        let looking = tokio::task::spawn_blocking(move || {
            self.look();
            self
        });
        looking.await.unwrap_or_else(|error| {
            tracing::error!(%error, "the certificate could not be looked at");
            Self::new(files)
        })
    }

    fn look(&mut self) {
        let texts = match self.files.read() {
            Ok(texts) => texts,
            Err(problem) => return self.stay(problem),
        };
        let digest = texts.digest();
        if self.seen == Some(digest) {
            return;
        }
        self.seen = Some(digest);
        let taken = match &self.tls {
            Some(tls) => tls.replace(&texts.chain, &texts.key),
            None => Tls::new(&texts.chain, &texts.key).map(|tls| self.tls = Some(tls)),
        };
        match (taken, &self.tls) {
            (Ok(()), Some(tls)) => {
                self.problem = None;
                tracing::info!(file = %self.files.certificate.display(), sha256 = tls.fingerprint(), "certificate");
            }
            (Ok(()), None) => {}
            (Err(error), _) => self.stay(format!("{}: {error}", self.files.certificate.display())),
        }
    }

    /// Keeps what is shown, and says so once.
    fn stay(&mut self, problem: String) {
        if self.problem.as_ref() != Some(&problem) {
            let kept = if self.tls.is_some() { "; the certificate before is still shown" } else { "" };
            tracing::warn!("{}.tls_cert: {problem}{kept}", self.files.section);
        }
        self.problem = Some(problem);
    }
}

fn read(key: &str, path: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |error: std::io::Error| format!("{key}: {}: {error}", path.display());
    // Before it is opened: opening a pipe would wait for its other end.
    if !path.metadata().map_err(unreadable)?.is_file() {
        return Err(format!("{key}: {} is no file", path.display()));
    }
    let mut text = Vec::new();
    File::open(path).map_err(unreadable)?.take(FILE_BYTES_MAX).read_to_end(&mut text).map_err(unreadable)?;
    Ok(text)
}

/// A certificate for every name this machine is known by, signed by itself; and its key.
fn self_signed() -> Result<(String, String), rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Quickstocks MQTT");
    params.subject_alt_names = names();
    let year = i32::from(Offset::UTC.to_datetime(Timestamp::now()).year());
    params.not_before = rcgen::date_time_ymd(year, 1, 1);
    params.not_after = rcgen::date_time_ymd(year + YEARS, 1, 1);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate()?;
    Ok((params.self_signed(&key)?.pem(), key.serialize_pem()))
}

fn names() -> Vec<SanType> {
    let host = gethostname::gethostname().to_string_lossy().to_ascii_lowercase();
    let local = format!("{host}.local");
    let dns = ["localhost", &host, &local].map(|name| name.to_owned().try_into().ok().map(SanType::DnsName));
    let network = crate::settings::network_address();
    let ips = [Some(Ipv4Addr::LOCALHOST.into()), Some(Ipv6Addr::LOCALHOST.into()), network];
    let ips = ips.into_iter().flatten().map(|ip: IpAddr| SanType::IpAddress(ip));
    dns.into_iter().flatten().chain(ips).collect()
}
