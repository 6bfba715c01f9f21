//! Who may do what: the questions that the broker asks its owner. Must never answer one itself, and must never let a
//! panic in an answer out: a question that panics is answered with no.

use std::future::Future;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
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
    /// Too much was asked from there of late; later, perhaps.
    Busy,
}

/// Who somebody is, or why not.
pub enum Verdict {
    /// That was quick.
    Now(Result<Identity, Refusal>),
    /// It takes its time, and nobody else's.
    Later(Pin<Box<dyn Future<Output = Result<Identity, Refusal>> + Send>>),
}

impl std::fmt::Debug for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Now(verdict) => f.debug_tuple("Now").field(verdict).finish(),
            Self::Later(_) => f.write_str("Later"),
        }
    }
}

impl From<Result<Identity, Refusal>> for Verdict {
    fn from(verdict: Result<Identity, Refusal>) -> Self {
        Self::Now(verdict)
    }
}

impl Verdict {
    /// Waits for it. A panic on the way is a no.
    pub(crate) async fn settled(self) -> Result<Identity, Refusal> {
        match self {
            Self::Now(verdict) => verdict,
            // As a task of its own, so that a panic ends nothing else.
            Self::Later(verdict) => tokio::spawn(verdict).await.unwrap_or(Err(Refusal::NotAuthorized)),
        }
    }
}

/// The questions. All are asked often and must answer at once; only a [`Verdict`] may take its time.
pub trait Policy: Send + Sync + 'static {
    /// Who is this?
    fn authenticate(&self, peer: SocketAddr, login: Option<Login<'_>>) -> Verdict;
    /// May this message be delivered? Asked on delivery, so that any filter can be granted.
    fn may_read(&self, who: &Identity, topic: &str) -> bool;
    /// May this message be published? If not, it is acknowledged and dropped.
    fn may_publish(&self, who: &Identity, topic: &str) -> bool;
    /// May the broker keep what is published there as the topic's newest value? If not, it is only passed on.
    fn may_retain(&self, _who: &Identity, _topic: &str) -> bool {
        true
    }
    /// Does only the newest value of this topic matter?
    fn conflates(&self, topic: &str) -> bool;
    /// The highest quality of service that a subscription to this filter is granted. What conflates is delivered with
    /// `QoS` 0 whatever is granted.
    fn max_qos(&self, _filter: &str) -> u8 {
        2
    }
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

    pub(crate) fn authenticate(&self, peer: SocketAddr, login: Option<&(String, String)>) -> Verdict {
        let login = login.map(|(username, password)| Login { username, password });
        or(Err(Refusal::NotAuthorized).into(), || self.0.authenticate(peer, login))
    }

    pub(crate) fn may_read(&self, who: &Identity, topic: &str) -> bool {
        or(false, || self.0.may_read(who, topic))
    }

    pub(crate) fn may_publish(&self, who: &Identity, topic: &str) -> bool {
        or(false, || self.0.may_publish(who, topic))
    }

    pub(crate) fn may_retain(&self, who: &Identity, topic: &str) -> bool {
        or(false, || self.0.may_retain(who, topic))
    }

    pub(crate) fn conflates(&self, topic: &str) -> bool {
        or(false, || self.0.conflates(topic))
    }

    pub(crate) fn max_qos(&self, filter: &str) -> u8 {
        or(0, || self.0.max_qos(filter))
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
