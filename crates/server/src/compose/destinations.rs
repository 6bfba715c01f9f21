//! What delivers alerts to users' destinations, as it is configured: part of the dispatcher's role. Whoever else asks about
//! destinations is told what stands in the accounts.

use std::sync::Arc;

use quote_engine::{
    desk::DeskHandle,
    destinations::{Courier, DestinationsHandle, Round},
    provider::settings::{Keep, Share},
    secrets::Secrets,
};

use super::{Role, StartError, providers, roles::Ground};

/// The way to the round, which runs here where the dispatcher does: one from each data folder, a further dispatcher's from
/// a folder of its own.
pub(super) fn of(
    ground: &Ground<'_>,
    languages: &[String],
    secrets: &Arc<Secrets>,
    desk: &DeskHandle,
) -> Result<DestinationsHandle, StartError> {
    let network = providers::network(ground.config, Keep::ReadOnly, &Share::default())?;
    let mut settings = ground.config.for_destinations(network, languages.to_vec());
    if ground.presence.place() > 1 {
        settings.data_dir = settings.data_dir.join(format!("dispatcher-{}", ground.presence.place()));
    }
    let peers = ground.watch_peers(Role::Dispatcher, ground.roles.has(Role::Dispatcher));
    let (round, handle) = Round::new(Courier::new(settings, Arc::clone(secrets)), desk.clone(), peers);
    if ground.roles.has(Role::Dispatcher) {
        let (bus, shutdown) = (ground.bus.clone(), ground.supervisor.shutdown());
        ground.supervisor.restarting("destinations", move || round.clone().run(bus.clone(), shutdown.clone()));
    }
    Ok(handle)
}
