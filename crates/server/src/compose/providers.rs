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
        settings::{Keep, Network, ProviderConfigError, Share},
        simulated::SimulatedProvider,
        yahoo::YahooProvider,
    },
    secrets::Secrets,
};

use super::StartError;
use crate::config::{Config, FeedChoice, LiveProvider};

pub(super) fn source(config: &Config, secrets: &Arc<Secrets>, keep: Keep, share: &Share) -> Result<Source, StartError> {
    let network = &network(config, keep, share)?;
    let source = match &config.feed.provider {
        FeedChoice::Auto => {
            Source::of(live(config, LiveProvider::AUTO, secrets, network)?).with_stand_in(simulated(config))
        }
        FeedChoice::Simulated => Source::only(simulated(config)),
        FeedChoice::Live(chosen) => Source::of(live(config, chosen, secrets, network)?),
    };
    Ok(source.preferring(config.feed.prefer.preferences()))
}

fn live(
    config: &Config,
    chosen: &[LiveProvider],
    secrets: &Arc<Secrets>,
    network: &Network,
) -> Result<Vec<Arc<dyn Provider>>, StartError> {
    chosen.iter().map(|provider| make(config, *provider, secrets, network)).collect()
}

/// Every provider there is, or why it cannot be made: whatever is chosen. They leave the data folder as it is.
pub(crate) fn every_provider(
    config: &Config,
    secrets: &Arc<Secrets>,
) -> impl Iterator<Item = (&'static str, Result<Arc<dyn Provider>, StartError>)> {
    let network = || network(config, Keep::ReadOnly, &Share::default());
    let made = move |provider: &LiveProvider| {
        (provider.name(), network().and_then(|network| make(config, *provider, secrets, &network)))
    };
    LiveProvider::ALL.iter().map(made)
}

fn make(
    config: &Config,
    provider: LiveProvider,
    secrets: &Arc<Secrets>,
    network: &Network,
) -> Result<Arc<dyn Provider>, StartError> {
    let settings = &config.provider;
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
pub(super) fn network(config: &Config, keep: Keep, share: &Share) -> Result<Network, StartError> {
    let proxy = Some(config.network.proxy.clone()).filter(|proxy| !proxy.is_empty());
    let network =
        Network { proxy, trusted: Vec::new(), data_dir: Some(config.data_dir.clone()), keep, share: share.clone() };
    if config.network.ca_file.as_os_str().is_empty() {
        return Ok(network);
    }
    network.trusting(&config.network.ca_file).map_err(|error| StartError::Provider(format!("network.{error}")))
}
