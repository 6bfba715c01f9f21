//! New York, and who keeps its hours.

use jiff::civil::Weekday::{Friday, Monday, Thursday};

use super::{CHRISTMAS, CHRISTMAS_EVE, GOOD_FRIDAY, LAST_OF_THE_YEAR, MAY_DAY, NEW_YEAR, WEEKDAYS, market, regular};
use crate::Session;
use crate::calendar::{
    Market, Stretch,
    holidays::{
        Holidays,
        Rule::{BoxingDay, Easter, First, Fixed},
        Weekend::{self, Lost, Nearest, SundayToMonday},
    },
};

static US_HOLIDAYS: Holidays = Holidays {
    closed: &[
        Fixed(1, 1, SundayToMonday),
        First(1, 15, Monday),
        First(2, 15, Monday),
        GOOD_FRIDAY,
        First(5, 25, Monday),
        Fixed(6, 19, Nearest),
        Fixed(7, 4, Nearest),
        First(9, 1, Monday),
        First(11, 22, Thursday),
        Fixed(12, 25, Nearest),
    ],
    early: &[(Fixed(7, 3, Lost), 1300), (First(11, 23, Friday), 1300), (CHRISTMAS_EVE, 1300)],
};

pub(in crate::calendar) static US_STOCKS: Market = market(
    "US stocks",
    "America/New_York",
    &[(
        WEEKDAYS,
        &[
            Stretch { session: Session::Pre, from: 400, to: 930 },
            regular(930, 1600),
            Stretch { session: Session::Post, from: 1600, to: 2000 },
        ],
    )],
    &US_HOLIDAYS,
);

/// No index is computed before the bell.
pub(in crate::calendar) static US_INDICES: Market =
    market("US indices", "America/New_York", &[(WEEKDAYS, &[regular(930, 1600)])], &US_HOLIDAYS);

pub(in crate::calendar) static TORONTO: Market = market(
    "Toronto",
    "America/Toronto",
    &[(WEEKDAYS, &[regular(930, 1600)])],
    &Holidays {
        closed: &[
            Fixed(1, 1, Weekend::Monday),
            First(2, 15, Monday),
            GOOD_FRIDAY,
            First(5, 18, Monday),
            Fixed(7, 1, Weekend::Monday),
            First(8, 1, Monday),
            First(9, 1, Monday),
            First(10, 8, Monday),
            Fixed(12, 25, Weekend::Monday),
            BoxingDay,
        ],
        early: &[(CHRISTMAS_EVE, 1300)],
    },
);

/// Kept by New York's clock: Mexico has no summer time of its own and moves its hours with the other's.
pub(in crate::calendar) static MEXICO: Market = market(
    "Mexico",
    "America/New_York",
    &[(WEEKDAYS, &[regular(930, 1600)])],
    &Holidays {
        closed: &[
            NEW_YEAR,
            First(2, 1, Monday),
            First(3, 15, Monday),
            Easter(-3),
            GOOD_FRIDAY,
            MAY_DAY,
            Fixed(9, 16, Lost),
            Fixed(11, 2, Lost),
            First(11, 15, Monday),
            Fixed(12, 12, Lost),
            CHRISTMAS,
        ],
        early: &[],
    },
);

/// Until 18:00, the later of its two closing times: it is 17:00 while New York has summer time.
pub(in crate::calendar) static SAO_PAULO: Market = market(
    "Sao Paulo",
    "America/Sao_Paulo",
    &[(WEEKDAYS, &[regular(1000, 1800)])],
    &Holidays {
        closed: &[
            NEW_YEAR,
            Easter(-48),
            Easter(-47),
            GOOD_FRIDAY,
            Fixed(4, 21, Lost),
            MAY_DAY,
            Easter(60),
            Fixed(9, 7, Lost),
            Fixed(10, 12, Lost),
            Fixed(11, 2, Lost),
            Fixed(11, 15, Lost),
            Fixed(11, 20, Lost),
            CHRISTMAS_EVE,
            CHRISTMAS,
            LAST_OF_THE_YEAR,
        ],
        early: &[],
    },
);
