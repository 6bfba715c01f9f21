//! A market out of a file: a recording of `quickstocksd record`, or bars as CSV, at any speed.
//!
//! Time counts from the program's start. At the end the last prices are held and the market is closed; nothing begins
//! again. It must never pass for the present: every quote and history says `replay`, and a quote keeps the time it was
//! printed at.

mod bars;
mod config;
mod date;
mod recorded;
mod table;
mod window;

use std::{
    io::{self, BufRead as _, Read as _},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use jiff::Timestamp;
use market::{History, Instrument, Kind, Range, Symbol, quote::REPLAY, schedule::RequestLimits};

use super::{Answer, Capabilities, Provider, ProviderError, settings::ProviderConfigError};
use crate::recording::{self, RecordingError};
use bars::Bars;
use recorded::Recorded;
use table::Table;

pub use config::ReplayConfig;

const DISPLAY_NAME: &str = "The replay";
/// What can have been recorded.
const KINDS: &[Kind] = &[
    Kind::Equity,
    Kind::Etf,
    Kind::Index,
    Kind::Fund,
    Kind::Currency,
    Kind::Crypto,
    Kind::Future,
    Kind::Option,
    Kind::Other,
];
/// The largest table of bars read, in bytes of text.
const TABLE_BYTES_MAX: u64 = 256 << 20;
/// How often the file is looked at when it is played as fast as it was.
const TICK: Duration = Duration::from_millis(250);
/// And how often at the most.
const TICK_MIN: Duration = Duration::from_millis(50);
/// Instruments in an answer to a search.
const FOUND_MAX: usize = 10;

/// Why a file cannot be played.
#[derive(Debug, thiserror::Error)]
enum ReplayError {
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("cannot be read: {0}")]
    Recording(#[from] RecordingError),
    #[error("holds no quote")]
    Empty,
    #[error("has no column {0}")]
    NoColumn(&'static str),
    #[error("holds no bar ({skipped} rows make no sense)")]
    NoRows { skipped: usize },
    #[error("has more than {rows} rows")]
    TooLarge { rows: usize },
    #[error("is no CSV: {0}")]
    Csv(String),
}

#[derive(Debug, Clone)]
enum Tape {
    Recorded(Arc<Recorded>),
    Bars(Arc<Bars>),
}

/// The replayed market.
#[derive(Debug)]
pub struct ReplayProvider {
    tape: Tape,
    speed: f64,
    started: Instant,
}

impl ReplayProvider {
    /// Whether the settings make sense and the file can be opened. Of a recording, only the beginning is read.
    pub fn check(config: &ReplayConfig) -> Result<(), ProviderConfigError> {
        config.check()?;
        probe(&config.file).map_err(|error| unplayable(&config.file, &error))
    }

    /// Opens the file and begins to play it. A recording is read through once, to know what is in it.
    pub fn new(config: &ReplayConfig) -> Result<Self, ProviderConfigError> {
        config.check()?;
        let tape = open(&config.file).map_err(|error| unplayable(&config.file, &error))?;
        Ok(Self { tape, speed: config.speed, started: Instant::now() })
    }

    /// What [`Provider::quotes`] answers when the program has run so long.
    pub fn quotes_at(&self, symbols: &[Symbol], running: Duration, now: Timestamp) -> Answer {
        let played_ms = self.played_ms(running);
        let quotes = match &self.tape {
            Tape::Recorded(recorded) => recorded.quotes(symbols, played_ms, now),
            Tape::Bars(bars) => symbols.iter().filter_map(|symbol| bars.quote(symbol, played_ms, now)).collect(),
        };
        let unknown = symbols.iter().filter(|symbol| !self.covers(symbol)).cloned().collect();
        Answer { quotes, unknown, ..Answer::default() }
    }

    /// What [`Provider::history`] answers when the program has run so long.
    pub fn history_at(&self, symbol: &Symbol, range: Range, running: Duration) -> Result<History, ProviderError> {
        let unknown = || ProviderError::UnknownSymbol { provider: DISPLAY_NAME, symbol: symbol.clone() };
        match &self.tape {
            _ if !self.covers(symbol) => Err(unknown()),
            Tape::Bars(bars) => bars.history(symbol, range, self.played_ms(running)).ok_or_else(unknown),
            Tape::Recorded(recorded) => {
                let unreadable = |error: ReplayError| ProviderError::Unreachable {
                    provider: DISPLAY_NAME,
                    detail: format!("its file {error}"),
                };
                recorded.history(symbol, range, self.played_ms(running)).map_err(unreadable)
            }
        }
    }

    /// How far into the file, in its own time.
    fn played_ms(&self, running: Duration) -> i64 {
        (running.as_secs_f64() * self.speed * 1_000.0) as i64
    }

    /// Everything in the file.
    fn instruments(&self) -> Box<dyn Iterator<Item = Instrument> + '_> {
        match &self.tape {
            Tape::Recorded(recorded) => Box::new(recorded.instruments().values().cloned()),
            Tape::Bars(bars) => Box::new(bars.symbols().map(|symbol| Instrument {
                symbol: symbol.clone(),
                name: symbol.to_string(),
                exchange: String::new(),
                kind: Kind::Other,
            })),
        }
    }

    /// Runs what reads the disk where that may wait.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, ProviderError> {
        let copy = Self { tape: self.tape.clone(), ..*self };
        let done = tokio::task::spawn_blocking(move || work(&copy)).await;
        done.map_err(|error| ProviderError::Unreachable { provider: DISPLAY_NAME, detail: error.to_string() })
    }
}

fn unplayable(file: &Path, error: &ReplayError) -> ProviderConfigError {
    ProviderConfigError::Value {
        key: "file",
        value: format!("{:?} {error}", file.display().to_string()),
        allowed: "a file made by `quickstocksd record`, or a CSV file with columns Date and Close",
    }
}

fn probe(path: &Path) -> Result<(), ReplayError> {
    let mut text = recording::open(path)?;
    if text.fill_buf()?.starts_with(b"{") {
        recording::Reader::new(text)?;
    }
    Ok(())
}

/// Recordings begin with a brace, tables with a name.
fn open(path: &Path) -> Result<Tape, ReplayError> {
    let mut text = recording::open(path)?;
    if text.fill_buf()?.starts_with(b"{") {
        return Ok(Tape::Recorded(Arc::new(Recorded::open(path)?)));
    }
    let mut table = Vec::new();
    text.take(TABLE_BYTES_MAX).read_to_end(&mut table)?;
    let table = Table::read(&table, table::symbol_of(path))?;
    if table.skipped > 0 {
        tracing::warn!(file = %path.display(), rows = table.skipped, "rows that make no sense are left out");
    }
    Ok(Tape::Bars(Arc::new(Bars::new(table))))
}

#[async_trait]
impl Provider for ReplayProvider {
    fn name(&self) -> &'static str {
        REPLAY
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            tick: Some(TICK.div_f64(self.speed).clamp(TICK_MIN, TICK)),
            figures: true,
            search: true,
            history: true,
            ..Capabilities::of(
                DISPLAY_NAME,
                KINDS,
                RequestLimits { symbols_max: 20_000, bytes_max: usize::MAX, per_second: 1_000.0 },
            )
        }
    }

    fn covers(&self, symbol: &Symbol) -> bool {
        match &self.tape {
            Tape::Recorded(recorded) => recorded.instruments().contains_key(symbol),
            Tape::Bars(bars) => bars.holds(symbol),
        }
    }

    async fn quotes(&self, symbols: &[Symbol]) -> Result<Answer, ProviderError> {
        let symbols = symbols.to_vec();
        self.blocking(move |replay| replay.quotes_at(&symbols, replay.started.elapsed(), Timestamp::now())).await
    }

    async fn search(&self, text: &str) -> Result<Vec<Instrument>, ProviderError> {
        let text = text.trim().to_lowercase();
        let place = |found: &Instrument| {
            let names = [found.symbol.as_str().to_lowercase(), found.name.to_lowercase()];
            names.iter().filter_map(|name| name.find(&text)).min()
        };
        let mut found: Vec<_> = self.instruments().filter_map(|found| Some((place(&found)?, found))).collect();
        found.sort_by_key(|(place, _)| *place);
        Ok(found.into_iter().map(|(_, found)| found).take(FOUND_MAX).collect())
    }

    async fn history(&self, symbol: &Symbol, range: Range) -> Result<History, ProviderError> {
        let symbol = symbol.clone();
        self.blocking(move |replay| replay.history_at(&symbol, range, replay.started.elapsed())).await?
    }
}

#[cfg(test)]
mod tests;
