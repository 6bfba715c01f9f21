//! What an answer's status means, where every exchange means the same by it.

use super::super::{ProviderError, http::Reply, text::excerpt};

/// The body of an answer. `said` is the exchange's own complaint in it, where there is one.
pub(in super::super) fn body(
    provider: &'static str,
    reply: Reply,
    said: Option<&str>,
) -> Result<Vec<u8>, ProviderError> {
    let status = reply.status;
    let detail = match said.map(excerpt).filter(|said| !said.is_empty()) {
        Some(said) => format!("HTTP {status}: {said}"),
        None => format!("HTTP {status}"),
    };
    match status {
        200..=299 => Ok(reply.body),
        // Nobody logs in here: it is the network or its country that is not wanted.
        401 | 403 | 451 => Err(ProviderError::Refused { provider, detail }),
        407 => Err(ProviderError::Unreachable { provider, detail: "the proxy wants a login".to_owned() }),
        408 | 500.. => Err(ProviderError::Unreachable { provider, detail }),
        _ => Err(ProviderError::Malformed { provider, detail }),
    }
}
