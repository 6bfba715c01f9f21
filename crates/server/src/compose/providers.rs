//! Makes the providers that are configured.

use std::sync::Arc;

use quote_engine::{
    feed::Source,
    provider::{
        Provider,
        binance::BinanceProvider,
        coinbase::CoinbaseProvider,
        ecb::EcbProvider,
        finnhub::FinnhubProvider,
        replay::ReplayProvider,
        settings::{Keep, Network, ProviderConfigError},
        simulated::SimulatedProvider,
        yahoo::YahooProvider,
    },
    secrets::Secrets,
};

use super::StartError;
use crate::config::{Config, FeedChoice, LiveProvider};

pub(super) fn source(config: &Config, secrets: &Arc<Secrets>, keep: Keep) -> Result<Source, StartError> {
    let source = match &config.feed.provider {
        FeedChoice::Auto => {
            Source::of(live(config, LiveProvider::AUTO, secrets, keep)?).with_stand_in(simulated(config))
        }
        FeedChoice::Simulated => Source::only(simulated(config)),
        FeedChoice::Live(chosen) => Source::of(live(config, chosen, secrets, keep)?),
    };
    Ok(source.preferring(config.feed.prefer.preferences()))
}

fn live(
    config: &Config,
    chosen: &[LiveProvider],
    secrets: &Arc<Secrets>,
    keep: Keep,
) -> Result<Vec<Arc<dyn Provider>>, StartError> {
    chosen.iter().map(|provider| make(config, *provider, secrets, keep)).collect()
}

/// Every provider there is, or why it cannot be made: whatever is chosen. They leave the data folder as it is.
pub(crate) fn every_provider(
    config: &Config,
    secrets: &Arc<Secrets>,
) -> impl Iterator<Item = (&'static str, Result<Arc<dyn Provider>, StartError>)> {
    LiveProvider::ALL.iter().map(|provider| (provider.name(), make(config, *provider, secrets, Keep::ReadOnly)))
}

fn make(
    config: &Config,
    provider: LiveProvider,
    secrets: &Arc<Secrets>,
    keep: Keep,
) -> Result<Arc<dyn Provider>, StartError> {
    let (settings, network) = (&config.provider, &network(config, keep)?);
    match provider {
        LiveProvider::Yahoo => made("yahoo", YahooProvider::new(&settings.yahoo, network)),
        LiveProvider::Binance => made("binance", BinanceProvider::new(&settings.binance, network)),
        LiveProvider::Coinbase => made("coinbase", CoinbaseProvider::new(&settings.coinbase, network)),
        // It looks its key up when it is first asked: without one it refuses, and says so.
        LiveProvider::Finnhub => made("finnhub", FinnhubProvider::new(&settings.finnhub, network, Arc::clone(secrets))),
        LiveProvider::Ecb => made("ecb", EcbProvider::new(&settings.ecb, network)),
        LiveProvider::Replay => made("replay", ReplayProvider::new(&settings.replay)),
    }
}

fn made<P: Provider + 'static>(
    name: &str,
    provider: Result<P, ProviderConfigError>,
) -> Result<Arc<dyn Provider>, StartError> {
    Ok(Arc::new(provider.map_err(|error| StartError::Provider(format!("{name}: {error}")))?))
}

fn simulated(config: &Config) -> Arc<dyn Provider> {
    Arc::new(SimulatedProvider::new(config.provider.simulated))
}

/// The way out, the same for every provider.
pub(super) fn network(config: &Config, keep: Keep) -> Result<Network, StartError> {
    let proxy = Some(config.network.proxy.clone()).filter(|proxy| !proxy.is_empty());
    let network = Network { proxy, trusted: Vec::new(), data_dir: Some(config.data_dir.clone()), keep };
    if config.network.ca_file.as_os_str().is_empty() {
        return Ok(network);
    }
    network.trusting(&config.network.ca_file).map_err(|error| StartError::Provider(format!("network.{error}")))
}
