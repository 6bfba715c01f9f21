//! What a row of any endpoint has in common: units, times, sessions, and whether a number makes sense.

use jiff::Timestamp;
use market::{
    Kind, Price, Session, currency,
    price::{PRICE_MAX, PRICE_MIN},
};

use super::{super::wire::Num, AHEAD_SECONDS_MAX};
use crate::provider::text::label;

/// Why a row gives no quote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It is a name that nothing trades under any more.
    Gone,
    /// It makes no sense; the reason is for the user.
    Senseless(String),
}

/// The unit a row's prices are in: some exchanges quote in pence.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) currency: Option<String>,
    pub(super) quoted_in: Option<String>,
    divisor: u32,
    digits_more: u8,
}

impl Unit {
    /// From the vendor's `currency`; its case decides (`GBp` is pence).
    pub(super) fn of(code: Option<&str>) -> Self {
        let code = code.and_then(label).filter(|code| code.len() <= 8);
        match code.as_deref().and_then(currency::minor_unit) {
            Some((major, divisor)) => {
                Self { currency: Some(major.to_owned()), quoted_in: code, divisor, digits_more: 2 }
            }
            None => Self { currency: code, quoted_in: None, divisor: 1, digits_more: 0 },
        }
    }

    /// A number of a chart, or one to be judged, in the major unit; exactly as given where nothing is to convert.
    pub(super) fn amount(&self, amount: f64) -> f64 {
        if self.quoted_in.is_none() { amount } else { currency::to_major(amount, self.divisor) }
    }

    /// A price-like field: 0, negative and absurd ones are absent.
    pub(super) fn price(&self, price: Option<Num>) -> Option<Price> {
        self.exact(price?).filter(|price| price.is_positive())
    }

    /// A change of the price: of either sign, and none where it is too small for a price.
    pub(super) fn change(&self, change: Num) -> Option<Price> {
        if self.amount(change.0).abs() < PRICE_MIN { Some(Price::ZERO) } else { self.exact(change) }
    }

    fn exact(&self, Num(amount): Num) -> Option<Price> {
        if self.quoted_in.is_none() { Price::from_f64(amount) } else { Price::from_minor(amount, self.divisor) }
    }

    /// Digits to show, from the vendor's `priceHint`.
    pub(super) fn digits(&self, hint: Option<Num>) -> Option<u8> {
        hint.filter(|Num(hint)| (0.0..=12.0).contains(hint)).map(|Num(hint)| hint as u8 + self.digits_more)
    }
}

/// Whether a chart's number can be a price.
pub(super) fn is_price(price: f64) -> bool {
    (PRICE_MIN..=PRICE_MAX).contains(&price)
}

/// The price a row stands and falls with.
pub(super) fn main_price(unit: &Unit, price: Option<Num>) -> Result<Price, Unfit> {
    let Some(Num(given)) = price else { return Err(Unfit::Senseless("it has no price".to_owned())) };
    unit.price(price).ok_or_else(|| Unfit::Senseless(format!("its price is {given}")))
}

/// The exchange's time of the price, in seconds: not in the future, but for clocks that differ a little.
pub(super) fn main_time(time: Option<Num>, received_at: Timestamp) -> Result<Timestamp, Unfit> {
    let Some(Num(seconds)) = time.filter(|Num(seconds)| *seconds >= 1.0) else {
        return Err(Unfit::Senseless("it has no time".to_owned()));
    };
    let at = Timestamp::from_second(seconds as i64).map_err(|_| Unfit::Senseless(format!("its time is {seconds}")))?;
    let ahead = at.as_second() - received_at.as_second();
    if ahead > AHEAD_SECONDS_MAX {
        return Err(Unfit::Senseless(format!("its time lies {} min ahead of this computer's clock", ahead / 60)));
    }
    Ok(at.min(received_at))
}

/// `quoteType` and `instrumentType`, in whatever case.
const KINDS: [(&str, Kind); 12] = [
    ("EQUITY", Kind::Equity),
    ("WARRANT", Kind::Equity),
    ("ETF", Kind::Etf),
    ("INDEX", Kind::Index),
    ("MUTUALFUND", Kind::Fund),
    ("MONEYMARKET", Kind::Fund),
    ("CURRENCY", Kind::Currency),
    ("CRYPTOCURRENCY", Kind::Crypto),
    ("FUTURE", Kind::Future),
    ("FUTURES", Kind::Future),
    ("COMMODITY", Kind::Future),
    ("OPTION", Kind::Option),
];

/// What kind of thing it is, by the vendor's word.
pub(super) fn kind(quote_type: Option<&str>) -> Kind {
    let is = |(name, _): &&(&str, Kind)| quote_type.is_some_and(|text| text.eq_ignore_ascii_case(name));
    KINDS.iter().find(is).map_or(Kind::Other, |(_, kind)| *kind)
}

/// `marketState`: `PREPRE` and `POSTPOST` are the night, in which nothing trades.
pub(super) fn session(kind: Kind, market_state: Option<&str>) -> Session {
    if kind.never_closes() {
        return Session::Regular;
    }
    match market_state {
        Some("PRE") => Session::Pre,
        Some("REGULAR") => Session::Regular,
        Some("POST") => Session::Post,
        Some("OVERNIGHT") => Session::Overnight,
        _ => Session::Closed,
    }
}

/// A time zone by its IANA name.
pub(super) fn time_zone(name: Option<&str>) -> Option<String> {
    let fits = |name: &&str| {
        (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+-".contains(&b))
    };
    name.filter(fits).map(str::to_owned)
}

/// Beyond this many percent nothing moves in a day: the previous close is wrong then, as `^VIX` once had it.
const PERCENT_MAX: f64 = 5_000.0;
/// A move of more than this fraction needs the vendor's percent and its previous close to agree.
const UNCONFIRMED_MOVE_MAX: f64 = 0.9;

/// The vendor's percent, unless it and `previousClose` make no sense together.
///
/// Crypto is judged alone: its percent is over 24 hours, its previous close is midnight's.
pub(super) fn sane_percent(kind: Kind, percent: f64, price: f64, previous_close: Option<Num>) -> bool {
    if percent.abs() > PERCENT_MAX {
        return false;
    }
    if kind.never_closes() {
        return true;
    }
    let large = percent.abs() > UNCONFIRMED_MOVE_MAX * 100.0;
    match previous_close {
        None => !large,
        Some(Num(close)) if close <= 0.0 => false,
        Some(Num(close)) => {
            let moved = price / close - 1.0;
            let confirmed = (percent / 100.0 - moved).abs() <= moved.abs() / 2.0;
            confirmed || (moved.abs() <= UNCONFIRMED_MOVE_MAX && !large)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percents_need_a_previous_close_that_makes_sense() {
        let sane = |percent, price, close: Option<f64>| sane_percent(Kind::Index, percent, price, close.map(Num));
        assert!(sane(1.27, 244.6, Some(241.53)));
        assert!(sane(1.27, 244.6, None));
        assert!(sane(150.0, 2.5, Some(1.0)), "a real jump, and both say so");
        assert!(!sane(31_900.0, 16.0, Some(0.05)), "an index against nearly nothing");
        assert!(!sane(1.0, 16.0, Some(0.05)), "the two disagree on a move beyond belief");
        assert!(!sane(1.0, 16.0, Some(0.0)));
        assert!(!sane(1.0, 16.0, Some(-3.0)));
        assert!(!sane(95.0, 16.0, None));
        assert!(sane_percent(Kind::Crypto, 1.446, 86_466.0, Some(Num(86_513.0))));
    }

    #[test]
    fn times_ahead_are_clamped_then_refused() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        assert_eq!(main_time(Some(Num(999_000.0)), now).unwrap().as_second(), 999_000);
        assert_eq!(main_time(Some(Num(1_000_200.0)), now).unwrap(), now);
        for bad in [None, Some(Num(0.0)), Some(Num(-5.0)), Some(Num(1_000_400.0)), Some(Num(1e300))] {
            assert!(main_time(bad, now).is_err(), "{bad:?}");
        }
    }
}
