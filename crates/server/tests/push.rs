//! Browsers told by Web Push, by REST: subscribed, told, removed; and HTTPS, without which no browser off this machine is.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use common::{YOUR_TOKEN, folder_of_two, problem, start, start_in, status};
use reqwest::{Certificate, Method, StatusCode};
use serde_json::{Value, json};

const LAPTOP: &str = "/users/me/push/laptop";
/// The keys of RFC 8291, section 5.
const P256DH: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

fn subscription(endpoint: &str) -> Value {
    json!({"endpoint": endpoint, "expirationTime": null, "keys": {"p256dh": P256DH, "auth": AUTH}})
}

#[tokio::test]
async fn a_browser_is_subscribed_and_removed_and_its_address_is_never_told() {
    let server = start().await;
    let key = server.get("/push/key").await["key"].as_str().unwrap().to_owned();
    assert!(key.len() == 87 && key.starts_with('B'), "{key}");
    assert_eq!(server.put(LAPTOP, &subscription("https://push.example/hidden")).await, StatusCode::CREATED);
    assert_eq!(server.put(LAPTOP, &subscription("https://push.example/hidden2")).await, StatusCode::NO_CONTENT);
    let listed = server.get("/users/me/destinations").await;
    let destination = json!({"id": "laptop", "name": "Browser", "enabled": true, "to": {"kind": "web_push"}});
    assert_eq!(listed["destinations"][0], json!({"destination": destination, "secret": true, "waiting": 0}));
    assert!(!listed.to_string().contains("hidden"));
    assert_eq!(status(server.mine(Method::DELETE, LAPTOP)).await, StatusCode::NO_CONTENT);
    assert_eq!(problem(server.mine(Method::DELETE, LAPTOP)).await.0, StatusCode::NOT_FOUND);
    assert_eq!(server.get("/push/key").await["key"], key, "browsers have subscribed to it");
}

#[tokio::test]
async fn what_is_no_subscription_is_refused_and_its_field_named() {
    let server = start().await;
    let with = |pointer: &str, value: Value| {
        let mut subscription = subscription("https://push.example/p");
        *subscription.pointer_mut(pointer).unwrap() = value;
        subscription
    };
    for (body, wrong) in [
        (json!({}), "endpoint"),
        (with("/endpoint", json!("http://push.example/p")), "endpoint"),
        (with("/endpoint", json!("https://push.example/\u{1}")), "endpoint"),
        (with("/endpoint", json!(format!("https://push.example/{}", "x".repeat(2_000)))), "endpoint"),
        (with("/keys", json!({})), "keys"),
        (with("/keys/auth", json!("short")), "keys.auth"),
        (with("/keys/p256dh", json!("A".repeat(87))), "keys.p256dh"),
    ] {
        let (status, document) = problem(server.mine(Method::PUT, LAPTOP).json(&body)).await;
        assert_eq!(status, 422, "{body}");
        let field = document["field"].as_str().unwrap();
        assert!(field == wrong || field.starts_with(wrong), "{body}: {document}");
    }
    for (method, path) in [(Method::PUT, LAPTOP), (Method::DELETE, LAPTOP)] {
        assert_eq!(problem(server.open(method.clone(), path)).await.0, StatusCode::UNAUTHORIZED);
        let other = server.open(method, path).bearer_auth(YOUR_TOKEN).json(&subscription("https://push.example/p"));
        assert_eq!(problem(other).await.0, StatusCode::FORBIDDEN);
    }
    assert_eq!(problem(server.open(Method::GET, "/push/key")).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn over_https_the_cookie_goes_nowhere_without() {
    let folder = folder_of_two();
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let (certificate, key) = (certificate.display().to_string(), key.display().to_string());
    let settings = [("QUICKSTOCKS_API__TLS_CERT", certificate.as_str()), ("QUICKSTOCKS_API__TLS_KEY", key.as_str())];
    let server = start_in(folder, &settings).await.unwrap();
    let link = server.api.login_link(&market::UserName::me());
    let (page, code) = link.split_once("/#login=").unwrap();
    assert!(page.starts_with("https://"), "{link}");
    let trusted = Certificate::from_pem(made.cert.pem().as_bytes()).unwrap();
    let client = reqwest::Client::builder().add_root_certificate(trusted).build().unwrap();
    let answer = client.post(format!("{page}/api/v1/session")).json(&json!({"code": code})).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.headers()["set-cookie"].to_str().unwrap().ends_with("; Secure"));
    assert!(client.get(server.origin()).send().await.is_err(), "no plain HTTP beside it");
}

#[tokio::test]
async fn a_certificate_that_is_none_ends_the_start_and_names_its_setting() {
    let folder = folder_of_two();
    let file = folder.path().join("none.pem").display().to_string();
    let settings = [("QUICKSTOCKS_API__TLS_CERT", file.as_str()), ("QUICKSTOCKS_API__TLS_KEY", file.as_str())];
    let refused = start_in(folder, &settings).await.err().unwrap().to_string();
    assert!(refused.starts_with("api.listen: api.tls_cert: ") && refused.contains("none.pem"), "{refused}");
}

#[tokio::test]
async fn a_proxy_with_https_is_believed_if_it_is_trusted() {
    for (trusted, secure) in [("127.0.0.1", true), ("10.0.0.1", false)] {
        let server = start_in(folder_of_two(), &[("QUICKSTOCKS_API__TRUSTED_PROXIES", trusted)]).await.unwrap();
        let told = server.open(Method::POST, "/session").header("x-forwarded-proto", "https");
        let answer = told.json(&json!({"token": server.token})).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
        assert_eq!(cookie.ends_with("; Secure"), secure, "{cookie}");
    }
}
