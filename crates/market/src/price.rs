//! Prices: exact decimals, so that what a vendor wrote is what is compared, converted and shown.
//!
//! On every wire a price is a plain JSON number: the double nearest to it, whose shortest text is the price again.
//! Nothing in here may make a price for which that does not hold, or calculate one with doubles.

use std::{fmt, str::FromStr};

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::currency;

/// The largest price: room for a bitcoin in the smallest currency, none for nonsense.
pub const PRICE_MAX: f64 = 1e12;
/// The smallest price that is not 0: a thousandth of the cheapest coin's.
pub const PRICE_MIN: f64 = 1e-12;
/// Every decimal of this many significant digits survives being a double, and parsers that are one off in its last bit
/// (`serde_json` is).
const DIGITS_MAX: u32 = 15;
/// [`PRICE_MAX`] in two halves of 32 bits.
const MAX: Decimal = Decimal::from_parts(0xD4A5_1000, 0xE8, 0, false, 0);
/// [`PRICE_MIN`].
const MIN: Decimal = Decimal::from_parts(1, 0, 0, false, 12);

/// A price, or the difference of two: 0, or from [`PRICE_MIN`] to [`PRICE_MAX`] in size, of either sign; up to 15
/// significant digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = f64, example = 189.25))]
#[serde(try_from = "f64", into = "f64")]
pub struct Price(Decimal);

/// Why something is no price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a price is a number of 1e-12 to 1e12 in size, or 0")]
pub struct PriceError;

impl Price {
    /// Nothing at all: no price, but a change.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// The decimal that the number's shortest text says; `None` where a price cannot be that large or small.
    pub fn from_f64(value: f64) -> Option<Self> {
        let in_bounds = value == 0.0 || (PRICE_MIN..=PRICE_MAX).contains(&value.abs());
        match short(value).filter(|_| in_bounds) {
            Some(decimal) => Some(Self(decimal)),
            None => Self::new(Decimal::from_str_exact(&value.to_string()).ok()?),
        }
    }

    /// What a vendor says in a minor unit, without float noise and in the major unit (`308.8` pence are `3.088` pounds).
    pub fn from_minor(amount: f64, divisor: u32) -> Option<Self> {
        Self::from_f64(currency::without_noise(amount))?.convert_minor(divisor)
    }

    /// The price in the major unit, of which the present one is the `divisor`th part.
    pub fn convert_minor(self, divisor: u32) -> Option<Self> {
        Self::new(self.0.checked_div(divisor.into())?)
    }

    /// So many times as much, as a fraction.
    pub(crate) fn times(self, numerator: Decimal, denominator: Decimal) -> Option<Self> {
        Self::new(self.0.checked_mul(numerator)?.checked_div(denominator)?)
    }

    /// How much more it is than `base`.
    pub fn minus(self, base: Self) -> Option<Self> {
        Self::new(self.0.checked_sub(base.0)?)
    }

    /// How much more it is than `base`, in percent of that; `None` against nothing.
    pub fn percent_against(self, base: Self) -> Option<f64> {
        let percent = self.0.checked_sub(base.0)?.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(base.0)?;
        Some(currency::without_noise(nearest(percent)))
    }

    /// Whether it is one that somebody could pay.
    pub fn is_positive(self) -> bool {
        self > Self::ZERO
    }

    /// The double nearest to it: what stands on the wire and in charts.
    pub fn to_f64(self) -> f64 {
        nearest(self.0)
    }

    /// The decimal itself, for rules that must not round.
    pub(crate) fn exact(self) -> Decimal {
        self.0
    }

    /// The one way to a price: in bounds, at [`DIGITS_MAX`] digits where there are more, without zeros at the end.
    pub(crate) fn new(value: Decimal) -> Option<Self> {
        let fits = value.is_zero() || (MIN..=MAX).contains(&value.abs());
        let rounded = fits.then(|| value.round_sf(DIGITS_MAX))??;
        Some(Self(rounded.normalize()))
    }
}

/// The powers of ten that are doubles.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];
/// Whole numbers below it are doubles, and of as many digits as a price has at the most.
const EXACT_MAX: f64 = 1e15;

/// The decimal of few digits that the number is: what its shortest text says, had sooner, for thousands of quotes a
/// second are read. Of two exact numbers the quotient is the nearest double: so the first that comes back is the one.
fn short(value: f64) -> Option<Decimal> {
    POWERS.iter().zip(0..).find_map(|(power, scale)| {
        let digits = (value * power).round();
        let same = digits.abs() < EXACT_MAX && (digits / power).to_bits() == value.to_bits();
        same.then(|| Decimal::new(digits as i64, scale))
    })
}

/// Of few digits as [`short`], else through its text: `Decimal::to_f64` may be off by one in the last place.
fn nearest(value: Decimal) -> f64 {
    let digits = i64::try_from(value.mantissa()).unwrap_or(i64::MAX) as f64;
    match POWERS.get(value.scale() as usize) {
        Some(power) if digits.abs() < EXACT_MAX => digits / power,
        _ => value.to_string().parse().unwrap_or_default(),
    }
}

impl TryFrom<f64> for Price {
    type Error = PriceError;
    fn try_from(value: f64) -> Result<Self, PriceError> {
        Self::from_f64(value).ok_or(PriceError)
    }
}

impl From<Price> for f64 {
    fn from(price: Price) -> Self {
        price.to_f64()
    }
}

impl FromStr for Price {
    type Err = PriceError;
    fn from_str(text: &str) -> Result<Self, PriceError> {
        text.parse().ok().and_then(Self::from_f64).ok_or(PriceError)
    }
}

/// Every digit and no more, never an exponent; with a precision as many digits behind the point, halves rounded away
/// from 0, as the window does.
impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(digits) = f.precision() else { return fmt::Display::fmt(&self.0, f) };
        let digits = u32::try_from(digits).unwrap_or(Decimal::MAX_SCALE);
        fmt::Display::fmt(&self.0.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero), f)
    }
}

impl fmt::Debug for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// `number`, without a name of its own: in TypeScript it is one like any other.
#[cfg(feature = "specta")]
impl specta::Type for Price {
    fn definition(types: &mut specta::Types) -> specta::datatype::DataType {
        f64::definition(types)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A price that is one.
    pub(crate) fn price(value: f64) -> Price {
        Price::from_f64(value).unwrap()
    }

    #[test]
    fn the_bounds_are_the_same_in_both_forms() {
        assert_eq!((price(PRICE_MAX).0, price(PRICE_MIN).0), (MAX, MIN));
        for out in [1.000_000_000_000_1e12, -2e12, 9.999e-13, -1e-13, 5e-324, f64::MAX, f64::NAN, f64::INFINITY] {
            assert_eq!(Price::from_f64(out), None, "{out}");
        }
        assert_eq!(price(PRICE_MIN).convert_minor(100), None);
        assert_eq!(price(PRICE_MAX).minus(price(-1.0)), None);
        assert_eq!(price(1.0).convert_minor(0), None);
        assert_eq!(price(1.0).percent_against(Price::ZERO), None);
    }

    #[test]
    fn the_text_has_every_digit_and_no_more() {
        for (value, text) in
            [(189.25, "189.25"), (200.0, "200"), (0.000_008_12, "0.00000812"), (-0.0, "0"), (1e12, "1000000000000")]
        {
            assert_eq!(price(value).to_string(), text);
            assert_eq!(text.parse(), Ok(price(value)));
        }
        assert_eq!(price(PRICE_MIN).to_string(), "0.000000000001");
        assert_eq!("a lot".parse::<Price>(), Err(PriceError));
    }

    #[test]
    fn rounded_text_is_rounded_as_a_person_would() {
        assert_eq!(format!("{:.2} {:.2} {:.2}", price(2.675), price(-2.675), price(1.005)), "2.68 -2.68 1.01");
        assert_eq!(
            format!("{:.2} {:.0} {:.30}", price(200.0), price(0.5), price(1.5)),
            format!("200.00 1 {:.30}", 1.5)
        );
    }

    #[test]
    fn whole_numbers_are_read_and_nonsense_is_not() {
        assert_eq!(serde_json::from_str::<Price>("250").unwrap(), price(250.0));
        assert_eq!(serde_json::to_string(&price(250.0)).unwrap(), "250.0");
        let error = serde_json::from_str::<Price>("1e13").unwrap_err();
        assert!(error.to_string().starts_with("a price is"), "{error}");
        assert!(serde_json::from_str::<Price>("\"1\"").is_err());
    }

    #[test]
    fn differences_have_no_noise() {
        assert_eq!(price(0.3).minus(price(0.1)), Some(price(0.2)));
        assert_eq!(price(3.088).minus(price(3.152)), Some(price(-0.064)));
        assert_eq!(price(104.0).percent_against(price(80.0)), Some(30.0));
        assert_eq!(price(2.0).percent_against(price(3.0)), Some(-33.333_333_333_3));
    }

    /// Decimals of up to 15 significant digits within bounds, as digits and how many of them stand behind the point.
    fn decimals() -> impl Strategy<Value = Decimal> {
        let digits = (1u32..=15).prop_flat_map(|n| 10i64.pow(n - 1)..10i64.pow(n));
        (digits, 0u32..=26, any::<bool>())
            .prop_map(|(digits, scale, minus)| Decimal::new(if minus { -digits } else { digits }, scale))
            .prop_filter("within bounds", |decimal| (MIN..=MAX).contains(&decimal.abs()))
    }

    fn of(decimal: Decimal) -> Price {
        decimal.to_string().parse().unwrap()
    }

    proptest! {
        #[test]
        fn every_decimal_comes_back_from_json(decimal in decimals()) {
            let price = of(decimal);
            prop_assert_eq!(price.exact(), decimal);
            let json = serde_json::to_string(&price).unwrap();
            prop_assert_eq!(json.parse::<f64>(), decimal.to_string().parse());
            prop_assert_eq!(serde_json::from_str::<Price>(&json).unwrap(), price);
            let value: serde_json::Value = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(serde_json::from_value::<Price>(value).unwrap(), price);
        }

        /// Doubles of more digits than any price has lose those, and no more from then on.
        #[test]
        fn every_double_settles(value in -PRICE_MAX..PRICE_MAX, shrunk in 0i32..24) {
            let value = value / 10f64.powi(shrunk);
            prop_assume!(value.abs() >= PRICE_MIN);
            let price = price(value);
            prop_assert!((price.to_f64() - value).abs() <= value.abs() * 1e-14);
            prop_assert_eq!(serde_json::from_str::<Price>(&serde_json::to_string(&price).unwrap()).unwrap(), price);
        }

        #[test]
        fn pence_are_hundredths_of_pounds(decimal in decimals()) {
            let pounds = of(decimal).convert_minor(100);
            prop_assert_eq!(pounds.map(|pounds| pounds.exact() * Decimal::ONE_HUNDRED), pounds.map(|_| decimal));
            prop_assert_eq!(pounds.is_none(), decimal.abs() < MIN * Decimal::ONE_HUNDRED);
        }

        #[test]
        fn the_order_is_that_of_the_doubles(one in decimals(), other in decimals()) {
            prop_assert_eq!(of(one).partial_cmp(&of(other)), of(one).to_f64().partial_cmp(&of(other).to_f64()));
        }

        /// What is calculated survives the wire like what was read.
        #[test]
        fn differences_come_back(one in decimals(), other in decimals()) {
            if let Some(change) = of(one).minus(of(other)) {
                prop_assert_eq!(Price::from_f64(change.to_f64()), Some(change));
            }
        }
    }
}
