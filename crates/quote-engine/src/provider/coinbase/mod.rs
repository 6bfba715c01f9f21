//! Coinbase Exchange: crypto assets against real dollars, euros and pounds. Everything that is peculiar to it stays in
//! this folder.
//!
//! It must never ask for many pairs by requests where the stream would do: a quote takes two.

mod config;
pub mod decode;
mod dialect;
mod history;
mod products;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use market::{History, Instrument, Kind, Range, Symbol, schedule::RequestLimits};
use tokio::sync::watch;

pub use config::CoinbaseConfig;

use super::{
    Answer, Capabilities, Provider, ProviderError, clock,
    crypto::{
        figures::{Exchange, in_order},
        pair::Pair,
        reply,
        spellings::Spellings,
        way::{Place, Way},
    },
    http::is_429,
    settings::{Network, ProviderConfigError},
    stream::TickSender,
};
use dialect::{STREAM_MAX, Tickers};
use products::Products;

/// As in `Quote::source` and the configuration.
pub const NAME: &str = "coinbase";
/// As in messages.
const DISPLAY_NAME: &str = "Coinbase";
const EXCHANGE: Exchange = Exchange { source: NAME, name: DISPLAY_NAME };

/// What pairs are quoted in there. None is a single letter, which would make share classes (`BRK-B`) pairs.
const QUOTES: &[&str] = &["USD", "EUR", "GBP", "USDT", "USDC", "BTC", "ETH"];
/// Requests that a quote takes.
const QUOTE_REQUESTS: f64 = 2.0;

/// Quotes, charts, search and a stream of crypto assets from Coinbase.
#[derive(Debug)]
pub struct CoinbaseProvider {
    way: Way,
    products: Products,
}

impl CoinbaseProvider {
    /// Checks the settings; asks nothing yet.
    pub fn new(config: &CoinbaseConfig, network: &Network) -> Result<Self, ProviderConfigError> {
        config.check()?;
        let place = Place {
            provider: DISPLAY_NAME,
            rest_url: &config.rest_url,
            stream_url: &config.stream_url,
            per_second: config.requests_per_second,
            says_too_many: is_429,
        };
        let way = Way::to(place, network, Arc::new(Tickers::at(&config.stream_url)))?;
        Ok(Self { way, products: Products::default() })
    }

    /// The latest of one product. Without the figures of the day its price is still good.
    async fn product(&self, product: &Symbol, answer: &mut Answer) -> Result<(), ProviderError> {
        let (ticker, stats) = tokio::join!(self.about(product, "ticker"), self.about(product, "stats"));
        let (ticker, stats) = match (ticker, stats) {
            (Err(ProviderError::UnknownSymbol { symbol, .. }), _) => {
                answer.unknown.push(symbol);
                return Ok(());
            }
            (Err(error), _) | (_, Err(error @ ProviderError::RateLimited { .. })) => return Err(error),
            (Ok(ticker), stats) => (ticker, stats.ok()),
        };
        let quote = decode::quote(&ticker, stats.as_deref(), product, clock::now());
        match quote.map_err(|what| self.way.http.malformed(what))? {
            Ok(quote) => answer.quotes.push(quote),
            Err(why) => answer.rejected.push((product.clone(), why.to_owned())),
        }
        Ok(())
    }

    async fn about(&self, product: &Symbol, what: &str) -> Result<Vec<u8>, ProviderError> {
        self.ask(&format!("/products/{product}/{what}"), Some(product)).await
    }

    /// The body of an answer. Where it is about a product, 404 with words of the vendor's means that there is no such.
    async fn ask(&self, path: &str, product: Option<&Symbol>) -> Result<Vec<u8>, ProviderError> {
        let reply = self.way.get(path).await?;
        let complaint = if reply.status == 200 { None } else { decode::complaint(&reply.body) };
        match product.filter(|_| reply.status == 404 && complaint.is_some()) {
            Some(product) => Err(ProviderError::UnknownSymbol { provider: DISPLAY_NAME, symbol: product.clone() }),
            None => reply::body(DISPLAY_NAME, reply, complaint.as_deref()),
        }
    }

    async fn instruments(&self) -> Result<Vec<Instrument>, ProviderError> {
        let body = self.ask("/products", None).await?;
        decode::products(&body).map_err(|what| self.way.http.malformed(what))
    }
}

/// The product that a symbol means there.
fn meaning(symbol: &Symbol) -> Option<Symbol> {
    Pair::of(symbol, QUOTES)?.symbol()
}

#[async_trait]
impl Provider for CoinbaseProvider {
    fn name(&self) -> &'static str {
        NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            stream_max: self.way.stream_max(STREAM_MAX),
            search: true,
            history: true,
            ..Capabilities::of(
                DISPLAY_NAME,
                &[Kind::Crypto],
                RequestLimits {
                    symbols_max: 1,
                    bytes_max: usize::MAX,
                    per_second: self.way.per_second / QUOTE_REQUESTS,
                },
            )
        }
    }

    fn covers(&self, symbol: &Symbol) -> bool {
        meaning(symbol).is_some()
    }

    async fn quotes(&self, symbols: &[Symbol]) -> Result<Answer, ProviderError> {
        let spellings = Spellings::of(symbols, meaning);
        let mut answer = Answer::default();
        for product in &spellings.pairs {
            self.product(product, &mut answer).await?;
        }
        Ok(spellings.answer(answer))
    }

    async fn search(&self, text: &str) -> Result<Vec<Instrument>, ProviderError> {
        let products = self.products.list(self.instruments()).await?;
        Ok(products::fitting(&products, text))
    }

    async fn history(&self, symbol: &Symbol, range: Range) -> Result<History, ProviderError> {
        let unknown = || ProviderError::UnknownSymbol { provider: DISPLAY_NAME, symbol: symbol.clone() };
        let pair = Pair::of(symbol, QUOTES).ok_or_else(unknown)?;
        let product = pair.symbol().ok_or_else(unknown)?;
        let now = clock::now();
        let plan = history::plan(range, now);
        let mut bars = Vec::new();
        for (start, end) in &plan.pages {
            let candles = format!("candles?granularity={}&start={start:.0}&end={end:.0}", plan.granularity);
            let page = decode::bars(&self.about(&product, &candles).await?, now);
            let page = page.map_err(|what| self.way.http.malformed(what))?;
            if page.is_empty() {
                break;
            }
            bars.extend(page);
        }
        Ok(EXCHANGE.history(symbol, &pair, (range, plan.interval), in_order(bars)))
    }

    async fn stream(&self, wanted: watch::Receiver<Arc<[Symbol]>>, ticks: TickSender) {
        self.way.stream(meaning, wanted, ticks).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn covers_real_money_and_no_share_classes() {
        let provider = CoinbaseProvider::new(&CoinbaseConfig::default(), &Network::default()).unwrap();
        let covers = |text: &str| provider.covers(&Symbol::parse(text).unwrap());
        assert!(["BTC-USD", "eth/eur", "SOL-GBP", "ETH-BTC", "BTC-USDC"].into_iter().all(covers));
        assert!(!["BRK-B", "BF-A", "AAPL", "BTC-TRY", "TRUMP27872-USD", "EURUSD=X"].into_iter().any(covers));
    }
}
