//! What holds between values.

use std::{net::SocketAddr, path::Path};

use figment::{Figment, error::Kind, value::Value};
use quote_engine::{
    provider::{
        binance::BinanceProvider,
        coinbase::CoinbaseProvider,
        replay::ReplayProvider,
        settings::{Network, ProviderConfigError},
        yahoo::YahooProvider,
    },
    secrets,
};

use super::{BrokerSection, Config, ConfigError, Service, Sources, destinations, error::one_line, is_loopback, keys};

/// Host names at the most.
pub(super) const HOSTS_MAX: usize = 100;
/// Symbols in `feed.symbols` at the most.
const SYMBOLS_MAX: usize = 20_000;

/// Refuses the first key that nobody knows.
pub(super) fn known_keys_only(figment: &Figment, places: &Sources) -> Result<(), ConfigError> {
    let tree = figment.extract::<figment::value::Dict>().unwrap_or_default();
    tree.iter().try_for_each(|(name, value)| known_below(name, value, places))
}

fn known_below(key: &str, value: &Value, places: &Sources) -> Result<(), ConfigError> {
    match value {
        // Below a table that nobody knows, too: its keys say best which one was meant.
        Value::Dict(_, table) if keys::is_table(key) || !(keys::is_known(key) || table.is_empty()) => {
            table.iter().try_for_each(|(name, value)| known_below(&format!("{key}.{name}"), value, places))
        }
        _ if keys::is_known(key) => Ok(()),
        _ if secrets::KNOWN.contains(&key) => {
            Err(places.wrong(key, format!("a key never stands in the configuration; {}", secrets::places(key))))
        }
        _ if keys::is_table(key) => Err(places.wrong(key, format!("is no value; allowed: a table [{key}]"))),
        _ => {
            Err(ConfigError::UnknownKey { place: places.of(key), key: key.into(), nearest: keys::nearest(key).into() })
        }
    }
}

/// What reading a value into its type complains about.
pub(super) fn wrong_value(error: &figment::Error, places: &Sources) -> ConfigError {
    let key = error.path.join(".");
    let problem = match &error.kind {
        Kind::UnknownVariant(found, allowed) => {
            format!("there is no {found:?}; allowed: {}", quoted(allowed))
        }
        Kind::InvalidType(found, expected) | Kind::InvalidValue(found, expected) => {
            format!("is {found}; allowed: {expected}")
        }
        other => one_line(&other.to_string()),
    };
    places.wrong(&key, problem)
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")
}

/// What no single value can know.
pub(super) fn check(config: &Config, places: &Sources) -> Result<(), ConfigError> {
    check_broker(config, places)?;
    check_api(config, places)?;
    destinations::check(config, places)?;
    if let Err(problem) = config.feed.prefer.check(&config.feed.provider) {
        return Err(places.wrong("feed.prefer", problem));
    }
    if config.feed.symbols.len() > SYMBOLS_MAX {
        return Err(places.wrong("feed.symbols", format!("too many; allowed: {SYMBOLS_MAX}")));
    }
    if config.data_dir.as_os_str().is_empty() {
        return Err(places.wrong("data_dir", "is empty; allowed: the path of a folder"));
    }
    check_url(places, "network.proxy", &config.network.proxy, &["http://", "https://", "socks5://", "socks5h://"])?;
    if !config.network.ca_file.as_os_str().is_empty()
        && let Err(error) = Network::default().trusting(&config.network.ca_file)
    {
        let told = error.to_string();
        return Err(places.wrong("network.ca_file", told.trim_start_matches("ca_file: ")));
    }
    check_providers(config, places)
}

/// The providers' own rules: each is made, and thrown away.
fn check_providers(config: &Config, places: &Sources) -> Result<(), ConfigError> {
    let (provider, network) = (&config.provider, &Network::default());
    check_provider("yahoo", YahooProvider::new(&provider.yahoo, network), places)?;
    check_provider("binance", BinanceProvider::new(&provider.binance, network), places)?;
    check_provider("coinbase", CoinbaseProvider::new(&provider.coinbase, network), places)?;
    check_provider("finnhub", provider.finnhub.check(), places)?;
    check_provider("ecb", provider.ecb.check(), places)?;
    // A file matters only where it is played.
    if config.feed.provider.is_replay() {
        return check_provider("replay", ReplayProvider::check(&provider.replay), places);
    }
    check_provider("replay", provider.replay.check(), places)
}

/// What a provider says of its settings.
fn check_provider<T>(name: &str, made: Result<T, ProviderConfigError>, places: &Sources) -> Result<(), ConfigError> {
    let Err(error) = made else { return Ok(()) };
    let told = error.to_string();
    let (key, problem) = told.split_once(": ").unwrap_or(("", &told));
    Err(places.wrong(&format!("provider.{name}.{key}"), problem))
}

fn check_broker(config: &Config, places: &Sources) -> Result<(), ConfigError> {
    let broker = &config.broker;
    check_listeners(broker, places)?;
    check_together(places, "broker.tls_cert", &broker.tls_cert, "broker.tls_key", &broker.tls_key)?;
    if let Some(bad) = broker.allowed_origins.iter().find(|origin| !is_origin(origin)) {
        let problem = format!("{bad:?} is no origin; allowed: SCHEME://HOST[:PORT] such as \"https://ticker.example\"");
        return Err(places.wrong("broker.allowed_origins", problem));
    }
    if broker.allowed_origins.len() > HOSTS_MAX {
        return Err(places.wrong("broker.allowed_origins", format!("too many; allowed: {HOSTS_MAX}")));
    }
    check_url(places, "broker.url", &broker.url, &["mqtt://"])?;
    check_together(places, "broker.user", Path::new(&broker.user), "broker.password_file", &broker.password_file)
}

/// Without TLS only for this machine, unless its owner said so; and each at an address of its own.
fn check_listeners(broker: &BrokerSection, places: &Sources) -> Result<(), ConfigError> {
    let mut before: Vec<(Service, SocketAddr)> = Vec::new();
    for service in Service::ALL {
        let Some(addr) = broker.address(service) else { continue };
        if !service.has_tls() && beyond_loopback(&addr) && !broker.allow_plaintext {
            let problem = format!(
                "{addr} lets other machines connect without encryption; allowed: a loopback address, or broker.allow_plaintext = true"
            );
            return Err(places.wrong(service.setting(), problem));
        }
        if let Some((other, _)) = before.iter().find(|(_, taken)| *taken == addr && addr.port() != 0) {
            let problem = format!("{addr} is that of {}; allowed: another port", other.setting());
            return Err(places.wrong(service.setting(), problem));
        }
        before.push((service, addr));
    }
    Ok(())
}

/// Two that make no sense without each other.
pub(super) fn check_together(
    places: &Sources,
    one: &str,
    of_one: &Path,
    other: &str,
    of_other: &Path,
) -> Result<(), ConfigError> {
    let is_empty = |value: &Path| value.as_os_str().is_empty();
    if is_empty(of_one) == is_empty(of_other) {
        return Ok(());
    }
    let missing = if is_empty(of_one) { one } else { other };
    Err(places.wrong(missing, format!("is not set; allowed: {one} and {other} together, or neither")))
}

/// As browsers write it: nothing behind host and port.
fn is_origin(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, host)| {
        let is_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
        !scheme.is_empty()
            && scheme.chars().all(is_scheme)
            && (1..=260).contains(&host.len())
            && host.chars().all(is_host)
    })
}

fn check_api(config: &Config, places: &Sources) -> Result<(), ConfigError> {
    let api = &config.api;
    if let Some(bad) = api.hosts.iter().find(|host| !is_host(host)) {
        return Err(places.wrong(
            "api.hosts",
            format!("{bad:?} is no host name; allowed: names such as \"ticker.example\", without a port"),
        ));
    }
    if api.hosts.len() > HOSTS_MAX {
        return Err(places.wrong("api.hosts", format!("too many; allowed: {HOSTS_MAX}")));
    }
    check_together(places, "api.tls_cert", &api.tls_cert, "api.tls_key", &api.tls_key)?;
    if api.trusted_proxies.len() > HOSTS_MAX {
        return Err(places.wrong("api.trusted_proxies", format!("too many; allowed: {HOSTS_MAX}")));
    }
    if api.legacy && !api.trusted_proxies.is_empty() {
        let problem = "whoever reaches the proxy would write without a login; allowed: without api.trusted_proxies";
        return Err(places.wrong("api.legacy", problem));
    }
    match api.listen.as_ref().and_then(super::Address::socket).filter(beyond_loopback) {
        Some(addr) if api.legacy => {
            let problem =
                format!("whoever reaches {addr} would write without a login; allowed: with a loopback address");
            Err(places.wrong("api.legacy", problem))
        }
        Some(addr) if api.hosts.is_empty() => {
            let problem = format!(
                "{addr} lets other machines connect; allowed: a loopback address, or api.hosts with the names they use"
            );
            Err(places.wrong("api.listen", problem))
        }
        _ => Ok(()),
    }
}

fn beyond_loopback(addr: &SocketAddr) -> bool {
    !is_loopback(addr.ip())
}

pub(super) fn is_host(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    let has_port = text.parse::<SocketAddr>().is_ok() || (text.matches(':').count() == 1);
    (1..=253).contains(&text.len()) && text.chars().all(plain) && !has_port
}

fn check_url(places: &Sources, key: &str, url: &str, schemes: &[&str]) -> Result<(), ConfigError> {
    let rest = schemes.iter().find_map(|scheme| url.strip_prefix(scheme));
    if url.is_empty() || rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace)) {
        return Ok(());
    }
    Err(places.wrong(key, format!("{url:?} is no address; allowed: {}HOST[:PORT], or \"\"", schemes.join(", "))))
}
