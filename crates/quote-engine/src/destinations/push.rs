//! Web Push: a browser is told through the push service that it subscribed to, encrypted so that the service can read
//! nothing of it (RFC 8030, 8291, 8292). The page need not be open: what is sent says all that the notification shows.

mod vapid;

use std::sync::Arc;

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use market::{LogEvent, PushSubscription};
use reqwest::{
    Url,
    header::{AUTHORIZATION, CONTENT_ENCODING, HeaderMap, HeaderName, HeaderValue},
};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use web_push_native::{Auth, encrypt, p256::PublicKey};

use super::{
    Destination, Refusal,
    http::{Call, Poster},
    message::Message,
    sender::{kept_secret, value},
    templates,
};
use crate::provider::text::percent_encoded;

pub(super) use vapid::Vapid;

/// How long a push service keeps what a browser does not fetch, in seconds: of a price, more is no news.
const TTL_SECONDS: u32 = 12 * 60 * 60;
/// Bytes before encryption at the most: push services take 4,096, of which 103 go to head, padding and seal.
const PAYLOAD_MAX: usize = 3_993;
/// Bytes of the name under which a newer message takes the place of one that still waits: 32 characters in base64url.
const TOPIC_BYTES: usize = 24;
const TTL: HeaderName = HeaderName::from_static("ttl");
const URGENCY: HeaderName = HeaderName::from_static("urgency");
const TOPIC: HeaderName = HeaderName::from_static("topic");

/// Sends a message to one browser.
#[derive(Debug)]
pub(super) struct Pusher {
    pub(super) poster: Arc<Poster>,
    pub(super) vapid: Arc<Vapid>,
    pub(super) subscription: PushSubscription,
    /// Where a push service writes that is unhappy with us; Apple's takes nothing without.
    pub(super) contact: Option<String>,
}

#[async_trait]
impl Destination for Pusher {
    /// A subscription that the push service knows no more is gone.
    async fn deliver(&self, message: &Message) -> Result<String, Refusal> {
        self.poster.post(self.call(message)?).await
    }
}

impl Pusher {
    fn call(&self, message: &Message) -> Result<Call, Refusal> {
        let PushSubscription { endpoint, keys } = &self.subscription;
        let url = Url::parse(endpoint).map_err(|_| Refusal::never("the address of the push service is none"))?;
        let audience = url.origin().ascii_serialization();
        let signed = self.vapid.authorization(&audience, self.contact.as_deref(), Timestamp::now());
        let body = sealed(payload(message), &keys.p256dh, &keys.auth)?;
        let is_alert = matches!(message.event, Some(LogEvent::Alert(_)));
        let headers = HeaderMap::from_iter([
            (AUTHORIZATION, kept_secret(&signed)?),
            (CONTENT_ENCODING, HeaderValue::from_static("aes128gcm")),
            (TTL, HeaderValue::from(TTL_SECONDS)),
            (URGENCY, HeaderValue::from_static(if is_alert { "high" } else { "normal" })),
            (TOPIC, value(&topic(message))?),
        ]);
        Ok(Call { url: endpoint.clone(), of_user: true, headers, content_type: "application/octet-stream", body })
    }
}

/// What the page's service worker is told: words that are shown as they are, and figures for whoever wants them.
fn payload(message: &Message) -> Vec<u8> {
    let (title, body) = templates::push(message);
    let mut told = json!({
        "id": message.id, "title": title, "body": body, "lang": message.language, "at": message.at, "url": "/",
    });
    if let Some(LogEvent::Alert(fired)) = &message.event {
        told["tag"] = json!(fired.alert_id);
        told["rule"] = json!(message.rule);
        told["url"] = json!(format!("/#open={}", percent_encoded(fired.symbol.as_str())));
        for (name, figure) in [
            ("symbol", json!(fired.symbol)),
            ("price", json!(fired.price)),
            ("change_percent", json!(fired.change_percent)),
            ("currency", json!(fired.currency)),
            ("quoted_at", json!(fired.quoted_at)),
            ("delay_minutes", json!(fired.delay_minutes)),
            ("source", json!(fired.source)),
            ("alert_id", json!(fired.alert_id)),
        ] {
            if !figure.is_null() {
                told[name] = figure;
            }
        }
    }
    told.to_string().into_bytes()
}

/// Of one alert a push service keeps the newest only; each other message stands for itself.
fn topic(message: &Message) -> String {
    let subject = match &message.event {
        // The rule for all symbols is one alert for each.
        Some(LogEvent::Alert(fired)) => format!("{} {}", fired.alert_id, fired.symbol),
        Some(LogEvent::Digest(_)) => "digest".to_owned(),
        None => message.id.clone(),
    };
    URL_SAFE_NO_PAD.encode(&Sha256::digest(subject)[..TOPIC_BYTES])
}

/// Encrypts for one browser.
fn sealed(payload: Vec<u8>, p256dh: &str, auth: &str) -> Result<Vec<u8>, Refusal> {
    let unfit = || Refusal::never("the browser's keys are none: subscribe anew");
    if payload.len() > PAYLOAD_MAX {
        return Err(Refusal::never("what is to be told is too long for a push service"));
    }
    let public = URL_SAFE_NO_PAD.decode(p256dh).ok().and_then(|bytes| PublicKey::from_sec1_bytes(&bytes).ok());
    let auth: Option<[u8; 16]> = URL_SAFE_NO_PAD.decode(auth).ok().and_then(|bytes| bytes.try_into().ok());
    let (public, auth) = public.zip(auth).ok_or_else(unfit)?;
    encrypt(payload, &public, &Auth::from(auth)).map_err(|_| unfit())
}

#[cfg(test)]
mod tests;
