//! Browsers that are told by Web Push. A subscription comes in here and never goes out: whoever knows its address can send
//! there.

use axum::{Json, extract::State, http::StatusCode};
use market::{PushKeys, PushSubscription, profile::Edited};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    ApiState, auth::OwnUser, body::Body, destinations::PathDestination, keys, problem::Problem, shapes::Problems,
};

/// The key that a browser subscribes to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PushKey {
    /// `applicationServerKey`: an uncompressed point of P-256, in base64url without padding.
    #[schema(example = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8")]
    key: String,
}

/// A browser's subscription, as `PushSubscription.toJSON()` has it.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewSubscription {
    /// What the user calls the browser; as before, or `Browser`, where this is left out.
    #[schema(
        min_length = 1,
        max_length = 40,
        pattern = r"^[^\s\u0000-\u001f\u007f-\u009f]([^\u0000-\u001f\u007f-\u009f]{0,38}[^\s\u0000-\u001f\u007f-\u009f])?$"
    )]
    name: Option<String>,
    /// Where the push service takes messages for this browser: by HTTPS, or on this very machine.
    #[schema(
        pattern = r"^(https://[A-Za-z0-9.:\[\]-]{1,255}|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?)/[A-Za-z0-9._~:/?@!$&'()*+,;=%-]{0,700}$"
    )]
    endpoint: String,
    /// What messages are encrypted with.
    keys: PushKeys,
}

/// The key that browsers subscribe to.
#[utoipa::path(get, path = "/push/key", tag = "destinations", operation_id = "push_key",
    responses((status = 200, description = "It stays the same", body = PushKey), Problems))]
pub(super) async fn key(State(state): State<ApiState>) -> Result<Json<PushKey>, Problem> {
    Ok(Json(PushKey { key: state.destinations.push_key().await? }))
}

/// Tells a browser alerts by Web Push. It is one of the user's destinations from then on.
#[utoipa::path(put, path = "/users/{user}/push/{destination}", tag = "destinations", operation_id = "subscribe_browser",
    params(("user" = String, Path), ("destination" = String, Path)), request_body = NewSubscription,
    responses((status = 201, description = "Made and saved"), (status = 204, description = "Saved"), Problems))]
pub(super) async fn put(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathDestination(id): PathDestination,
    Body(NewSubscription { name, endpoint, keys }): Body<NewSubscription>,
) -> Result<StatusCode, Problem> {
    let (destinations, subscription) = (state.destinations.clone(), PushSubscription { endpoint, keys });
    let subscribing = async move { destinations.subscribe(&user, &id, name, &subscription).await };
    let edited = keys::whole(subscribing).await?;
    Ok(if edited == Edited::Created { StatusCode::CREATED } else { StatusCode::NO_CONTENT })
}

/// Tells a browser nothing any more.
#[utoipa::path(delete, path = "/users/{user}/push/{destination}", tag = "destinations",
    operation_id = "unsubscribe_browser", params(("user" = String, Path), ("destination" = String, Path)),
    responses((status = 204, description = "Gone"), Problems))]
pub(super) async fn delete(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathDestination(id): PathDestination,
) -> Result<StatusCode, Problem> {
    let destinations = state.destinations.clone();
    keys::to_its_end(async move { destinations.unsubscribe(&user, &id).await }).await
}
