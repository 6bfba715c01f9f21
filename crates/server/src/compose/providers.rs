//! Makes the providers that are configured.

use std::sync::Arc;

use quote_engine::{
    feed::Source,
    provider::{
        Provider,
        simulated::SimulatedProvider,
        yahoo::{YahooConfig, YahooProvider},
    },
};

use super::StartError;
use crate::config::{Config, FeedChoice};

pub(super) fn source(config: &Config) -> Result<Source, StartError> {
    Ok(match &config.feed.provider {
        FeedChoice::Auto => Source::Auto { live: yahoo(config)?, stand_in: simulated(config) },
        FeedChoice::Simulated => Source::Only(simulated(config)),
        // One live provider so far: whatever the list, it is this one.
        FeedChoice::Live(_) => Source::Only(yahoo(config)?),
    })
}

fn simulated(config: &Config) -> Arc<dyn Provider> {
    Arc::new(SimulatedProvider::new(config.provider.simulated))
}

fn yahoo(config: &Config) -> Result<Arc<dyn Provider>, StartError> {
    let proxy = Some(config.network.proxy.clone()).filter(|proxy| !proxy.is_empty());
    let settings = YahooConfig { proxy, data_dir: Some(config.data_dir.clone()), ..config.provider.yahoo.clone() };
    let provider = YahooProvider::new(settings).map_err(|error| StartError::Provider(error.to_string()))?;
    Ok(Arc::new(provider))
}
