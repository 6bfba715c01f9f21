//! Who may do what: tokens, logins, hosts and origins.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use common::{YOUR_TOKEN, problem, start, status};
use market::UserName;
use reqwest::{Method, StatusCode};
use serde_json::json;

const GUARDED: [&str; 8] = [
    "/quotes?symbols=AAPL",
    "/search?q=a",
    "/info",
    "/metrics",
    "/stream",
    "/users/me/alerts",
    "/providers",
    "/top-picks",
];

#[tokio::test]
async fn without_a_login_only_the_open_calls_answer() {
    let server = start().await;
    for path in GUARDED {
        let (refused, document) = problem(server.open(Method::GET, path)).await;
        assert_eq!((refused, &document["code"]), (StatusCode::UNAUTHORIZED, &json!("unauthorized")), "{path}");
        let wrong = server.open(Method::GET, path).bearer_auth("wrong");
        assert_eq!(status(wrong).await, StatusCode::UNAUTHORIZED, "{path}");
    }
    for path in ["/health", "/ready", "/openapi.json"] {
        assert_eq!(status(server.open(Method::GET, path)).await, StatusCode::OK, "{path}");
    }
    assert_eq!(status(server.open(Method::GET, "/session")).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_opens_its_own_user_only() {
    let server = start().await;
    for path in ["/users/you/watchlists", "/users/you/alerts", "/users/you/preferences", "/users/you/subscription"] {
        let (refused, document) = problem(server.mine(Method::GET, path)).await;
        assert_eq!((refused, &document["code"]), (StatusCode::FORBIDDEN, &json!("forbidden")), "{path}");
        let own = server.open(Method::GET, path).bearer_auth(YOUR_TOKEN);
        assert_eq!(status(own).await, StatusCode::OK, "{path}");
    }
    let write = server.mine(Method::PUT, "/users/you/watchlists/default/symbols/AAPL");
    assert_eq!(status(write).await, StatusCode::FORBIDDEN);
    assert_eq!(status(server.mine(Method::GET, "/users/Me!/alerts")).await, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_login_link_works_once() {
    let server = start().await;
    let link = server.api.login_link(&UserName::me());
    let (page, code) = link.split_once("/#login=").unwrap();
    assert_eq!(page, server.origin());
    let log_in = || server.open(Method::POST, "/session").json(&json!({"code": code}));
    assert_eq!(status(log_in()).await, StatusCode::OK);
    assert_eq!(status(log_in()).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_cookie_opens_until_it_is_given_back() {
    let server = start().await;
    let cookie = server.log_in().await;
    let with = |method, path| server.open(method, path).header("cookie", format!("other=1; {cookie}"));
    let who = with(Method::GET, "/session").send().await.unwrap();
    assert_eq!(who.json::<serde_json::Value>().await.unwrap(), json!({"user": "me"}));
    assert_eq!(status(with(Method::GET, "/users/me/alerts")).await, StatusCode::OK);
    assert_eq!(status(with(Method::GET, "/users/you/alerts")).await, StatusCode::FORBIDDEN);
    let out = with(Method::DELETE, "/session").send().await.unwrap();
    assert_eq!(out.status(), StatusCode::NO_CONTENT);
    assert!(out.headers()["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(status(with(Method::GET, "/users/me/alerts")).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_logs_in_too() {
    let server = start().await;
    let with = |body| server.open(Method::POST, "/session").json(&body);
    assert_eq!(status(with(json!({"token": server.token}))).await, StatusCode::OK);
    assert_eq!(status(with(json!({"token": "wrong"}))).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(with(json!({"password": "x"}))).await, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn with_a_cookie_a_write_comes_from_our_own_page() {
    let server = start().await;
    let cookie = server.log_in().await;
    let follow = || server.open(Method::PUT, "/users/me/watchlists/default/symbols/AMD").header("cookie", &cookie);
    assert_eq!(status(follow()).await, StatusCode::FORBIDDEN);
    for foreign in ["http://evil.example", "null", "http://127.0.0.1:1", "https://evil.example"] {
        assert_eq!(status(follow().header("origin", foreign)).await, StatusCode::FORBIDDEN, "{foreign}");
    }
    assert_eq!(status(follow().header("origin", server.origin())).await, StatusCode::NO_CONTENT);
    let read = server.open(Method::GET, "/stream").header("cookie", &cookie).header("origin", "http://evil.example");
    assert_eq!(status(read).await, StatusCode::FORBIDDEN);
    let login = server.open(Method::POST, "/session").header("origin", "http://evil.example");
    assert_eq!(status(login.json(&json!({"token": server.token}))).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn only_hosts_that_are_ours_are_served() {
    let server = start().await;
    let health = |host: &str| server.open(Method::GET, "/health").header("host", host);
    for ours in ["localhost", "localhost:8080", "127.0.0.1", "[::1]:99", "ticker.example", "Ticker.Example:443"] {
        assert_eq!(status(health(ours)).await, StatusCode::OK, "{ours}");
    }
    for foreign in ["evil.example", "127.0.0.1.evil.example", "10.0.0.1", "ticker.example.evil"] {
        let (refused, document) = problem(health(foreign)).await;
        assert_eq!((refused, &document["code"]), (StatusCode::MISDIRECTED_REQUEST, &json!("forbidden")), "{foreign}");
    }
    let page = server.client.get(server.origin()).header("host", "evil.example");
    assert_eq!(status(page).await, StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn every_answer_keeps_the_browser_at_home() {
    let server = start().await;
    let page = server.client.get(server.origin()).send().await.unwrap();
    let missing = server.client.get(format!("{}/nothing", server.origin())).send().await.unwrap();
    let call = server.open(Method::GET, "/info").send().await.unwrap();
    for answer in [&page, &missing, &call] {
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert!(header("content-security-policy").contains("default-src 'none'"));
        assert!(header("content-security-policy").contains("frame-ancestors 'none'"));
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "no-referrer");
    }
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    assert!(page.text().await.unwrap().contains("the page"));
    let hashed = server.client.get(format!("{}/assets/main-1a2b.js", server.origin())).send().await.unwrap();
    assert!(hashed.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    let outside = server.client.get(format!("{}/..%2ftoken", server.origin()));
    assert_eq!(status(outside).await, StatusCode::NOT_FOUND);
}
