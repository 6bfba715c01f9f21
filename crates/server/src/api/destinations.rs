//! A user's destinations of alerts, and what could not be delivered there. A secret comes in here and never goes out.

use std::fmt;

use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{StatusCode, request::Parts},
};
use market::{DeadLetter, Destination, DestinationTest, Destinations, Edited, Target};
use quote_engine::{destinations::DestinationsError, secrets::SecretString};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    ApiState,
    auth::OwnUser,
    body::Body,
    keys, params,
    problem::{Code, Problem},
    shapes::Problems,
};

/// What the id of an undelivered alert looks like.
pub(super) const LETTER_PATTERN: &str = "^[0-9]{1,19}$";

/// A destination; its id stands in the path.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewDestination {
    /// What the user calls it. One line.
    #[schema(min_length = 1, max_length = 40)]
    name: String,
    /// Whether anything is sent there.
    #[serde(default = "enabled")]
    enabled: bool,
    /// What and where it is.
    to: Target,
}

fn enabled() -> bool {
    true
}

/// A destination's new secret.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewSecret {
    /// It goes into the system's keychain, or into a file of its own.
    #[serde(deserialize_with = "keys::secret")]
    #[schema(value_type = String, min_length = 1, max_length = 512, pattern = "^[!-~]+$", format = Password)]
    secret: SecretString,
}

impl fmt::Debug for NewSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewSecret").finish_non_exhaustive()
    }
}

/// The destination's id in the path.
#[derive(Debug)]
pub(super) struct PathDestination(pub(super) String);

impl FromRequestParts<ApiState> for PathDestination {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, Problem> {
        let id = params::of_path(parts, "destination").await?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        if (1..=64).contains(&id.len()) && id.bytes().all(is_plain) {
            Ok(Self(id))
        } else {
            Err(Problem::invalid("destination", "a destination's id has 1 to 64 of A-Z a-z 0-9 _ -"))
        }
    }
}

/// The undelivered alert's id in the path.
#[derive(Debug)]
pub(super) struct PathLetter(String);

impl FromRequestParts<ApiState> for PathLetter {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, Problem> {
        let id = params::of_path(parts, "letter").await?;
        if (1..=19).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(id))
        } else {
            Err(Problem::invalid("letter", "is the id of an undelivered alert, such as GET tells it"))
        }
    }
}

/// Where a user's alerts go beside the notification and the MQTT topic.
#[utoipa::path(get, path = "/users/{user}/destinations", tag = "destinations", operation_id = "destinations",
    params(("user" = String, Path)),
    responses((status = 200, description = "In the order they were made; no secrets", body = Destinations), Problems))]
pub(super) async fn all(State(state): State<ApiState>, OwnUser(user): OwnUser) -> Result<Json<Destinations>, Problem> {
    Ok(Json(state.destinations.list(&user).await?))
}

/// Makes a destination, or changes it.
#[utoipa::path(put, path = "/users/{user}/destinations/{destination}", tag = "destinations",
    operation_id = "put_destination", params(("user" = String, Path), ("destination" = String, Path)),
    request_body = NewDestination,
    responses((status = 201, description = "Made and saved"), (status = 204, description = "Saved"), Problems))]
pub(super) async fn put(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathDestination(id): PathDestination,
    Body(NewDestination { name, enabled, to }): Body<NewDestination>,
) -> Result<StatusCode, Problem> {
    let destination = Destination { id, name, enabled, to };
    let edited = state.destinations.put(&user, destination).await?;
    Ok(if edited == Edited::Created { StatusCode::CREATED } else { StatusCode::NO_CONTENT })
}

/// Removes a destination with its secret, and what waits for it.
#[utoipa::path(delete, path = "/users/{user}/destinations/{destination}", tag = "destinations",
    operation_id = "delete_destination", params(("user" = String, Path), ("destination" = String, Path)),
    responses((status = 204, description = "Gone"), Problems))]
pub(super) async fn delete(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathDestination(id): PathDestination,
) -> Result<StatusCode, Problem> {
    let destinations = state.destinations.clone();
    keys::to_its_end(async move { destinations.remove(&user, &id).await }).await
}

/// Keeps a destination's secret, in place of the one before.
#[utoipa::path(put, path = "/users/{user}/destinations/{destination}/secret", tag = "destinations",
    operation_id = "set_destination_secret", params(("user" = String, Path), ("destination" = String, Path)),
    request_body = NewSecret, responses((status = 204, description = "Kept"), Problems))]
pub(super) async fn set_secret(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathDestination(id): PathDestination,
    Body(new): Body<NewSecret>,
) -> Result<StatusCode, Problem> {
    let destinations = state.destinations.clone();
    keys::to_its_end(async move { destinations.set_secret(&user, &id, Some(&new.secret)).await }).await
}

/// Removes a destination's secret.
#[utoipa::path(delete, path = "/users/{user}/destinations/{destination}/secret", tag = "destinations",
    operation_id = "delete_destination_secret", params(("user" = String, Path), ("destination" = String, Path)),
    responses((status = 204, description = "It is gone"), Problems))]
pub(super) async fn remove_secret(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathDestination(id): PathDestination,
) -> Result<StatusCode, Problem> {
    let destinations = state.destinations.clone();
    keys::to_its_end(async move { destinations.set_secret(&user, &id, None).await }).await
}

/// Sends a message there to see whether one arrives.
#[utoipa::path(post, path = "/users/{user}/destinations/{destination}/test", tag = "destinations",
    operation_id = "test_destination", params(("user" = String, Path), ("destination" = String, Path)),
    responses((status = 200, description = "What the other end said", body = DestinationTest), Problems))]
pub(super) async fn test(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathDestination(id): PathDestination,
) -> Result<Json<DestinationTest>, Problem> {
    Ok(Json(state.destinations.test(&user, &id).await?))
}

/// What could not be delivered, and why.
#[utoipa::path(get, path = "/users/{user}/undelivered", tag = "destinations", operation_id = "undelivered",
    params(("user" = String, Path)),
    responses((status = 200, description = "The newest first", body = Vec<DeadLetter>), Problems))]
pub(super) async fn dead_letters(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
) -> Result<Json<Vec<DeadLetter>>, Problem> {
    Ok(Json(state.destinations.dead_letters(&user).await?))
}

/// Tries once more to deliver it.
#[utoipa::path(post, path = "/users/{user}/undelivered/{letter}/retry", tag = "destinations",
    operation_id = "retry_undelivered", params(("user" = String, Path), ("letter" = String, Path)),
    responses((status = 204, description = "On its way"), Problems))]
pub(super) async fn try_again(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathLetter(id): PathLetter,
) -> Result<StatusCode, Problem> {
    state.destinations.try_again(&user, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Forgets it.
#[utoipa::path(delete, path = "/users/{user}/undelivered/{letter}", tag = "destinations",
    operation_id = "forget_undelivered", params(("user" = String, Path), ("letter" = String, Path)),
    responses((status = 204, description = "Gone"), Problems))]
pub(super) async fn forget(
    State(state): State<ApiState>,
    OwnUser(user): OwnUser,
    PathLetter(id): PathLetter,
) -> Result<StatusCode, Problem> {
    state.destinations.forget(&user, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<DestinationsError> for Problem {
    fn from(error: DestinationsError) -> Self {
        match error {
            DestinationsError::Desk(error) => error.into(),
            DestinationsError::Secret(error) => error.into(),
            DestinationsError::NoLetter(_) => Self::not_found(error.to_string()),
            DestinationsError::NoBrowser(_) | DestinationsError::NoSecret => {
                Self::new(StatusCode::CONFLICT, Code::Invalid, error.to_string())
            }
            DestinationsError::PushKey(_) | DestinationsError::NotRunning | DestinationsError::TooManyTests => {
                Self::unavailable(error.to_string())
            }
        }
    }
}
