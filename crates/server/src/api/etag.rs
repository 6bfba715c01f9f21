//! What has not changed is not sent again (RFC 9110, section 13.1.2).

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use sha2::{Digest as _, Sha256};

/// Of the digest so many bytes: nobody has a reason to forge it against himself.
const TAG_BYTES: usize = 16;

/// Puts an `ETag` on JSON that is read; answers 304 to who has it already.
pub(super) async fn only_news(request: Request, next: Next) -> Response {
    if request.method() != Method::GET {
        return next.run(request).await;
    }
    let known = request.headers().clone();
    let response = next.run(request).await;
    let is_json = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if response.status() != StatusCode::OK || !is_json {
        return response;
    }
    let (mut head, body) = response.into_parts();
    // It stands in memory already; how long it can be is bounded where it is made.
    let Ok(bytes) = to_bytes(body, usize::MAX).await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let tag = format!("\"{}\"", hex::encode(&Sha256::digest(&bytes)[..TAG_BYTES]));
    let news = !knows(&known, &tag);
    // Of hexadecimal digits every tag is a header.
    head.headers.extend(HeaderValue::try_from(tag).map(|tag| (header::ETAG, tag)));
    if news {
        return Response::from_parts(head, Body::from(bytes));
    }
    head.status = StatusCode::NOT_MODIFIED;
    head.headers.remove(header::CONTENT_TYPE);
    head.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(head, Body::empty())
}

/// Whether `If-None-Match` names the tag; a weak one is as good here.
fn knows(headers: &HeaderMap, tag: &str) -> bool {
    let lines = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .any(|each| each == "*" || each.trim_start_matches("W/") == tag)
}
