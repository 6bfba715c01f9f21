//! Makes the providers that are configured.

use std::sync::Arc;

use quote_engine::{
    feed::Source,
    provider::{
        Provider, ecb::EcbProvider, finnhub::FinnhubProvider, settings::Network, simulated::SimulatedProvider,
        yahoo::YahooProvider,
    },
    secrets::Secrets,
};

use super::StartError;
use crate::config::{Config, FeedChoice, LiveProvider};

pub(super) fn source(config: &Config, secrets: &Arc<Secrets>) -> Result<Source, StartError> {
    Ok(match &config.feed.provider {
        FeedChoice::Auto => Source::Auto { live: yahoo(config)?, stand_in: simulated(config) },
        FeedChoice::Simulated => Source::Only(simulated(config)),
        // One at a time so far: the first of the list.
        FeedChoice::Live(live) => Source::Only(match live.first() {
            Some(LiveProvider::Finnhub) => finnhub(config, secrets)?,
            Some(LiveProvider::Ecb) => ecb(config)?,
            Some(LiveProvider::Yahoo) | None => yahoo(config)?,
        }),
    })
}

fn simulated(config: &Config) -> Arc<dyn Provider> {
    Arc::new(SimulatedProvider::new(config.provider.simulated))
}

fn yahoo(config: &Config) -> Result<Arc<dyn Provider>, StartError> {
    let provider = YahooProvider::new(&config.provider.yahoo, &network(config));
    Ok(Arc::new(provider.map_err(|error| StartError::Provider(format!("yahoo: {error}")))?))
}

/// Finnhub looks its key up when it is first asked: without one it refuses, and says so.
fn finnhub(config: &Config, secrets: &Arc<Secrets>) -> Result<Arc<dyn Provider>, StartError> {
    let provider = FinnhubProvider::new(&config.provider.finnhub, &network(config), Arc::clone(secrets));
    Ok(Arc::new(provider.map_err(|error| StartError::Provider(format!("finnhub: {error}")))?))
}

fn ecb(config: &Config) -> Result<Arc<dyn Provider>, StartError> {
    let provider = EcbProvider::new(&config.provider.ecb, &network(config));
    Ok(Arc::new(provider.map_err(|error| StartError::Provider(format!("ecb: {error}")))?))
}

/// The way out, the same for every provider.
fn network(config: &Config) -> Network {
    let proxy = Some(config.network.proxy.clone()).filter(|proxy| !proxy.is_empty());
    Network { proxy, trusted: Vec::new(), data_dir: Some(config.data_dir.clone()) }
}
