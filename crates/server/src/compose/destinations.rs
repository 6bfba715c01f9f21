//! What delivers alerts to users' destinations, as it is configured: part of the dispatcher's role.

use std::sync::Arc;

use quote_engine::{
    desk::DeskHandle,
    destinations::{Courier, DestinationsHandle, Round},
    provider::settings::{Keep, Share},
    secrets::Secrets,
};

use super::{Role, StartError, providers, roles::Ground};

/// Starts it beside the dispatcher, where that is here. Elsewhere the handle still lists, keeps secrets and tests.
pub(super) fn start(
    ground: &Ground<'_>,
    desk: &DeskHandle,
    secrets: &Arc<Secrets>,
    languages: &[String],
) -> Result<DestinationsHandle, StartError> {
    let network = providers::network(ground.config, Keep::ReadOnly, &Share::default())?;
    let settings = ground.config.for_destinations(network, languages.to_vec());
    let (round, handle) = Round::new(Courier::new(settings, Arc::clone(secrets)), desk.clone());
    if ground.roles.has(Role::Dispatcher) {
        let round = round.sharing(ground.watch_peers(Role::Dispatcher, true));
        let (bus, shutdown) = (ground.bus.clone(), ground.supervisor.shutdown());
        ground.supervisor.restarting("destinations", move || round.clone().run(bus.clone(), shutdown.clone()));
    }
    Ok(handle)
}
