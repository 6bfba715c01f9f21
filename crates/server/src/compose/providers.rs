//! Makes the providers that are configured.

use std::sync::Arc;

use quote_engine::{
    feed::Source,
    provider::{
        Provider,
        binance::BinanceProvider,
        coinbase::CoinbaseProvider,
        settings::{Network, ProviderConfigError},
        simulated::SimulatedProvider,
        yahoo::YahooProvider,
    },
};

use super::StartError;
use crate::config::{Config, FeedChoice, LiveProvider};

pub(super) fn source(config: &Config) -> Result<Source, StartError> {
    Ok(match &config.feed.provider {
        FeedChoice::Auto => Source::Auto { live: yahoo(config)?, stand_in: simulated(config) },
        FeedChoice::Simulated => Source::Only(simulated(config)),
        // One of them so far: the first.
        FeedChoice::Live(preferred) => match preferred.first() {
            Some(LiveProvider::Binance) => Source::Only(binance(config)?),
            Some(LiveProvider::Coinbase) => Source::Only(coinbase(config)?),
            Some(LiveProvider::Yahoo) | None => Source::Only(yahoo(config)?),
        },
    })
}

fn simulated(config: &Config) -> Arc<dyn Provider> {
    Arc::new(SimulatedProvider::new(config.provider.simulated))
}

fn yahoo(config: &Config) -> Result<Arc<dyn Provider>, StartError> {
    made("yahoo", YahooProvider::new(&config.provider.yahoo, &network(config)))
}

fn binance(config: &Config) -> Result<Arc<dyn Provider>, StartError> {
    made("binance", BinanceProvider::new(&config.provider.binance, &network(config)))
}

fn coinbase(config: &Config) -> Result<Arc<dyn Provider>, StartError> {
    made("coinbase", CoinbaseProvider::new(&config.provider.coinbase, &network(config)))
}

fn made<P: Provider + 'static>(
    name: &str,
    provider: Result<P, ProviderConfigError>,
) -> Result<Arc<dyn Provider>, StartError> {
    Ok(Arc::new(provider.map_err(|error| StartError::Provider(format!("{name}: {error}")))?))
}

/// The way out, the same for every provider.
fn network(config: &Config) -> Network {
    let proxy = Some(config.network.proxy.clone()).filter(|proxy| !proxy.is_empty());
    Network { proxy, trusted: Vec::new(), data_dir: Some(config.data_dir.clone()) }
}
