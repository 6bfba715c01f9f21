//! Asia, Australia and Africa.

use jiff::civil::Weekday::Monday;

use super::{
    CHRISTMAS, EASTER_MONDAY, GOOD_FRIDAY, LAST_BEFORE_CHRISTMAS, LAST_OF_THE_YEAR, NEW_YEARS_EVE, NO_CLAIMS, WEEKDAYS,
    market, regular,
};
use crate::calendar::{
    Market,
    holidays::{
        Holidays,
        Rule::{BoxingDay, First, Fixed, Japan},
        Weekend::{self, Lost, SundayToMonday},
    },
};

/// Monday to Friday since January 2026, on Fridays until 14:00.
pub(in crate::calendar) static TEL_AVIV: Market = market(
    "Tel Aviv",
    "Asia/Jerusalem",
    &[((1, 4), &[regular(1000, 1725)]), ((5, 5), &[regular(1000, 1400)])],
    &NO_CLAIMS,
);

pub(in crate::calendar) static INDIA: Market =
    market("India", "Asia/Kolkata", &[(WEEKDAYS, &[regular(915, 1530)])], &NO_CLAIMS);

/// Until 15:30 since November 2024.
pub(in crate::calendar) static TOKYO: Market = market(
    "Tokyo",
    "Asia/Tokyo",
    &[(WEEKDAYS, &[regular(900, 1130), regular(1230, 1530)])],
    &Holidays { closed: &[Japan, Fixed(1, 2, Lost), Fixed(1, 3, Lost), NEW_YEARS_EVE], early: &[] },
);

pub(in crate::calendar) static HONG_KONG: Market =
    market("Hong Kong", "Asia/Hong_Kong", &[(WEEKDAYS, &[regular(930, 1200), regular(1300, 1600)])], &NO_CLAIMS);

pub(in crate::calendar) static CHINA: Market = market(
    "Shanghai and Shenzhen",
    "Asia/Shanghai",
    &[(WEEKDAYS, &[regular(930, 1130), regular(1300, 1500)])],
    &NO_CLAIMS,
);

pub(in crate::calendar) static KOREA: Market =
    market("Korea", "Asia/Seoul", &[(WEEKDAYS, &[regular(900, 1530)])], &NO_CLAIMS);

pub(in crate::calendar) static TAIWAN: Market =
    market("Taiwan", "Asia/Taipei", &[(WEEKDAYS, &[regular(900, 1330)])], &NO_CLAIMS);

pub(in crate::calendar) static SINGAPORE: Market =
    market("Singapore", "Asia/Singapore", &[(WEEKDAYS, &[regular(900, 1200), regular(1300, 1700)])], &NO_CLAIMS);

pub(in crate::calendar) static AUSTRALIA: Market = market(
    "Australia",
    "Australia/Sydney",
    &[(WEEKDAYS, &[regular(1000, 1600)])],
    &Holidays {
        closed: &[
            Fixed(1, 1, Weekend::Monday),
            Fixed(1, 26, Weekend::Monday),
            GOOD_FRIDAY,
            EASTER_MONDAY,
            Fixed(4, 25, Lost),
            First(6, 8, Monday),
            Fixed(12, 25, Weekend::Monday),
            BoxingDay,
        ],
        early: &[(LAST_BEFORE_CHRISTMAS, 1410), (LAST_OF_THE_YEAR, 1410)],
    },
);

pub(in crate::calendar) static JOHANNESBURG: Market = market(
    "Johannesburg",
    "Africa/Johannesburg",
    &[(WEEKDAYS, &[regular(900, 1700)])],
    &Holidays {
        closed: &[
            Fixed(1, 1, SundayToMonday),
            Fixed(3, 21, SundayToMonday),
            GOOD_FRIDAY,
            EASTER_MONDAY,
            Fixed(4, 27, SundayToMonday),
            Fixed(5, 1, SundayToMonday),
            Fixed(6, 16, SundayToMonday),
            Fixed(8, 9, SundayToMonday),
            Fixed(9, 24, SundayToMonday),
            Fixed(12, 16, SundayToMonday),
            CHRISTMAS,
            Fixed(12, 26, SundayToMonday),
        ],
        early: &[],
    },
);
