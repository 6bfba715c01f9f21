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
    /// The same for one of our own services.
    pub max_service_packet: usize,
    /// Messages waiting for one session on topics that do not conflate, of those with `QoS` 0 and of the others; one
    /// more is dropped and counted.
    pub max_queue: usize,
    /// The same for one of our own services, in this process or in another one: what everybody has may come at once.
    pub max_service_queue: usize,
    /// Bytes of such messages for all sessions together, until they are written or, above `QoS` 0, acknowledged; what is
    /// beyond is dropped and counted. A message counts once for each reader, although they share it.
    pub max_queued_bytes: usize,
    /// Sessions that are kept while their client is away; for one more, the one that has been away the longest ends.
    pub max_parked: usize,
    /// The same for one identity; all that is anonymous counts as one.
    pub max_parked_each: usize,
    /// Bytes of the messages that wait for a session whose client is away, those that it had not acknowledged among them;
    /// what is beyond is dropped and counted.
    pub max_parked_bytes_each: usize,
    /// A session is kept no longer than this, whatever its client asks for.
    pub max_session_expiry: Duration,
    /// A client of version 5 that means to be silent for longer is told to speak up this often, so that one that has
    /// died is noticed.
    pub max_keep_alive: Duration,
    /// Topics with a retained value; a value for one more is delivered, but not kept.
    pub max_retained: usize,
    /// Bytes of all retained values; likewise.
    pub max_retained_bytes: usize,
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
            max_service_packet: 16 * 1024 * 1024,
            max_queue: 1_000,
            max_service_queue: 20_000,
            max_queued_bytes: 256 * 1024 * 1024,
            max_parked: 512,
            max_parked_each: 64,
            max_parked_bytes_each: 4 * 1024 * 1024,
            max_session_expiry: Duration::from_secs(7 * 24 * 60 * 60),
            max_keep_alive: Duration::from_secs(60),
            max_retained: 100_000,
            max_retained_bytes: 256 * 1024 * 1024,
            connect_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(20),
            canary_interval: Duration::from_secs(5),
            max_dropped_publishes: 10_000,
        }
    }
}
