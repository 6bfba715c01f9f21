//! The day's course of what somebody looks at, made of the quotes that come anyway: a small chart beside a row costs no
//! request but for what came before it was looked at.
//!
//! Belongs to one task. Regular prices only; what is made up or replayed never shares a line with what is live.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use jiff::Timestamp;
use market::{
    Bar, History, Price, Quote, QuoteState, Range, Symbol,
    quote::{SIMULATED, may_mix},
};
use tokio::time::Instant;

/// Symbols at the most; those beyond have no line.
const SYMBOLS_MAX: usize = 10_000;
/// Points of a line at the most: more than it has pixels. Beyond, every other one goes.
const POINTS_MAX: usize = 96;
/// What stands between two points at first, in seconds.
const STEP: i64 = 60;
/// A pause this long ends the day of a market that closes.
const NIGHT: i64 = 4 * 3_600;
/// Where a line begins in a market that never closes: so long before its end.
const DAY: i64 = 24 * 3_600;

/// When a chart of the day that could not be had is asked for again.
const SEED_PAUSE: Duration = Duration::from_secs(10 * 60);

/// A line for each symbol: some kilobytes each.
#[derive(Debug, Default)]
pub struct SparkBook {
    lines: HashMap<Symbol, Line>,
}

#[derive(Debug)]
struct Line {
    /// Empty while nothing is known.
    source: String,
    currency: Option<String>,
    previous_close: Option<f64>,
    never_closes: bool,
    /// When a chart of the day was last asked for.
    asked_at: Option<Instant>,
    /// Whether that chart has been put in.
    seeded: bool,
    /// When a chart that is old was fetched, until a quote comes.
    fetched_at: Option<Timestamp>,
    /// Seconds between two points.
    step: i64,
    /// Seconds since 1970 and the price then, oldest first.
    points: Vec<(i64, f64)>,
}

impl SparkBook {
    /// Begins the line of a symbol, where there is room and none yet.
    pub fn open(&mut self, symbol: &Symbol) {
        if self.lines.len() < SYMBOLS_MAX && !self.lines.contains_key(symbol) {
            self.lines.insert(symbol.clone(), Line::default());
        }
    }

    /// Takes a published quote in, where there is a line for it. A stale one says nothing new.
    pub fn note(&mut self, quote: &Quote) {
        let Some(line) = self.lines.get_mut(&quote.symbol).filter(|_| quote.state != QuoteState::Stale) else { return };
        if !line.takes(&quote.source) {
            *line = Line::default();
        }
        line.note(quote);
    }

    /// Puts a fetched chart of the day before what was noted, so that the line does not begin with the program.
    pub fn seed(&mut self, day: &History) {
        let Some(line) = self.lines.get_mut(&day.symbol) else { return };
        if day.range == Range::Day && line.takes(&day.source) {
            line.seed(day);
        }
    }

    /// Takes note that a chart of the day was asked for, whatever came of it.
    pub fn asked(&mut self, symbol: &Symbol, now: Instant) {
        if let Some(line) = self.lines.get_mut(symbol) {
            line.asked_at = Some(now);
        }
    }

    /// Whether a chart of the day is worth fetching: none has been put in, and none was asked for a short while ago.
    pub fn wants_seed(&self, symbol: &Symbol, now: Instant) -> bool {
        let waits = |line: &Line| line.asked_at.is_some_and(|at| now - at < SEED_PAUSE);
        self.lines.get(symbol).is_some_and(|line| !line.seeded && !waits(line))
    }

    /// The day's line of a symbol, as a chart whose bars are points; `None` before there are two.
    pub fn day(&self, symbol: &Symbol) -> Option<History> {
        self.lines.get(symbol).filter(|line| line.points.len() >= 2).map(|line| line.history(symbol))
    }

    /// Begins a line anew: what it says is true no more.
    pub fn restart(&mut self, symbol: &Symbol) {
        if let Some(line) = self.lines.get_mut(symbol) {
            *line = Line::default();
        }
    }

    /// Forgets what nobody follows any more.
    pub fn keep_only<V>(&mut self, wanted: &BTreeMap<Symbol, V>) {
        self.lines.retain(|symbol, _| wanted.contains_key(symbol));
    }

    /// Forgets what was made up.
    pub fn forget_simulated(&mut self) {
        for line in self.lines.values_mut().filter(|line| line.source == SIMULATED) {
            *line = Line::default();
        }
    }
}

impl Default for Line {
    fn default() -> Self {
        Self {
            source: String::new(),
            currency: None,
            previous_close: None,
            never_closes: false,
            asked_at: None,
            seeded: false,
            fetched_at: None,
            step: STEP,
            points: Vec::new(),
        }
    }
}

impl Line {
    fn takes(&self, source: &str) -> bool {
        self.source.is_empty() || may_mix(&self.source, source)
    }

    fn note(&mut self, quote: &Quote) {
        let at = quote.quoted_at.as_second();
        self.previous_close = quote.previous_close.map(Price::to_f64).or(self.previous_close);
        self.source.clone_from(&quote.source);
        self.currency = quote.currency.clone().or(self.currency.take());
        self.never_closes = quote.kind.never_closes();
        self.fetched_at = None;
        let reach = if self.never_closes { DAY } else { NIGHT };
        if self.points.last().is_some_and(|(last, _)| at - last > reach) {
            // What was missed of the new day is worth fetching.
            (self.step, self.points, self.seeded, self.asked_at) = (STEP, Vec::new(), false, None);
        }
        self.push(at, quote.price.to_f64());
        let old = self.points.partition_point(|(point, _)| at - point > DAY);
        self.points.drain(..old);
    }

    /// One point a step: a later price within it moves the point.
    fn push(&mut self, at: i64, price: f64) {
        let slot = |second: i64| second.div_euclid(self.step);
        match self.points.last().copied() {
            Some((last, _)) if at < last => return,
            Some((last, _)) if slot(last) == slot(at) => {
                self.points.pop();
            }
            _ => {}
        }
        self.points.push((at, price));
        if self.points.len() > POINTS_MAX {
            self.thin_out();
        }
    }

    /// Every other point goes, never the newest.
    fn thin_out(&mut self) {
        self.step *= 2;
        let mut left = self.points.len();
        self.points.retain(|_| {
            left -= 1;
            left.is_multiple_of(2)
        });
    }

    fn seed(&mut self, day: &History) {
        let first = self.points.first().map_or(i64::MAX, |(at, _)| *at);
        let regular =
            |bar: &&Bar| day.regular_hours.as_ref().is_none_or(|hours| (hours.start..hours.end).contains(&bar.at));
        let before = day.bars.iter().filter(regular).map(|bar| (bar.at.as_second(), bar.close));
        let before: Vec<_> = before.take_while(|(at, _)| *at < first).collect();
        let noted = std::mem::take(&mut self.points);
        // A chart of another day than the one that has begun here.
        let same_day =
            self.never_closes || before.last().is_none_or(|(last, _)| first == i64::MAX || first - last <= NIGHT);
        for (at, price) in before.into_iter().filter(|_| same_day).chain(noted) {
            self.push(at, price);
        }
        self.seeded = true;
        self.previous_close = self.previous_close.or(day.previous_close);
        if first == i64::MAX {
            self.source.clone_from(&day.source);
            self.currency.clone_from(&day.currency);
            self.fetched_at = day.fetched_at;
        }
    }

    fn history(&self, symbol: &Symbol) -> History {
        let point = |(second, price): &(i64, f64)| {
            let at = Timestamp::from_second(*second).ok()?;
            Some(Bar { at, open: *price, high: *price, low: *price, close: *price, volume: None })
        };
        History {
            symbol: symbol.clone(),
            range: Range::Day,
            interval: format!("{}m", self.step / 60),
            currency: self.currency.clone(),
            previous_close: self.previous_close,
            time_zone: None,
            regular_hours: None,
            source: self.source.clone(),
            fetched_at: self.fetched_at,
            bars: self.points.iter().filter_map(point).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use market::{Kind, bar::RegularHours};
    use proptest::prelude::*;

    use super::*;
    use crate::history::tests::history;

    const OPENING: i64 = 1_790_000_040;

    fn quote(second: i64, price: f64) -> Quote {
        let at = Timestamp::from_second(second).unwrap();
        serde_json::from_value(serde_json::json!({
            "symbol": "AAPL", "kind": "equity", "price": price, "session": "regular", "previous_close": 99.0,
            "quoted_at": at, "received_at": at, "source": "yahoo", "state": "live",
        }))
        .unwrap()
    }

    fn apple() -> Symbol {
        Symbol::parse("AAPL").unwrap()
    }

    fn opened() -> SparkBook {
        let mut book = SparkBook::default();
        book.open(&apple());
        book
    }

    fn closes(book: &SparkBook) -> Vec<f64> {
        book.day(&apple()).map(|day| day.bars.iter().map(|bar| bar.close).collect()).unwrap_or_default()
    }

    fn noted(quotes: &[(i64, f64)]) -> SparkBook {
        let mut book = opened();
        for (second, price) in quotes {
            book.note(&quote(OPENING + second, *price));
        }
        book
    }

    #[test]
    fn one_point_a_minute_the_newest_of_it() {
        let book = noted(&[(0, 1.0), (10, 2.0), (59, 3.0), (60, 4.0), (61, 5.0), (30, 9.0)]);
        assert_eq!(closes(&book), [3.0, 5.0]);
        let day = book.day(&apple()).unwrap();
        assert_eq!((day.previous_close, day.interval.as_str(), day.source.as_str()), (Some(99.0), "1m", "yahoo"));
    }

    #[test]
    fn a_night_begins_another_day_but_not_where_there_is_none() {
        let book = noted(&[(0, 1.0), (60, 2.0), (18 * 3_600, 3.0), (18 * 3_600 + 60, 4.0)]);
        assert_eq!(closes(&book), [3.0, 4.0]);
        let mut crypto = opened();
        for (second, price) in [(0, 1.0), (60, 2.0), (18 * 3_600, 3.0), (25 * 3_600, 4.0)] {
            crypto.note(&Quote { kind: Kind::Crypto, ..quote(OPENING + second, price) });
        }
        assert_eq!(closes(&crypto), [3.0, 4.0], "the last 24 hours");
    }

    #[test]
    fn a_fetched_day_stands_before_what_was_noted() {
        let mut book = noted(&[(3_600, 5.0)]);
        assert!(book.wants_seed(&apple(), Instant::now()));
        let bar = |second: i64, close| Bar {
            at: Timestamp::from_second(OPENING + second).unwrap(),
            ..history("AAPL", close).bars[0].clone()
        };
        let hours = RegularHours {
            start: Timestamp::from_second(OPENING).unwrap(),
            end: Timestamp::from_second(OPENING + 6 * 3_600).unwrap(),
        };
        let bars = vec![bar(-600, 0.5), bar(0, 1.0), bar(300, 2.0), bar(3_600, 9.0)];
        let day = History { bars, regular_hours: Some(hours), source: "yahoo".into(), ..history("AAPL", 1.0) };
        book.seed(&History { source: SIMULATED.into(), ..day.clone() });
        assert!(closes(&book).is_empty(), "nothing made up");
        book.seed(&day);
        book.seed(&day);
        assert_eq!(closes(&book), [1.0, 2.0, 5.0]);
        assert!(!book.wants_seed(&apple(), Instant::now() + SEED_PAUSE));
    }

    #[test]
    fn a_chart_that_cannot_be_had_is_asked_for_again_later() {
        let (mut book, now) = (opened(), Instant::now());
        assert!(book.wants_seed(&apple(), now));
        book.asked(&apple(), now);
        assert!(!book.wants_seed(&apple(), now) && book.wants_seed(&apple(), now + SEED_PAUSE));
        book.note(&quote(OPENING, 1.0));
        assert!(!book.wants_seed(&apple(), now), "a quote does not change that");
        book.note(&quote(OPENING + 18 * 3_600, 2.0));
        assert!(book.wants_seed(&apple(), now), "but another day does");
    }

    #[test]
    fn a_chart_can_come_before_the_first_quote_and_is_told_to_be_old_until_then() {
        let mut book = opened();
        let bar = |second: i64| Bar {
            at: Timestamp::from_second(OPENING + second).unwrap(),
            ..history("AAPL", 1.0).bars[0].clone()
        };
        let fetched_at = Timestamp::from_second(OPENING + 600).unwrap();
        let day = History { bars: vec![bar(0), bar(300)], fetched_at: Some(fetched_at), ..history("AAPL", 1.0) };
        book.seed(&day);
        assert_eq!(book.day(&apple()).unwrap().fetched_at, Some(fetched_at));
        book.note(&quote(OPENING + 660, 2.0));
        assert_eq!((closes(&book), book.day(&apple()).unwrap().fetched_at), (vec![1.0, 1.0, 2.0], None));
    }

    #[test]
    fn yesterday_is_no_seed_for_today() {
        let mut book = noted(&[(24 * 3_600, 5.0), (24 * 3_600 + 60, 6.0)]);
        let yesterday = Bar { at: Timestamp::from_second(OPENING).unwrap(), ..history("AAPL", 1.0).bars[0].clone() };
        book.seed(&History { bars: vec![yesterday], source: "yahoo".into(), ..history("AAPL", 1.0) });
        assert_eq!(closes(&book), [5.0, 6.0]);
    }

    #[test]
    fn live_prices_begin_a_line_of_their_own() {
        let mut book = opened();
        book.note(&Quote { source: SIMULATED.into(), ..quote(OPENING, 1.0) });
        book.note(&Quote { source: SIMULATED.into(), ..quote(OPENING + 60, 2.0) });
        book.note(&quote(OPENING + 120, 3.0));
        book.note(&Quote { state: QuoteState::Stale, ..quote(OPENING + 240, 7.0) });
        book.note(&Quote { source: "binance".into(), ..quote(OPENING + 180, 4.0) });
        assert_eq!(closes(&book), [3.0, 4.0]);
        book.forget_simulated();
        assert_eq!(closes(&book), [3.0, 4.0]);
        book.keep_only::<u8>(&BTreeMap::new());
        assert!(book.lines.is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// Bounded, in order, and the newest price is always the last point.
        #[test]
        fn a_line_is_bounded(gaps in prop::collection::vec(0i64..600, 1..800)) {
            let (mut book, mut second) = (opened(), OPENING);
            for (number, gap) in gaps.iter().enumerate() {
                second += gap;
                book.note(&quote(second, number as f64 + 1.0));
            }
            let line = &book.lines[&apple()];
            prop_assert!(line.points.len() <= POINTS_MAX);
            prop_assert!(line.points.windows(2).all(|pair| pair[0].0 < pair[1].0));
            prop_assert_eq!(line.points.last().copied(), Some((second, gaps.len() as f64)));
        }
    }

    #[test]
    fn nothing_made_up_is_left_over() {
        let mut book = opened();
        book.note(&Quote { source: SIMULATED.into(), ..quote(OPENING, 1.0) });
        book.note(&Quote { source: SIMULATED.into(), ..quote(OPENING + 60, 2.0) });
        book.forget_simulated();
        assert!(closes(&book).is_empty() && book.wants_seed(&apple(), Instant::now()));
    }

    #[test]
    fn symbols_are_bounded() {
        let mut book = SparkBook::default();
        for number in 0..SYMBOLS_MAX + 5 {
            book.open(&Symbol::parse(&format!("S{number}")).unwrap());
        }
        book.note(&quote(OPENING, 1.0));
        assert_eq!(book.lines.len(), SYMBOLS_MAX);
    }
}
