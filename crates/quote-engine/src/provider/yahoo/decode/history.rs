//! A chart's columns to bars.

use std::ops::RangeInclusive;

use jiff::{Timestamp, tz::Offset};
use market::{Bar, History, Price, Range, Symbol, bar::RegularHours, currency};

use super::{
    super::{
        NAME,
        wire::{Chart, ChartMeta, Columns, Num},
    },
    BARS_MAX,
    chart::hours,
    row::{Unit, is_price, time_zone},
};

const DAY: i64 = 86_400;
/// No place on earth is further from Greenwich.
const OFFSETS: RangeInclusive<f64> = -86_400.0..=86_400.0;

/// The bars of a chart, oldest first; its `interval` is what the vendor really gave (`dataGranularity`).
pub(super) fn from_chart(chart: Chart, symbol: &Symbol, range: Range) -> History {
    let meta = chart.meta.unwrap_or_default();
    let unit = Unit::of(meta.currency.as_deref());
    let interval = meta.data_granularity.clone().filter(|text| seconds(text).is_some());
    let interval = interval.unwrap_or_else(|| range.interval().to_owned());
    let columns = chart.indicators.and_then(|i| i.quote?.into_iter().next()).unwrap_or_default();
    let bars = bars(&chart.timestamp.unwrap_or_default(), &columns, &unit);
    let bars = on_the_grid(bars, &interval, &meta);
    // `chartPreviousClose` precedes the first bar; `previousClose` is that only while the window is one day.
    let before = meta.chart_previous_close.or(meta.previous_close.filter(|_| range == Range::Day));
    History {
        symbol: symbol.clone(),
        range,
        interval,
        previous_close: unit.price(before).map(Price::to_f64),
        time_zone: time_zone(meta.exchange_timezone_name.as_deref()),
        regular_hours: regular_hours(&meta),
        currency: unit.currency,
        source: NAME.to_owned(),
        fetched_at: None,
        bars,
    }
}

/// The length of `dataGranularity`, in seconds; a month counts as its shortest.
fn seconds(interval: &str) -> Option<i64> {
    let digits = interval.bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = interval.split_at_checked(digits)?;
    let unit = match unit {
        "m" => 60,
        "h" => 3_600,
        "d" => DAY,
        "wk" => 7 * DAY,
        "mo" => 28 * DAY,
        _ => return None,
    };
    count.parse::<i64>().ok().filter(|count| (1..=999).contains(count)).map(|count| count * unit)
}

fn bars(times: &[Option<Num>], columns: &Columns, unit: &Unit) -> Vec<Bar> {
    let first = times.len().saturating_sub(BARS_MAX);
    let rows = times.iter().enumerate().skip(first);
    rows.filter_map(|(row, time)| bar((*time)?, columns, row, unit)).collect()
}

/// One bar. Without a close there is none; another price that is missing is taken to be the close.
fn bar(Num(time): Num, columns: &Columns, row: usize, unit: &Unit) -> Option<Bar> {
    let at = Timestamp::from_second(time as i64).ok()?;
    let price = |column: &Option<Vec<Option<Num>>>| {
        let Num(price) = cell(column.as_ref(), row)?;
        Some(unit.amount(as_printed(price))).filter(|price| is_price(*price))
    };
    let close = price(&columns.close)?;
    let open = price(&columns.open).unwrap_or(close);
    let high = price(&columns.high).unwrap_or(close).max(open).max(close);
    let low = price(&columns.low).unwrap_or(close).min(open).min(close);
    let volume = cell(columns.volume.as_ref(), row).map(|Num(volume)| volume).filter(|volume| *volume >= 0.0);
    Some(Bar { at, open, high, low, close, volume })
}

fn cell(column: Option<&Vec<Option<Num>>>, row: usize) -> Option<Num> {
    *column?.get(row)?
}

/// A price without float noise: charts hold 32-bit floats written as 64-bit ones (`333.9226989746094` is `333.9227`).
pub(super) fn as_printed(price: f64) -> f64 {
    let short = price as f32;
    // Within the last digits a 64-bit float has: whoever wrote the text may have been off by one of them.
    if (f64::from(short) - price).abs() <= price.abs() * 1e-15 {
        return shortest(short);
    }
    currency::without_noise(price)
}

/// The shortest decimal that is this 32-bit float: it loses nothing.
pub(super) fn shortest(float: f32) -> f64 {
    float.to_string().parse().unwrap_or_else(|_| f64::from(float))
}

/// Bars in order, one a period. The last one is often live and off the grid (`at` is `regularMarketTime`): it belongs
/// to the period that has begun, or begins one.
fn on_the_grid(bars: Vec<Bar>, interval: &str, meta: &ChartMeta) -> Vec<Bar> {
    let Some(step) = seconds(interval) else { return bars };
    let live = meta.regular_time.map(|Num(time)| time as i64);
    let offset = offset(meta);
    let mut grid: Vec<Bar> = Vec::with_capacity(bars.len());
    for mut bar in bars {
        let at = bar.at.as_second();
        if let Some(last) = grid.last().map(|last| last.at.as_second())
            && Some(at) == live
            && at >= last
            && !same_period(last, at, step, offset)
        {
            bar.at = period_start(last, at, step, meta).unwrap_or(bar.at);
        }
        put(&mut grid, bar, step, offset);
    }
    grid
}

/// Bars of windows that follow each other as those of one: in order, one a period.
pub(super) fn joined(windows: impl IntoIterator<Item = Bar>, interval: &str, offset: i64) -> Vec<Bar> {
    let step = seconds(interval).unwrap_or(1);
    let mut grid = Vec::new();
    windows.into_iter().for_each(|bar| put(&mut grid, bar, step, offset));
    grid
}

/// Whether bars are longer than those asked for.
pub(in super::super) fn is_coarser(given: &str, asked: &str) -> bool {
    seconds(given).zip(seconds(asked)).is_some_and(|(given, asked)| given > asked)
}

/// Seconds by which the exchange's clocks are ahead of Greenwich.
pub(super) fn offset(meta: &ChartMeta) -> i64 {
    meta.gmtoffset.filter(|Num(offset)| OFFSETS.contains(offset)).map_or(0, |Num(offset)| offset as i64)
}

/// Adds a bar, or takes it into the last one where that is of its period. What goes back in time is left out.
fn put(grid: &mut Vec<Bar>, bar: Bar, step: i64, offset: i64) {
    match grid.last_mut() {
        Some(last) if bar.at < last.at => {}
        Some(last) if same_period(last.at.as_second(), bar.at.as_second(), step, offset) => merge(last, &bar),
        _ => grid.push(bar),
    }
}

fn same_period(earlier: i64, later: i64, step: i64, offset: i64) -> bool {
    let day = |at: i64| (at + offset).div_euclid(DAY);
    match step / DAY {
        0 => later - earlier < step,
        1 => day(earlier) == day(later),
        // A week's or month's bar is stamped with its first day.
        7 => day(later) - day(earlier) < 7,
        28.. => month(earlier + offset) == month(later + offset),
        days => day(later) - day(earlier) < days,
    }
}

fn month(at: i64) -> Option<(i16, i8)> {
    let date = Offset::UTC.to_datetime(Timestamp::from_second(at).ok()?).date();
    Some((date.year(), date.month()))
}

/// Where the period of a live bar began.
fn period_start(last: i64, at: i64, step: i64, meta: &ChartMeta) -> Option<Timestamp> {
    if step < DAY {
        return Timestamp::from_second(at - (at - last).rem_euclid(step)).ok();
    }
    let (opening, _) = hours(meta.current_trading_period.as_ref()?.regular.as_ref())?;
    let start = opening.as_second();
    (step == DAY && start > last && (start..start + DAY).contains(&at)).then_some(opening)
}

/// Takes a later bar of the same period in.
fn merge(bar: &mut Bar, later: &Bar) {
    bar.high = bar.high.max(later.high);
    bar.low = bar.low.min(later.low);
    bar.close = later.close;
    // A live bar has no volume of its own; a repeated one has the same.
    bar.volume = match (bar.volume, later.volume) {
        (Some(one), Some(other)) => Some(one.max(other)),
        (one, other) => one.or(other),
    };
}

fn regular_hours(meta: &ChartMeta) -> Option<RegularHours> {
    let (start, end) = hours(meta.current_trading_period.as_ref()?.regular.as_ref())?;
    Some(RegularHours { start, end })
}
