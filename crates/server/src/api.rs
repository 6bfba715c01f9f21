//! REST, the live stream and the web page. Keeps no state but logins; every change goes to the desk and is answered
//! when it is saved.

mod alert_log;
mod alerts;
mod auth;
mod body;
mod destinations;
mod document;
mod etag;
mod files;
mod guard;
mod keys;
mod legacy;
mod limits;
mod listen;
mod lists;
mod live;
mod login;
mod market_data;
mod overview;
mod params;
mod peer;
mod problem;
mod push;
mod reference;
mod sessions;
mod shapes;
mod ui;
mod users;
mod watchlists;

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use axum::{Router, extract::DefaultBodyLimit, http::StatusCode, middleware};
use broker::Tls;
use bus::Bus;
use market::UserName;
use quote_engine::{desk::DeskHandle, destinations::DestinationsHandle, feed::FeedHandle, secrets::Secrets};
use tokio::{net::TcpListener, sync::Semaphore, sync::watch};
use tokio_util::sync::CancellationToken;
use tower_http::timeout::TimeoutLayer;
use utoipa::OpenApi as _;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Config, MqttState, Services, StartError,
    compose::{
        Latest,
        certificate::{self, Certificate, Files},
        listener_problem,
    },
};
use sessions::Sessions;

/// Where every path begins.
pub const PREFIX: &str = "/api/v1";
/// Bytes of a body at the most.
const BODY_MAX: usize = 64 * 1024;
/// Bytes of a watchlist at the most: as many symbols as it may hold, each as long as it may be.
const LIST_BODY_MAX: usize = 1 << 20;
/// Bytes of a body with a file in it at the most: as JSON it has twice those of the file, or fewer.
const IMPORT_BODY_MAX: usize = 2 * market::portable::IMPORT_BYTES_MAX;
/// How long an answer may take.
const ANSWER_TIME_OUT: Duration = Duration::from_secs(20);
/// Streams open at once at the most.
const STREAMS_MAX: usize = 256;

pub use ui::find as find_ui;

/// What the handlers stand on. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct ApiState(Arc<Shared>);

impl std::ops::Deref for ApiState {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

pub(crate) struct Shared {
    desk: DeskHandle,
    feed: FeedHandle,
    destinations: DestinationsHandle,
    bus: Bus,
    broker: Option<broker::Broker>,
    mqtt: watch::Receiver<MqttState>,
    latest: Latest,
    failed: watch::Receiver<Option<&'static str>>,
    notices: Vec<String>,
    feed_name: String,
    replay_speed: Option<f64>,
    secrets: Arc<Secrets>,
    elsewhere: Option<bus::Whereabouts>,
    hosts: BTreeSet<String>,
    trusted_proxies: BTreeSet<IpAddr>,
    sessions: Sessions,
    limits: limits::Limits,
    streams: Arc<Semaphore>,
    requests: AtomicU64,
    shutdown: CancellationToken,
}

impl ApiState {
    fn new(services: &Services, config: &Config) -> Self {
        Self(Arc::new(Shared {
            desk: services.desk.clone(),
            feed: services.feed.clone(),
            destinations: services.destinations.clone(),
            bus: services.bus.clone(),
            broker: services.broker.clone(),
            mqtt: services.mqtt.clone(),
            latest: services.latest.clone(),
            failed: services.failed_service(),
            notices: services.notices.clone(),
            feed_name: services.feed_name.clone(),
            replay_speed: services.replay_speed,
            secrets: Arc::clone(&services.secrets),
            elsewhere: services.elsewhere.clone(),
            hosts: config.api.hosts.iter().map(|host| host.to_ascii_lowercase()).collect(),
            trusted_proxies: config.api.trusted_proxies.clone(),
            sessions: Sessions::default(),
            limits: limits::Limits::default(),
            streams: Arc::new(Semaphore::new(STREAMS_MAX)),
            requests: AtomicU64::new(0),
            shutdown: services.shutdown(),
        }))
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("feed_name", &self.feed_name).finish_non_exhaustive()
    }
}

impl Shared {
    /// Where MQTT clients connect: the listener inside, or the broker elsewhere.
    fn mqtt_address(&self) -> Option<String> {
        if let Some(find) = &self.elsewhere {
            return find().map(|at| at.url);
        }
        self.mqtt.borrow().address().map(|addr| format!("mqtt://{addr}"))
    }
}

/// The REST interface, listening.
#[derive(Debug)]
pub struct Api {
    addr: SocketAddr,
    scheme: &'static str,
    state: ApiState,
}

impl Api {
    /// Listens and serves as one of the services, until they stop. `ui` is where the web page's files are.
    pub async fn start(
        services: &Services,
        config: &Config,
        addr: SocketAddr,
        ui: Option<PathBuf>,
    ) -> Result<Self, StartError> {
        let refused = |source: std::io::Error| listener_problem("api.listen", addr, &source);
        let listener = TcpListener::bind(addr).await.map_err(refused)?;
        let addr = listener.local_addr().map_err(refused)?;
        let state = ApiState::new(services, config);
        let legacy = if config.api.legacy { legacy::router(state.clone()) } else { Router::new() };
        let app = router(state.clone())
            .merge(legacy)
            .merge(ui::router(ui))
            .layer(middleware::from_fn_with_state(state.clone(), guard::every_request));
        let tls = match Files::of_api(&config.api) {
            Some(files) => Some(followed(services, files).await?),
            None => None,
        };
        let scheme = if tls.is_some() { "https" } else { "http" };
        services.supervisor().essential("api", listen::serve(listener, tls, app, services.shutdown()));
        tracing::info!("listening service=api addr={addr}");
        services.listeners.own_page(addr, &config.api.hosts).await;
        services.announce("api").await;
        Ok(Self { addr, scheme, state })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.addr
    }

    /// A link that logs its reader in as `user`, once, within ten minutes. The code stands in the fragment, which no
    /// browser sends anywhere.
    pub fn login_link(&self, user: &UserName) -> String {
        let code = self.state.sessions.new_code(user);
        format!("{}://{}/#login={code}", self.scheme, self.addr)
    }
}

/// The certificate of those files, which is followed from then on: other files are taken up while the program runs.
async fn followed(services: &Services, files: Files) -> Result<Tls, StartError> {
    let mut certificate = Certificate::new(files).looked().await;
    let Some(tls) = certificate.tls.clone() else {
        let reason = certificate.problem.unwrap_or_default();
        return Err(StartError::Certificate { setting: "api.listen", reason });
    };
    let shutdown = services.shutdown();
    let following = async move {
        loop {
            tokio::time::sleep(certificate::LOOK_EVERY).await;
            certificate = certificate.looked().await;
        }
    };
    services.supervisor().essential("api certificate", async move {
        shutdown.run_until_cancelled(following).await;
    });
    Ok(tls)
}

/// The `OpenAPI` document, as JSON for people.
pub fn openapi_json() -> String {
    format!("{:#}", openapi())
}

/// The `OpenAPI` document.
pub(crate) fn openapi() -> serde_json::Value {
    let (_, document) = open_routes().merge(guarded_routes()).split_for_parts();
    document::finished(document)
}

fn router(state: ApiState) -> Router {
    let (open, _) = open_routes().split_for_parts();
    let (guarded, _) = guarded_routes().split_for_parts();
    let guarded = guarded
        .route_layer(middleware::from_fn_with_state(state.clone(), limits::within_limits))
        .route_layer(middleware::from_fn_with_state(state.clone(), auth::require_user));
    open.merge(guarded)
        .merge(reference::router())
        .layer(middleware::from_fn(etag::only_news))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, ANSWER_TIME_OUT))
        .with_state(state)
}

fn open_routes() -> OpenApiRouter<ApiState> {
    let below = OpenApiRouter::new()
        .routes(routes!(login::log_in, login::who, login::log_out))
        .routes(routes!(overview::document))
        .routes(routes!(overview::health))
        .routes(routes!(overview::ready));
    OpenApiRouter::with_openapi(document::Document::openapi()).nest(PREFIX, below)
}

fn large_bodies() -> OpenApiRouter<ApiState> {
    let list = OpenApiRouter::new().routes(routes!(watchlists::get, watchlists::put, watchlists::delete));
    let import = OpenApiRouter::new().routes(routes!(files::import));
    list.layer(DefaultBodyLimit::max(LIST_BODY_MAX)).merge(import.layer(DefaultBodyLimit::max(IMPORT_BODY_MAX)))
}

fn guarded_routes() -> OpenApiRouter<ApiState> {
    let below = OpenApiRouter::new()
        .routes(routes!(market_data::quotes))
        .routes(routes!(market_data::quote))
        .routes(routes!(market_data::topic))
        .routes(routes!(market_data::search))
        .routes(routes!(market_data::history))
        .routes(routes!(market_data::sparks))
        .routes(routes!(market_data::hours))
        .routes(routes!(market_data::list))
        .routes(routes!(watchlists::all))
        .merge(large_bodies())
        .routes(routes!(watchlists::follow, watchlists::unfollow))
        .routes(routes!(lists::rename))
        .routes(routes!(lists::place))
        .routes(routes!(lists::view))
        .routes(routes!(lists::move_symbol))
        .routes(routes!(lists::notes))
        .routes(routes!(lists::set_note))
        .routes(routes!(lists::holdings))
        .routes(routes!(lists::set_lots))
        .routes(routes!(lists::valuation))
        .routes(routes!(files::export))
        .routes(routes!(files::backups))
        .routes(routes!(files::restore))
        .routes(routes!(alerts::all, alerts::create))
        .routes(routes!(alerts::get, alerts::put, alerts::delete))
        .routes(routes!(alert_log::all, alert_log::clear))
        .routes(routes!(alert_log::mark_all_read))
        .routes(routes!(alert_log::mark_read))
        .routes(routes!(alert_log::mute, alert_log::unmute))
        .routes(routes!(push::key))
        .routes(routes!(push::put, push::delete))
        .routes(routes!(destinations::all))
        .routes(routes!(destinations::put, destinations::delete))
        .routes(routes!(destinations::set_secret, destinations::remove_secret))
        .routes(routes!(destinations::test))
        .routes(routes!(destinations::dead_letters))
        .routes(routes!(destinations::forget))
        .routes(routes!(destinations::try_again))
        .routes(routes!(users::subscription))
        .routes(routes!(users::preferences, users::set_preferences, users::change_preferences))
        .routes(routes!(users::set_password, users::remove_password))
        .routes(routes!(overview::top_picks))
        .routes(routes!(overview::providers))
        .routes(routes!(keys::all))
        .routes(routes!(keys::put, keys::delete))
        .routes(routes!(overview::info))
        .routes(routes!(overview::retry))
        .routes(routes!(overview::mqtt))
        .routes(routes!(overview::metrics))
        .routes(routes!(live::stream));
    OpenApiRouter::with_openapi(document::Document::openapi()).nest(PREFIX, below)
}
