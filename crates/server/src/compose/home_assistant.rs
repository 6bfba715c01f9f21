//! Home Assistant's announcements, as they are configured: made while the setting is on, and taken back once it is off.

use bus::Bus;
use quote_engine::{
    desk::DeskHandle,
    home_assistant::{self, HomeAssistant, HomeAssistantConfig},
};

use super::Supervisor;
use crate::config::{Config, FeedChoice};

/// Whether there is something to announce or to take back.
pub(super) fn is_needed(config: &Config) -> bool {
    config.broker.home_assistant || home_assistant::has_announced(&config.data_dir)
}

pub(super) fn start(
    config: &Config,
    instance: &str,
    is_alone: bool,
    bus: &Bus,
    desk: &DeskHandle,
    supervisor: &Supervisor,
) {
    if !is_needed(config) {
        return;
    }
    let settings = HomeAssistantConfig {
        enabled: config.broker.home_assistant,
        symbols: config.feed.symbols.clone(),
        simulated: config.feed.provider == FeedChoice::Simulated,
        instance: instance.to_owned(),
        own_broker: bus.is_here(),
        is_alone,
        version: crate::VERSION,
        data_dir: config.data_dir.clone(),
    };
    let (bus, desk, shutdown) = (bus.clone(), desk.clone(), supervisor.shutdown());
    supervisor.restarting("home assistant", move || {
        HomeAssistant::new(settings.clone(), bus.clone()).run(desk.accounts(), shutdown.clone())
    });
}
