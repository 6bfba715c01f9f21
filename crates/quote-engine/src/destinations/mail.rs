//! Letters, by SMTP through the mail server of the installation.

use std::{path::PathBuf, time::Duration};

use async_trait::async_trait;
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{
        Error,
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};

use super::{Destination, MailConfig, MailSecurity, Refusal, message::Message, quoted, templates};

/// How long each step may take.
const STEP_TIME_MAX: Duration = Duration::from_secs(10);
/// How much of what a mail server says is told, in characters.
const SAID_MAX: usize = 200;
/// What it says where the installation's login is at fault, which its owner can mend.
const LOGIN_CODES: [u16; 4] = [530, 534, 535, 538];
/// Tells machines that answer letters to leave this one alone (RFC 3834).
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");

/// Letters to one address.
#[derive(Debug)]
pub(super) struct Letters {
    pub(super) server: MailConfig,
    pub(super) ca_file: PathBuf,
    pub(super) to: String,
}

#[async_trait]
impl Destination for Letters {
    async fn deliver(&self, message: &Message) -> Result<String, Refusal> {
        let letter = self.letter(message)?;
        let response = self.transport().await?.send(letter).await.map_err(|error| refused(&error))?;
        Ok(quoted(&format!("{} {}", response.code(), response.message().collect::<Vec<_>>().join(" ")), SAID_MAX))
    }
}

impl Letters {
    fn letter(&self, message: &Message) -> Result<lettre::Message, Refusal> {
        let not_set = |_| Refusal::later("mail.from of the configuration is no address");
        let no_address = |_| Refusal::never(format!("{} is no address", quoted(&self.to, SAID_MAX)));
        let from: Mailbox = self.server.from.parse().map_err(not_set)?;
        let to = self.to.parse().map_err(no_address)?;
        // The same at each try: who gets it twice shows it once.
        let id = format!("<{}@{}>", message.id, from.email.domain());
        lettre::Message::builder()
            .from(from)
            .to(Mailbox::new(None, to))
            .subject(templates::subject(message))
            .message_id(Some(id))
            .raw_header(HeaderValue::new(AUTO_SUBMITTED, "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(format!("{}\r\n", message.body.replace('\n', "\r\n")))
            .map_err(|error| Refusal::never(format!("no letter can be made of it: {error}")))
    }

    async fn transport(&self) -> Result<AsyncSmtpTransport<Tokio1Executor>, Refusal> {
        let MailConfig { server, port, tls, login, .. } = &self.server;
        let tls = match tls {
            MailSecurity::Starttls => Tls::Required(self.trust().await?),
            MailSecurity::Tls => Tls::Wrapper(self.trust().await?),
            MailSecurity::None => Tls::None,
        };
        let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server.as_str())
            .port(*port)
            .tls(tls)
            .timeout(Some(STEP_TIME_MAX));
        let Some((user, password_file)) = login else { return Ok(builder.build()) };
        let unreadable = |error| Refusal::later(format!("mail.password_file of the configuration: {error}"));
        let password = tokio::fs::read_to_string(password_file).await.map_err(unreadable)?;
        let password = password.trim_end_matches(['\r', '\n']).to_owned();
        Ok(builder.credentials(Credentials::new(user.clone(), password)).build())
    }

    async fn trust(&self) -> Result<TlsParameters, Refusal> {
        let mut trust = TlsParameters::builder(self.server.server.clone());
        if !self.ca_file.as_os_str().is_empty() {
            let unreadable = |reason: String| Refusal::later(format!("network.ca_file of the configuration: {reason}"));
            let pem = tokio::fs::read(&self.ca_file).await.map_err(|error| unreadable(error.to_string()))?;
            trust =
                trust.add_root_certificate(Certificate::from_pem(&pem).map_err(|error| unreadable(error.to_string()))?);
        }
        trust.build().map_err(|error| refused(&error))
    }
}

fn refused(error: &Error) -> Refusal {
    let source = std::error::Error::source(error).map(|source| format!(": {source}")).unwrap_or_default();
    let said = error.to_string();
    let reason = quoted(&if said.ends_with(&source) { said } else { said + &source }, SAID_MAX);
    let is_login = error.status().is_some_and(|code| LOGIN_CODES.contains(&u16::from(code)));
    if error.is_permanent() && !is_login { Refusal::never(reason) } else { Refusal::later(reason) }
}
