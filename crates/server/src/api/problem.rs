//! Everything that is answered instead of what was asked for: RFC 9457 problem documents.

use std::time::Duration;

use axum::{
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use market::{EditError, Symbol};
use quote_engine::{desk::DeskError, provider::ProviderError};
use serde::Serialize;
use utoipa::ToSchema;

/// A problem, as a client reads it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// The status, in words.
    title: String,
    /// The HTTP status again.
    status: u16,
    /// What is wrong, for a person.
    detail: String,
    /// What is wrong, for a program.
    code: Code,
    /// The field or parameter that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// Symbols that were perhaps meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    suggestions: Vec<Symbol>,
    /// When to come back, in seconds from now.
    #[serde(skip)]
    retry_after: Option<u64>,
}

/// What is wrong, for a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Code {
    /// There is no such thing.
    NotFound,
    /// It makes no sense as it is.
    Invalid,
    /// The disk did not take it; nothing was changed.
    NotSaved,
    /// Somebody else does not answer; later, perhaps.
    Unavailable,
    /// Nobody has logged in.
    Unauthorized,
    /// Not for this user, this page or this host name.
    Forbidden,
    /// Too much at once; `Retry-After` says when there is more.
    TooMany,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: Code, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or("Problem").to_owned();
        let detail = detail.into();
        let (field, suggestions, retry_after) = (None, Vec::new(), None);
        Self { title, status: status.as_u16(), detail, code, field, suggestions, retry_after }
    }

    /// 429, with how long to wait.
    pub(crate) fn too_many(wait: Duration) -> Self {
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, Code::TooMany, "too much at once; a little later again");
        // Whole seconds are what the header takes.
        Self { retry_after: Some(wait.as_secs() + 1), ..problem }
    }

    /// 404.
    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, Code::NotFound, detail)
    }

    /// 422, naming the field.
    pub(crate) fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        let problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, Code::Invalid, detail);
        Self { field: Some(field.into()), ..problem }
    }

    /// 403.
    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, Code::Forbidden, detail)
    }

    /// 401.
    pub(crate) fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, Code::Unauthorized, detail)
    }

    /// 503.
    pub(crate) fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable, detail)
    }

    /// 404 for a symbol, with what was perhaps meant.
    pub(crate) fn unknown_symbol(symbol: &Symbol, suggestions: Vec<Symbol>) -> Self {
        Self { suggestions, ..Self::not_found(format!("no provider knows {symbol}")) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // Plain fields always become JSON.
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, PROBLEM_JSON)], body).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.headers_mut().extend(self.retry_after.map(|seconds| (header::RETRY_AFTER, seconds.into())));
        response
    }
}

const PROBLEM_JSON: &str = "application/problem+json";

impl From<EditError> for Problem {
    fn from(error: EditError) -> Self {
        let detail = error.to_string();
        match error {
            EditError::NoList(_)
            | EditError::NoAlert(_)
            | EditError::NoLogEntry(_)
            | EditError::NotListed { .. }
            | EditError::NoDestination(_) => Self::not_found(detail),
            EditError::UserName => Self::invalid("user", detail),
            EditError::ListName => Self::invalid("list", detail),
            EditError::AlertValue => Self::invalid("condition.value", detail),
            EditError::AlertMinutes => Self::invalid("condition.value.minutes", detail),
            EditError::Cooldown => Self::invalid("cooldown_minutes", detail),
            EditError::TimeOfDay => Self::invalid("quiet_hours", detail),
            EditError::ReleaseAfter => Self::invalid("release_after_seconds", detail),
            EditError::Preferences(_) => Self::invalid("preferences", detail),
            EditError::TimeZone(_) => Self::invalid("time_zone", detail),
            EditError::Destination { field } => match field.as_str() {
                below @ ("address" | "url" | "server" | "topic" | "chat" | "number") => {
                    Self::invalid(format!("to.{below}"), detail)
                }
                _ => Self::invalid(field, detail),
            },
            EditError::Note => Self::invalid("note", detail),
            EditError::Lot => Self::invalid("lots", detail),
            EditError::ListTaken(_)
            | EditError::ListFull
            | EditError::TooManyLists
            | EditError::LastList
            | EditError::TooManyAlerts
            | EditError::TooManyDestinations
            | EditError::TooManyNotes
            | EditError::TooManyLots
            | EditError::TooManyMuted => Self::new(StatusCode::CONFLICT, Code::Invalid, detail),
        }
    }
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Edit(edit) => edit.into(),
            DeskError::NoUser(_) | DeskError::NoBackup(_) => Self::not_found(error.to_string()),
            DeskError::Password(wrong) => Self::invalid("password", wrong.to_string()),
            DeskError::UserExists(_) | DeskError::TooManyUsers | DeskError::Owner(_) => {
                Self::new(StatusCode::CONFLICT, Code::Invalid, error.to_string())
            }
            DeskError::NotSaved(_) => Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::NotSaved, error.to_string()),
            DeskError::Closed | DeskError::OutOfReach => Self::unavailable(error.to_string()),
        }
    }
}

impl From<ProviderError> for Problem {
    fn from(error: ProviderError) -> Self {
        match &error {
            ProviderError::UnknownSymbol { .. } => Self::not_found(error.to_string()),
            _ => Self::unavailable(error.to_string()),
        }
    }
}

/// Makes a problem document of what the framework itself refuses: a wrong method, an unknown path, a time-out.
pub(super) async fn of_the_framework(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let refused = status.is_client_error() || status.is_server_error();
    let told = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == PROBLEM_JSON);
    if !refused || told {
        return response;
    }
    let problem = match status {
        StatusCode::NOT_FOUND => Problem::not_found("there is nothing at this path"),
        StatusCode::METHOD_NOT_ALLOWED => Problem::new(status, Code::Invalid, "not with this method; see Allow"),
        StatusCode::SERVICE_UNAVAILABLE => Problem::unavailable("it took too long"),
        other => Problem::new(other, Code::Invalid, "the request cannot be read"),
    };
    let mut document = problem.into_response();
    if let Some(allow) = response.headers().get(header::ALLOW) {
        document.headers_mut().insert(header::ALLOW, allow.clone());
    }
    document
}
