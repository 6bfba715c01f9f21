//! Splits: shares that become more or fewer overnight, and what that does to everything said about them before.
//!
//! A line in the old money must be carried over exactly once; nothing in here knows who told of the split.

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{Alert, Condition, Kind, Price, Quote, QuoteState, Symbol};

/// Shares that come for one at the most, either way round.
const FACTOR_MAX: f64 = 1e6;
/// A previous close this far from the close that was seen, as a fraction of it, may be a split's doing.
const CLOSE_DIFFERS: f64 = 0.15;
/// The same where alerts wait for the price: a stock dividend of a fiftieth moves their lines too.
const CLOSE_DIFFERS_ALERTED: f64 = 0.015;
/// So many times higher or lower, a price of another day may be one's too.
const PRICE_DIFFERS: f64 = 1.5;

/// A split: `numerator` shares in place of every `denominator`, from `at` on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Split {
    /// Shares afterwards.
    pub numerator: f64,
    /// Shares before.
    pub denominator: f64,
    /// When trading in the new shares begins: the opening bell of the day, as the provider says it.
    pub at: Timestamp,
}

/// A split of a symbol, as it was noticed here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeenSplit {
    /// What was split.
    pub symbol: Symbol,
    /// How, and when.
    pub split: Split,
    /// The exchange's day that the new shares begin with.
    pub day: Date,
    /// When a price in the new shares was first told.
    pub seen_at: Timestamp,
}

impl Split {
    /// A split that is one.
    pub fn new(numerator: f64, denominator: f64, at: Timestamp) -> Option<Self> {
        let factor = numerator / denominator;
        let sound = numerator > 0.0
            && (factor - 1.0).abs() > f64::EPSILON
            && (FACTOR_MAX.recip()..=FACTOR_MAX).contains(&factor);
        sound.then_some(Self { numerator, denominator, at })
    }

    /// What an old price is in the new shares; `None` where that is no price any more.
    pub fn carried(&self, price: Price) -> Option<Price> {
        let [numerator, denominator] = self.parts()?;
        price.times(denominator, numerator)
    }

    /// How many new shares so many old ones are; `None` where that can not be told any more.
    pub fn carried_quantity(&self, quantity: Price) -> Option<Price> {
        let [numerator, denominator] = self.parts()?;
        quantity.times(numerator, denominator)
    }

    fn parts(&self) -> Option<[Decimal; 2]> {
        Some([Decimal::try_from(self.numerator).ok()?, Decimal::try_from(self.denominator).ok()?])
    }

    /// The same of a condition, where what it says or what has been seen of it is in the old shares; the others mean
    /// what they meant.
    pub fn carried_condition(&self, condition: Condition) -> Option<Condition> {
        match condition {
            Condition::Above(line) => self.carried(line).map(Condition::Above),
            Condition::Below(line) => self.carried(line).map(Condition::Below),
            Condition::MoveWithin(_) | Condition::YearHigh | Condition::YearLow => Some(condition),
            Condition::DayMove(_) | Condition::VolumeSpike(_) => None,
        }
    }

    /// The last quote of the old shares as one of the new ones. It is stale: nobody has told it so.
    pub fn carried_quote(&self, quote: &Quote) -> Option<Quote> {
        let carried = |price: Option<Price>| price.and_then(|price| self.carried(price));
        Some(Quote {
            price: self.carried(quote.price)?,
            change: carried(quote.change),
            previous_close: carried(quote.previous_close),
            open: carried(quote.open),
            day_low: carried(quote.day_low),
            day_high: carried(quote.day_high),
            year_low: carried(quote.year_low),
            year_high: carried(quote.year_high),
            extended_price: carried(quote.extended_price),
            state: QuoteState::Stale,
            ..quote.clone()
        })
    }

    /// Whether it makes two prices agree better than they do without it.
    pub fn explains(&self, after: Price, before: Price) -> bool {
        let moved = (after.to_f64() / before.to_f64()).ln();
        let split = (self.denominator / self.numerator).ln();
        (moved - split).abs() < moved.abs()
    }

    /// Whether a day's move looks the same, such as that of most stock dividends.
    pub fn is_small(&self) -> bool {
        (self.denominator / self.numerator - 1.0).abs() <= CLOSE_DIFFERS
    }

    /// Whether a quote shows it: by its price against the one before, or by a print before the bell against its own.
    pub fn is_seen_in(&self, quote: &Quote, before: Option<&Quote>) -> bool {
        self.is_behind_with(quote) || before.is_some_and(|before| self.explains(quote.price, before.price))
    }

    /// Whether a quote has a print before the bell in the new shares beside a price in the old ones.
    fn is_behind_with(&self, quote: &Quote) -> bool {
        let Some((early, carried)) = quote.extended_price.zip(self.carried(quote.price)) else { return false };
        is_far(early, quote.price) && !is_far(early, carried)
    }

    /// Puts into the new shares what its provider is still behind with: everything but a print before the bell, or the
    /// previous close. Of a small split nobody can tell whether it is.
    pub fn mend(&self, quote: &mut Quote) {
        if self.is_small() {
            return;
        }
        if let Some(carried) = self.carried_quote(quote).filter(|_| self.is_behind_with(quote)) {
            let early = quote.extended_price;
            let extended_change_percent = early.and_then(|early| early.percent_against(carried.price));
            *quote = Quote { extended_price: early, extended_change_percent, state: quote.state, ..carried };
        }
        let Some(close) = quote.previous_close.filter(|close| self.explains(quote.price, *close)) else { return };
        let Some(close) = self.carried(close) else { return };
        quote.previous_close = Some(close);
        quote.change = quote.price.minus(close);
        quote.change_percent = quote.price.percent_against(close);
    }
}

impl Alert {
    /// Carries its line over a split, where that was drawn before it; says whether it was. Nothing drawn after
    /// `seen_at`, when the new price was first told, is in the old shares.
    pub(crate) fn carry_over(&mut self, split: &Split, seen_at: Timestamp) -> bool {
        let is_old = self.drawn_at.is_none_or(|drawn| drawn < split.at.min(seen_at));
        let is_new = self.carried_to.is_none_or(|carried| carried < split.at);
        let Some(condition) = split.carried_condition(self.condition).filter(|_| is_old && is_new) else {
            return false;
        };
        (self.condition, self.carried_to) = (condition, Some(split.at));
        true
    }
}

/// Whether a split may lie between two quotes of an instrument: the later one's previous close is not the close that
/// was seen, or its price, or a print before the bell, is a wholly other one. A wild day looks the same: whoever suspects
/// has to ask, and does so sooner where the symbol `has_alerts`.
pub fn is_suspected(quote: &Quote, before: &Quote, has_alerts: impl FnOnce() -> bool) -> bool {
    let early = quote.extended_price.is_some_and(|price| is_far(price, before.price));
    let other_price = early || is_far(quote.price, before.price);
    // First what is cheap: this is asked of every quote.
    if (quote.previous_close == before.previous_close && !other_price)
        || !is_split_at_all(quote)
        || quote.currency != before.currency
        || quote.quoted_at < before.quoted_at
    {
        return false;
    }
    let differs = closes(quote, before).map_or(0.0, |(told, seen)| (ratio(told, seen) - 1.0).abs());
    differs > CLOSE_DIFFERS
        || (other_price && quote.ruling_day(true) != before.trading_day())
        || (differs > CLOSE_DIFFERS_ALERTED && has_alerts())
}

/// The previous close that a quote tells, and what was seen of the same close before.
pub fn closes(quote: &Quote, before: &Quote) -> Option<(Price, Price)> {
    let other_day = quote.trading_day() != before.trading_day();
    quote.previous_close.zip(if other_day { Some(before.price) } else { before.previous_close })
}

fn is_far(price: Price, other: Price) -> bool {
    !(PRICE_DIFFERS.recip()..=PRICE_DIFFERS).contains(&ratio(price, other))
}

/// Roughly: suspicions need no decimals.
fn ratio(price: Price, other: Price) -> f64 {
    price.to_f64() / other.to_f64()
}

/// Whether things like it are ever split.
pub fn is_split_at_all(quote: &Quote) -> bool {
    matches!(quote.kind, Kind::Equity | Kind::Etf | Kind::Fund)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{price::tests::price, quote::tests::quote};

    fn split(numerator: f64, denominator: f64) -> Split {
        Split::new(numerator, denominator, "2026-11-23T14:30:00Z".parse().unwrap()).unwrap()
    }

    fn on(day: &str, last: f64, close: f64) -> Quote {
        let at = format!("2026-11-{day}T15:00:00Z").parse().unwrap();
        Quote { quoted_at: at, previous_close: Some(price(close)), ..quote("AAPL", last) }
    }

    #[test]
    fn four_for_one_is_a_quarter_and_one_for_ten_is_tenfold() {
        assert_eq!(split(4.0, 1.0).carried(price(400.0)), Some(price(100.0)));
        assert_eq!(split(1.0, 10.0).carried(price(0.35)), Some(price(3.5)));
        assert_eq!(
            split(3.0, 2.0).carried_condition(Condition::Above(price(90.0))),
            Some(Condition::Above(price(60.0)))
        );
        assert_eq!(split(4.0, 1.0).carried_condition(Condition::DayMove(3.0)), None);
        assert_eq!(split(4.0, 1.0).carried_condition(Condition::YearLow), Some(Condition::YearLow));
        for (numerator, denominator) in [(0.0, 1.0), (1.0, 0.0), (-4.0, 1.0), (1.0, 1.0), (f64::NAN, 1.0), (1e9, 1.0)] {
            assert_eq!(Split::new(numerator, denominator, Timestamp::UNIX_EPOCH), None);
        }
    }

    #[test]
    fn a_close_that_nobody_saw_is_suspected() {
        let before = on("20", 400.0, 396.0);
        let is_suspected = |quote: &Quote| super::is_suspected(quote, &before, || false);
        assert!(is_suspected(&on("23", 101.0, 100.0)), "the vendor has changed the close");
        assert!(is_suspected(&on("23", 101.0, 400.0)), "or is behind with that");
        assert!(is_suspected(&on("20", 100.0, 99.0)), "or has begun before the day");
        assert!(!is_suspected(&on("23", 450.0, 401.0)), "a good day");
        assert!(!is_suspected(&on("20", 300.0, 396.0)), "a bad one");
        assert!(!is_suspected(&Quote { kind: Kind::Crypto, ..on("23", 101.0, 100.0) }));
        assert!(!is_suspected(&Quote { currency: Some("GBP".into()), ..on("23", 101.0, 100.0) }));
    }

    #[test]
    fn a_small_difference_is_suspected_where_alerts_wait() {
        let before = on("20", 400.0, 396.0);
        let [alerted, others] =
            [true, false].map(|alerts| move |quote: &Quote, before: &Quote| is_suspected(quote, before, || alerts));
        let dividend = on("23", 385.0, 400.0 / 1.05);
        assert!(alerted(&dividend, &before) && !others(&dividend, &before), "twenty-one for twenty");
        assert!(alerted(&on("20", 380.0, 396.0 / 1.02), &before), "told late");
        assert!(!alerted(&on("23", 385.0, 399.0), &before), "the last trade was not the close");
        assert!(!alerted(&on("20", 385.0, 396.0), &before), "a bad day");
    }

    #[test]
    fn a_close_the_vendor_is_behind_with_is_mended_and_no_other() {
        let (mut late, mut right) = (on("23", 101.0, 400.0), on("23", 101.0, 100.0));
        split(4.0, 1.0).mend(&mut late);
        assert_eq!((late.previous_close, late.change_percent), (Some(price(100.0)), Some(1.0)));
        split(4.0, 1.0).mend(&mut right);
        assert_eq!(right.previous_close, Some(price(100.0)));
        let mut small = on("23", 97.0, 100.0);
        split(21.0, 20.0).mend(&mut small);
        assert_eq!(small.previous_close, Some(price(100.0)), "a fall of three percent after a split of five");
    }

    #[test]
    fn a_print_before_the_bell_is_suspected_and_the_price_beside_it_mended() {
        let before = on("20", 400.0, 396.0);
        let early = |price_text: f64, at: &str| Quote {
            extended_price: Some(price(price_text)),
            extended_at: Some(at.parse().unwrap()),
            ..before.clone()
        };
        let mut quote = early(101.0, "2026-11-23T10:00:00Z");
        assert!(is_suspected(&quote, &before, || false), "the price and the close are still of the day before");
        assert!(!is_suspected(&early(350.0, "2026-11-23T10:00:00Z"), &before, || false), "a bad morning");
        assert!(
            !is_suspected(&early(101.0, "2026-11-20T22:00:00Z"), &before, || false),
            "a worse evening: no share is split then"
        );
        let split = split(4.0, 1.0);
        assert!(split.is_seen_in(&quote, None) && !split.is_seen_in(&before, None));
        split.mend(&mut quote);
        let prices = [Some(quote.price), quote.previous_close, quote.extended_price];
        assert_eq!(prices, [100.0, 99.0, 101.0].map(|value| Some(price(value))));
        assert_eq!((quote.extended_change_percent, quote.state), (Some(1.0), before.state));
        let once = quote.clone();
        split.mend(&mut quote);
        assert_eq!(quote, once);
    }

    proptest! {
        /// Whatever the split, what it does to a price the opposite one undoes.
        #[test]
        fn a_split_and_its_contrary_leave_a_price_as_it_was(
            cents in 1i32..10_000_000, more in 2u32..50, fewer in 1u32..50,
        ) {
            prop_assume!(more != fewer);
            let (there, back) = (split(more.into(), fewer.into()), split(fewer.into(), more.into()));
            let old = price(f64::from(cents) / 100.0);
            let new = back.carried(there.carried(old).unwrap()).unwrap();
            prop_assert!((new.to_f64() / old.to_f64() - 1.0).abs() < 1e-12);
            prop_assert!(there.explains(there.carried(old).unwrap(), old));
        }
    }
}
