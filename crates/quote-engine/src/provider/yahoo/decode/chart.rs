//! The latest quote out of a chart's `meta`: what there is without a crumb.

use jiff::Timestamp;
use market::{Price, Quote, Session, Symbol};

use super::{
    super::{
        NAME,
        wire::{Chart, ChartMeta, Num, TradingPeriod},
    },
    quote::{Hours, name, positive, session_at},
    row::{Unfit, Unit, kind, main_price, main_time, sane_percent, time_zone},
};

/// The quote that the `meta` of a one-day chart gives. It has no market capitalisation and no ratios.
pub(super) fn quote(chart: Chart, symbol: &Symbol, received_at: Timestamp) -> Result<Quote, Unfit> {
    let meta = chart.meta.unwrap_or_default();
    let unit = Unit::of(meta.currency.as_deref());
    let price = main_price(&unit, meta.regular_price)?;
    let quoted_at = main_time(meta.regular_time, received_at)?;
    let kind = kind(meta.instrument_type.as_deref());
    let session = if kind.never_closes() { Session::Regular } else { session(&meta, received_at) };
    let previous_close = unit.price(meta.previous_close.or(meta.chart_previous_close));
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
        delay_minutes: None,
        state: Quote::state_when_answered(session, None),
        standstill: None,
        time_zone: time_zone(meta.exchange_timezone_name.as_deref()),
        currency: unit.currency,
        quoted_in: unit.quoted_in,
    })
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

/// `currentTradingPeriod` tells the session; a chart has no `marketState`.
fn session(meta: &ChartMeta, now: Timestamp) -> Session {
    let Some(periods) = &meta.current_trading_period else { return Session::Closed };
    session_at(now, hours(periods.pre.as_ref()), hours(periods.regular.as_ref()), hours(periods.post.as_ref()))
}

/// A period that is one: it ends after it starts.
pub(super) fn hours(period: Option<&TradingPeriod>) -> Hours {
    let (Num(start), Num(end)) = (period?.start?, period?.end?);
    (end > start).then_some((start as i64, end as i64))
}
