//! What is said on Binance's sockets.

use std::time::Duration;

use jiff::Timestamp;
use market::Symbol;
use serde_json::json;

use super::{DISPLAY_NAME, QUOTES, decode};
use crate::provider::{
    ProviderError,
    crypto::pair::Pair,
    socket::{Dialect, Heard, SocketLimits},
};

/// Pairs on a connection. 1,024 are allowed; fewer make the loss of one a smaller loss.
const PAIRS_MAX: usize = 200;
/// Connections.
const CONNECTIONS_MAX: usize = 5;
/// Pairs named in a message: longer ones are refused.
const MESSAGE_PAIRS_MAX: usize = 100;
/// Five messages a second are taken, pongs among them.
const PACE: Duration = Duration::from_millis(250);
/// A ping comes every 20 seconds.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// Symbols that the stream carries at the most.
pub(super) const STREAM_MAX: usize = PAIRS_MAX * CONNECTIONS_MAX;

#[derive(Debug)]
pub(super) struct Tickers {
    address: String,
}

impl Tickers {
    /// A bare host is asked for combined streams; an address with a path is taken as it is.
    pub(super) fn at(stream_url: &str) -> Self {
        let bare = stream_url.trim_end_matches('/');
        let has_path = bare.split_once("://").is_some_and(|(_, rest)| rest.contains(['/', '?']));
        Self { address: if has_path { stream_url.to_owned() } else { format!("{bare}/stream") } }
    }

    fn messages(method: &str, symbols: &[Symbol]) -> Vec<String> {
        let streams: Vec<String> = symbols.iter().filter_map(stream).collect();
        let message = |(number, params): (usize, &[String])| {
            json!({ "method": method, "params": params, "id": number + 1 }).to_string()
        };
        streams.chunks(MESSAGE_PAIRS_MAX).enumerate().map(message).collect()
    }
}

/// `BTC-USDT` is `btcusdt@miniTicker`.
fn stream(symbol: &Symbol) -> Option<String> {
    let pair = Pair::of(symbol, QUOTES)?;
    let joined = format!("{}{}", pair.base, pair.quote).to_ascii_lowercase();
    Some(format!("{joined}@miniTicker"))
}

impl Dialect for Tickers {
    fn provider(&self) -> &'static str {
        DISPLAY_NAME
    }

    fn limits(&self) -> SocketLimits {
        SocketLimits { symbols_max: PAIRS_MAX, connections_max: CONNECTIONS_MAX, pace: PACE, silence_max: SILENCE_MAX }
    }

    fn address(&self, _symbols: &[Symbol]) -> String {
        self.address.clone()
    }

    fn subscribe(&self, symbols: &[Symbol]) -> Vec<String> {
        Self::messages("SUBSCRIBE", symbols)
    }

    fn unsubscribe(&self, symbols: &[Symbol]) -> Vec<String> {
        Self::messages("UNSUBSCRIBE", symbols)
    }

    fn read(&self, frame: &[u8], received_at: Timestamp) -> Heard {
        let said = decode::frame(frame, received_at);
        let refused = said.shutting_down.then(|| ProviderError::Unreachable {
            provider: DISPLAY_NAME,
            detail: "its stream's server shuts down".to_owned(),
        });
        Heard { ticks: said.ticks, answer: None, refused }
    }

    fn keyless(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbols(range: std::ops::Range<usize>) -> Vec<Symbol> {
        range.map(|n| Symbol::parse(&format!("C{n}X-USDT")).unwrap()).collect()
    }

    #[test]
    fn addresses_with_a_path_stay_as_they_are() {
        for (set, opened) in [
            ("wss://x.example", "wss://x.example/stream"),
            ("wss://x.example/", "wss://x.example/stream"),
            ("ws://127.0.0.1:9/ws", "ws://127.0.0.1:9/ws"),
        ] {
            assert_eq!(Tickers::at(set).address(&[]), opened);
        }
    }

    #[test]
    fn messages_name_few_pairs_in_the_vendors_spelling() {
        let messages = Tickers::at("ws://x").subscribe(&symbols(0..200));
        assert_eq!(messages.len(), 2);
        assert!(messages.iter().all(|message| message.len() < 4_096));
        assert!(messages[0].contains("\"c0xusdt@miniTicker\"") && messages[0].contains("SUBSCRIBE"));
        assert!(Tickers::at("ws://x").unsubscribe(&symbols(0..1))[0].contains("UNSUBSCRIBE"));
    }
}
