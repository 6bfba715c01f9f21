//! Adding positions up: for each currency, and in the chosen one.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{Position, Rate, Totals, Unvalued, UnvaluedReason, Valuation, rate};
use crate::{Price, Quote, Symbol};

/// Sums so far. What does not fit is left out and named.
pub(super) struct Sums {
    target: Option<String>,
    positions: Vec<Position>,
    of_currency: BTreeMap<String, Sum>,
    converted: Sum,
    rates: BTreeMap<String, Decimal>,
    unvalued: Vec<Unvalued>,
}

/// One sum so far.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    value: Decimal,
    day_change: Decimal,
    cost: Decimal,
    gain: Decimal,
}

impl Sum {
    /// With a position at this rate; `None` where that is more than can be told.
    fn with(self, position: &Position, rate: Decimal) -> Option<Self> {
        let at_rate = |sum: Decimal, part: Option<Price>| match part {
            Some(part) => sum.checked_add(part.exact().checked_mul(rate)?),
            None => Some(sum),
        };
        let sum = Self {
            value: at_rate(self.value, position.value)?,
            day_change: at_rate(self.day_change, position.day_change)?,
            cost: at_rate(self.cost, position.cost)?,
            gain: at_rate(self.gain, position.gain)?,
        };
        [sum.value, sum.day_change, sum.cost, sum.gain].iter().all(|part| fitting(*part).is_some()).then_some(sum)
    }

    fn totals(self, currency: &str) -> Totals {
        let price = |part| fitting(part).unwrap_or(Price::ZERO);
        let (cost, gain) = (price(self.cost), price(self.gain));
        let worth = fitting(self.cost + self.gain);
        Totals {
            currency: currency.into(),
            value: price(self.value),
            day_change: price(self.day_change),
            cost,
            gain,
            gain_percent: worth.and_then(|worth| worth.percent_against(cost)),
        }
    }
}

/// A sum as it can be told: what is smaller than any price is nothing.
fn fitting(part: Decimal) -> Option<Price> {
    Price::new(part).or_else(|| (part.abs() < Decimal::ONE).then_some(Price::ZERO))
}

impl Sums {
    pub(super) fn new(target: Option<&str>) -> Self {
        Self {
            target: target.map(str::to_owned),
            positions: Vec::new(),
            of_currency: BTreeMap::new(),
            converted: Sum::default(),
            rates: BTreeMap::new(),
            unvalued: Vec::new(),
        }
    }

    /// A position that has a value.
    pub(super) fn add<'a>(&mut self, position: Position, quotes: &impl Fn(&Symbol) -> Option<&'a Quote>) {
        let source = quotes(&position.symbol).map_or("", |quote| quote.source.as_str());
        let currency = position.currency.clone().unwrap_or_default();
        let sum = self.of_currency.entry(currency.clone()).or_default();
        let Some(with) = sum.with(&position, Decimal::ONE) else {
            return self.leave_out(position, UnvaluedReason::TooLarge);
        };
        *sum = with;
        if position.gain.is_none() {
            self.name(&position.symbol, UnvaluedReason::NoCost);
        }
        if let Err(reason) = self.convert(&position, &currency, source, quotes) {
            self.name(&position.symbol, reason);
        }
        self.positions.push(position);
    }

    fn convert<'a>(
        &mut self,
        position: &Position,
        currency: &str,
        source: &str,
        quotes: &impl Fn(&Symbol) -> Option<&'a Quote>,
    ) -> Result<(), UnvaluedReason> {
        let Some(target) = &self.target else { return Ok(()) };
        let rate = rate(currency, target, source, quotes).ok_or(UnvaluedReason::NoRate)?;
        self.converted = self.converted.with(position, rate).ok_or(UnvaluedReason::TooLarge)?;
        if currency != target {
            self.rates.insert(currency.into(), rate);
        }
        Ok(())
    }

    /// A position that is in no sum.
    pub(super) fn leave_out(&mut self, position: Position, reason: UnvaluedReason) {
        self.name(&position.symbol, reason);
        self.positions.push(position);
    }

    fn name(&mut self, symbol: &Symbol, reason: UnvaluedReason) {
        self.unvalued.push(Unvalued { symbol: symbol.clone(), reason });
    }

    pub(super) fn finish(self) -> Valuation {
        let told = |(from, rate): (String, Decimal)| Price::new(rate).map(|rate| Rate { from, rate });
        Valuation {
            positions: self.positions,
            totals: self.of_currency.iter().map(|(currency, sum)| sum.totals(currency)).collect(),
            converted: self.target.as_deref().map(|target| self.converted.totals(target)),
            rates: self.rates.into_iter().filter_map(told).collect(),
            unvalued: self.unvalued,
        }
    }
}
