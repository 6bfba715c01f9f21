//! A new 52-week high or low: a price beyond the extremum that stood when the day began, told once a day.
//!
//! A vendor's own figure moves along with the price that beats it, so what counts is the figure of *before* the day.

use jiff::civil::Date;

use crate::{Price, Quote};

/// Which end of the 52 weeks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    High,
    Low,
}

impl End {
    fn is_beyond(self, price: Price, line: Price) -> bool {
        match self {
            Self::High => price > line,
            Self::Low => price < line,
        }
    }

    fn further(self, one: Price, other: Price) -> Price {
        if self.is_beyond(one, other) { one } else { other }
    }

    /// The vendor's figure.
    fn figure(self, quote: &Quote) -> Option<Price> {
        match self {
            Self::High => quote.year_high,
            Self::Low => quote.year_low,
        }
    }
}

/// What is remembered of one end.
#[derive(Debug, Clone)]
pub(super) struct Extreme {
    end: End,
    seen: Option<Seen>,
    told_on: Option<Date>,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    /// The exchange's day that the rest is of.
    day: Date,
    /// The figure of before this day; on the first day the first one heard.
    line: Price,
    /// The figure as it was last said.
    figure: Price,
    /// The furthest price seen before this day: a figure that lags behind must not make it new again.
    before: Option<Price>,
    /// The furthest price seen on this day.
    today: Price,
}

impl Extreme {
    pub(super) fn new(end: End) -> Self {
        Self { end, seen: None, told_on: None }
    }

    /// It has been told on this day, in an earlier run.
    pub(super) fn resume(&mut self, day: Date) {
        self.told_on = Some(day);
    }

    /// Forgets the prices it has seen; what was told today stays told.
    pub(super) fn forget(&mut self) {
        self.seen = None;
    }

    /// Takes in a quote; says whether it is to be told.
    pub(super) fn observe(&mut self, quote: &Quote, extended_hours: bool, may_fire: bool) -> bool {
        let Some(figure) = self.end.figure(quote) else { return false };
        let (price, day) = (quote.ruling_price(extended_hours), quote.ruling_day(extended_hours));
        // A regular price after a print before the bell is of the day before: that day is over.
        let day = self.seen.map_or(day, |seen| seen.day.max(day));
        let line = if let Some(seen) = &mut self.seen {
            seen.take_in(self.end, day, figure, price)
        } else {
            self.seen = Some(Seen { day, line: figure, figure, before: None, today: price });
            if !self.end.is_beyond(figure, price) {
                // There already: news of a day that began without us.
                self.told_on = Some(day);
            }
            figure
        };
        let fires = self.end.is_beyond(price, line) && self.told_on != Some(day) && may_fire;
        if fires {
            self.told_on = Some(day);
        }
        fires
    }
}

impl Seen {
    /// Takes in a quote; what its price must be beyond.
    fn take_in(&mut self, end: End, day: Date, figure: Price, price: Price) -> Price {
        if day != self.day {
            let before = self.before.map_or(self.today, |before| end.further(before, self.today));
            *self = Self { day, line: self.figure, figure, before: Some(before), today: price };
        }
        if end.is_beyond(self.line, figure) {
            // The old extremum has left the 52 weeks.
            self.line = figure;
        }
        self.figure = figure;
        self.today = end.further(self.today, price);
        self.before.map_or(self.line, |before| end.further(self.line, before))
    }
}
