//! What holds for every request, the web page's included: the Host it names, and the headers every answer carries.

use std::sync::atomic::Ordering;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::{
    ApiState, PREFIX,
    problem::{Code, Problem},
};

/// What every answer carries. Nothing is loaded from elsewhere, framed elsewhere, or told elsewhere.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; object-src 'none'; \
         frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Refuses foreign Host names (that is how a web page elsewhere would reach a server on loopback), counts, and puts
/// the headers on.
pub(super) async fn every_request(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    state.requests.fetch_add(1, Ordering::Relaxed);
    let of_the_api = request.uri().path().starts_with(PREFIX);
    let mut response = match host(request.headers(), request.uri()) {
        Some(host) if is_ours(host, &state) && of_the_api => super::problem::of_the_framework(request, next).await,
        Some(host) if is_ours(host, &state) => next.run(request).await,
        _ => foreign_host(),
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if of_the_api {
        let kept = if headers.contains_key(header::ETAG) { "private, no-cache" } else { "no-store" };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    }
    response
}

fn foreign_host() -> Response {
    let detail = "this host name is not served here; api.hosts lists those that are";
    Problem::new(StatusCode::MISDIRECTED_REQUEST, Code::Forbidden, detail).into_response()
}

/// What the request names as its host, with the port.
pub(super) fn host<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
    let named = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    uri.authority().map(axum::http::uri::Authority::as_str).or(named)
}

fn is_ours(host: &str, state: &ApiState) -> bool {
    is_loopback(host) || state.hosts.contains(&without_port(host).to_ascii_lowercase())
}

/// Whether a host, with a port or without, is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    is_loopback_name(&without_port(host).to_ascii_lowercase())
}

fn is_loopback_name(name: &str) -> bool {
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    name == "localhost" || name.ends_with(".localhost") || address.is_ok_and(crate::config::is_loopback)
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port))
            if port.bytes().all(|b| b.is_ascii_digit()) && (!name.contains(':') || name.ends_with(']')) =>
        {
            name
        }
        _ => host,
    }
}

/// Whether a request that names an origin comes from our own page. One that names none comes from no web page.
pub(super) fn origin_is_ours(headers: &HeaderMap, uri: &Uri) -> Option<bool> {
    let origin = headers.get(header::ORIGIN)?;
    let from = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    let ours = host(headers, uri);
    Some(from.is_some_and(|(scheme, from)| {
        matches!(scheme, "http" | "https") && ours.is_some_and(|ours| from.eq_ignore_ascii_case(ours))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_has_many_names() {
        for name in ["localhost", "127.0.0.1", "127.1.2.3", "[::1]", "quickstocks.localhost"] {
            assert!(is_loopback_name(name), "{name}");
        }
        for name in ["example.org", "127.0.0.1.example.org", "localhost.example.org", "10.0.0.1", ""] {
            assert!(!is_loopback_name(name), "{name}");
        }
    }

    #[test]
    fn the_port_is_no_part_of_the_name() {
        for (host, name) in [("a:8080", "a"), ("a", "a"), ("[::1]:80", "[::1]"), ("[::1]", "[::1]"), ("::1", "::1")] {
            assert_eq!(without_port(host), name);
        }
    }
}
