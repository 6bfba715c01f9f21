//! A WebSocket server on this machine that tells what it hears and says what it is told to.

// Each test uses a part of it.
#![allow(dead_code, missing_docs, unreachable_pub, missing_debug_implementations, clippy::unwrap_used)]

use std::sync::{
    Arc,
    atomic::{AtomicU16, AtomicUsize, Ordering::SeqCst},
};

use axum::{
    Router,
    extract::{
        State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

/// What happens there. Connections are numbered from 0, as they come.
pub enum Event {
    Opened(Peer),
    Said(usize, String),
    Pinged(usize),
    Gone(usize),
    Refused,
}

/// Somebody who is connected.
pub struct Peer {
    pub number: usize,
    pub path: String,
    orders: UnboundedSender<Order>,
}

enum Order {
    Say(Message),
    Close,
    Stall,
}

impl Peer {
    pub fn say(&self, text: impl Into<String>) {
        self.orders.send(Order::Say(Message::text(text.into()))).unwrap();
    }

    pub fn say_bytes(&self, bytes: Vec<u8>) {
        self.orders.send(Order::Say(Message::binary(bytes))).unwrap();
    }

    pub fn close(&self) {
        self.orders.send(Order::Close).unwrap();
    }

    /// Hears and says nothing any more, but stays connected.
    pub fn stall(&self) {
        self.orders.send(Order::Stall).unwrap();
    }
}

#[derive(Clone)]
struct Shared {
    events: UnboundedSender<Event>,
    number: Arc<AtomicUsize>,
    refuse_with: Arc<AtomicU16>,
}

/// The server; it ends with the test's runtime.
pub struct WsStub {
    pub url: String,
    events: UnboundedReceiver<Event>,
    refuse_with: Arc<AtomicU16>,
}

impl WsStub {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let (events, heard) = unbounded_channel();
        let shared = Shared { events, number: Arc::default(), refuse_with: Arc::default() };
        let refuse_with = Arc::clone(&shared.refuse_with);
        let router = Router::new().fallback(open).with_state(shared);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, events: heard, refuse_with }
    }

    /// Whoever connects from now on gets this status; 0 for being let in.
    pub fn refuse_with(&self, status: u16) {
        self.refuse_with.store(status, SeqCst);
    }

    pub async fn next(&mut self) -> Event {
        self.events.recv().await.unwrap()
    }

    pub async fn opened(&mut self) -> Peer {
        loop {
            if let Event::Opened(peer) = self.next().await {
                return peer;
            }
        }
    }

    /// The next texts, as many, with the number of who said them.
    pub async fn said(&mut self, count: usize) -> Vec<(usize, String)> {
        let mut said = Vec::new();
        while said.len() < count {
            if let Event::Said(number, text) = self.next().await {
                said.push((number, text));
            }
        }
        said
    }

    pub async fn gone(&mut self) -> usize {
        loop {
            if let Event::Gone(number) = self.next().await {
                return number;
            }
        }
    }

    pub async fn pinged(&mut self) {
        while !matches!(self.next().await, Event::Pinged(_)) {}
    }
}

async fn open(State(shared): State<Shared>, uri: Uri, upgrade: WebSocketUpgrade) -> Response {
    let status = shared.refuse_with.load(SeqCst);
    if status != 0 {
        let _ = shared.events.send(Event::Refused);
        return StatusCode::from_u16(status).unwrap().into_response();
    }
    let path = uri.to_string();
    upgrade.on_upgrade(move |socket| serve(socket, path, shared))
}

async fn serve(mut socket: WebSocket, path: String, shared: Shared) {
    let number = shared.number.fetch_add(1, SeqCst);
    let (orders, mut told) = unbounded_channel();
    let tell = |event| shared.events.send(event).is_ok();
    tell(Event::Opened(Peer { number, path, orders }));
    loop {
        tokio::select! {
            Some(order) = told.recv() => match order {
                Order::Say(message) => {
                    if socket.send(message).await.is_err() {
                        break;
                    }
                }
                Order::Close => break,
                Order::Stall => std::future::pending().await,
            },
            heard = socket.recv() => match heard {
                Some(Ok(Message::Text(text))) => drop(tell(Event::Said(number, text.to_string()))),
                Some(Ok(Message::Ping(_))) => drop(tell(Event::Pinged(number))),
                Some(Ok(_)) => {}
                None | Some(Err(_)) => break,
            },
        }
    }
    tell(Event::Gone(number));
}
