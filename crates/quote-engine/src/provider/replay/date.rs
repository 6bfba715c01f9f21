//! Dates as CSV files write them. A time without a zone is taken as UTC.

use jiff::{
    civil::{Date, Time},
    tz::Offset,
};

const DAY: i64 = 86_400;
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// What comes first in `1/3/2000`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The month, as in the United States.
    MonthFirst,
    /// The day, as nearly everywhere else.
    DayFirst,
}

/// A moment, and the day it lies in where it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// Seconds since 1970, UTC.
    pub(super) second: i64,
    /// Days since 1970, by the clock that it was written by.
    pub(super) day: i32,
}

/// `2000-01-03`, `1/3/2000 9:30`, `2022-06-06 00:00:00+01:00`, `2020-01-03T14:30:00Z`, `Jan 1 2000`, `20000103`, or
/// seconds or milliseconds since 1970.
pub(super) fn parse(text: &str, order: Order) -> Option<Moment> {
    let text = text.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits(text);
    }
    if text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return in_words(text);
    }
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, ""));
    moment(in_numbers(date, order)?, time)
}

fn digits(text: &str) -> Option<Moment> {
    let number: i64 = text.parse().ok()?;
    let second = match text.len() {
        8 => return moment(date(number / 10_000, number / 100 % 100, number % 100)?, ""),
        9 | 10 => number,
        12 | 13 => number / 1_000,
        _ => return None,
    };
    Some(Moment { second, day: i32::try_from(second.div_euclid(DAY)).ok()? })
}

/// `Jan 1 2000`, `January 1, 2000 09:30`.
fn in_words(text: &str) -> Option<Moment> {
    let mut words = text.splitn(4, [' ', ',']).filter(|word| !word.is_empty());
    let month = words.next()?.get(..3)?.to_ascii_lowercase();
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let (day, rest) = (words.next()?.parse().ok()?, words.collect::<Vec<_>>().join(" "));
    let (year, time) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
    moment(date(year.parse().ok()?, i64::try_from(month).ok()?, day)?, time)
}

fn in_numbers(text: &str, order: Order) -> Option<Date> {
    let mut parts = text.split(['-', '/', '.']);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    let number = |text: &str| text.parse::<i64>().ok();
    let numbers = (number(first)?, number(second)?, number(third)?);
    match (numbers, order) {
        _ if parts.next().is_some() => None,
        ((year, month, day), _) if first.len() == 4 => date(year, month, day),
        _ if third.len() != 4 => None,
        ((month, day, year), Order::MonthFirst) | ((day, month, year), Order::DayFirst) => date(year, month, day),
    }
}

fn date(year: i64, month: i64, day: i64) -> Option<Date> {
    Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
}

fn moment(date: Date, time: &str) -> Option<Moment> {
    let time = time.trim();
    let (clock, offset) = time.split_at(time.find(['+', '-', 'Z']).unwrap_or(time.len()));
    let local = date.to_datetime(time_of(clock.trim())?);
    let day = Offset::UTC.to_timestamp(local).ok()?.as_second().div_euclid(DAY);
    let at = offset_of(offset)?.to_timestamp(local).ok()?;
    Some(Moment { second: at.as_second(), day: i32::try_from(day).ok()? })
}

/// `9:30`, `09:30:00`, `09:30:00.123`; nothing is midnight.
fn time_of(text: &str) -> Option<Time> {
    if text.is_empty() {
        return Some(Time::midnight());
    }
    let mut parts = text.split(':');
    let (hour, minute) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let second: f64 = parts.next().unwrap_or("0").parse().ok().filter(|second| (0.0..60.0).contains(second))?;
    Time::new(hour, minute, second as i8, 0).ok().filter(|_| parts.next().is_none())
}

/// `Z`, `+01:00`, `-0500`; nothing is UTC.
fn offset_of(text: &str) -> Option<Offset> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let seconds = match digits.len() {
        0 => 0,
        2 => digits.parse::<i32>().ok()? * 3_600,
        4 => digits[..2].parse::<i32>().ok()? * 3_600 + digits[2..].parse::<i32>().ok()? * 60,
        _ => return None,
    };
    Offset::from_seconds(if text.starts_with('-') { -seconds } else { seconds }).ok()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> String {
        parse(text, Order::MonthFirst)
            .map_or_else(|| "nothing".to_owned(), |moment| Timestamp::from_second(moment.second).unwrap().to_string())
    }

    #[test]
    fn reads_what_files_write() {
        for (text, at) in [
            ("2000-01-03", "2000-01-03T00:00:00Z"),
            ("1/3/2000", "2000-01-03T00:00:00Z"),
            ("11/5/2019 9:30", "2019-11-05T09:30:00Z"),
            ("2019-11-05 09:30", "2019-11-05T09:30:00Z"),
            ("2019-11-05 09:30:59.5", "2019-11-05T09:30:59Z"),
            ("2022-06-06 00:00:00+01:00", "2022-06-05T23:00:00Z"),
            ("2026-05-26 04:00:00-04:00", "2026-05-26T08:00:00Z"),
            ("2020-01-03T14:30:00Z", "2020-01-03T14:30:00Z"),
            ("2020/01/03", "2020-01-03T00:00:00Z"),
            ("Jan 1 2000", "2000-01-01T00:00:00Z"),
            ("March 13, 2020 09:30", "2020-03-13T09:30:00Z"),
            ("20000103", "2000-01-03T00:00:00Z"),
            ("946857600", "2000-01-03T00:00:00Z"),
            ("946857600000", "2000-01-03T00:00:00Z"),
            ("13/3/2020", "nothing"),
            ("2000-02-30", "nothing"),
            ("2000-01-03 25:00", "nothing"),
            ("1/3/00", "nothing"),
            ("", "nothing"),
            ("Foo 1 2000", "nothing"),
        ] {
            assert_eq!(read(text), at, "{text}");
        }
    }

    #[test]
    fn a_day_is_the_one_that_was_written() {
        let day = |text| parse(text, Order::DayFirst).map(|moment| moment.day);
        assert_eq!(day("2022-06-06 00:00:00+01:00"), day("6/6/2022"));
        assert_eq!(day("2022-06-06 23:30:00-05:00"), day("2022-06-06"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,30}", numbers in "[0-9/:TZ +.-]{0,24}") {
            for order in [Order::MonthFirst, Order::DayFirst] {
                let _ = (parse(&text, order), parse(&numbers, order));
            }
        }
    }
}
