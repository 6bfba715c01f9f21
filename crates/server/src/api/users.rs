//! What else belongs to a user: where to subscribe, preferences, and a password.

use axum::{Json, extract::State, http::StatusCode};
use bus::Topic;
use market::{Preferences, PreferencesChange, Symbol, UserName, profile::Edit};

use super::{
    ApiState,
    auth::OwnUser,
    body::Body,
    problem::Problem,
    shapes::{NewPassword, Problems, UserSubscription},
};

/// Where this user's picks can be read by MQTT.
#[utoipa::path(get, path = "/users/{user}/subscription", tag = "users", params(("user" = String, Path)),
    responses((status = 200, description = "Topic and address", body = UserSubscription), Problems))]
pub(super) async fn subscription(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
) -> Result<Json<UserSubscription>, Problem> {
    let topic = topic_of(&state, &user)?;
    Ok(Json(UserSubscription { topic, address: state.mqtt_address(), username: user.to_string() }))
}

/// The filter of a user's own picks: the topic of one, with the last level left open.
pub(super) fn topic_of(state: &ApiState, user: &UserName) -> Result<String, Problem> {
    let any = Symbol::parse("ANY").map_err(|error| Problem::unavailable(error.to_string()))?;
    let one = state.bus.topics().format(&Topic::UserQuote(user.clone(), any));
    Ok(one.rsplit_once('/').map_or_else(|| one.clone(), |(above, _)| format!("{above}/+")))
}

/// What this user chose.
#[utoipa::path(get, path = "/users/{user}/preferences", tag = "users", params(("user" = String, Path)),
    responses((status = 200, description = "Preferences", body = Preferences), Problems))]
pub(super) async fn preferences(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
) -> Result<Json<Preferences>, Problem> {
    Ok(Json(state.desk.profile(&user)?.preferences))
}

/// Replaces what this user chose.
#[utoipa::path(put, path = "/users/{user}/preferences", tag = "users", params(("user" = String, Path)),
    request_body = Preferences, responses((status = 200, description = "Saved", body = Preferences), Problems))]
pub(super) async fn set_preferences(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    Body(preferences): Body<Preferences>,
) -> Result<Json<Preferences>, Problem> {
    state.desk.apply(&user, Edit::SetPreferences { preferences }).await?;
    Ok(Json(state.desk.profile(&user)?.preferences))
}

/// Changes what is named of what this user chose, and nothing else: a JSON merge patch (RFC 7396).
#[utoipa::path(patch, path = "/users/{user}/preferences", tag = "users", params(("user" = String, Path)),
    request_body(content = ref("#/components/schemas/PreferencesChange"), content_type = "application/merge-patch+json",
        description = "What is left out stays as it is; `null` takes a choice back"),
    responses((status = 200, description = "Saved; the whole of them", body = Preferences), Problems))]
pub(super) async fn change_preferences(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    Body(change): Body<PreferencesChange>,
) -> Result<Json<Preferences>, Problem> {
    Ok(Json(state.desk.change_preferences(&user, change).await?))
}

/// Sets the password that opens MQTT beside the token, for programs whose users type it.
#[utoipa::path(put, path = "/users/{user}/password", tag = "users", params(("user" = String, Path)),
    request_body = NewPassword, responses((status = 204, description = "Set"), Problems))]
pub(super) async fn set_password(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    Body(NewPassword { password }): Body<NewPassword>,
) -> Result<StatusCode, Problem> {
    state.desk.set_password(&user, Some(password)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes the password away; the token opens what it did.
#[utoipa::path(delete, path = "/users/{user}/password", tag = "users", params(("user" = String, Path)),
    responses((status = 204, description = "There is none"), Problems))]
pub(super) async fn remove_password(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
) -> Result<StatusCode, Problem> {
    state.desk.set_password(&user, None).await?;
    Ok(StatusCode::NO_CONTENT)
}
