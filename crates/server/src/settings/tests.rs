//! What the window may do to the configuration file, and what it is told.

use std::{fs, path::PathBuf};

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::config::{FILE_NAME, Overrides};

/// A data folder with this file in it, and an environment.
struct Place {
    folder: TempDir,
    env: Vec<(String, String)>,
}

impl Place {
    fn with(text: &str) -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap(), env: Vec::new() };
        fs::write(place.file(), text).unwrap();
        place
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join(FILE_NAME)
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }

    fn sources(&self) -> Sources {
        let overrides = Overrides { data_dir: Some(self.folder.path().into()), ..Overrides::default() };
        Sources::new(None, self.env.clone(), &overrides).unwrap()
    }

    fn settings(&self) -> SettingsFile {
        SettingsFile::new(self.sources(), &self.sources().load().unwrap())
    }
}

fn broker(who: WhoMayConnect, port: u16) -> Change {
    Change::Broker { who, port }
}

/// A file as people write them: comments, blank lines, each kind of table.
const OWN: &str = "\
# my ticker
network = { proxy = 'http://old:1' } # at work

broker.topic_root = 'home/stocks'
broker.listen = '127.0.0.1:1900'   # not the usual port

[feed] # what I follow
symbols = [
  'AAPL', # apples
]
poll_interval = '5s' # often enough
";

#[test]
fn comments_order_and_foreign_keys_stay() {
    let place = Place::with(OWN);
    let told = place
        .settings()
        .change(&[
            Change::PollInterval { ms: 90_000 },
            Change::Proxy { url: " socks5://new:2 ".into() },
            broker(WhoMayConnect::ThisComputer, 1901),
            Change::Providers { order: vec![LiveProvider::Ecb, LiveProvider::Yahoo, LiveProvider::Ecb] },
        ])
        .unwrap();
    let expected = OWN
        .replace("'http://old:1'", "\"socks5://new:2\"")
        .replace("'127.0.0.1:1900'", "\"127.0.0.1:1901\"")
        .replace("'5s'", "\"90s\"")
        + "provider = [\"ecb\", \"yahoo\"]\n";
    assert_eq!(place.text(), expected);
    assert_eq!(told.values.providers, [LiveProvider::Ecb, LiveProvider::Yahoo]);
    assert!(told.restart_needed);
}

#[test]
fn what_was_set_back_needs_no_restart_and_leaves_no_key() {
    let place = Place::with("");
    let settings = place.settings();
    assert!(!settings.change(&[broker(WhoMayConnect::MyNetwork, 1883)]).unwrap().restart_needed, "it counts at once");
    assert_eq!(place.text(), "[broker]\nlisten = \"0.0.0.0:1883\"\nallow_plaintext = true\n");
    assert!(!settings.change(&[broker(WhoMayConnect::ThisComputer, 1883)]).unwrap().restart_needed);
    assert_eq!(place.text(), "[broker]\nlisten = \"127.0.0.1:1883\"\n");
    settings.change(&[Change::Proxy { url: "http://x".into() }]).unwrap();
    settings.change(&[Change::Proxy { url: String::new() }, Change::Providers { order: vec![] }]).unwrap();
    assert!(!place.text().contains("proxy"), "{}", place.text());
}

#[test]
fn who_may_connect_is_one_of_three() {
    let who = |toml: &str| Place::with(toml).settings().read().values.broker;
    assert_eq!((who("").who, who("").port), (WhoMayConnect::ThisComputer, 1883));
    assert_eq!(who("broker.listen = '[::1]:7'").who, WhoMayConnect::ThisComputer);
    assert_eq!(who("broker.listen = ''").who, WhoMayConnect::Nobody);
    let own = "broker = { listen = '192.0.2.7:1', allow_plaintext = true }";
    assert_eq!(who(own).who, WhoMayConnect::MyNetwork);
    let place = Place::with(own);
    place.settings().change(&[broker(WhoMayConnect::MyNetwork, 2)]).unwrap();
    assert_eq!(place.text(), own.replace("'192.0.2.7:1'", "\"192.0.2.7:2\"") + "\n", "the address stays");
    place.settings().change(&[broker(WhoMayConnect::Nobody, 2)]).unwrap();
    assert_eq!(place.text(), "broker = { listen = \"\"}\n");
}

#[test]
fn home_assistant_is_told_from_the_next_start_on() {
    let place = Place::with("");
    let settings = place.settings();
    assert!(!settings.read().values.home_assistant);
    let on = settings.change(&[Change::HomeAssistant { on: true }]).unwrap();
    assert!(on.values.home_assistant && on.restart_needed);
    assert_eq!(place.text(), "[broker]\nhome_assistant = true\n");
    let off = settings.change(&[Change::HomeAssistant { on: false }]).unwrap();
    assert!(!off.values.home_assistant && !off.restart_needed);
}

#[test]
fn the_web_page_is_for_this_computer() {
    let place = Place::with("");
    let settings = place.settings();
    let on = settings.change(&[Change::WebPage { on: true }]).unwrap();
    assert_eq!(on.values.web_page.as_deref(), Some("127.0.0.1:8080"));
    assert_eq!(settings.change(&[Change::WebPage { on: false }]).unwrap().values.web_page, None);
}

#[test]
fn what_makes_no_sense_is_refused_and_the_file_is_untouched() {
    for (wrong, part) in [
        (Change::PollInterval { ms: 0 }, "feed.poll_interval"),
        (Change::Proxy { url: "not a proxy".into() }, "network.proxy"),
        (Change::CaFile { path: "ca.pem".into() }, "no whole path"),
        (Change::CaFile { path: "/nowhere/ca.pem".into() }, "network.ca_file"),
        (Change::Providers { order: vec![LiveProvider::Replay] }, "feed.provider"),
    ] {
        let place = Place::with(OWN);
        let fine = Change::PollInterval { ms: 2_000 };
        let told = place.settings().change(&[fine, wrong.clone()]).unwrap_err().to_string();
        assert!(told.contains(part) && told.lines().count() == 1, "{wrong:?}: {told}");
        assert_eq!(place.text(), OWN, "all or none");
    }
}

#[test]
fn what_something_stronger_sets_is_told_and_cannot_be_changed() {
    let mut place = Place::with("");
    place.env.push(("QUICKSTOCKS_NETWORK__PROXY".into(), "http://of-env:1".into()));
    let settings = place.settings();
    let told = settings.read();
    assert_eq!(told.values.proxy, "http://of-env:1");
    assert_eq!(told.overridden.proxy.as_deref(), Some("environment QUICKSTOCKS_NETWORK__PROXY"));
    assert_eq!(told.overridden.providers, None);
    let refused = settings.change(&[Change::Proxy { url: String::new() }]).unwrap_err();
    assert_eq!(refused.to_string(), "network.proxy is set by environment QUICKSTOCKS_NETWORK__PROXY; change it there");
    assert_eq!(place.text(), "");
}

#[test]
fn a_file_its_owner_broke_is_told_left_alone_and_can_be_reset() {
    let place = Place::with("");
    let settings = place.settings();
    fs::write(place.file(), "[broker\n").unwrap();
    let told = settings.read();
    assert!(told.problem.is_some_and(|problem| problem.contains(FILE_NAME)));
    assert!(!told.restart_needed);
    assert!(settings.change(&[Change::WebPage { on: true }]).is_err());
    assert_eq!(place.text(), "[broker\n");
    let (config, wrong) = place.sources().load_or_without_file().unwrap();
    assert!(wrong.is_some() && config.broker.listen.socket().is_some(), "the defaults count, and it is told");
    assert_eq!(settings.reset().unwrap().problem, None);
    assert!(!place.file().exists());
    let kept = fs::read_dir(place.folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    assert_eq!(kept.iter().map(|path| fs::read_to_string(path).unwrap()).collect::<Vec<_>>(), ["[broker\n"]);
}

#[test]
fn a_file_the_user_named_is_there_after_a_reset_and_never_ignored() {
    let place = Place::with(OWN);
    let named = |file: &Path| Sources::new(Some(file), [], &Overrides::default()).unwrap();
    let running = named(&place.file()).load().unwrap();
    SettingsFile::new(named(&place.file()), &running).reset().unwrap();
    assert_eq!(place.text(), "");
    assert!(named(&place.folder.path().join("none")).load_or_without_file().is_err());
}

#[test]
fn every_way_of_connecting_is_open_to_the_same_people() {
    let place = Place::with("");
    let settings = place.settings();
    let on = |service, on| settings.change(&[Change::Listener { service, on }]).unwrap();
    let told = on(Service::Mqtts, true);
    assert_eq!((told.values.broker.services, told.restart_needed), (vec![Service::Mqtt, Service::Mqtts], false));
    assert_eq!(place.text(), "[broker]\ntls_listen = \"127.0.0.1:8883\"\n");
    settings.change(&[broker(WhoMayConnect::MyNetwork, 1883)]).unwrap();
    on(Service::Wss, true);
    on(Service::Mqtt, false);
    let config = settings.config().unwrap().broker;
    let at = |service| config.address(service).map(|addr| addr.to_string());
    assert_eq!(Service::ALL.map(at), [None, Some("0.0.0.0:8883".into()), None, Some("0.0.0.0:8084".into())]);
    // What was switched off is not switched on by letting others in.
    let told = settings.change(&[broker(WhoMayConnect::ThisComputer, 1883)]).unwrap().values.broker;
    assert_eq!((told.who, told.services), (WhoMayConnect::ThisComputer, vec![Service::Mqtts, Service::Wss]));
    let told = settings.change(&[broker(WhoMayConnect::Nobody, 1883)]).unwrap().values.broker;
    assert_eq!((told.who, told.services), (WhoMayConnect::Nobody, vec![]));
    let told = settings.change(&[broker(WhoMayConnect::MyNetwork, 1883)]).unwrap().values.broker;
    assert_eq!((told.who, told.services), (WhoMayConnect::MyNetwork, vec![Service::Mqtt]));
}

fn any_change() -> impl Strategy<Value = Change> {
    let providers = prop::collection::vec(prop::sample::select(LiveProvider::ALL), 0..4);
    let who = prop::sample::select(&[WhoMayConnect::Nobody, WhoMayConnect::ThisComputer, WhoMayConnect::MyNetwork]);
    prop_oneof![
        providers.prop_map(|order| Change::Providers { order }),
        (0..4_000_000_u32).prop_map(|ms| Change::PollInterval { ms }),
        "(http://)?\\PC{0,12}".prop_map(|url| Change::Proxy { url }),
        "(/)?\\PC{0,12}".prop_map(|path| Change::CaFile { path }),
        (who, any::<u16>()).prop_map(|(who, port)| Change::Broker { who, port }),
        (prop::sample::select(&Service::ALL[..]), any::<bool>())
            .prop_map(|(service, on)| Change::Listener { service, on }),
        any::<bool>().prop_map(|on| Change::HomeAssistant { on }),
        any::<bool>().prop_map(|on| Change::WebPage { on }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn whatever_is_changed_the_next_start_can_read_it(changes in prop::collection::vec(any_change(), 1..6), own in any::<bool>()) {
        let place = Place::with(if own { OWN } else { "" });
        let settings = place.settings();
        for change in changes {
            let before = place.text();
            if settings.change(std::slice::from_ref(&change)).is_err() {
                prop_assert_eq!(place.text(), before);
            }
            prop_assert_eq!(settings.read().problem, None, "{:?}: {}", change, place.text());
            prop_assert!(!own || place.text().contains("'AAPL', # apples"));
        }
    }
}
