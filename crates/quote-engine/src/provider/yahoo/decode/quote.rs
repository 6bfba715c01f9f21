//! One row of `/v7/finance/quote` to one [`Quote`].

use jiff::Timestamp;
use market::{Price, Quote, Symbol, currency};

use super::{
    super::{
        NAME,
        wire::{Num, QuoteRow},
    },
    row::{Unfit, Unit, kind, main_price, main_time, sane_percent, session, time_zone},
};
use crate::provider::text::label;

/// The quote that a row gives, or why it gives none.
pub(super) fn from_row(row: &QuoteRow<'_>, symbol: &Symbol, received_at: Timestamp) -> Result<Quote, Unfit> {
    // A symbol that was never heard of has no row; one that was delisted or renamed has this.
    if row.quote_type.as_deref() == Some("NONE") && row.regular_price.is_none() {
        return Err(Unfit::Gone);
    }
    let unit = Unit::of(row.currency.as_deref());
    let price = main_price(&unit, row.regular_price)?;
    let quoted_at = main_time(row.regular_time, received_at)?;
    let kind = kind(row.quote_type.as_deref());
    let session = session(kind, row.market_state.as_deref());
    let delay_minutes = delay(row.exchange_data_delayed_by);
    let extended = if kind.never_closes() { None } else { extended(row, &unit, price, quoted_at, received_at) };
    let previous_close = unit.price(row.regular_previous_close);
    let senseless_base = previous_close.is_none() && row.regular_previous_close.is_some();
    let close = row.regular_previous_close.map(|Num(close)| Num(unit.amount(close)));
    let percent = row.regular_change_percent.filter(|Num(percent)| sane_percent(kind, *percent, price.to_f64(), close));
    let change =
        row.regular_change.filter(|_| !senseless_base && (percent.is_some() || row.regular_change_percent.is_none()));
    Ok(Quote {
        symbol: symbol.clone(),
        name: name(row.long_name.as_deref(), row.short_name.as_deref()),
        kind,
        exchange: name(row.full_exchange_name.as_deref(), row.exchange.as_deref()),
        price_digits: unit.digits(row.price_hint),
        price,
        change: change.and_then(|change| unit.change(change)),
        change_percent: percent.map(|Num(percent)| percent),
        previous_close,
        open: unit.price(row.regular_open),
        day_low: unit.price(row.regular_day_low),
        day_high: unit.price(row.regular_day_high),
        year_low: unit.price(row.fifty_two_week_low),
        year_high: unit.price(row.fifty_two_week_high),
        volume: positive(row.regular_volume),
        average_volume: positive(row.average_daily_volume),
        // Yahoo gives the market capitalisation in the major unit, whatever the price is in.
        market_cap: positive(row.market_cap),
        pe_ratio: row.trailing_pe.map(|Num(ratio)| ratio).filter(|ratio| *ratio != 0.0),
        dividend_yield: dividend_yield(row),
        extended_price: extended.as_ref().map(|print| print.price),
        extended_change_percent: extended.as_ref().and_then(|print| print.change_percent),
        extended_at: extended.map(|print| print.at),
        session,
        quoted_at,
        received_at,
        source: NAME.to_owned(),
        delay_minutes,
        state: Quote::state_when_answered(session, delay_minutes),
        standstill: None,
        unsettled: false,
        time_zone: time_zone(row.exchange_timezone_name.as_deref()),
        currency: unit.currency,
        quoted_in: unit.quoted_in,
    })
}

pub(super) fn name(long: Option<&str>, short: Option<&str>) -> Option<String> {
    long.and_then(label).or_else(|| short.and_then(label))
}

pub(super) fn positive(amount: Option<Num>) -> Option<f64> {
    amount.map(|Num(amount)| amount).filter(|amount| *amount > 0.0)
}

/// `exchangeDataDelayedBy`, in minutes.
fn delay(minutes: Option<Num>) -> Option<u16> {
    minutes
        .filter(|Num(minutes)| (0.0..=f64::from(u16::MAX)).contains(minutes))
        .map(|Num(minutes)| minutes.round() as u16)
}

/// More than this many percent no dividend pays.
const YIELD_MAX: f64 = 10_000.0;

/// `dividendYield` is in percent, `trailingAnnualDividendYield` a fraction.
fn dividend_yield(row: &QuoteRow<'_>) -> Option<f64> {
    let trailing = || positive(row.trailing_annual_dividend_yield).map(|part| currency::without_noise(part * 100.0));
    positive(row.dividend_yield).or_else(trailing).filter(|percent| *percent <= YIELD_MAX)
}

/// A print outside of regular hours.
struct Print {
    price: Price,
    change_percent: Option<f64>,
    at: Timestamp,
}

/// The newest of pre-market, post-market and overnight by its own time, if it is newer than the regular price.
/// Yahoo keeps serving last night's post-market fields through the next day: `marketState` alone does not tell.
fn extended(
    row: &QuoteRow<'_>,
    unit: &Unit,
    price: Price,
    quoted_at: Timestamp,
    received_at: Timestamp,
) -> Option<Print> {
    let prints = [
        (row.pre_price, row.pre_time, row.pre_change_percent),
        (row.post_price, row.post_time, row.post_change_percent),
        (row.overnight_price, row.overnight_time, row.overnight_change_percent),
    ];
    let print = |(extended, time, percent): (Option<Num>, Option<Num>, Option<Num>)| {
        // First, for through most of the day last night's prices are in every row.
        let at = main_time(Some(time?), received_at).ok().filter(|at| *at > quoted_at)?;
        let extended = unit.price(extended)?;
        Some(Print { price: extended, change_percent: against(price, extended, percent), at })
    };
    prints.into_iter().filter_map(print).max_by_key(|print| print.at)
}

/// The move of an extended print against the regular price: the vendor's own figure where it is that.
fn against(price: Price, extended: Price, percent: Option<Num>) -> Option<f64> {
    let computed = extended.percent_against(price)?;
    Some(percent.map(|Num(percent)| percent).filter(|percent| (percent - computed).abs() < 0.01).unwrap_or(computed))
}
