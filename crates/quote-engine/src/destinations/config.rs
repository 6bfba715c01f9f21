//! What the installation has to say of destinations: its mail server, its gateway for short messages, and which hosts of
//! its own network may be asked.

use std::{collections::BTreeSet, path::PathBuf};

use serde::{Deserialize, Serialize};

use crate::provider::settings::Network;

/// Where Telegram's bots are asked.
pub const TELEGRAM_URL: &str = "https://api.telegram.org";
/// Where Twilio takes short messages.
pub const TWILIO_URL: &str = "https://api.twilio.com";

/// What destinations need to know.
#[derive(Debug, Clone)]
pub struct DestinationsConfig {
    /// The folder of the outbox.
    pub data_dir: PathBuf,
    /// The folder of the key that browsers subscribe to: the same for all who deliver.
    pub key_dir: PathBuf,
    /// The mail server, where there is one.
    pub mail: Option<MailConfig>,
    /// The gateway for short messages, where there is one.
    pub sms: Option<SmsConfig>,
    /// Hosts, as addresses name them, that may be inside this network.
    pub private_hosts: BTreeSet<String>,
    /// Where Telegram's bots are asked.
    pub telegram_url: String,
    /// The way out.
    pub network: Network,
    /// Certificates in PEM that are trusted beside the system's; empty for none.
    pub ca_file: PathBuf,
    /// The languages of who chose none, best first, as BCP 47 tags.
    pub languages: Vec<String>,
}

/// How letters are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailConfig {
    /// The mail server's name.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// How the way there is kept private.
    pub tls: MailSecurity,
    /// The login there, and the file with its password; none where it wants none.
    pub login: Option<(String, PathBuf)>,
    /// Whom letters are from: `ticker@example.org`, or `Ticker <ticker@example.org>`.
    pub from: String,
}

/// How the way to a mail server is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// By TLS from the second word on; a server that offers none is sent nothing.
    #[default]
    Starttls,
    /// By TLS from the first.
    Tls,
    /// Not at all.
    None,
}

impl MailSecurity {
    /// The port that is usual for it.
    pub fn port(self) -> u16 {
        match self {
            Self::Starttls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}

/// How short messages are sent: as Twilio takes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsConfig {
    /// Where.
    pub url: String,
    /// The account there.
    pub account_sid: String,
    /// The file with its token.
    pub auth_token_file: PathBuf,
    /// The number that they are from, or the id of a messaging service.
    pub from: String,
}

impl MailConfig {
    /// Whom letters are from, without the name.
    pub(super) fn address(&self) -> Option<String> {
        Some(self.from.parse::<lettre::message::Mailbox>().ok()?.email.to_string())
    }

    /// Whether this can be the sender of letters.
    pub fn is_sender(text: &str) -> bool {
        text.parse::<lettre::message::Mailbox>().is_ok()
    }
}
