//! The figures of the last 24 hours to a quote, and columns of a chart to bars.

use jiff::Timestamp;
use market::{Bar, History, Kind, Price, Quote, Range, Symbol};

use super::{
    json::{json, list},
    number::{self, Field},
    pair::Pair,
};

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

    /// The chart of a symbol, which means that pair there. Exchanges never close: their days are those of UTC.
    pub(in super::super) fn history(
        self,
        symbol: &Symbol,
        pair: &Pair,
        (range, interval): (Range, &str),
        bars: Vec<Bar>,
    ) -> History {
        History {
            symbol: symbol.clone(),
            range,
            interval: interval.to_owned(),
            currency: Some(pair.quote.to_owned()),
            previous_close: None,
            time_zone: Some("UTC".to_owned()),
            regular_hours: None,
            source: self.source.to_owned(),
            fetched_at: None,
            bars,
        }
    }
}

/// How an exchange writes the candles of a chart: lists, `[time, …]`, the volume in place 5.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Candles {
    /// Of the open, the high, the low and the close.
    pub(in super::super) places: [usize; 4],
    /// Reads the time in place 0, where it is not ahead of the second argument.
    pub(in super::super) at: fn(Field<'_>, Timestamp) -> Option<Timestamp>,
}

impl Candles {
    /// The bars of an answer, in order.
    pub(in super::super) fn bars(self, body: &[u8], received_at: Timestamp) -> Result<Vec<Bar>, String> {
        let rows = list(json(body)?).ok_or("no list of candles")?;
        Ok(in_order(rows.into_iter().filter_map(|row| self.bar(row.get(), received_at)).collect()))
    }

    /// A bar whose prices contain each other.
    fn bar(self, row: &str, received_at: Timestamp) -> Option<Bar> {
        let cells = list(row)?;
        let cell = |place: usize| cells.get(place).copied();
        let [open, high, low, close] = self.places.map(|place| number::price(cell(place)));
        let (open, high, low, close) = (open?, high?, low?, close?);
        Some(Bar {
            at: (self.at)(cell(0), received_at)?,
            open,
            high: high.max(open).max(close),
            low: low.min(open).min(close),
            close,
            volume: number::volume(cell(5)),
        })
    }
}

/// Bars in order, one at a time each, the newest at the most [`BARS_MAX`].
pub(in super::super) fn in_order(mut bars: Vec<Bar>) -> Vec<Bar> {
    bars.sort_by_key(|bar| bar.at);
    bars.dedup_by_key(|bar| bar.at);
    bars.split_off(bars.len().saturating_sub(BARS_MAX))
}
