//! Says which services are there, that they are alive, and offline when they go.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use bus::{Bus, Interest, Message, Status};
use market::Timestamp;
use quote_engine::peers::BEAT;

use super::{Roles, Supervisor, instance::Instance};

/// The services of one process.
#[derive(Debug, Clone)]
pub(super) struct Presence {
    instance: Arc<Instance>,
    name: &'static str,
    since: Timestamp,
    online: Arc<Mutex<BTreeSet<&'static str>>>,
    /// What has happened to the broker.
    note: Arc<Mutex<Option<String>>>,
}

const BROKER: &str = "broker";
/// The service that the last will speaks of where a process has several: others go by it.
const ENGINE: &str = "engine";
/// How long to wait until our own goodbye is heard.
const OFFLINE_HEARD: std::time::Duration = std::time::Duration::from_millis(500);
/// Those that share their work with others of their kind, or must not have one.
const BEATING: [&str; 3] = [ENGINE, "desk", "dispatcher"];

impl Presence {
    pub(super) fn new(instance: Instance, roles: &Roles) -> Self {
        let (instance, since) = (Arc::new(instance), Timestamp::now());
        Self { instance, name: roles.name(), since, online: Arc::default(), note: Arc::default() }
    }

    pub(super) fn instance(&self) -> &str {
        &self.instance.name
    }

    /// Which of its kind it is in its data folder, from 1.
    pub(super) fn place(&self) -> usize {
        self.instance.place
    }

    pub(super) fn since(&self) -> Timestamp {
        self.since
    }

    /// What this process is called: on the broker, and where answers come to.
    pub(super) fn address(&self) -> String {
        format!("{}-{}", self.name, self.instance.name)
    }

    /// What the broker says when the connection is lost.
    pub(super) fn will(&self) -> Status {
        self.status(if self.name == "all" { ENGINE } else { self.name })
    }

    fn status(&self, service: &str) -> Status {
        Status {
            service: service.into(),
            instance: self.instance.name.clone(),
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

    /// Says online, and again whenever a broker says otherwise of us (its last will after a lost connection) or may have
    /// forgotten; and now and then that these are alive.
    pub(super) fn start(&self, bus: &Bus, supervisor: &Supervisor, services: impl Iterator<Item = &'static str>) {
        self.lock().extend(services);
        let (presence, bus, shutdown) = (self.clone(), bus.clone(), supervisor.shutdown());
        supervisor.restarting("presence", move || {
            let (presence, bus, shutdown) = (presence.clone(), bus.clone(), shutdown.clone());
            async move {
                shutdown.run_until_cancelled(presence.stand_up_for(&bus)).await;
            }
        });
    }

    async fn stand_up_for(&self, bus: &Bus) {
        let mut heard = bus.subscribe(&[Interest::Statuses]).await;
        let mut connection = bus.connection();
        let mut beats = tokio::time::interval(BEAT);
        connection.borrow_and_update();
        self.say_online(bus).await;
        loop {
            tokio::select! {
                Ok(()) = connection.changed() => self.say_online(bus).await,
                _ = beats.tick() => self.beat(bus).await,
                message = heard.recv() => match message {
                    Some(Message::Status(said)) if self.denies_us(&said) => {
                        self.publish(bus, self.status(&said.service)).await;
                    }
                    Some(_) => {}
                    None => return,
                },
            }
        }
    }

    fn denies_us(&self, said: &Status) -> bool {
        !said.online && said.instance == self.instance.name && self.lock().contains(said.service.as_str())
    }

    async fn say_online(&self, bus: &Bus) {
        let online: Vec<&'static str> = self.lock().iter().copied().collect();
        for service in online {
            self.publish(bus, self.status(service)).await;
        }
    }

    async fn beat(&self, bus: &Bus) {
        let beating: Vec<&'static str> = BEATING.into_iter().filter(|service| self.lock().contains(service)).collect();
        for service in beating {
            let instance = self.instance.name.clone();
            // The next one comes soon.
            let _ = bus.publish(&Message::Beat { service: service.into(), instance, since: self.since }).await;
        }
    }

    /// One more service is there.
    pub(super) async fn announce(&self, bus: &Bus, service: &'static str) {
        self.lock().insert(service);
        self.publish(bus, self.status(service)).await;
    }

    /// Says offline, and waits until it is heard: a broker in this process ends right after.
    pub(super) async fn say_offline(&self, bus: &Bus) {
        let leaving = std::mem::take(&mut *self.lock());
        if bus.connection().borrow().is_none() {
            return;
        }
        let mut heard = bus.subscribe(&[Interest::Statuses]).await;
        let mut leaving: BTreeSet<String> = leaving.into_iter().map(str::to_owned).collect();
        for service in &leaving {
            self.publish(bus, self.status(service).offline(Timestamp::now())).await;
        }
        let all_heard = async {
            while !leaving.is_empty()
                && let Some(message) = heard.recv().await
            {
                if let Message::Status(said) = message
                    && !said.online
                    && said.instance == self.instance.name
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
