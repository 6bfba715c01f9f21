//! Home Assistant's topics: where things are announced to it, and where it says that it is there. They stand outside
//! our root, for Home Assistant looks nowhere else. Knows no announcement's content.

use std::fmt::Write as _;

use market::Symbol;

use crate::Topics;

/// The prefix that Home Assistant listens to unless it is told otherwise.
const PREFIX: &str = "homeassistant/";
/// Where Home Assistant says that it is there (its birth message) or gone (its will).
pub(crate) const BIRTH: &str = "homeassistant/status";
/// Longer identifiers are nobody's.
const ID_MAX: usize = 256;

/// What a thing is to Home Assistant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Component {
    /// Something that has a value.
    Sensor,
    /// Something that happens.
    Event,
}

impl Component {
    /// As in topics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sensor => "sensor",
            Self::Event => "event",
        }
    }
}

/// Whether a topic or filter lies in Home Assistant's part of the broker.
pub(crate) fn is_inside(topic: &str) -> bool {
    topic.starts_with(PREFIX)
}

/// Whether a filter hears what is announced.
pub(crate) fn hears_announcements(filter: &str) -> bool {
    is_inside(filter) && filter != BIRTH
}

pub(crate) fn format(component: Component, id: &str) -> String {
    format!("{PREFIX}{}/{id}/config", component.name())
}

/// What [`format`] wrote.
pub(crate) fn parse(text: &str) -> Option<(Component, String)> {
    let (component, rest) = text.strip_prefix(PREFIX)?.split_once('/')?;
    let id = rest.strip_suffix("/config")?;
    let component = [Component::Sensor, Component::Event].into_iter().find(|known| known.name() == component)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (!id.is_empty() && id.len() <= ID_MAX && id.bytes().all(plain)).then(|| (component, id.to_owned()))
}

impl Topics {
    /// What all our identifiers at Home Assistant begin with: the root without its version, so that they outlive it.
    pub fn home_prefix(&self) -> String {
        let mut levels: Vec<&str> = self.root().split('/').collect();
        let is_version = |level: &&str| level.strip_prefix('v').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
        if levels.len() > 1 {
            levels.pop_if(|level| is_version(&&**level));
        }
        levels.join("-")
    }

    /// What a symbol is called at Home Assistant, which takes letters, digits, `_` and `-`: every other byte, `_`
    /// among them, as `_xx`, so that no two symbols are ever called the same.
    pub fn home_id(&self, symbol: &Symbol) -> String {
        let mut id = self.home_prefix();
        id.push('_');
        for byte in symbol.as_str().bytes() {
            if byte.is_ascii_alphanumeric() || byte == b'-' {
                id.push(char::from(byte));
            } else {
                // Writing to a String cannot fail.
                let _ = write!(id, "_{byte:02x}");
            }
        }
        id
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(symbol: &str) -> String {
        Topics::new("quickstocks/v1", false).home_id(&Symbol::parse(symbol).unwrap())
    }

    #[test]
    fn names_what_is_announced() {
        assert_eq!(id("AAPL"), "quickstocks_AAPL");
        assert_eq!(id("BTC-USD"), "quickstocks_BTC-USD");
        assert_eq!(id("^GSPC"), "quickstocks__5eGSPC");
        assert_eq!(id("EURUSD=X"), "quickstocks_EURUSD_3dX");
        assert_eq!(id("VOD.L"), "quickstocks_VOD_2eL");
        assert_eq!(format(Component::Sensor, &id("AAPL")), "homeassistant/sensor/quickstocks_AAPL/config");
        for (root, prefix) in [("home/ticker", "home-ticker"), ("v1", "v1"), ("a/b/v12", "a-b")] {
            assert_eq!(Topics::new(root, false).home_prefix(), prefix);
        }
    }

    #[test]
    fn hears_what_home_assistant_asks_for() {
        for filter in ["homeassistant/#", "homeassistant/+/+/config", "homeassistant/sensor/x/config"] {
            assert!(hears_announcements(filter), "{filter}");
        }
        for filter in ["homeassistant/status", "#", "home/#", "quickstocks/v1/quote/AAPL"] {
            assert!(!hears_announcements(filter), "{filter}");
        }
    }

    proptest! {
        #[test]
        fn no_two_symbols_are_called_the_same(one in "[A-Z0-9._=^/_ -]{1,12}", two in "[A-Z0-9._=^/_ -]{1,12}") {
            if let (Ok(one), Ok(two)) = (Symbol::parse(&one), Symbol::parse(&two)) {
                prop_assert_eq!(one == two, id(one.as_str()) == id(two.as_str()));
            }
        }

        #[test]
        fn any_announcement_comes_back(symbol in "\\PC{1,40}") {
            if let Ok(symbol) = Symbol::parse(&symbol) {
                let id = id(symbol.as_str());
                prop_assert_eq!(parse(&format(Component::Sensor, &id)), Some((Component::Sensor, id)));
            }
        }

        #[test]
        fn no_text_from_outside_is_trouble(text in ".*") {
            let _ = parse(&text);
            let _ = parse(&format!("homeassistant/{text}/config"));
        }
    }
}
