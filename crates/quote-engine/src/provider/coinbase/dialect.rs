//! What is said on Coinbase's sockets.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use market::Symbol;
use serde_json::json;

use super::{
    DISPLAY_NAME,
    decode::{self, Frame},
};
use crate::provider::{
    socket::{Dialect, Heard, SocketLimits},
    stream::Tick,
};

/// Products on a connection.
const PRODUCTS_MAX: usize = 100;
/// Connections: eight may be opened a second.
const CONNECTIONS_MAX: usize = 5;
/// A hundred messages a second are taken.
const PACE: Duration = Duration::from_millis(20);
/// Products without trades are silent, but a ping is always answered.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// Products whose place in the sequence is kept.
const SEQUENCES_MAX: usize = 4 * STREAM_MAX;

/// Symbols that the stream carries at the most.
pub(super) const STREAM_MAX: usize = PRODUCTS_MAX * CONNECTIONS_MAX;

#[derive(Debug)]
pub(super) struct Tickers {
    address: String,
    /// The highest place in the sequence heard of each product.
    sequences: Mutex<HashMap<Symbol, u64>>,
}

impl Tickers {
    pub(super) fn at(stream_url: &str) -> Self {
        Self { address: stream_url.to_owned(), sequences: Mutex::default() }
    }

    /// One product a message: a message with one that is unknown is refused as a whole.
    fn messages(kind: &str, symbols: &[Symbol]) -> Vec<String> {
        let message = |symbol: &Symbol| {
            json!({ "type": kind, "product_ids": [symbol.as_str()], "channels": ["ticker"] }).to_string()
        };
        symbols.iter().map(message).collect()
    }

    /// Whether a message comes after all that were heard of its product.
    fn is_next(&self, product: &Symbol, sequence: Option<u64>) -> bool {
        let Some(sequence) = sequence else { return true };
        let mut sequences = self.sequences.lock().unwrap_or_else(PoisonError::into_inner);
        if sequences.get(product).is_some_and(|highest| *highest >= sequence) {
            return false;
        }
        if sequences.len() >= SEQUENCES_MAX {
            sequences.clear();
        }
        sequences.insert(product.clone(), sequence);
        true
    }

    fn forget(&self, symbols: &[Symbol]) {
        let mut sequences = self.sequences.lock().unwrap_or_else(PoisonError::into_inner);
        for symbol in symbols {
            sequences.remove(symbol);
        }
    }
}

impl Dialect for Tickers {
    fn provider(&self) -> &'static str {
        DISPLAY_NAME
    }

    fn limits(&self) -> SocketLimits {
        SocketLimits {
            symbols_max: PRODUCTS_MAX,
            connections_max: CONNECTIONS_MAX,
            pace: PACE,
            silence_max: SILENCE_MAX,
        }
    }

    fn address(&self, _symbols: &[Symbol]) -> String {
        self.address.clone()
    }

    fn subscribe(&self, symbols: &[Symbol]) -> Vec<String> {
        // A sequence may have begun anew since.
        self.forget(symbols);
        Self::messages("subscribe", symbols)
    }

    fn unsubscribe(&self, symbols: &[Symbol]) -> Vec<String> {
        Self::messages("unsubscribe", symbols)
    }

    fn read(&self, frame: &[u8], received_at: Timestamp) -> Heard {
        match decode::frame(frame, received_at) {
            Frame::Ticker { quote, sequence } if self.is_next(&quote.symbol, sequence) => {
                Heard { ticks: vec![Tick::Quote(quote)], ..Heard::default() }
            }
            Frame::Complaint(reason) => {
                tracing::debug!(provider = DISPLAY_NAME, reason, "the stream complains");
                Heard::default()
            }
            Frame::Ticker { .. } | Frame::Other => Heard::default(),
        }
    }

    fn keyless(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(tickers: &Tickers, sequence: u64) -> usize {
        let frame = json!({ "type": "ticker", "sequence": sequence, "product_id": "BTC-USD", "price": "1.5",
            "time": "2021-04-17T16:43:30.244075Z" });
        tickers.read(frame.to_string().as_bytes(), Timestamp::now()).ticks.len()
    }

    #[test]
    fn what_comes_out_of_order_is_dropped_until_the_next_subscription() {
        let tickers = Tickers::at("ws://x");
        let told: Vec<usize> = [5, 4, 5, 6].map(|sequence| heard(&tickers, sequence)).to_vec();
        assert_eq!(told, [1, 0, 0, 1]);
        tickers.subscribe(&[Symbol::parse("BTC-USD").unwrap()]);
        assert_eq!(heard(&tickers, 1), 1);
    }

    #[test]
    fn an_unknown_product_can_spoil_no_other() {
        let symbols = ["BTC-USD", "NO-USD"].map(|text| Symbol::parse(text).unwrap());
        let messages = Tickers::at("ws://x").subscribe(&symbols);
        assert_eq!(messages.len(), 2);
        assert!(messages.iter().zip(&symbols).all(|(message, symbol)| message.contains(symbol.as_str())));
    }
}
