//! The page that asks about cookies, where the short way gives no crumb; and a pause that outlives the program.

#![allow(clippy::unwrap_used)]

mod provider_stub;

use market::{HealthCode, Symbol};
use provider_stub::{Asked, CRUMB, Says, Stub, UNABLE, chart, quotes, says};
use quote_engine::provider::{
    Provider, ProviderError,
    settings::Network,
    yahoo::{Consent, YahooConfig, YahooProvider},
};

const FORM: &str = r#"<html><form method="post" action=""><input type="hidden" name="csrfToken" value="GoN&#x2F;rer0">
<input type="hidden" name="sessionId" value="3_cc-session"><input type="hidden" name="originalDoneUrl" value="/page?guccounter&#x3D;1">
<input type="hidden" name="namespace" value="yahoo"><button name="agree" value="agree"></form>"#;
const CONSENT_COOKIES: &str = "GUCS=begun; GUC=given; A3=d=agreed";

fn apple() -> Vec<Symbol> {
    vec![Symbol::parse("AAPL").unwrap()]
}

/// Redirects as they were recorded, with cookies along the way; the crumb is for those who went through all of it.
fn europe(asked: &Asked) -> Says {
    let cookie = asked.headers.get("cookie").map(String::as_str).unwrap_or_default();
    let to = |path: &str| says(302, "").with("location", path);
    match asked.path.as_str() {
        "/page" if asked.query.contains_key("guccounter") => to("/page/"),
        "/page/" => says(200, "<html>a page"),
        "/page" => to("/consent?gcrumb=1").with("set-cookie", "GUCS=begun; Max-Age=1800"),
        "/consent" => to("/v2/collectConsent?sessionId=3"),
        "/v2/collectConsent" if asked.method == "POST" => to("/copyConsent?sessionId=3"),
        "/v2/collectConsent" => says(200, FORM),
        "/copyConsent" => to("/page?guccounter=1")
            .with("set-cookie", "GUC=given; Domain=yahoo.com")
            .with("set-cookie", "A3=d=agreed; Max-Age=31536000; HttpOnly"),
        "/v1/test/getcrumb" if cookie == CONSENT_COOKIES => says(200, CRUMB),
        "/v7/finance/quote" if cookie == CONSENT_COOKIES => quotes(asked),
        "/cookie" => says(404, ""),
        path if path.starts_with("/v8/finance/chart/") => says(200, chart("AAPL")),
        _ => says(401, UNABLE),
    }
}

async fn deciding(consent: Consent) -> (Stub, YahooProvider) {
    let stub = Stub::start(europe).await;
    let provider = YahooProvider::new(&YahooConfig { consent, ..stub.config() }, &Network::default()).unwrap();
    (stub, provider)
}

#[tokio::test]
async fn the_form_is_sent_as_the_user_decided() {
    for (consent, button) in [(Consent::Accept, "agree"), (Consent::Reject, "reject")] {
        let (stub, provider) = deciding(consent).await;
        let answer = provider.quotes(&apple()).await.unwrap();
        assert_eq!((answer.quotes.len(), answer.note), (1, None), "{consent:?}");
        let sent: Vec<Asked> = stub.asked().into_iter().filter(|asked| asked.method == "POST").collect();
        assert_eq!(sent.len(), 1);
        assert_eq!(
            sent[0].body,
            format!(
                "csrfToken=GoN%2Frer0&sessionId=3_cc-session&originalDoneUrl=%2Fpage%3Fguccounter%3D1&namespace=yahoo&{button}={button}&{button}={button}"
            )
        );
        assert_eq!(sent[0].headers["cookie"], "GUCS=begun", "what was given on the way goes along");
        provider.quotes(&apple()).await.unwrap();
        assert_eq!((stub.count("getcrumb"), stub.count("/consent")), (2, 1), "once");
    }
}

#[tokio::test]
async fn undecided_nothing_is_sent_and_the_user_is_told() {
    let (stub, provider) = deciding(Consent::Ask).await;
    for _ in 0..3 {
        let answer = provider.quotes(&apple()).await.unwrap();
        let note = answer.note.unwrap();
        assert_eq!(note.code, Some(HealthCode::Consent));
        let note = note.text;
        assert!(note.contains("consent") && note.contains("[provider.yahoo]") && note.contains("\"reject\""), "{note}");
    }
    assert!(stub.asked().iter().all(|asked| asked.method == "GET"));
    assert_eq!((stub.count("/consent"), stub.count("getcrumb")), (1, 1), "not again so soon");
}

#[tokio::test]
async fn a_page_that_gives_a_cookie_without_asking_is_enough() {
    let stub = Stub::start(|asked| match asked.path.as_str() {
        "/page" => says(200, "<html>").with("set-cookie", CONSENT_COOKIES.replace("; ", "_")),
        "/cookie" => says(502, ""),
        "/v1/test/getcrumb" if asked.headers.contains_key("cookie") => says(200, CRUMB),
        "/v7/finance/quote" => quotes(asked),
        _ => says(401, UNABLE),
    })
    .await;
    assert_eq!(stub.provider().quotes(&apple()).await.unwrap().note, None);
}

/// Whatever the page does, the number of steps is bounded, strangers are not asked, and nothing is worse than without.
#[tokio::test]
async fn a_page_that_leads_astray_is_left() {
    let stranger = Stub::start(|_| says(200, FORM)).await;
    for (location, steps) in [
        ("https://guce.yahoo.com.example/consent".to_owned(), 1),
        ("https://notyahoo.com/consent".to_owned(), 1),
        ("http://guce.yahoo.com/consent".to_owned(), 1),
        ("http://169.254.169.254/latest".to_owned(), 1),
        ("file:///etc/passwd".to_owned(), 1),
        ("javascript:alert(1)".to_owned(), 1),
        ("/page".to_owned(), 6),
    ] {
        let stub = Stub::start(move |asked| match asked.path.as_str() {
            "/page" => says(302, "").with("location", location.clone()),
            path if path.starts_with("/v8/finance/chart/") => says(200, chart("AAPL")),
            _ => says(401, UNABLE),
        })
        .await;
        let provider =
            YahooProvider::new(&YahooConfig { consent: Consent::Accept, ..stub.config() }, &Network::default())
                .unwrap();
        assert!(provider.quotes(&apple()).await.unwrap().note.unwrap().text.contains("no crumb"));
        assert_eq!(stub.count("/page"), steps);
    }
    assert_eq!(stranger.asked().len(), 0);
}

#[tokio::test]
async fn too_many_requests_on_the_way_ends_it() {
    let stub = Stub::start(|asked| if asked.is("/consent") { says(429, "") } else { europe(asked) }).await;
    let provider = stub.provider();
    for _ in 0..2 {
        let error = provider.quotes(&apple()).await.unwrap_err();
        assert!(matches!(error, ProviderError::RateLimited { .. }), "{error}");
    }
    assert_eq!(stub.asked().len(), 4, "cookie, crumb, page, consent");
}

#[tokio::test]
async fn a_pause_outlives_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let network = Network { data_dir: Some(folder.path().to_owned()), ..Network::default() };
    let stub = Stub::start(|asked| if asked.is("/cookie") { says(404, "") } else { says(429, "") }).await;
    let left = |error: ProviderError| match error {
        ProviderError::RateLimited { retry_after, .. } => retry_after.unwrap().as_secs(),
        other => panic!("{other}"),
    };
    let first = YahooProvider::new(&stub.config(), &network).unwrap();
    assert!(left(first.quotes(&apple()).await.unwrap_err()) >= 59);
    assert_eq!(stub.asked().len(), 2);
    drop(first);

    let second = YahooProvider::new(&stub.config(), &network).unwrap();
    assert!((30..=60).contains(&left(second.quotes(&apple()).await.unwrap_err())));
    assert!((30..=60).contains(&left(second.search("apple").await.unwrap_err())));
    assert_eq!(stub.asked().len(), 2, "nothing is asked before it is over");

    let other = Stub::start(quotes).await;
    let elsewhere = YahooProvider::new(&other.config(), &network).unwrap();
    assert!(elsewhere.search("apple").await.is_err(), "another host answers, if not with a search");
    assert_eq!(other.asked().len(), 1);
}
