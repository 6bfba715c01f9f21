//! A user's watchlists.

use axum::{Json, extract::State, http::StatusCode};
use market::{Edited, Watchlist, Watchlists, profile::Edit};

use super::{
    ApiState,
    auth::OwnUser,
    body::Body,
    market_data,
    params::{PathList, PathSymbol},
    problem::Problem,
    shapes::{NewWatchlist, Problems},
};

/// Every watchlist of a user.
#[utoipa::path(get, path = "/users/{user}/watchlists", tag = "watchlists", operation_id = "watchlists",
    params(("user" = String, Path)),
    responses((status = 200, description = "In the user's order", body = Watchlists), Problems))]
pub(super) async fn all(State(state): State<ApiState>, OwnUser(user): OwnUser) -> Result<Json<Watchlists>, Problem> {
    Ok(Json(Watchlists { watchlists: state.desk.profile(&user)?.watchlists }))
}

/// One watchlist.
#[utoipa::path(get, path = "/users/{user}/watchlists/{list}", tag = "watchlists", operation_id = "watchlist",
    params(("user" = String, Path), ("list" = String, Path)),
    responses((status = 200, description = "The list", body = Watchlist), Problems))]
pub(super) async fn get(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathList(list): PathList,
) -> Result<Json<Watchlist>, Problem> {
    Ok(Json(state.desk.profile(&user)?.watchlist(&list)?.clone()))
}

/// Makes a watchlist, or gives one new content.
#[utoipa::path(put, path = "/users/{user}/watchlists/{list}", tag = "watchlists", operation_id = "put_watchlist",
    params(("user" = String, Path), ("list" = String, Path)), request_body = NewWatchlist,
    responses((status = 200, description = "Saved", body = Watchlist), (status = 201, description = "Made and saved",
        body = Watchlist), Problems))]
pub(super) async fn put(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathList(name): PathList,
    Body(NewWatchlist { symbols, view }): Body<NewWatchlist>,
) -> Result<(StatusCode, Json<Watchlist>), Problem> {
    let list = Watchlist::new(name.as_str(), symbols).with_view(view);
    let edited = state.desk.apply(&user, Edit::PutWatchlist { list }).await?;
    let status = if edited == Edited::Created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(state.desk.profile(&user)?.watchlist(&name)?.clone())))
}

/// Removes a watchlist. The last one stays.
#[utoipa::path(delete, path = "/users/{user}/watchlists/{list}", tag = "watchlists", operation_id = "delete_watchlist",
    params(("user" = String, Path), ("list" = String, Path)),
    responses((status = 204, description = "Gone"), Problems))]
pub(super) async fn delete(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathList(name): PathList,
) -> Result<StatusCode, Problem> {
    state.desk.apply(&user, Edit::RemoveWatchlist { name }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Follows a symbol.
#[utoipa::path(put, path = "/users/{user}/watchlists/{list}/symbols/{symbol}", tag = "watchlists",
    params(("user" = String, Path), ("list" = String, Path), ("symbol" = String, Path)),
    responses((status = 204, description = "Followed, and saved"), Problems))]
pub(super) async fn follow(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathList(list): PathList,
    PathSymbol(symbol): PathSymbol,
) -> Result<StatusCode, Problem> {
    let present = state.desk.profile(&user)?.watchlist(&list)?.symbols.contains(&symbol);
    if !present {
        market_data::ensure_known(&state, &symbol).await?;
        state.desk.apply(&user, Edit::Follow { list, symbol }).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Follows a symbol no more.
#[utoipa::path(delete, path = "/users/{user}/watchlists/{list}/symbols/{symbol}", tag = "watchlists",
    params(("user" = String, Path), ("list" = String, Path), ("symbol" = String, Path)),
    responses((status = 204, description = "Not on the list, and saved"), Problems))]
pub(super) async fn unfollow(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathList(list): PathList,
    PathSymbol(symbol): PathSymbol,
) -> Result<StatusCode, Problem> {
    state.desk.apply(&user, Edit::Unfollow { list, symbol }).await?;
    Ok(StatusCode::NO_CONTENT)
}
