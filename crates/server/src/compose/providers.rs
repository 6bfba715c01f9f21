//! Makes the providers that are configured.

use std::sync::Arc;

use quote_engine::{
    feed::Source,
    provider::{
        Provider, replay::ReplayProvider, settings::Network, simulated::SimulatedProvider, yahoo::YahooProvider,
    },
};

use super::StartError;
use crate::config::{Config, FeedChoice};

pub(super) fn source(config: &Config) -> Result<Source, StartError> {
    Ok(match &config.feed.provider {
        FeedChoice::Auto => Source::Auto { live: yahoo(config)?, stand_in: simulated(config) },
        FeedChoice::Simulated => Source::Only(simulated(config)),
        FeedChoice::Live(_) if config.feed.provider.is_replay() => Source::Only(replay(config)?),
        // One live provider so far: whatever the list, it is this one.
        FeedChoice::Live(_) => Source::Only(yahoo(config)?),
    })
}

fn simulated(config: &Config) -> Arc<dyn Provider> {
    Arc::new(SimulatedProvider::new(config.provider.simulated))
}

fn yahoo(config: &Config) -> Result<Arc<dyn Provider>, StartError> {
    let provider = YahooProvider::new(&config.provider.yahoo, &network(config));
    Ok(Arc::new(provider.map_err(|error| StartError::Provider(format!("yahoo: {error}")))?))
}

fn replay(config: &Config) -> Result<Arc<dyn Provider>, StartError> {
    let provider = ReplayProvider::new(&config.provider.replay);
    Ok(Arc::new(provider.map_err(|error| StartError::Provider(format!("replay: {error}")))?))
}

/// The way out, the same for every provider.
fn network(config: &Config) -> Network {
    let proxy = Some(config.network.proxy.clone()).filter(|proxy| !proxy.is_empty());
    Network { proxy, trusted: Vec::new(), data_dir: Some(config.data_dir.clone()) }
}
