//! Alerts on their way to destinations: real desk, bus, outbox and HTTP servers; the mail server speaks as little as one may.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test may panic")]

use std::{
    collections::VecDeque,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header::LOCATION},
    response::IntoResponse as _,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bus::{Bus, TopicPolicy, Topics};
use market::{Edit, Edited, LogEvent, PushKeys, PushSubscription, Silence, UserName};
use quote_engine::{
    desk::{Desk, DeskHandle, Happened},
    destinations::{
        Courier, DestinationsConfig, DestinationsError, DestinationsHandle, MailConfig, MailSecurity, Round, SmsConfig,
        TELEGRAM_URL,
    },
    provider::settings::Network,
    secrets::{Keychain, SecretString, Secrets},
    store::FileStore,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
    sync::mpsc,
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use web_push_native::{
    Auth, decrypt,
    p256::{SecretKey, elliptic_curve::rand_core::OsRng, elliptic_curve::sec1::ToEncodedPoint as _},
};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// What an endpoint was asked.
#[derive(Debug)]
struct Asked {
    path: String,
    headers: HeaderMap,
    body: String,
    bytes: Vec<u8>,
}

impl Asked {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// What an endpoint answers: status, headers and body.
type Answer = (u16, &'static [(&'static str, &'static str)], &'static str);

/// An HTTP server that answers from a script, and with 200 when that is over; it tells what it is asked.
struct Endpoint {
    addr: SocketAddr,
    asked: mpsc::UnboundedReceiver<Asked>,
    script: Arc<Mutex<VecDeque<Answer>>>,
}

#[derive(Clone)]
struct Scripted(mpsc::UnboundedSender<Asked>, Arc<Mutex<VecDeque<Answer>>>);

async fn answered(
    State(Scripted(told, script)): State<Scripted>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> axum::response::Response {
    let (bytes, body) = (body.to_vec(), String::from_utf8_lossy(&body).into_owned());
    let _ = told.send(Asked { path: uri.path().to_owned(), headers, body, bytes });
    let (status, headers, body) = script.lock().unwrap().pop_front().unwrap_or((200, &[], "ok"));
    let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(*name, value.parse().unwrap());
    }
    if (300..400).contains(&status) {
        assert!(response.headers().contains_key(LOCATION));
    }
    response
}

impl Endpoint {
    async fn start(answers: &[Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (told, asked) = mpsc::unbounded_channel();
        let script = Arc::new(Mutex::new(answers.iter().copied().collect::<VecDeque<_>>()));
        let app = Router::new().fallback(answered).with_state(Scripted(told, Arc::clone(&script)));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { addr, asked, script }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    async fn next(&mut self) -> Asked {
        timeout(PATIENCE, self.asked.recv()).await.expect("asked in a minute").unwrap()
    }

    fn has_heard_nothing(&mut self) -> bool {
        self.asked.try_recv().is_err()
    }
}

/// A desk with its bus, and a round that delivers.
struct Office {
    desk: DeskHandle,
    handle: DestinationsHandle,
    secrets: Arc<Secrets>,
    stop: CancellationToken,
    _broker: broker::Broker,
}

fn config(folder: &Path) -> DestinationsConfig {
    DestinationsConfig {
        data_dir: folder.into(),
        key_dir: folder.into(),
        mail: None,
        sms: None,
        private_hosts: ["127.0.0.1".to_owned()].into(),
        telegram_url: TELEGRAM_URL.into(),
        network: Network::default(),
        ca_file: "".into(),
        languages: vec!["en".into()],
    }
}

fn me() -> UserName {
    UserName::me()
}

fn topics() -> Topics {
    Topics::new("quickstocks/v1", false)
}

fn broker_of(desk: &DeskHandle) -> broker::Broker {
    let policy = TopicPolicy {
        topics: topics(),
        accounts: Arc::new(desk.clone()),
        access: bus::Access::new(bus::Anonymous::Loopback, bus::OtherTopics::None),
        logins: Arc::default(),
        home_assistant: false,
    };
    broker::Broker::start(broker::Config::default(), Arc::new(policy)).unwrap()
}

impl Office {
    fn open(folder: &Path, config: DestinationsConfig) -> Self {
        let opened = Desk::open(folder, Box::new(FileStore::new(folder))).unwrap();
        let broker = broker_of(&opened.handle);
        let bus = Bus::embedded(&broker, topics());
        let stop = CancellationToken::new();
        let none = Keychain::opened_by(|| Err("there is none here".to_owned()));
        let secrets = Arc::new(Secrets::with(folder, [], none));
        let desk = opened.handle;
        let (round, handle) = Round::new(Courier::new(config, Arc::clone(&secrets)), desk.clone());
        tokio::spawn(opened.desk.run(bus.clone(), stop.clone()));
        tokio::spawn(round.run(bus, stop.clone()));
        Self { desk, handle, secrets, stop, _broker: broker }
    }

    async fn put(&self, id: &str, to: Value) {
        let destination = json!({"id": id, "name": id, "enabled": true, "to": to});
        let destination = serde_json::from_value(destination).unwrap();
        self.handle.put(&me(), destination).await.unwrap();
    }

    async fn secret(&self, id: &str, secret: &str) {
        self.handle.set_secret(&me(), id, Some(&SecretString::from(secret))).await.unwrap();
    }

    async fn fire(&self, id: &str, silent: Option<Silence>) {
        self.desk.write_down(Happened { user: me(), event: fired(id), silent, spent: None }).await;
    }

    /// Delivery begins when the round hears the bus; what was written down before it catches up with.
    async fn dead(&self) -> Vec<market::DeadLetter> {
        let waiting = async {
            loop {
                match self.handle.dead_letters(&me()).await {
                    Ok(dead) if !dead.is_empty() => return dead,
                    Ok(_) | Err(DestinationsError::NotRunning) => tokio::time::sleep(Duration::from_millis(20)).await,
                    Err(error) => panic!("{error}"),
                }
            }
        };
        timeout(PATIENCE, waiting).await.expect("given up in a minute")
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn fired(id: &str) -> LogEvent {
    LogEvent::Alert(
        serde_json::from_value(json!({
            "id": id, "alert_id": "a", "user": "me", "symbol": "AAPL", "condition": {"kind": "above", "value": 250.0},
            "price": 250.02, "change_percent": 2.22, "currency": "USD", "price_digits": 2,
            "quoted_at": market::Timestamp::now(), "fired_at": market::Timestamp::now(), "source": "yahoo",
        }))
        .unwrap(),
    )
}

fn said_id(asked: &Asked) -> Value {
    asked.json()["data"]["id"].clone()
}

#[tokio::test]
async fn a_webhook_gets_what_fired_once_signed_and_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let mut endpoint = Endpoint::start(&[]).await;
    let office = Office::open(folder.path(), config(folder.path()));
    office.put("hook", json!({"kind": "webhook", "url": endpoint.url("/hook?a=b")})).await;
    office.secret("hook", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").await;
    office.fire("quiet", Some(Silence::QuietHours)).await;
    office.fire("one", None).await;
    office.fire("one", None).await;
    office.fire("two", None).await;
    let (first, second) = (endpoint.next().await, endpoint.next().await);
    assert_eq!(
        (said_id(&first), said_id(&second)),
        (json!("one"), json!("two")),
        "once each, and nothing that was silent"
    );
    assert_eq!((first.path.as_str(), first.header("content-type")), ("/hook", "application/json"));
    let said = first.json();
    assert_eq!((&said["type"], &said["data"]["price"]), (&json!("alert.fired"), &json!(250.02)));
    assert_eq!(said["data"]["title"], "▲ AAPL above 250.00");
    assert_eq!(first.header("webhook-id"), "one");
    assert!(first.header("webhook-signature").starts_with("v1,") && !first.header("webhook-timestamp").is_empty());
    assert_ne!(first.header("webhook-signature"), second.header("webhook-signature"));
}

#[tokio::test]
async fn each_kind_is_told_in_its_own_way() {
    let folder = tempfile::tempdir().unwrap();
    let mut endpoint = Endpoint::start(&[]).await;
    let token_file = folder.path().join("twilio");
    std::fs::write(&token_file, "tw-token\n").unwrap();
    let sms = SmsConfig {
        url: endpoint.url(""),
        account_sid: "AC1".into(),
        auth_token_file: token_file,
        from: "+1555".into(),
    };
    let config = DestinationsConfig { telegram_url: endpoint.url("/tg"), sms: Some(sms), ..config(folder.path()) };
    let office = Office::open(folder.path(), config);
    let addr = endpoint.addr;
    let url = |path: &str| format!("http://{addr}{path}");
    let mut test = async |id: &str| {
        let outcome = office.handle.test(&me(), id).await.unwrap();
        assert_eq!((outcome.delivered, outcome.said.as_str()), (true, "200: ok"), "{id}");
        endpoint.next().await
    };
    office.put("ntfy", json!({"kind": "ntfy", "server": url("/"), "topic": "my-topic"})).await;
    office.put("slack", json!({"kind": "slack"})).await;
    office.put("discord", json!({"kind": "discord"})).await;
    office.put("telegram", json!({"kind": "telegram", "chat": "-42"})).await;
    office.put("sms", json!({"kind": "sms", "number": "+491701234567"})).await;
    for (id, secret) in [
        ("ntfy", "tk_1"),
        ("slack", &*url("/services/T/B")),
        ("discord", &*url("/webhooks/1/x")),
        ("telegram", "1:abc"),
    ] {
        office.secret(id, secret).await;
    }
    let told = "Notifications arrive like this one.";
    let asked = test("ntfy").await;
    assert_eq!((asked.path.as_str(), asked.header("authorization")), ("/", "Bearer tk_1"));
    assert_eq!(asked.json(), json!({"topic": "my-topic", "title": "Quickstocks", "message": told}));
    let asked = test("slack").await;
    assert_eq!(
        (asked.path.as_str(), asked.json()["text"].clone()),
        ("/services/T/B", json!(format!("Quickstocks\n{told}")))
    );
    let asked = test("discord").await;
    assert_eq!(
        (asked.path.as_str(), asked.json()["content"].clone()),
        ("/webhooks/1/x", json!(format!("Quickstocks\n{told}")))
    );
    let asked = test("telegram").await;
    assert_eq!((asked.path.as_str(), asked.json()["chat_id"].clone()), ("/tg/bot1:abc/sendMessage", json!("-42")));
    let asked = test("sms").await;
    assert_eq!(
        (asked.path.as_str(), asked.header("authorization")),
        ("/2010-04-01/Accounts/AC1/Messages.json", "Basic QUMxOnR3LXRva2Vu")
    );
    assert_eq!(
        asked.body,
        "To=%2B491701234567&From=%2B1555&Body=Quickstocks%20Notifications%20arrive%20like%20this%20one."
    );
    assert!(matches!(
        office.handle.set_secret(&me(), "sms", Some(&"x".into())).await,
        Err(DestinationsError::NoSecret)
    ));
}

#[tokio::test]
async fn who_is_busy_is_left_alone_as_long_as_it_asks() {
    let folder = tempfile::tempdir().unwrap();
    let mut endpoint =
        Endpoint::start(&[(429, &[("retry-after", "1")], "slow down"), (503, &[("retry-after", "1")], "")]).await;
    let office = Office::open(folder.path(), config(folder.path()));
    office.put("hook", json!({"kind": "webhook", "url": endpoint.url("/")})).await;
    let begun = std::time::Instant::now();
    office.fire("one", None).await;
    let ids = [endpoint.next().await, endpoint.next().await, endpoint.next().await].map(|asked| said_id(&asked));
    assert_eq!(ids, ["one", "one", "one"].map(|id| json!(id)));
    assert!(begun.elapsed() >= Duration::from_millis(1_900), "twice a second");
    assert!(office.handle.dead_letters(&me()).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_refused_for_good_is_shown_and_sent_again_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let mut endpoint = Endpoint::start(&[(404, &[], "no such hook"), (410, &[], "gone")]).await;
    let office = Office::open(folder.path(), config(folder.path()));
    office.put("hook", json!({"kind": "webhook", "url": endpoint.url("/")})).await;
    office.fire("one", None).await;
    let dead = office.dead().await;
    assert_eq!((dead.len(), dead[0].reason.as_str(), dead[0].tries), (1, "404: no such hook", 1));
    assert_eq!((dead[0].destination.as_str(), dead[0].event.id()), ("hook", "one"));
    office.handle.try_again(&me(), &dead[0].id).await.unwrap();
    let dead = office.dead().await;
    assert_eq!(dead[0].reason, "410: gone");
    office.handle.try_again(&me(), &dead[0].id).await.unwrap();
    let ids = [endpoint.next().await, endpoint.next().await, endpoint.next().await].map(|asked| said_id(&asked));
    assert_eq!(ids, ["one", "one", "one"].map(|id| json!(id)));
    assert!(matches!(office.handle.try_again(&me(), &dead[0].id).await, Err(DestinationsError::NoLetter(_))));
    assert!(matches!(office.handle.forget(&me(), "../x").await, Err(DestinationsError::NoLetter(_))));
    assert!(office.handle.dead_letters(&me()).await.unwrap().is_empty());
    endpoint.script.lock().unwrap().push_back((400, &[], "bad"));
    office.fire("two", None).await;
    let dead = office.dead().await;
    office.handle.forget(&me(), &dead[0].id).await.unwrap();
    assert!(office.handle.dead_letters(&me()).await.unwrap().is_empty());
}

#[tokio::test]
async fn nothing_leads_inward() {
    let folder = tempfile::tempdir().unwrap();
    let mut inside = Endpoint::start(&[]).await;
    let location: &'static str = inside.url("/secret").leak();
    let headers: &'static [(&str, &str)] = vec![("location", location)].leak();
    let mut outside = Endpoint::start(&[(302, headers, ""), (307, headers, "")]).await;
    let office = Office::open(folder.path(), config(folder.path()));
    office.put("hook", json!({"kind": "webhook", "url": outside.url("/")})).await;
    for status in ["302", "307"] {
        let outcome = office.handle.test(&me(), "hook").await.unwrap();
        assert!(
            !outcome.delivered && outcome.said.starts_with(status) && outcome.said.contains("not followed"),
            "{outcome:?}"
        );
        outside.next().await;
    }
    // The same endpoint by a name that the configuration does not have, and by another spelling of its address.
    for host in ["localhost", "2130706433", "0x7f.0.0.1", "[::ffff:127.0.0.1]"] {
        let url = format!("http://{host}:{}/", inside.addr.port());
        office.put("hook", json!({"kind": "webhook", "url": url})).await;
        let outcome = office.handle.test(&me(), "hook").await.unwrap();
        let spelt = host.starts_with(char::is_numeric);
        assert_eq!(outcome.delivered, spelt, "{host} is 127.0.0.1, which is named: {outcome:?}");
        if spelt {
            inside.next().await;
        } else {
            assert!(
                outcome.said.contains("inside this network") && !outcome.said.contains("127.0.0.1 "),
                "{outcome:?}"
            );
        }
    }
    assert!(inside.has_heard_nothing());
}

#[tokio::test]
async fn who_never_answers_holds_up_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut endpoint = Endpoint::start(&[]).await;
    let office = Office::open(folder.path(), config(folder.path()));
    office.put("silent", json!({"kind": "webhook", "url": format!("http://{}/", silent.local_addr().unwrap())})).await;
    office.put("hook", json!({"kind": "webhook", "url": endpoint.url("/")})).await;
    for id in ["one", "two", "three"] {
        office.fire(id, None).await;
    }
    for id in ["one", "two", "three"] {
        assert_eq!(said_id(&endpoint.next().await), id);
    }
    let listed = office.handle.list(&me()).await.unwrap();
    let waiting: Vec<_> = listed.destinations.iter().map(|state| state.waiting).collect();
    assert_eq!((waiting[0], listed.email, listed.sms), (3, false, false));
    // Switched off, it is told nothing more.
    let mut off = listed.destinations[0].destination.clone();
    off.enabled = false;
    office.desk.apply(&me(), Edit::PutDestination { destination: off }).await.unwrap();
    let emptied = async {
        while office.handle.list(&me()).await.unwrap().destinations[0].waiting > 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, emptied).await.expect("dropped in a minute");
}

#[tokio::test]
async fn what_was_not_delivered_or_not_even_heard_is_delivered_after_a_restart_and_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let mut endpoint = Endpoint::start(&[(200, &[], ""), (503, &[("retry-after", "1")], "")]).await;
    {
        let office = Office::open(folder.path(), config(folder.path()));
        office.put("hook", json!({"kind": "webhook", "url": endpoint.url("/")})).await;
        office.fire("delivered", None).await;
        assert_eq!(said_id(&endpoint.next().await), "delivered");
        office.fire("waits", None).await;
        assert_eq!(said_id(&endpoint.next().await), "waits");
        office.stop.cancel();
    }
    let reopened = async {
        loop {
            // The lock goes when the last task of the first has ended.
            match Desk::open(folder.path(), Box::new(FileStore::new(folder.path()))) {
                Ok(opened) => break drop(opened),
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };
    timeout(PATIENCE, reopened).await.expect("closed in a minute");
    // Written down by a desk beside which nobody delivered.
    {
        let opened = Desk::open(folder.path(), Box::new(FileStore::new(folder.path()))).unwrap();
        let happened = |id, silent| Happened { user: me(), event: fired(id), silent, spent: None };
        opened.handle.write_down(happened("missed", None)).await;
        opened.handle.write_down(happened("silent", Some(Silence::Muted))).await;
        let stop = CancellationToken::new();
        stop.cancel();
        let broker = broker_of(&opened.handle);
        opened.desk.run(Bus::embedded(&broker, topics()), stop).await;
    }
    let office = Office::open(folder.path(), config(folder.path()));
    let ids = [endpoint.next().await, endpoint.next().await].map(|asked| said_id(&asked));
    assert!(ids.contains(&json!("waits")) && ids.contains(&json!("missed")), "{ids:?}");
    office.fire("last", None).await;
    assert_eq!(said_id(&endpoint.next().await), "last");
}

/// A mail server that takes one letter after another and tells them, answering `reply` to each.
async fn mail_server(reply: &'static str) -> (SocketAddr, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (addr, (told, letters)) = (listener.local_addr().unwrap(), mpsc::unbounded_channel());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (reading, mut writing) = stream.into_split();
            let mut lines = BufReader::new(reading).lines();
            writing.write_all(b"220 here\r\n").await.unwrap();
            let (mut letter, mut in_letter) = (String::new(), false);
            while let Ok(Some(line)) = lines.next_line().await {
                if in_letter && line != "." {
                    letter.push_str(&line);
                    letter.push('\n');
                    continue;
                }
                let answer = match line.split(' ').next().unwrap_or_default() {
                    "." => {
                        in_letter = false;
                        told.send(std::mem::take(&mut letter)).unwrap();
                        reply
                    }
                    "DATA" => {
                        in_letter = true;
                        "354 go on"
                    }
                    "QUIT" => "221 bye",
                    "EHLO" => "250 8BITMIME",
                    _ => "250 ok",
                };
                writing.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
            }
        }
    });
    (addr, letters)
}

fn mail(addr: SocketAddr) -> MailConfig {
    let from = "Ticker <ticker@example.org>".to_owned();
    MailConfig { server: addr.ip().to_string(), port: addr.port(), tls: MailSecurity::None, login: None, from }
}

#[tokio::test]
async fn a_letter_says_what_a_notification_says() {
    let folder = tempfile::tempdir().unwrap();
    let (addr, mut letters) = mail_server("250 kept as 42").await;
    let office = Office::open(folder.path(), DestinationsConfig { mail: Some(mail(addr)), ..config(folder.path()) });
    office.put("mail", json!({"kind": "email", "address": "me@example.net"})).await;
    let outcome = office.handle.test(&me(), "mail").await.unwrap();
    assert!(outcome.delivered && outcome.said.contains("kept as 42"), "{outcome:?}");
    assert!(letters.recv().await.unwrap().contains("Subject: Quickstocks\n"));
    office.fire("one", None).await;
    let letter = timeout(PATIENCE, letters.recv()).await.unwrap().unwrap();
    for line in ["To: me@example.net\n", "Message-ID: <one@example.org>\n", "Auto-Submitted: auto-generated\n"] {
        assert!(letter.contains(line), "{line} in {letter}");
    }
    assert!(letter.contains("Subject: =?utf-8?"), "{letter}");
}

#[tokio::test]
async fn a_mail_server_refuses_for_good_or_for_now() {
    let folder = tempfile::tempdir().unwrap();
    let (addr, mut letters) = mail_server("554 no such letters").await;
    let office = Office::open(folder.path(), DestinationsConfig { mail: Some(mail(addr)), ..config(folder.path()) });
    office.put("mail", json!({"kind": "email", "address": "me@example.net"})).await;
    office.fire("one", None).await;
    letters.recv().await.unwrap();
    let dead = office.dead().await;
    assert!(dead[0].reason.contains("554") && dead[0].reason.contains("no such letters"), "{dead:?}");
}

#[tokio::test(start_paused = true)]
async fn a_mail_server_that_hangs_is_not_waited_for_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let hanging = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = DestinationsConfig { mail: Some(mail(hanging.local_addr().unwrap())), ..config(folder.path()) };
    let opened = Desk::open(folder.path(), Box::new(FileStore::new(folder.path()))).unwrap();
    let secrets = Arc::new(Secrets::with(folder.path(), [], Keychain::opened_by(|| Err("none".to_owned()))));
    let (_round, handle) = Round::new(Courier::new(config, secrets), opened.handle.clone());
    let broker = broker_of(&opened.handle);
    let stop = CancellationToken::new();
    tokio::spawn(opened.desk.run(Bus::embedded(&broker, topics()), stop.clone()));
    let destination =
        json!({"id": "mail", "name": "m", "enabled": true, "to": {"kind": "email", "address": "a@b.example"}});
    let destination = serde_json::from_value(destination).unwrap();
    opened.handle.apply(&me(), Edit::PutDestination { destination }).await.unwrap();
    let outcome = handle.test(&me(), "mail").await.unwrap();
    assert!(!outcome.delivered, "{outcome:?}");
    stop.cancel();
}

#[tokio::test]
async fn a_secret_is_kept_for_its_owner_only_and_goes_with_its_destination() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path(), config(folder.path()));
    office.put("slack", json!({"kind": "slack"})).await;
    let outcome = office.handle.test(&me(), "slack").await.unwrap();
    assert!(!outcome.delivered && outcome.said.contains("its secret is not set"), "{outcome:?}");
    office.secret("slack", "https://hooks.slack.com/services/T/B/x").await;
    let file = folder.path().join("destination-secrets/me.slack");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(office.handle.list(&me()).await.unwrap().destinations[0].secret);
    let store = std::fs::read_to_string(folder.path().join("profiles.json")).unwrap();
    assert!(!store.contains("hooks.slack.com"), "nothing of it stands in the profile");
    let you = UserName::parse("you").unwrap();
    assert!(office.secrets.of_destination(&you, "slack").await.unwrap().is_none());
    assert!(office.secrets.of_destination(&me(), "../token").await.is_err());
    assert!(office.handle.set_secret(&me(), "slack", Some(&"a b".into())).await.is_err());
    office.put("slack", json!({"kind": "webhook", "url": "https://hook.example/"})).await;
    assert!(!file.exists(), "it was not meant for this one");
    office.secret("slack", "whsec_x").await;
    office.handle.remove(&me(), "slack").await.unwrap();
    assert!(!file.exists() && office.handle.list(&me()).await.unwrap().destinations.is_empty());
}

/// A browser: its keys, and what it makes of what it is sent.
struct Browser {
    key: SecretKey,
    auth: [u8; 16],
}

impl Browser {
    fn new() -> Self {
        Self { key: SecretKey::random(&mut OsRng), auth: [7; 16] }
    }

    fn subscribed_to(&self, endpoint: String) -> PushSubscription {
        let p256dh = URL_SAFE_NO_PAD.encode(self.key.public_key().to_encoded_point(false).as_bytes());
        PushSubscription { endpoint, keys: PushKeys { p256dh, auth: URL_SAFE_NO_PAD.encode(self.auth) } }
    }

    fn reads(&self, asked: &Asked) -> Value {
        let opened = decrypt(asked.bytes.clone(), &self.key, &Auth::from(self.auth)).unwrap();
        serde_json::from_slice(&opened).unwrap()
    }
}

#[tokio::test]
async fn a_browser_reads_what_fired_and_nobody_between() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = Endpoint::start(&[(201, &[], "")]).await;
    let office = Office::open(folder.path(), config(folder.path()));
    let browser = Browser::new();
    let subscription = browser.subscribed_to(service.url("/push/hidden"));
    for edited in [Edited::Created, Edited::Unchanged] {
        let name = Some("Laptop".to_owned());
        assert_eq!(office.handle.subscribe(&me(), "laptop", name, &subscription).await.unwrap(), edited);
    }
    office.fire("one", None).await;
    let asked = service.next().await;
    assert!(!asked.body.contains("AAPL"), "sealed");
    for (header, value) in [("content-encoding", "aes128gcm"), ("ttl", "43200"), ("urgency", "high")] {
        assert_eq!(asked.header(header), value);
    }
    assert_eq!(asked.header("topic").len(), 32);
    let key = office.handle.push_key().await.unwrap();
    assert!(asked.header("authorization").ends_with(&format!(", k={key}")));
    let told = browser.reads(&asked);
    for (name, value) in [
        ("title", json!("▲ AAPL above 250.00")),
        ("symbol", json!("AAPL")),
        ("price", json!(250.02)),
        ("change_percent", json!(2.22)),
        ("rule", json!("above 250.00")),
        ("alert_id", json!("a")),
        ("lang", json!("en")),
        ("url", json!("/#open=AAPL")),
    ] {
        assert_eq!(told[name], value, "{told}");
    }
    assert!(told["body"].as_str().unwrap().starts_with("250.02 USD, +2.22 % today"), "{told}");
    let store = std::fs::read_to_string(folder.path().join("profiles.json")).unwrap();
    assert!(store.contains("web_push") && !store.contains("hidden"), "its address is a secret");
}

#[tokio::test]
async fn a_browser_that_is_gone_is_a_destination_no_more_and_another_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = Endpoint::start(&[(410, &[], "gone")]).await;
    let office = Office::open(folder.path(), config(folder.path()));
    let subscription = Browser::new().subscribed_to(service.url("/push/hidden"));
    office.handle.subscribe(&me(), "laptop", None, &subscription).await.unwrap();
    let mut accounts = office.desk.accounts();
    office.fire("one", None).await;
    service.next().await;
    let removed = accounts.wait_for(|accounts| accounts[&me()].profile.destinations.is_empty());
    timeout(PATIENCE, removed).await.expect("removed in a minute").unwrap();
    assert!(office.handle.dead_letters(&me()).await.unwrap().is_empty(), "nobody is told of it");
    assert!(!folder.path().join("destination-secrets/me.laptop").exists());
    office.put("slack", json!({"kind": "slack"})).await;
    for outcome in [
        office.handle.subscribe(&me(), "slack", None, &subscription).await.map(drop),
        office.handle.unsubscribe(&me(), "slack").await,
    ] {
        assert!(matches!(outcome, Err(DestinationsError::NoBrowser(_))), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_push_service_inside_is_refused_as_any_address_is() {
    let folder = tempfile::tempdir().unwrap();
    let service = Endpoint::start(&[]).await;
    let office = Office::open(folder.path(), DestinationsConfig { private_hosts: [].into(), ..config(folder.path()) });
    let subscription = Browser::new().subscribed_to(service.url("/push/hidden"));
    office.handle.subscribe(&me(), "laptop", None, &subscription).await.unwrap();
    let outcome = office.handle.test(&me(), "laptop").await.unwrap();
    assert!(!outcome.delivered && outcome.said.contains("inside this network"), "{outcome:?}");
    assert!(!outcome.said.contains("hidden"), "{outcome:?}");
}
