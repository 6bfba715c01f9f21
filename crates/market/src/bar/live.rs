//! The last bar follows the live price, so that a chart agrees with the row beside it between two fetches.
//!
//! Only what is newer, of the same kind of source and in the same currency is let in; a wrong bar is worse than an old
//! one.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::Offset};

use super::{Bar, History, Range};
use crate::{Price, Quote, QuoteState, quote::may_mix};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// What summer time can move the beginning of a day by.
const CLOCK_CHANGE: i64 = HOUR;
/// A pause this long inside a chart of one day means that another day has begun: its chart is another one.
const NIGHT: i64 = 4 * HOUR;
/// Half a day: puts the beginning of a month anywhere on Earth into that month by UTC.
const HALF_DAY: i64 = DAY / 2;

/// How long a bar lasts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Seconds(i64),
    Month,
}

impl Step {
    /// Reads `5m`, `1h`, `1d`, `1wk`, `1mo`. Longer ones are left as they are.
    fn parse(interval: &str) -> Option<Self> {
        let digits = interval.bytes().take_while(u8::is_ascii_digit).count();
        let (count, unit) = interval.split_at_checked(digits)?;
        let count: i64 = count.parse().ok().filter(|count| (1..=999).contains(count))?;
        match unit {
            "m" => Some(Self::Seconds(count * 60)),
            "h" => Some(Self::Seconds(count * HOUR)),
            "d" => Some(Self::Seconds(count * DAY)),
            "wk" => Some(Self::Seconds(count * 7 * DAY)),
            "mo" if count == 1 => Some(Self::Month),
            _ => None,
        }
    }

    fn is_a_day(self) -> bool {
        self == Self::Seconds(DAY)
    }

    /// The beginning of the bar that a price of `at` belongs to, given the last bar's; the same where it is that one.
    fn beginning(self, last: Timestamp, at: Timestamp) -> Option<Timestamp> {
        let Self::Seconds(step) = self else { return Some(month_beginning(last, at)) };
        let slack = if step >= DAY { CLOCK_CHANGE } else { 0 };
        let steps = (at.as_second() - last.as_second() + slack) / step;
        let beginning = last.checked_add(SignedDuration::from_secs(steps * step)).ok()?;
        Some(beginning.min(at))
    }
}

fn month_beginning(last: Timestamp, at: Timestamp) -> Timestamp {
    let date = |at: Timestamp| Offset::UTC.to_datetime(at).date();
    let month = |date: Date| (date.year(), date.month());
    let of_last = last.checked_add(SignedDuration::from_secs(HALF_DAY)).unwrap_or(last);
    if month(date(of_last)) == month(date(at)) {
        return last;
    }
    Offset::UTC.to_timestamp(date(at).first_of_month().at(0, 0, 0, 0)).unwrap_or(at)
}

impl History {
    /// The same bars with a quote's regular price in the last one, or in a new one after it. Nothing changes where the
    /// quote is older, stale, of another day than a chart of one day, or not to be mixed with these bars.
    #[must_use]
    pub fn with_quote(mut self, quote: &Quote) -> Self {
        let Some((step, last)) = Step::parse(&self.interval).zip(self.bars.last()) else { return self };
        let gap = quote.quoted_at.as_second() - last.at.as_second();
        let another_day = self.range == Range::Day && gap > NIGHT;
        if !self.takes(quote) || gap < 0 || another_day {
            return self;
        }
        let whole_day = step.is_a_day().then_some(quote);
        match step.beginning(last.at, quote.quoted_at) {
            Some(beginning) if beginning > last.at => self.bars.push(begun(beginning, quote, whole_day)),
            Some(_) => {
                if let Some(last) = self.bars.last_mut() {
                    last.follow(quote.price.to_f64(), whole_day);
                }
            }
            None => {}
        }
        self
    }

    fn takes(&self, quote: &Quote) -> bool {
        let currency = self.currency.as_ref().zip(quote.currency.as_ref()).is_none_or(|(a, b)| a == b);
        self.symbol == quote.symbol
            && currency
            && may_mix(&self.source, &quote.source)
            && quote.state != QuoteState::Stale
    }
}

/// A bar that has just begun.
fn begun(at: Timestamp, quote: &Quote, whole_day: Option<&Quote>) -> Bar {
    let open = whole_day.and_then(|day| day.open).unwrap_or(quote.price).to_f64();
    let mut bar = Bar { at, open, high: open, low: open, close: open, volume: None };
    bar.follow(quote.price.to_f64(), whole_day);
    bar
}

impl Bar {
    /// Takes a newer price in; a bar of a whole day also the day's own figures.
    fn follow(&mut self, price: f64, whole_day: Option<&Quote>) {
        let low = whole_day.and_then(|day| day.day_low).map_or(price, Price::to_f64);
        let high = whole_day.and_then(|day| day.day_high).map_or(price, Price::to_f64);
        self.close = price;
        self.low = self.low.min(price).min(low);
        self.high = self.high.max(price).max(high);
        if let Some(traded) = whole_day.and_then(|day| day.volume) {
            self.volume = Some(self.volume.unwrap_or(0.0).max(traded));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Symbol, quote::SIMULATED, quote::tests::quote};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn bar(start: &str, close: f64) -> Bar {
        Bar { at: at(start), open: close, high: close, low: close, close, volume: None }
    }

    fn history(range: Range, bars: Vec<Bar>) -> History {
        History {
            symbol: Symbol::parse("AAPL").unwrap(),
            range,
            interval: range.interval().to_owned(),
            currency: Some("USD".into()),
            previous_close: None,
            time_zone: None,
            regular_hours: None,
            source: "test".into(),
            fetched_at: None,
            bars,
        }
    }

    fn quoted(time: &str, price: f64) -> Quote {
        Quote { quoted_at: at(time), ..quote("AAPL", price) }
    }

    fn closes(history: &History) -> Vec<(String, f64)> {
        history.bars.iter().map(|bar| (bar.at.to_string(), bar.close)).collect()
    }

    fn pair(time: &str, close: f64) -> (String, f64) {
        (time.to_owned(), close)
    }

    #[test]
    fn a_price_inside_the_last_bar_moves_it() {
        let chart = history(Range::Day, vec![bar("2026-11-23T15:00:00Z", 10.0)]);
        let chart =
            chart.with_quote(&quoted("2026-11-23T15:04:59Z", 12.0)).with_quote(&quoted("2026-11-23T15:04:59Z", 9.0));
        let last = &chart.bars[0];
        assert_eq!((chart.bars.len(), last.open, last.high, last.low, last.close), (1, 10.0, 12.0, 9.0, 9.0));
    }

    #[test]
    fn a_price_after_it_begins_another_on_the_grid() {
        let chart = history(Range::Day, vec![bar("2026-11-23T15:00:00Z", 10.0)]);
        let chart = chart.with_quote(&quoted("2026-11-23T15:13:20Z", 12.0));
        assert_eq!(closes(&chart), [pair("2026-11-23T15:00:00Z", 10.0), pair("2026-11-23T15:10:00Z", 12.0)]);
    }

    #[test]
    fn days_begin_where_the_exchange_begins_them_even_when_its_clocks_change() {
        let opened = quoted("2026-11-02T14:30:00Z", 12.0);
        let opened = Quote {
            open: Price::from_f64(11.0),
            day_low: Price::from_f64(10.5),
            day_high: Price::from_f64(13.0),
            volume: Some(7.0),
            ..opened
        };
        // Summer time: 13:30Z. The Monday after it ended: 14:30Z.
        let chart = history(Range::Year, vec![bar("2026-10-30T13:30:00Z", 10.0)]).with_quote(&opened);
        let last = &chart.bars[1];
        assert_eq!((last.open, last.low, last.high, last.close, last.volume), (11.0, 10.5, 13.0, 12.0, Some(7.0)));
        // And the other way: the first summer session begins an hour earlier by UTC.
        let chart = history(Range::Year, vec![bar("2026-03-06T14:30:00Z", 10.0)]);
        let chart = chart.with_quote(&quoted("2026-03-09T13:30:00Z", 12.0));
        assert_eq!(chart.bars.len(), 2);
    }

    #[test]
    fn weeks_and_months() {
        let week = history(Range::FiveYears, vec![bar("2026-11-16T05:00:00Z", 10.0)]);
        assert_eq!(week.clone().with_quote(&quoted("2026-11-20T20:00:00Z", 11.0)).bars.len(), 1);
        assert_eq!(week.with_quote(&quoted("2026-11-23T15:00:00Z", 11.0)).bars.len(), 2);
        // Midnight in Tokyo: the month before by UTC.
        let month = history(Range::Max, vec![bar("2026-10-31T15:00:00Z", 10.0)]);
        assert_eq!(month.clone().with_quote(&quoted("2026-11-23T01:00:00Z", 11.0)).bars.len(), 1);
        let next = month.with_quote(&quoted("2026-12-01T01:00:00Z", 11.0));
        assert_eq!(closes(&next)[1], pair("2026-12-01T00:00:00Z", 11.0));
    }

    #[test]
    fn what_does_not_belong_changes_nothing() {
        let chart = history(Range::Day, vec![bar("2026-11-23T15:00:00Z", 10.0)]);
        let good = quoted("2026-11-23T15:01:00Z", 12.0);
        assert_ne!(chart.clone().with_quote(&good), chart);
        for wrong in [
            quoted("2026-11-23T14:59:59Z", 12.0),
            quoted("2026-11-24T14:30:00Z", 12.0),
            Quote { state: QuoteState::Stale, ..good.clone() },
            Quote { source: SIMULATED.into(), ..good.clone() },
            Quote { currency: Some("EUR".into()), ..good.clone() },
            Quote { symbol: Symbol::parse("MSFT").unwrap(), ..good.clone() },
        ] {
            assert_eq!(chart.clone().with_quote(&wrong), chart);
        }
        let odd = History { interval: "3mo".into(), ..chart };
        assert_eq!(odd.clone().with_quote(&good), odd);
        let empty = history(Range::Day, vec![]);
        assert_eq!(empty.clone().with_quote(&good), empty);
    }

    proptest! {
        /// Bars stay in order, one is added at the most, older ones stand, and each holds its own prices.
        #[test]
        fn bars_stay_whole(range in 0usize..8, start in 0i64..4_000_000_000, later in -90_000i64..90_000_000, price in 0.01f64..1e6) {
            use Range::{Day, FiveDays, FiveYears, HalfYear, Max, Month, Year, YearToDate};
            let range = [Day, FiveDays, Month, HalfYear, YearToDate, Year, FiveYears, Max][range];
            let first = Bar { at: Timestamp::from_second(start).unwrap(), ..bar("2026-11-23T15:00:00Z", 10.0) };
            let at = Timestamp::from_second((start + later).max(0)).unwrap();
            let before = history(range, vec![first]);
            let after = before.clone().with_quote(&Quote { quoted_at: at, ..quote("AAPL", price) });
            prop_assert!(after.bars.len() <= 2);
            prop_assert!(after.bars.windows(2).all(|pair| pair[0].at < pair[1].at && pair[1].at <= at && pair[0] == before.bars[0]));
            for bar in &after.bars {
                prop_assert!(bar.low <= bar.open.min(bar.close) && bar.high >= bar.open.max(bar.close));
            }
        }
    }
}
