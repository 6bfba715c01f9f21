//! Rules that say on which dates an exchange is closed or closes early. Gregorian ones only: what follows the moon
//! (China, Hong Kong, Korea, Taiwan, Singapore, India, Israel) is not claimed at all.

use jiff::{
    ToSpan as _,
    civil::{Date, Weekday},
};

use super::is_weekend;

/// An exchange's rules; of two that fall on one date, closed wins.
#[derive(Debug)]
pub(super) struct Holidays {
    pub(super) closed: &'static [Rule],
    /// With the end of regular trading, as hours times 100 plus minutes.
    pub(super) early: &'static [(Rule, u16)],
}

/// What a date is to an exchange, weekends aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Day {
    Usual,
    Closed,
    /// Regular trading ends then.
    Early(u16),
}

/// Gives one date in each year, at the most.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rule {
    /// Month and day.
    Fixed(i8, i8, Weekend),
    /// The first such weekday on or after that month and day: the third Monday of January is `(1, 15, Monday)`.
    First(i8, i8, Weekday),
    /// So many days after Easter Sunday.
    Easter(i32),
    /// The first weekday after Christmas or the day that stands in for it.
    BoxingDay,
    /// Japan's national holidays, with those that follow from them.
    Japan,
}

/// What becomes of a fixed date on a weekend.
#[derive(Debug, Clone, Copy)]
pub(super) enum Weekend {
    /// Nothing: the day is lost.
    Lost,
    /// Saturday's is kept on Friday, Sunday's on Monday.
    Nearest,
    /// Sunday's is kept on Monday, Saturday's is lost.
    SundayToMonday,
    /// Both on Monday.
    Monday,
    /// Both on Friday: the last trading day before.
    Friday,
}

impl Holidays {
    pub(super) fn day(&self, date: Date) -> Day {
        if self.closed.iter().any(|rule| rule.falls_on(date)) {
            return Day::Closed;
        }
        let early = self.early.iter().find(|(rule, _)| rule.falls_on(date));
        early.map_or(Day::Usual, |(_, close)| Day::Early(*close))
    }
}

impl Rule {
    fn falls_on(self, date: Date) -> bool {
        match self {
            Self::Japan => is_japanese_holiday(date),
            Self::Fixed(month, day, weekend) => on(date, month, day).and_then(|d| weekend.moves(d)) == Some(date),
            Self::First(month, day, weekday) => on(date, month, day).and_then(|d| first(d, weekday)) == Some(date),
            Self::Easter(days) => easter(date.year()).and_then(|d| d.checked_add(days.days()).ok()) == Some(date),
            Self::BoxingDay => boxing_day(date) == Some(date),
        }
    }
}

impl Weekend {
    fn moves(self, date: Date) -> Option<Date> {
        let days = match (self, date.weekday()) {
            (Self::Nearest | Self::Friday, Weekday::Saturday) => -1,
            (Self::Friday, Weekday::Sunday) => -2,
            (Self::Monday, Weekday::Saturday) => 2,
            (Self::Nearest | Self::SundayToMonday | Self::Monday, Weekday::Sunday) => 1,
            _ => 0,
        };
        date.checked_add(days.days()).ok()
    }
}

/// That month and day in a date's year.
fn on(date: Date, month: i8, day: i8) -> Option<Date> {
    Date::new(date.year(), month, day).ok()
}

fn first(from: Date, weekday: Weekday) -> Option<Date> {
    from.checked_add(i32::from(from.weekday().until(weekday)).days()).ok()
}

fn boxing_day(date: Date) -> Option<Date> {
    let christmas = on(date, 12, 25).and_then(|d| Weekend::Monday.moves(d))?;
    std::iter::successors(christmas.tomorrow().ok(), |d| d.tomorrow().ok()).find(|d| !is_weekend(*d))
}

/// Easter Sunday of the Gregorian calendar (the anonymous algorithm of 1876).
pub(super) fn easter(year: i16) -> Option<Date> {
    let year = i32::from(year);
    let (golden, century, rest) = (year.rem_euclid(19), year.div_euclid(100), year.rem_euclid(100));
    let leaps = century / 4;
    let moon_correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - leaps - moon_correction + 15) % 30;
    let to_sunday = (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4) % 7;
    let late = (golden + 11 * epact + 22 * to_sunday) / 451;
    let march_based = epact + to_sunday - 7 * late + 114;
    Date::new(year as i16, (march_based / 31) as i8, (march_based % 31 + 1) as i8).ok()
}

/// A national holiday, the next free day after those that begin on a Sunday, or a day between two of them.
fn is_japanese_holiday(date: Date) -> bool {
    let national = |day: Option<Date>| day.is_some_and(is_japanese_national_day);
    let mut before = std::iter::successors(date.yesterday().ok(), |d| d.yesterday().ok())
        .take_while(|day| is_japanese_national_day(*day));
    national(Some(date))
        || before.any(|day| day.weekday() == Weekday::Sunday)
        || (national(date.yesterday().ok()) && national(date.tomorrow().ok()))
}

fn is_japanese_national_day(date: Date) -> bool {
    use Weekday::Monday;
    const FIXED: &[(i8, i8)] = &[(1, 1), (2, 11), (2, 23), (4, 29), (5, 3), (5, 4), (5, 5), (8, 11), (11, 3), (11, 23)];
    const MONDAYS: &[(i8, i8)] = &[(1, 8), (7, 15), (9, 15), (10, 8)];
    FIXED.contains(&(date.month(), date.day()))
        || MONDAYS.iter().any(|(month, day)| Rule::First(*month, *day, Monday).falls_on(date))
        || (date.month() == 3 && date.day() == equinox(date.year(), 20.8431))
        || (date.month() == 9 && date.day() == equinox(date.year(), 23.2488))
}

/// The day of the month on which the sun crosses the equator, in Japan, for the years 1980 to 2099.
fn equinox(year: i16, in_1980: f64) -> i8 {
    let years = f64::from(year - 1980);
    (in_1980 + 0.242_194 * years - (years / 4.0).floor()).floor() as i8
}
