//! Europe from London to Helsinki.

use jiff::civil::Weekday::{Friday, Monday};

use super::{
    ASCENSION, CHRISTMAS, CHRISTMAS_EVE, EASTER_MONDAY, GOOD_FRIDAY, LAST_BEFORE_CHRISTMAS, LAST_OF_THE_YEAR, MAY_DAY,
    MIDSUMMER_EVE, NEW_YEAR, NEW_YEARS_EVE, SECOND_CHRISTMAS_DAY, WEEKDAYS, WHIT_MONDAY, market, regular,
};
use crate::calendar::{
    Market,
    holidays::{
        Holidays,
        Rule::{BoxingDay, Easter, First, Fixed},
        Weekend::{self, Lost},
    },
};

pub(in crate::calendar) static LONDON: Market = market(
    "London",
    "Europe/London",
    &[(WEEKDAYS, &[regular(800, 1630)])],
    &Holidays {
        closed: &[
            Fixed(1, 1, Weekend::Monday),
            GOOD_FRIDAY,
            EASTER_MONDAY,
            First(5, 1, Monday),
            First(5, 25, Monday),
            First(8, 25, Monday),
            Fixed(12, 25, Weekend::Monday),
            BoxingDay,
        ],
        early: &[(LAST_BEFORE_CHRISTMAS, 1230), (LAST_OF_THE_YEAR, 1230)],
    },
);

static GERMAN_HOLIDAYS: Holidays = Holidays {
    closed: &[
        NEW_YEAR,
        GOOD_FRIDAY,
        EASTER_MONDAY,
        MAY_DAY,
        CHRISTMAS_EVE,
        CHRISTMAS,
        SECOND_CHRISTMAS_DAY,
        NEW_YEARS_EVE,
    ],
    early: &[(Fixed(12, 30, Weekend::Friday), 1400)],
};

pub(in crate::calendar) static XETRA: Market =
    market("Xetra", "Europe/Berlin", &[(WEEKDAYS, &[regular(900, 1730)])], &GERMAN_HOLIDAYS);

pub(in crate::calendar) static GERMAN_FLOORS: Market =
    market("German floors", "Europe/Berlin", &[(WEEKDAYS, &[regular(800, 2200)])], &GERMAN_HOLIDAYS);

/// Paris, Amsterdam, Brussels and Lisbon open and close at the same moments.
pub(in crate::calendar) static EURONEXT: Market = market(
    "Euronext",
    "Europe/Paris",
    &[(WEEKDAYS, &[regular(900, 1730)])],
    &Holidays {
        closed: &[NEW_YEAR, GOOD_FRIDAY, EASTER_MONDAY, MAY_DAY, CHRISTMAS, SECOND_CHRISTMAS_DAY],
        early: &[(CHRISTMAS_EVE, 1405), (NEW_YEARS_EVE, 1405)],
    },
);

pub(in crate::calendar) static MADRID: Market = market(
    "Madrid",
    "Europe/Madrid",
    &[(WEEKDAYS, &[regular(900, 1730)])],
    &Holidays {
        closed: &[NEW_YEAR, GOOD_FRIDAY, EASTER_MONDAY, MAY_DAY, CHRISTMAS, SECOND_CHRISTMAS_DAY],
        early: &[(CHRISTMAS_EVE, 1400), (NEW_YEARS_EVE, 1400)],
    },
);

pub(in crate::calendar) static MILAN: Market = market(
    "Milan",
    "Europe/Rome",
    &[(WEEKDAYS, &[regular(900, 1730)])],
    &Holidays {
        closed: &[
            NEW_YEAR,
            GOOD_FRIDAY,
            EASTER_MONDAY,
            MAY_DAY,
            Fixed(8, 15, Lost),
            CHRISTMAS_EVE,
            CHRISTMAS,
            SECOND_CHRISTMAS_DAY,
            NEW_YEARS_EVE,
        ],
        early: &[],
    },
);

pub(in crate::calendar) static SWISS: Market = market(
    "Swiss",
    "Europe/Zurich",
    &[(WEEKDAYS, &[regular(900, 1730)])],
    &Holidays {
        closed: &[
            NEW_YEAR,
            Fixed(1, 2, Lost),
            GOOD_FRIDAY,
            EASTER_MONDAY,
            MAY_DAY,
            ASCENSION,
            WHIT_MONDAY,
            Fixed(8, 1, Lost),
            CHRISTMAS_EVE,
            CHRISTMAS,
            SECOND_CHRISTMAS_DAY,
            NEW_YEARS_EVE,
        ],
        early: &[],
    },
);

pub(in crate::calendar) static STOCKHOLM: Market = market(
    "Stockholm",
    "Europe/Stockholm",
    &[(WEEKDAYS, &[regular(900, 1730)])],
    &Holidays {
        closed: &[
            NEW_YEAR,
            Fixed(1, 6, Lost),
            GOOD_FRIDAY,
            EASTER_MONDAY,
            MAY_DAY,
            ASCENSION,
            Fixed(6, 6, Lost),
            MIDSUMMER_EVE,
            CHRISTMAS_EVE,
            CHRISTMAS,
            SECOND_CHRISTMAS_DAY,
            NEW_YEARS_EVE,
        ],
        early: &[
            (Fixed(1, 5, Lost), 1300),
            (Easter(-3), 1300),
            (Fixed(4, 30, Lost), 1300),
            (Easter(38), 1300),
            (First(10, 30, Friday), 1300),
        ],
    },
);

pub(in crate::calendar) static COPENHAGEN: Market = market(
    "Copenhagen",
    "Europe/Copenhagen",
    &[(WEEKDAYS, &[regular(900, 1700)])],
    &Holidays {
        closed: &[
            NEW_YEAR,
            Easter(-3),
            GOOD_FRIDAY,
            EASTER_MONDAY,
            ASCENSION,
            Easter(40),
            WHIT_MONDAY,
            Fixed(6, 5, Lost),
            CHRISTMAS_EVE,
            CHRISTMAS,
            SECOND_CHRISTMAS_DAY,
            NEW_YEARS_EVE,
        ],
        early: &[],
    },
);

pub(in crate::calendar) static OSLO: Market = market(
    "Oslo",
    "Europe/Oslo",
    &[(WEEKDAYS, &[regular(900, 1620)])],
    &Holidays {
        closed: &[
            NEW_YEAR,
            Easter(-3),
            GOOD_FRIDAY,
            EASTER_MONDAY,
            MAY_DAY,
            Fixed(5, 17, Lost),
            ASCENSION,
            WHIT_MONDAY,
            CHRISTMAS_EVE,
            CHRISTMAS,
            SECOND_CHRISTMAS_DAY,
            NEW_YEARS_EVE,
        ],
        early: &[(Easter(-4), 1300)],
    },
);

pub(in crate::calendar) static HELSINKI: Market = market(
    "Helsinki",
    "Europe/Helsinki",
    &[(WEEKDAYS, &[regular(1000, 1830)])],
    &Holidays {
        closed: &[
            NEW_YEAR,
            Fixed(1, 6, Lost),
            GOOD_FRIDAY,
            EASTER_MONDAY,
            MAY_DAY,
            ASCENSION,
            MIDSUMMER_EVE,
            Fixed(12, 6, Lost),
            CHRISTMAS_EVE,
            CHRISTMAS,
            SECOND_CHRISTMAS_DAY,
            NEW_YEARS_EVE,
        ],
        early: &[],
    },
);

pub(in crate::calendar) static VIENNA: Market = market(
    "Vienna",
    "Europe/Vienna",
    &[(WEEKDAYS, &[regular(900, 1730)])],
    &Holidays {
        closed: &[
            NEW_YEAR,
            GOOD_FRIDAY,
            EASTER_MONDAY,
            MAY_DAY,
            Fixed(10, 26, Lost),
            CHRISTMAS_EVE,
            CHRISTMAS,
            SECOND_CHRISTMAS_DAY,
            NEW_YEARS_EVE,
        ],
        early: &[(Fixed(12, 30, Weekend::Friday), 1415)],
    },
);
