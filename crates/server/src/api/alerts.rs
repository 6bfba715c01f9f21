//! A user's alerts.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{AppendHeaders, IntoResponse},
};
use market::{Alert, AlertDraft, UserName, profile::Edit};

use super::{
    ApiState, PREFIX, auth::OwnUser, body::Body, market_data, params::PathAlert, problem::Problem, shapes::Problems,
};

/// Every alert of a user.
#[utoipa::path(get, path = "/users/{user}/alerts", tag = "alerts", operation_id = "alerts",
    params(("user" = String, Path)),
    responses((status = 200, description = "In the order they were made", body = Vec<Alert>), Problems))]
pub(super) async fn all(State(state): State<ApiState>, OwnUser(user): OwnUser) -> Result<Json<Vec<Alert>>, Problem> {
    Ok(Json(state.desk.profile(&user)?.alerts))
}

/// Makes an alert.
#[utoipa::path(post, path = "/users/{user}/alerts", tag = "alerts", operation_id = "create_alert",
    params(("user" = String, Path)), request_body = AlertDraft,
    responses((status = 201, description = "Made and saved", body = Alert), Problems))]
pub(super) async fn create(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    Body(draft): Body<AlertDraft>,
) -> Result<impl IntoResponse, Problem> {
    market_data::ensure_known(&state, &draft.symbol).await?;
    let alert = saved(&state, &user, draft.with_id(format!("{:016x}", rand::random::<u64>()))).await?;
    let location = format!("{PREFIX}/users/{user}/alerts/{}", alert.id);
    Ok((StatusCode::CREATED, AppendHeaders([(header::LOCATION, location)]), Json(alert)))
}

/// One alert.
#[utoipa::path(get, path = "/users/{user}/alerts/{id}", tag = "alerts", operation_id = "alert",
    params(("user" = String, Path), ("id" = String, Path)),
    responses((status = 200, description = "The alert", body = Alert), Problems))]
pub(super) async fn get(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathAlert(id): PathAlert,
) -> Result<Json<Alert>, Problem> {
    Ok(Json(state.desk.profile(&user)?.alert(&id)?.clone()))
}

/// Changes an alert.
#[utoipa::path(put, path = "/users/{user}/alerts/{id}", tag = "alerts", operation_id = "put_alert",
    params(("user" = String, Path), ("id" = String, Path)), request_body = AlertDraft,
    responses((status = 200, description = "Saved", body = Alert), Problems))]
pub(super) async fn put(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathAlert(id): PathAlert,
    Body(draft): Body<AlertDraft>,
) -> Result<Json<Alert>, Problem> {
    state.desk.profile(&user)?.alert(&id)?;
    Ok(Json(saved(&state, &user, draft.with_id(id)).await?))
}

/// An alert as it was saved: the desk gives it its dates.
async fn saved(state: &ApiState, user: &UserName, alert: Alert) -> Result<Alert, Problem> {
    let id = alert.id.clone();
    state.desk.apply(user, Edit::PutAlert { alert }).await?;
    Ok(state.desk.profile(user)?.alert(&id)?.clone())
}

/// Removes an alert.
#[utoipa::path(delete, path = "/users/{user}/alerts/{id}", tag = "alerts", operation_id = "delete_alert",
    params(("user" = String, Path), ("id" = String, Path)),
    responses((status = 204, description = "Gone"), Problems))]
pub(super) async fn delete(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathAlert(id): PathAlert,
) -> Result<StatusCode, Problem> {
    state.desk.apply(&user, Edit::RemoveAlert { id }).await?;
    Ok(StatusCode::NO_CONTENT)
}
