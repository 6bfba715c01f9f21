//! What a user holds, and what it is worth: exact decimals, and never a rate that nobody told.
//!
//! A holding whose price, cost or exchange rate is missing is left out of the sums and named; it is never taken for 0
//! or converted one to one.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{EditError, Price, Profile, Quote, Symbol, currency::minor_unit, quote::may_mix};

mod sums;

/// Lots of one symbol at the most.
pub const LOTS_MAX: usize = 100;
/// Symbols held by one user at the most.
pub const HELD_MAX: usize = 2_000;

/// Some of a symbol, bought at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Lot {
    /// How many pieces; above 0, and as exact as a price.
    pub quantity: Price,
    /// What one cost, where the user said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Price>,
    /// ISO 4217 code of the currency it cost that in. Where none is said it is what the exchange quotes in, pence for
    /// instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(pattern = "^[A-Z]{3}$"))]
    pub currency: Option<String>,
    /// When it was bought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
    pub date: Option<Date>,
}

impl Lot {
    /// Whether somebody can hold that.
    pub fn is_sound(&self) -> bool {
        self.quantity.is_positive()
            && self.cost.is_none_or(|cost| cost >= Price::ZERO)
            && self.currency.as_deref().is_none_or(is_code)
    }
}

/// Whether a text looks like a currency's code.
pub fn is_code(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase())
}

impl Profile {
    /// Says what is held of a symbol; whether that is news.
    pub(crate) fn set_lots(&mut self, symbol: &Symbol, lots: Vec<Lot>) -> Result<bool, EditError> {
        if !lots.iter().all(Lot::is_sound) {
            return Err(EditError::Lot);
        }
        if lots.is_empty() {
            return Ok(self.holdings.remove(symbol).is_some());
        }
        let new = !self.holdings.contains_key(symbol);
        if lots.len() > LOTS_MAX || (new && self.holdings.len() >= HELD_MAX) {
            return Err(EditError::TooManyLots);
        }
        let before = self.holdings.insert(symbol.clone(), lots);
        Ok(before.as_ref() != self.holdings.get(symbol))
    }
}

/// What is held of one symbol, in the currency of its quote. What is not known is left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Position {
    /// Of what.
    pub symbol: Symbol,
    /// How many pieces, over all lots.
    pub quantity: Price,
    /// ISO 4217 code of the amounts below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// What it is worth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Price>,
    /// How much of that is of the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day_change: Option<Price>,
    /// What it cost, where that is known of all lots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Price>,
    /// What it is worth beyond that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gain: Option<Price>,
    /// The same in percent of the cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gain_percent: Option<f64>,
}

/// Sums over positions, in one currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Totals {
    /// ISO 4217 code.
    pub currency: String,
    /// What everything in it is worth.
    pub value: Price,
    /// How much of that is of the day, over what has a move.
    pub day_change: Price,
    /// What the positions with a known cost cost.
    pub cost: Price,
    /// What those are worth beyond that.
    pub gain: Price,
    /// The same in percent of the cost; left out where nothing cost anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gain_percent: Option<f64>,
}

/// Why a symbol is not in a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UnvaluedReason {
    /// There is no quote of it.
    NoPrice,
    /// Nobody says which currency its price is in.
    NoCurrency,
    /// There is no exchange rate into the chosen currency: not in the converted sum.
    NoRate,
    /// Its cost is unknown, or in a currency without an exchange rate: not in the gain.
    NoCost,
    /// It is worth more than can be told.
    TooLarge,
}

/// A symbol that is not in a sum, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Unvalued {
    /// Which one.
    pub symbol: Symbol,
    /// Why.
    pub reason: UnvaluedReason,
}

/// An exchange rate that was used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rate {
    /// ISO 4217 code of what was converted.
    pub from: String,
    /// How much of the chosen currency one of it is.
    pub rate: Price,
}

/// What everything that is held is worth.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Valuation {
    /// One for each symbol, in their order.
    pub positions: Vec<Position>,
    /// One for each currency, in their order.
    pub totals: Vec<Totals>,
    /// All of it in the chosen currency, as far as there are rates; left out where no currency was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub converted: Option<Totals>,
    /// With which rates.
    pub rates: Vec<Rate>,
    /// What is not in a sum.
    pub unvalued: Vec<Unvalued>,
}

/// The quotes that say how much of `to` one of `from` is: the pair, or the other way round.
pub fn rate_symbols(from: &str, to: &str) -> [Option<Symbol>; 2] {
    let pair = |base: &str, quote: &str| {
        let sound = base != quote && is_code(base) && is_code(quote);
        sound.then(|| Symbol::parse(&format!("{base}{quote}=X")).ok()).flatten()
    };
    [pair(from, to), pair(to, from)]
}

/// Every exchange rate that a valuation in `target` would use: to be asked for before.
pub fn rates_needed<'a>(
    holdings: &BTreeMap<Symbol, Vec<Lot>>,
    quote: impl Fn(&Symbol) -> Option<&'a Quote>,
    target: Option<&str>,
) -> BTreeSet<Symbol> {
    let mut needed = BTreeSet::new();
    for (symbol, lots) in holdings {
        let Some(currency) = quote(symbol).and_then(|quote| quote.currency.as_deref()) else { continue };
        let costs = lots.iter().filter_map(|lot| lot.currency.as_deref()).map(|of_cost| (of_cost, currency));
        let all = costs.chain(target.map(|target| (currency, target)));
        needed.extend(all.flat_map(|(from, to)| rate_symbols(from, to)).flatten());
    }
    needed
}

/// What is held, valued by these quotes; summed up for each currency, and in `target` where one is chosen.
pub fn value<'a>(
    holdings: &BTreeMap<Symbol, Vec<Lot>>,
    quote: impl Fn(&Symbol) -> Option<&'a Quote>,
    target: Option<&str>,
) -> Valuation {
    let mut sums = sums::Sums::new(target.filter(|code| is_code(code)));
    for (symbol, lots) in holdings {
        let held = sum(lots.iter().map(|lot| Some(lot.quantity.exact()))).unwrap_or_default();
        let position = Position::unvalued(symbol, held);
        match position.valued(held, lots, &quote) {
            Ok(valued) => sums.add(valued, &quote),
            Err(reason) => sums.leave_out(position, reason),
        }
    }
    sums.finish()
}

impl Position {
    fn unvalued(symbol: &Symbol, held: Decimal) -> Self {
        Self {
            symbol: symbol.clone(),
            quantity: Price::new(held).unwrap_or(Price::ZERO),
            currency: None,
            value: None,
            day_change: None,
            cost: None,
            gain: None,
            gain_percent: None,
        }
    }

    /// The same with what its quote says of it, or why that says nothing.
    fn valued<'a>(
        &self,
        held: Decimal,
        lots: &[Lot],
        quotes: &impl Fn(&Symbol) -> Option<&'a Quote>,
    ) -> Result<Self, UnvaluedReason> {
        let quote = quotes(&self.symbol).ok_or(UnvaluedReason::NoPrice)?;
        let currency = quote.currency.as_ref().ok_or(UnvaluedReason::NoCurrency)?;
        let times = |price: Price| held.checked_mul(price.exact()).and_then(Price::new);
        let value = times(quote.price).ok_or(UnvaluedReason::TooLarge)?;
        let cost = sum(lots.iter().map(|lot| lot.cost_in(quote, currency, quotes))).and_then(Price::new);
        Ok(Self {
            currency: Some(currency.clone()),
            value: Some(value),
            day_change: quote.change.and_then(times),
            cost,
            gain: cost.and_then(|cost| value.minus(cost)),
            gain_percent: cost.and_then(|cost| value.percent_against(cost)),
            ..self.clone()
        })
    }
}

impl Lot {
    /// What the lot cost, in the currency of the quote.
    fn cost_in<'a>(
        &self,
        quote: &Quote,
        currency: &str,
        quotes: &impl Fn(&Symbol) -> Option<&'a Quote>,
    ) -> Option<Decimal> {
        let cost = self.cost?.exact().checked_mul(self.quantity.exact())?;
        if let Some(of_cost) = &self.currency {
            return cost.checked_mul(rate(of_cost, currency, &quote.source, quotes)?);
        }
        let divisor = quote.quoted_in.as_deref().and_then(minor_unit).map_or(1, |(_, divisor)| divisor);
        cost.checked_div(divisor.into())
    }
}

/// How much of `to` one of `from` is, by a quote of either direction; made-up rates are for made-up prices only.
fn rate<'a>(from: &str, to: &str, source: &str, quotes: &impl Fn(&Symbol) -> Option<&'a Quote>) -> Option<Decimal> {
    if from == to {
        return Some(Decimal::ONE);
    }
    let told = |symbol: Option<Symbol>| {
        let quote = quotes(&symbol?)?;
        (quote.price.is_positive() && may_mix(&quote.source, source)).then(|| quote.price.exact())
    };
    let [direct, inverse] = rate_symbols(from, to);
    told(direct).or_else(|| Decimal::ONE.checked_div(told(inverse)?))
}

/// All of them together, where each is known.
fn sum(each: impl Iterator<Item = Option<Decimal>>) -> Option<Decimal> {
    let mut all = Decimal::ZERO;
    for one in each {
        all = all.checked_add(one?)?;
    }
    Some(all)
}

#[cfg(test)]
mod tests;
