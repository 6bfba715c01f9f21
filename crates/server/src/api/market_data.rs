//! Quotes, search, history, small charts, market hours and lists of the market.

use std::collections::BTreeSet;

use axum::{Json, extract::State};
use bus::Topic;
use market::{History, Instrument, MarketHours, MarketList, Quote, Range, Symbol};
use quote_engine::feed::{HOURS_MAX, SPARKS_MAX};

use super::{
    ApiState,
    params::{PathMarketList, PathSymbol, QueryRange, QuerySearch, QuerySymbols},
    problem::Problem,
    shapes::{Problems, QuoteTopic},
};

/// What was perhaps meant, at the most.
const SUGGESTIONS_MAX: usize = 5;
/// How long a symbol is checked before it is taken on trust.
const KNOWN_TIME_OUT: std::time::Duration = std::time::Duration::from_secs(2);

/// The latest quotes of some symbols.
#[utoipa::path(get, path = "/quotes", tag = "market",
    params(("symbols" = Vec<Symbol>, Query, style = Form, explode = false, min_items = 1, max_items = 1_000,
        description = "Symbols, with commas between them")),
    responses((status = 200, description = "The quotes there are; symbols that no provider knows are left out", body = Vec<Quote>), Problems))]
pub(super) async fn quotes(State(state): State<ApiState>, QuerySymbols(symbols): QuerySymbols) -> Json<Vec<Quote>> {
    Json(state.feed.look(symbols).await.quotes)
}

/// The latest quote of one symbol.
#[utoipa::path(get, path = "/quotes/{symbol}", tag = "market", params(("symbol" = String, Path)),
    responses((status = 200, description = "Its quote", body = Quote), Problems))]
pub(super) async fn quote(
    State(state): State<ApiState>,
    PathSymbol(symbol): PathSymbol,
) -> Result<Json<Quote>, Problem> {
    let looked = state.feed.look(BTreeSet::from([symbol.clone()])).await;
    if looked.unknown.contains(&symbol) {
        return Err(unknown(&state, &symbol).await);
    }
    let quote = looked.quotes.into_iter().next();
    quote.map(Json).ok_or_else(|| Problem::unavailable(format!("no provider has answered about {symbol} yet")))
}

/// Where a symbol's quotes can be read by MQTT.
#[utoipa::path(get, path = "/quotes/{symbol}/topic", tag = "market", params(("symbol" = String, Path)),
    responses((status = 200, description = "Its topic, as the broker writes it", body = QuoteTopic), Problems))]
pub(super) async fn topic(State(state): State<ApiState>, PathSymbol(symbol): PathSymbol) -> Json<QuoteTopic> {
    Json(QuoteTopic { topic: state.bus.topics().format(&Topic::Quote(symbol)) })
}

/// Instruments whose symbol or name fits.
#[utoipa::path(get, path = "/search", tag = "market",
    params(("q" = String, Query, min_length = 1, max_length = 100, description = "What a person types")),
    responses((status = 200, description = "Best first", body = Vec<Instrument>), Problems))]
pub(super) async fn search(
    State(state): State<ApiState>,
    QuerySearch(text): QuerySearch,
) -> Result<Json<Vec<Instrument>>, Problem> {
    let text = text.trim();
    let results = if text.is_empty() { Vec::new() } else { state.feed.search(text).await? };
    Ok(Json(results))
}

/// The bars of a symbol.
#[utoipa::path(get, path = "/history/{symbol}", tag = "market",
    params(("symbol" = String, Path), ("range" = Option<Range>, Query, description = "How far back; 1d if left out")),
    responses((status = 200, description = "Oldest first", body = History), Problems))]
pub(super) async fn history(
    State(state): State<ApiState>,
    PathSymbol(symbol): PathSymbol,
    QueryRange(range): QueryRange,
) -> Result<Json<History>, Problem> {
    match state.feed.history(&symbol, range).await {
        Err(quote_engine::provider::ProviderError::UnknownSymbol { .. }) => Err(unknown(&state, &symbol).await),
        answer => Ok(Json(answer?)),
    }
}

/// The day's courses of some symbols, for small charts beside a list.
#[utoipa::path(get, path = "/sparks", tag = "market",
    params(("symbols" = Vec<Symbol>, Query, style = Form, explode = false, min_items = 1, max_items = 200,
        description = "Symbols, with commas between them")),
    responses((status = 200, description = "A chart of the day for each that has one; its bars are points", body = Vec<History>), Problems))]
pub(super) async fn sparks(
    State(state): State<ApiState>,
    QuerySymbols(symbols): QuerySymbols<SPARKS_MAX>,
) -> Json<Vec<History>> {
    Json(state.feed.sparks(symbols).await)
}

/// When regular trading in some symbols begins or ends next.
#[utoipa::path(get, path = "/hours", tag = "market",
    params(("symbols" = Vec<Symbol>, Query, style = Form, explode = false, min_items = 1, max_items = 200,
        description = "Symbols, with commas between them")),
    responses((status = 200, description = "By the provider's own trading hours, else by a calendar; symbols of which neither knows are left out", body = Vec<MarketHours>), Problems))]
pub(super) async fn hours(
    State(state): State<ApiState>,
    QuerySymbols(symbols): QuerySymbols<HOURS_MAX>,
) -> Json<Vec<MarketHours>> {
    Json(state.feed.hours(symbols).await)
}

/// What a list of the market names at the moment.
#[utoipa::path(get, path = "/lists/{name}", tag = "market", params(("name" = MarketList, Path)),
    responses((status = 200, description = "First things first; at most five minutes old", body = Vec<Instrument>), Problems))]
pub(super) async fn list(
    State(state): State<ApiState>,
    PathMarketList(list): PathMarketList,
) -> Result<Json<Vec<Instrument>>, Problem> {
    Ok(Json(state.feed.list(list).await?))
}

/// Refuses a symbol that a provider says it does not know. While none answers, it is taken on trust.
pub(super) async fn ensure_known(state: &ApiState, symbol: &Symbol) -> Result<(), Problem> {
    let look = state.feed.look(BTreeSet::from([symbol.clone()]));
    match tokio::time::timeout(KNOWN_TIME_OUT, look).await {
        Ok(looked) if looked.unknown.contains(symbol) => Err(unknown(state, symbol).await),
        _ => Ok(()),
    }
}

async fn unknown(state: &ApiState, symbol: &Symbol) -> Problem {
    // Suggestions are a courtesy: without an answer there are none.
    let found = tokio::time::timeout(KNOWN_TIME_OUT, state.feed.search(symbol.as_str())).await;
    let instruments = found.ok().and_then(Result::ok).unwrap_or_default();
    let suggestions = instruments.into_iter().map(|instrument| instrument.symbol).take(SUGGESTIONS_MAX).collect();
    Problem::unknown_symbol(symbol, suggestions)
}
