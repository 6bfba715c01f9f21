//! The latest quote out of a chart's `meta`: what there is without a crumb.

use jiff::Timestamp;
use market::{Price, Quote, Session, Split, Symbol, TradingHours};

use super::{
    super::{
        NAME,
        wire::{Chart, ChartMeta, Num, SplitRow, TradingPeriod, Values},
    },
    MarketHours, SPLITS_MAX,
    quote::{name, positive},
    row::{Unfit, Unit, kind, main_price, main_time, sane_percent, time_zone},
};

/// The quote that the `meta` of a one-day chart gives. It has no market capitalisation and no ratios.
pub(super) fn quote(chart: Chart, symbol: &Symbol, received_at: Timestamp) -> Result<Quote, Unfit> {
    let meta = chart.meta.unwrap_or_default();
    let unit = Unit::of(meta.currency.as_deref());
    let price = main_price(&unit, meta.regular_price)?;
    let quoted_at = main_time(meta.regular_time, received_at)?;
    let kind = kind(meta.instrument_type.as_deref());
    let hours = periods(&meta);
    let session = if kind.never_closes() { Session::Regular } else { session(hours, quoted_at, received_at) };
    let delay_minutes = hours.and_then(|hours| delay(hours, quoted_at, received_at));
    let previous_close = unit.price(meta.previous_close.or(close_before_the_day(&meta)));
    let close = previous_close.map(|close| Num(close.to_f64()));
    let moved =
        moved(&meta, price, previous_close).filter(|moved| sane_percent(kind, moved.percent, price.to_f64(), close));
    let first_open = chart.indicators.and_then(|i| i.quote?.into_iter().next()?.open?.into_iter().flatten().next());
    Ok(Quote {
        symbol: symbol.clone(),
        name: name(meta.long_name.as_deref(), meta.short_name.as_deref()),
        kind,
        exchange: name(meta.full_exchange_name.as_deref(), meta.exchange_name.as_deref()),
        price_digits: unit.digits(meta.price_hint),
        price,
        change: moved.as_ref().and_then(|moved| moved.change),
        change_percent: moved.map(|moved| moved.percent),
        previous_close,
        open: unit.price(first_open.map(|Num(open)| Num(super::history::as_printed(open)))),
        day_low: unit.price(meta.regular_day_low),
        day_high: unit.price(meta.regular_day_high),
        year_low: unit.price(meta.fifty_two_week_low),
        year_high: unit.price(meta.fifty_two_week_high),
        volume: positive(meta.regular_volume),
        average_volume: None,
        market_cap: None,
        pe_ratio: None,
        dividend_yield: None,
        extended_price: None,
        extended_change_percent: None,
        extended_at: None,
        session,
        quoted_at,
        received_at,
        source: NAME.to_owned(),
        delay_minutes,
        state: Quote::state_when_answered(session, delay_minutes),
        standstill: None,
        unsettled: false,
        time_zone: time_zone(meta.exchange_timezone_name.as_deref()),
        currency: unit.currency,
        quoted_in: unit.quoted_in,
    })
}

/// Of a chart over several days `chartPreviousClose` is the close before the first of them.
fn close_before_the_day(meta: &ChartMeta) -> Option<Num> {
    meta.chart_previous_close.filter(|_| meta.range.as_deref().is_none_or(|range| range == "1d"))
}

struct Moved {
    change: Option<Price>,
    percent: f64,
}

/// The vendor's percent where it gives one; else against the previous close, but for crypto, whose percent is over
/// 24 hours and can differ from that in sign.
fn moved(meta: &ChartMeta, price: Price, previous_close: Option<Price>) -> Option<Moved> {
    let never_closes = kind(meta.instrument_type.as_deref()).never_closes();
    let close = previous_close.filter(|_| !never_closes);
    let change = close.and_then(|close| price.minus(close));
    if let Some(Num(percent)) = meta.regular_change_percent {
        return Some(Moved { change, percent });
    }
    Some(Moved { change, percent: price.percent_against(close?)? })
}

/// Without hours, a price of the regular session that is as young as this shows that it is on.
const FRESH_SECONDS: i64 = 15 * 60;

/// `currentTradingPeriod` tells the session; a chart has no `marketState`.
fn session(hours: Option<TradingHours>, quoted_at: Timestamp, now: Timestamp) -> Session {
    let fresh = now.as_second() - quoted_at.as_second() <= FRESH_SECONDS;
    match hours {
        Some(hours) => hours.session(now),
        None if fresh => Session::Regular,
        None => Session::Closed,
    }
}

/// The minutes by which exchanges hold prices back, the longest first.
const DELAYS: [u16; 4] = [30, 20, 15, 10];

/// How far the price lags behind regular trading, in the steps in which exchanges do: a chart does not say.
fn delay(hours: TradingHours, quoted_at: Timestamp, now: Timestamp) -> Option<u16> {
    let (start, end) = hours.regular?;
    let traded_since = quoted_at.max(start);
    let minutes = (now.as_second() - traded_since.as_second()) / 60;
    DELAYS.into_iter().find(|delay| now < end && minutes >= i64::from(*delay))
}

/// The trading hours of the market's present day, where the chart tells any.
pub(super) fn trading_hours(chart: &Chart, told_at: Timestamp) -> Option<TradingHours> {
    let hours = chart.meta.as_ref().and_then(periods)?;
    Some(TradingHours { told_at: Some(told_at), ..hours })
}

/// The same, with whose they are: all of a kind keep them at an exchange.
pub(super) fn market_hours(chart: &Chart, told_at: Timestamp) -> Option<MarketHours> {
    let meta = chart.meta.as_ref()?;
    Some(MarketHours {
        exchange: name(meta.full_exchange_name.as_deref(), meta.exchange_name.as_deref())?,
        kind: kind(meta.instrument_type.as_deref()),
        hours: trading_hours(chart, told_at)?,
    })
}

/// The splits that a chart tells of, the oldest first.
pub(super) fn splits(chart: Chart) -> Vec<Split> {
    let rows = chart.events.and_then(|events| events.splits).map(|Values(rows)| rows).unwrap_or_default();
    let split = |row: SplitRow| {
        let (Num(date), Num(numerator), Num(denominator)) = (row.date?, row.numerator?, row.denominator?);
        Split::new(numerator, denominator, Timestamp::from_second(date as i64).ok()?)
    };
    let mut splits: Vec<Split> = rows.into_iter().take(SPLITS_MAX).filter_map(split).collect();
    splits.sort_by_key(|split| split.at);
    splits
}

fn periods(meta: &ChartMeta) -> Option<TradingHours> {
    let periods = meta.current_trading_period.as_ref()?;
    let part = |period: &Option<TradingPeriod>| hours(period.as_ref());
    let (pre, regular, post) = (part(&periods.pre), part(&periods.regular), part(&periods.post));
    let hours = TradingHours { pre, regular, post, told_at: None };
    (hours != TradingHours::default()).then_some(hours)
}

/// A period that is one: it ends after it starts.
pub(super) fn hours(period: Option<&TradingPeriod>) -> Option<(Timestamp, Timestamp)> {
    let (Num(start), Num(end)) = (period?.start?, period?.end?);
    let (start, end) = (Timestamp::from_second(start as i64).ok()?, Timestamp::from_second(end as i64).ok()?);
    (end > start).then_some((start, end))
}
