//! The three calls of the prototype under their old paths: on loopback only, without a login, always for the user `me`,
//! whatever name stands in the path. Off unless `api.legacy` says so.

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderValue, Method, header},
    routing::{get, put},
};
use market::{Edit, Instrument, Symbol, UserName};
use serde::Deserialize;
use serde_json::{Value, json};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::{
    ApiState,
    body::Body,
    overview,
    problem::{self, Problem},
    users,
};

/// The prototype's body of a choice.
#[derive(Debug, Deserialize)]
struct Choice {
    /// A company's name, as the search finds it; its symbol does as well.
    stock_company: String,
}

pub(super) fn router(state: ApiState) -> Router {
    Router::new()
        .route("/qs/spec", get(overview::document))
        .route("/qs/subscribe/{user}", get(subscribe))
        .route("/qs/stocks/preferences/{user}", put(choose))
        .layer(axum::middleware::from_fn(problem::of_the_framework))
        .layer(pages_of_this_machine())
        .with_state(state)
}

/// The prototype's page came from another port. Pages from elsewhere are refused by the browser, as everywhere.
fn pages_of_this_machine() -> CorsLayer {
    let from_here = AllowOrigin::predicate(|origin: &HeaderValue, _: &_| {
        let host = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
        host.is_some_and(super::guard::is_loopback)
    });
    CorsLayer::new()
        .allow_origin(from_here)
        .allow_methods([Method::GET, Method::PUT])
        .allow_headers([header::CONTENT_TYPE])
}

/// Where to subscribe, under the name that was asked for: `{"<user>": "<topic>"}`.
async fn subscribe(State(state): State<ApiState>, Path(named): Path<String>) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({ named: users::topic_of(&state, &UserName::me())? })))
}

/// Follows a company; answers with the symbols of the list it is on now.
async fn choose(
    State(state): State<ApiState>,
    Path(_): Path<String>,
    Body(Choice { stock_company }): Body<Choice>,
) -> Result<Json<Vec<Symbol>>, Problem> {
    let (user, named) = (UserName::me(), stock_company.trim());
    let symbol =
        meant(&state, named).await?.ok_or_else(|| Problem::not_found(format!("no company is called {named:?}")))?;
    let list = first_list(&state, &user)?;
    state.desk.apply(&user, Edit::Follow { list: list.clone(), symbol }).await?;
    let profile = state.desk.profile(&user)?;
    let chosen = profile.watchlists.into_iter().find(|each| each.name == list);
    Ok(Json(chosen.map(|list| list.symbols).unwrap_or_default()))
}

/// The instrument of that name, else the one that fits best.
async fn meant(state: &ApiState, named: &str) -> Result<Option<Symbol>, Problem> {
    if named.is_empty() {
        return Err(Problem::invalid("stock_company", "names a company"));
    }
    let found = state.feed.search(named).await?;
    let exactly = |instrument: &&Instrument| instrument.name.eq_ignore_ascii_case(named);
    Ok(found.iter().find(exactly).or(found.first()).map(|instrument| instrument.symbol.clone()))
}

fn first_list(state: &ApiState, user: &UserName) -> Result<String, Problem> {
    let first = state.desk.profile(user)?.watchlists.into_iter().next();
    first.map(|list| list.name).ok_or_else(|| Problem::not_found("there is no watchlist"))
}
