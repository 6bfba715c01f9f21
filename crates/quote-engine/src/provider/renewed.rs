//! An HTTP client that is made anew once the machine has slept: the connections it kept are dead by then and do not say
//! so, and every request on them would run into its time-out.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use reqwest::Client;

use super::settings::ProviderConfigError;
use crate::clock_watch::ClockWatch;

type Make = dyn Fn() -> Result<Client, ProviderConfigError> + Send + Sync;

/// The client of the day, and how to make another.
pub(super) struct Renewed {
    make: Box<Make>,
    current: Mutex<(Client, ClockWatch)>,
}

impl fmt::Debug for Renewed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renewed").finish_non_exhaustive()
    }
}

impl Renewed {
    /// Makes the first one.
    pub(super) fn new(
        make: impl Fn() -> Result<Client, ProviderConfigError> + Send + Sync + 'static,
    ) -> Result<Self, ProviderConfigError> {
        let current = Mutex::new((make()?, ClockWatch::start()));
        Ok(Self { make: Box::new(make), current })
    }

    /// A client without dead connections.
    pub(super) fn client(&self) -> Client {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let (client, clock) = &mut *current;
        if clock.went_apart()
            && let Ok(fresh) = (self.make)()
        {
            *client = fresh;
        }
        client.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    #[test]
    fn a_client_lasts_until_the_machine_sleeps() {
        let made = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&made);
        let renewed = Renewed::new(move || {
            count.fetch_add(1, Ordering::Relaxed);
            Ok(Client::new())
        })
        .unwrap();
        renewed.client();
        assert_eq!(made.load(Ordering::Relaxed), 1);
        renewed.current.lock().unwrap().1.turn_back(std::time::Duration::from_secs(600));
        renewed.client();
        renewed.client();
        assert_eq!(made.load(Ordering::Relaxed), 2, "once for each sleep");
    }
}
