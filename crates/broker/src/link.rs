//! The way in for our own process: publish anything, subscribe to anything. Must never be handed to a client.

use crate::Broker;
use crate::error::Error;
use crate::fanout::Command;
use crate::outbox::{Allowance, Outbox};
use crate::parcel::{Delivery, Parcel};
use bytes::Bytes;
use std::sync::Arc;

/// The quality of service of what our own process publishes, where the topic does not conflate.
const QOS: u8 = 1;

/// An in-process link to the broker.
#[derive(Debug, Clone)]
pub struct Link {
    pub(crate) broker: Broker,
}

/// A message to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// Where.
    pub topic: String,
    /// What; empty and `retain` clears what was kept.
    pub payload: Bytes,
    /// Keep it for later subscribers.
    pub retain: bool,
}

/// A message as an in-process subscription gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Where it was published.
    pub topic: Arc<str>,
    /// What was published; empty if a retained value was cleared.
    pub payload: Bytes,
    /// It was stored when the subscription was made; not live.
    pub retain: bool,
}

impl Link {
    /// Publishes a message. `retain` keeps it for later subscribers; empty and `retain` clears what was kept. Waits
    /// while too much is on its way through the router.
    pub async fn publish(&self, topic: &str, payload: Bytes, retain: bool) -> Result<(), Error> {
        self.broker.publish(Parcel { qos: QOS, ..Parcel::new(topic, payload, retain) }).await
    }

    /// Publishes several, in order: cheaper than one by one. What cannot be published is left out; the first such failure
    /// is told.
    pub async fn publish_all(&self, messages: Vec<Publication>) -> Result<(), Error> {
        let parcels = messages.into_iter().map(|m| Parcel { qos: QOS, ..Parcel::new(&m.topic, m.payload, m.retain) });
        self.broker.publish_all(parcels).await
    }

    /// Subscribes to some filters: every retained value first, then what is published, conflated as for everybody.
    /// An invalid filter is logged and left out.
    pub fn subscribe(&self, filters: &[&str]) -> Subscription {
        // Bounded by number only: no client may take the room of our own process.
        let outbox = Arc::new(Outbox::new(self.broker.config().max_service_queue, Allowance::new(usize::MAX)));
        let filters = filters.iter().map(ToString::to_string).collect();
        let member = self.broker.next_serial();
        self.broker.command(Command::Follow { member, filters, outbox: Arc::clone(&outbox) });
        Subscription { outbox, member, broker: self.broker.clone() }
    }
}

/// An in-process subscription; ends when dropped.
#[derive(Debug)]
pub struct Subscription {
    outbox: Arc<Outbox>,
    member: u64,
    broker: Broker,
}

impl Subscription {
    /// The next message; `None` once the broker has shut down.
    pub async fn recv(&mut self) -> Option<Message> {
        loop {
            if let Some(message) = self.try_recv() {
                return Some(message);
            }
            if self.outbox.is_over() {
                return None;
            }
            self.outbox.filled().await;
        }
    }

    /// The next message, if there is one already.
    pub fn try_recv(&mut self) -> Option<Message> {
        let Delivery { parcel, stored, .. } = self.outbox.pop()?;
        crate::stats::add(&self.broker.counters().messages_out, 1);
        Some(Message { topic: Arc::clone(parcel.topic.text()), payload: parcel.payload.clone(), retain: stored })
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.broker.command(Command::Leave { member: self.member, parting: None });
    }
}
