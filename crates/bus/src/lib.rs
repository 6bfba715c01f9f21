//! The wire contract: which topic carries what, and the two ways onto a broker.
//!
//! The only crate in which a topic string stands. It knows what the services tell each other, never why.

mod embedded;
mod external;
mod message;
mod policy;
mod topic;

use std::{collections::BTreeSet, sync::Arc};

use market::Symbol;
use tokio::sync::watch;

pub use external::ExternalBroker;
pub use message::{Message, Status};
pub use policy::{Accounts, Anonymous, OtherTopics, TopicPolicy};
pub use topic::{Interest, Topic, Topics};

/// Why something could not be said or heard on the bus.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The embedded broker's router is gone and not yet rebuilt.
    #[error("publishing on {topic}: the embedded broker does not take it")]
    Embedded {
        /// Where it was to be said.
        topic: String,
        /// What the broker says.
        #[source]
        source: broker::Error,
    },
    /// The connection to an external broker is closed for good.
    #[error("publishing on {topic}: the connection to the broker has ended")]
    Closed {
        /// Where it was to be said.
        topic: String,
    },
    /// A message that is no JSON.
    #[error("writing the message for {topic}")]
    Encode {
        /// Where it was to be said.
        topic: String,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// The address of an external broker makes no sense.
    #[error("broker.url {url:?}: {reason}; it is mqtt://host[:port]")]
    Address {
        /// What was configured.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

#[derive(Debug, Clone)]
enum Transport {
    Embedded(embedded::Embedded),
    External(external::External),
}

/// One service's way onto the bus. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Bus {
    topics: Topics,
    transport: Transport,
    followed: watch::Receiver<Arc<BTreeSet<Symbol>>>,
}

impl Bus {
    /// Onto the broker in this process.
    pub fn embedded(broker: &broker::Broker, topics: Topics) -> Self {
        let (embedded, followed) = embedded::Embedded::new(broker, &topics);
        Self { topics, transport: Transport::Embedded(embedded), followed }
    }

    /// Onto a broker elsewhere. Connects in the background and for ever; `will` is what the broker says of this
    /// service when it is gone.
    pub fn external(at: &ExternalBroker, topics: Topics, will: &Status) -> Result<Self, Error> {
        let external = external::External::connect(at, &topics, will)?;
        let (_, followed) = watch::channel(Arc::default());
        Ok(Self { topics, transport: Transport::External(external), followed })
    }

    /// How topics are written here.
    pub fn topics(&self) -> &Topics {
        &self.topics
    }

    /// Waits until the broker has been reached; at once with the embedded one.
    pub async fn connected(&self) {
        if let Transport::External(external) = &self.transport {
            external.connected().await;
        }
    }

    /// Says a message on its topic.
    pub async fn publish(&self, message: &Message) -> Result<(), Error> {
        let topic = self.topics.format(&message.topic());
        let payload = message.payload().map_err(|source| Error::Encode { topic: topic.clone(), source })?;
        let retain = message.topic().is_retained();
        match &self.transport {
            Transport::Embedded(embedded) => embedded.publish(topic, payload.into(), retain).await,
            Transport::External(external) => external.publish(topic, payload, retain, message.topic().qos()).await,
        }
    }

    /// Hears what is said on the topics of interest: every retained value first, then what comes.
    pub async fn subscribe(&self, interests: &[Interest]) -> Subscription {
        let filters: Vec<String> = interests.iter().map(|interest| self.topics.filter(interest)).collect();
        let inbox = match &self.transport {
            Transport::Embedded(embedded) => Inbox::Embedded(embedded.subscribe(&filters)),
            Transport::External(external) => Inbox::External(external.subscribe(filters).await),
        };
        Subscription { topics: self.topics.clone(), inbox }
    }

    /// The symbols that MQTT clients subscribe to by name: what makes subscribing follow. Always empty with an
    /// external broker, whose subscriptions cannot be seen.
    pub fn followed(&self) -> watch::Receiver<Arc<BTreeSet<Symbol>>> {
        self.followed.clone()
    }

    /// Says what still waits to be sent, then ends the connection.
    pub async fn close(&self) {
        if let Transport::External(external) = &self.transport {
            external.close().await;
        }
    }
}

#[derive(Debug)]
enum Inbox {
    Embedded(broker::Subscription),
    External(external::ExternalSubscription),
}

/// What is heard on the bus.
#[derive(Debug)]
pub struct Subscription {
    topics: Topics,
    inbox: Inbox,
}

impl Subscription {
    /// The next message; `None` once the bus is closed. What nobody can read is passed over.
    pub async fn recv(&mut self) -> Option<Message> {
        loop {
            let (topic, payload) = match &mut self.inbox {
                Inbox::Embedded(subscription) => {
                    let message = subscription.recv().await?;
                    (message.topic, message.payload)
                }
                Inbox::External(subscription) => subscription.recv().await?,
            };
            let read = self.topics.parse(&topic).and_then(|known| Message::read(known, &payload));
            if read.is_some() {
                return read;
            }
            tracing::debug!(%topic, "passed over: not of this contract");
        }
    }
}
