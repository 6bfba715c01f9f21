//! What was last said about providers, for whoever asks instead of listening.

use std::{collections::BTreeMap, sync::Arc};

use bus::{Bus, Interest, Message};
use market::ProviderHealth;
use tokio::sync::watch;

use super::Supervisor;

/// Providers kept at the most. There are a handful; the rest would be somebody's mistake on the bus.
const PROVIDERS_MAX: usize = 100;

/// What was last said about providers.
#[derive(Debug, Clone)]
pub struct Latest {
    providers: watch::Receiver<Arc<BTreeMap<String, ProviderHealth>>>,
}

impl Latest {
    /// How each provider is doing.
    pub fn providers(&self) -> Vec<ProviderHealth> {
        self.providers.borrow().values().cloned().collect()
    }
}

pub(super) fn watch(bus: &Bus, supervisor: &Supervisor) -> Latest {
    let (said, providers) = watch::channel(Arc::default());
    let said = Arc::new(said);
    let (bus, shutdown) = (bus.clone(), supervisor.shutdown());
    supervisor.restarting("latest", move || {
        let (bus, said, shutdown) = (bus.clone(), Arc::clone(&said), shutdown.clone());
        async move {
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = listen(&bus, &said) => {}
            }
        }
    });
    Latest { providers }
}

async fn listen(bus: &Bus, said: &watch::Sender<Arc<BTreeMap<String, ProviderHealth>>>) {
    let mut heard = bus.subscribe(&[Interest::Providers]).await;
    while let Some(message) = heard.recv().await {
        if let Message::Provider(health) = message {
            said.send_modify(|known| {
                let known = Arc::make_mut(known);
                if known.len() < PROVIDERS_MAX || known.contains_key(&health.name) {
                    known.insert(health.name.clone(), health);
                }
            });
        }
    }
}
