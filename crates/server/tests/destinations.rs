//! Destinations of alerts by REST: made, tested, asked about, removed; and nobody's but their user's.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use common::{Server, YOUR_TOKEN, folder_of_two, problem, start, start_in, status};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const MAIL: &str = "/users/me/destinations/mail";

fn mail(address: &str) -> Value {
    json!({"name": "Mail", "to": {"kind": "email", "address": address}})
}

async fn field(server: &Server, path: &str, body: &Value) -> (u16, Value) {
    let (status, document) = problem(server.mine(Method::PUT, path).json(body)).await;
    (status.as_u16(), document["field"].clone())
}

#[tokio::test]
async fn a_destination_is_made_changed_tested_and_removed() {
    let server = start().await;
    let none = json!({"destinations": [], "email": false, "sms": false});
    assert_eq!(server.get("/users/me/destinations").await, none);
    assert_eq!(server.put(MAIL, &mail("me@example.org")).await, StatusCode::CREATED);
    for _ in 0..2 {
        assert_eq!(
            server.put(MAIL, &mail("you@example.org")).await,
            StatusCode::NO_CONTENT,
            "the same again is the same"
        );
    }
    let state = &server.get("/users/me/destinations").await["destinations"][0];
    let to =
        json!({"id": "mail", "name": "Mail", "enabled": true, "to": {"kind": "email", "address": "you@example.org"}});
    assert_eq!(state, &json!({"destination": to, "secret": false, "waiting": 0}));
    let tested = server.mine(Method::POST, &format!("{MAIL}/test")).send().await.unwrap();
    assert_eq!(tested.status(), StatusCode::OK);
    let outcome: Value = tested.json().await.unwrap();
    assert_eq!(outcome["delivered"], false);
    assert!(outcome["said"].as_str().unwrap().contains("[mail]"), "{outcome}");
    assert_eq!(server.get("/users/me/undelivered").await, json!([]), "a test is no alert");
    assert_eq!(status(server.mine(Method::DELETE, MAIL)).await, StatusCode::NO_CONTENT);
    assert_eq!(problem(server.mine(Method::DELETE, MAIL)).await.0, StatusCode::NOT_FOUND);
    assert_eq!(problem(server.mine(Method::POST, &format!("{MAIL}/test"))).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let server = start().await;
    for (body, wrong) in [
        (json!({"to": {"kind": "slack"}}), "name"),
        (json!({"name": "", "to": {"kind": "slack"}}), "name"),
        (json!({"name": "a", "to": {"kind": "pigeon"}}), "to.kind"),
        (json!({"name": "a", "to": {"kind": "email"}}), "to"),
        (mail("a@b\r\nBcc: c@d"), "to.address"),
        (json!({"name": "a", "to": {"kind": "webhook", "url": "file:///etc/passwd"}}), "to.url"),
        (json!({"name": "a", "to": {"kind": "ntfy", "server": "https://ntfy.sh", "topic": "a/b"}}), "to.topic"),
        (json!({"name": "a", "to": {"kind": "telegram", "chat": "?"}}), "to.chat"),
        (json!({"name": "a", "to": {"kind": "sms", "number": "112"}}), "to.number"),
    ] {
        let (status, field) = field(&server, "/users/me/destinations/a", &body).await;
        assert_eq!(status, 422, "{body}");
        assert!(field.as_str().is_some_and(|field| field == wrong || wrong.starts_with(field)), "{body}: {field}");
    }
    assert_eq!(field(&server, "/users/me/destinations/a%20b", &mail("a@b.example")).await, (422, json!("destination")));
    for n in 0..20 {
        assert_eq!(server.put(&format!("/users/me/destinations/{n}"), &mail("a@b.example")).await, StatusCode::CREATED);
    }
    assert_eq!(field(&server, "/users/me/destinations/20", &mail("a@b.example")).await.0, 409);
    for (method, path) in [(Method::DELETE, "/users/me/undelivered/1"), (Method::POST, "/users/me/undelivered/1/retry")]
    {
        assert_eq!(problem(server.mine(method, path)).await.0, StatusCode::NOT_FOUND);
    }
    assert_eq!(problem(server.mine(Method::DELETE, "/users/me/undelivered/x")).await.1["field"], "letter");
}

#[tokio::test]
async fn an_alert_names_destinations_that_there_are() {
    let server = start().await;
    server.put(MAIL, &mail("a@b.example")).await;
    let draft = |to: Value| json!({"symbol": "AAPL", "condition": {"kind": "above", "value": 1}, "destinations": to});
    let made = server.mine(Method::POST, "/users/me/alerts").json(&draft(json!(["mail"]))).send().await.unwrap();
    assert_eq!(made.status(), StatusCode::CREATED);
    let (refused, document) =
        problem(server.mine(Method::POST, "/users/me/alerts").json(&draft(json!(["gone"])))).await;
    assert_eq!((refused.as_u16(), &document["detail"]), (404, &json!("there is no destination \"gone\"")));
    status(server.mine(Method::DELETE, MAIL)).await;
    assert_eq!(server.get("/users/me/alerts").await[0]["destinations"], json!([]));
}

/// None of this comes to the keychain: it may be the one of whoever runs the tests.
#[tokio::test]
async fn a_secret_is_told_of_and_never_told() {
    let folder = folder_of_two();
    let secrets = folder.path().join("destination-secrets");
    std::fs::create_dir(&secrets).unwrap();
    std::fs::write(secrets.join("me.hook"), "of-the-file").unwrap();
    let server = start_in(folder, &[]).await.unwrap();
    let hook = json!({"name": "Hook", "to": {"kind": "webhook", "url": "https://hook.example/"}});
    server.put("/users/me/destinations/hook", &hook).await;
    let listed = server.get("/users/me/destinations").await;
    assert_eq!(listed["destinations"][0]["secret"], true);
    assert!(!listed.to_string().contains("of-the-file"), "{listed}");
    let path = "/users/me/destinations/hook/secret";
    for body in [json!({}), json!({"secret": ""}), json!({"secret": "two words"}), json!({"secret": 12345})] {
        let (status, document) = problem(server.mine(Method::PUT, path).json(&body)).await;
        assert_eq!((status.as_u16(), &document["field"]), (422, &json!("secret")), "{body}");
        assert!(!document.to_string().contains("12345") && !document.to_string().contains("two words"), "{document}");
    }
    server.put(MAIL, &mail("a@b.example")).await;
    assert_eq!(server.put(&format!("{MAIL}/secret"), &json!({"secret": "x"})).await, StatusCode::CONFLICT);
    assert_eq!(server.put("/users/me/destinations/no/secret", &json!({"secret": "x"})).await, StatusCode::NOT_FOUND);
    assert_eq!(status(server.mine(Method::DELETE, "/users/me/destinations/hook")).await, StatusCode::NO_CONTENT);
    assert!(!secrets_of(&server).join("me.hook").exists(), "it goes with its destination");
}

fn secrets_of(server: &Server) -> std::path::PathBuf {
    server.folder.path().join("destination-secrets")
}

#[tokio::test]
async fn they_are_nobody_elses() {
    let server = start().await;
    server.put(MAIL, &mail("a@b.example")).await;
    for (method, path) in [
        (Method::GET, "/users/me/destinations"),
        (Method::PUT, MAIL),
        (Method::DELETE, MAIL),
        (Method::POST, "/users/me/destinations/mail/test"),
        (Method::PUT, "/users/me/destinations/mail/secret"),
        (Method::DELETE, "/users/me/destinations/mail/secret"),
        (Method::GET, "/users/me/undelivered"),
        (Method::DELETE, "/users/me/undelivered/1"),
        (Method::POST, "/users/me/undelivered/1/retry"),
    ] {
        assert_eq!(problem(server.open(method.clone(), path)).await.0, StatusCode::UNAUTHORIZED, "{method} {path}");
        let other = server.open(method.clone(), path).bearer_auth(YOUR_TOKEN).json(&mail("c@d.example"));
        assert_eq!(problem(other).await.0, StatusCode::FORBIDDEN, "{method} {path}");
    }
    assert_eq!(
        server.get("/users/me/destinations").await["destinations"][0]["destination"]["to"]["address"],
        "a@b.example"
    );
}
