//! What systemd is told of the daemon: that it is ready, that it ends, and that it is still alive. It must never fail: where
//! nobody listens, nothing is said.

#[cfg(target_os = "linux")]
use sd_notify::NotifyState;

/// The services are connected and listening.
pub(crate) fn ready() {
    #[cfg(target_os = "linux")]
    tell(NotifyState::Ready);
}

/// The services are being stopped.
pub(crate) fn stopping() {
    #[cfg(target_os = "linux")]
    tell(NotifyState::Stopping);
}

/// Says at regular times that the runtime still gets its turns, if the unit has a `WatchdogSec`.
pub(crate) async fn alive() {
    #[cfg(target_os = "linux")]
    if let Some(within) = sd_notify::watchdog_enabled() {
        let mut turns = tokio::time::interval(within / 2);
        loop {
            turns.tick().await;
            tell(NotifyState::Watchdog);
        }
    }
    std::future::pending::<()>().await;
}

#[cfg(target_os = "linux")]
fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::debug!(%error, "systemd was not reached");
    }
}
