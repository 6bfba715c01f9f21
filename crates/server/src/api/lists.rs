//! What is done with lists as wholes, and what belongs to their symbols: names, places, views, notes, holdings.

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::StatusCode};
use market::{ListView, Lot, Symbol, SymbolNote, Valuation, profile::Edit};
use quote_engine::valuation;

use super::{
    ApiState,
    auth::OwnUser,
    body::Body,
    params::{PathList, PathSymbol, QueryCurrency},
    problem::Problem,
    shapes::{ListName, ListPlace, Lots, Problems, SymbolPlace},
};

/// Gives a watchlist another name; it keeps its place.
#[utoipa::path(put, path = "/users/{user}/watchlists/{list}/name", tag = "watchlists", operation_id = "rename_watchlist",
    params(("user" = String, Path), ("list" = String, Path)), request_body = ListName,
    responses((status = 204, description = "Saved"), Problems))]
pub(super) async fn rename(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathList(from): PathList,
    Body(ListName { name }): Body<ListName>,
) -> Result<StatusCode, Problem> {
    state.desk.apply(&user, Edit::RenameWatchlist { from, to: name }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts a watchlist in another place among the lists.
#[utoipa::path(put, path = "/users/{user}/watchlists/{list}/place", tag = "watchlists", operation_id = "move_watchlist",
    params(("user" = String, Path), ("list" = String, Path)), request_body = ListPlace,
    responses((status = 204, description = "Saved"), Problems))]
pub(super) async fn place(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathList(name): PathList,
    Body(ListPlace { at }): Body<ListPlace>,
) -> Result<StatusCode, Problem> {
    state.desk.apply(&user, Edit::MoveWatchlist { name, to: at.into() }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says how a watchlist is looked at.
#[utoipa::path(put, path = "/users/{user}/watchlists/{list}/view", tag = "watchlists", operation_id = "set_view",
    params(("user" = String, Path), ("list" = String, Path)), request_body = ListView,
    responses((status = 204, description = "Saved"), Problems))]
pub(super) async fn view(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathList(name): PathList,
    Body(view): Body<ListView>,
) -> Result<StatusCode, Problem> {
    state.desk.apply(&user, Edit::SetView { name, view }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a symbol off this list and follows it on another.
#[utoipa::path(put, path = "/users/{user}/watchlists/{list}/symbols/{symbol}/place", tag = "watchlists",
    operation_id = "move_symbol",
    params(("user" = String, Path), ("list" = String, Path), ("symbol" = String, Path)), request_body = SymbolPlace,
    responses((status = 204, description = "Saved"), Problems))]
pub(super) async fn move_symbol(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathList(from): PathList,
    PathSymbol(symbol): PathSymbol,
    Body(SymbolPlace { list, at }): Body<SymbolPlace>,
) -> Result<StatusCode, Problem> {
    state.desk.apply(&user, Edit::MoveSymbol { from, to: list, symbol, at: at.map(usize::from) }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the user calls symbols and has written about them.
#[utoipa::path(get, path = "/users/{user}/notes", tag = "watchlists", params(("user" = String, Path)),
    responses((status = 200, description = "By symbol", body = BTreeMap<String, SymbolNote>), Problems))]
pub(super) async fn notes(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
) -> Result<Json<BTreeMap<Symbol, SymbolNote>>, Problem> {
    Ok(Json(state.desk.profile(&user)?.notes))
}

/// Names a symbol or writes about it; an empty note takes away the one there is.
#[utoipa::path(put, path = "/users/{user}/notes/{symbol}", tag = "watchlists",
    params(("user" = String, Path), ("symbol" = String, Path)), request_body = SymbolNote,
    responses((status = 204, description = "Saved"), Problems))]
pub(super) async fn set_note(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathSymbol(symbol): PathSymbol,
    Body(note): Body<SymbolNote>,
) -> Result<StatusCode, Problem> {
    state.desk.apply(&user, Edit::SetNote { symbol, note }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the user holds.
#[utoipa::path(get, path = "/users/{user}/holdings", tag = "watchlists", params(("user" = String, Path)),
    responses((status = 200, description = "Lots by symbol", body = BTreeMap<String, Vec<Lot>>), Problems))]
pub(super) async fn holdings(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
) -> Result<Json<BTreeMap<Symbol, Vec<Lot>>>, Problem> {
    Ok(Json(state.desk.profile(&user)?.holdings))
}

/// Says what is held of a symbol; no lots take it away.
#[utoipa::path(put, path = "/users/{user}/holdings/{symbol}", tag = "watchlists",
    params(("user" = String, Path), ("symbol" = String, Path)), request_body = Lots,
    responses((status = 204, description = "Saved"), Problems))]
pub(super) async fn set_lots(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathSymbol(symbol): PathSymbol,
    Body(Lots { lots }): Body<Lots>,
) -> Result<StatusCode, Problem> {
    state.desk.apply(&user, Edit::SetLots { symbol, lots }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What everything that is held is worth.
#[utoipa::path(get, path = "/users/{user}/valuation", tag = "watchlists",
    params(("user" = String, Path), ("currency" = Option<String>, Query, pattern = "^[A-Z]{3}$",
        description = "The currency that all of it is summed up in")),
    responses((status = 200, description = "Exact sums; what has no price or rate is named and left out",
        body = Valuation), Problems))]
pub(super) async fn valuation(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    QueryCurrency(currency): QueryCurrency,
) -> Result<Json<Valuation>, Problem> {
    let holdings = state.desk.profile(&user)?.holdings;
    Ok(Json(valuation::valued(&state.feed, &holdings, currency.as_deref()).await))
}
