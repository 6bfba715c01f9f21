//! Tells engines in other processes what the clients of the broker inside subscribe to by name.

use std::time::Duration;

use bus::{Bus, Message};

use super::Supervisor;

/// No more often than this, however many come and go.
const PACE: Duration = Duration::from_millis(250);

pub(super) fn start(bus: &Bus, supervisor: &Supervisor) {
    let (bus, shutdown) = (bus.clone(), supervisor.shutdown());
    supervisor.restarting("following", move || {
        let (bus, shutdown) = (bus.clone(), shutdown.clone());
        async move {
            shutdown.run_until_cancelled(tell(&bus)).await;
        }
    });
}

async fn tell(bus: &Bus) {
    let mut following = bus.following();
    loop {
        let now = (**following.borrow_and_update()).clone();
        if let Err(error) = bus.publish(&Message::Following(now)).await {
            tracing::warn!(%error, "engines elsewhere do not hear what is subscribed to");
        }
        tokio::time::sleep(PACE).await;
        if following.changed().await.is_err() {
            return;
        }
    }
}
