//! What happened today and this year, kept so that a quote does not walk through the whole day again.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;
use market::Symbol;

use super::walk::Walk;

pub(super) const DAY: i64 = 86_400;
/// A day's range is looked at every so often, beside the prices that were really quoted.
const SAMPLE: i64 = 300;
/// Symbols remembered. Beyond that everything is forgotten, and worked out again.
const SYMBOLS_MAX: usize = 20_000;

/// The figures of a day, in the price's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct DayFigures {
    pub(super) previous_close: f64,
    pub(super) open: f64,
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) year_low: f64,
    pub(super) year_high: f64,
    pub(super) volume: f64,
}

/// Today, for each symbol that was quoted. The simulated day begins at midnight UTC.
#[derive(Debug, Default)]
pub(super) struct Days {
    known: Mutex<HashMap<Symbol, Day>>,
}

#[derive(Debug)]
struct Day {
    began: i64,
    sampled_to: i64,
    figures: DayFigures,
}

impl Days {
    /// The figures at `at`, where the price is `price`.
    pub(super) fn figures(&self, symbol: &Symbol, walk: &Walk, at: Timestamp, price: f64) -> DayFigures {
        let second = at.as_second();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let stays = known.get(symbol).is_some_and(|day| day.began == midnight(second) && day.sampled_to <= second);
        if !stays {
            if known.len() >= SYMBOLS_MAX {
                known.clear();
            }
            known.insert(symbol.clone(), Day::begin(walk, midnight(second)));
        }
        let Some(day) = known.get_mut(symbol) else { return Day::begin(walk, midnight(second)).figures };
        day.go_on(walk, second, price);
        day.figures
    }
}

impl Day {
    fn begin(walk: &Walk, began: i64) -> Self {
        let previous_close = walk.price(second(began));
        let year = (1..=365).map(|day| walk.price(second(began - day * DAY)));
        let (year_low, year_high) = year.fold((previous_close, previous_close), |(l, h), p| (l.min(p), h.max(p)));
        let open = walk.price(second(began + 1));
        let figures = DayFigures { previous_close, open, low: open, high: open, year_low, year_high, volume: 0.0 };
        Self { began, sampled_to: began, figures }
    }

    fn go_on(&mut self, walk: &Walk, now: i64, price: f64) {
        while self.sampled_to + SAMPLE <= now {
            self.sampled_to += SAMPLE;
            self.saw(walk.price(second(self.sampled_to)));
        }
        self.saw(price);
        self.figures.volume = (walk.daily_volume * (now - self.began) as f64 / DAY as f64).round();
    }

    fn saw(&mut self, price: f64) {
        let figures = &mut self.figures;
        figures.low = figures.low.min(price);
        figures.high = figures.high.max(price);
        figures.year_low = figures.year_low.min(figures.low);
        figures.year_high = figures.year_high.max(figures.high);
    }
}

pub(super) fn midnight(second: i64) -> i64 {
    second - second.rem_euclid(DAY)
}

pub(super) fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH)
}
