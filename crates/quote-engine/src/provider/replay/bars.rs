//! A CSV file's bars as a market: each bar is one print at its close, with the figures of its day so far.

use jiff::Timestamp;
use market::{Bar, History, Kind, Price, Quote, QuoteState, Range, Session, Symbol, quote::REPLAY};

use super::{
    table::{Row, Table},
    window::{Window, interval},
};

/// Bars in a chart at the most; a chart of more has longer ones.
const BARS_MAX: usize = 20_000;
/// Rows looked at for the figures of a day: beyond, the day has none.
const DAY_ROWS_MAX: usize = 5_000;
/// Rows looked at for the length of a bar.
const STEP_ROWS: usize = 1_000;

#[derive(Debug)]
pub(super) struct Bars {
    table: Table,
    /// The first row's moment and the last one's, over all symbols.
    first: i64,
    last: i64,
}

impl Bars {
    pub(super) fn new(table: Table) -> Self {
        let ends = |of: fn(&[Row]) -> Option<&Row>| table.series.values().filter_map(move |rows| of(rows));
        let first = ends(<[Row]>::first).map(|row| row.at).min().unwrap_or_default();
        let last = ends(<[Row]>::last).map(|row| row.at).max().unwrap_or_default();
        Self { table, first, last }
    }

    pub(super) fn symbols(&self) -> impl Iterator<Item = &Symbol> {
        self.table.series.keys()
    }

    pub(super) fn holds(&self, symbol: &Symbol) -> bool {
        self.table.series.contains_key(symbol)
    }

    /// The moment that is replayed after so many milliseconds of the file.
    fn moment(&self, played_ms: i64) -> i64 {
        self.first.saturating_add(played_ms / 1_000).min(self.last)
    }

    /// What has been printed of a symbol by then; `None` before its first bar.
    pub(super) fn quote(&self, symbol: &Symbol, played_ms: i64, now: Timestamp) -> Option<Quote> {
        let (rows, moment) = (self.table.series.get(symbol)?, self.moment(played_ms));
        let past = &rows[..rows.partition_point(|row| row.at <= moment)];
        let (row, day) = (past.last()?, Day::of(past));
        let over = moment == self.last;
        let price = Price::from_f64(row.close)?;
        let previous_close = day.previous_close.and_then(Price::from_f64);
        let at = Timestamp::from_second(row.at).ok()?;
        Some(Quote {
            change: previous_close.and_then(|close| price.minus(close)),
            change_percent: previous_close.and_then(|close| price.percent_against(close)),
            previous_close,
            open: day.open.and_then(Price::from_f64),
            day_low: day.low.and_then(Price::from_f64),
            day_high: day.high.and_then(Price::from_f64),
            volume: day.volume,
            session: if over { Session::Closed } else { Session::Regular },
            state: if over { QuoteState::Closed } else { QuoteState::Live },
            ..Quote::bare(symbol.clone(), Kind::Other, price, at, now, REPLAY)
        })
    }

    pub(super) fn history(&self, symbol: &Symbol, range: Range, played_ms: i64) -> Option<History> {
        let rows = self.table.series.get(symbol)?;
        let window = Window::of(range, self.moment(played_ms));
        let (from, to) =
            (rows.partition_point(|row| row.at < window.from), rows.partition_point(|row| row.at <= window.to));
        let shown = rows.get(from..to).unwrap_or_default();
        let together = shown.len().div_ceil(BARS_MAX).max(1);
        let seconds = step(rows).saturating_mul(i64::try_from(together).unwrap_or(i64::MAX));
        Some(History {
            symbol: symbol.clone(),
            range,
            interval: interval(seconds).to_owned(),
            currency: None,
            previous_close: from.checked_sub(1).map(|before| rows[before].close),
            time_zone: None,
            regular_hours: None,
            source: REPLAY.to_owned(),
            fetched_at: None,
            bars: shown.chunks(together).filter_map(bar).collect(),
        })
    }
}

/// The figures of the day that the last row lies in.
#[derive(Default)]
struct Day {
    previous_close: Option<f64>,
    open: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    volume: Option<f64>,
}

impl Day {
    fn of(past: &[Row]) -> Self {
        let Some(last) = past.last() else { return Self::default() };
        let start = past.partition_point(|row| row.day < last.day);
        let today = &past[start..];
        let previous_close = start.checked_sub(1).map(|before| past[before].close);
        if today.len() > DAY_ROWS_MAX {
            return Self { previous_close, ..Self::default() };
        }
        Self {
            previous_close,
            open: today.first().map(|row| row.open),
            low: today.iter().map(|row| row.low).reduce(f64::min),
            high: today.iter().map(|row| row.high).reduce(f64::max),
            volume: today.iter().filter_map(|row| row.volume).reduce(|sum, volume| sum + volume),
        }
    }
}

/// The shortest time between two rows: gaps are nights and holidays.
fn step(rows: &[Row]) -> i64 {
    let gaps = rows.windows(2).take(STEP_ROWS).map(|pair| pair[1].at - pair[0].at);
    gaps.min().unwrap_or(86_400)
}

/// One bar out of some that follow each other.
fn bar(rows: &[Row]) -> Option<Bar> {
    let (first, last) = (rows.first()?, rows.last()?);
    Some(Bar {
        at: Timestamp::from_second(first.at).ok()?,
        open: first.open,
        high: rows.iter().map(|row| row.high).fold(first.high, f64::max),
        low: rows.iter().map(|row| row.low).fold(first.low, f64::min),
        close: last.close,
        volume: rows.iter().filter_map(|row| row.volume).reduce(|sum, volume| sum + volume),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTES: &str = "Date,Open,High,Low,Close,Volume\n\
        2019-11-05 15:59,9,9,9,9,1\n2019-11-06 09:30,10,12,9.5,11,100\n2019-11-06 09:31,11,11.5,8,8.5,50\n";

    fn bars(text: &str) -> (Bars, Symbol) {
        let symbol = Symbol::parse("SPX").unwrap();
        (Bars::new(Table::read(text.as_bytes(), Some(symbol.clone())).unwrap()), symbol)
    }

    /// Milliseconds into the file of minutes: after the night, and so many minutes.
    fn next_day(minutes: i64) -> i64 {
        (17 * 60 + 31 + minutes) * 60_000
    }

    #[test]
    fn a_bar_is_a_print_with_the_figures_of_its_day() {
        let (bars, symbol) = bars(MINUTES);
        let price = |value| Price::from_f64(value).unwrap();
        let quote = |played| bars.quote(&symbol, played, Timestamp::UNIX_EPOCH).unwrap();
        let (first, second, third) = (quote(0), quote(next_day(0)), quote(next_day(1)));
        assert_eq!((first.price, first.previous_close, first.session), (price(9.0), None, Session::Regular));
        assert_eq!(
            (second.price, second.previous_close, second.open),
            (price(11.0), Some(price(9.0)), Some(price(10.0)))
        );
        assert_eq!((second.quoted_at.to_string().as_str(), second.source.as_str()), ("2019-11-06T09:30:00Z", "replay"));
        assert_eq!((third.day_low, third.day_high, third.volume), (Some(price(8.0)), Some(price(12.0)), Some(150.0)));
        assert_eq!(
            (third.change, third.session, third.state),
            (Some(price(-0.5)), Session::Closed, QuoteState::Closed)
        );
        assert_eq!(quote(i64::MAX), third, "the last price is held");
    }

    #[test]
    fn charts_end_at_the_replayed_moment_but_everything_is_everything() {
        let (bars, symbol) = bars(MINUTES);
        let chart = |range, played| bars.history(&symbol, range, played).unwrap();
        let today = chart(Range::Day, next_day(0));
        assert_eq!((today.bars.len(), today.previous_close, today.interval.as_str()), (1, Some(9.0), "1m"));
        assert_eq!(chart(Range::FiveDays, next_day(0)).bars.len(), 2);
        assert_eq!(chart(Range::Max, 0).bars.len(), 3);
    }

    #[test]
    fn a_chart_is_bounded() {
        let rows: String =
            (0..50_000).map(|minute| format!("{},{}\n", 1_500_000_000 + minute * 60, minute + 1)).collect();
        let (bars, symbol) = bars(&format!("Date,Close\n{rows}"));
        let chart = bars.history(&symbol, Range::Max, 0).unwrap();
        assert!(chart.bars.len() <= BARS_MAX && chart.interval == "5m");
        assert_eq!((chart.bars[0].open, chart.bars[0].close, chart.bars.last().unwrap().close), (1.0, 3.0, 50_000.0));
    }
}
