//! The stream: one connection a key, a subscription a symbol. The address holds the key, because the vendor takes it
//! nowhere else there: it must never be shown.

use std::{fmt, time::Duration};

use jiff::Timestamp;
use market::Symbol;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::{
    DISPLAY_NAME,
    classify::{key_rejected, without},
    decode::{self, Said},
    names,
};
use crate::provider::{
    socket::{Dialect, Heard, SocketLimits},
    stream::Tick,
    text::{excerpt, percent_encoded},
};

/// Symbols that a free key may subscribe to.
pub(super) const STREAM_SYMBOLS_MAX: usize = 50;
/// It pings about once a minute when nothing is traded.
const SILENCE_MAX: Duration = Duration::from_secs(150);
/// Subscriptions go out one by one.
const PACE: Duration = Duration::from_millis(20);

/// How to speak on the stream.
pub(super) struct FinnhubDialect {
    pub(super) stream_url: String,
    pub(super) key: SecretString,
}

impl fmt::Debug for FinnhubDialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FinnhubDialect").field("stream_url", &self.stream_url).finish_non_exhaustive()
    }
}

impl FinnhubDialect {
    fn complaint(&self, words: &str) -> Heard {
        let words = excerpt(&without(words, &self.key));
        let lower = words.to_ascii_lowercase();
        if ["token", "api key", "unauthorized"].iter().any(|about| lower.contains(about)) {
            return Heard { refused: Some(key_rejected(words)), ..Heard::default() };
        }
        // About one symbol, or one too many: the others go on.
        tracing::debug!(provider = DISPLAY_NAME, %words, "the stream complains");
        Heard::default()
    }
}

impl Dialect for FinnhubDialect {
    fn provider(&self) -> &'static str {
        DISPLAY_NAME
    }

    fn limits(&self) -> SocketLimits {
        SocketLimits { symbols_max: STREAM_SYMBOLS_MAX, connections_max: 1, pace: PACE, silence_max: SILENCE_MAX }
    }

    fn address(&self, _symbols: &[Symbol]) -> String {
        let separator = if self.stream_url.contains('?') { '&' } else { '?' };
        format!("{}{separator}token={}", self.stream_url, percent_encoded(self.key.expose_secret()))
    }

    fn subscribe(&self, symbols: &[Symbol]) -> Vec<String> {
        each("subscribe", symbols)
    }

    fn unsubscribe(&self, symbols: &[Symbol]) -> Vec<String> {
        each("unsubscribe", symbols)
    }

    fn read(&self, frame: &[u8], received_at: Timestamp) -> Heard {
        match decode::frame(frame, received_at) {
            Said::Trades(prints) => Heard { ticks: prints.into_iter().map(Tick::Print).collect(), ..Heard::default() },
            Said::Complaint(words) => self.complaint(&words),
            Said::Nothing => Heard::default(),
        }
    }
}

fn each(what: &str, symbols: &[Symbol]) -> Vec<String> {
    symbols.iter().map(|symbol| json!({"type": what, "symbol": names::theirs(symbol)}).to_string()).collect()
}
