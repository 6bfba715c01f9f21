//! What a configuration file, the environment and the flags may say, and what is said of mistakes.

use std::{fs, time::Duration};

use super::*;

/// What comes of a file, an environment and flags.
fn load(toml: &str, env: &[(&str, &str)], overrides: &Overrides) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("quickstocks.toml");
    fs::write(&file, toml).unwrap();
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let loaded = Config::load_with(Some(&file), env, overrides).map_err(|error| error.to_string());
    loaded.map_err(|line| line.replace(&format!("{}/", folder.path().display()), ""))
}

fn of(toml: &str) -> Config {
    load(toml, &[], &Overrides::default()).unwrap()
}

/// The one line that a file gets instead.
fn complaint(toml: &str) -> String {
    let line = load(toml, &[], &Overrides::default()).unwrap_err();
    assert_eq!(line.lines().count(), 1, "{line}");
    line
}

#[test]
fn everything_is_optional() {
    let config = of("");
    assert_eq!(config.feed.provider, FeedChoice::Auto);
    assert_eq!(config.feed.poll_interval.duration(), Duration::from_secs(5));
    assert_eq!(config.broker.listen.socket(), Some("127.0.0.1:1883".parse().unwrap()));
    assert_eq!(config.api.daemon_address(), Some("127.0.0.1:8080".parse().unwrap()));
    assert_eq!(config.api.desktop_address(), None);
    assert_eq!(config.broker.topic_root.as_str(), "quickstocks/v1");
    assert!(config.data_dir.ends_with(APP_ID));
}

#[test]
fn flags_beat_the_environment_and_that_beats_the_file() {
    let file =
        "data_dir = '/from/file'\n[feed]\nprovider = 'auto'\npoll_interval = '2s'\n[broker]\nlisten = '127.0.0.1:1'";
    let env = [("QUICKSTOCKS_FEED__PROVIDER", "yahoo"), ("QUICKSTOCKS_FEED__POLL_INTERVAL", "3s")];
    let flags = Overrides { feed: Some("simulated".into()), ..Overrides::default() };
    let config = load(file, &env, &flags).unwrap();
    assert_eq!(config.feed.provider, FeedChoice::Simulated);
    assert_eq!(config.feed.poll_interval.duration(), Duration::from_secs(3));
    assert_eq!(config.broker.listen.socket(), Some("127.0.0.1:1".parse().unwrap()));
    assert_eq!(config.data_dir, PathBuf::from("/from/file"));
}

#[test]
fn the_environment_writes_lists_with_commas() {
    let env = [
        ("QUICKSTOCKS_FEED__SYMBOLS", "aapl, MSFT"),
        ("QUICKSTOCKS_API__HOSTS", "ticker.example"),
        ("QUICKSTOCKS_BROKER__ALLOW_PLAINTEXT", "true"),
        ("QUICKSTOCKS_PROVIDER__SIMULATED__SEED", "7"),
        ("QUICKSTOCKS_BROKER__LISTEN", ""),
        ("QUICKSTOCKS_LOG", "debug"),
        ("PATH", "/bin"),
    ];
    let config = load("", &env, &Overrides::default()).unwrap();
    assert_eq!(config.feed.symbols.iter().map(Symbol::as_str).collect::<Vec<_>>(), ["AAPL", "MSFT"]);
    assert!(config.api.hosts.contains("ticker.example"));
    assert!(config.broker.allow_plaintext);
    assert_eq!(config.provider.simulated.seed, 7);
    assert_eq!(config.broker.listen.socket(), None);
}

#[test]
fn an_unknown_key_is_told_with_the_nearest_known_one() {
    let told = complaint("[broker]\nlissten = '127.0.0.1:1883'");
    assert_eq!(told, "quickstocks.toml: there is no key broker.lissten; did you mean broker.listen?");
    assert!(complaint("[feeds]\nprovider = 'auto'").ends_with("did you mean feed.provider?"));
    assert!(complaint("[provider.yahoo]\nquery_url = []").ends_with("did you mean provider.yahoo.query_urls?"));
    let env = load("", &[("QUICKSTOCKS_BROKER__LISTN", "x")], &Overrides::default()).unwrap_err();
    let nearest = "there is no key QUICKSTOCKS_BROKER__LISTN; did you mean QUICKSTOCKS_BROKER__LISTEN?";
    assert_eq!(env, format!("environment: {nearest}"));
}

#[test]
fn live_providers_are_named_in_order_of_preference() {
    use values::LiveProvider::{Binance, Coinbase, Yahoo};
    let config = of("feed.provider = ['yahoo', 'coinbase', 'binance']");
    assert_eq!(config.feed.provider, FeedChoice::Live(vec![Yahoo, Coinbase, Binance]));
    assert_eq!(config.feed.provider.name(), "yahoo,coinbase,binance");
}

#[test]
fn kinds_and_markets_have_orders_of_their_own() {
    let config = of("[feed.prefer]\ncrypto = ['binance', 'yahoo']\n'.L' = 'finnhub'\n'US stocks' = ['finnhub']");
    let env = [("QUICKSTOCKS_FEED__PREFER", "crypto=binance, yahoo; .L=finnhub; US stocks=finnhub")];
    assert_eq!(load("", &env, &Overrides::default()).unwrap().feed.prefer, config.feed.prefer);
    assert_eq!(config.feed.prefer.preferences().len(), 3);
    assert_eq!(of(&config.show()).feed.prefer, config.feed.prefer);
    let simulated = Overrides { feed: Some("simulated".into()), ..Overrides::default() };
    load("feed.prefer = { crypto = 'binance' }", &[], &simulated).unwrap();
}

#[test]
fn a_wrong_value_names_place_key_fault_and_what_is_allowed() {
    for (toml, parts) in [
        ("provider.replay.speed = 0", ["provider.replay.speed", "0", "allowed: from 0.1"]),
        ("feed.provider = 'replay'", ["provider.replay.file", "cannot be read", "allowed: a file made by"]),
        ("feed.provider = ['yahoo', 'replay']", ["feed.provider", "alone", "allowed"]),
        ("feed.provider = 'bloomberg'", ["feed.provider", "bloomberg", "\"simulated\""]),
        ("feed.provider = ['yahoo', 'simulated']", ["feed.provider", "alone", "allowed"]),
        ("feed.provider = []", ["feed.provider", "empty", "allowed"]),
        ("feed.prefer = { cryto = 'yahoo' }", ["feed.prefer", "\"cryto\"", "allowed: equity, etf"]),
        ("feed.prefer = { crypto = ['jahoo'] }", ["feed.prefer", "\"jahoo\"", "allowed: yahoo"]),
        ("feed.prefer = { crypto = 'simulated' }", ["feed.prefer", "\"simulated\"", "allowed: yahoo"]),
        ("feed.prefer = { crypto = [] }", ["feed.prefer", "\"crypto\" names nobody", "allowed: yahoo"]),
        ("feed.prefer = 'yahoo'", ["feed.prefer", "yahoo", "allowed: a map"]),
        (
            "feed = { provider = 'yahoo', prefer = { crypto = 'binance' } }",
            ["feed.prefer", "which feed.provider does not", "allowed: yahoo"],
        ),
        ("feed.poll_interval = '5 bananas'", ["feed.poll_interval", "5 bananas", "allowed: 1s to 1h"]),
        ("feed.poll_interval = '10ms'", ["feed.poll_interval", "out of bounds", "allowed: 1s to 1h"]),
        ("feed.symbols = ['A B']", ["feed.symbols", "made of", ""]),
        ("broker.listen = '1883'", ["broker.listen", "\"1883\"", "allowed: IP:PORT"]),
        ("broker.anonymous = 'all'", ["broker.anonymous", "\"all\"", "allowed: \"loopback\", \"never\""]),
        ("broker.escape_dots = 'yes'", ["broker.escape_dots", "yes", "allowed: a boolean"]),
        ("broker.topic_root = 'a/#'", ["broker.topic_root", "a/#", "allowed"]),
        ("broker.url = 'http://x'", ["broker.url", "http://x", "allowed: mqtt://"]),
        ("broker.user = 'x'", ["broker.password_file", "not set", "allowed"]),
        ("broker.tls_key = 'x'", ["broker.tls_cert", "not set", "allowed"]),
        (
            "broker.websocket_listen = '0.0.0.0:8083'",
            ["broker.websocket_listen", "without encryption", "allow_plaintext"],
        ),
        ("broker.tls_listen = '127.0.0.1:1883'", ["broker.tls_listen", "that of broker.listen", "allowed"]),
        ("broker.allowed_origins = ['https://a.example/']", ["broker.allowed_origins", "no origin", "allowed"]),
        ("broker.allowed_origins = ['*']", ["broker.allowed_origins", "no origin", "allowed"]),
        ("broker = 3", ["broker", "no value", "table [broker]"]),
        ("api.hosts = ['a:80']", ["api.hosts", "a:80", "allowed"]),
        ("network.proxy = 'x'", ["network.proxy", "\"x\"", "allowed: http://"]),
        ("provider.yahoo.query_urls = []", ["provider.yahoo.query_urls", "empty", "allowed"]),
        ("provider.binance.rest_url = 'x'", ["provider.binance.rest_url", "\"x\"", "allowed"]),
        ("provider.coinbase.stream_url = 'https://x'", ["provider.coinbase.stream_url", "https://x", "wss://"]),
        ("provider.finnhub.rest_url = 'x'", ["provider.finnhub.rest_url", "\"x\"", "allowed: http://"]),
        ("provider.finnhub.requests_per_second = 0.0", ["provider.finnhub.requests_per_second", "0", "allowed"]),
        ("provider.ecb.history_url = ''", ["provider.ecb.history_url", "no address", "allowed"]),
        ("provider.simulated.tick_interval = '1'", ["provider.simulated.tick_interval", "1", "allowed"]),
    ] {
        let told = complaint(toml);
        assert!(told.starts_with("quickstocks.toml: "), "{told}");
        assert!(parts.iter().all(|part| told.contains(part)), "{toml}: {told}");
    }
}

#[test]
fn a_key_for_a_provider_stands_in_the_environment_and_never_in_the_file() {
    let env = [("QUICKSTOCKS_PROVIDER__FINNHUB__KEY", "sesame"), ("QUICKSTOCKS_FEED__PROVIDER", "finnhub,ecb")];
    let config = load("", &env, &Overrides::default()).unwrap();
    assert_eq!(config.feed.provider, FeedChoice::Live(vec![LiveProvider::Finnhub, LiveProvider::Ecb]));
    assert!(!config.show().contains("sesame") && !format!("{config:?}").contains("sesame"));
    let told = complaint("[provider.finnhub]\nkey = 'sesame'");
    assert!(
        told.starts_with("quickstocks.toml: provider.finnhub.key: a key never stands in the configuration"),
        "{told}"
    );
    for part in ["keychain", "QUICKSTOCKS_PROVIDER__FINNHUB__KEY", "secrets.toml", "0600"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains("sesame"));
}

#[test]
fn the_place_is_the_strongest_that_set_the_value() {
    let env = [("QUICKSTOCKS_FEED__PROVIDER", "x")];
    let told = load("feed.provider = 'auto'", &env, &Overrides::default()).unwrap_err();
    assert!(told.starts_with("environment QUICKSTOCKS_FEED__PROVIDER: feed.provider: "), "{told}");
    let flags = Overrides { feed: Some("y".into()), ..Overrides::default() };
    assert!(load("", &env, &flags).unwrap_err().starts_with("--feed: feed.provider: "));
}

#[test]
fn nothing_is_open_to_others_unless_it_is_asked_for() {
    let told = complaint("broker.listen = '0.0.0.0:1883'");
    assert!(told.contains("broker.listen") && told.contains("broker.allow_plaintext = true"), "{told}");
    assert!(complaint("broker.listen = '[::]:1883'").contains("allow_plaintext"));
    assert!(complaint("api.listen = '192.168.1.5:80'").contains("api.hosts"));
    assert!(
        complaint("api = { listen = '192.168.1.5:80', hosts = ['a.example'], legacy = true }").contains("api.legacy")
    );
    of("[broker]\nlisten = '0.0.0.0:1883'\nallow_plaintext = true\n[api]\nlisten = '0.0.0.0:80'\nhosts = ['ticker']");
    of("broker.listen = '[::1]:1883'");
}

#[test]
fn what_is_no_toml_is_told_with_its_line() {
    let told = complaint("a = 1\nb =\n");
    assert!(told.starts_with("quickstocks.toml: ") && told.contains("line 2"), "{told}");
    let missing = Config::load_with(Some(Path::new("/nowhere/x.toml")), [], &Overrides::default());
    assert!(missing.unwrap_err().to_string().starts_with("/nowhere/x.toml: "));
}

#[test]
fn every_key_can_be_set_and_shown() {
    let config = of("");
    let shown: Vec<&str> = keys::entries(&config).into_iter().map(|(key, _)| key).collect();
    let known: Vec<&str> = keys::KEYS.iter().map(|(key, _)| *key).collect();
    assert_eq!(shown, known);
    let again = of(&config.show());
    assert_eq!(again.show(), config.show());
}

#[test]
fn the_data_folders_own_file_is_read_where_no_other_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join(FILE_NAME);
    let flags = Overrides { data_dir: Some(folder.path().into()), ..Overrides::default() };
    let by_env = [("QUICKSTOCKS_DATA_DIR".to_owned(), folder.path().display().to_string())];
    assert_eq!(Config::load_with(None, [], &flags).unwrap().feed.provider, FeedChoice::Auto, "there is none");
    fs::write(&own, "feed.provider = 'yahoo'").unwrap();
    for found in [Config::load_with(None, [], &flags), Config::load_with(None, by_env, &Overrides::default())] {
        assert_eq!(found.unwrap().feed.provider, FeedChoice::Live(vec![LiveProvider::Yahoo]));
    }
    let other = folder.path().join("other.toml");
    fs::write(&other, "data_dir = '/elsewhere'").unwrap();
    let named = Config::load_with(Some(&other), [], &Overrides::default()).unwrap();
    assert_eq!((named.data_dir, named.feed.provider), (PathBuf::from("/elsewhere"), FeedChoice::Auto));
    fs::write(&own, "data_dir = '/elsewhere'").unwrap();
    let told = Config::load_with(None, [], &flags).unwrap_err().to_string();
    assert!(told.starts_with(&format!("{}: data_dir: this file stands in the data folder", own.display())), "{told}");
    assert!(told.contains("--data-dir") && told.lines().count() == 1, "{told}");
}

#[test]
fn mail_and_short_messages_are_set_as_a_whole_or_not_at_all() {
    let config = of("[mail]\nserver = 'mail.example.org'\nfrom = 'Ticker <ticker@example.org>'");
    let destinations = config.for_destinations(quote_engine::provider::settings::Network::default(), Vec::new());
    let mail = destinations.mail.unwrap();
    assert_eq!((mail.port, mail.login, destinations.sms), (587, None, None));
    let told = complaint("[mail]\nserver = 'mail.example.org'");
    assert!(told.contains("mail.from") && told.contains("is no sender"), "{told}");
    let open =
        "[mail]\nserver = 'mail.example.org'\nfrom = 'a@b.example'\ntls = 'none'\nuser = 'a'\npassword_file = '/p'";
    assert!(complaint(open).contains("mail.tls"));
    of(&open.replace("mail.example.org", "127.0.0.1"));
    assert!(complaint(&open.replace("password_file", "#")).contains("mail."));
    assert!(complaint("[mail]\nserver = 'mail.example.org:25'\nfrom = 'a@b.example'").contains("mail.server"));
    assert!(complaint("[sms]\naccount_sid = 'AC1'").contains("sms.auth_token_file"));
    assert!(complaint("[sms]\nurl = 'http://api.example'").contains("sms.url"));
    of("[sms]\nurl = 'http://127.0.0.1:9'");
    assert!(complaint("[destinations]\nprivate_hosts = ['ha.local:8123']").contains("is no host"));
    of("[destinations]\nprivate_hosts = ['ha.local', '192.168.1.5', '::1']");
    assert!(complaint("[destinations]\ntelegram_url = 'http://t.example'").contains("destinations.telegram_url"));
}
