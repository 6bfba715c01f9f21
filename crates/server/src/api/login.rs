//! Logging in from the web page: a one-time code or a token for a cookie that no script can read.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{AppendHeaders, IntoResponse},
};

use super::{
    ApiState,
    auth::{COOKIE, Caller, caller, session_id},
    body::Body,
    guard,
    peer::Peer,
    problem::Problem,
    sessions::SESSION_LIFE,
    shapes::{LoggedIn, Login, OpenProblems},
};

/// Logs in.
#[utoipa::path(post, path = "/session", tag = "session", request_body = Login, security(()),
    responses((status = 200, description = "Logged in; the cookie is set", body = LoggedIn), OpenProblems))]
pub(super) async fn log_in(
    State(state): State<ApiState>,
    peer: Peer,
    uri: Uri,
    headers: HeaderMap,
    Body(login): Body<Login>,
) -> Result<impl IntoResponse, Problem> {
    ours(&headers, &uri)?;
    let user = match login {
        Login::Code(code) => state.sessions.redeem(&code),
        Login::Token(token) => state.desk.user_of(&token),
    };
    let user = user.ok_or_else(|| {
        tracing::warn!(client = %peer.client, "a login was refused");
        Problem::unauthorized("this opens nothing, or has been used")
    })?;
    let cookie = cookie(&state.sessions.begin(&user), SESSION_LIFE.as_secs(), peer.secure);
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Json(LoggedIn { user: user.to_string() })))
}

/// Who is logged in.
#[utoipa::path(get, path = "/session", tag = "session",
    responses((status = 200, description = "Who", body = LoggedIn), OpenProblems))]
pub(super) async fn who(
    State(state): State<ApiState>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Json<LoggedIn>, Problem> {
    let Caller(user) = caller(&state, &headers, &axum::http::Method::GET, &uri)?;
    Ok(Json(LoggedIn { user: user.to_string() }))
}

/// Logs out.
#[utoipa::path(delete, path = "/session", tag = "session", security(()),
    responses((status = 204, description = "Logged out; the cookie is gone"), OpenProblems))]
pub(super) async fn log_out(
    State(state): State<ApiState>,
    peer: Peer,
    uri: Uri,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    ours(&headers, &uri)?;
    if let Some(id) = session_id(&headers) {
        state.sessions.end(id);
    }
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, cookie("", 0, peer.secure))])))
}

fn ours(headers: &HeaderMap, uri: &Uri) -> Result<(), Problem> {
    match guard::origin_is_ours(headers, uri) {
        Some(false) => Err(Problem::forbidden("not from a page of another origin")),
        Some(true) | None => Ok(()),
    }
}

/// Where the browser came by HTTPS, it goes nowhere without.
fn cookie(id: &str, seconds: u64, secure: bool) -> String {
    let only_by_https = if secure { "; Secure" } else { "" };
    format!("{COOKIE}={id}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{only_by_https}")
}
