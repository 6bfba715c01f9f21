//! Says which services are there, and says offline when they go.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use bus::{Bus, Interest, Message, Status};
use market::Timestamp;
use sha2::{Digest as _, Sha256};

use super::Supervisor;

/// The services of one process.
#[derive(Debug, Clone)]
pub(super) struct Presence {
    instance: Arc<str>,
    since: Timestamp,
    online: Arc<Mutex<BTreeSet<&'static str>>>,
    /// What has happened to the broker.
    note: Arc<Mutex<Option<String>>>,
}

const BROKER: &str = "broker";
/// How long to wait until our own goodbye is heard.
const OFFLINE_HEARD: std::time::Duration = std::time::Duration::from_millis(500);

impl Presence {
    /// Named after the machine and the data folder, so that a restart is the same instance and two are never one.
    pub(super) fn new(data_dir: &Path) -> Self {
        let host = gethostname::gethostname();
        let folder = std::path::absolute(data_dir).unwrap_or_else(|_| data_dir.to_owned());
        let named = format!("{}\n{}", host.to_string_lossy(), folder.display());
        let instance = hex::encode(&Sha256::digest(named)[..4]);
        Self { instance: instance.into(), since: Timestamp::now(), online: Arc::default(), note: Arc::default() }
    }

    pub(super) fn instance(&self) -> &str {
        &self.instance
    }

    pub(super) fn status(&self, service: &str) -> Status {
        Status {
            service: service.into(),
            instance: self.instance.to_string(),
            online: true,
            since: self.since,
            version: crate::VERSION.into(),
            note: if service == BROKER { self.note().clone() } else { None },
        }
    }

    /// Says what has happened to the broker.
    pub(super) async fn note_of_broker(&self, bus: &Bus, note: String) {
        *self.note() = Some(note);
        self.publish(bus, self.status(BROKER)).await;
    }

    /// Says online, and again whenever a broker says otherwise of us: its last will after a lost connection.
    pub(super) fn start(&self, bus: &Bus, supervisor: &Supervisor, embedded: bool) {
        let mut services = BTreeSet::from(["engine", "desk", "dispatcher"]);
        if embedded {
            services.insert(BROKER);
        }
        *self.lock() = services;
        let (presence, bus, shutdown) = (self.clone(), bus.clone(), supervisor.shutdown());
        supervisor.restarting("presence", move || {
            let (presence, bus, shutdown) = (presence.clone(), bus.clone(), shutdown.clone());
            async move {
                tokio::select! {
                    () = shutdown.cancelled() => {}
                    () = presence.stand_up_for(&bus) => {}
                }
            }
        });
    }

    async fn stand_up_for(&self, bus: &Bus) {
        let mut heard = bus.subscribe(&[Interest::Statuses]).await;
        let online: Vec<&'static str> = self.lock().iter().copied().collect();
        for service in online {
            self.publish(bus, self.status(service)).await;
        }
        while let Some(message) = heard.recv().await {
            if let Message::Status(said) = message
                && !said.online
                && *said.instance == *self.instance
                && self.lock().contains(said.service.as_str())
            {
                self.publish(bus, self.status(&said.service)).await;
            }
        }
    }

    /// One more service is there.
    pub(super) async fn announce(&self, bus: &Bus, service: &'static str) {
        self.lock().insert(service);
        self.publish(bus, self.status(service)).await;
    }

    /// Says offline, and waits until it is heard: a broker in this process ends right after.
    pub(super) async fn say_offline(&self, bus: &Bus) {
        let mut heard = bus.subscribe(&[Interest::Statuses]).await;
        let mut leaving: BTreeSet<String> = std::mem::take(&mut *self.lock()).into_iter().map(str::to_owned).collect();
        for service in &leaving {
            self.publish(bus, self.status(service).offline(Timestamp::now())).await;
        }
        let all_heard = async {
            while !leaving.is_empty()
                && let Some(message) = heard.recv().await
            {
                if let Message::Status(said) = message
                    && !said.online
                    && *said.instance == *self.instance
                {
                    leaving.remove(&said.service);
                }
            }
        };
        if tokio::time::timeout(OFFLINE_HEARD, all_heard).await.is_err() {
            tracing::debug!("nobody confirms that we are offline");
        }
    }

    async fn publish(&self, bus: &Bus, status: Status) {
        if let Err(error) = bus.publish(&Message::Status(status)).await {
            tracing::warn!(%error, "status not published");
        }
    }

    fn note(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.note.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<&'static str>> {
        self.online.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
