//! Prices that are not believed at first sight: vendors sometimes serve pence for pounds, a wrong digit, another
//! instrument or its currency. A second sample confirms what really happened.

use jiff::SignedDuration;

use crate::{Price, Quote};

/// A price more than this many times higher or lower than the last one is doubted.
const FACTOR_MAX: f64 = 1.5;
/// Two samples that differ by no more than this fraction say the same.
const AGREEMENT: f64 = 0.1;
/// A last price older than this proves nothing: splits and weekends lie in between.
const MEMORY: SignedDuration = SignedDuration::from_hours(24);

/// Whether a quote is too far from the one before to be believed without a second sample.
pub fn is_doubtful(quote: &Quote, before: &Quote) -> bool {
    let comparable =
        quote.is_simulated() == before.is_simulated() && quote.quoted_at.duration_since(before.quoted_at) < MEMORY;
    let extended = quote.extended_price.is_some_and(|price| {
        let last = before.extended_price.unwrap_or(before.price);
        is_far(price, last) && is_far(price, quote.price)
    });
    comparable && (is_other_money(quote, before) || is_far(quote.price, before.price) || extended)
}

/// Whether a quote says the same as the one that was doubted.
pub fn confirms(quote: &Quote, doubted: &Quote) -> bool {
    let same = |a: Price, b: Price| (ratio(a, b) - 1.0).abs() <= AGREEMENT;
    let extended = match (quote.extended_price, doubted.extended_price) {
        (Some(a), Some(b)) => same(a, b),
        _ => true,
    };
    !is_other_money(quote, doubted) && same(quote.price, doubted.price) && extended
}

/// Whether two quotes contradict each other about the currency; a vendor that says none contradicts nobody.
fn is_other_money(quote: &Quote, other: &Quote) -> bool {
    matches!((&quote.currency, &other.currency), (Some(one), Some(two)) if one != two)
}

fn is_far(price: Price, last: Price) -> bool {
    !(FACTOR_MAX.recip()..=FACTOR_MAX).contains(&ratio(price, last))
}

/// Roughly: doubts need no decimals.
fn ratio(price: Price, last: Price) -> f64 {
    price.to_f64() / last.to_f64()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::quote::tests::quote;

    #[test]
    fn pounds_that_become_pence_are_doubted() {
        let (pounds, pence) = (quote("VOD.L", 0.66), quote("VOD.L", 66.0));
        assert!(is_doubtful(&pence, &pounds) && is_doubtful(&pounds, &pence));
        assert!(confirms(&quote("VOD.L", 65.0), &pence) && !confirms(&pounds, &pence));
        assert!(!is_doubtful(&quote("VOD.L", 0.9), &pounds), "a bad day is none");
    }

    #[test]
    fn a_wild_print_after_hours_is_doubted() {
        let close = quote("AAPL", 100.0);
        assert!(is_doubtful(&Quote { extended_price: Price::from_f64(900.0), ..close.clone() }, &close));
        assert!(!is_doubtful(&Quote { extended_price: Price::from_f64(120.0), ..close.clone() }, &close));
    }

    #[test]
    fn another_currency_is_doubted() {
        let of = |currency: Option<&str>| Quote { currency: currency.map(str::to_owned), ..quote("VOD.L", 0.66) };
        let (pounds, dollars) = (of(Some("GBP")), of(Some("USD")));
        assert!(is_doubtful(&dollars, &pounds) && confirms(&dollars, &dollars) && !confirms(&pounds, &dollars));
        assert!(!is_doubtful(&of(None), &pounds) && !is_doubtful(&pounds, &of(None)));
    }

    #[test]
    fn an_old_price_proves_nothing() {
        let before = quote("AAPL", 100.0);
        let after = Quote { quoted_at: before.quoted_at + SignedDuration::from_hours(30), ..quote("AAPL", 25.0) };
        assert!(!is_doubtful(&after, &before), "a split over night");
    }

    proptest! {
        /// A move that comes in believable steps is never held up; a jump is held up once at the most.
        #[test]
        fn no_price_is_doubted_for_ever(prices in prop::collection::vec(0.01f64..1e6, 2..50)) {
            let mut shown = quote("X", prices[0]);
            for price in prices {
                let next = quote("X", price);
                if is_doubtful(&next, &shown) {
                    prop_assert!(confirms(&next, &next));
                }
                shown = next;
            }
        }
    }
}
