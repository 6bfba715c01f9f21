//! Keeps an eye on the broker inside: what has happened to it is told on its status and in the log. Must never touch it.

use std::time::Duration;

use broker::{Broker, Stats};
use bus::Bus;
use market::Timestamp;

use super::{Supervisor, presence::Presence};

/// How often is looked.
const LOOK: Duration = Duration::from_secs(1);

pub(super) fn start(broker: &Broker, bus: &Bus, presence: &Presence, supervisor: &Supervisor) {
    let (broker, bus, presence, shutdown) = (broker.clone(), bus.clone(), presence.clone(), supervisor.shutdown());
    supervisor.restarting("broker watch", move || {
        let (broker, bus, presence, shutdown) = (broker.clone(), bus.clone(), presence.clone(), shutdown.clone());
        async move {
            shutdown.run_until_cancelled(watch(&broker, &bus, &presence)).await;
        }
    });
}

async fn watch(broker: &Broker, bus: &Bus, presence: &Presence) {
    let mut looks = tokio::time::interval(LOOK);
    let mut rebuilt: Option<String> = None;
    let mut before = Stats::default();
    loop {
        looks.tick().await;
        let now = broker.stats();
        if now.router_rebuilds > before.router_rebuilds {
            rebuilt = Some(told_of_router(now.router_rebuilds, Timestamp::now()));
        }
        let beyond = (now.unfollowed > 0).then(|| told_of_following(now.unfollowed));
        if now.unfollowed > before.unfollowed {
            tracing::warn!("{}", beyond.as_deref().unwrap_or_default());
        }
        if (now.router_rebuilds, now.unfollowed) != (before.router_rebuilds, before.unfollowed) {
            let told: Vec<String> = rebuilt.iter().cloned().chain(beyond).collect();
            presence.note_of_broker(bus, told.join("; ")).await;
        }
        before = now;
    }
}

/// The broker itself writes it to the log.
fn told_of_router(times: u64, last: Timestamp) -> String {
    format!("the router was dead and has been built anew (times: {times}, the last one at {last:.0}); nothing was lost")
}

fn told_of_following(times: u64) -> String {
    let bounds = broker::Config::default();
    let (each, all) = (bounds.max_followed_each, bounds.max_followed);
    format!(
        "subscriptions beyond what may be followed ({each} topics a client, {all} in all) are read and fetch nothing (times: {times}); put symbols on a watchlist instead"
    )
}
