//! The markets: their zones, hours and holidays as of 2026.
//!
//! No holiday claims for Hong Kong, Shanghai, Shenzhen, Korea, Taiwan, Singapore, India, Tel Aviv, currencies and
//! futures: on a holiday these are thought open. Hours are those of continuous trading, closing auctions left out
//! where they come after.

pub(super) mod americas;
pub(super) mod elsewhere;
pub(super) mod europe;

use jiff::civil::Weekday::Friday;

use super::{
    MIDNIGHT, Market, Stretch, Week,
    holidays::{
        Holidays,
        Rule::{self, Easter, First, Fixed},
        Weekend::{self, Lost},
    },
};
use crate::Session;

const WEEKDAYS: (i8, i8) = (1, 5);
const GOOD_FRIDAY: Rule = Easter(-2);
const EASTER_MONDAY: Rule = Easter(1);
const ASCENSION: Rule = Easter(39);
const WHIT_MONDAY: Rule = Easter(50);
const NEW_YEAR: Rule = Fixed(1, 1, Lost);
const MAY_DAY: Rule = Fixed(5, 1, Lost);
const CHRISTMAS_EVE: Rule = Fixed(12, 24, Lost);
const CHRISTMAS: Rule = Fixed(12, 25, Lost);
const SECOND_CHRISTMAS_DAY: Rule = Fixed(12, 26, Lost);
const NEW_YEARS_EVE: Rule = Fixed(12, 31, Lost);
const MIDSUMMER_EVE: Rule = First(6, 19, Friday);
const LAST_BEFORE_CHRISTMAS: Rule = Fixed(12, 24, Weekend::Friday);
const LAST_OF_THE_YEAR: Rule = Fixed(12, 31, Weekend::Friday);

const fn regular(from: u16, to: u16) -> Stretch {
    Stretch { session: Session::Regular, from, to }
}

const fn market(name: &'static str, zone: &'static str, week: Week, holidays: &'static Holidays) -> Market {
    Market { name, zone, week, holidays }
}

static NO_CLAIMS: Holidays = Holidays { closed: &[], early: &[] };

pub(super) static CRYPTO: Market = market("cryptocurrencies", "UTC", &[((1, 7), &[regular(0, MIDNIGHT)])], &NO_CLAIMS);

pub(super) static FOREX: Market = market(
    "currencies",
    "America/New_York",
    &[((1, 4), &[regular(0, MIDNIGHT)]), ((5, 5), &[regular(0, 1700)]), ((7, 7), &[regular(1700, MIDNIGHT)])],
    &NO_CLAIMS,
);

pub(super) static FUTURES: Market = market(
    "US futures",
    "America/New_York",
    &[
        ((1, 4), &[regular(0, 1700), regular(1800, MIDNIGHT)]),
        ((5, 5), &[regular(0, 1700)]),
        ((7, 7), &[regular(1800, MIDNIGHT)]),
    ],
    &NO_CLAIMS,
);
