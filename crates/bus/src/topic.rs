//! Topics, both ways: from what is meant to the text on the wire, and back.

use std::{borrow::Cow, fmt::Write as _, sync::Arc};

use market::{Symbol, UserName};

use crate::discovery::{self, Component};

/// Room for what stands below the root in most topics.
const LEVELS_ROOM: usize = 32;

/// What a topic stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Topic {
    /// `quote/<symbol>`: the quote as JSON.
    Quote(Symbol),
    /// `price/<symbol>`: its price as plain text.
    Price(Symbol),
    /// `user/<user>/quote/<symbol>`: the same quote, for that user's picks only.
    UserQuote(UserName, Symbol),
    /// `user/<user>/watchlists`.
    Watchlists(UserName),
    /// `user/<user>/preferences`.
    Preferences(UserName),
    /// `user/<user>/alert`: what has just fired.
    Alert(UserName),
    /// `user/<user>/digest`: the biggest movers of the user's day.
    Digest(UserName),
    /// `user/<user>/alert-log`: how much is in that user's alert log.
    AlertLog(UserName),
    /// `feed/<user>/<symbol>`: a quote of a user's own, from whoever has the right to publish it.
    Feed(UserName, Symbol),
    /// `user/<user>/feed/<symbol>`: the same, validated, for that user alone.
    UserFeed(UserName, Symbol),
    /// `provider/<name>`: how a provider is doing.
    Provider(String),
    /// `status/<service>/<instance>`: whether a service is there.
    Status {
        /// `engine`, `desk`, `dispatcher`, `api` or `broker`.
        service: String,
        /// Which of them.
        instance: String,
    },
    /// `cmd/<to>`: a question to a service.
    Command(String),
    /// `reply/<to>`: the answer to whoever asked.
    Reply(String),
    /// `sys/account/<user>`: all that the desk keeps of a user, for the services alone.
    Account(UserName),
    /// `sys/users`: who there is.
    Users,
    /// `sys/following`: what MQTT clients subscribe to by name, from the broker for the engines.
    Following,
    /// `sys/beat/<service>/<instance>`: it is alive.
    Beat {
        /// As in [`Topic::Status`].
        service: String,
        /// Which of them.
        instance: String,
    },
    /// `homeassistant/<component>/<id>/config`: what is announced to Home Assistant. Outside our root.
    Announcement(Component, String),
    /// `homeassistant/status`: whether Home Assistant is there. Outside our root.
    HomeAssistant,
}

impl Topic {
    /// Whether the broker keeps the last value for whoever comes later.
    pub fn is_retained(&self) -> bool {
        let passes = self.is_passing();
        !passes && !matches!(self, Self::Alert(_) | Self::Digest(_) | Self::Feed(..) | Self::HomeAssistant)
    }

    /// Whether it is said again, by itself, to a broker that was out of reach: nobody need keep it until then.
    pub(crate) fn is_said_again(&self) -> bool {
        self.is_retained() || self.is_passing()
    }

    /// What counts only while it is said: who asks asks again.
    fn is_passing(&self) -> bool {
        matches!(self, Self::Command(_) | Self::Reply(_) | Self::Beat { .. })
    }

    /// Whether a slow reader is better served with the newest value than with all of them.
    pub fn is_conflated(&self) -> bool {
        matches!(
            self,
            Self::Quote(_)
                | Self::Price(_)
                | Self::UserQuote(..)
                | Self::Feed(..)
                | Self::UserFeed(..)
                | Self::Announcement(..)
        )
    }

    /// The quality of service it is published with on an external broker: 0 for quotes, 1 for what must arrive.
    pub fn qos(&self) -> u8 {
        u8::from(!self.is_conflated() || matches!(self, Self::Announcement(..)))
    }
}

/// What a service wants to hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Interest {
    /// Every quote.
    Quotes,
    /// How the providers are doing.
    Providers,
    /// Which services are there.
    Statuses,
    /// What concerns one user: watchlists, preferences, alerts, digests, the alert log.
    User(UserName),
    /// Alerts of every user.
    Alerts,
    /// Daily digests of every user.
    Digests,
    /// Quotes of what one user picked.
    Picks(UserName),
    /// Quotes of their own that users publish.
    Feeds,
    /// Those of one user, validated.
    OwnFeed(UserName),
    /// Whether Home Assistant is there.
    HomeAssistant,
    /// Questions to a service.
    Commands(String),
    /// Answers to whoever asked.
    Replies(String),
    /// Everybody's accounts.
    Accounts,
    /// Who there is.
    Users,
    /// What MQTT clients subscribe to by name.
    Following,
    /// Which instances of a service are alive.
    Beats(String),
}

/// How topics are written: below a root, with or without dots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topics {
    root: Arc<str>,
    escape_dots: bool,
}

impl Topics {
    /// Topics below `root` (such as `quickstocks/v1`); `escape_dots` for brokers that take no `.` in topics.
    pub fn new(root: &str, escape_dots: bool) -> Self {
        Self { root: root.trim_matches('/').into(), escape_dots }
    }

    /// What stands before every topic.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// The text of a topic.
    pub fn format(&self, topic: &Topic) -> String {
        match topic {
            Topic::Quote(symbol) => self.join(&["quote"], &[symbol.as_str()]),
            Topic::Price(symbol) => self.join(&["price"], &[symbol.as_str()]),
            Topic::UserQuote(user, symbol) => self.join(&["user", user.as_str(), "quote"], &[symbol.as_str()]),
            Topic::Watchlists(user) => self.join(&["user", user.as_str(), "watchlists"], &[]),
            Topic::Preferences(user) => self.join(&["user", user.as_str(), "preferences"], &[]),
            Topic::Alert(user) => self.join(&["user", user.as_str(), "alert"], &[]),
            Topic::Digest(user) => self.join(&["user", user.as_str(), "digest"], &[]),
            Topic::AlertLog(user) => self.join(&["user", user.as_str(), "alert-log"], &[]),
            Topic::Feed(user, symbol) => self.join(&["feed", user.as_str()], &[symbol.as_str()]),
            Topic::UserFeed(user, symbol) => self.join(&["user", user.as_str(), "feed"], &[symbol.as_str()]),
            Topic::Provider(name) => self.join(&["provider"], &[name]),
            Topic::Status { service, instance } => self.join(&["status"], &[service, instance]),
            Topic::Command(to) => self.join(&["cmd"], &[to]),
            Topic::Reply(to) => self.join(&["reply"], &[to]),
            Topic::Account(user) => self.join(&["sys", "account", user.as_str()], &[]),
            Topic::Users => self.join(&["sys", "users"], &[]),
            Topic::Following => self.join(&["sys", "following"], &[]),
            Topic::Beat { service, instance } => self.join(&["sys", "beat"], &[service, instance]),
            Topic::Announcement(component, id) => discovery::format(*component, id),
            Topic::HomeAssistant => discovery::BIRTH.to_owned(),
        }
    }

    /// Levels below the root: those that can stand as they are, then those that may have to be escaped.
    fn join(&self, plain: &[&str], escaped: &[&str]) -> String {
        let mut text = String::with_capacity(self.root.len() + LEVELS_ROOM);
        text.push_str(&self.root);
        for level in plain {
            text.push('/');
            text.push_str(level);
        }
        for level in escaped {
            text.push('/');
            self.push_escaped(&mut text, level);
        }
        text
    }

    /// What a text stands for; `None` where it is not one that [`Topics::format`] writes.
    pub fn parse(&self, text: &str) -> Option<Topic> {
        if text == discovery::BIRTH {
            return Some(Topic::HomeAssistant);
        }
        if discovery::is_inside(text) {
            return discovery::parse(text).map(|(component, id)| Topic::Announcement(component, id));
        }
        let mut below = text.strip_prefix(&*self.root)?.strip_prefix('/')?.split('/');
        let levels: [Option<&str>; 5] = std::array::from_fn(|_| below.next());
        let topic = match levels {
            [Some("quote"), Some(symbol), None, ..] => Topic::Quote(read_symbol(symbol)?),
            [Some("price"), Some(symbol), None, ..] => Topic::Price(read_symbol(symbol)?),
            [Some("user"), Some(user), Some("quote"), Some(symbol), None] => {
                Topic::UserQuote(UserName::parse(user).ok()?, read_symbol(symbol)?)
            }
            [Some("user"), Some(user), Some("feed"), Some(symbol), None] => {
                Topic::UserFeed(UserName::parse(user).ok()?, read_symbol(symbol)?)
            }
            [Some("user"), Some(user), Some("watchlists"), None, _] => Topic::Watchlists(UserName::parse(user).ok()?),
            [Some("user"), Some(user), Some("preferences"), None, _] => Topic::Preferences(UserName::parse(user).ok()?),
            [Some("user"), Some(user), Some("alert"), None, _] => Topic::Alert(UserName::parse(user).ok()?),
            [Some("user"), Some(user), Some("digest"), None, _] => Topic::Digest(UserName::parse(user).ok()?),
            [Some("user"), Some(user), Some("alert-log"), None, _] => Topic::AlertLog(UserName::parse(user).ok()?),
            [Some("feed"), Some(user), Some(symbol), None, _] => {
                Topic::Feed(UserName::parse(user).ok()?, read_symbol(symbol)?)
            }
            [Some("provider"), Some(name), None, ..] => Topic::Provider(unescape(name)?.into_owned()),
            [Some("status"), Some(service), Some(instance), None, _] => {
                Topic::Status { service: unescape(service)?.into_owned(), instance: unescape(instance)?.into_owned() }
            }
            [Some("cmd"), Some(to), None, ..] => Topic::Command(unescape(to)?.into_owned()),
            [Some("reply"), Some(to), None, ..] => Topic::Reply(unescape(to)?.into_owned()),
            [Some("sys"), Some("account"), Some(user), None, _] => Topic::Account(UserName::parse(user).ok()?),
            [Some("sys"), Some("users"), None, ..] => Topic::Users,
            [Some("sys"), Some("following"), None, ..] => Topic::Following,
            [Some("sys"), Some("beat"), Some(service), Some(instance), None] => {
                Topic::Beat { service: unescape(service)?.into_owned(), instance: unescape(instance)?.into_owned() }
            }
            _ => return None,
        };
        (self.format(&topic) == text).then_some(topic)
    }

    /// Whether a topic is one of those that [`Topic::is_conflated`]: by its shape alone, for this is asked of everything
    /// that is published.
    pub(crate) fn conflates(&self, text: &str) -> bool {
        let Some(below) = text.strip_prefix(&*self.root).and_then(|rest| rest.strip_prefix('/')) else {
            return discovery::parse(text).is_some();
        };
        let last = below.split_once('/').and_then(|(family, rest)| match family {
            "quote" | "price" => Some(rest),
            "feed" => rest.split_once('/').map(|(_, symbol)| symbol),
            "user" => {
                let (_, kind_and_symbol) = rest.split_once('/')?;
                kind_and_symbol.strip_prefix("quote/").or_else(|| kind_and_symbol.strip_prefix("feed/"))
            }
            _ => None,
        });
        last.is_some_and(|symbol| !symbol.is_empty() && !symbol.contains('/'))
    }

    /// The filter that hears an interest.
    pub fn filter(&self, interest: &Interest) -> String {
        let root = &self.root;
        match interest {
            Interest::Quotes => format!("{root}/quote/+"),
            Interest::Providers => format!("{root}/provider/+"),
            Interest::Statuses => format!("{root}/status/#"),
            Interest::User(user) => format!("{root}/user/{user}/+"),
            Interest::Alerts => format!("{root}/user/+/alert"),
            Interest::Digests => format!("{root}/user/+/digest"),
            Interest::Picks(user) => format!("{root}/user/{user}/quote/+"),
            Interest::OwnFeed(user) => format!("{root}/user/{user}/feed/+"),
            Interest::HomeAssistant => discovery::BIRTH.to_owned(),
            Interest::Feeds => format!("{root}/feed/+/+"),
            Interest::Commands(to) => self.format(&Topic::Command(to.clone())),
            Interest::Replies(to) => self.format(&Topic::Reply(to.clone())),
            Interest::Accounts => format!("{root}/sys/account/+"),
            Interest::Users => self.format(&Topic::Users),
            Interest::Following => self.format(&Topic::Following),
            Interest::Beats(service) => format!("{}/+", self.join(&["sys", "beat"], &[service])),
        }
    }

    /// Every byte outside `A-Z a-z 0-9 . _ = ^ -` as `%XX`.
    fn push_escaped(&self, text: &mut String, level: &str) {
        let is_plain = |byte: u8| match byte {
            b'.' => !self.escape_dots,
            byte => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'=' | b'^' | b'-'),
        };
        // Nearly always, and thousands of times a second.
        if level.bytes().all(is_plain) {
            return text.push_str(level);
        }
        for byte in level.bytes() {
            if is_plain(byte) {
                text.push(char::from(byte));
            } else {
                // Writing to a String cannot fail.
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
}

fn read_symbol(level: &str) -> Option<Symbol> {
    Symbol::parse(&unescape(level)?).ok()
}

fn unescape(level: &str) -> Option<Cow<'_, str>> {
    if !level.contains('%') {
        return Some(Cow::Borrowed(level));
    }
    let mut bytes = Vec::with_capacity(level.len());
    let mut rest = level.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        if byte == b'%' {
            let hex = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(hex, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(byte);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests;
