//! Every key there is, once: what can be set, and how it is shown.

use serde_json::{Value, json};

use super::{Config, ProviderSection, values::format_duration};

/// How a key's value is written in an environment variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// As it is.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Flag,
    /// With commas between the entries.
    List,
    /// Lists with names, a semicolon between them: `crypto=binance,yahoo; .L=yahoo`.
    Lists,
}

/// Every key that is known.
pub(super) const KEYS: &[(&str, Written)] = &[
    ("data_dir", Written::Text),
    ("feed.provider", Written::Text),
    ("feed.prefer", Written::Lists),
    ("feed.poll_interval", Written::Text),
    ("feed.symbols", Written::List),
    ("provider.yahoo.query_urls", Written::List),
    ("provider.yahoo.cookie_url", Written::Text),
    ("provider.yahoo.consent_url", Written::Text),
    ("provider.yahoo.consent", Written::Text),
    ("provider.yahoo.stream_url", Written::Text),
    ("provider.yahoo.stream_connections", Written::Number),
    ("provider.yahoo.user_agent", Written::Text),
    ("provider.yahoo.requests_per_second", Written::Number),
    ("provider.binance.rest_url", Written::Text),
    ("provider.binance.stream_url", Written::Text),
    ("provider.binance.requests_per_second", Written::Number),
    ("provider.coinbase.rest_url", Written::Text),
    ("provider.coinbase.stream_url", Written::Text),
    ("provider.coinbase.requests_per_second", Written::Number),
    ("provider.finnhub.rest_url", Written::Text),
    ("provider.finnhub.stream_url", Written::Text),
    ("provider.finnhub.requests_per_second", Written::Number),
    ("provider.ecb.url", Written::Text),
    ("provider.ecb.history_url", Written::Text),
    ("provider.simulated.seed", Written::Number),
    ("provider.simulated.tick_interval", Written::Text),
    ("provider.replay.file", Written::Text),
    ("provider.replay.speed", Written::Number),
    ("broker.listen", Written::Text),
    ("broker.tls_listen", Written::Text),
    ("broker.websocket_listen", Written::Text),
    ("broker.wss_listen", Written::Text),
    ("broker.tls_cert", Written::Text),
    ("broker.tls_key", Written::Text),
    ("broker.allowed_origins", Written::List),
    ("broker.anonymous", Written::Text),
    ("broker.url", Written::Text),
    ("broker.user", Written::Text),
    ("broker.password_file", Written::Text),
    ("broker.escape_dots", Written::Flag),
    ("broker.topic_root", Written::Text),
    ("broker.other_topics", Written::Text),
    ("broker.allow_plaintext", Written::Flag),
    ("broker.home_assistant", Written::Flag),
    ("api.listen", Written::Text),
    ("api.hosts", Written::List),
    ("api.tls_cert", Written::Text),
    ("api.tls_key", Written::Text),
    ("api.trusted_proxies", Written::List),
    ("api.legacy", Written::Flag),
    ("network.proxy", Written::Text),
    ("network.ca_file", Written::Text),
    ("mail.server", Written::Text),
    ("mail.port", Written::Number),
    ("mail.tls", Written::Text),
    ("mail.user", Written::Text),
    ("mail.password_file", Written::Text),
    ("mail.from", Written::Text),
    ("sms.url", Written::Text),
    ("sms.account_sid", Written::Text),
    ("sms.auth_token_file", Written::Text),
    ("sms.from", Written::Text),
    ("destinations.private_hosts", Written::List),
    ("destinations.telegram_url", Written::Text),
];

/// Every key with its value.
pub(super) fn entries(config: &Config) -> Vec<(&'static str, Value)> {
    let Config { data_dir, feed, provider, broker, api, network, mail, sms, destinations } = config;
    let ProviderSection { yahoo, binance, coinbase, finnhub, ecb, simulated, replay } = provider;
    vec![
        ("data_dir", json!(data_dir)),
        ("feed.provider", json!(feed.provider.name())),
        ("feed.prefer", json!(feed.prefer)),
        ("feed.poll_interval", json!(feed.poll_interval)),
        ("feed.symbols", json!(feed.symbols)),
        ("provider.yahoo.query_urls", json!(yahoo.query_urls)),
        ("provider.yahoo.cookie_url", json!(yahoo.cookie_url)),
        ("provider.yahoo.consent_url", json!(yahoo.consent_url)),
        ("provider.yahoo.consent", json!(yahoo.consent)),
        ("provider.yahoo.stream_url", json!(yahoo.stream_url)),
        ("provider.yahoo.stream_connections", json!(yahoo.stream_connections)),
        ("provider.yahoo.user_agent", json!(yahoo.user_agent)),
        ("provider.yahoo.requests_per_second", json!(yahoo.requests_per_second)),
        ("provider.binance.rest_url", json!(binance.rest_url)),
        ("provider.binance.stream_url", json!(binance.stream_url)),
        ("provider.binance.requests_per_second", json!(binance.requests_per_second)),
        ("provider.coinbase.rest_url", json!(coinbase.rest_url)),
        ("provider.coinbase.stream_url", json!(coinbase.stream_url)),
        ("provider.coinbase.requests_per_second", json!(coinbase.requests_per_second)),
        ("provider.finnhub.rest_url", json!(finnhub.rest_url)),
        ("provider.finnhub.stream_url", json!(finnhub.stream_url)),
        ("provider.finnhub.requests_per_second", json!(finnhub.requests_per_second)),
        ("provider.ecb.url", json!(ecb.url)),
        ("provider.ecb.history_url", json!(ecb.history_url)),
        ("provider.simulated.seed", json!(simulated.seed)),
        ("provider.simulated.tick_interval", json!(format_duration(simulated.tick_interval))),
        ("provider.replay.file", json!(replay.file)),
        ("provider.replay.speed", json!(replay.speed)),
        ("broker.listen", json!(broker.listen)),
        ("broker.tls_listen", json!(broker.tls_listen)),
        ("broker.websocket_listen", json!(broker.websocket_listen)),
        ("broker.wss_listen", json!(broker.wss_listen)),
        ("broker.tls_cert", json!(broker.tls_cert)),
        ("broker.tls_key", json!(broker.tls_key)),
        ("broker.allowed_origins", json!(broker.allowed_origins)),
        ("broker.anonymous", json!(broker.anonymous)),
        ("broker.url", json!(broker.url)),
        ("broker.user", json!(broker.user)),
        ("broker.password_file", json!(broker.password_file)),
        ("broker.escape_dots", json!(broker.escape_dots)),
        ("broker.topic_root", json!(broker.topic_root)),
        ("broker.other_topics", json!(broker.other_topics)),
        ("broker.allow_plaintext", json!(broker.allow_plaintext)),
        ("broker.home_assistant", json!(broker.home_assistant)),
        ("api.listen", json!(api.daemon_address().map_or_else(String::new, |addr| addr.to_string()))),
        ("api.hosts", json!(api.hosts)),
        ("api.tls_cert", json!(api.tls_cert)),
        ("api.tls_key", json!(api.tls_key)),
        ("api.trusted_proxies", json!(api.trusted_proxies)),
        ("api.legacy", json!(api.legacy)),
        ("network.proxy", json!(network.proxy)),
        ("network.ca_file", json!(network.ca_file)),
        ("mail.server", json!(mail.server)),
        ("mail.port", json!(mail.port)),
        ("mail.tls", json!(mail.tls)),
        ("mail.user", json!(mail.user)),
        ("mail.password_file", json!(mail.password_file)),
        ("mail.from", json!(mail.from)),
        ("sms.url", json!(sms.url)),
        ("sms.account_sid", json!(sms.account_sid)),
        ("sms.auth_token_file", json!(sms.auth_token_file)),
        ("sms.from", json!(sms.from)),
        ("destinations.private_hosts", json!(destinations.private_hosts)),
        ("destinations.telegram_url", json!(destinations.telegram_url)),
    ]
}

/// A value as TOML writes it: all but tables are as in JSON.
pub(super) fn toml(value: &Value) -> String {
    let Value::Object(table) = value else { return value.to_string() };
    let entries: Vec<String> = table.iter().map(|(key, value)| format!("{} = {}", json!(key), toml(value))).collect();
    format!("{{ {} }}", entries.join(", "))
}

/// Whether this is a key, or a table that holds some.
pub(super) fn is_known(key: &str) -> bool {
    KEYS.iter().any(|(known, _)| *known == key)
}

/// Whether keys stand below this one.
pub(super) fn is_table(key: &str) -> bool {
    KEYS.iter().any(|(known, _)| known.strip_prefix(key).is_some_and(|rest| rest.starts_with('.')))
}

/// The known key that looks most like one that is not: its own table first.
pub(super) fn nearest(key: &str) -> &'static str {
    let likeness = |known: &str| {
        let last = |k: &str| k.rsplit('.').next().unwrap_or_default().to_owned();
        let (whole, name) = (strsim::jaro_winkler(known, key), strsim::jaro_winkler(&last(known), &last(key)));
        whole + name
    };
    let best = KEYS.iter().max_by(|(a, _), (b, _)| likeness(a).total_cmp(&likeness(b)));
    best.map_or("", |(known, _)| known)
}
