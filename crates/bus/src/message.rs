//! What each topic carries.

use std::io::Write as _;

use bytes::Bytes;
use jiff::Timestamp;
use market::{AlertFired, Digest, LogSummary, Preferences, Price, ProviderHealth, Quote, Symbol, UserName, Watchlists};
use serde::{Deserialize, Serialize};

use crate::{Component, Following, Topic};

/// What Home Assistant says of itself, as it comes configured.
const HOME_ONLINE: &[u8] = b"online";
const HOME_OFFLINE: &[u8] = b"offline";

/// Bytes of a quote that a user publishes, at the most. The longest that is sound has half of them.
pub const FEED_BYTES_MAX: usize = 4 * 1024;

/// What services tell each other and everybody else.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// The latest state of an instrument.
    Quote(Quote),
    /// Nobody follows it any more.
    QuoteGone(Symbol),
    /// The price alone, for scripts and small devices.
    Price(Symbol, Price),
    /// Nobody follows it any more.
    PriceGone(Symbol),
    /// A quote of one of a user's picks.
    UserQuote(UserName, Quote),
    /// It is none of the user's picks any more.
    UserQuoteGone(UserName, Symbol),
    /// A user's watchlists.
    Watchlists(UserName, Watchlists),
    /// What a user chose that is no list and no alert.
    Preferences(UserName, Box<Preferences>),
    /// An alert has fired.
    Alert(UserName, AlertFired),
    /// A user's daily digest.
    Digest(UserName, Digest),
    /// How much is in a user's alert log.
    AlertLog(UserName, LogSummary),
    /// A quote that a user publishes.
    Feed(UserName, Quote),
    /// The same, validated, for that user alone.
    UserFeed(UserName, Quote),
    /// The user publishes it no more.
    UserFeedGone(UserName, Symbol),
    /// How a provider is doing.
    Provider(ProviderHealth),
    /// Whether a service is there.
    Status(Status),
    /// What something is, for Home Assistant.
    Announcement(Component, String, serde_json::Value),
    /// It is there no more.
    AnnouncementGone(Component, String),
    /// Whether Home Assistant is there.
    HomeAssistant(bool),
    /// A question to a service; see [`crate::Calls`].
    Command(String, Bytes),
    /// The answer to whoever asked.
    Reply(String, Bytes),
    /// What the desk keeps of a user, as it keeps it; not read here.
    Account(UserName, Bytes),
    /// Who there is.
    Users(Vec<UserName>),
    /// What MQTT clients subscribe to by name.
    Following(Following),
    /// A service is alive.
    Beat {
        /// `engine`, `desk` or `dispatcher`.
        service: String,
        /// Which of them.
        instance: String,
        /// Since when.
        since: Timestamp,
    },
    /// There is nothing on this topic any more: the user is gone.
    Gone(Topic),
}

/// Whether a service is there, as published on `status/<service>/<instance>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// `engine`, `desk`, `dispatcher`, `api` or `broker`.
    pub service: String,
    /// Which of them.
    pub instance: String,
    /// Whether it is there.
    pub online: bool,
    /// Since when it has been so.
    pub since: Timestamp,
    /// Of which version it is.
    pub version: String,
    /// What has happened to it that its readers should know.
    pub note: Option<String>,
}

impl Status {
    /// The same service, gone.
    #[must_use]
    pub fn offline(&self, since: Timestamp) -> Self {
        Self { online: false, since, note: None, ..self.clone() }
    }
}

#[derive(Serialize, Deserialize)]
struct StatusPayload {
    state: State,
    since: Timestamp,
    version: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum State {
    Online,
    Offline,
}

impl Message {
    /// The topic it belongs on.
    pub fn topic(&self) -> Topic {
        match self {
            Self::Quote(quote) => Topic::Quote(quote.symbol.clone()),
            Self::QuoteGone(symbol) => Topic::Quote(symbol.clone()),
            Self::Price(symbol, _) | Self::PriceGone(symbol) => Topic::Price(symbol.clone()),
            Self::UserQuote(user, quote) => Topic::UserQuote(user.clone(), quote.symbol.clone()),
            Self::UserQuoteGone(user, symbol) => Topic::UserQuote(user.clone(), symbol.clone()),
            Self::Watchlists(user, _) => Topic::Watchlists(user.clone()),
            Self::Preferences(user, _) => Topic::Preferences(user.clone()),
            Self::Alert(user, _) => Topic::Alert(user.clone()),
            Self::Digest(user, _) => Topic::Digest(user.clone()),
            Self::AlertLog(user, _) => Topic::AlertLog(user.clone()),
            Self::Feed(user, quote) => Topic::Feed(user.clone(), quote.symbol.clone()),
            Self::UserFeed(user, quote) => Topic::UserFeed(user.clone(), quote.symbol.clone()),
            Self::UserFeedGone(user, symbol) => Topic::UserFeed(user.clone(), symbol.clone()),
            Self::Announcement(component, id, _) | Self::AnnouncementGone(component, id) => {
                Topic::Announcement(*component, id.clone())
            }
            Self::HomeAssistant(_) => Topic::HomeAssistant,
            Self::Command(to, _) => Topic::Command(to.clone()),
            Self::Reply(to, _) => Topic::Reply(to.clone()),
            Self::Account(user, _) => Topic::Account(user.clone()),
            Self::Users(_) => Topic::Users,
            Self::Following(_) => Topic::Following,
            Self::Beat { service, instance, .. } => {
                Topic::Beat { service: service.clone(), instance: instance.clone() }
            }
            Self::Gone(topic) => topic.clone(),
            Self::Provider(health) => Topic::Provider(health.name.clone()),
            Self::Status(status) => {
                Topic::Status { service: status.service.clone(), instance: status.instance.clone() }
            }
        }
    }

    /// Its bytes: JSON, but for a price, which is plain text. Empty where something is gone: that clears what was kept.
    /// Written in `room`, whatever stood there, and kept in as many bytes as it needs: thousands of them are.
    pub(crate) fn payload(&self, room: &mut Vec<u8>) -> Result<Bytes, serde_json::Error> {
        room.clear();
        self.write(room)?;
        Ok(Bytes::copy_from_slice(room))
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        match self {
            Self::Quote(quote) | Self::UserQuote(_, quote) | Self::Feed(_, quote) | Self::UserFeed(_, quote) => {
                serde_json::to_writer(out, quote)
            }
            Self::QuoteGone(_)
            | Self::PriceGone(_)
            | Self::UserQuoteGone(..)
            | Self::UserFeedGone(..)
            | Self::AnnouncementGone(..)
            | Self::Gone(_) => Ok(()),
            Self::Command(_, bytes) | Self::Reply(_, bytes) | Self::Account(_, bytes) => {
                out.extend_from_slice(bytes);
                Ok(())
            }
            Self::Users(users) => serde_json::to_writer(out, users),
            Self::Following(following) => serde_json::to_writer(out, following),
            Self::Beat { since, .. } => serde_json::to_writer(out, since),
            Self::Announcement(_, _, what) => serde_json::to_writer(out, what),
            Self::HomeAssistant(is_there) => {
                out.extend_from_slice(if *is_there { HOME_ONLINE } else { HOME_OFFLINE });
                Ok(())
            }
            Self::Price(_, price) => write!(out, "{price}").map_err(serde_json::Error::io),
            Self::Watchlists(_, watchlists) => serde_json::to_writer(out, watchlists),
            Self::Preferences(_, preferences) => serde_json::to_writer(out, preferences),
            Self::Alert(_, fired) => serde_json::to_writer(out, fired),
            Self::Digest(_, digest) => serde_json::to_writer(out, digest),
            Self::AlertLog(_, summary) => serde_json::to_writer(out, summary),
            Self::Provider(health) => serde_json::to_writer(out, health),
            Self::Status(Status { online, since, version, note, .. }) => {
                let state = if *online { State::Online } else { State::Offline };
                let (version, note) = (version.clone(), note.clone());
                serde_json::to_writer(out, &StatusPayload { state, since: *since, version, note })
            }
        }
    }

    /// What was said on a topic; `None` where the bytes make no sense there.
    pub(crate) fn read(topic: Topic, payload: &Bytes) -> Option<Self> {
        let gone = payload.is_empty();
        Some(match topic {
            Topic::Quote(symbol) if gone => Self::QuoteGone(symbol),
            Topic::Quote(_) => Self::Quote(from_json(payload)?),
            Topic::Price(symbol) if gone => Self::PriceGone(symbol),
            Topic::Price(symbol) => Self::Price(symbol, std::str::from_utf8(payload).ok()?.parse().ok()?),
            Topic::UserQuote(user, symbol) if gone => Self::UserQuoteGone(user, symbol),
            Topic::UserQuote(user, _) => Self::UserQuote(user, from_json(payload)?),
            Topic::Watchlists(_) | Topic::Preferences(_) | Topic::AlertLog(_) | Topic::Account(_) if gone => {
                Self::Gone(topic)
            }
            Topic::Command(to) => Self::Command(to, payload.clone()),
            Topic::Reply(to) => Self::Reply(to, payload.clone()),
            Topic::Account(user) => Self::Account(user, payload.clone()),
            Topic::Users => Self::Users(from_json(payload)?),
            Topic::Following => Self::Following(from_json(payload)?),
            Topic::Beat { service, instance } => Self::Beat { service, instance, since: from_json(payload)? },
            Topic::Watchlists(user) => Self::Watchlists(user, from_json(payload)?),
            Topic::Preferences(user) => Self::Preferences(user, from_json(payload)?),
            Topic::Alert(user) => Self::Alert(user, from_json(payload)?),
            Topic::Digest(user) => Self::Digest(user, from_json(payload)?),
            Topic::AlertLog(user) => Self::AlertLog(user, from_json(payload)?),
            Topic::Feed(..) if payload.len() > FEED_BYTES_MAX => return None,
            Topic::Feed(user, symbol) => {
                let quote: Quote = from_json(payload)?;
                (quote.symbol == symbol).then_some(Self::Feed(user, quote))?
            }
            Topic::Provider(_) => Self::Provider(from_json(payload)?),
            Topic::Status { service, instance } => {
                let StatusPayload { state, since, version, note } = from_json(payload)?;
                Self::Status(Status { service, instance, online: state == State::Online, since, version, note })
            }
            Topic::UserFeed(user, symbol) if gone => Self::UserFeedGone(user, symbol),
            Topic::UserFeed(user, _) => Self::UserFeed(user, from_json(payload)?),
            Topic::Announcement(component, id) if gone => Self::AnnouncementGone(component, id),
            Topic::Announcement(component, id) => Self::Announcement(component, id, from_json(payload)?),
            Topic::HomeAssistant => match &payload[..] {
                HOME_ONLINE => Self::HomeAssistant(true),
                HOME_OFFLINE => Self::HomeAssistant(false),
                _ => return None,
            },
        })
    }
}

fn from_json<T: for<'de> Deserialize<'de>>(payload: &[u8]) -> Option<T> {
    serde_json::from_slice(payload).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_plain_text() {
        for text in ["189.25", "200", "0.00000812", "97508.9", "123456.789012345"] {
            let price = Message::Price(Symbol::parse("AAPL").unwrap(), text.parse().unwrap());
            assert_eq!(price.payload(&mut Vec::new()).unwrap(), text.as_bytes());
            assert_eq!(Message::read(price.topic(), &Bytes::from_static(text.as_bytes())), Some(price));
        }
    }

    #[test]
    fn a_status_reads_back() {
        let status = Message::Status(Status {
            service: "engine".into(),
            instance: "a".into(),
            online: true,
            since: Timestamp::UNIX_EPOCH,
            version: "0.1.0".into(),
            note: None,
        });
        let payload = status.payload(&mut Vec::new()).unwrap();
        assert_eq!(&payload[..], br#"{"state":"online","since":"1970-01-01T00:00:00Z","version":"0.1.0"}"#);
        assert_eq!(Message::read(status.topic(), &payload), Some(status));
    }
}
