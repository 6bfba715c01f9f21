//! Makes the providers that are configured.

use std::sync::Arc;

use quote_engine::{
    feed::Source,
    provider::{
        Provider, replay::ReplayProvider, settings::Network, simulated::SimulatedProvider, yahoo::YahooProvider,
    },
};

use super::StartError;
use crate::config::{Config, FeedChoice, LiveProvider};

pub(super) fn source(config: &Config) -> Result<Source, StartError> {
    Ok(match &config.feed.provider {
        FeedChoice::Auto => Source::of(live(config, AUTO)?).with_stand_in(simulated(config)),
        FeedChoice::Simulated => Source::only(simulated(config)),
        FeedChoice::Live(chosen) => Source::of(live(config, chosen)?),
    })
}

/// Who is asked when nothing is chosen, the best for each kind of symbol first.
const AUTO: &[LiveProvider] = &[LiveProvider::Yahoo];

fn live(config: &Config, chosen: &[LiveProvider]) -> Result<Vec<Arc<dyn Provider>>, StartError> {
    chosen.iter().map(|provider| make(config, *provider)).collect()
}

/// Every provider there is, or why it cannot be made: whatever is chosen.
pub(crate) fn every_provider(
    config: &Config,
) -> impl Iterator<Item = (&'static str, Result<Arc<dyn Provider>, StartError>)> {
    LiveProvider::ALL.iter().map(|provider| (provider.name(), make(config, *provider)))
}

fn make(config: &Config, provider: LiveProvider) -> Result<Arc<dyn Provider>, StartError> {
    match provider {
        LiveProvider::Yahoo => yahoo(config),
        LiveProvider::Replay => replay(config),
    }
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
