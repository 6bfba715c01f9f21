//! What the commands, the tray and the window share: the ways to the services, and who is looking.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bus::{Bus, Topic};
use market::{Edit, LogEdit, MuteFor, Preferences, PreferencesChange, Profile, StreamMessage, Symbol, UserName};
use quickstocks_server::{
    compose::{CertificateState, ListenerState, MqttListeners, MqttState, Services},
    config::BrokerSection,
    mqtt_stats::MqttStats,
    settings::SettingsFile,
};
use quote_engine::{cache, desk::DeskHandle, destinations::DestinationsHandle, feed::FeedHandle, secrets::Secrets};
use serde::{Deserialize, Serialize};
use tokio::{sync::watch, time::timeout};

use crate::{error::UiError, pages::Pages, quote_stream};

/// Top picks told at the most.
const TOP_PICKS_MAX: usize = 20;
/// How long trying keys may take; the settings do not wait longer.
const KEYS_MAX: Duration = Duration::from_secs(3);

/// What this program is and how it is doing.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct AppInfo {
    /// The program's version.
    pub version: String,
    /// Whose lists and alerts these are.
    pub user: UserName,
    /// What is asked for quotes, as configured.
    pub feed: String,
    /// How many seconds of a recording pass in a second, where one is played.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replay_speed: Option<f64>,
    /// The first levels of every topic.
    pub topic_root: String,
    /// Where the broker listens, for other programs; left out where it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mqtt_address: Option<String>,
    /// Why it does not listen, and what helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mqtt_problem: Option<String>,
    /// Its port, where another program has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mqtt_port_taken: Option<u16>,
    /// A port near it that is free.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mqtt_port_free: Option<u16>,
    /// Each listener that there is or should be.
    pub mqtt_listeners: Vec<ListenerState>,
    /// What those with TLS show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mqtt_certificate: Option<CertificateState>,
    /// What the user should know of the start, such as a file that was damaged.
    pub notices: Vec<String>,
    /// Whether this is the app and not a browser.
    pub desktop: bool,
}

/// What a click in the tray or on a notification asks the page to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type, tauri_specta::Event)]
#[serde(rename_all = "snake_case")]
pub enum Open {
    /// An instrument.
    Symbol(Symbol),
    /// The settings.
    Settings,
}

/// How the app starts again after its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// With everything that it has.
    AsItIs,
    /// Without charts and last quotes.
    WithoutCache,
}

/// One of the symbols most users follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct TopPick {
    /// What they follow.
    pub symbol: Symbol,
    /// How many do.
    pub followers: u32,
}

/// The keys that were tried last, and why they do not show the window.
#[derive(Debug, Default)]
struct Keys {
    tried: Option<String>,
    problem: Option<String>,
}

/// The running app.
#[derive(Debug)]
pub struct Desktop {
    user: UserName,
    data_dir: PathBuf,
    settings: Arc<SettingsFile>,
    for_now: bool,
    desk: DeskHandle,
    feed: FeedHandle,
    secrets: Arc<Secrets>,
    destinations: DestinationsHandle,
    replay_speed: Option<f64>,
    bus: Bus,
    broker: Option<broker::Broker>,
    mqtt: watch::Receiver<MqttState>,
    listeners: MqttListeners,
    notices: Vec<String>,
    feed_name: String,
    services: Mutex<Option<Services>>,
    pages: Pages,
    asked_for: Mutex<Option<Open>>,
    again: Mutex<Option<Again>>,
    keys: watch::Sender<Keys>,
}

impl Desktop {
    /// The app around services that run; `for_now`: its folder goes with it.
    pub fn new(services: Services, data_dir: PathBuf, settings: SettingsFile, for_now: bool) -> Self {
        Self {
            user: UserName::me(),
            data_dir,
            settings: Arc::new(settings),
            for_now,
            desk: services.desk.clone(),
            feed: services.feed.clone(),
            secrets: Arc::clone(&services.secrets),
            destinations: services.destinations.clone(),
            replay_speed: services.replay_speed,
            bus: services.bus.clone(),
            broker: services.broker.clone(),
            mqtt: services.mqtt.clone(),
            listeners: services.listeners.clone(),
            notices: services.notices.clone(),
            feed_name: services.feed_name.clone(),
            services: Mutex::new(Some(services)),
            pages: Pages::default(),
            asked_for: Mutex::default(),
            again: Mutex::default(),
            keys: watch::Sender::default(),
        }
    }

    /// Quotes, search, history.
    pub fn feed(&self) -> &FeedHandle {
        &self.feed
    }

    /// Where the user's alerts go beside the notification and the topic.
    pub fn destinations(&self) -> &DestinationsHandle {
        &self.destinations
    }

    /// The user's keys for providers.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Lists, alerts, preferences.
    pub fn desk(&self) -> &DeskHandle {
        &self.desk
    }

    /// Whose app it is.
    pub fn user(&self) -> &UserName {
        &self.user
    }

    /// The way to everything that is said.
    pub fn bus(&self) -> &Bus {
        &self.bus
    }

    /// Where everything is kept.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// What the window can set for the next start.
    pub fn settings(&self) -> &Arc<SettingsFile> {
        &self.settings
    }

    /// What this program is and how it is doing.
    pub fn info(&self) -> AppInfo {
        let mqtt = self.mqtt.borrow().clone();
        AppInfo {
            version: env!("CARGO_PKG_VERSION").into(),
            user: self.user.clone(),
            feed: self.feed_name.clone(),
            replay_speed: self.replay_speed,
            topic_root: self.bus.topics().root().into(),
            mqtt_address: mqtt.address().map(|at| at.to_string()),
            mqtt_problem: mqtt.problem().map(str::to_owned),
            mqtt_port_taken: mqtt.taken().map(|taken| taken.port),
            mqtt_port_free: mqtt.taken().and_then(|taken| taken.free),
            mqtt_listeners: mqtt.listeners,
            mqtt_certificate: mqtt.certificate,
            notices: self.notices.clone(),
            desktop: true,
        }
    }

    /// What the broker inside has counted.
    pub fn mqtt_stats(&self) -> Option<MqttStats> {
        self.broker.as_ref().map(MqttStats::of)
    }

    /// Listens for MQTT on this port, where the configured one is taken; how things are then.
    pub async fn use_mqtt_port(&self, port: u16) -> Result<AppInfo, UiError> {
        self.listeners.use_port(port).await.map_err(|error| UiError::unavailable(error.to_string()))?;
        Ok(self.info())
    }

    /// Listens for MQTT as these settings say from now on.
    pub async fn listen_as(&self, settings: &BrokerSection) {
        self.listeners.apply(settings).await;
    }

    /// The topic on which a symbol's quotes are published.
    pub fn quote_topic(&self, symbol: Symbol) -> String {
        self.bus.topics().format(&Topic::Quote(symbol))
    }

    /// The user's profile as it is now.
    pub fn profile(&self) -> Result<Profile, UiError> {
        Ok(self.desk.profile(&self.user)?)
    }

    /// Makes one change. When this returns, it has survived.
    pub async fn edit(&self, edit: Edit) -> Result<(), UiError> {
        self.desk.apply(&self.user, edit).await?;
        Ok(())
    }

    /// Delivers no alerts for a symbol, for as long as is asked for. When this returns, it has survived.
    pub async fn mute(&self, symbol: Symbol, how_long: MuteFor) -> Result<(), UiError> {
        self.desk.mute(&self.user, symbol, how_long).await?;
        Ok(())
    }

    /// Makes one change to the alert log. When this returns, it has survived.
    pub async fn edit_log(&self, edit: LogEdit) -> Result<(), UiError> {
        self.desk.edit_log(&self.user, edit).await?;
        Ok(())
    }

    /// The symbols most users follow, most followed first.
    pub fn top_picks(&self) -> Vec<TopPick> {
        let mut followers: HashMap<Symbol, u32> = HashMap::new();
        for account in self.desk.accounts().borrow().values() {
            let mut symbols: Vec<&Symbol> = account.profile.watchlists.iter().flat_map(|list| &list.symbols).collect();
            symbols.sort_unstable();
            symbols.dedup();
            for symbol in symbols {
                *followers.entry(symbol.clone()).or_default() += 1;
            }
        }
        let mut picks: Vec<_> =
            followers.into_iter().map(|(symbol, followers)| TopPick { symbol, followers }).collect();
        picks.sort_unstable_by(|a, b| b.followers.cmp(&a.followers).then_with(|| a.symbol.cmp(&b.symbol)));
        picks.truncate(TOP_PICKS_MAX);
        picks
    }

    /// Changes what is named of what the user chose; the whole of it afterwards.
    pub async fn change_preferences(&self, change: PreferencesChange) -> Result<Preferences, UiError> {
        Ok(self.desk.change_preferences(&self.user, change).await?)
    }

    /// Changes what the user chose; what else changes meanwhile stays.
    pub async fn choose(&self, change: impl FnOnce(&mut Preferences)) -> Result<(), UiError> {
        let before = self.profile()?.preferences;
        let mut after = before.clone();
        change(&mut after);
        self.change_preferences(PreferencesChange::between(&before, &after)).await.map(drop)
    }

    /// The pages of the windows.
    pub fn pages(&self) -> &Pages {
        &self.pages
    }

    /// Streams to the page of this window until it is gone or calls again: each page has one stream.
    pub fn stream_into(&self, label: &str, send: impl Fn(StreamMessage) -> bool + Send + Sync + 'static) {
        let (ended, visible) = (self.pages.gone(label), self.pages.visible(label));
        tokio::spawn(quote_stream::run(self.bus.clone(), self.user.clone(), visible, send, ended));
    }

    /// Remembers what a page that is still to come should show.
    pub fn ask_for(&self, what: Open) {
        *lock(&self.asked_for) = Some(what);
    }

    /// What a click asked for before the page was there; told once.
    pub fn asked_for(&self) -> Option<Open> {
        lock(&self.asked_for).take()
    }

    /// Why the chosen keys do not show the window, if so: as soon as they were tried.
    pub async fn shortcut_problem(&self) -> Result<Option<String>, UiError> {
        let chosen = self.profile()?.preferences.shortcut;
        let mut keys = self.keys.subscribe();
        let tried = timeout(KEYS_MAX, keys.wait_for(|keys| keys.tried == chosen)).await;
        Ok(tried.ok().and_then(Result::ok).and_then(|keys| keys.problem.clone()))
    }

    /// Remembers that for the settings.
    pub fn keys_tried(&self, tried: Option<String>, problem: Option<String>) {
        self.keys.send_replace(Keys { tried, problem });
    }

    /// Lets the end that follows be a new start.
    pub fn start_again(&self, again: Again) {
        *lock(&self.again) = Some(again);
    }

    /// Stops every service; what was acknowledged has been saved. Whether the app is to start again.
    pub async fn stop(&self) -> bool {
        self.pages.all_gone();
        let services = lock(&self.services).take();
        if let Some(services) = services {
            services.stop().await;
        }
        let again = lock(&self.again).take();
        if again == Some(Again::WithoutCache)
            && let Err(error) = cache::clear(&self.data_dir)
        {
            tracing::warn!(%error, "what was fetched is kept");
        }
        if self.for_now
            && let Err(error) = tokio::fs::remove_dir_all(&self.data_dir).await
        {
            tracing::debug!(%error, "a folder for the time being is left behind");
        }
        again.is_some()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics while it holds one of these.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
