//! The web page: the same files that the desktop's window shows.

use std::path::{Path, PathBuf};

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{Html, IntoResponse as _, Response},
};
use tower_http::services::ServeDir;

/// Where the files are, from the place that was asked for to the places of an installation and of a checkout.
pub fn find(asked_for: Option<&Path>) -> Option<PathBuf> {
    if let Some(folder) = asked_for {
        return Some(folder.to_owned());
    }
    let program = std::env::current_exe().ok();
    let beside = program.as_deref().and_then(Path::parent);
    let installed = beside.map(|folder| folder.join("../share/quickstocks/ui"));
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/dist");
    [installed, Some(checkout)].into_iter().flatten().find(|folder| folder.join("index.html").is_file())
}

pub(super) fn router(folder: Option<PathBuf>) -> Router {
    match folder {
        Some(folder) => Router::new().fallback_service(ServeDir::new(folder)).layer(middleware::from_fn(freshness)),
        None => Router::new().fallback(without_ui),
    }
}

/// Files with a hash in their name never change; everything else is asked for again.
async fn freshness(request: Request, next: Next) -> Response {
    let hashed = request.uri().path().starts_with("/assets/");
    let mut response = next.run(request).await;
    let kept =
        if hashed && response.status().is_success() { "public, max-age=31536000, immutable" } else { "no-cache" };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    response
}

async fn without_ui(request: Request) -> Response {
    if request.uri().path() != "/" {
        return StatusCode::NOT_FOUND.into_response();
    }
    let page = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Quickstocks</title>\
        <h1>Quickstocks is running</h1><p>The web page has not been built. Run <code>npm run build:ui</code> in the \
        checkout, or start with <code>--ui-dir FOLDER</code>. REST is at <code>/api/v1</code>.";
    (StatusCode::SERVICE_UNAVAILABLE, Html(page)).into_response()
}
