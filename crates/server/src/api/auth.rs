//! Who asks: by token, or by the cookie of a login. A token opens its own user and nothing else.

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use market::UserName;

use super::{ApiState, guard, params, problem::Problem};

/// The cookie's name.
pub(super) const COOKIE: &str = "quickstocks_session";

/// Who asks, as far as every guarded handler may know.
#[derive(Debug, Clone)]
pub(super) struct Caller(pub(super) UserName);

/// Lets nobody in who has not logged in.
pub(super) async fn require_user(State(state): State<ApiState>, mut request: Request, next: Next) -> Response {
    match caller(&state, request.headers(), request.method(), request.uri()) {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

/// Who a request comes from.
pub(super) fn caller(
    state: &ApiState,
    headers: &HeaderMap,
    method: &Method,
    uri: &axum::http::Uri,
) -> Result<Caller, Problem> {
    let origin = guard::origin_is_ours(headers, uri);
    if !state.desk.has_been_heard() {
        return Err(Problem::unavailable("the desk has not been heard yet: nobody knows who may come in"));
    }
    if let Some(token) = bearer(headers) {
        let user = state.desk.user_of(token).ok_or_else(|| Problem::unauthorized("this token opens nothing"))?;
        return if origin == Some(false) && is_stream(uri) { Err(foreign_page()) } else { Ok(Caller(user)) };
    }
    let id = session_id(headers).ok_or_else(|| Problem::unauthorized("log in, or show a token"))?;
    let user = state.sessions.user_of(id).filter(|user| state.desk.has(user));
    let user = user.ok_or_else(|| Problem::unauthorized("this login has ended"))?;
    // A browser sends the cookie whatever page makes it ask, so the page must be ours.
    let must_be_ours = is_stream(uri) || !(method == Method::GET || method == Method::HEAD);
    match origin {
        Some(false) => Err(foreign_page()),
        None if must_be_ours => Err(Problem::forbidden("with a cookie, a write names its Origin")),
        _ => Ok(Caller(user)),
    }
}

fn foreign_page() -> Problem {
    Problem::forbidden("not from a page of another origin")
}

fn is_stream(uri: &axum::http::Uri) -> bool {
    uri.path().ends_with("/stream")
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// What the cookie holds.
pub(super) fn session_id(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find_map(|(name, value)| (name == COOKIE).then_some(value))
}

impl FromRequestParts<ApiState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::unauthorized("log in, or show a token"))
    }
}

/// The user of the path, who is the one who asks.
#[derive(Debug)]
pub(super) struct OwnUser(pub(super) UserName);

impl FromRequestParts<ApiState> for OwnUser {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        let Caller(caller) = Caller::from_request_parts(parts, state).await?;
        let named = params::of_path(parts, "user").await?;
        let user = UserName::parse(&named)?;
        if user == caller { Ok(Self(user)) } else { Err(Problem::forbidden("this login is another user's")) }
    }
}
