//! What is said on the vendor's socket: `{"subscribe":[…]}`, and prices that come as they move, about once a second.
//!
//! A connection carries a hundred symbols; what is more is dropped without a word, so fewer are asked for. Anything it
//! does not understand closes it.

use std::time::Duration;

use jiff::Timestamp;
use market::Symbol;
use serde_json::json;

use super::{DISPLAY_NAME, config::YahooConfig, decode, names::streamed_as};
use crate::provider::{
    socket::{Dialect, Heard, SocketLimits},
    stream::Tick,
};

/// Symbols on a connection: a hundred, and some room for those that are on their way out.
pub(super) const SYMBOLS_MAX: usize = 95;
/// The pause between two messages of ours.
const PACE: Duration = Duration::from_millis(250);
/// At night nothing comes for a long time, and that is no fault; each symbol's silence is looked at elsewhere.
const SILENCE_MAX: Duration = Duration::from_secs(5 * 60);

/// Each symbol's last price comes as soon as it is asked for, and another when it moves.
const TELLS_WITHIN: Duration = Duration::from_secs(60);

/// The vendor's way of speaking.
#[derive(Debug)]
pub(super) struct YahooDialect {
    url: String,
    connections_max: usize,
}

impl YahooDialect {
    pub(super) fn new(config: &YahooConfig) -> Self {
        Self { url: config.stream_url.clone(), connections_max: config.stream_connections.into() }
    }
}

fn saying(verb: &str, symbols: &[Symbol]) -> Vec<String> {
    let names: Vec<_> = symbols.iter().map(streamed_as).collect();
    vec![json!({ verb: names }).to_string()]
}

impl Dialect for YahooDialect {
    fn provider(&self) -> &'static str {
        DISPLAY_NAME
    }

    fn limits(&self) -> SocketLimits {
        SocketLimits {
            symbols_max: SYMBOLS_MAX,
            connections_max: self.connections_max,
            pace: PACE,
            silence_max: SILENCE_MAX,
        }
    }

    fn tells_within(&self) -> Option<Duration> {
        Some(TELLS_WITHIN)
    }

    fn address(&self, _symbols: &[Symbol]) -> String {
        self.url.clone()
    }

    fn subscribe(&self, symbols: &[Symbol]) -> Vec<String> {
        saying("subscribe", symbols)
    }

    fn unsubscribe(&self, symbols: &[Symbol]) -> Vec<String> {
        saying("unsubscribe", symbols)
    }

    /// A frame that makes no sense says nothing: the next one may.
    fn read(&self, frame: &[u8], received_at: Timestamp) -> Heard {
        let ticks = decode::prints(frame, received_at).into_iter().map(Tick::Print).collect();
        Heard { ticks, ..Heard::default() }
    }
}
