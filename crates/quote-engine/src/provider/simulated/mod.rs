//! A market that is made up: instruments one knows at prices that look right, moving all the time, without a network.
//!
//! Everything it says is a function of seed, symbol and time, so that quotes, day ranges and charts agree. It must never
//! pass for the real thing: every quote and history says `simulated`.

mod days;
mod duration_text;
mod history;
mod listing;
mod lists;
mod search;
mod walk;

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use market::{
    History, Instrument, Kind, MarketList, Price, Quote, QuoteState, Range, Session, Symbol, quote::SIMULATED,
    schedule::RequestLimits,
};
use serde::{Deserialize, Serialize};

use super::{Answer, Capabilities, Provider, ProviderError};
use days::{DayFigures, Days};
use listing::Listing;
use walk::Walk;

const DISPLAY_NAME: &str = "The simulated market";
/// What can be made up.
const KINDS: &[Kind] = &[Kind::Equity, Kind::Etf, Kind::Index, Kind::Currency, Kind::Crypto, Kind::Future, Kind::Other];
/// Symbols that begin so are unknown, for trying what happens then.
const UNKNOWN_PREFIX: &str = "NOSUCH";
/// The shortest step that can be set.
const TICK_MIN: Duration = Duration::from_millis(10);

/// How the made-up market moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SimulatedConfig {
    /// Another seed, another market.
    pub seed: u64,
    /// How often prices move.
    #[serde(with = "duration_text")]
    pub tick_interval: Duration,
}

impl Default for SimulatedConfig {
    fn default() -> Self {
        Self { seed: 1, tick_interval: Duration::from_millis(500) }
    }
}

/// The made-up market.
#[derive(Debug)]
pub struct SimulatedProvider {
    seed: u64,
    tick: Duration,
    days: Days,
}

impl SimulatedProvider {
    /// A market that opened long ago and never closes.
    pub fn new(config: SimulatedConfig) -> Self {
        Self { seed: config.seed, tick: config.tick_interval.max(TICK_MIN), days: Days::default() }
    }

    /// What [`Provider::quotes`] answers at a given time.
    pub fn quotes_at(&self, symbols: &[Symbol], now: Timestamp) -> Answer {
        let mut answer = Answer::default();
        for symbol in symbols {
            match Listing::of(symbol).and_then(|listing| self.quote(symbol, listing, now)) {
                Some(quote) => answer.quotes.push(quote),
                None => answer.unknown.push(symbol.clone()),
            }
        }
        answer
    }

    /// What [`Provider::history`] answers at a given time.
    pub fn history_at(&self, symbol: &Symbol, range: Range, now: Timestamp) -> Result<History, ProviderError> {
        let listing = Listing::of(symbol)
            .ok_or_else(|| ProviderError::UnknownSymbol { provider: DISPLAY_NAME, symbol: symbol.clone() })?;
        Ok(history::bars(symbol, &listing, &Walk::new(self.seed, symbol, &listing), range, self.stepped(now)))
    }

    /// What [`Provider::list`] answers at a given time.
    pub fn list_at(&self, list: MarketList, now: Timestamp) -> Vec<Instrument> {
        lists::of(list, self.quotes_at(&lists::candidates(), now).quotes)
    }

    fn quote(&self, symbol: &Symbol, listing: Listing, now: Timestamp) -> Option<Quote> {
        let walk = Walk::new(self.seed, symbol, &listing);
        let at = self.stepped(now);
        let walked = walk.price(at);
        let day = self.days.figures(symbol, &walk, at, walked);
        let DayFigures { open, low, high, year_low, year_high, volume, .. } = day;
        let (price, previous_close) = (Price::from_f64(walked)?, Price::from_f64(day.previous_close)?);
        Some(Quote {
            symbol: symbol.clone(),
            name: Some(listing.name),
            kind: listing.kind,
            exchange: Some(listing.exchange),
            currency: Some(listing.currency),
            quoted_in: listing.quoted_in,
            price_digits: Some(listing.digits),
            price,
            change: price.minus(previous_close),
            change_percent: price.percent_against(previous_close),
            previous_close: Some(previous_close),
            open: Price::from_f64(open),
            day_low: Price::from_f64(low),
            day_high: Price::from_f64(high),
            year_low: Price::from_f64(year_low),
            year_high: Price::from_f64(year_high),
            volume: listing.volume.map(|_| volume),
            average_volume: listing.volume.map(|_| walk.daily_volume),
            market_cap: listing.shares.map(|shares| (shares * walked).round()),
            pe_ratio: listing.earnings.map(|earnings| (walked / earnings * 100.0).round() / 100.0),
            dividend_yield: listing.dividend.map(|dividend| (dividend / walked * 10_000.0).round() / 100.0),
            extended_price: None,
            extended_change_percent: None,
            extended_at: None,
            session: Session::Regular,
            quoted_at: at,
            received_at: now,
            source: SIMULATED.to_owned(),
            delay_minutes: Some(0),
            state: QuoteState::Live,
            standstill: None,
            unsettled: false,
            time_zone: Some(listing.time_zone.to_owned()),
        })
    }

    /// The beginning of the step that `now` lies in.
    fn stepped(&self, now: Timestamp) -> Timestamp {
        let step = self.tick.as_millis().max(1) as i64;
        let millis = now.as_millisecond();
        Timestamp::from_millisecond(millis - millis.rem_euclid(step)).unwrap_or(now)
    }
}

#[async_trait]
impl Provider for SimulatedProvider {
    fn name(&self) -> &'static str {
        SIMULATED
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            tick: Some(self.tick),
            figures: true,
            search: true,
            history: true,
            ..Capabilities::of(
                DISPLAY_NAME,
                KINDS,
                RequestLimits { symbols_max: 500, bytes_max: usize::MAX, per_second: 1_000.0 },
            )
        }
    }

    fn covers(&self, _symbol: &Symbol) -> bool {
        true
    }

    async fn quotes(&self, symbols: &[Symbol]) -> Result<Answer, ProviderError> {
        Ok(self.quotes_at(symbols, Timestamp::now()))
    }

    async fn search(&self, text: &str) -> Result<Vec<Instrument>, ProviderError> {
        Ok(search::search(text))
    }

    async fn history(&self, symbol: &Symbol, range: Range) -> Result<History, ProviderError> {
        self.history_at(symbol, range, Timestamp::now())
    }

    async fn sparks(&self, symbols: &[Symbol]) -> Result<Vec<History>, ProviderError> {
        let now = Timestamp::now();
        Ok(symbols.iter().filter_map(|symbol| self.history_at(symbol, Range::Day, now).ok()).collect())
    }

    async fn list(&self, list: MarketList) -> Result<Vec<Instrument>, ProviderError> {
        Ok(self.list_at(list, Timestamp::now()))
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn provider() -> SimulatedProvider {
        SimulatedProvider::new(SimulatedConfig::default())
    }

    fn symbols(names: &[&str]) -> Vec<Symbol> {
        names.iter().map(|name| Symbol::parse(name).unwrap()).collect()
    }

    fn noon() -> Timestamp {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    const ALL_RANGES: [Range; 8] = [
        Range::Day,
        Range::FiveDays,
        Range::Month,
        Range::HalfYear,
        Range::YearToDate,
        Range::Year,
        Range::FiveYears,
        Range::Max,
    ];

    #[test]
    fn the_same_seed_and_time_give_the_same_market() {
        let asked = symbols(&["AAPL", "VOD.L", "SHIB-USD", "ANYTHING"]);
        assert_eq!(provider().quotes_at(&asked, noon()), provider().quotes_at(&asked, noon()));
        let other = SimulatedProvider::new(SimulatedConfig { seed: 2, ..SimulatedConfig::default() });
        assert_ne!(provider().quotes_at(&asked, noon()), other.quotes_at(&asked, noon()));
    }

    #[test]
    fn prices_move_a_little_each_step_and_a_percent_within_minutes() {
        for symbol in symbols(&["AAPL", "BTC-USD", "MSFT"]) {
            let provider = provider();
            let at = |step: i64| noon() + SignedDuration::from_millis(step * 500);
            let prices: Vec<f64> = (0..360)
                .map(|step| provider.quotes_at(std::slice::from_ref(&symbol), at(step)).quotes[0].price.to_f64())
                .collect();
            let distinct = prices.windows(2).filter(|pair| pair[0].to_bits() != pair[1].to_bits()).count();
            assert!(distinct > 330, "{symbol}: {distinct}");
            assert!(prices.windows(2).all(|pair| (pair[1] / pair[0] - 1.0).abs() < 0.03), "{symbol}");
            let (low, high) = prices.iter().fold((f64::MAX, 0f64), |(l, h), p| (l.min(*p), h.max(*p)));
            assert!(high / low > 1.01, "{symbol}: {low} to {high}");
        }
    }

    #[test]
    fn a_quote_agrees_with_itself() {
        let provider = provider();
        let asked =
            symbols(&["AAPL", "^GSPC", "BTC-USD", "EURUSD=X", "VOD.L", "7203.T", "SHIB-USD", "BRK-A", "XYZ.DE", "Q"]);
        let mut high_before = vec![Price::ZERO; asked.len()];
        for minute in 0..180 {
            let answer = provider.quotes_at(&asked, noon() + SignedDuration::from_secs(minute * 47));
            assert_eq!(answer.quotes.len(), asked.len());
            for (quote, before) in answer.quotes.iter().zip(&mut high_before) {
                let (low, high) = (quote.day_low.unwrap(), quote.day_high.unwrap());
                assert!(low.is_positive() && low <= quote.price && quote.price <= high, "{quote:?}");
                assert!(quote.year_low.unwrap() <= low && high <= quote.year_high.unwrap(), "{quote:?}");
                assert!(high >= *before, "a day's high never falls");
                *before = high;
                assert_eq!(quote.change, quote.price.minus(quote.previous_close.unwrap()));
                assert!(quote.change.is_some());
                assert!(quote.is_simulated() && quote.state == QuoteState::Live && quote.session == Session::Regular);
            }
        }
    }

    #[test]
    fn looks_like_what_one_knows() {
        let answer = provider().quotes_at(&symbols(&["vod.l", "BRK-B", "aapl", "XXYY.L", "^XXYY", "NOSUCH1"]), noon());
        assert_eq!(answer.unknown, symbols(&["NOSUCH1"]));
        let [vodafone, berkshire, apple, other, index] = &answer.quotes[..] else { panic!("{answer:?}") };
        assert_eq!((vodafone.currency.as_deref(), vodafone.quoted_in.as_deref()), (Some("GBP"), Some("GBp")));
        assert!(vodafone.price.to_f64() < 2.0 && vodafone.price_digits == Some(4));
        assert_eq!(berkshire.name.as_deref(), Some("Berkshire Hathaway Inc."));
        assert!(apple.market_cap.unwrap() > 1e12 && apple.pe_ratio.is_some());
        assert_eq!((other.name.as_deref(), other.kind), (Some("XXYY.L (simulated)"), Kind::Equity));
        assert_eq!(index.kind, Kind::Index);
    }

    #[test]
    fn every_chart_ends_at_the_price() {
        let provider = provider();
        for symbol in symbols(&["AAPL", "BTC-USD", "EURUSD=X", "UNLISTED"]) {
            let price = provider.quotes_at(std::slice::from_ref(&symbol), noon()).quotes[0].price.to_f64();
            for range in ALL_RANGES {
                let history = provider.history_at(&symbol, range, noon()).unwrap();
                assert!(history.bars.len() > 20, "{symbol} {range:?}: {}", history.bars.len());
                assert_eq!(history.bars.last().map(|bar| bar.close), Some(price), "{symbol} {range:?}");
                assert!(history.bars.windows(2).all(|pair| pair[0].at < pair[1].at));
                for bar in &history.bars {
                    assert!(bar.low > 0.0 && bar.low <= bar.open.min(bar.close) && bar.high >= bar.open.max(bar.close));
                }
            }
        }
        let unknown = provider.history_at(&symbols(&["NOSUCH"])[0], Range::Day, noon());
        assert!(matches!(unknown, Err(ProviderError::UnknownSymbol { .. })));
    }

    #[test]
    fn a_chart_of_the_day_starts_where_the_change_does() {
        let provider = provider();
        let apple = symbols(&["AAPL"]);
        let quote = &provider.quotes_at(&apple, noon()).quotes[0];
        let history = provider.history_at(&apple[0], Range::Day, noon()).unwrap();
        assert_eq!(history.previous_close, quote.previous_close.map(Price::to_f64));
    }

    #[test]
    fn lists_follow_from_the_made_up_moves() {
        let provider = provider();
        let figures = |list| -> Vec<(f64, f64)> {
            let found = provider.list_at(list, noon());
            assert!((5..=25).contains(&found.len()), "{list:?}");
            let symbols: Vec<Symbol> = found.into_iter().map(|instrument| instrument.symbol).collect();
            let quotes = provider.quotes_at(&symbols, noon()).quotes;
            quotes.iter().map(|quote| (quote.change_percent.unwrap(), quote.volume.unwrap_or_default())).collect()
        };
        assert!(figures(MarketList::Gainers).is_sorted_by(|a, b| a.0 >= b.0));
        assert!(figures(MarketList::Losers).is_sorted_by(|a, b| a.0 <= b.0));
        assert!(figures(MarketList::Trending).is_sorted_by(|a, b| a.0.abs() >= b.0.abs()));
        assert!(figures(MarketList::MostActive).is_sorted_by(|a, b| a.1 >= b.1));
    }

    #[tokio::test]
    async fn small_charts_of_what_is_known() {
        let asked = symbols(&["AAPL", "NOSUCH1", "MSFT"]);
        let found = provider().sparks(&asked).await.unwrap();
        let found: Vec<_> = found.iter().map(|day| (day.symbol.as_str(), day.range)).collect();
        assert_eq!(found, [("AAPL", Range::Day), ("MSFT", Range::Day)]);
    }

    #[test]
    fn the_step_is_a_setting_in_words() {
        let config: SimulatedConfig = serde_json::from_str(r#"{"seed":7,"tick_interval":"2s"}"#).unwrap();
        assert_eq!(config, SimulatedConfig { seed: 7, tick_interval: Duration::from_secs(2) });
        assert_eq!(serde_json::to_value(SimulatedConfig::default()).unwrap()["tick_interval"], "500ms");
        let error = serde_json::from_str::<SimulatedConfig>(r#"{"tick_interval":"0s"}"#).unwrap_err();
        assert!(error.to_string().contains("allowed"), "{error}");
        assert!(serde_json::from_str::<SimulatedConfig>(r#"{"speed":1}"#).is_err());
    }
}
