//! The `OpenAPI` document as a page to read and to try: three files that need no build and load nothing from elsewhere.

use axum::{
    Router,
    http::{HeaderName, header},
    routing::get,
};

use super::{ApiState, PREFIX};

/// Below the prefix: where each is, what it is, and what is in it.
const FILES: [(&str, &str, &str); 3] = [
    ("/reference", "text/html; charset=utf-8", include_str!("reference/page.html")),
    ("/reference/page.css", "text/css; charset=utf-8", include_str!("reference/page.css")),
    ("/reference/page.js", "text/javascript; charset=utf-8", include_str!("reference/page.js")),
];

pub(super) fn router() -> Router<ApiState> {
    FILES.into_iter().fold(Router::new(), |router, (path, kind, text)| {
        let file = move || async move { ([(header::CONTENT_TYPE, kind)] as [(HeaderName, _); 1], text) };
        router.route(&format!("{PREFIX}{path}"), get(file))
    })
}
