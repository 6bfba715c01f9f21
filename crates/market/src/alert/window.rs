//! The lowest and highest price of the last minutes, in a bounded number of buckets.

use std::collections::VecDeque;

use jiff::Timestamp;

use crate::Price;

/// Into how many parts a time is divided: of N minutes each is N seconds long.
const BUCKETS: i64 = 60;

/// Prices of a sliding time. The oldest bucket is left out as soon as its first price could be too old, so the time
/// looked at is never longer than asked for, and shorter by a sixtieth at the most.
#[derive(Debug, Clone)]
pub(super) struct Window {
    bucket_seconds: i64,
    buckets: VecDeque<Bucket>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    index: i64,
    low: Price,
    high: Price,
}

impl Window {
    pub(super) fn of_minutes(minutes: u16) -> Self {
        Self { bucket_seconds: i64::from(minutes).max(1) * 60 / BUCKETS, buckets: VecDeque::new() }
    }

    /// Takes in a price; how far it is above the lowest and below the highest of the time, in percent. A price from
    /// before the newest one begins anew: the clock it came by was set back.
    pub(super) fn take_in(&mut self, at: Timestamp, price: Price) -> (f64, f64) {
        let index = at.as_second().div_euclid(self.bucket_seconds);
        if self.buckets.back().is_some_and(|newest| index < newest.index) {
            self.forget();
        }
        while self.buckets.front().is_some_and(|oldest| oldest.index <= index - BUCKETS) {
            self.buckets.pop_front();
        }
        match self.buckets.back_mut() {
            Some(newest) if newest.index == index => {
                (newest.low, newest.high) = (newest.low.min(price), newest.high.max(price));
            }
            _ => self.buckets.push_back(Bucket { index, low: price, high: price }),
        }
        self.moved_to(price)
    }

    /// Begins anew.
    pub(super) fn forget(&mut self) {
        self.buckets.clear();
    }

    fn moved_to(&self, price: Price) -> (f64, f64) {
        let low = self.buckets.iter().map(|bucket| bucket.low).min().unwrap_or(price);
        let high = self.buckets.iter().map(|bucket| bucket.high).max().unwrap_or(price);
        let against = |base: Price| if base.is_positive() { price.percent_against(base) } else { None };
        (against(low).unwrap_or(0.0), against(high).map_or(0.0, |moved| -moved))
    }

    #[cfg(test)]
    pub(super) fn buckets(&self) -> usize {
        self.buckets.len()
    }
}
