//! What a window can set: few of the configuration's keys, in words of people. The configuration file is their one home.
//!
//! Where MQTT clients connect counts at once; other changes are for the next start, and whoever made them is told when one
//! is needed. Not every key stands here, and none that a person would not look for in a window.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    path::Path,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use quote_engine::durable::DurableError;
use serde::{Deserialize, Serialize};
use toml_edit::{Array, Value};

use crate::config::{
    BrokerSection, ChangeError, Config, ConfigError, FeedChoice, KeyChange, LiveProvider, PollInterval, Service,
    Sources, is_loopback,
};

/// Where the web page is unless somebody said otherwise.
const WEB_PAGE: &str = "127.0.0.1:8080";

/// What is set, what cannot be, and whether a start has to follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Settings {
    /// The file these stand in.
    pub file: String,
    /// The folder that holds everything the program keeps.
    pub data_dir: String,
    /// Where other machines find this one, where it is on a network.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    pub network_address: Option<IpAddr>,
    /// What the next start will take.
    pub values: Values,
    /// What a flag or a variable of the environment sets in place of the file.
    pub overridden: Overridden,
    /// Who is asked for quotes where nothing is chosen, in this order.
    pub automatic: Vec<LiveProvider>,
    /// What is wrong with the file; nothing can be set until it is mended or reset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Whether what is set differs from what runs.
    pub restart_needed: bool,
}

/// What is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Values {
    /// How the providers were chosen.
    pub feed: FeedKind,
    /// Who is asked for quotes, in this order.
    pub providers: Vec<LiveProvider>,
    /// How often a symbol is asked for while its market is open, in milliseconds.
    pub poll_interval_ms: u32,
    /// The way out; empty for the system's.
    pub proxy: String,
    /// The file of certificates that are trusted beside the system's; empty for none.
    pub ca_file: String,
    /// MQTT.
    pub broker: BrokerValues,
    /// Whether what is followed is announced to Home Assistant.
    pub home_assistant: bool,
    /// Where the web page is; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub web_page: Option<String>,
}

/// How the providers were chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "lowercase")]
pub enum FeedKind {
    /// They were not.
    Automatic,
    /// By the user.
    Chosen,
    /// Prices are made up.
    Simulated,
    /// A recording is played.
    Replay,
}

/// Who may connect over MQTT, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct BrokerValues {
    /// Who may.
    pub who: WhoMayConnect,
    /// At which port, over TCP.
    pub port: u16,
    /// How they may connect.
    pub services: Vec<Service>,
    /// The broker elsewhere that is used instead, where one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<String>,
}

/// Who may connect over MQTT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum WhoMayConnect {
    /// Nobody: it does not listen.
    Nobody,
    /// Programs on this computer.
    ThisComputer,
    /// Whoever reaches this computer and has a login.
    MyNetwork,
}

/// What sets each of them in place of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default)]
pub struct Overridden {
    /// The providers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub providers: Option<String>,
    /// The interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poll_interval: Option<String>,
    /// The proxy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// The certificates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
    /// Who may connect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broker: Option<String>,
    /// What is announced to Home Assistant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home_assistant: Option<String>,
    /// The web page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub web_page: Option<String>,
}

/// One thing to set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "set", rename_all = "snake_case")]
pub enum Change {
    /// Who is asked for quotes; nobody named: whoever is best.
    Providers {
        /// In order of preference.
        order: Vec<LiveProvider>,
    },
    /// How often a symbol is asked for.
    PollInterval {
        /// In milliseconds.
        ms: u32,
    },
    /// The way out.
    Proxy {
        /// Empty for the system's.
        url: String,
    },
    /// Certificates to trust.
    CaFile {
        /// The file, in full; empty for none.
        path: String,
    },
    /// Who may connect over MQTT.
    Broker {
        /// Who may.
        who: WhoMayConnect,
        /// At which port, over TCP.
        port: u16,
    },
    /// Whether clients connect in one of the ways, to whomever the others are open.
    Listener {
        /// Which.
        service: Service,
        /// Whether they do.
        on: bool,
    },
    /// Whether what is followed is announced to Home Assistant.
    HomeAssistant {
        /// Whether it is.
        on: bool,
    },
    /// Whether there is a web page, for this computer.
    WebPage {
        /// Whether there is.
        on: bool,
    },
}

/// The settings of a program that runs.
#[derive(Debug)]
pub struct SettingsFile {
    sources: Sources,
    running: Values,
    data_dir: String,
    /// One change after another: each reads what the one before has written.
    changing: Mutex<()>,
}

impl SettingsFile {
    /// Over the sources that the running configuration was made of.
    pub fn new(sources: Sources, running: &Config) -> Self {
        let data_dir = running.data_dir.display().to_string();
        Self { sources, running: values(running), data_dir, changing: Mutex::default() }
    }

    /// As they are now: the user may have edited the file, too.
    pub fn read(&self) -> Settings {
        self.told(self.sources.load())
    }

    /// Sets all of these or none. When this returns, they survive.
    pub fn change(&self, changes: &[Change]) -> Result<Settings, ChangeError> {
        let _one_at_a_time = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.sources.load()?;
        let keys = changes.iter().map(|change| self.keys(change, &before)).collect::<Result<Vec<_>, _>>()?;
        Ok(self.told(Ok(self.sources.change(&keys.concat())?)))
    }

    /// What the file, the environment and the flags say now.
    pub fn config(&self) -> Result<Config, ConfigError> {
        self.sources.load()
    }

    /// Lets the defaults count again. What stood in the file is kept beside it.
    pub fn reset(&self) -> Result<Settings, DurableError> {
        let _one_at_a_time = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(aside) = self.sources.set_aside()? {
            tracing::info!(kept = %aside.display(), "the settings were reset");
        }
        Ok(self.read())
    }

    fn told(&self, loaded: Result<Config, ConfigError>) -> Settings {
        let (values, problem) = match loaded {
            Ok(config) => (values(&config), None),
            Err(wrong) => (self.running.clone(), Some(wrong.to_string())),
        };
        Settings {
            file: self.sources.file().display().to_string(),
            data_dir: self.data_dir.clone(),
            network_address: network_address(),
            restart_needed: for_the_next_start(&values) != for_the_next_start(&self.running),
            values,
            overridden: self.overridden(),
            automatic: LiveProvider::AUTO.into(),
            problem,
        }
    }

    fn overridden(&self) -> Overridden {
        let by = |keys: &[&str]| keys.iter().find_map(|key| self.sources.overridden_by(key));
        Overridden {
            providers: by(&["feed.provider"]),
            poll_interval: by(&["feed.poll_interval"]),
            proxy: by(&["network.proxy"]),
            ca_file: by(&["network.ca_file"]),
            broker: by(&Service::ALL.map(Service::setting)).or_else(|| by(&["broker.allow_plaintext"])),
            home_assistant: by(&["broker.home_assistant"]),
            web_page: by(&["api.listen"]),
        }
    }

    /// The keys that a change is, in the file as it is.
    fn keys(&self, change: &Change, config: &Config) -> Result<Vec<KeyChange>, ConfigError> {
        let wrong = |key, problem| Err(self.sources.wrong(key, problem));
        Ok(match change {
            Change::Providers { order } if order.contains(&LiveProvider::Replay) => {
                return wrong("feed.provider", "a recording is played by the file or --feed alone");
            }
            Change::Providers { order } => vec![("feed.provider", names(order))],
            Change::PollInterval { ms } => {
                let interval = Duration::from_millis((*ms).into());
                vec![("feed.poll_interval", Some(PollInterval::text(interval).into()))]
            }
            Change::Proxy { url } => vec![("network.proxy", unless_empty(url.trim()))],
            Change::CaFile { path } if !path.is_empty() && Path::new(path).is_relative() => {
                return wrong("network.ca_file", "is no whole path; allowed: one from the root, or \"\"");
            }
            Change::CaFile { path } => vec![("network.ca_file", unless_empty(path))],
            Change::Broker { who, port } => broker_keys(config, *who, *port),
            Change::Listener { service, on } => listener_keys(config, *service, *on),
            // Off is what it is unless somebody said otherwise.
            Change::HomeAssistant { on } => vec![("broker.home_assistant", on.then(|| true.into()))],
            Change::WebPage { on } => {
                let at = config.api.desktop_address().map_or_else(|| WEB_PAGE.into(), |addr| addr.to_string());
                vec![("api.listen", Some(if *on { at } else { String::new() }.into()))]
            }
        })
    }
}

/// A configuration in the words of the window.
fn values(config: &Config) -> Values {
    let (feed, providers) = match &config.feed.provider {
        FeedChoice::Auto => (FeedKind::Automatic, LiveProvider::AUTO.into()),
        FeedChoice::Simulated => (FeedKind::Simulated, Vec::new()),
        FeedChoice::Live(_) if config.feed.provider.is_replay() => (FeedKind::Replay, Vec::new()),
        FeedChoice::Live(chosen) => (FeedKind::Chosen, chosen.clone()),
    };
    let broker = &config.broker;
    Values {
        feed,
        providers,
        poll_interval_ms: u32::try_from(config.feed.poll_interval.duration().as_millis()).unwrap_or(u32::MAX),
        proxy: config.network.proxy.clone(),
        ca_file: config.network.ca_file.display().to_string(),
        broker: BrokerValues {
            who: who(broker),
            port: broker.listen.socket().map_or(Service::Mqtt.port(), |addr| addr.port()),
            services: Service::ALL.into_iter().filter(|service| broker.address(*service).is_some()).collect(),
            elsewhere: Some(broker.url.clone()).filter(|url| !url.is_empty()),
        },
        home_assistant: broker.home_assistant,
        web_page: config.api.desktop_address().map(|addr| addr.to_string()),
    }
}

/// What does not count at once.
fn for_the_next_start(values: &Values) -> Values {
    let BrokerValues { elsewhere, .. } = values.broker.clone();
    let broker = BrokerValues { who: WhoMayConnect::Nobody, port: 0, services: Vec::new(), elsewhere };
    Values { broker, ..values.clone() }
}

/// Whoever may connect in one of the ways.
fn who(broker: &BrokerSection) -> WhoMayConnect {
    let mut addresses = Service::ALL.into_iter().filter_map(|service| broker.address(service)).peekable();
    match (addresses.peek().is_some(), addresses.all(|addr| is_loopback(addr.ip()))) {
        (false, _) => WhoMayConnect::Nobody,
        (true, true) => WhoMayConnect::ThisComputer,
        (true, false) => WhoMayConnect::MyNetwork,
    }
}

/// Whoever comes from another machine needs a login, whatever `anonymous` says. The other ways of connecting follow.
fn broker_keys(config: &Config, choice: WhoMayConnect, port: u16) -> Vec<KeyChange> {
    let broker = &config.broker;
    let mut keys: Vec<KeyChange> = Service::ALL[1..]
        .iter()
        .filter_map(|service| Some((service.setting(), Some(address(choice, broker.address(*service)?)))))
        .collect();
    let none_yet = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port);
    let tcp = broker.listen.socket().map_or(none_yet, |addr| SocketAddr::new(addr.ip(), port));
    // Taken back with the choice: to open it again is to be asked again.
    let plaintext = (choice == WhoMayConnect::MyNetwork).then(|| true.into());
    let stays_off = broker.listen.socket().is_none() && who(broker) != WhoMayConnect::Nobody;
    keys.push(("broker.listen", Some(if stays_off { "".into() } else { address(choice, tcp) })));
    keys.push(("broker.allow_plaintext", plaintext));
    keys
}

/// One way of connecting is open to whomever the others are.
fn listener_keys(config: &Config, service: Service, on: bool) -> Vec<KeyChange> {
    let there = config.broker.address(service);
    let here = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), service.port());
    let choice = match who(&config.broker) {
        WhoMayConnect::Nobody => WhoMayConnect::ThisComputer,
        choice => choice,
    };
    let value = if on { address(choice, there.unwrap_or(here)) } else { "".into() };
    vec![(service.setting(), Some(value))]
}

/// Where to listen for them; an address that fits already stays.
fn address(choice: WhoMayConnect, before: SocketAddr) -> Value {
    let ip = match (choice, is_loopback(before.ip())) {
        (WhoMayConnect::Nobody, _) => return "".into(),
        (WhoMayConnect::ThisComputer, false) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        (WhoMayConnect::MyNetwork, true) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        _ => before.ip(),
    };
    SocketAddr::new(ip, before.port()).to_string().into()
}

fn names(order: &[LiveProvider]) -> Option<Value> {
    let mut names: Vec<&str> = Vec::new();
    for provider in order {
        if !names.contains(&provider.name()) {
            names.push(provider.name());
        }
    }
    (!names.is_empty()).then(|| Value::Array(names.into_iter().collect::<Array>()))
}

fn unless_empty(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| text.into())
}

/// The address that this machine would be seen at from outside. Nothing is sent: a route is looked up.
pub(crate) fn network_address() -> Option<IpAddr> {
    const SOMEWHERE: (Ipv4Addr, u16) = (Ipv4Addr::new(192, 0, 2, 1), 9);
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect(SOMEWHERE).ok()?;
    socket.local_addr().ok().map(|addr| addr.ip()).filter(|ip| !ip.is_unspecified())
}

#[cfg(test)]
mod tests;
