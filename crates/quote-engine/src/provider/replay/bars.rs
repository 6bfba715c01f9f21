//! A CSV file's bars as a market: each bar is one print at its close, with the figures of its day so far.

use jiff::Timestamp;
use market::{Bar, History, Kind, Quote, QuoteState, Range, Session, Symbol, currency, quote::REPLAY};

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
        let against = |close: f64| currency::without_noise(row.close - close);
        Some(Quote {
            symbol: symbol.clone(),
            name: None,
            kind: Kind::Other,
            exchange: None,
            currency: None,
            quoted_in: None,
            price_digits: None,
            price: row.close,
            change: day.previous_close.map(against),
            change_percent: day.previous_close.map(|close| currency::without_noise((row.close / close - 1.0) * 100.0)),
            previous_close: day.previous_close,
            open: day.open,
            day_low: day.low,
            day_high: day.high,
            year_low: None,
            year_high: None,
            volume: day.volume,
            market_cap: None,
            pe_ratio: None,
            dividend_yield: None,
            extended_price: None,
            extended_change_percent: None,
            extended_at: None,
            session: if over { Session::Closed } else { Session::Regular },
            quoted_at: Timestamp::from_second(row.at).ok()?,
            received_at: now,
            source: REPLAY.to_owned(),
            delay_minutes: None,
            state: if over { QuoteState::Closed } else { QuoteState::Live },
            time_zone: None,
        })
    }

    pub(super) fn history(&self, symbol: &Symbol, range: Range, played_ms: i64) -> Option<History> {
        let rows = self.table.series.get(symbol)?;
        let window = Window::of(range, self.moment(played_ms));
        let (from, to) =
            (rows.partition_point(|row| row.at < window.from), rows.partition_point(|row| row.at <= window.to));
        let shown = rows.get(from..to).unwrap_or_default();
        let together = shown.len().div_ceil(BARS_MAX).max(1);
        let length = step(rows).saturating_mul(i64::try_from(together).unwrap_or(i64::MAX));
        Some(History {
            symbol: symbol.clone(),
            range,
            interval: interval(length).to_owned(),
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
        let quote = |played| bars.quote(&symbol, played, Timestamp::UNIX_EPOCH).unwrap();
        let (first, second, third) = (quote(0), quote(next_day(0)), quote(next_day(1)));
        assert_eq!((first.price, first.previous_close, first.session), (9.0, None, Session::Regular));
        assert_eq!((second.price, second.previous_close, second.open), (11.0, Some(9.0), Some(10.0)));
        assert_eq!((second.quoted_at.to_string().as_str(), second.source.as_str()), ("2019-11-06T09:30:00Z", "replay"));
        assert_eq!((third.day_low, third.day_high, third.volume), (Some(8.0), Some(12.0), Some(150.0)));
        assert_eq!((third.change, third.session, third.state), (Some(-0.5), Session::Closed, QuoteState::Closed));
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
        let rows: Vec<String> =
            (0..50_000).map(|minute| format!("{},{}", 1_500_000_000 + minute * 60, minute + 1)).collect();
        let (bars, symbol) = bars(&format!("Date,Close\n{}", rows.join("\n")));
        let chart = bars.history(&symbol, Range::Max, 0).unwrap();
        assert!(chart.bars.len() <= BARS_MAX && chart.interval == "5m");
        assert_eq!((chart.bars[0].open, chart.bars[0].close, chart.bars.last().unwrap().close), (1.0, 3.0, 50_000.0));
    }
}
