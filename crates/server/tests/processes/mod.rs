//! Real processes of `quickstocksd` on one data folder, with a made-up market.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    unreachable_pub,
    missing_debug_implementations
)]

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use reqwest::StatusCode;
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

/// Longer than anything here takes on a machine that is busy: what waits for longer is broken.
pub const PATIENCE: Duration = Duration::from_secs(90);

pub async fn in_time<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("in time")
}

/// A data folder, and what is started on it.
pub struct Installation {
    folder: TempDir,
    config: PathBuf,
    pub client: reqwest::Client,
}

impl Installation {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (config, data) = (folder.path().join("quickstocks.toml"), folder.path().join("data"));
        std::fs::create_dir(&data).unwrap();
        let text = format!(
            "data_dir = '{}'\nfeed.provider = 'simulated'\nbroker.listen = '127.0.0.1:0'\napi.listen = '127.0.0.1:0'\n\
             provider.simulated.tick_interval = '100ms'",
            data.display()
        );
        std::fs::write(&config, text).unwrap();
        Self { folder, config, client: reqwest::Client::new() }
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quickstocksd"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("QUICKSTOCKS_")) {
            command.env_remove(name);
        }
        command.arg("--config").arg(&self.config).args(args);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    pub fn start(&self, role: &str) -> Process {
        let log = self.folder.path().join(format!("{role}.log"));
        let stderr = std::fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let mut child = self.command(&[role]).stderr(stderr).spawn().unwrap();
        let printed = BufReader::new(child.stdout.take().unwrap()).lines();
        Process { child, printed, log, link: None }
    }

    /// `quickstocksd user …`; what it prints.
    pub async fn user(&self, args: &[&str]) -> String {
        let output = in_time(self.command(&[&["user"], args].concat()).output()).await.unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn contact(&self, key: &str) -> String {
        let text = std::fs::read_to_string(self.data().join("service.toml")).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{key} = \"")).map(str::to_owned));
        line.unwrap().trim_end_matches('"').to_owned()
    }

    /// Where the broker listens now.
    pub fn mqtt(&self) -> SocketAddr {
        self.contact("url").strip_prefix("mqtt://").unwrap().parse().unwrap()
    }

    pub fn service_login(&self) -> (String, String) {
        (self.contact("user"), self.contact("password"))
    }

    /// The owner's, as the desk wrote it.
    pub fn token(&self) -> String {
        std::fs::read_to_string(self.data().join("token")).unwrap().trim().to_owned()
    }

    pub async fn put(&self, api: &Process, path: &str, body: Option<&Value>) -> StatusCode {
        let request = self.client.put(format!("{}/api/v1{path}", api.origin())).bearer_auth(self.token());
        let request = if let Some(body) = body { request.json(body) } else { request };
        in_time(request.send()).await.unwrap().status()
    }

    /// Waits until the REST interface knows who may come in.
    pub async fn answers(&self, api: &Process) {
        let url = format!("{}/api/v1/ready", api.origin());
        let waiting = async { while self.client.get(&url).send().await.unwrap().status() != StatusCode::OK {} };
        in_time(waiting).await;
    }

    pub async fn get(&self, api: &Process, path: &str) -> Value {
        let request = self.client.get(format!("{}/api/v1{path}", api.origin())).bearer_auth(self.token());
        let response = in_time(request.send()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }
}

/// One of them.
pub struct Process {
    child: Child,
    printed: Lines<BufReader<ChildStdout>>,
    log: PathBuf,
    link: Option<String>,
}

impl Process {
    pub async fn ready(&mut self) {
        let waiting = async {
            while let Some(line) = self.printed.next_line().await.unwrap() {
                if let Some(link) = line.strip_prefix("open ") {
                    self.link = Some(link.to_owned());
                }
                if line == "ready" {
                    return true;
                }
            }
            false
        };
        let is_ready = tokio::time::timeout(PATIENCE, waiting).await.unwrap_or(false);
        assert!(is_ready, "not ready: {}", read(&self.log));
    }

    /// Where its web page is.
    pub fn origin(&self) -> String {
        self.link.as_ref().unwrap().split("/#").next().unwrap().to_owned()
    }

    /// `kill -9`.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Asks it to end; its exit code.
    pub async fn terminate(mut self) -> Option<i32> {
        let id = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
        in_time(self.child.wait()).await.unwrap().code()
    }

    /// Waits until it ends by itself; its exit code, and what it complained about.
    pub async fn end(mut self) -> (Option<i32>, String) {
        let code = in_time(self.child.wait()).await.unwrap().code();
        (code, read(&self.log))
    }
}

fn read(path: &Path) -> String {
    let mut text = String::new();
    std::io::Read::read_to_string(&mut std::fs::File::open(path).unwrap(), &mut text).unwrap();
    text
}
