//! Quotes without a crumb: the one-day chart of each symbol, one request a symbol.
//!
//! Slow and poorer in fields, so only while there is no crumb; a call asks for a few symbols and goes round.

use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::Timestamp;
use market::Symbol;

use super::{
    DISPLAY_NAME, add,
    classify::{Verdict, from_fault, verdict},
    decode,
    http::Http,
};
use crate::provider::{Answer, ProviderError, text::percent_encoded};

/// Symbols asked for in a call: ten seconds' worth at the usual budget.
const SYMBOLS_MAX: usize = 20;
/// As many unknown symbols in the beginning, and no known one, show that this way is closed too.
const STRANGERS_MAX: usize = 3;

/// Goes round over the symbols, so that none is left out for long.
#[derive(Debug, Default)]
pub(super) struct Keyless {
    turn: AtomicUsize,
}

impl Keyless {
    /// As many quotes as a call may ask for; `why` there is no crumb becomes the answer's note.
    pub(super) async fn quotes(&self, http: &Http, symbols: &[Symbol], why: &str) -> Result<Answer, ProviderError> {
        let mut answer = Answer::default();
        for symbol in self.next(symbols) {
            let one = match quote(http, symbol).await {
                Ok(one) => one,
                // What has been found stays found.
                Err(_) if !answer.quotes.is_empty() => break,
                Err(error) => return Err(error),
            };
            add(&mut answer, one);
            if answer.quotes.is_empty() && answer.unknown.len() == STRANGERS_MAX {
                break;
            }
        }
        if answer.quotes.is_empty() && answer.rejected.is_empty() && !answer.unknown.is_empty() {
            // Nothing is known here: that says more about the vendor than about the symbols.
            return Err(ProviderError::Refused { provider: DISPLAY_NAME, detail: why.to_owned() });
        }
        answer.note = Some(format!("{why}; quotes come one by one, without all details"));
        Ok(answer)
    }

    fn next<'a>(&self, symbols: &'a [Symbol]) -> impl Iterator<Item = &'a Symbol> + use<'a> {
        let count = symbols.len().min(SYMBOLS_MAX);
        let turn =
            if symbols.len() > count { self.turn.fetch_add(count, Ordering::Relaxed) % symbols.len() } else { 0 };
        symbols.iter().cycle().skip(turn).take(count)
    }
}

async fn quote(http: &Http, symbol: &Symbol) -> Result<Answer, ProviderError> {
    let path = format!("/v8/finance/chart/{}?range=1d&interval=5m", percent_encoded(symbol.as_str()));
    match verdict(http.api(&path, None).await?, Some(symbol)) {
        Verdict::Body(body) => decode::chart_quote(&body, symbol, Timestamp::now())
            .or_else(|fault| unknown_or(from_fault(&fault, Some(symbol)))),
        Verdict::CrumbRefused | Verdict::SessionRefused => {
            Err(ProviderError::Refused { provider: DISPLAY_NAME, detail: "charts too".to_owned() })
        }
        Verdict::Failed(error) => unknown_or(error),
    }
}

fn unknown_or(error: ProviderError) -> Result<Answer, ProviderError> {
    match error {
        ProviderError::UnknownSymbol { symbol, .. } => Ok(Answer { unknown: vec![symbol], ..Answer::default() }),
        error => Err(error),
    }
}
