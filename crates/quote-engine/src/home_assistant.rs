//! Home Assistant: announces what is followed and whose alerts may fire, so that both are there by themselves.
//!
//! Each symbol is a sensor with a retained announcement of its own, which is withdrawn when nobody follows it any more.
//! It never fetches, and what Home Assistant asks for because it was announced is no reason to announce it. A price
//! that is made up and only stands in is never announced.

mod announcement;
mod ledger;
mod wanted;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use bus::{Bus, Component, Interest, Message, Topic, Unread};
use market::{Quote, Symbol, UserName};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use self::{
    announcement::{Announcer, Traits},
    ledger::Ledger,
    wanted::Wanted,
};
use crate::store::Accounts;

/// How often is looked what has become due.
const TICK: Duration = Duration::from_secs(1);
/// Everything is announced again no more often than this, however often somebody says that Home Assistant is there.
const AGAIN_PACE: Duration = Duration::from_secs(5);
/// Announced at once when everything is.
const HANDFUL: usize = 256;
/// How often a symbol's currency and digits are looked at again.
const RECHECK: Duration = Duration::from_secs(60);

/// What the service is told at its start.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct HomeAssistantConfig {
    /// Whether anything is announced. If not, what was announced before is withdrawn.
    pub enabled: bool,
    /// Followed whatever the users do.
    pub symbols: BTreeSet<Symbol>,
    /// Whether made-up prices are announced: where the user chose them, not where they stand in.
    pub simulated: bool,
    /// Which instance of the services stands behind what is announced.
    pub instance: String,
    /// Whether it is the desk alone, and nothing is known of the others' instances.
    pub is_alone: bool,
    /// Whether the broker is one of them. It then forgets what it keeps when it ends.
    pub own_broker: bool,
    /// The program's version.
    pub version: &'static str,
    /// Where is written down what was announced.
    pub data_dir: PathBuf,
}

/// Whether something was announced in this data folder and not yet withdrawn.
pub fn has_announced(data_dir: &std::path::Path) -> bool {
    Ledger::is_there(data_dir)
}

/// Announces and withdraws.
#[derive(Debug)]
pub struct HomeAssistant {
    bus: Bus,
    announcer: Announcer,
    config: HomeAssistantConfig,
    wanted: Wanted,
    /// The newest of each symbol, as it came: thousands may come a second, and few are ever read.
    quotes: HashMap<Symbol, Unread>,
    /// Symbols whose newest quote was looked at lately.
    checked: HashSet<Symbol>,
    sensors: BTreeMap<Symbol, Traits>,
    users: BTreeSet<UserName>,
    ledger: Ledger,
    /// Home Assistant is there, and hears what is withdrawn.
    is_there: bool,
    /// It has come, and is yet to be told everything again.
    has_come: bool,
    again_at: Instant,
    recheck_at: Instant,
    /// Until then may still come back what was followed before the start.
    settled_at: Option<Instant>,
}

impl HomeAssistant {
    /// A service that has not said anything yet.
    pub fn new(config: HomeAssistantConfig, bus: Bus) -> Self {
        let now = Instant::now();
        Self {
            announcer: Announcer::new(bus.topics().clone(), &config),
            wanted: Wanted::new(if config.enabled { config.symbols.clone() } else { BTreeSet::new() }),
            quotes: HashMap::new(),
            checked: HashSet::new(),
            sensors: BTreeMap::new(),
            users: BTreeSet::new(),
            ledger: Ledger::open(&config.data_dir),
            is_there: false,
            has_come: false,
            again_at: now,
            recheck_at: now + RECHECK,
            settled_at: Some(now + wanted::GRACE),
            bus,
            config,
        }
    }

    /// Announces until `shutdown`. `accounts` says what the users follow.
    pub async fn run(mut self, mut accounts: watch::Receiver<Arc<Accounts>>, shutdown: CancellationToken) {
        if !self.config.enabled {
            return self.withdraw_all(shutdown).await;
        }
        let mut heard = self.bus.subscribe(&[Interest::HomeAssistant, Interest::Quotes]).await;
        let mut following = self.bus.following();
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.wanted.set_asked(&following.borrow_and_update().unprompted, Instant::now());
        let now = Arc::clone(&accounts.borrow_and_update());
        self.take_in_accounts(&now).await;
        loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                Ok(()) = accounts.changed() => {
                    let now = Arc::clone(&accounts.borrow_and_update());
                    self.take_in_accounts(&now).await;
                }
                Ok(()) = following.changed() => {
                    self.wanted.set_asked(&following.borrow_and_update().unprompted, Instant::now());
                    self.settle().await;
                }
                _ = ticks.tick() => self.tick().await,
                heard = heard.recv_unread() => match heard {
                    Some(heard) => self.hear(heard).await,
                    None => break,
                },
            }
        }
        self.ledger.save();
    }

    /// Takes back what an earlier start announced, until Home Assistant has heard of it.
    async fn withdraw_all(mut self, shutdown: CancellationToken) {
        let mut heard = self.bus.subscribe(&[Interest::HomeAssistant]).await;
        loop {
            self.withdraw_leftovers().await;
            self.ledger.save();
            let heard = tokio::select! {
                () = shutdown.cancelled() => return,
                heard = heard.recv(), if !self.ledger.is_empty() => heard,
            };
            match heard {
                Some(Message::HomeAssistant(is_there)) => self.is_there = is_there,
                Some(_) => {}
                None => return,
            }
        }
    }

    async fn take_in_accounts(&mut self, accounts: &Accounts) {
        self.wanted.set_users(accounts);
        let gone: Vec<UserName> = self.users.iter().filter(|user| !accounts.contains_key(*user)).cloned().collect();
        for user in gone {
            self.users.remove(&user);
            self.withdraw(Component::Event, self.announcer.alerts_id(&user)).await;
        }
        for user in accounts.keys() {
            if self.users.insert(user.clone()) {
                self.announce(self.alerts(user)).await;
            }
        }
        self.settle().await;
    }

    /// Announces what has come to be wanted, and withdraws what nobody wants any more.
    async fn settle(&mut self) {
        let gone: Vec<Symbol> = self.sensors.keys().filter(|symbol| !self.wanted.has(symbol)).cloned().collect();
        for symbol in gone {
            self.sensors.remove(&symbol);
            self.withdraw(Component::Sensor, self.announcer.sensor_id(&symbol)).await;
        }
        let new: Vec<Symbol> = self.wanted.all().filter(|s| !self.sensors.contains_key(*s)).cloned().collect();
        for symbol in new {
            self.look_at(&symbol).await;
        }
    }

    async fn hear(&mut self, heard: Unread) {
        match heard.topic() {
            Topic::HomeAssistant => {
                if let Some(Message::HomeAssistant(is_there)) = heard.read() {
                    (self.is_there, self.has_come) = (is_there, is_there);
                    self.announce_again_if_due().await;
                }
            }
            Topic::Quote(symbol) => {
                let symbol = symbol.clone();
                if heard.is_gone() {
                    self.quotes.remove(&symbol);
                    return;
                }
                self.quotes.insert(symbol.clone(), heard);
                let is_new = !self.sensors.contains_key(&symbol);
                if self.wanted.has(&symbol) && (self.checked.insert(symbol.clone()) || is_new) {
                    self.look_at(&symbol).await;
                }
            }
            _ => {}
        }
    }

    /// Announces a symbol that is wanted, where it was not announced as what its newest quote says.
    async fn look_at(&mut self, symbol: &Symbol) {
        let Some(Message::Quote(quote)) = self.quotes.get(symbol).and_then(Unread::read) else { return };
        let traits = Traits::of(&quote);
        if !self.is_real(&quote) || self.sensors.get(symbol) == Some(&traits) {
            return;
        }
        let what = self.sensor(symbol, &traits);
        self.sensors.insert(symbol.clone(), traits);
        self.announce(what).await;
    }

    fn is_real(&self, quote: &Quote) -> bool {
        self.config.simulated || !quote.is_simulated()
    }

    async fn tick(&mut self) {
        let now = Instant::now();
        if self.wanted.expire(now) {
            self.settle().await;
        }
        if now >= self.recheck_at {
            self.recheck_at = now + RECHECK;
            self.checked.clear();
        }
        if self.settled_at.take_if(|at| now >= *at).is_some() {
            self.withdraw_leftovers().await;
        }
        self.announce_again_if_due().await;
        self.ledger.save();
    }

    /// Home Assistant has come: it is told everything again, and what it may have missed.
    async fn announce_again_if_due(&mut self) {
        let now = Instant::now();
        if !self.has_come || now < self.again_at {
            return;
        }
        (self.has_come, self.again_at) = (false, now + AGAIN_PACE);
        if self.settled_at.is_none() {
            self.withdraw_leftovers().await;
        }
        let sensors: Vec<(Symbol, Traits)> =
            self.sensors.iter().map(|(s, traits)| (s.clone(), traits.clone())).collect();
        for some in sensors.chunks(HANDFUL) {
            let told: Vec<Message> = some.iter().map(|(symbol, traits)| self.sensor(symbol, traits)).collect();
            report(self.bus.publish_all(told).await);
        }
        let alerts: Vec<Message> = self.users.iter().map(|user| self.alerts(user)).collect();
        report(self.bus.publish_all(alerts).await);
    }

    fn sensor(&self, symbol: &Symbol, traits: &Traits) -> Message {
        let (id, what) = (self.announcer.sensor_id(symbol), self.announcer.sensor(symbol, traits));
        Message::Announcement(Component::Sensor, id, what)
    }

    fn alerts(&self, user: &UserName) -> Message {
        Message::Announcement(Component::Event, self.announcer.alerts_id(user), self.announcer.alerts(user))
    }

    async fn announce(&mut self, what: Message) {
        if let Message::Announcement(component, id, _) = &what {
            self.ledger.note(*component, id);
        }
        report(self.bus.publish(&what).await);
    }

    async fn withdraw(&mut self, component: Component, id: String) {
        if self.is_heard() {
            self.ledger.forget(component, &id);
        }
        report(self.bus.publish(&Message::AnnouncementGone(component, id)).await);
    }

    /// Whether Home Assistant hears now, or will, that something is gone: a broker elsewhere keeps nothing of it.
    fn is_heard(&self) -> bool {
        self.is_there || !self.config.own_broker
    }

    /// Withdraws what was announced some time and is not now.
    async fn withdraw_leftovers(&mut self) {
        let sensors = self.sensors.keys().map(|symbol| (Component::Sensor, self.announcer.sensor_id(symbol)));
        let wanted = self.wanted.all().map(|symbol| (Component::Sensor, self.announcer.sensor_id(symbol)));
        let alerts = self.users.iter().map(|user| (Component::Event, self.announcer.alerts_id(user)));
        let present: HashSet<(Component, String)> = sensors.chain(wanted).chain(alerts).collect();
        for (component, id) in self.ledger.all_but(&present) {
            self.withdraw(component, id).await;
        }
    }
}

fn report(outcome: Result<(), bus::Error>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, "not told to Home Assistant");
    }
}
