//! A server on this machine that answers as it is told, byte by byte: the hostile answers of these tests are not what
//! an HTTP library lets one send.

// Each test uses a part of it.
#![allow(dead_code, missing_docs, unreachable_pub, missing_debug_implementations, clippy::unwrap_used)]

pub mod frames;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use quote_engine::provider::{
    settings::Network,
    yahoo::{YahooConfig, YahooProvider},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

pub const CRUMB: &str = "a/B+c.9";
pub const COOKIE: &str = "A3=d=stand-in";

/// What was asked.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub body: String,
    pub path: String,
    pub target: String,
    pub query: HashMap<String, String>,
    pub headers: HashMap<String, String>,
}

impl Asked {
    pub fn is(&self, part: &str) -> bool {
        self.path.contains(part)
    }

    pub fn symbols(&self) -> Vec<String> {
        self.query.get("symbols").map(|list| list.split(',').map(str::to_owned).collect()).unwrap_or_default()
    }
}

#[derive(Debug, Clone)]
pub enum Body {
    Whole(Vec<u8>),
    /// Chunked, without end.
    Endless {
        head: Vec<u8>,
        piece: Vec<u8>,
    },
    /// One byte a second, without end.
    Slow,
    /// Announces another length than it sends, then closes.
    Broken {
        announced: u64,
        sent: Vec<u8>,
    },
}

/// What is answered.
#[derive(Debug, Clone)]
pub struct Says {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Body,
}

pub fn says(status: u16, body: impl Into<Vec<u8>>) -> Says {
    Says { status, headers: Vec::new(), body: Body::Whole(body.into()) }
}

impl Says {
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

type Script = Arc<dyn Fn(&Asked) -> Says + Send + Sync>;

/// The server; it ends with the test's runtime.
pub struct Stub {
    pub url: String,
    log: Arc<Mutex<Vec<Asked>>>,
}

impl Stub {
    pub async fn start(script: impl Fn(&Asked) -> Says + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let log = Arc::new(Mutex::new(Vec::new()));
        let (script, kept): (Script, _) = (Arc::new(script), Arc::clone(&log));
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(serve(connection, Arc::clone(&script), Arc::clone(&kept)));
            }
        });
        Self { url, log }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.log.lock().unwrap().clone()
    }

    pub fn count(&self, part: &str) -> usize {
        self.asked().iter().filter(|asked| asked.is(part)).count()
    }

    /// Settings that lead here; the budget does not slow a test down.
    pub fn config(&self) -> YahooConfig {
        YahooConfig {
            query_urls: vec![self.url.clone()],
            cookie_url: format!("{}/cookie", self.url),
            consent_url: format!("{}/page", self.url),
            requests_per_second: 10_000.0,
            ..YahooConfig::default()
        }
    }

    pub fn provider(&self) -> YahooProvider {
        YahooProvider::new(&self.config(), &Network::default()).unwrap()
    }
}

async fn serve(connection: TcpStream, script: Script, log: Arc<Mutex<Vec<Asked>>>) -> Option<()> {
    let mut connection = BufReader::new(connection);
    loop {
        let asked = read(&mut connection).await?;
        log.lock().unwrap().push(asked.clone());
        let Says { status, headers, body } = script(&asked);
        let mut head = format!("HTTP/1.1 {status} Said\r\n");
        for (name, value) in headers {
            head.extend([name, ": ", &value, "\r\n"]);
        }
        match body {
            Body::Whole(bytes) => {
                head.extend(["content-length: ", &bytes.len().to_string(), "\r\n\r\n"]);
                connection.write_all(&[head.as_bytes(), &bytes].concat()).await.ok()?;
            }
            Body::Broken { announced, sent } => {
                head.extend(["content-length: ", &announced.to_string(), "\r\n\r\n"]);
                connection.write_all(&[head.as_bytes(), &sent].concat()).await.ok()?;
                return connection.shutdown().await.ok();
            }
            Body::Slow => {
                head.push_str("transfer-encoding: chunked\r\n\r\n");
                connection.write_all(head.as_bytes()).await.ok()?;
                loop {
                    chunk(&mut connection, b" ").await?;
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
            Body::Endless { head: first, piece } => {
                head.push_str("transfer-encoding: chunked\r\n\r\n");
                connection.write_all(head.as_bytes()).await.ok()?;
                chunk(&mut connection, &first).await?;
                loop {
                    chunk(&mut connection, &piece).await?;
                }
            }
        }
    }
}

async fn chunk(connection: &mut BufReader<TcpStream>, bytes: &[u8]) -> Option<()> {
    if bytes.is_empty() {
        return Some(());
    }
    let head = format!("{:x}\r\n", bytes.len());
    connection.write_all(&[head.as_bytes(), bytes, b"\r\n"].concat()).await.ok()
}

async fn read(connection: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if connection.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        if line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().to_owned());
    }
    let method = lines.first()?.split(' ').next()?.to_owned();
    let target = lines.first()?.split(' ').nth(1)?.to_owned();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let query = query.split('&').filter_map(|pair| pair.split_once('='));
    let query = query.map(|(name, value)| (name.to_owned(), decoded(value))).collect();
    let headers = lines[1..].iter().filter_map(|line| line.split_once(": "));
    let headers: HashMap<String, String> =
        headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    let mut body = vec![0; headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or_default()];
    connection.read_exact(&mut body).await.ok()?;
    let body = String::from_utf8(body).unwrap();
    Some(Asked { method, body, path: decoded(path), query, headers, target: target.clone() })
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if let (b'%', [a, b, after @ ..]) = (first, tail) {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&[*a, *b]).unwrap(), 16).unwrap());
            rest = after;
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// Cookie and crumb as Yahoo gives them; `None` for everything else.
pub fn session(asked: &Asked) -> Option<Says> {
    if asked.is("/cookie") {
        let cookie = format!("{COOKIE}; Max-Age=31557600; Domain=.yahoo.com; Path=/; SameSite=None; Secure; HttpOnly");
        return Some(says(404, "").with("set-cookie", cookie));
    }
    if !asked.is("/getcrumb") {
        return None;
    }
    let has_cookie = asked.headers.get("cookie").is_some_and(|cookie| cookie == COOKIE);
    Some(if has_cookie { says(200, CRUMB) } else { says(401, UNABLE) })
}

/// A row for each symbol that was asked for, if the crumb is right.
pub fn quotes(asked: &Asked) -> Says {
    if asked.query.get("crumb").map(String::as_str) != Some(CRUMB) {
        return says(401, INVALID_CRUMB);
    }
    says(200, batch(&asked.symbols().iter().map(|symbol| row(symbol)).collect::<Vec<_>>()))
}

pub fn row(symbol: &str) -> String {
    format!(
        r#"{{"symbol":"{symbol}","quoteType":"EQUITY","longName":"{symbol} Inc.","currency":"USD","marketState":"REGULAR","regularMarketPrice":12.5,"regularMarketTime":1700000000,"regularMarketChangePercent":0.5,"priceHint":2}}"#
    )
}

pub fn batch(rows: &[String]) -> String {
    format!(r#"{{"quoteResponse":{{"result":[{}],"error":null}}}}"#, rows.join(","))
}

pub fn chart(symbol: &str) -> String {
    format!(
        r#"{{"chart":{{"result":[{{"meta":{{"symbol":"{symbol}","instrumentType":"EQUITY","currency":"USD","regularMarketPrice":12.5,"regularMarketTime":1700000000,"chartPreviousClose":12.0,"previousClose":12.0,"priceHint":2}}}}],"error":null}}}}"#
    )
}

pub const INVALID_CRUMB: &str =
    r#"{"finance":{"result":null,"error":{"code":"Unauthorized","description":"Invalid Crumb"}}}"#;
pub const UNABLE: &str = r#"{"finance":{"result":null,"error":{"code":"Unauthorized","description":"User is unable to access this feature - https://bit.ly/yahoo-finance-api-feedback"}}}"#;
pub const INVALID_COOKIE: &str =
    r#"{"finance":{"result":null,"error":{"code":"Unauthorized","description":"Invalid Cookie"}}}"#;
pub const CHART_NOT_FOUND: &str =
    r#"{"chart":{"result":null,"error":{"code":"Not Found","description":"No data found, symbol may be delisted"}}}"#;
