//! The configuration: one TOML file, the same keys as environment variables, and a few flags on top.
//!
//! Everything is checked before anything starts, and each complaint is one line: where, which key, what is wrong, what
//! is allowed. Secrets never stand here.

mod destinations;
mod env;
mod error;
mod file;
mod keys;
mod prefer;
mod rules;
mod service;
mod sources;
mod values;

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use market::Symbol;
use quote_engine::provider::{
    binance::BinanceConfig, coinbase::CoinbaseConfig, ecb::EcbConfig, finnhub::FinnhubConfig, replay::ReplayConfig,
    simulated::SimulatedConfig, yahoo::YahooConfig,
};
use serde::Deserialize;

pub use destinations::{DestinationsSection, MailSection, SmsSection};
pub use error::ConfigError;
pub use file::{ChangeError, KeyChange};
pub use prefer::Prefer;
pub use service::Service;
pub use sources::Sources;
pub use values::{Address, FeedChoice, LiveProvider, PollInterval, TopicRoot};

/// The application's name in the platform's data folder.
pub const APP_ID: &str = "app.quickstocks.desktop";
/// The file in the data folder that is read where no other is named.
pub const FILE_NAME: &str = "config.toml";

/// Everything that can be set.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where users, tokens and last quotes are kept.
    pub data_dir: PathBuf,
    /// What is fetched, from whom, how often.
    pub feed: FeedSection,
    /// What each provider needs to know.
    pub provider: ProviderSection,
    /// MQTT.
    pub broker: BrokerSection,
    /// REST, stream and web page.
    pub api: ApiSection,
    /// The way out.
    pub network: NetworkSection,
    /// The mail server that alerts are sent by.
    pub mail: MailSection,
    /// The gateway that short messages are sent by.
    pub sms: SmsSection,
    /// Where users' alerts may go.
    pub destinations: DestinationsSection,
}

/// What is fetched, from whom, how often.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FeedSection {
    /// Who is asked.
    pub provider: FeedChoice,
    /// Who is asked first for some kinds and markets, where that is another order.
    pub prefer: Prefer,
    /// How often a symbol is asked for while its market is open.
    pub poll_interval: PollInterval,
    /// Always followed, beside what users and subscribers ask for.
    pub symbols: BTreeSet<Symbol>,
}

/// What each provider needs to know.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProviderSection {
    /// Yahoo Finance.
    pub yahoo: YahooConfig,
    /// Binance: crypto assets, in dollar tokens.
    pub binance: BinanceConfig,
    /// Coinbase: crypto assets, in real money.
    pub coinbase: CoinbaseConfig,
    /// Finnhub, for those who have a key.
    pub finnhub: FinnhubConfig,
    /// The reference rates of the European Central Bank.
    pub ecb: EcbConfig,
    /// The market that is made up.
    pub simulated: SimulatedConfig,
    /// A file that is played.
    pub replay: ReplayConfig,
}

/// MQTT: the broker inside, or one elsewhere.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BrokerSection {
    /// Where MQTT clients connect; empty for no listener, port 0 for any free port.
    pub listen: Address,
    /// The same over TLS.
    pub tls_listen: Address,
    /// The same over WebSocket.
    pub websocket_listen: Address,
    /// The same over WebSocket and TLS.
    pub wss_listen: Address,
    /// The certificate chain for both, in PEM; empty for one of our own making.
    pub tls_cert: PathBuf,
    /// Its private key.
    pub tls_key: PathBuf,
    /// Web pages that may connect over WebSocket, beside our own.
    pub allowed_origins: BTreeSet<String>,
    /// Who may read quotes without a login.
    pub anonymous: Anonymous,
    /// A broker elsewhere to use instead; empty for the one inside.
    pub url: String,
    /// The login there.
    pub user: String,
    /// The file that holds its password.
    pub password_file: PathBuf,
    /// Writes `.` in topics as `%2E`.
    pub escape_dots: bool,
    /// What stands before every topic.
    pub topic_root: TopicRoot,
    /// Who may publish and subscribe outside the root.
    pub other_topics: OtherTopics,
    /// Allows the listeners without TLS to be reached from other machines.
    pub allow_plaintext: bool,
    /// Announces what is followed to Home Assistant.
    pub home_assistant: bool,
}

impl Default for BrokerSection {
    fn default() -> Self {
        Self {
            listen: Address::loopback(Service::Mqtt.port()),
            tls_listen: Address::none(),
            websocket_listen: Address::none(),
            wss_listen: Address::none(),
            tls_cert: PathBuf::new(),
            tls_key: PathBuf::new(),
            allowed_origins: BTreeSet::new(),
            anonymous: Anonymous::Loopback,
            url: String::new(),
            user: String::new(),
            password_file: PathBuf::new(),
            escape_dots: false,
            topic_root: TopicRoot::default(),
            other_topics: OtherTopics::None,
            allow_plaintext: false,
            home_assistant: false,
        }
    }
}

impl BrokerSection {
    /// Where this kind of client connects.
    pub fn address(&self, service: Service) -> Option<SocketAddr> {
        match service {
            Service::Mqtt => self.listen.socket(),
            Service::Mqtts => self.tls_listen.socket(),
            Service::Ws => self.websocket_listen.socket(),
            Service::Wss => self.wss_listen.socket(),
        }
    }
}

/// Who may read quotes without a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Anonymous {
    /// Clients on this machine.
    Loopback,
    /// Nobody.
    Never,
}

/// Who may publish and subscribe outside the topic root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OtherTopics {
    /// Nobody.
    None,
    /// Whoever has logged in.
    Users,
    /// Anybody who is let in at all.
    Everyone,
}

/// REST, stream and web page.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApiSection {
    /// Where it listens: unset for the program's own default, empty for not at all, port 0 for any free port.
    pub listen: Option<Address>,
    /// Host names it answers to, beside those of this machine's loopback.
    pub hosts: BTreeSet<String>,
    /// The file with the certificate chain, in PEM; empty for plain HTTP.
    pub tls_cert: PathBuf,
    /// The file with its private key.
    pub tls_key: PathBuf,
    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: BTreeSet<IpAddr>,
    /// Whether the prototype's three paths (`/qs/…`) are there too: without a login, for the user `me`, on loopback only.
    pub legacy: bool,
}

impl ApiSection {
    /// Where the daemon listens: 127.0.0.1:8080 unless something else is set.
    pub fn daemon_address(&self) -> Option<SocketAddr> {
        self.listen.clone().unwrap_or(Address::loopback(8080)).socket()
    }

    /// Where the desktop listens: nowhere unless something is set.
    pub fn desktop_address(&self) -> Option<SocketAddr> {
        self.listen.as_ref().and_then(Address::socket)
    }
}

/// The way out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkSection {
    /// `http(s)://` or `socks5://`; empty for the system's.
    pub proxy: String,
    /// Certificates in PEM that are trusted beside the system's; empty for none.
    pub ca_file: PathBuf,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: default_data_dir(),
            feed: FeedSection::default(),
            provider: ProviderSection::default(),
            broker: BrokerSection::default(),
            api: ApiSection::default(),
            network: NetworkSection::default(),
            mail: MailSection::default(),
            sms: SmsSection::default(),
            destinations: DestinationsSection::default(),
        }
    }
}

/// What flags say: stronger than environment and file.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `--data-dir`.
    pub data_dir: Option<PathBuf>,
    /// `--feed`.
    pub feed: Option<String>,
    /// `--broker`.
    pub broker: Option<String>,
    /// `--broker-user`.
    pub broker_user: Option<String>,
    /// `--broker-password-file`.
    pub broker_password_file: Option<PathBuf>,
}

impl Config {
    /// Reads file, environment and flags; complains about the first thing that is wrong. Where no file is named, the
    /// data folder's own is read, if there is one.
    pub fn load(file: Option<&Path>, overrides: &Overrides) -> Result<Self, ConfigError> {
        Self::load_with(file, std::env::vars(), overrides)
    }

    /// The same with a given environment.
    pub fn load_with(
        file: Option<&Path>,
        vars: impl IntoIterator<Item = (String, String)>,
        overrides: &Overrides,
    ) -> Result<Self, ConfigError> {
        Sources::new(file, vars, overrides)?.load()
    }

    /// Every key with its value, as TOML.
    pub fn show(&self) -> String {
        let line = |(key, value): (&str, serde_json::Value)| format!("{key} = {}\n", keys::toml(&value));
        keys::entries(self).into_iter().map(line).collect()
    }
}

fn default_data_dir() -> PathBuf {
    directories::BaseDirs::new()
        .map_or_else(|| PathBuf::from("quickstocks-data"), |dirs| dirs.data_dir().to_owned())
        .join(APP_ID)
}

/// Whether an address can only be reached from this machine.
pub(crate) fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

#[cfg(test)]
mod tests;
