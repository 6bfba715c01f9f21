//! A user's alert log, and the symbols whose alerts are muted.

use axum::{
    Json,
    extract::State,
    http::{HeaderName, StatusCode, header},
};
use market::{Edit, LogEdit, LogEntry};

use super::{
    ApiState, PREFIX,
    auth::OwnUser,
    body::Body,
    params::{PathAlert, PathSymbol, QueryPage},
    problem::Problem,
    shapes::{NewMute, Problems},
};

/// What fired, told or not, newest first.
///
/// Where there is more, the header `Link` names the next page (`rel="next"`, RFC 8288).
#[utoipa::path(get, path = "/users/{user}/alert-log", tag = "alerts", operation_id = "alert_log",
    params(("user" = String, Path),
        ("before" = Option<String>, Query, pattern = "^[A-Za-z0-9_-]{1,64}$",
            description = "The id of the last entry that is known already; one that the log has forgotten has none before it"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "How many at the most; 200")),
    responses((status = 200, description = "200 at the most", body = Vec<LogEntry>), Problems))]
pub(super) async fn all(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    QueryPage { before, limit }: QueryPage,
) -> Result<(Option<[(HeaderName, String); 1]>, Json<Vec<LogEntry>>), Problem> {
    let log = state.desk.alert_log(&user).await?;
    let is_known = |entry: &&LogEntry| before.as_ref().is_some_and(|id| entry.event.id() == id);
    let known = before.as_ref().map_or(0, |_| log.entries().take_while(|entry| !is_known(entry)).count() + 1);
    let page: Vec<LogEntry> = log.entries().skip(known).take(limit).cloned().collect();
    let more = log.entries().count() > known + page.len();
    let next = page.last().filter(|_| more).map(|last| {
        let at = format!("{PREFIX}/users/{user}/alert-log?before={}&limit={limit}", last.event.id());
        [(header::LINK, format!("<{at}>; rel=\"next\""))]
    });
    Ok((next, Json(page)))
}

/// Forgets the log.
#[utoipa::path(delete, path = "/users/{user}/alert-log", tag = "alerts", operation_id = "clear_alert_log",
    params(("user" = String, Path)),
    responses((status = 204, description = "Empty"), Problems))]
pub(super) async fn clear(State(state): State<ApiState>, OwnUser(user): OwnUser) -> Result<StatusCode, Problem> {
    state.desk.edit_log(&user, LogEdit::Clear).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Marks every entry as read.
#[utoipa::path(put, path = "/users/{user}/alert-log/read", tag = "alerts", operation_id = "mark_all_read",
    params(("user" = String, Path)),
    responses((status = 204, description = "Marked and saved"), Problems))]
pub(super) async fn mark_all_read(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
) -> Result<StatusCode, Problem> {
    state.desk.edit_log(&user, LogEdit::MarkAllRead).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Marks one entry as read.
#[utoipa::path(put, path = "/users/{user}/alert-log/{id}/read", tag = "alerts", operation_id = "mark_read",
    params(("user" = String, Path), ("id" = String, Path, description = "The `id` of the alert that fired, or of the digest")),
    responses((status = 204, description = "Marked and saved"), Problems))]
pub(super) async fn mark_read(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathAlert(id): PathAlert,
) -> Result<StatusCode, Problem> {
    state.desk.edit_log(&user, LogEdit::MarkRead { id }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Delivers no alerts for a symbol; they are written down only.
#[utoipa::path(put, path = "/users/{user}/muted/{symbol}", tag = "alerts", operation_id = "mute",
    params(("user" = String, Path), ("symbol" = String, Path)), request_body = NewMute,
    responses((status = 204, description = "Muted and saved"), Problems))]
pub(super) async fn mute(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathSymbol(symbol): PathSymbol,
    Body(mute): Body<NewMute>,
) -> Result<StatusCode, Problem> {
    state.desk.mute(&user, symbol, mute.how_long).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Delivers a symbol's alerts again.
#[utoipa::path(delete, path = "/users/{user}/muted/{symbol}", tag = "alerts", operation_id = "unmute",
    params(("user" = String, Path), ("symbol" = String, Path)),
    responses((status = 204, description = "Not muted"), Problems))]
pub(super) async fn unmute(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathSymbol(symbol): PathSymbol,
) -> Result<StatusCode, Problem> {
    state.desk.apply(&user, Edit::Unmute { symbol }).await?;
    Ok(StatusCode::NO_CONTENT)
}
