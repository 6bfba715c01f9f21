//! The places that are asked by a POST: webhooks, ntfy, Slack, Discord, Telegram, and Twilio for short messages. One
//! sender; what differs is where to, and what stands in it.

use std::sync::Arc;

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::{
    Destination, Refusal, SmsConfig,
    http::{Call, Poster},
    message::Message,
    signature::signature,
    templates,
};
use crate::provider::text::percent_encoded;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const WEBHOOK_ID: HeaderName = HeaderName::from_static("webhook-id");
const WEBHOOK_TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// Sends a message to one place.
#[derive(Debug)]
pub(super) struct Sender {
    pub(super) poster: Arc<Poster>,
    pub(super) place: Place,
}

/// Where to, with the secret that it needs.
#[derive(Debug)]
pub(super) enum Place {
    Webhook { url: String, secret: Option<SecretString> },
    Ntfy { server: String, topic: String, token: Option<SecretString> },
    Slack { url: SecretString },
    Discord { url: SecretString },
    Telegram { api: String, chat: String, token: SecretString },
    Sms { gateway: SmsConfig, token: SecretString, number: String },
}

#[async_trait]
impl Destination for Sender {
    async fn deliver(&self, message: &Message) -> Result<String, Refusal> {
        // A person put it up, and a person takes it down.
        self.poster.post(self.place.call(message)?).await.map_err(Refusal::staying)
    }
}

impl Place {
    fn call(&self, message: &Message) -> Result<Call, Refusal> {
        match self {
            Self::Webhook { url, secret } => webhook(url, secret.as_ref(), message),
            Self::Ntfy { server, topic, token } => {
                let mut call = of_user(server.clone(), &templates::ntfy(message, topic));
                if let Some(token) = token {
                    call.headers.insert(AUTHORIZATION, kept_secret(&format!("Bearer {}", token.expose_secret()))?);
                }
                Ok(call)
            }
            Self::Slack { url } => Ok(of_user(url.expose_secret().to_owned(), &templates::slack(message))),
            Self::Discord { url } => Ok(of_user(url.expose_secret().to_owned(), &templates::discord(message))),
            Self::Telegram { api, chat, token } => {
                let url = format!("{api}/bot{}/sendMessage", percent_encoded_token(token.expose_secret()));
                Ok(Call { of_user: false, ..of_user(url, &templates::telegram(message, chat)) })
            }
            Self::Sms { gateway, token, number } => sms(gateway, token, number, message),
        }
    }
}

/// A POST of JSON to an address that a user named.
fn of_user(url: String, body: &Value) -> Call {
    Call { url, of_user: true, headers: HeaderMap::new(), content_type: JSON, body: body.to_string().into_bytes() }
}

/// Id and time stand in it whether it is signed or not.
fn webhook(url: &str, secret: Option<&SecretString>, message: &Message) -> Result<Call, Refusal> {
    let mut call = of_user(url.to_owned(), &templates::webhook(message));
    let seconds = Timestamp::now().as_second();
    call.headers.insert(WEBHOOK_ID, value(&message.id)?);
    call.headers.insert(WEBHOOK_TIMESTAMP, HeaderValue::from(seconds));
    if let Some(secret) = secret {
        let signed = signature(secret.expose_secret(), &message.id, seconds, &call.body);
        call.headers.insert(WEBHOOK_SIGNATURE, value(&signed)?);
    }
    Ok(call)
}

fn sms(gateway: &SmsConfig, token: &SecretString, number: &str, message: &Message) -> Result<Call, Refusal> {
    let SmsConfig { url, account_sid, from, .. } = gateway;
    let login = STANDARD.encode(format!("{account_sid}:{}", token.expose_secret()));
    // A messaging service chooses the number itself.
    let sender = if from.starts_with("MG") { "MessagingServiceSid" } else { "From" };
    let fields = [("To", number), (sender, from), ("Body", &templates::sms(message))];
    let form = fields.map(|(name, value)| format!("{name}={}", percent_encoded(value))).join("&");
    Ok(Call {
        url: format!("{url}/2010-04-01/Accounts/{}/Messages.json", percent_encoded(account_sid)),
        of_user: false,
        headers: HeaderMap::from_iter([(AUTHORIZATION, kept_secret(&format!("Basic {login}"))?)]),
        content_type: FORM,
        body: form.into_bytes(),
    })
}

/// A bot's token has a colon in it, which stays.
fn percent_encoded_token(token: &str) -> String {
    percent_encoded(token).replace("%3A", ":")
}

pub(super) fn value(text: &str) -> Result<HeaderValue, Refusal> {
    HeaderValue::from_str(text).map_err(|_| Refusal::never("what was to be said fits into no header"))
}

pub(super) fn kept_secret(text: &str) -> Result<HeaderValue, Refusal> {
    let mut value = value(text)?;
    value.set_sensitive(true);
    Ok(value)
}
