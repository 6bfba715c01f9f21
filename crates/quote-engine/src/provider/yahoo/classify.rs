//! What an answer's status and body mean: the one place that turns the vendor's refusals into [`ProviderError`].

use market::Symbol;

use super::{
    DISPLAY_NAME,
    decode::{self, Fault},
    http::Reply,
};
use crate::provider::{ProviderError, text::excerpt};

const COMPLAINT_BYTES_MAX: usize = 16 * 1024;

/// An answer, sorted.
#[derive(Debug)]
pub(super) enum Verdict {
    /// A body worth decoding.
    Body(Vec<u8>),
    /// The crumb is wrong or has run out; the cookie may still be good.
    CrumbRefused,
    /// The whole session is refused.
    SessionRefused,
    /// No answer.
    Failed(ProviderError),
}

/// Sorts an answer. `symbol` is the only one that was asked for, where there is such a one.
pub(super) fn verdict(reply: Reply, symbol: Option<&Symbol>) -> Verdict {
    // A complaint is a few words; whole answers are not searched for one.
    let complaint = if reply.body.len() <= COMPLAINT_BYTES_MAX { decode::complaint(&reply.body) } else { None };
    match reply.status {
        200..=299 => match complaint {
            Some(fault) if says_unauthorized(&fault) => unauthorized(&reply.body),
            Some(fault) => Verdict::Failed(from_fault(&fault, symbol)),
            None => Verdict::Body(reply.body),
        },
        401 => unauthorized(&reply.body),
        403 if mentions_crumb(&reply.body) => Verdict::CrumbRefused,
        403 | 451 => Verdict::Failed(refused(&reply)),
        404 => Verdict::Failed(not_found(&reply, complaint, symbol)),
        407 => Verdict::Failed(unreachable("the proxy wants a login")),
        408 | 500.. => Verdict::Failed(unreachable(&format!("HTTP {}", reply.status))),
        status => {
            let detail = complaint.map_or_else(|| format!("HTTP {status}"), |fault| format!("HTTP {status}, {fault}"));
            Verdict::Failed(malformed(detail))
        }
    }
}

/// What a body that is no answer comes to.
pub(super) fn from_fault(fault: &Fault, symbol: Option<&Symbol>) -> ProviderError {
    match (fault, symbol) {
        (Fault::Vendor { code, .. }, Some(symbol)) if code == "Not Found" => unknown(symbol),
        (Fault::NotMarketData(what), _) => malformed(what.clone()),
        (Fault::Vendor { .. }, _) => malformed(fault.to_string()),
    }
}

pub(super) fn unreachable(detail: &str) -> ProviderError {
    ProviderError::Unreachable { provider: DISPLAY_NAME, detail: detail.to_owned() }
}

pub(super) fn malformed(detail: String) -> ProviderError {
    ProviderError::Malformed { provider: DISPLAY_NAME, detail }
}

fn unknown(symbol: &Symbol) -> ProviderError {
    ProviderError::UnknownSymbol { provider: DISPLAY_NAME, symbol: symbol.clone() }
}

/// A 404 is about the symbol only when the vendor says so itself; otherwise the address has gone.
fn not_found(reply: &Reply, complaint: Option<Fault>, symbol: Option<&Symbol>) -> ProviderError {
    match (complaint, symbol) {
        (Some(Fault::Vendor { description, .. }), Some(symbol)) if !description.starts_with("HTTP 404") => {
            unknown(symbol)
        }
        _ => malformed(format!("HTTP {}", reply.status)),
    }
}

fn refused(reply: &Reply) -> ProviderError {
    let body = String::from_utf8_lossy(&reply.body);
    let said = match decode::complaint(&reply.body) {
        Some(fault) => fault.to_string(),
        None if body.trim_start().starts_with('<') => String::new(),
        None => excerpt(&body),
    };
    let detail =
        if said.is_empty() { format!("HTTP {}", reply.status) } else { format!("HTTP {}: {said}", reply.status) };
    ProviderError::Refused { provider: DISPLAY_NAME, detail }
}

fn unauthorized(body: &[u8]) -> Verdict {
    if mentions_crumb(body) { Verdict::CrumbRefused } else { Verdict::SessionRefused }
}

fn says_unauthorized(fault: &Fault) -> bool {
    matches!(fault, Fault::Vendor { code, .. } if code == "Unauthorized")
}

fn mentions_crumb(body: &[u8]) -> bool {
    let start = &body[..body.len().min(COMPLAINT_BYTES_MAX)];
    String::from_utf8_lossy(start).to_ascii_lowercase().contains("crumb")
}
