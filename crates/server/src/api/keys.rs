//! The owner's keys for providers: whether they are set, and setting them. A key comes in here and never goes out.

use std::{fmt, sync::Arc};

use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{StatusCode, request::Parts},
};
use market::{ProviderKey, UserName};
use quote_engine::secrets::{SecretString, SecretsError};
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    ApiState,
    auth::Caller,
    body::Body,
    params,
    problem::{Code, Problem},
    shapes::Problems,
};

/// What a provider's name looks like.
pub(super) const PROVIDER_PATTERN: &str = "^[a-z]{1,32}$";

/// A provider's new key.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewKey {
    /// As the provider gave it; it goes into the system's keychain.
    #[serde(deserialize_with = "secret")]
    #[schema(value_type = String, min_length = 1, max_length = 512, pattern = "^[!-~]+$", format = Password)]
    key: SecretString,
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewKey").finish_non_exhaustive()
    }
}

/// What serde says of a wrong type would repeat what was given.
pub(super) fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(key) => Ok(key.into()),
        _ => Err(D::Error::custom("must be a string")),
    }
}

/// The owner of this installation: the keys are nobody else's.
#[derive(Debug)]
pub(super) struct Owner;

impl FromRequestParts<ApiState> for Owner {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        let Caller(user) = Caller::from_request_parts(parts, state).await?;
        if user == UserName::me() { Ok(Self) } else { Err(Problem::forbidden("the keys are the owner's, user me")) }
    }
}

/// The provider of the path.
#[derive(Debug)]
pub(super) struct PathProvider(String);

impl FromRequestParts<ApiState> for PathProvider {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, Problem> {
        let name = params::of_path(parts, "provider").await?;
        if (1..=32).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase()) {
            Ok(Self(name))
        } else {
            Err(Problem::invalid("provider", "a provider's name has 1 to 32 of a-z"))
        }
    }
}

/// Which providers take a key, and whether one is set. Only for the owner, user `me`.
#[utoipa::path(get, path = "/providers/keys", tag = "program", operation_id = "provider_keys",
    responses((status = 200, description = "Where each key is kept, never the key", body = Vec<ProviderKey>), Problems))]
pub(super) async fn all(State(state): State<ApiState>, _: Owner) -> Json<Vec<ProviderKey>> {
    Json(state.secrets.provider_keys().await)
}

/// Keeps a provider's key in the system's keychain, in place of the one before. Only for the owner, user `me`.
#[utoipa::path(put, path = "/providers/{provider}/key", tag = "program", operation_id = "set_provider_key",
    params(("provider" = String, Path)), request_body = NewKey,
    responses((status = 204, description = "Kept, and used at once"), Problems))]
pub(super) async fn put(
    State(state): State<ApiState>,
    _: Owner,
    PathProvider(name): PathProvider,
    Body(new): Body<NewKey>,
) -> Result<StatusCode, Problem> {
    let secrets = Arc::clone(&state.secrets);
    to_its_end(async move { secrets.set_provider_key(&name, &new.key).await }).await
}

/// Removes a provider's key from the system's keychain. Only for the owner, user `me`.
#[utoipa::path(delete, path = "/providers/{provider}/key", tag = "program", operation_id = "remove_provider_key",
    params(("provider" = String, Path)), responses((status = 204, description = "It is gone"), Problems))]
pub(super) async fn delete(
    State(state): State<ApiState>,
    _: Owner,
    PathProvider(name): PathProvider,
) -> Result<StatusCode, Problem> {
    let secrets = Arc::clone(&state.secrets);
    to_its_end(async move { secrets.remove_provider_key(&name).await }).await
}

/// A keychain may take longer than an answer: whoever has a key in the meantime is told by the change itself.
pub(super) async fn to_its_end<E: Into<Problem> + Send + 'static>(
    change: impl Future<Output = Result<(), E>> + Send + 'static,
) -> Result<StatusCode, Problem> {
    whole(change).await.map(|()| StatusCode::NO_CONTENT)
}

/// The same of a change that answers something.
pub(super) async fn whole<T: Send + 'static, E: Into<Problem> + Send + 'static>(
    change: impl Future<Output = Result<T, E>> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::spawn(change).await {
        Ok(outcome) => outcome.map_err(Into::into),
        Err(_) => Err(Problem::unavailable("the change broke off; try again")),
    }
}

impl From<SecretsError> for Problem {
    fn from(error: SecretsError) -> Self {
        let detail = error.to_string();
        match error {
            SecretsError::Unknown { .. } => Self::not_found(detail),
            SecretsError::Unfit { .. } => Self::invalid("key", detail),
            SecretsError::UnfitForDestination => Self::invalid("secret", detail),
            // No failure of this server: the machine is as it is, and the words say what to do.
            SecretsError::Elsewhere { .. } | SecretsError::NoKeychain { .. } => {
                Self::new(StatusCode::CONFLICT, Code::NotSaved, detail)
            }
            SecretsError::Keychain { .. } | SecretsError::OfDestination { .. } | SecretsError::File { .. } => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::NotSaved, detail)
            }
        }
    }
}
