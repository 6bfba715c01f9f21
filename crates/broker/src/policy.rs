//! Who may do what: the questions that the broker asks its owner. Must never answer one itself, and must never let a
//! panic in an answer out: a question that panics is answered with no.

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Who a session is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Identity {
    /// Nobody in particular.
    Anonymous,
    /// A user.
    User(Arc<str>),
    /// One of our own services.
    Service,
}

/// What a client showed for itself.
#[derive(Debug, Clone, Copy)]
pub struct Login<'a> {
    /// The name.
    pub username: &'a str,
    /// The password or token.
    pub password: &'a str,
}

/// Why a client may not come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Unknown name or wrong password.
    BadCredentials,
    /// It has to show who it is, or may not come in at all.
    NotAuthorized,
}

/// The questions. All are asked often and must answer at once; only `authenticate` may take its time.
pub trait Policy: Send + Sync + 'static {
    /// Who is this?
    fn authenticate(&self, peer: SocketAddr, login: Option<Login<'_>>) -> Result<Identity, Refusal>;
    /// May this message be delivered? Asked on delivery, so that any filter can be granted.
    fn may_read(&self, who: &Identity, topic: &str) -> bool;
    /// May this message be published? If not, it is acknowledged and dropped.
    fn may_publish(&self, who: &Identity, topic: &str) -> bool;
    /// Does only the newest value of this topic matter?
    fn conflates(&self, topic: &str) -> bool;
    /// Does whoever subscribes to this topic by name follow it?
    fn is_followed(&self, _topic: &str) -> bool {
        true
    }
    /// Does whoever holds this filter subscribe to what was announced to it? Its other filters are then an echo of
    /// ours, and no reason to announce anything.
    fn is_announcement(&self, _filter: &str) -> bool {
        false
    }
}

/// A policy whose panics are answers.
#[derive(Clone)]
pub(crate) struct Guarded(Arc<dyn Policy>);

impl std::fmt::Debug for Guarded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Guarded")
    }
}

impl Guarded {
    pub(crate) fn new(policy: Arc<dyn Policy>) -> Self {
        Self(policy)
    }

    pub(crate) fn authenticate(&self, peer: SocketAddr, login: Option<&(String, String)>) -> Result<Identity, Refusal> {
        let login = login.map(|(username, password)| Login { username, password });
        or(Err(Refusal::NotAuthorized), || self.0.authenticate(peer, login))
    }

    pub(crate) fn may_read(&self, who: &Identity, topic: &str) -> bool {
        or(false, || self.0.may_read(who, topic))
    }

    pub(crate) fn may_publish(&self, who: &Identity, topic: &str) -> bool {
        or(false, || self.0.may_publish(who, topic))
    }

    pub(crate) fn conflates(&self, topic: &str) -> bool {
        or(false, || self.0.conflates(topic))
    }

    pub(crate) fn is_followed(&self, topic: &str) -> bool {
        or(false, || self.0.is_followed(topic))
    }

    pub(crate) fn is_announcement(&self, filter: &str) -> bool {
        or(false, || self.0.is_announcement(filter))
    }
}

fn or<T>(instead: T, ask: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(ask)).unwrap_or_else(|_| {
        tracing::error!("the broker's policy panicked; its answer was taken as no");
        instead
    })
}
