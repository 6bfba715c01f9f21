//! Onto a broker elsewhere, by rumqttc: connects for ever, subscribes again after each loss, says offline by last will.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use rumqttc::{AsyncClient, Event, LastWill, MqttOptions, Packet, QoS};
use tokio::sync::{Notify, watch};

use crate::{Error, Message, Status, Topic, Topics};

/// Requests that wait for the connection at the most; a publisher waits beyond that.
const REQUESTS_MAX: usize = 1_000;
/// The largest message taken in or sent: a user's watchlists with a million symbols.
const PACKET_BYTES_MAX: usize = 16 << 20;
/// The longest pause between two tries to connect; the first is a tenth of a second.
const RECONNECT_PAUSE_MAX: Duration = Duration::from_secs(10);
/// Messages in order (alerts, watchlists) that wait for a reader at the most; the oldest goes first.
const QUEUE_MAX: usize = 10_000;

/// Where a broker is, and how to log in.
#[derive(Clone)]
pub struct ExternalBroker {
    /// `mqtt://host[:port]`.
    pub url: String,
    /// User and password.
    pub login: Option<(String, String)>,
    /// What this connection is called there; unique.
    pub client_id: String,
}

impl std::fmt::Debug for ExternalBroker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExternalBroker").field("url", &self.url).finish_non_exhaustive()
    }
}

impl ExternalBroker {
    fn address(&self) -> Result<(String, u16), Error> {
        let wrong = |reason| Error::Address { url: self.url.clone(), reason };
        let rest = self.url.strip_prefix("mqtt://").ok_or_else(|| wrong("only mqtt:// is supported so far"))?;
        let (host, port) = match rest.trim_end_matches('/').rsplit_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| wrong("the port is not a number"))?),
            None => (rest.trim_end_matches('/'), 1883),
        };
        if host.is_empty() { Err(wrong("the host is missing")) } else { Ok((host.to_owned(), port)) }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct External {
    client: AsyncClient,
    readers: Arc<Readers>,
    connected: watch::Receiver<bool>,
}

impl External {
    pub(crate) fn connect(at: &ExternalBroker, topics: &Topics, will: &Status) -> Result<Self, Error> {
        let (host, port) = at.address()?;
        let mut options = MqttOptions::new(&at.client_id, host, port);
        options.set_keep_alive(Duration::from_secs(20)).set_clean_session(true);
        options.set_max_packet_size(PACKET_BYTES_MAX, PACKET_BYTES_MAX);
        if let Some((user, password)) = &at.login {
            options.set_credentials(user, password);
        }
        let gone = Message::Status(will.offline(will.since));
        let topic = topics.format(&gone.topic());
        let payload = gone.payload(&mut Vec::new()).map_err(|source| Error::Encode { topic: topic.clone(), source })?;
        options.set_last_will(LastWill::new(topic, payload, QoS::AtLeastOnce, true));
        let (client, mut events) = AsyncClient::new(options, REQUESTS_MAX);
        let mut network = events.network_options();
        network.set_tcp_nodelay(true);
        network.set_connection_timeout(5);
        events.set_network_options(network);
        let readers = Arc::new(Readers { topics: topics.clone(), all: Mutex::default() });
        let (online, connected) = watch::channel(false);
        tokio::spawn(poll(events, client.clone(), Arc::clone(&readers), online));
        Ok(Self { client, readers, connected })
    }

    pub(crate) async fn connected(&self) {
        // An error means that the connection has ended for good: there is nothing to wait for.
        let _ = self.connected.clone().wait_for(|yes| *yes).await;
    }

    pub(crate) async fn publish(&self, topic: String, payload: Vec<u8>, retain: bool, qos: u8) -> Result<(), Error> {
        let qos = if qos == 0 { QoS::AtMostOnce } else { QoS::AtLeastOnce };
        self.client.publish(&topic, qos, retain, payload).await.map_err(|_| Error::Closed { topic })
    }

    pub(crate) async fn subscribe(&self, filters: Vec<String>) -> ExternalSubscription {
        let mailbox = Arc::new(Mailbox::default());
        self.readers.lock().push((filters.clone(), Arc::clone(&mailbox)));
        for filter in filters {
            if self.client.subscribe(filter, QoS::AtLeastOnce).await.is_err() {
                mailbox.close();
            }
        }
        ExternalSubscription { mailbox }
    }

    pub(crate) async fn close(&self) {
        // Already gone is as good.
        let _ = self.client.disconnect().await;
        let _ = self.connected.clone().wait_for(|yes| !*yes).await;
    }
}

/// Drives the connection until it is closed on purpose.
async fn poll(mut events: rumqttc::EventLoop, client: AsyncClient, readers: Arc<Readers>, online: watch::Sender<bool>) {
    let mut pause = Duration::from_millis(100);
    let mut leaving = false;
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                pause = Duration::from_millis(100);
                tokio::spawn(subscribe_again(client.clone(), readers.filters()));
                online.send_replace(true);
            }
            Ok(Event::Incoming(Packet::Publish(publish))) => readers.deliver(&publish.topic, &publish.payload),
            Ok(Event::Outgoing(rumqttc::Outgoing::Disconnect)) => leaving = true,
            Ok(_) => {}
            Err(_) if leaving => break,
            Err(error) => {
                online.send_replace(false);
                tracing::warn!(%error, retry_in = ?pause, "the broker is out of reach");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(RECONNECT_PAUSE_MAX);
            }
        }
    }
    online.send_replace(false);
    readers.close();
}

async fn subscribe_again(client: AsyncClient, filters: Vec<String>) {
    for filter in filters {
        if client.subscribe(filter, QoS::AtLeastOnce).await.is_err() {
            return;
        }
    }
}

#[derive(Debug)]
struct Readers {
    topics: Topics,
    all: Mutex<Vec<(Vec<String>, Arc<Mailbox>)>>,
}

impl Readers {
    fn lock(&self) -> MutexGuard<'_, Vec<(Vec<String>, Arc<Mailbox>)>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn filters(&self) -> Vec<String> {
        self.lock().iter().flat_map(|(filters, _)| filters.clone()).collect()
    }

    fn deliver(&self, topic: &str, payload: &Bytes) {
        let conflated = self.topics.parse(topic).as_ref().is_some_and(Topic::is_conflated);
        let mut readers = self.lock();
        readers.retain(|(_, mailbox)| Arc::strong_count(mailbox) > 1);
        for (filters, mailbox) in readers.iter() {
            if filters.iter().any(|filter| rumqttc::matches(topic, filter)) {
                mailbox.put(topic, payload, conflated);
            }
        }
    }

    fn close(&self) {
        self.lock().iter().for_each(|(_, mailbox)| mailbox.close());
    }
}

/// What waits for one reader: the newest value of each conflated topic, everything else in order.
#[derive(Debug, Default)]
struct Mailbox {
    inside: Mutex<Letters>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Letters {
    order: VecDeque<(Arc<str>, Option<Bytes>)>,
    newest: HashMap<Arc<str>, Bytes>,
    closed: bool,
}

impl Mailbox {
    fn lock(&self) -> MutexGuard<'_, Letters> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, topic: &str, payload: &Bytes, conflated: bool) {
        let mut letters = self.lock();
        if conflated {
            if let Some(waiting) = letters.newest.get_mut(topic) {
                *waiting = payload.clone();
                return;
            }
            let topic: Arc<str> = topic.into();
            letters.newest.insert(Arc::clone(&topic), payload.clone());
            letters.order.push_back((topic, None));
        } else {
            if letters.order.len() >= QUEUE_MAX
                && let Some((topic, None)) = letters.order.pop_front()
            {
                letters.newest.remove(&topic);
            }
            letters.order.push_back((topic.into(), Some(payload.clone())));
        }
        drop(letters);
        self.arrived.notify_one();
    }

    fn take(&self) -> Option<(Arc<str>, Bytes)> {
        let mut letters = self.lock();
        let (topic, payload) = letters.order.pop_front()?;
        let payload = payload.or_else(|| letters.newest.remove(&topic))?;
        Some((topic, payload))
    }

    fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_one();
    }
}

#[derive(Debug)]
pub(crate) struct ExternalSubscription {
    mailbox: Arc<Mailbox>,
}

impl ExternalSubscription {
    pub(crate) async fn recv(&mut self) -> Option<(Arc<str>, Bytes)> {
        loop {
            let arrived = self.mailbox.arrived.notified();
            if let Some(letter) = self.mailbox.take() {
                return Some(letter);
            }
            if self.mailbox.lock().closed {
                return None;
            }
            arrived.await;
        }
    }
}
