//! What the values of the configuration may be. Each type reads itself from text and says what is allowed.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use serde::{Deserialize, Serialize};

/// Where to listen: an address with a port, or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address(Option<SocketAddr>);

impl Address {
    pub(super) fn loopback(port: u16) -> Self {
        Self(Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)))
    }

    /// Nothing is listened on.
    pub fn none() -> Self {
        Self(None)
    }

    /// The address; `None` for no listener.
    pub fn socket(&self) -> Option<SocketAddr> {
        self.0
    }
}

impl From<SocketAddr> for Address {
    fn from(addr: SocketAddr) -> Self {
        Self(Some(addr))
    }
}

impl TryFrom<String> for Address {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self(None));
        }
        let numeric = match text.strip_prefix("localhost:") {
            Some(port) => format!("127.0.0.1:{port}"),
            None => text.to_owned(),
        };
        match numeric.parse() {
            Ok(addr) => Ok(Self(Some(addr))),
            Err(_) => Err(format!(
                "{text:?} is no address; allowed: IP:PORT such as \"127.0.0.1:1883\" (port 0: any free one), or \"\" for none"
            )),
        }
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.0.map_or_else(String::new, |addr| addr.to_string())
    }
}

/// How often a symbol is asked for while its market is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct PollInterval(Duration);

impl PollInterval {
    const MIN: Duration = Duration::from_secs(1);
    const MAX: Duration = Duration::from_secs(3_600);

    /// What this is as it is written.
    pub(crate) fn text(duration: Duration) -> String {
        format_duration(duration)
    }

    /// As a duration.
    pub fn duration(self) -> Duration {
        self.0
    }
}

impl Default for PollInterval {
    fn default() -> Self {
        Self(Duration::from_secs(5))
    }
}

impl TryFrom<String> for PollInterval {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let allowed = "allowed: 1s to 1h, such as \"5s\", \"1m\", \"1500ms\"";
        let duration = parse_duration(&text).ok_or_else(|| format!("{text:?} is no duration; {allowed}"))?;
        if (Self::MIN..=Self::MAX).contains(&duration) {
            Ok(Self(duration))
        } else {
            Err(format!("{text:?} is out of bounds; {allowed}"))
        }
    }
}

impl From<PollInterval> for String {
    fn from(interval: PollInterval) -> Self {
        format_duration(interval.0)
    }
}

/// `"500ms"`, `"5s"`, `"1m"`, `"1h"`.
pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let number: u64 = text[..digits].parse().ok()?;
    let millis_each = match text[digits..].trim() {
        "ms" => 1,
        "s" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    number.checked_mul(millis_each).map(Duration::from_millis)
}

pub(super) fn format_duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    match millis {
        _ if millis.is_multiple_of(3_600_000) => format!("{}h", millis / 3_600_000),
        _ if millis.is_multiple_of(60_000) => format!("{}m", millis / 60_000),
        _ if millis.is_multiple_of(1_000) => format!("{}s", millis / 1_000),
        _ => format!("{millis}ms"),
    }
}

/// Who is asked for quotes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum FeedChoice {
    /// The best live provider; the simulated market stands in while none has ever been reached.
    #[default]
    Auto,
    /// The made-up market and nothing else.
    Simulated,
    /// These live providers, in order of preference.
    Live(Vec<LiveProvider>),
}

/// A provider of real quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "lowercase")]
pub enum LiveProvider {
    /// Yahoo Finance.
    Yahoo,
    /// A file that is played.
    Replay,
    /// Binance, for crypto assets.
    Binance,
    /// Coinbase, for crypto assets.
    Coinbase,
    /// Finnhub, with the user's key.
    Finnhub,
    /// The reference rates of the European Central Bank.
    Ecb,
}

/// What `feed.provider` may be.
fn allowed() -> String {
    let names: Vec<String> = LiveProvider::ALL.iter().map(|provider| format!("{:?}", provider.name())).collect();
    format!(
        "allowed: \"auto\", \"simulated\", {}, or a list of live ones such as [\"yahoo\", \"ecb\"]",
        names.join(", ")
    )
}

impl FeedChoice {
    /// Its name, as it is shown.
    pub fn name(&self) -> String {
        match self {
            Self::Auto => "auto".into(),
            Self::Simulated => "simulated".into(),
            Self::Live(providers) => providers.iter().map(|p| p.name()).collect::<Vec<_>>().join(","),
        }
    }

    /// Whether a file is played. Recorded prices never stand beside those of now, so it is then alone.
    pub fn is_replay(&self) -> bool {
        matches!(self, Self::Live(providers) if providers.contains(&LiveProvider::Replay))
    }

    fn from_names(names: &[String]) -> Result<Self, String> {
        match names {
            [] => Err(format!("the list is empty; {}", allowed())),
            [only] => Self::from_name(only),
            several => several
                .iter()
                .map(|name| match Self::from_name(name)? {
                    Self::Live(live) if live != [LiveProvider::Replay] => Ok(live),
                    Self::Live(_) | Self::Auto | Self::Simulated => {
                        Err(format!("{name:?} stands alone or not at all; {}", allowed()))
                    }
                })
                .collect::<Result<Vec<_>, _>>()
                .map(|each| Self::Live(each.concat())),
        }
    }

    fn from_name(name: &str) -> Result<Self, String> {
        match name.trim() {
            "auto" => Ok(Self::Auto),
            "simulated" => Ok(Self::Simulated),
            other => match LiveProvider::ALL.iter().find(|provider| provider.name() == other) {
                Some(provider) => Ok(Self::Live(vec![*provider])),
                None => Err(format!("there is no provider {other:?}; {}", allowed())),
            },
        }
    }
}

impl LiveProvider {
    /// Every one there is.
    pub const ALL: &[Self] = &[Self::Yahoo, Self::Binance, Self::Coinbase, Self::Finnhub, Self::Ecb, Self::Replay];

    /// Who is asked where nothing is chosen, the best for each kind of symbol first.
    pub const AUTO: &[Self] = &[Self::Coinbase, Self::Binance, Self::Yahoo, Self::Finnhub, Self::Ecb];

    /// As in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Yahoo => "yahoo",
            Self::Replay => "replay",
            Self::Binance => "binance",
            Self::Coinbase => "coinbase",
            Self::Finnhub => "finnhub",
            Self::Ecb => "ecb",
        }
    }
}

impl<'de> Deserialize<'de> for FeedChoice {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a provider's name or a list of them")]
        enum Written {
            Text(String),
            List(Vec<String>),
        }
        let names = match Written::deserialize(deserializer)? {
            Written::Text(text) => text.split(',').map(str::to_owned).collect(),
            Written::List(list) => list,
        };
        Self::from_names(&names).map_err(serde::de::Error::custom)
    }
}

/// What stands before every topic: one or more levels of plain ASCII.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct TopicRoot(String);

impl TopicRoot {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for TopicRoot {
    fn default() -> Self {
        Self("quickstocks/v1".into())
    }
}

impl TryFrom<String> for TopicRoot {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let plain =
            |level: &str| !level.is_empty() && level.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
        if text.len() <= 64 && text.split('/').all(plain) {
            Ok(Self(text))
        } else {
            Err(format!(
                "{text:?} is no topic root; allowed: levels of A-Z a-z 0-9 _ - with / between them, 64 at most"
            ))
        }
    }
}

impl From<TopicRoot> for String {
    fn from(root: TopicRoot) -> Self {
        root.0
    }
}
