//! The program itself: how it is, what it knows about its neighbours, what it has counted.

use std::{collections::HashMap, fmt::Write as _, sync::OnceLock, sync::atomic::Ordering};

use axum::{Json, extract::State, http::StatusCode, http::header, response::IntoResponse};
use market::{ProviderHealth, Symbol};
use quote_engine::store::Accounts;
use serde_json::Value;

use crate::mqtt_stats::MqttStats;

use super::{
    ApiState,
    auth::Caller,
    problem::Problem,
    shapes::{About, Health, OpenProblems, Pick, Problems},
};

/// Symbols told as most followed.
const TOP_PICKS_MAX: usize = 20;

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "program", operation_id = "openapi", security(()),
    responses((status = 200, description = "OpenAPI", body = Value), OpenProblems))]
pub(super) async fn document() -> Json<&'static Value> {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    Json(DOCUMENT.get_or_init(super::openapi))
}

/// Whether the program answers at all.
#[utoipa::path(get, path = "/health", tag = "program", security(()),
    responses((status = 200, description = "It does", body = Health), OpenProblems))]
pub(super) async fn health() -> Json<Health> {
    Json(Health { status: "ok".into() })
}

/// Whether every service is at work.
#[utoipa::path(get, path = "/ready", tag = "program", security(()),
    responses((status = 200, description = "They are", body = Health), OpenProblems))]
pub(super) async fn ready(State(state): State<ApiState>) -> Result<Json<Health>, Problem> {
    match *state.failed.borrow() {
        Some(service) => Err(Problem::unavailable(format!("{service} has failed"))),
        None if state.bus.connection().borrow().is_none() => Err(Problem::unavailable("the broker is out of reach")),
        None if !state.desk.has_been_heard() => Err(Problem::unavailable("the desk has not been heard yet")),
        None => Ok(Json(Health { status: "ready".into() })),
    }
}

/// The symbols most followed, over all users.
#[utoipa::path(get, path = "/top-picks", tag = "market",
    responses((status = 200, description = "Most followed first", body = Vec<Pick>), Problems))]
pub(super) async fn top_picks(State(state): State<ApiState>) -> Json<Vec<Pick>> {
    Json(most_followed(&state.desk.accounts().borrow()))
}

fn most_followed(accounts: &Accounts) -> Vec<Pick> {
    let mut followers: HashMap<&Symbol, usize> = HashMap::new();
    for account in accounts.values() {
        let listed = account.profile.watchlists.iter().flat_map(|list| &list.symbols);
        let each_once: std::collections::BTreeSet<&Symbol> = listed.collect();
        for symbol in each_once {
            *followers.entry(symbol).or_default() += 1;
        }
    }
    let pick = |(symbol, followers): (&Symbol, usize)| Pick { symbol: symbol.clone(), followers };
    let mut picks: Vec<Pick> = followers.into_iter().map(pick).collect();
    picks.sort_by(|a, b| b.followers.cmp(&a.followers).then_with(|| a.symbol.cmp(&b.symbol)));
    picks.truncate(TOP_PICKS_MAX);
    picks
}

/// How each provider is doing.
#[utoipa::path(get, path = "/providers", tag = "program",
    responses((status = 200, description = "Each provider that was asked", body = Vec<ProviderHealth>), Problems))]
pub(super) async fn providers(State(state): State<ApiState>) -> Json<Vec<ProviderHealth>> {
    Json(state.latest.providers())
}

/// What a page wants to know about the program that serves it.
#[utoipa::path(get, path = "/info", tag = "program",
    responses((status = 200, description = "The program", body = About), Problems))]
pub(super) async fn info(State(state): State<ApiState>, Caller(user): Caller) -> Json<About> {
    let mqtt = state.mqtt.borrow().clone();
    Json(About {
        version: crate::VERSION.into(),
        user: user.to_string(),
        feed: state.feed_name.clone(),
        replay_speed: state.replay_speed,
        topic_root: state.bus.topics().root().to_owned(),
        mqtt_address: state.mqtt_address().map(|url| url.trim_start_matches("mqtt://").to_owned()),
        mqtt_problem: mqtt.problem().map(str::to_owned),
        mqtt_port_taken: mqtt.taken().map(|taken| taken.port),
        mqtt_listeners: mqtt.listeners,
        mqtt_certificate: mqtt.certificate,
        notices: state.notices.clone(),
        desktop: false,
    })
}

/// Asks the provider again at once.
#[utoipa::path(post, path = "/retry", tag = "program",
    responses((status = 204, description = "It is asked"), Problems))]
pub(super) async fn retry(State(state): State<ApiState>) -> StatusCode {
    state.feed.retry_now().await;
    StatusCode::NO_CONTENT
}

/// What the broker inside has counted; `null` where another one is used.
#[utoipa::path(get, path = "/mqtt", tag = "program",
    responses((status = 200, description = "The counts", body = Option<MqttStats>), Problems))]
pub(super) async fn mqtt(State(state): State<ApiState>) -> Json<Option<MqttStats>> {
    Json(state.broker.as_ref().map(MqttStats::of))
}

/// What has been counted, for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "program",
    responses((status = 200, description = "Text format", body = String, content_type = "text/plain"), Problems))]
pub(super) async fn metrics(State(state): State<ApiState>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics_text(&state))
}

fn metrics_text(state: &ApiState) -> String {
    let streams = super::STREAMS_MAX - state.streams.available_permits();
    let mut lines: Vec<(&str, &str, u64)> = vec![
        ("quickstocks_http_requests_total", "counter", state.requests.load(Ordering::Relaxed)),
        ("quickstocks_streams", "gauge", streams as u64),
    ];
    if let Some(broker) = &state.broker {
        lines.extend(MqttStats::of(broker).series());
    }
    let mut text = String::new();
    for (name, kind, value) in lines {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "# TYPE {name} {kind}\n{name} {value}");
    }
    for health in state.latest.providers() {
        let up = u8::from(health.state == market::ProviderState::Up);
        let _ = writeln!(text, "quickstocks_provider_up{{provider=\"{}\"}} {up}", health.name.escape_default());
    }
    text
}

#[cfg(test)]
mod tests {
    use market::{Profile, UserName, Watchlist};
    use quote_engine::store::Account;

    use super::*;

    #[test]
    fn a_symbol_on_two_lists_of_a_user_counts_once() {
        let symbol = |text: &str| Symbol::parse(text).unwrap();
        let account = |name: &str, symbols: &[&str]| {
            let user = UserName::parse(name).unwrap();
            let mut profile = Profile::new(user.clone());
            let list = |name| Watchlist::new(name, symbols.iter().map(|text| symbol(text)));
            profile.watchlists = vec![list("one"), list("two")];
            (user, Account::new(String::new(), profile))
        };
        let accounts = Accounts::from([account("a", &["X", "Y"]), account("b", &["Y"])]);
        let picks = most_followed(&accounts);
        assert_eq!(picks[0], Pick { symbol: symbol("Y"), followers: 2 });
        assert_eq!(picks[1], Pick { symbol: symbol("X"), followers: 1 });
    }
}
