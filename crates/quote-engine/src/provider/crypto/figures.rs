//! The figures of the last 24 hours to a quote, and columns of a chart to bars.

use jiff::Timestamp;
use market::{Bar, Kind, Price, Quote};

use super::pair::Pair;

/// The most bars a history holds; the newest stay.
pub(in super::super) const BARS_MAX: usize = 20_000;

/// What an exchange says about a pair. All prices in the quote currency, all but `price` over the last 24 hours.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Figures {
    /// Of the last trade.
    pub(in super::super) price: Option<f64>,
    /// When, by the exchange's clock.
    pub(in super::super) at: Option<Timestamp>,
    pub(in super::super) open: Option<f64>,
    pub(in super::super) low: Option<f64>,
    pub(in super::super) high: Option<f64>,
    /// Pieces of the base traded.
    pub(in super::super) volume: Option<f64>,
    /// The move, where the exchange itself says it; it follows from `open` where not.
    pub(in super::super) change: Option<f64>,
    /// The same in percent.
    pub(in super::super) change_percent: Option<f64>,
    pub(in super::super) price_digits: Option<u8>,
}

/// Whose figures they are.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Exchange {
    /// As in [`Quote::source`].
    pub(in super::super) source: &'static str,
    /// In words.
    pub(in super::super) name: &'static str,
}

impl Exchange {
    /// The quote; without price or time there is none, and the reason is for the user.
    pub(in super::super) fn quote(
        self,
        pair: &Pair,
        figures: &Figures,
        received_at: Timestamp,
    ) -> Result<Quote, &'static str> {
        let symbol = pair.symbol().ok_or("it has no name")?;
        let price = figures.price.and_then(Price::from_f64).ok_or("it has no price")?;
        let at = figures.at.ok_or("its price has no time")?;
        let open = figures.open.and_then(Price::from_f64);
        let change = figures.change.and_then(Price::from_f64);
        Ok(Quote {
            exchange: Some(self.name.to_owned()),
            currency: Some(pair.quote.to_owned()),
            change: change.or_else(|| price.minus(open?)),
            change_percent: figures.change_percent.or_else(|| price.percent_against(open?)),
            open,
            day_low: figures.low.and_then(Price::from_f64),
            day_high: figures.high.and_then(Price::from_f64),
            volume: figures.volume,
            price_digits: figures.price_digits,
            delay_minutes: Some(0),
            ..Quote::bare(symbol, Kind::Crypto, price, at, received_at, self.source)
        })
    }
}

/// A bar whose prices contain each other.
pub(in super::super) fn bar(at: Timestamp, [open, high, low, close]: [f64; 4], volume: Option<f64>) -> Bar {
    Bar { at, open, high: high.max(open).max(close), low: low.min(open).min(close), close, volume }
}

/// Bars in order, one at a time each, the newest at the most [`BARS_MAX`].
pub(in super::super) fn in_order(mut bars: Vec<Bar>) -> Vec<Bar> {
    bars.sort_by_key(|bar| bar.at);
    bars.dedup_by_key(|bar| bar.at);
    bars.split_off(bars.len().saturating_sub(BARS_MAX))
}
