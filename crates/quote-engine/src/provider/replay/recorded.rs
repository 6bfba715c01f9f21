//! A recording as a market. The file is streamed as its time passes: in memory are the last quote of each symbol and
//! the next one to come, whatever its size. A chart reads the file again and keeps nothing but its bars.

use std::{
    collections::{BTreeMap, HashMap},
    io::BufRead,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use market::{Bar, History, Instrument, Price, Quote, QuoteState, Range, Session, Symbol, quote::REPLAY};

use super::{
    ReplayError,
    window::{Window, interval, longer},
};
use crate::recording::{self, Reader};

/// Quotes read in one go: a replay that falls behind catches up over several.
const AT_ONCE_MAX: usize = 200_000;
/// Bars in a chart at the most; a chart of more has longer ones.
const BARS_MAX: usize = 2_000;
/// The shortest bar.
const STEP_MIN: i64 = 60;

type Input = Box<dyn BufRead + Send>;

#[derive(Debug)]
pub(super) struct Recorded {
    path: PathBuf,
    instruments: BTreeMap<Symbol, Instrument>,
    player: Mutex<Player>,
}

impl Recorded {
    /// Reads once through the file to know what is in it.
    pub(super) fn open(path: &Path) -> Result<Self, ReplayError> {
        let instruments = Reader::new(recording::open(path)?)?.instruments();
        if instruments.is_empty() {
            return Err(ReplayError::Empty);
        }
        let player = Mutex::new(Player::new(path, Reader::new(recording::open(path)?)?));
        Ok(Self { path: path.into(), instruments, player })
    }

    pub(super) fn instruments(&self) -> &BTreeMap<Symbol, Instrument> {
        &self.instruments
    }

    /// What had been published of some symbols after so many milliseconds of the recording. Reads the disk.
    pub(super) fn quotes(&self, symbols: &[Symbol], played_ms: i64, now: Timestamp) -> Vec<Quote> {
        let player = self.advanced(played_ms);
        let over = player.next.is_none();
        symbols.iter().filter_map(|symbol| player.now.get(symbol)).map(|quote| replayed(quote, over, now)).collect()
    }

    fn advanced(&self, played_ms: i64) -> MutexGuard<'_, Player> {
        let mut player = self.player.lock().unwrap_or_else(PoisonError::into_inner);
        player.advance(played_ms, &self.instruments);
        player
    }

    /// The bars of a symbol up to the replayed moment. Reads the whole file.
    pub(super) fn history(&self, symbol: &Symbol, range: Range, played_ms: i64) -> Result<History, ReplayError> {
        let current = self.advanced(played_ms).now.get(symbol).cloned();
        let moment = current.as_ref().map_or(i64::MIN, |quote| quote.quoted_at.as_second());
        let window = Window::of(range, moment.max(0));
        let mut strip = Strip::default();
        let mut quotes =
            Reader::new(recording::open(&self.path)?)?.only(symbol).filter(|quote| quote.symbol == *symbol);
        let mut previous_close = None;
        for quote in quotes.by_ref() {
            let second = quote.quoted_at.as_second();
            if second < window.from {
                previous_close = Some(quote.price.to_f64());
            } else if window.holds(second) {
                previous_close = previous_close.or(quote.previous_close.map(Price::to_f64));
                strip.add(second, quote.price.to_f64());
            }
        }
        Ok(History {
            symbol: symbol.clone(),
            range,
            interval: interval(strip.step).to_owned(),
            currency: current.as_ref().and_then(|quote| quote.currency.clone()),
            previous_close,
            time_zone: current.and_then(|quote| quote.time_zone),
            regular_hours: None,
            source: REPLAY.to_owned(),
            fetched_at: None,
            bars: strip.bars,
        })
    }
}

/// A recorded quote as one of now: with its own time, under another name. At the end, the market is closed.
fn replayed(quote: &Quote, over: bool, received_at: Timestamp) -> Quote {
    let (session, state) = if over { (Session::Closed, QuoteState::Closed) } else { (quote.session, quote.state) };
    Quote { received_at, session, state, source: REPLAY.to_owned(), ..quote.clone() }
}

/// Goes through the file, forward only.
struct Player {
    path: PathBuf,
    quotes: Reader<Input>,
    started_ms: i64,
    /// When the last quote read was published, in milliseconds since the start: never backwards.
    at_ms: i64,
    next: Option<Quote>,
    now: HashMap<Symbol, Quote>,
}

impl std::fmt::Debug for Player {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Player").field("at_ms", &self.at_ms).finish_non_exhaustive()
    }
}

impl Player {
    fn new(path: &Path, quotes: Reader<Input>) -> Self {
        let started_ms = quotes.started_at().as_millisecond();
        let mut player = Self { path: path.into(), quotes, started_ms, at_ms: 0, next: None, now: HashMap::new() };
        player.read_next();
        player
    }

    /// Nothing is read after the end, so that what is told there is told once.
    fn read_next(&mut self) {
        self.next = self.quotes.next();
        match &self.next {
            Some(quote) => {
                self.at_ms = self.at_ms.max(quote.received_at.as_millisecond().saturating_sub(self.started_ms));
            }
            None if self.is_damaged() => tracing::warn!(
                file = %self.path.display(),
                lines_passed_over = self.quotes.skipped(),
                broke_off = self.quotes.is_torn(),
                "the recording is not whole"
            ),
            None => {}
        }
    }

    fn is_damaged(&self) -> bool {
        self.quotes.skipped() > 0 || self.quotes.is_torn()
    }

    fn advance(&mut self, played_ms: i64, known: &BTreeMap<Symbol, Instrument>) {
        for _ in 0..AT_ONCE_MAX {
            match self.next.take() {
                Some(quote) if self.at_ms <= played_ms => {
                    if known.contains_key(&quote.symbol) {
                        self.now.insert(quote.symbol.clone(), quote);
                    }
                    self.read_next();
                }
                other => {
                    self.next = other;
                    return;
                }
            }
        }
    }
}

/// Prices to bars that grow longer when they become too many.
struct Strip {
    step: i64,
    bars: Vec<Bar>,
}

impl Default for Strip {
    fn default() -> Self {
        Self { step: STEP_MIN, bars: Vec::new() }
    }
}

impl Strip {
    fn add(&mut self, second: i64, price: f64) {
        let Ok(at) = Timestamp::from_second(second - second.rem_euclid(self.step)) else { return };
        match self.bars.last_mut() {
            Some(last) if last.at > at => {}
            Some(last) if last.at == at => {
                *last = Bar { high: last.high.max(price), low: last.low.min(price), close: price, ..last.clone() };
            }
            _ => self.bars.push(Bar { at, open: price, high: price, low: price, close: price, volume: None }),
        }
        while self.bars.len() > BARS_MAX
            && let Some(step) = longer(self.step)
        {
            self.lengthen(step);
        }
    }

    fn lengthen(&mut self, step: i64) {
        self.step = step;
        let shorter = std::mem::take(&mut self.bars);
        for bar in shorter {
            let second = bar.at.as_second();
            let Ok(at) = Timestamp::from_second(second - second.rem_euclid(step)) else { continue };
            match self.bars.last_mut().filter(|last| last.at == at) {
                Some(last) => {
                    let (high, low) = (last.high.max(bar.high), last.low.min(bar.low));
                    *last = Bar { high, low, close: bar.close, ..last.clone() };
                }
                None => self.bars.push(Bar { at, ..bar }),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// However many prices: bounded, in order, first and last price kept, extremes kept.
        #[test]
        fn bars_keep_what_matters(prices in prop::collection::vec((0i64..7_200, 1u32..1_000), 1..6_000)) {
            let (mut strip, mut second) = (Strip::default(), 1_500_000_000);
            for (gap, price) in &prices {
                second += gap;
                strip.add(second, f64::from(*price));
            }
            let bars = &strip.bars;
            let all = prices.iter().map(|(_, price)| f64::from(*price));
            prop_assert!(bars.len() <= BARS_MAX && bars.windows(2).all(|pair| pair[0].at < pair[1].at));
            prop_assert_eq!(Some(bars[0].open), all.clone().next());
            prop_assert_eq!(bars.last().map(|bar| bar.close), all.clone().next_back());
            prop_assert_eq!(bars.iter().map(|bar| bar.high).reduce(f64::max), all.clone().reduce(f64::max));
            prop_assert_eq!(bars.iter().map(|bar| bar.low).reduce(f64::min), all.reduce(f64::min));
        }
    }
}
