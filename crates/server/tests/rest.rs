//! Every call, well and badly asked.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use common::{Mqtt, Server, YOUR_TOKEN, folder_of_two, problem, start, start_in, status};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn refused(server: &Server, method: Method, path: &str) -> (u16, Value) {
    let (status, document) = problem(server.mine(method, path)).await;
    (status.as_u16(), document)
}

#[tokio::test]
async fn quotes_of_many_and_of_one() {
    let server = start().await;
    let many = server.get("/quotes?symbols=AAPL,msft").await;
    let symbols: Vec<&str> = many.as_array().unwrap().iter().map(|quote| quote["symbol"].as_str().unwrap()).collect();
    assert_eq!(symbols, ["AAPL", "MSFT"]);
    let one = server.get("/quotes/%5EGSPC").await;
    assert_eq!((&one["symbol"], &one["source"]), (&json!("^GSPC"), &json!("simulated")));
    let escaped = server.get("/quotes/BTC%2FUSD").await;
    assert_eq!(escaped["symbol"], "BTC/USD");
}

#[tokio::test]
async fn parameters_are_bounded() {
    let server = start().await;
    let too_many = vec!["A"; 1_001].join(",");
    let many = (0..201).map(|n| format!("S{n}")).collect::<Vec<_>>().join(",");
    let too_long = "A".repeat(65);
    for (path, field) in [
        ("/quotes".to_owned(), "symbols"),
        ("/quotes?symbols=".into(), "symbols"),
        ("/quotes?symbols=A,,B".into(), "symbols"),
        ("/quotes?symbols=A&symbols=B".into(), "symbols"),
        (format!("/quotes?symbols={too_many}"), "symbols"),
        (format!("/quotes/{too_long}"), "symbol"),
        ("/quotes/A%20B".into(), "symbol"),
        ("/quotes/%FF".into(), "symbol"),
        ("/search".into(), "q"),
        ("/search?q=".into(), "q"),
        (format!("/search?q={}", "a".repeat(101)), "q"),
        ("/history/AAPL?range=2d".into(), "range"),
        ("/sparks".into(), "symbols"),
        (format!("/sparks?symbols={many}"), "symbols"),
        ("/hours".into(), "symbols"),
        (format!("/hours?symbols={many}"), "symbols"),
        ("/lists/best".into(), "name"),
        ("/users/me/watchlists/a%2Fb".into(), "list"),
        ("/users/me/watchlists/%20a".into(), "list"),
        ("/users/me/alerts/a%20b".into(), "id"),
    ] {
        let (status, document) = refused(&server, Method::GET, &path).await;
        assert_eq!((status, &document["field"]), (422, &json!(field)), "{path}");
        assert_eq!(document["code"], "invalid");
    }
}

#[tokio::test]
async fn search_and_history() {
    let server = start().await;
    let found = server.get("/search?q=apple").await;
    assert_eq!(found[0]["symbol"], "AAPL");
    assert_eq!(server.get("/search?q=%20").await, json!([]));
    for range in ["1d", "5d", "1mo", "6mo", "ytd", "1y", "5y", "max"] {
        let history = server.get(&format!("/history/AAPL?range={range}")).await;
        assert_eq!(history["range"], range);
        assert!(!history["bars"].as_array().unwrap().is_empty(), "{range}");
    }
    assert_eq!(server.get("/history/AAPL").await["range"], "1d");
}

#[tokio::test]
async fn small_charts_and_lists_of_the_market() {
    let server = start().await;
    let sparks = server.get("/sparks?symbols=AAPL,NOSUCH1,msft").await;
    let told: Vec<_> = sparks.as_array().unwrap().iter().map(|day| (&day["symbol"], &day["range"])).collect();
    assert_eq!(told, [(&json!("AAPL"), &json!("1d")), (&json!("MSFT"), &json!("1d"))]);
    for list in ["trending", "most-active", "gainers", "losers"] {
        let found = server.get(&format!("/lists/{list}")).await;
        assert!(found.as_array().unwrap().len() >= 5, "{list}");
        assert!(found[0]["symbol"].is_string() && found[0]["name"].is_string(), "{found}");
    }
}

#[tokio::test]
async fn market_hours_name_the_next_bell() {
    let server = start().await;
    let hours = server.get("/hours?symbols=AAPL,BTC-USD,NOSUCH.ZZ").await;
    let told: Vec<_> = hours.as_array().unwrap().iter().map(|each| each["symbol"].as_str().unwrap()).collect();
    assert_eq!(told, ["AAPL", "BTC-USD"], "nobody knows the third");
    let (share, coin) = (&hours[0], &hours[1]);
    assert_ne!(share["opens_at"].is_string(), share["closes_at"].is_string(), "{share}");
    assert_eq!((&share["time_zone"], &share["told_by"]), (&json!("America/New_York"), &json!("calendar")));
    assert!(coin["opens_at"].is_null() && coin["closes_at"].is_null(), "{coin}");
}

#[tokio::test]
async fn watchlists_are_made_changed_and_removed() {
    let server = start().await;
    let before = server.get("/users/me/watchlists").await;
    assert_eq!(before["watchlists"][0]["name"], "default");
    let list = "/users/me/watchlists/Mein%20Depot";
    assert_eq!(refused(&server, Method::GET, list).await.0, 404);
    assert_eq!(server.put(list, &json!({"symbols": ["AAPL", "aapl", "SAP.DE"]})).await, StatusCode::CREATED);
    assert_eq!(server.get(list).await, json!({"name": "Mein Depot", "symbols": ["AAPL", "SAP.DE"]}));
    assert_eq!(server.put(list, &json!({"symbols": []})).await, StatusCode::OK);
    let pick = format!("{list}/symbols/NVDA");
    for _ in 0..2 {
        assert_eq!(status(server.mine(Method::PUT, &pick)).await, StatusCode::NO_CONTENT);
    }
    assert_eq!(server.get(list).await["symbols"], json!(["NVDA"]));
    for _ in 0..2 {
        assert_eq!(status(server.mine(Method::DELETE, &pick)).await, StatusCode::NO_CONTENT);
    }
    assert_eq!(server.get(list).await["symbols"], json!([]));
    assert_eq!(status(server.mine(Method::DELETE, list)).await, StatusCode::NO_CONTENT);
    assert_eq!(refused(&server, Method::DELETE, list).await.0, 404);
    assert_eq!(refused(&server, Method::PUT, &pick).await.0, 404);
    let (last, document) = refused(&server, Method::DELETE, "/users/me/watchlists/default").await;
    assert_eq!((last, &document["code"]), (409, &json!("invalid")));
}

#[tokio::test]
async fn alerts_are_made_changed_and_removed() {
    let server = start().await;
    let draft = json!({"symbol": "AAPL", "condition": {"kind": "above", "value": 250}});
    let made = server.mine(Method::POST, "/users/me/alerts").json(&draft).send().await.unwrap();
    assert_eq!(made.status(), StatusCode::CREATED);
    let place = made.headers()["location"].to_str().unwrap().trim_start_matches("/api/v1").to_owned();
    let alert: Value = made.json().await.unwrap();
    assert_eq!((&alert["symbol"], &alert["enabled"], &alert["repeat"]), (&json!("AAPL"), &json!(true), &json!(false)));
    assert_eq!(server.get(&place).await, alert);
    assert_eq!(server.get("/users/me/alerts").await, json!([alert]));
    let changed = json!({"symbol": "AAPL", "condition": {"kind": "day_move", "value": 3}, "repeat": true});
    assert_eq!(server.put(&place, &changed).await, StatusCode::OK);
    assert_eq!(server.get(&place).await["condition"], json!({"kind": "day_move", "value": 3.0}));
    assert_eq!(status(server.mine(Method::DELETE, &place)).await, StatusCode::NO_CONTENT);
    for method in [Method::GET, Method::DELETE] {
        assert_eq!(refused(&server, method, &place).await.0, 404);
    }
    assert_eq!(server.put(&place, &changed).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_kind_of_alert_is_taken() {
    let server = start().await;
    for condition in [
        json!({"kind": "move_within", "value": {"percent": 3.0, "minutes": 15}}),
        json!({"kind": "year_high"}),
        json!({"kind": "year_low"}),
        json!({"kind": "volume_spike", "value": 2.0}),
    ] {
        let draft = json!({"symbol": "AAPL", "condition": condition, "repeat": true, "cooldown_minutes": 60});
        let made = server.mine(Method::POST, "/users/me/alerts").json(&draft).send().await.unwrap();
        assert_eq!(made.status(), StatusCode::CREATED, "{condition}");
        let alert: Value = made.json().await.unwrap();
        assert_eq!((&alert["condition"], &alert["cooldown_minutes"]), (&condition, &json!(60)));
        assert!(alert["created_at"].is_string());
    }
}

#[tokio::test]
async fn the_log_of_alerts_is_read_marked_and_cleared() {
    let server = start().await;
    // The simulated market always moves: whatever is followed has a rule that it meets soon.
    let draft = json!({
        "symbol": "AAPL", "condition": {"kind": "move_within", "value": {"percent": 0.001, "minutes": 1}}, "repeat": true,
    });
    let made = server.mine(Method::POST, "/users/me/alerts").json(&draft).send().await.unwrap();
    assert_eq!(made.status(), StatusCode::CREATED);
    let mut log = server.get("/users/me/alert-log").await;
    while log == json!([]) {
        log = server.get("/users/me/alert-log").await;
    }
    let id = log[0]["event"]["alert"]["id"].as_str().unwrap().to_owned();
    assert_eq!((&log[0]["read"], &log[0]["silent"]), (&json!(false), &Value::Null));
    let read = format!("/users/me/alert-log/{id}/read");
    assert_eq!(status(server.mine(Method::PUT, &read)).await, StatusCode::NO_CONTENT);
    let log = server.get("/users/me/alert-log").await;
    let entry = log.as_array().unwrap().iter().find(|entry| entry["event"]["alert"]["id"] == id.as_str()).unwrap();
    assert_eq!(entry["read"], true);
    assert_eq!(refused(&server, Method::PUT, "/users/me/alert-log/nothing/read").await.0, 404);
    assert_eq!(status(server.mine(Method::PUT, "/users/me/alert-log/read")).await, StatusCode::NO_CONTENT);
    assert_eq!(status(server.mine(Method::DELETE, "/users/me/alert-log")).await, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn the_log_is_read_page_by_page() {
    let server = start().await;
    let draft = json!({
        "symbol": "AAPL", "condition": {"kind": "move_within", "value": {"percent": 0.001, "minutes": 1}}, "repeat": true,
        "cooldown_minutes": 0,
    });
    for _ in 0..3 {
        assert_eq!(status(server.mine(Method::POST, "/users/me/alerts").json(&draft)).await, StatusCode::CREATED);
    }
    while server.get("/users/me/alert-log").await.as_array().unwrap().len() < 3 {}
    for alert in server.get("/users/me/alerts").await.as_array().unwrap() {
        let path = format!("/users/me/alerts/{}", alert["id"].as_str().unwrap());
        assert_eq!(status(server.mine(Method::DELETE, &path)).await, StatusCode::NO_CONTENT);
    }
    let (mut read, mut next) = (Vec::new(), Some("/users/me/alert-log?limit=2".to_owned()));
    while let Some(path) = next {
        let page = server.mine(Method::GET, &path).send().await.unwrap();
        let link = page.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
        next = link.map(|link| link.trim_start_matches("</api/v1").split_once('>').unwrap().0.to_owned());
        read.extend(page.json::<Vec<Value>>().await.unwrap());
    }
    let ids = |entries: &[Value]| entries.iter().map(|entry| entry["event"]["alert"]["id"].clone()).collect::<Vec<_>>();
    let whole = server.get("/users/me/alert-log").await;
    // What fired just before its rule was taken away may have come since the first page.
    assert!(ids(whole.as_array().unwrap()).ends_with(&ids(&read)) && read.len() >= 3, "{read:?}");
    for (query, field) in [("limit=0", "limit"), ("limit=201", "limit"), ("limit=a", "limit"), ("before=%20", "before")]
    {
        let (status, document) = refused(&server, Method::GET, &format!("/users/me/alert-log?{query}")).await;
        assert_eq!((status, &document["field"]), (422, &json!(field)), "{query}");
    }
    assert_eq!(server.get("/users/me/alert-log?before=forgotten").await, json!([]));
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let server = start().await;
    let list = "/users/me/watchlists/default";
    let ask = async |known: &str| server.mine(Method::GET, list).header("if-none-match", known).send().await.unwrap();
    let first = ask("\"another\"").await;
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(
        (first.status(), &first.headers()["cache-control"]),
        (StatusCode::OK, &"private, no-cache".parse().unwrap())
    );
    for known in [tag.clone(), format!("\"another\", W/{tag}"), "*".into()] {
        let again = ask(&known).await;
        assert_eq!(
            (again.status(), again.headers()["etag"].to_str().unwrap()),
            (StatusCode::NOT_MODIFIED, tag.as_str())
        );
        assert_eq!(again.bytes().await.unwrap(), "");
    }
    assert_eq!(status(server.mine(Method::PUT, &format!("{list}/symbols/SAP.DE"))).await, StatusCode::NO_CONTENT);
    let news = ask(&tag).await;
    assert_eq!(news.status(), StatusCode::OK);
    assert_ne!(news.headers()["etag"].to_str().unwrap(), tag);
}

#[tokio::test]
async fn who_asks_for_too_much_is_told_when_to_come_back() {
    let server = start().await;
    let mut refused = None;
    for _ in 0..=2_000 {
        let answer = server.mine(Method::GET, "/lists/trending").send().await.unwrap();
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("a user's haste is bounded");
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "too_many");
    let yours = server.open(Method::GET, "/lists/trending").bearer_auth(YOUR_TOKEN);
    assert_eq!(status(yours).await, StatusCode::OK, "nobody pays for another's haste");
}

#[tokio::test]
async fn the_reference_is_a_page_that_loads_nothing_from_elsewhere() {
    let server = start().await;
    for (path, kind) in
        [("/reference", "text/html"), ("/reference/page.css", "text/css"), ("/reference/page.js", "text/javascript")]
    {
        let file = server.open(Method::GET, path).send().await.unwrap();
        assert_eq!(file.status(), StatusCode::OK, "{path}");
        assert!(file.headers()["content-type"].to_str().unwrap().starts_with(kind));
        assert!(file.headers()["content-security-policy"].to_str().unwrap().contains("script-src 'self'"));
        assert!(!file.text().await.unwrap().contains("//cdn"));
    }
}

#[tokio::test]
async fn the_prototypes_page_still_works() {
    let server = start_in(folder_of_two(), &[("QUICKSTOCKS_API__LEGACY", "true")]).await.unwrap();
    let call = |method: Method, path: &str, origin: &str| {
        let url = format!("{}{path}", server.origin());
        server.client.request(method, url).header("origin", origin).header("content-type", "application/json")
    };
    let page = "http://127.0.0.1:5500";
    let choice = json!({"stock_company": "Intel Corporation"}).to_string();
    let path = "/qs/stocks/preferences/praneesh";
    let chosen = call(Method::PUT, path, page).body(choice).send().await.unwrap();
    assert_eq!(
        (chosen.status(), &chosen.headers()["access-control-allow-origin"]),
        (StatusCode::OK, &page.parse().unwrap())
    );
    let symbols: Vec<String> = chosen.json().await.unwrap();
    assert_eq!(json!(symbols), server.get("/users/me/watchlists/default").await["symbols"]);
    let asked = call(Method::GET, "/qs/subscribe/praneesh", page).send().await.unwrap();
    assert_eq!(asked.json::<Value>().await.unwrap(), json!({"praneesh": "quickstocks/v1/user/me/quote/+"}));
    let spec: Value = call(Method::GET, "/qs/spec", page).send().await.unwrap().json().await.unwrap();
    assert!(spec["openapi"].is_string());
    let preflight = |origin| call(Method::OPTIONS, path, origin).header("access-control-request-method", "PUT");
    assert_eq!(preflight(page).send().await.unwrap().headers()["access-control-allow-methods"], "GET,PUT");
    let foreign = preflight("http://evil.example").send().await.unwrap();
    assert!(foreign.headers().get("access-control-allow-origin").is_none(), "other pages are refused by the browser");
    for (body, expected) in [(r#"{"stock_company":"No such company anywhere"}"#, 404), ("{}", 422), ("{", 400)] {
        assert_eq!(problem(call(Method::PUT, path, page).body(body)).await.0, expected, "{body}");
    }
    let without = start().await;
    let url = format!("{}{path}", without.origin());
    assert_eq!(
        status(without.client.put(url).body("{}")).await,
        StatusCode::METHOD_NOT_ALLOWED,
        "off unless it is set"
    );
}

#[tokio::test]
async fn a_symbol_is_muted_for_a_day_or_for_ever() {
    let server = start().await;
    assert_eq!(server.put("/users/me/muted/AAPL", &json!({"for": "today"})).await, StatusCode::NO_CONTENT);
    assert_eq!(server.put("/users/me/muted/BTC%2FUSD", &json!({"for": "ever"})).await, StatusCode::NO_CONTENT);
    let muted = &server.get("/users/me/preferences").await["muted"];
    assert!(muted[0]["symbol"] == "AAPL" && muted[0]["until"].is_string(), "{muted}");
    assert_eq!(muted[1], json!({"symbol": "BTC/USD"}));
    assert_eq!(server.put("/users/me/muted/AAPL", &json!({"for": "long"})).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(status(server.mine(Method::DELETE, "/users/me/muted/AAPL")).await, StatusCode::NO_CONTENT);
    assert_eq!(server.get("/users/me/preferences").await["muted"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_bad_body_is_told_with_its_field() {
    let server = start().await;
    let post = |body: String| server.mine(Method::POST, "/users/me/alerts").body(body);
    let cases = [
        ("no json", 400, Value::Null),
        ("", 400, Value::Null),
        ("[]", 422, json!("body")),
        ("{}", 422, json!("symbol")),
        (r#"{"symbol":"A B","condition":{"kind":"above","value":1}}"#, 422, json!("symbol")),
        (r#"{"symbol":"A","condition":{"kind":"above","value":0}}"#, 422, json!("condition.value")),
        (r#"{"symbol":"A","condition":{"kind":"below","value":1e13}}"#, 422, json!("condition.value")),
        (r#"{"symbol":"A","condition":{"kind":"sideways","value":1}}"#, 422, json!("condition.kind")),
        (r#"{"symbol":"A","condition":{"kind":"above","value":1},"repeat":"no"}"#, 422, json!("repeat")),
        (
            r#"{"symbol":"A","condition":{"kind":"move_within","value":{"percent":3,"minutes":0}}}"#,
            422,
            json!("condition.value.minutes"),
        ),
        (r#"{"symbol":"A","condition":{"kind":"volume_spike","value":-1}}"#, 422, json!("condition.value")),
        (r#"{"symbol":"A","condition":{"kind":"year_high"},"cooldown_minutes":10081}"#, 422, json!("cooldown_minutes")),
    ];
    for (body, status, field) in cases {
        let (refused, document) = problem(post(body.into())).await;
        assert_eq!((refused.as_u16(), &document["field"]), (status, &field), "{body}");
    }
    let (too_large, _) = problem(post(" ".repeat(64 * 1024 + 1))).await;
    assert_eq!(too_large, StatusCode::PAYLOAD_TOO_LARGE);
    let symbols: Vec<String> = vec!["A B".into()];
    let list = server.mine(Method::PUT, "/users/me/watchlists/x").json(&json!({"symbols": symbols}));
    assert_eq!(problem(list).await.1["field"], "symbols");
}

#[tokio::test]
async fn preferences_are_kept() {
    let server = start().await;
    let path = "/users/me/preferences";
    assert_eq!(server.get(path).await["day_move_alerts"], true);
    let new = json!({"day_move_alerts": false, "pinned": "AAPL", "theme": "dark", "welcomed": true});
    assert_eq!(server.put(path, &new).await, StatusCode::OK);
    let kept = server.get(path).await;
    for (name, value) in new.as_object().unwrap() {
        assert_eq!(&kept[name], value, "{name}");
    }
    for (wrong, field) in [
        (json!({"theme": "pink"}), "theme"),
        (json!({"release_after_seconds": 86_401}), "release_after_seconds"),
        (json!({"quiet_hours": {"from": "22", "to": "07:00"}}), "quiet_hours.from"),
        (json!({"digest": {"at": "25:00"}}), "digest.at"),
        (json!({"time_zone": "Mars/Olympus"}), "time_zone"),
    ] {
        let (status, document) = problem(server.mine(Method::PUT, path).json(&wrong)).await;
        assert_eq!((status.as_u16(), &document["field"]), (422, &json!(field)), "{wrong}");
    }
}

#[tokio::test]
async fn who_changes_one_preference_undoes_no_other() {
    let server = start().await;
    let path = "/users/me/preferences";
    let patch = async |change: &Value| {
        let request = server.mine(Method::PATCH, path).header("content-type", "application/merge-patch+json");
        let answer = request.body(change.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{change}");
        answer.json::<Value>().await.unwrap()
    };
    let quiet = json!({"from": "22:00", "to": "07:00"});
    patch(&json!({"quiet_hours": quiet, "alerts_paused_until": "2026-11-26T07:00:00Z", "pinned": "AAPL"})).await;
    let all = patch(&json!({"theme": "dark", "pinned": null, "quiet_hours": {"to": "08:00"}})).await;
    assert_eq!(all, server.get(path).await, "the answer is the whole of them");
    assert_eq!((&all["theme"], &all["pinned"]), (&json!("dark"), &Value::Null));
    assert_eq!(all["quiet_hours"], json!({"from": "22:00", "to": "08:00"}));
    assert_eq!(all["alerts_paused_until"], "2026-11-26T07:00:00Z", "nobody named it");
    for wrong in
        [json!({"theme": "pink"}), json!({"release_after_seconds": 86_401}), json!({"time_zone": "Mars/Olympus"})]
    {
        let (status, _) = problem(server.mine(Method::PATCH, path).json(&wrong)).await;
        assert_eq!((status.as_u16(), &server.get(path).await), (422, &all), "{wrong}");
    }
}

#[tokio::test]
async fn the_program_tells_of_itself() {
    let server = start().await;
    server.get("/quotes?symbols=AAPL").await;
    let info = server.get("/info").await;
    assert_eq!((&info["user"], &info["feed"], &info["desktop"]), (&json!("me"), &json!("simulated"), &json!(false)));
    assert_eq!(info["mqtt_address"], server.mqtt_addr().to_string());
    let subscription = server.get("/users/me/subscription").await;
    assert_eq!(subscription["topic"], "quickstocks/v1/user/me/quote/+");
    assert_eq!(subscription["address"], format!("mqtt://{}", server.mqtt_addr()));
    let topic = server.get("/quotes/BTC%2FUSD/topic").await;
    assert_eq!(topic, json!({"topic": "quickstocks/v1/quote/BTC%2FUSD"}));
    let picks = server.get("/top-picks").await;
    assert_eq!(picks[0], json!({"symbol": "AAPL", "followers": 2}));
    let mut providers = server.get("/providers").await;
    while providers == json!([]) {
        providers = server.get("/providers").await;
    }
    assert_eq!(providers[0]["name"], "simulated");
    assert_eq!(server.get("/ready").await["status"], "ready");
    assert_eq!(status(server.mine(Method::POST, "/retry")).await, StatusCode::NO_CONTENT);
    let metrics = server.mine(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("quickstocks_provider_up{provider=\"simulated\"} 1"), "{metrics}");
    let broker = server.get("/mqtt").await;
    for (name, value) in broker.as_object().unwrap() {
        assert!(value.is_u64() && metrics.contains(&format!("quickstocks_mqtt_{name}")), "{name} {metrics}");
    }
    assert!(broker["messages_in"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn an_edit_stands_retained_on_mqtt() {
    let server = start().await;
    let pick = server.mine(Method::PUT, "/users/me/watchlists/default/symbols/AMD");
    assert_eq!(status(pick).await, StatusCode::NO_CONTENT);
    let mut mqtt = Mqtt::reading(server.mqtt_addr(), Some(("me", &server.token)), "quickstocks/v1/user/#").await;
    let told = |topic: &str, payload: &[u8]| {
        let lists: Value = serde_json::from_slice(payload).unwrap_or_default();
        let symbols = lists["watchlists"][0]["symbols"].as_array();
        topic == "quickstocks/v1/user/me/watchlists" && symbols.is_some_and(|all| all.contains(&json!("AMD")))
    };
    mqtt.until(told).await;
}

#[tokio::test]
async fn the_document_and_the_routes_are_the_same() {
    let server = start().await;
    let document: Value = server.open(Method::GET, "/openapi.json").send().await.unwrap().json().await.unwrap();
    let paths = document["paths"].as_object().unwrap();
    let contract = [
        "/quotes",
        "/quotes/{symbol}",
        "/quotes/{symbol}/topic",
        "/search",
        "/history/{symbol}",
        "/sparks",
        "/hours",
        "/lists/{name}",
        "/users/{user}/watchlists",
        "/users/{user}/watchlists/{list}",
        "/users/{user}/watchlists/{list}/symbols/{symbol}",
        "/users/{user}/watchlists/{list}/name",
        "/users/{user}/watchlists/{list}/place",
        "/users/{user}/watchlists/{list}/view",
        "/users/{user}/watchlists/{list}/symbols/{symbol}/place",
        "/users/{user}/notes",
        "/users/{user}/notes/{symbol}",
        "/users/{user}/holdings",
        "/users/{user}/holdings/{symbol}",
        "/users/{user}/valuation",
        "/users/{user}/import",
        "/users/{user}/export",
        "/users/{user}/backups",
        "/users/{user}/backups/{backup}/restore",
        "/users/{user}/alerts",
        "/users/{user}/alerts/{id}",
        "/users/{user}/alert-log",
        "/users/{user}/alert-log/read",
        "/users/{user}/alert-log/{id}/read",
        "/users/{user}/muted/{symbol}",
        "/push/key",
        "/users/{user}/push/{destination}",
        "/users/{user}/destinations",
        "/users/{user}/destinations/{destination}",
        "/users/{user}/destinations/{destination}/secret",
        "/users/{user}/destinations/{destination}/test",
        "/users/{user}/undelivered",
        "/users/{user}/undelivered/{letter}",
        "/users/{user}/undelivered/{letter}/retry",
        "/users/{user}/subscription",
        "/users/{user}/preferences",
        "/users/{user}/password",
        "/top-picks",
        "/providers",
        "/providers/keys",
        "/providers/{provider}/key",
        "/stream",
        "/session",
        "/openapi.json",
        "/health",
        "/ready",
        "/metrics",
        "/mqtt",
        "/info",
        "/retry",
    ];
    let documented: Vec<&str> = paths.keys().map(|path| path.strip_prefix("/api/v1").unwrap()).collect();
    let missing: Vec<&&str> = contract.iter().filter(|path| !documented.contains(path)).collect();
    assert!(missing.is_empty() && documented.len() == contract.len(), "{missing:?} of {documented:?}");
    for (path, item) in paths {
        let url = path.replace("{user}", "me").replace("{symbol}", "AAPL").replace("{list}", "x").replace("{id}", "1");
        let url = url.replace("{provider}", "finnhub").replace("{destination}", "x").replace("{letter}", "1");
        let url = url.replace("{name}", "trending").replace("{backup}", "1");
        let documented: Vec<String> = item.as_object().unwrap().keys().map(|m| m.to_uppercase()).collect();
        let refusal =
            server.client.request(Method::TRACE, format!("{}{url}", server.origin())).bearer_auth(&server.token);
        let refusal = refusal.send().await.unwrap();
        assert_eq!(refusal.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        let allowed = refusal.headers()["allow"].to_str().unwrap().to_owned();
        let mut allowed: Vec<&str> = allowed.split(',').filter(|m| *m != "HEAD").collect();
        let mut documented: Vec<&str> = documented.iter().map(String::as_str).collect();
        allowed.sort_unstable();
        documented.sort_unstable();
        assert_eq!(allowed, documented, "{path}");
    }
}

#[tokio::test]
async fn what_is_nowhere_is_a_problem_too() {
    let server = start().await;
    let (status, document) = refused(&server, Method::GET, "/nothing").await;
    assert_eq!((status, &document["code"]), (404, &json!("not_found")));
}

#[tokio::test]
async fn a_list_of_the_largest_size_fits_and_one_more_does_not() {
    let server = start().await;
    let symbols: Vec<String> = (0..=10_000).map(|n| format!("S{n}")).collect();
    let path = "/users/me/watchlists/all";
    assert_eq!(server.put(path, &json!({"symbols": symbols[1..]})).await, StatusCode::CREATED);
    let (status, document) = problem(server.mine(Method::PUT, path).json(&json!({"symbols": symbols}))).await;
    assert_eq!((status.as_u16(), &document["field"]), (422, &json!("symbols")));
    let mut mqtt = Mqtt::reading(server.mqtt_addr(), Some(("me", &server.token)), "quickstocks/v1/user/#").await;
    let told =
        mqtt.until(|topic, payload| topic.ends_with("/watchlists") && payload.ends_with(b"\"S10000\"]}]}")).await;
    assert!(told.1.len() > 64 * 1024, "more than a client may send");
}

/// None of this comes to the keychain: it may be the one of whoever runs the tests.
#[tokio::test]
async fn keys_of_providers_are_told_of_and_never_told() {
    let folder = folder_of_two();
    let file = folder.path().join("secrets.toml");
    std::fs::write(&file, "[provider.finnhub]\nkey = \"of-the-file\"\n").unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let server = start_in(folder, &[]).await.unwrap();
    let keys = server.get("/providers/keys").await;
    assert_eq!((keys.as_array().unwrap().len(), &keys[0]["provider"]), (1, &json!("finnhub")));
    assert!(keys[0]["place"].is_string() && !keys.to_string().contains("of-the-file"), "{keys}");
    let path = "/providers/finnhub/key";
    for (body, status, field) in [
        ("{}", 422, json!("key")),
        (r#"{"key":12345}"#, 422, json!("key")),
        (r#"{"key":""}"#, 422, json!("key")),
        (r#"{"key":"two words"}"#, 422, json!("key")),
        (r#"{"key":"12345"#, 400, Value::Null),
    ] {
        let (refused, document) = problem(server.mine(Method::PUT, path).body(body)).await;
        assert_eq!((refused.as_u16(), &document["field"]), (status, &field), "{body}");
        assert!(!document.to_string().contains("12345") && !document.to_string().contains("two words"), "{document}");
    }
    let too_long = server.mine(Method::PUT, path).json(&json!({"key": "a".repeat(513)}));
    assert_eq!(problem(too_long).await.1["field"], "key");
    let key = json!({"key": "abc"});
    assert_eq!(server.put("/providers/yahoo/key", &key).await, StatusCode::NOT_FOUND);
    assert_eq!(server.put("/providers/Yahoo!/key", &key).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused(&server, Method::DELETE, "/providers/yahoo/key").await.0, 404);
}

#[tokio::test]
async fn keys_are_the_owners() {
    let server = start().await;
    for (method, path) in [
        (Method::GET, "/providers/keys"),
        (Method::PUT, "/providers/finnhub/key"),
        (Method::DELETE, "/providers/finnhub/key"),
    ] {
        let (anybody, _) = problem(server.open(method.clone(), path)).await;
        assert_eq!(anybody, StatusCode::UNAUTHORIZED, "{method} {path}");
        let other = server.open(method.clone(), path).bearer_auth(YOUR_TOKEN).json(&json!({"key": "abc"}));
        assert_eq!(problem(other).await.0, StatusCode::FORBIDDEN, "{method} {path}");
    }
}

#[tokio::test]
async fn lists_are_renamed_ordered_and_looked_at() {
    let server = start().await;
    let list = "/users/me/watchlists/Europe";
    let view = json!({"sort": "change", "reverse": true, "columns": ["price", "volume"], "group_by": "currency"});
    assert_eq!(server.put(list, &json!({"symbols": ["SAP.DE"], "view": view})).await, StatusCode::CREATED);
    assert_eq!(server.put(list, &json!({"symbols": ["SAP.DE", "VOD.L"]})).await, StatusCode::OK);
    assert_eq!(server.get(list).await["view"], view, "a list without a view keeps the one it has");
    assert_eq!(server.put(&format!("{list}/name"), &json!({"name": "EU"})).await, StatusCode::NO_CONTENT);
    assert_eq!(server.put("/users/me/watchlists/EU/place", &json!({"at": 0})).await, StatusCode::NO_CONTENT);
    let place = json!({"list": "EU", "at": 0});
    let moved = server.put("/users/me/watchlists/default/symbols/AAPL/place", &place).await;
    assert_eq!(moved, StatusCode::NO_CONTENT);
    let view = json!({"sort": "cap", "reverse": false, "columns": [], "group_by": "none"});
    assert_eq!(server.put("/users/me/watchlists/EU/view", &view).await, StatusCode::NO_CONTENT);
    let lists = server.get("/users/me/watchlists").await;
    let expected = json!({"name": "EU", "symbols": ["AAPL", "SAP.DE", "VOD.L"], "view": view});
    assert_eq!((&lists["watchlists"][0], &lists["watchlists"][1]["name"]), (&expected, &json!("default")));
    for (path, body, status, field) in [
        ("/users/me/watchlists/EU/name", json!({"name": "default"}), 409, Value::Null),
        ("/users/me/watchlists/EU/name", json!({"name": "a/b"}), 422, json!("list")),
        ("/users/me/watchlists/gone/name", json!({"name": "x"}), 404, Value::Null),
        ("/users/me/watchlists/EU/place", json!({"at": -1}), 422, json!("at")),
        ("/users/me/watchlists/EU/view", json!({"sort": "mood"}), 422, json!("sort")),
        ("/users/me/watchlists/EU/view", json!({"columns": ["mood"]}), 422, json!("columns[0]")),
        ("/users/me/watchlists/default/symbols/AAPL/place", place, 404, Value::Null),
    ] {
        let (refused, document) = problem(server.mine(Method::PUT, path).json(&body)).await;
        assert_eq!((refused.as_u16(), &document["field"]), (status, &field), "{path} {body}");
    }
}

#[tokio::test]
async fn notes_and_holdings_are_kept_and_valued() {
    let server = start().await;
    let note = json!({"alias": "Apfel", "note": "seit 2019"});
    assert_eq!(server.put("/users/me/notes/AAPL", &note).await, StatusCode::NO_CONTENT);
    assert_eq!(server.get("/users/me/notes").await, json!({"AAPL": note}));
    let lots = json!({"lots": [{"quantity": 2.5, "cost": 100.0, "currency": "USD", "date": "2024-03-15"}]});
    assert_eq!(server.put("/users/me/holdings/AAPL", &lots).await, StatusCode::NO_CONTENT);
    assert_eq!(server.get("/users/me/holdings").await, json!({"AAPL": lots["lots"]}));
    let valuation = server.get("/users/me/valuation?currency=USD").await;
    let position = &valuation["positions"][0];
    assert_eq!((&position["symbol"], &position["cost"]), (&json!("AAPL"), &json!(250.0)));
    assert_eq!(position["value"], valuation["converted"]["value"]);
    assert_eq!(server.put("/users/me/holdings/AAPL", &json!({"lots": []})).await, StatusCode::NO_CONTENT);
    assert_eq!(server.get("/users/me/valuation").await["positions"], json!([]));
    for (path, body, field) in [
        ("/users/me/notes/AAPL", json!({"alias": "a".repeat(41)}), "note"),
        ("/users/me/holdings/AAPL", json!({"lots": [{"quantity": 0}]}), "lots"),
        ("/users/me/holdings/AAPL", json!({"lots": [{"quantity": "x"}]}), "lots[0].quantity"),
    ] {
        let (refused, document) = problem(server.mine(Method::PUT, path).json(&body)).await;
        assert_eq!((refused.as_u16(), &document["field"]), (422, &json!(field)), "{path} {body}");
    }
    assert_eq!(refused(&server, Method::GET, "/users/me/valuation?currency=euro").await.1["field"], "currency");
}

#[tokio::test]
async fn a_file_is_looked_at_taken_in_exported_and_taken_back() {
    let server = start().await;
    let post = |body: Value| server.mine(Method::POST, "/users/me/import").json(&body).send();
    let text = "Symbol,Note,Quantity\nSAP.DE,=1+1,3\nA B,,\n";
    let look: Value = post(json!({"text": text})).await.unwrap().json().await.unwrap();
    assert_eq!((&look["format"], &look["problems"][0]["line"]), (&json!("csv"), &json!(3)));
    assert_eq!(server.get("/users/me/notes").await, json!({}), "looking changes nothing");
    let taken = post(json!({"text": text, "choice": {"list": "Europe"}})).await.unwrap();
    assert_eq!(taken.status(), StatusCode::OK);
    assert_eq!(server.get("/users/me/watchlists/Europe").await["symbols"], json!(["SAP.DE"]));
    let table = server.mine(Method::GET, "/users/me/export?format=csv").send().await.unwrap();
    assert_eq!(table.headers()["content-type"], "text/csv; charset=utf-8");
    assert!(table.text().await.unwrap().contains("\r\nEurope,SAP.DE,,'=1+1,3,,,\r\n"));
    assert_eq!(server.get("/users/me/export").await["quickstocks"], 1);
    let backups = server.get("/users/me/backups").await;
    assert_eq!((&backups["backups"][0]["lists"], &backups["damaged"]), (&json!(1), &json!([])));
    let restore = format!("/users/me/backups/{}/restore", backups["backups"][0]["id"].as_str().unwrap());
    assert_eq!(status(server.mine(Method::POST, &restore)).await, StatusCode::NO_CONTENT);
    assert_eq!(refused(&server, Method::GET, "/users/me/watchlists/Europe").await.0, 404);
    for (body, field) in [
        (json!({"text": ""}), "text"),
        (json!({"text": "A\u{0}"}), "text"),
        (json!({"text": "AAPL", "choice": {"list": "a/b"}}), "list"),
        (json!({"choice": {}}), "text"),
    ] {
        let (refused, document) = problem(server.mine(Method::POST, "/users/me/import").json(&body)).await;
        assert_eq!((refused.as_u16(), &document["field"]), (422, &json!(field)), "{body}");
    }
    for (path, status) in [("none", 422), ("2020-01-01T00-00-00-000Z", 404), ("..%2Ftoken", 422)] {
        let path = format!("/users/me/backups/{path}/restore");
        assert_eq!(refused(&server, Method::POST, &path).await.0, status, "{path}");
    }
    assert_eq!(refused(&server, Method::GET, "/users/me/export?format=xls").await.1["field"], "format");
}
