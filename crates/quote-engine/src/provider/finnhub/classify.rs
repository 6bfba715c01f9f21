//! What an answer's status means. The vendor's words are shown without the key, should it repeat it.

use secrecy::{ExposeSecret as _, SecretString};

use super::DISPLAY_NAME;
use crate::provider::{ProviderError, http::Reply, text::excerpt};

/// The start of a body in which a complaint is looked for.
const COMPLAINT_BYTES_MAX: usize = 4 * 1024;

/// The body of an answer, or why there is none.
pub(super) fn body(reply: Reply, key: &SecretString) -> Result<Vec<u8>, ProviderError> {
    let status = format!("HTTP {}", reply.status);
    match reply.status {
        200..=299 => Ok(reply.body),
        401 | 403 => Err(key_rejected(told(&status, &reply.body, key))),
        407 => Err(unreachable("the proxy wants a login".to_owned())),
        451 => Err(ProviderError::Refused { provider: DISPLAY_NAME, detail: told(&status, &reply.body, key) }),
        408 | 500.. => Err(unreachable(status)),
        _ => Err(malformed(told(&status, &reply.body, key))),
    }
}

pub(super) fn key_rejected(detail: String) -> ProviderError {
    ProviderError::KeyRejected { provider: DISPLAY_NAME, detail }
}

pub(super) fn malformed(detail: String) -> ProviderError {
    ProviderError::Malformed { provider: DISPLAY_NAME, detail }
}

fn unreachable(detail: String) -> ProviderError {
    ProviderError::Unreachable { provider: DISPLAY_NAME, detail }
}

/// The status, with the vendor's own words in `{"error":"…"}` where it has some.
fn told(status: &str, body: &[u8], key: &SecretString) -> String {
    let start = &body[..body.len().min(COMPLAINT_BYTES_MAX)];
    let complaint = serde_json::from_slice::<serde_json::Value>(start).ok();
    let words = complaint.as_ref().and_then(|complaint| complaint.get("error")?.as_str()).unwrap_or_default();
    match excerpt(&without(words, key)) {
        words if words.is_empty() => status.to_owned(),
        words => format!("{status}: {words}"),
    }
}

/// A text of the vendor's without the key.
pub(super) fn without(text: &str, key: &SecretString) -> String {
    text.replace(key.expose_secret(), "…")
}
