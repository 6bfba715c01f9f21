//! Everything that runs in these tests is the real thing: services, broker, HTTP server; only the market is made up.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use market::{Profile, UserName};
use quickstocks_server::{Config, Overrides, Parts, PortTaken, Services, StartError, api::Api};
use quote_engine::{
    notifier::LogNotify,
    store::{Account, FileStore, ProfileStore as _},
};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, QoS};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

/// Longer than anything here takes: what waits for longer is broken.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// Larger than anything that is published here.
const PACKET_MAX: usize = 16 << 20;
/// The token of the second user.
pub const YOUR_TOKEN: &str = "the token of somebody else";

pub struct Server {
    pub services: Services,
    pub api: Api,
    pub client: reqwest::Client,
    pub token: String,
    pub folder: TempDir,
}

pub fn config(data_dir: &Path, more: &[(&str, &str)]) -> Config {
    let simulated = [
        ("QUICKSTOCKS_DATA_DIR", data_dir.to_str().unwrap()),
        ("QUICKSTOCKS_FEED__PROVIDER", "simulated"),
        ("QUICKSTOCKS_BROKER__LISTEN", "127.0.0.1:0"),
        ("QUICKSTOCKS_API__HOSTS", "ticker.example"),
        ("QUICKSTOCKS_PROVIDER__SIMULATED__TICK_INTERVAL", "100ms"),
    ];
    let vars = simulated.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::load_with(None, vars, &Overrides::default()).unwrap()
}

pub fn parts(data_dir: &Path, port_taken: PortTaken) -> Parts {
    let (store, notify) = (Box::new(FileStore::new(data_dir)), Arc::new(LogNotify));
    Parts { store, notify, notify_user: None, languages: Vec::new(), port_taken }
}

/// A data folder in which the user `you` exists beside `me`.
pub fn folder_of_two() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let you = UserName::parse("you").unwrap();
    let token_sha256 = hex::encode(Sha256::digest(YOUR_TOKEN));
    let account = Account::new(token_sha256, Profile::new(you.clone()));
    FileStore::new(folder.path()).save(1, &[(you, account)].into()).unwrap();
    folder
}

pub async fn start_in(folder: TempDir, more: &[(&str, &str)]) -> Result<Server, StartError> {
    let config = config(folder.path(), more);
    let services = Services::start(&config, parts(folder.path(), PortTaken::Fail)).await?;
    let ui = folder.path().join("ui");
    std::fs::create_dir_all(ui.join("assets")).unwrap();
    std::fs::write(ui.join("index.html"), "<title>the page</title>").unwrap();
    std::fs::write(ui.join("assets/main-1a2b.js"), "1").unwrap();
    let api = Api::start(&services, &config, "127.0.0.1:0".parse().unwrap(), Some(ui)).await?;
    let token = std::fs::read_to_string(folder.path().join("token")).unwrap().trim().to_owned();
    Ok(Server { services, api, client: reqwest::Client::new(), token, folder })
}

pub async fn start() -> Server {
    start_in(folder_of_two(), &[]).await.unwrap()
}

impl Server {
    pub fn origin(&self) -> String {
        format!("http://{}", self.api.local_addr())
    }

    /// Without a login.
    pub fn open(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}/api/v1{path}", self.origin()))
    }

    /// As `me`, by token.
    pub fn mine(&self, method: Method, path: &str) -> RequestBuilder {
        self.open(method, path).bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str) -> Value {
        let response = self.mine(Method::GET, path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }

    pub async fn put(&self, path: &str, body: &Value) -> StatusCode {
        self.mine(Method::PUT, path).json(body).send().await.unwrap().status()
    }

    /// The session cookie of a login by link.
    pub async fn log_in(&self) -> String {
        let link = self.api.login_link(&UserName::me());
        let code = link.split_once("#login=").unwrap().1.to_owned();
        let response =
            self.open(Method::POST, "/session").json(&serde_json::json!({"code": code})).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        cookie.split(';').next().unwrap().to_owned()
    }

    pub fn mqtt_addr(&self) -> SocketAddr {
        self.services.mqtt.borrow().address().unwrap()
    }
}

/// A refusal: its status and its document, which says the same.
pub async fn problem(request: RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    let status = response.status();
    assert_eq!(response.headers()["content-type"], "application/problem+json", "{status}");
    let document: Value = response.json().await.unwrap();
    assert_eq!(document["status"], status.as_u16());
    (status, document)
}

pub async fn status(request: RequestBuilder) -> StatusCode {
    let response: Response = request.send().await.unwrap();
    response.status()
}

/// An MQTT client that reads one filter.
pub struct Mqtt {
    _client: AsyncClient,
    events: EventLoop,
}

impl Mqtt {
    pub async fn reading(addr: SocketAddr, login: Option<(&str, &str)>, filter: &str) -> Self {
        let mut options =
            MqttOptions::new(format!("a-test-{}", rand::random::<u32>()), addr.ip().to_string(), addr.port());
        options.set_max_packet_size(PACKET_MAX, PACKET_MAX);
        if let Some((user, password)) = login {
            options.set_credentials(user, password);
        }
        let (client, mut events) = AsyncClient::new(options, 10);
        // The library's own few seconds are too short for a machine that is busy with other tests.
        events.network_options.set_connection_timeout(PATIENCE.as_secs());
        client.subscribe(filter, QoS::AtMostOnce).await.unwrap();
        Self { _client: client, events }
    }

    /// Reads on until a message fits; its topic and payload.
    pub async fn until(&mut self, mut fits: impl FnMut(&str, &[u8]) -> bool) -> (String, Vec<u8>) {
        let reading = async {
            loop {
                for event in self.events().await {
                    if let Event::Incoming(Packet::Publish(p)) = event
                        && fits(&p.topic, &p.payload)
                    {
                        return (p.topic.clone(), p.payload.to_vec());
                    }
                }
            }
        };
        tokio::time::timeout(PATIENCE, reading).await.expect("a message that fits")
    }

    /// Reads on until the broker ends the connection.
    pub async fn ended(&mut self) {
        while self.events.poll().await.is_ok() {}
    }

    /// What comes next. What comes in one piece with the end of the connection the library keeps behind its error.
    async fn events(&mut self) -> Vec<Event> {
        match self.events.poll().await {
            Ok(event) => vec![event],
            Err(error) => {
                let last: Vec<Event> = self.events.state.events.drain(..).collect();
                assert!(!last.is_empty(), "the broker is there: {error}");
                last
            }
        }
    }
}
