//! What delivers alerts to users' destinations, as it is configured: part of the dispatcher's role.

use std::sync::Arc;

use bus::Bus;
use quote_engine::{
    desk::DeskHandle,
    destinations::{Courier, DestinationsHandle, Round},
    provider::settings::Keep,
    secrets::Secrets,
};

use super::{StartError, Supervisor, providers};
use crate::config::Config;

/// Starts it beside the dispatcher. One delivers from a data folder: a second one waits until the first has gone.
pub(super) fn start(
    config: &Config,
    languages: &[String],
    secrets: &Arc<Secrets>,
    bus: &Bus,
    desk: &DeskHandle,
    supervisor: &Supervisor,
) -> Result<DestinationsHandle, StartError> {
    let settings = config.for_destinations(providers::network(config, Keep::ReadOnly)?, languages.to_vec());
    let (round, handle) = Round::new(Courier::new(settings, Arc::clone(secrets)), desk.clone());
    let (bus, shutdown) = (bus.clone(), supervisor.shutdown());
    supervisor.restarting("destinations", move || round.clone().run(bus.clone(), shutdown.clone()));
    Ok(handle)
}
