//! What can go wrong for whoever embeds the broker. What a client does wrong is never an error here: it ends that
//! client's session.

use std::net::SocketAddr;

/// What the broker was doing when it failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Listening on an address.
    #[error("cannot listen on {addr}")]
    Bind {
        /// The address that was asked for.
        addr: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// Starting the router.
    #[error("cannot start the MQTT router: {reason}")]
    Router {
        /// What the router said.
        reason: String,
    },
    /// Starting the broker's thread.
    #[error("cannot start the broker's thread")]
    Thread {
        /// What the system said.
        source: std::io::Error,
    },
    /// Publishing to a topic that nobody could subscribe to.
    #[error("cannot publish to {topic:?}: a topic has no wildcard and does not begin with $")]
    Topic {
        /// The topic that was asked for.
        topic: String,
    },
    /// Publishing more than a packet of MQTT can hold.
    #[error("cannot publish {size} bytes to {topic}: a packet holds {max}")]
    TooLarge {
        /// The topic that was asked for.
        topic: String,
        /// The size it would have had.
        size: usize,
        /// The size it may have.
        max: usize,
    },
    /// Publishing through a broker that has shut down.
    #[error("the broker has shut down")]
    Closed,
}
