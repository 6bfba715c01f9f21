//! There is one desk. The lock makes sure of that in a data folder; one with another folder is noticed on the bus, and the
//! one that came later stops. Must never stop the first.

use bus::{Bus, Interest, Message, Subscription};
use market::Timestamp;
use quote_engine::peers::BEAT;
use tokio::time::{Duration, Instant, sleep_until};

const DESK: &str = "desk";
/// The bus has told who is there once nothing came for this long.
const QUIET: Duration = Duration::from_millis(200);

/// Another desk, and the way to hear of one.
#[derive(Debug)]
pub(super) struct SoleDesk {
    heard: Subscription,
    me: String,
    since: Timestamp,
}

impl SoleDesk {
    pub(super) async fn listen(bus: &Bus, me: &str, since: Timestamp) -> Self {
        let heard = bus.subscribe(&[Interest::Statuses, Interest::Beats(DESK.into())]).await;
        Self { heard, me: me.into(), since }
    }

    /// The instance of a desk that is at work already, if there is one: it says so, and is alive.
    pub(super) async fn first_look(&mut self) -> Option<String> {
        let (mut is_told, start) = (false, Instant::now());
        let mut quiet_at = start + QUIET;
        loop {
            // Who is told to be there has time to give a sign: an old broker may only remember it.
            let until = if is_told { start + BEAT * 2 } else { quiet_at };
            tokio::select! {
                () = sleep_until(until) => return None,
                message = self.heard.recv() => match message? {
                    Message::Status(status) if status.service == DESK && status.instance != self.me => {
                        is_told |= status.online;
                    }
                    Message::Beat { instance, .. } if instance != self.me => return Some(instance),
                    _ => {}
                },
            }
            quiet_at = Instant::now() + QUIET;
        }
    }

    /// Waits until a desk is heard that was there before this one; its instance.
    pub(super) async fn another(&mut self) -> Option<String> {
        loop {
            if let Message::Beat { instance, since, .. } = self.heard.recv().await?
                && instance != self.me
                && (since, &instance) < (self.since, &self.me)
            {
                return Some(instance);
            }
        }
    }
}
