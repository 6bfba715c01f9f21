//! Trading hours that charts tell, for the quotes that tell none: what one share of an exchange says of its day holds for
//! the others. Costs no request, and is written over by whatever is told of a later day.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use market::{Kind, Quote, Session, Timestamp, TradingHours};

use super::decode::{Drawn, MarketHours};
use crate::provider::Answer;

/// Kinds at exchanges at the most: there are some hundreds.
const MARKETS_MAX: usize = 1_000;

/// The last hours told, by exchange and kind.
#[derive(Debug, Default)]
pub(super) struct Hours(Mutex<HashMap<(String, Kind), TradingHours>>);

impl Hours {
    /// Takes note of what charts tell beside their bars.
    pub(super) fn note<'a>(&self, charts: impl IntoIterator<Item = &'a Drawn>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for MarketHours { exchange, kind, hours } in charts.into_iter().filter_map(|chart| chart.hours.as_ref()) {
            // Futures and the like keep hours of their own; so does whatever has not been traded for long.
            let shared = matches!(kind, Kind::Equity | Kind::Etf | Kind::Index);
            let key = (exchange.clone(), *kind);
            let later = known.get(&key).is_none_or(|before| begins(before) <= begins(hours));
            if shared && later && (known.len() < MARKETS_MAX || known.contains_key(&key)) {
                known.insert(key, *hours);
            }
        }
    }

    /// Adds the hours of closed markets to an answer: an open one shows that it is.
    pub(super) fn complete(&self, answer: &mut Answer) {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_empty() {
            return;
        }
        let of = |quote: &Quote| known.get(&(quote.exchange.clone()?, quote.kind)).copied();
        let closed = answer.quotes.iter().filter(|quote| quote.session == Session::Closed);
        answer.hours.extend(closed.filter_map(|quote| Some((quote.symbol.clone(), of(quote)?))));
    }
}

fn begins(hours: &TradingHours) -> Option<Timestamp> {
    hours.regular.map(|(start, _)| start)
}
