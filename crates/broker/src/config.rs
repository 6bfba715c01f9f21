//! The bounds of a broker. Every queue, loop and retry that a client can reach has its number here or as a named
//! constant beside the code that keeps it. Must never hold anything that only one product would set.

use std::time::Duration;

/// The bounds of a broker.
#[derive(Debug, Clone)]
pub struct Config {
    /// Remote sessions at once; one more is told that the server is full.
    pub max_sessions: usize,
    /// Filters of one session.
    pub max_filters: usize,
    /// Topics that one session follows; a filter beyond is granted and follows nothing.
    pub max_followed_each: usize,
    /// Topics followed by all sessions together, likewise.
    pub max_followed: usize,
    /// Bytes of one packet that a client sends. What it is sent may be as large as the client says it takes.
    pub max_packet: usize,
    /// Messages waiting for one session on topics that do not conflate; one more is dropped and counted.
    pub max_queue: usize,
    /// Topics with a retained value; a value for one more is delivered, but not kept.
    pub max_retained: usize,
    /// The whole of a CONNECT must have arrived by then.
    pub connect_timeout: Duration,
    /// A session that takes no byte for this long ends.
    pub write_timeout: Duration,
    /// How often a canary is sent through the router. Two that do not come back are a dead router.
    pub canary_interval: Duration,
    /// So many refused publishes within ten seconds end a session. Refusing one costs little, and a client that means
    /// no harm may announce thousands of things when it connects: ended for that, it would announce them again.
    pub max_dropped_publishes: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_sessions: 512,
            max_filters: 1_000,
            max_followed_each: 500,
            max_followed: 10_000,
            max_packet: 64 * 1024,
            max_queue: 1_000,
            max_retained: 100_000,
            connect_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(20),
            canary_interval: Duration::from_secs(5),
            max_dropped_publishes: 10_000,
        }
    }
}
