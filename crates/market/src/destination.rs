//! Where a user's alerts go beside the notification and the MQTT topic: which places there may be, and what is said of
//! them. A password, a token or an address that is one never stands here.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Alert, EditError, LogEvent, Profile};

/// Destinations of one user at the most.
pub const DESTINATIONS_MAX: usize = 20;
/// Characters of a destination's name at the most.
pub const DESTINATION_NAME_MAX: usize = 40;
/// Bytes of a destination's id at the most.
pub const DESTINATION_ID_MAX: usize = 64;
/// Bytes of a web address at the most.
pub const URL_MAX: usize = 512;
/// Bytes of an e-mail address at the most (RFC 5321).
pub const EMAIL_MAX: usize = 254;

/// What a destination's name looks like: one line that is not blank.
pub const NAME_PATTERN: &str =
    r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$";
/// What an e-mail address looks like: plain ASCII, nothing that could end a line or begin another address.
pub const EMAIL_PATTERN: &str = "^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-](\\.?[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]){0,63}@\
    [A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$";
/// What a web address looks like: a host and no login in it, without blanks.
pub const URL_PATTERN: &str = "^https?://[A-Za-z0-9.:\\[\\]-]{1,255}([/?][!-~]*)?$";

/// One place where a user's alerts go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Destination {
    /// Unique among the user's destinations.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[A-Za-z0-9_-]{1,64}$"))]
    pub id: String,
    /// What the user calls it. One line.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 40))]
    pub name: String,
    /// Whether anything is sent there.
    pub enabled: bool,
    /// What and where it is.
    pub to: Target,
}

/// What a destination is. What it needs to be kept secret is put elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Target {
    /// A letter, through the mail server of the installation.
    Email {
        /// To whom.
        #[cfg_attr(feature = "openapi", schema(max_length = 254))]
        address: String,
    },
    /// A signed POST of JSON, as Standard Webhooks have it. Its secret, if any, signs.
    Webhook {
        /// Where to.
        #[cfg_attr(feature = "openapi", schema(max_length = 512))]
        url: String,
    },
    /// A topic of ntfy. Its secret, if any, is an access token.
    Ntfy {
        /// The server's address.
        #[cfg_attr(feature = "openapi", schema(max_length = 512))]
        server: String,
        /// What phones subscribe to.
        #[cfg_attr(feature = "openapi", schema(pattern = "^[A-Za-z0-9_-]{1,64}$"))]
        topic: String,
    },
    /// A channel of Slack, or of what takes the same. Its secret is the address of the incoming webhook.
    Slack,
    /// A channel of Discord. Its secret is the address of the webhook.
    Discord,
    /// A chat of Telegram. Its secret is the token of the bot.
    Telegram {
        /// A number, or `@name` of a channel.
        #[cfg_attr(feature = "openapi", schema(pattern = "^(-?[0-9]{1,20}|@[A-Za-z][A-Za-z0-9_]{4,31})$"))]
        chat: String,
    },
    /// A short message, through the gateway of the installation.
    Sms {
        /// To which number: `+` and the country first.
        #[cfg_attr(feature = "openapi", schema(pattern = "^\\+[1-9][0-9]{6,14}$"))]
        number: String,
    },
    /// A browser that is told by Web Push. Its secret is the subscription.
    WebPush,
}

/// What of a destination makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DestinationField {
    /// Its id.
    Id,
    /// Its name.
    Name,
    /// The e-mail address.
    Address,
    /// The address of a webhook.
    Url,
    /// The address of a server.
    Server,
    /// The topic there.
    Topic,
    /// The chat.
    Chat,
    /// The telephone number.
    Number,
    /// Where a browser's push service is.
    Endpoint,
    /// The browser's public key.
    PublicKey,
    /// What the browser shares.
    SharedSecret,
}

impl DestinationField {
    /// As it stands in a body.
    pub fn path(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::Address => "to.address",
            Self::Url => "to.url",
            Self::Server => "to.server",
            Self::Topic => "to.topic",
            Self::Chat => "to.chat",
            Self::Number => "to.number",
            Self::Endpoint => "endpoint",
            Self::PublicKey => "keys.p256dh",
            Self::SharedSecret => "keys.auth",
        }
    }

    /// What it may be.
    pub(crate) fn rule(self) -> &'static str {
        match self {
            Self::Id => "a destination's id has 1 to 64 of A-Z a-z 0-9 _ -",
            Self::Name => "a destination's name has 1 to 40 printable characters on one line",
            Self::Address => "an e-mail address is written me@host.example",
            Self::Url | Self::Server => {
                "an address begins with https:// or http://, and has a host and no blanks and no login"
            }
            Self::Topic => "a topic of ntfy has 1 to 64 of A-Z a-z 0-9 _ -",
            Self::Chat => "a chat of Telegram is a number, or @ and the name of a channel",
            Self::Number => "a telephone number is written +491701234567: the country first, no blanks",
            Self::Endpoint => {
                "the address of a push service begins with https:// (http:// only on this machine), and has 1,024 bytes at most"
            }
            Self::PublicKey => "a browser's public key is a point of P-256: 65 bytes in base64url",
            Self::SharedSecret => "what a browser shares is 16 bytes in base64url",
        }
    }
}

/// What a destination keeps secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    /// Nothing.
    None,
    /// Something, where the user wants it.
    Optional,
    /// Something without which it cannot be reached.
    Needed,
}

impl Target {
    /// Whether it goes with a secret.
    pub fn secrecy(&self) -> Secrecy {
        match self {
            Self::Email { .. } | Self::Sms { .. } => Secrecy::None,
            Self::Webhook { .. } | Self::Ntfy { .. } => Secrecy::Optional,
            Self::Slack | Self::Discord | Self::Telegram { .. } | Self::WebPush => Secrecy::Needed,
        }
    }

    fn check(&self) -> Result<(), EditError> {
        let (field, is_sound) = match self {
            Self::Email { address } => (DestinationField::Address, is_email(address)),
            Self::Webhook { url } => (DestinationField::Url, is_url(url)),
            Self::Ntfy { server, .. } if !is_url(server) => (DestinationField::Server, false),
            Self::Ntfy { topic, .. } => (DestinationField::Topic, is_id(topic)),
            Self::Telegram { chat } => (DestinationField::Chat, is_chat(chat)),
            Self::Sms { number } => (DestinationField::Number, is_phone_number(number)),
            Self::Slack | Self::Discord | Self::WebPush => return Ok(()),
        };
        if is_sound { Ok(()) } else { Err(EditError::Destination { field }) }
    }
}

/// Up to 64 plain letters and digits.
fn is_id(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=DESTINATION_ID_MAX).contains(&text.len()) && text.bytes().all(is_plain)
}

/// As [`EMAIL_PATTERN`] has it.
fn is_email(text: &str) -> bool {
    const LOCAL_MAX: usize = 64;
    let is_atom = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte);
    let is_local = |local: &str| {
        let letters: usize = local.split('.').map(str::len).sum();
        letters <= LOCAL_MAX && local.split('.').all(|part| !part.is_empty() && part.bytes().all(is_atom))
    };
    text.len() <= EMAIL_MAX && text.split_once('@').is_some_and(|(local, host)| is_local(local) && is_host_name(host))
}

fn is_host_name(text: &str) -> bool {
    const LABEL_MAX: usize = 63;
    let is_label = |label: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=LABEL_MAX).contains(&label.len())
            && label.bytes().all(is_plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.split('.').all(is_label)
}

/// As [`URL_PATTERN`] has it.
pub fn is_url(text: &str) -> bool {
    const AUTHORITY_MAX: usize = 255;
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else { return false };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let is_of_authority = |byte: u8| byte.is_ascii_alphanumeric() || b".:[]-".contains(&byte);
    text.len() <= URL_MAX
        && (1..=AUTHORITY_MAX).contains(&authority.len())
        && authority.bytes().all(is_of_authority)
        && path.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_chat(text: &str) -> bool {
    let is_digits = |text: &str| (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_name = |name: &str| {
        (5..=32).contains(&name.len())
            && name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    is_digits(text.strip_prefix('-').unwrap_or(text)) || text.strip_prefix('@').is_some_and(is_name)
}

/// As ITU-T E.164 has it.
fn is_phone_number(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// A user's destinations as they are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Destinations {
    /// In the order they were made.
    pub destinations: Vec<DestinationState>,
    /// Whether the installation has a mail server.
    pub email: bool,
    /// Whether the installation has a gateway for short messages.
    pub sms: bool,
}

/// One of them, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DestinationState {
    /// The destination.
    pub destination: Destination,
    /// Whether its secret is set. Never the secret.
    pub secret: bool,
    /// How many alerts wait to be sent there.
    pub waiting: u32,
}

/// What a destination answered to a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DestinationTest {
    /// Whether it took the message.
    pub delivered: bool,
    /// What it said, or why it could not be asked.
    pub said: String,
}

/// What could not be delivered, for good: it waits for the user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeadLetter {
    /// Unique.
    pub id: String,
    /// The destination's id.
    pub destination: String,
    /// What was to be told.
    pub event: LogEvent,
    /// Why it could not be.
    pub reason: String,
    /// How often it was tried.
    pub tries: u32,
    /// When it was given up.
    #[cfg_attr(feature = "specta", specta(type = String))]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub given_up_at: Timestamp,
}

impl Profile {
    /// The destination of that id.
    pub fn destination(&self, id: &str) -> Result<&Destination, EditError> {
        self.destinations.iter().find(|each| each.id == id).ok_or_else(|| EditError::NoDestination(id.into()))
    }

    /// Where an alert goes: to those it names, else to all; of these, those that are on.
    pub fn destinations_of(&self, alert_id: &str) -> impl Iterator<Item = &Destination> {
        let alert = self.alerts.iter().find(|alert| alert.id == alert_id);
        let chosen = alert.and_then(|alert| alert.destinations.as_ref());
        let is_chosen = move |id: &String| chosen.is_none_or(|chosen| chosen.contains(id));
        self.destinations.iter().filter(move |each| each.enabled && is_chosen(&each.id))
    }

    /// Puts a destination in place of the one of its id, or at the end; says whether it is new.
    pub(crate) fn put_destination(&mut self, destination: Destination) -> Result<Option<bool>, EditError> {
        let Destination { name, .. } = &destination;
        let is_line = name.chars().count() <= DESTINATION_NAME_MAX && !name.chars().any(char::is_control);
        if !is_line || name.trim().is_empty() {
            return Err(EditError::Destination { field: DestinationField::Name });
        }
        let destination = Destination { name: name.trim().into(), ..destination };
        if !is_id(&destination.id) {
            return Err(EditError::Destination { field: DestinationField::Id });
        }
        destination.to.check()?;
        if let Some(present) = self.destinations.iter_mut().find(|each| each.id == destination.id) {
            let changed = *present != destination;
            *present = destination;
            return Ok(changed.then_some(false));
        }
        if self.destinations.len() == DESTINATIONS_MAX {
            return Err(EditError::TooManyDestinations);
        }
        self.destinations.push(destination);
        Ok(Some(true))
    }

    /// Removes a destination; alerts that name it name it no more.
    pub(crate) fn remove_destination(&mut self, id: &str) -> Result<(), EditError> {
        self.destination(id)?;
        self.destinations.retain(|each| each.id != id);
        for chosen in self.alerts.iter_mut().filter_map(|alert| alert.destinations.as_mut()) {
            chosen.retain(|each| each != id);
        }
        Ok(())
    }

    /// An alert of elsewhere: of the destinations that it names, those that are there.
    pub(crate) fn with_own_destinations(&self, mut alert: Alert) -> Alert {
        if let Some(chosen) = &mut alert.destinations {
            chosen.retain(|id| self.destination(id).is_ok());
        }
        alert
    }

    /// What an alert names of the destinations that there are, each once.
    pub(crate) fn checked_choice(&self, chosen: Vec<String>) -> Result<Vec<String>, EditError> {
        let mut once: Vec<String> = Vec::new();
        for id in chosen {
            self.destination(&id)?;
            if !once.contains(&id) {
                once.push(id);
            }
        }
        Ok(once)
    }
}

#[cfg(test)]
mod tests;
