//! Onto a broker elsewhere, by rumqttc: connects for ever, subscribes again after each loss, says offline by last will.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
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
/// The longest pause between two tries to connect.
const RECONNECT_PAUSE_MAX: Duration = Duration::from_secs(5);
/// The first one; doubled with each further try.
const RECONNECT_PAUSE: Duration = Duration::from_millis(100);
/// How often this end is heard at the least: a broker takes it for dead after half as long again, and says the last will.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// Messages in order (alerts, watchlists) that wait for a reader at the most; the oldest goes first.
const QUEUE_MAX: usize = 10_000;

/// Where the broker is now; `None` while nobody knows. Asked before each try to connect.
pub type Whereabouts = Arc<dyn Fn() -> Option<ExternalBroker> + Send + Sync>;

/// Where a broker is, and how to log in.
#[derive(Clone, PartialEq, Eq)]
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
    /// Always there; complains about an address that makes no sense.
    pub fn fixed(self) -> Result<Whereabouts, Error> {
        self.address()?;
        Ok(Arc::new(move || Some(self.clone())))
    }

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
    connection: watch::Receiver<Option<u64>>,
}

impl External {
    pub(crate) fn connect(find: Whereabouts, topics: &Topics, will: Option<&Status>) -> Result<Self, Error> {
        let will = will.map(|will| last_will(topics, will)).transpose()?;
        // Nowhere yet: each try to connect says where to.
        let (client, mut events) = AsyncClient::new(MqttOptions::new("nobody", "localhost", 0), REQUESTS_MAX);
        events.network_options.set_tcp_nodelay(true);
        events.network_options.set_connection_timeout(5);
        let readers = Arc::new(Readers { topics: topics.clone(), all: Mutex::default() });
        let (online, connection) = watch::channel(None);
        let line = Line { find, will, client: client.clone(), readers: Arc::clone(&readers), online };
        tokio::spawn(line.keep(events));
        Ok(Self { client, readers, connection })
    }

    pub(crate) fn connection(&self) -> watch::Receiver<Option<u64>> {
        self.connection.clone()
    }

    fn is_connected(&self) -> bool {
        self.connection.borrow().is_some()
    }

    /// While the broker is out of reach, what `is_said_again` later is not kept for it; the rest waits in line, as far as
    /// there is room.
    pub(crate) async fn publish(
        &self,
        topic: String,
        payload: Vec<u8>,
        retain: bool,
        qos: u8,
        is_said_again: bool,
    ) -> Result<(), Error> {
        let qos = if qos == 0 { QoS::AtMostOnce } else { QoS::AtLeastOnce };
        if self.is_connected() {
            return self.client.publish(&topic, qos, retain, payload).await.map_err(|_| Error::Closed { topic });
        }
        if is_said_again {
            return Ok(());
        }
        self.client.try_publish(&topic, qos, retain, payload).map_err(|_| Error::Away { topic })
    }

    pub(crate) async fn subscribe(&self, filters: Vec<String>) -> ExternalSubscription {
        let mailbox = Arc::new(Mailbox::default());
        self.readers.lock().push((filters.clone(), Arc::clone(&mailbox)));
        let subscription =
            ExternalSubscription { mailbox, readers: Arc::clone(&self.readers), client: self.client.clone() };
        // Otherwise each new connection does so.
        if self.is_connected() {
            for filter in filters {
                if self.client.subscribe(filter, QoS::AtLeastOnce).await.is_err() {
                    subscription.mailbox.close();
                }
            }
        }
        subscription
    }

    pub(crate) async fn close(&self) {
        // Already gone is as good.
        let _ = self.client.try_disconnect();
        let _ = self.connection.clone().wait_for(Option::is_none).await;
    }
}

/// That a service is gone.
fn last_will(topics: &Topics, of: &Status) -> Result<LastWill, Error> {
    let gone = Message::Status(of.offline(of.since));
    let topic = topics.format(&gone.topic());
    match gone.payload(&mut Vec::new()) {
        Ok(payload) => Ok(LastWill::new(topic, payload, QoS::AtLeastOnce, true)),
        Err(source) => Err(Error::Encode { topic, source }),
    }
}

/// What keeps the connection.
struct Line {
    find: Whereabouts,
    will: Option<LastWill>,
    client: AsyncClient,
    readers: Arc<Readers>,
    online: watch::Sender<Option<u64>>,
}

impl Line {
    /// Drives the connection until it is closed on purpose.
    async fn keep(self, mut events: rumqttc::EventLoop) {
        let (mut pause, mut connections, mut leaving) = (RECONNECT_PAUSE, 0, false);
        loop {
            if events.network.is_none() && !self.look(&mut events) {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(RECONNECT_PAUSE_MAX);
                continue;
            }
            match events.poll().await {
                Ok(Event::Incoming(Packet::ConnAck(_))) => {
                    (pause, connections) = (RECONNECT_PAUSE, connections + 1);
                    // In this order: who comes in between subscribes twice, and never not at all.
                    self.online.send_replace(Some(connections));
                    tokio::spawn(subscribe_again(self.client.clone(), self.readers.filters()));
                }
                Ok(Event::Incoming(Packet::Publish(publish))) => self.readers.deliver(&publish.topic, &publish.payload),
                Ok(Event::Outgoing(rumqttc::Outgoing::Disconnect)) => leaving = true,
                Ok(_) => {}
                Err(_) if leaving => break,
                Err(error) => {
                    let was_there = self.online.send_replace(None).is_some();
                    if was_there || pause == RECONNECT_PAUSE {
                        tracing::warn!(%error, "the broker is out of reach: it is tried again until it is there");
                    } else {
                        tracing::debug!(%error, retry_in = ?pause, "the broker is out of reach");
                    }
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(RECONNECT_PAUSE_MAX);
                }
            }
        }
        self.online.send_replace(None);
        self.readers.close();
    }

    /// Sets where the next try to connect goes; whether that is known.
    fn look(&self, events: &mut rumqttc::EventLoop) -> bool {
        let found = (self.find)().and_then(|at| Some((at.address().ok()?, at)));
        let Some(((host, port), at)) = found else { return false };
        let mut options = MqttOptions::new(&at.client_id, host, port);
        options.set_keep_alive(KEEP_ALIVE).set_clean_session(true);
        options.set_max_packet_size(PACKET_BYTES_MAX, PACKET_BYTES_MAX);
        if let Some(will) = &self.will {
            options.set_last_will(will.clone());
        }
        if let Some((user, password)) = at.login {
            options.set_credentials(user, password);
        }
        events.mqtt_options = options;
        true
    }
}

async fn subscribe_again(client: AsyncClient, filters: BTreeSet<String>) {
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

    fn filters(&self) -> BTreeSet<String> {
        self.lock().iter().flat_map(|(filters, _)| filters.clone()).collect()
    }

    /// Forgets a reader; the filters that nobody else has.
    fn forget(&self, mailbox: &Arc<Mailbox>) -> Vec<String> {
        let mut all = self.lock();
        let Some(at) = all.iter().position(|(_, other)| Arc::ptr_eq(other, mailbox)) else { return Vec::new() };
        let (filters, _) = all.swap_remove(at);
        let is_left = |filter: &String| !all.iter().any(|(others, _)| others.contains(filter));
        filters.into_iter().filter(is_left).collect()
    }

    fn deliver(&self, topic: &str, payload: &Bytes) {
        let conflated = self.topics.parse(topic).as_ref().is_some_and(Topic::is_conflated);
        for (filters, mailbox) in self.lock().iter() {
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
    readers: Arc<Readers>,
    client: AsyncClient,
}

impl Drop for ExternalSubscription {
    fn drop(&mut self) {
        for filter in self.readers.forget(&self.mailbox) {
            // Where there is no room for that, it is heard and passed over.
            let _ = self.client.try_unsubscribe(filter);
        }
    }
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
