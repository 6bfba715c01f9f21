//! What the installation says of destinations of alerts: its mail server, its gateway for short messages, and how far
//! users' own addresses may reach. Passwords stand in files of their own.

use std::{collections::BTreeSet, path::PathBuf};

use quote_engine::destinations::{DestinationsConfig, MailConfig, MailSecurity, SmsConfig, TELEGRAM_URL, TWILIO_URL};
use quote_engine::provider::settings::Network;
use serde::Deserialize;

use super::{Config, ConfigError, Sources, is_loopback, rules};

/// The mail server that alerts are sent by.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailSection {
    /// Its name; empty for none.
    pub server: String,
    /// Its port; 0 for the one that is usual.
    pub port: u16,
    /// How the way there is kept private.
    pub tls: MailSecurity,
    /// The login there.
    pub user: String,
    /// The file that holds its password.
    pub password_file: PathBuf,
    /// Whom letters are from.
    pub from: String,
}

/// The gateway that short messages are sent by: as Twilio takes them.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmsSection {
    /// Where it is.
    pub url: String,
    /// The account there; empty for none.
    pub account_sid: String,
    /// The file that holds its token.
    pub auth_token_file: PathBuf,
    /// The number that they are from, or the id of a messaging service.
    pub from: String,
}

impl Default for SmsSection {
    fn default() -> Self {
        let (account_sid, auth_token_file, from) = (String::new(), PathBuf::new(), String::new());
        Self { url: TWILIO_URL.to_owned(), account_sid, auth_token_file, from }
    }
}

/// Where users' alerts may go.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DestinationsSection {
    /// Hosts, as users' addresses name them, that may be inside this network.
    pub private_hosts: BTreeSet<String>,
    /// Where Telegram's bots are asked.
    pub telegram_url: String,
}

impl Default for DestinationsSection {
    fn default() -> Self {
        Self { private_hosts: BTreeSet::new(), telegram_url: TELEGRAM_URL.to_owned() }
    }
}

impl Config {
    /// What delivers alerts needs to know.
    pub(crate) fn for_destinations(&self, network: Network, languages: Vec<String>) -> DestinationsConfig {
        DestinationsConfig {
            data_dir: self.data_dir.clone(),
            key_dir: self.data_dir.clone(),
            mail: self.mail.server(),
            sms: self.sms.gateway(),
            private_hosts: self.destinations.private_hosts.iter().map(|host| host.to_ascii_lowercase()).collect(),
            telegram_url: trimmed(&self.destinations.telegram_url),
            network,
            ca_file: self.network.ca_file.clone(),
            languages,
        }
    }
}

impl MailSection {
    fn server(&self) -> Option<MailConfig> {
        let login = || (self.user.clone(), self.password_file.clone());
        (!self.server.is_empty()).then(|| MailConfig {
            server: self.server.clone(),
            port: if self.port == 0 { self.tls.port() } else { self.port },
            tls: self.tls,
            login: (!self.user.is_empty()).then(login),
            from: self.from.clone(),
        })
    }
}

impl SmsSection {
    fn gateway(&self) -> Option<SmsConfig> {
        (!self.account_sid.is_empty()).then(|| SmsConfig {
            url: trimmed(&self.url),
            account_sid: self.account_sid.clone(),
            auth_token_file: self.auth_token_file.clone(),
            from: self.from.clone(),
        })
    }
}

/// What no single value can know.
pub(super) fn check(config: &Config, places: &Sources) -> Result<(), ConfigError> {
    check_mail(&config.mail, places)?;
    check_sms(&config.sms, places)?;
    let section = &config.destinations;
    if let Some(bad) = section.private_hosts.iter().find(|host| !is_bare_host(host)) {
        let problem = format!(
            "{bad:?} is no host; allowed: names and addresses as in a URL, such as \"ntfy.home\" or \"192.168.1.5\""
        );
        return Err(places.wrong("destinations.private_hosts", problem));
    }
    if section.private_hosts.len() > rules::HOSTS_MAX {
        return Err(places.wrong("destinations.private_hosts", format!("too many; allowed: {}", rules::HOSTS_MAX)));
    }
    check_address(places, "destinations.telegram_url", &section.telegram_url)
}

fn check_mail(mail: &MailSection, places: &Sources) -> Result<(), ConfigError> {
    if mail.server.is_empty() {
        return Ok(());
    }
    if !is_bare_host(&mail.server) {
        return Err(
            places.wrong("mail.server", format!("{:?} is no host; allowed: a name without a port", mail.server))
        );
    }
    if !MailConfig::is_sender(&mail.from) {
        let problem = format!(
            "{:?} is no sender; allowed: \"ticker@example.org\", or \"Ticker <ticker@example.org>\"",
            mail.from
        );
        return Err(places.wrong("mail.from", problem));
    }
    let is_here = mail.server == "localhost" || mail.server.parse().is_ok_and(is_loopback);
    if mail.tls == MailSecurity::None && !mail.user.is_empty() && !is_here {
        let problem = "would send the password in the open; allowed: \"starttls\", \"tls\", or no mail.user";
        return Err(places.wrong("mail.tls", problem));
    }
    rules::check_together(places, "mail.user", mail.user.as_ref(), "mail.password_file", &mail.password_file)
}

fn check_sms(sms: &SmsSection, places: &Sources) -> Result<(), ConfigError> {
    check_address(places, "sms.url", &sms.url)?;
    rules::check_together(
        places,
        "sms.account_sid",
        sms.account_sid.as_ref(),
        "sms.auth_token_file",
        &sms.auth_token_file,
    )?;
    rules::check_together(places, "sms.account_sid", sms.account_sid.as_ref(), "sms.from", sms.from.as_ref())
}

/// Without TLS only to this machine.
fn check_address(places: &Sources, key: &str, url: &str) -> Result<(), ConfigError> {
    let is_safe = url.starts_with("https://") || quote_engine::provider::settings::is_loopback(url);
    if market::destination::is_url(url) && is_safe {
        return Ok(());
    }
    Err(places.wrong(key, format!("{url:?} is no address; allowed: https://HOST[:PORT]")))
}

fn is_bare_host(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_ok() || (rules::is_host(text) && !text.contains(':'))
}

fn trimmed(url: &str) -> String {
    url.trim_end_matches('/').to_owned()
}
