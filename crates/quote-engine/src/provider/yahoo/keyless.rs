//! Quotes without a crumb: many symbols' charts in one request (`spark`), and the chart of each by itself for those it
//! leaves out or while it is closed too.
//!
//! Poorer in fields, so only while there is no crumb. Charts of one symbol are slow: a call asks for a few and goes
//! round.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use market::{HealthCode, Symbol};

use super::{
    DISPLAY_NAME, add,
    classify::{Verdict, from_fault, verdict},
    decode::{self, Drawn},
    http::Http,
    listed,
    names::asked_as,
};
use crate::provider::{Answer, Note, ProviderError, clock, text::percent_encoded};

/// The most symbols in a `spark` request: more are refused.
const SPARK_SYMBOLS_MAX: usize = 20;
/// How long it is left alone once it did not answer.
const SPARK_PAUSE: Duration = Duration::from_secs(5 * 60);
/// Charts of one symbol in a call: ten seconds' worth at the usual budget.
const CHARTS_MAX: usize = 20;
/// As many unknown symbols in the beginning, and no known one, show that this way is closed too.
const STRANGERS_MAX: usize = 3;

/// Why there is no crumb, where nothing works without one.
pub(super) fn refusal(why: &Note) -> ProviderError {
    let (provider, detail) = (DISPLAY_NAME, why.text.clone());
    match why.code {
        Some(HealthCode::Consent) => ProviderError::Undecided { provider, detail },
        _ => ProviderError::Refused { provider, detail },
    }
}

/// Knows which ways are open, and goes round over the symbols, so that none is left out for long.
#[derive(Debug, Default)]
pub(super) struct Keyless {
    turn: AtomicUsize,
    spark_closed_until: Mutex<Option<Instant>>,
}

impl Keyless {
    /// As many quotes as a call may ask for; `why` there is no crumb becomes the answer's note.
    pub(super) async fn quotes(&self, http: &Http, symbols: &[Symbol], why: &Note) -> Result<Answer, ProviderError> {
        let mut answer = self.sparks(http, symbols).await?;
        let rest: Vec<Symbol> = symbols.iter().filter(|symbol| !is_in(&answer, symbol)).cloned().collect();
        let known = !answer.quotes.is_empty();
        self.charts(http, &rest, &mut answer).await?;
        if answer.quotes.is_empty() && answer.rejected.is_empty() && !answer.unknown.is_empty() {
            // Nothing is known here: that says more about the vendor than about the symbols.
            return Err(refusal(why));
        }
        let way = if known { "quotes come the slower way" } else { "quotes come one by one" };
        let code = why.code.filter(|code| *code == HealthCode::Consent).unwrap_or(HealthCode::Reduced);
        answer.note = Some(Note::new(code, format!("{}; {way}, without all details", why.text)));
        Ok(answer)
    }

    /// The day's courses of symbols, in as few requests as are allowed. What was found before a failure is found.
    pub(super) async fn courses(&self, http: &Http, symbols: &[Symbol]) -> Result<Vec<Drawn>, ProviderError> {
        let mut courses = Vec::new();
        for some in symbols.chunks(SPARK_SYMBOLS_MAX) {
            if self.spark_is_closed() {
                break;
            }
            match ask_spark(http, some, true, |body| decode::sparks(body, some, clock::now())).await {
                Ok(found) => courses.extend(found),
                // One that is not known, asked for by itself.
                Err(ProviderError::UnknownSymbol { .. }) => {}
                Err(error) if courses.is_empty() => return Err(error),
                Err(_) => break,
            }
        }
        Ok(courses)
    }

    /// What `spark` knows; nothing while it is closed. Only being told to slow down ends the matter.
    async fn sparks(&self, http: &Http, symbols: &[Symbol]) -> Result<Answer, ProviderError> {
        let mut answer = Answer::default();
        if self.spark_is_closed() {
            return Ok(answer);
        }
        for some in symbols.chunks(SPARK_SYMBOLS_MAX) {
            match spark(http, some).await {
                Ok(part) => add(&mut answer, part),
                Err(error @ ProviderError::RateLimited { .. }) if answer.quotes.is_empty() => return Err(error),
                Err(ProviderError::UnknownSymbol { .. } | ProviderError::RateLimited { .. }) => break,
                Err(error) => {
                    tracing::debug!(provider = super::NAME, %error, "no sparks");
                    self.close_spark();
                    break;
                }
            }
        }
        // It leaves out symbols that have a chart of their own.
        answer.unknown.clear();
        Ok(answer)
    }

    async fn charts(&self, http: &Http, symbols: &[Symbol], answer: &mut Answer) -> Result<(), ProviderError> {
        for symbol in self.next(symbols) {
            match chart(http, symbol).await {
                Ok(one) => add(answer, one),
                // What has been found stays found.
                Err(_) if !answer.quotes.is_empty() => break,
                Err(error) => return Err(error),
            }
            if answer.quotes.is_empty() && answer.unknown.len() == STRANGERS_MAX {
                break;
            }
        }
        Ok(())
    }

    fn next<'a>(&self, symbols: &'a [Symbol]) -> impl Iterator<Item = &'a Symbol> + use<'a> {
        let count = symbols.len().min(CHARTS_MAX);
        let turn =
            if symbols.len() > count { self.turn.fetch_add(count, Ordering::Relaxed) % symbols.len() } else { 0 };
        symbols.iter().cycle().skip(turn).take(count)
    }

    fn spark_is_closed(&self) -> bool {
        let until = *self.spark_closed_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    fn close_spark(&self) {
        let mut until = self.spark_closed_until.lock().unwrap_or_else(PoisonError::into_inner);
        *until = Some(Instant::now() + SPARK_PAUSE);
    }
}

fn is_in(answer: &Answer, symbol: &Symbol) -> bool {
    answer.quotes.iter().any(|quote| quote.symbol == *symbol)
        || answer.rejected.iter().any(|(rejected, _)| rejected == symbol)
}

async fn spark(http: &Http, symbols: &[Symbol]) -> Result<Answer, ProviderError> {
    ask_spark(http, symbols, false, |body| decode::spark_quotes(body, symbols, clock::now())).await
}

/// One request for the courses of symbols, with or without the times of their points.
async fn ask_spark<T>(
    http: &Http,
    symbols: &[Symbol],
    times: bool,
    read: impl Fn(&[u8]) -> Result<T, decode::Fault>,
) -> Result<T, ProviderError> {
    let path = format!(
        "/v7/finance/spark?symbols={}&range=1d&interval=5m&indicators=close&includeTimestamps={times}&includePrePost=false",
        listed(symbols)
    );
    let only = if symbols.len() == 1 { symbols.first() } else { None };
    match verdict(http.api(&path, None).await?, only) {
        Verdict::Body(body) => read(&body).map_err(|fault| from_fault(&fault, only)),
        Verdict::CrumbRefused | Verdict::SessionRefused => Err(refused("sparks too")),
        Verdict::Failed(error) => Err(error),
    }
}

async fn chart(http: &Http, symbol: &Symbol) -> Result<Answer, ProviderError> {
    let path = format!("/v8/finance/chart/{}?range=1d&interval=5m", percent_encoded(&asked_as(symbol)));
    match verdict(http.api(&path, None).await?, Some(symbol)) {
        Verdict::Body(body) => decode::chart_quote(&body, symbol, clock::now())
            .or_else(|fault| unknown_or(from_fault(&fault, Some(symbol)))),
        Verdict::CrumbRefused | Verdict::SessionRefused => Err(refused("charts too")),
        Verdict::Failed(error) => unknown_or(error),
    }
}

fn refused(what: &str) -> ProviderError {
    ProviderError::Refused { provider: DISPLAY_NAME, detail: what.to_owned() }
}

fn unknown_or(error: ProviderError) -> Result<Answer, ProviderError> {
    match error {
        ProviderError::UnknownSymbol { symbol, .. } => Ok(Answer { unknown: vec![symbol], ..Answer::default() }),
        error => Err(error),
    }
}
