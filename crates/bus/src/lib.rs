//! The wire contract: which topic carries what, and the two ways onto a broker.
//!
//! The only crate in which a topic string stands. It knows what the services tell each other, never why.

mod calls;
mod discovery;
mod embedded;
mod external;
mod logins;
mod message;
mod policy;
mod topic;

use std::sync::Arc;

use broker::Publication;
use bytes::Bytes;
use tokio::sync::watch;

pub use calls::{CallError, Calls, Letter, Letters};
pub use discovery::Component;
pub use embedded::Following;
pub use external::{ExternalBroker, Whereabouts};
pub use logins::Logins;
pub use message::{FEED_BYTES_MAX, Message, Status};
pub use policy::{Access, Accounts, Anonymous, OtherTopics, TopicPolicy};
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
    /// The external broker is out of reach, and too much waits for it.
    #[error("publishing on {topic}: the broker is out of reach, and too much waits for it already")]
    Away {
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
    /// What this process sees itself; `None` where the broker has to tell.
    following: Option<watch::Receiver<Arc<Following>>>,
}

impl Bus {
    /// Onto the broker in this process.
    pub fn embedded(broker: &broker::Broker, topics: Topics) -> Self {
        let (embedded, following) = embedded::Embedded::new(broker, &topics);
        Self { topics, transport: Transport::Embedded(embedded), following: Some(following) }
    }

    /// Onto a broker elsewhere: wherever it is found at the moment. Connects in the background and for ever; `will` is
    /// what the broker says of a service when it is gone.
    pub fn external(find: Whereabouts, topics: Topics, will: Option<&Status>) -> Result<Self, Error> {
        let external = external::External::connect(find, &topics, will)?;
        Ok(Self { topics, transport: Transport::External(external), following: None })
    }

    /// How topics are written here.
    pub fn topics(&self) -> &Topics {
        &self.topics
    }

    /// Whether the broker is in this process.
    pub fn is_here(&self) -> bool {
        matches!(self.transport, Transport::Embedded(_))
    }

    /// Waits until the broker has been reached; at once with the embedded one.
    pub async fn connected(&self) {
        // An error means that the connection has ended for good: there is nothing to wait for.
        let _ = self.connection().wait_for(Option::is_some).await;
    }

    /// The number of the present connection; `None` while there is none. A broker that is reached again may have forgotten
    /// everything: whoever said something that is kept says it again.
    pub fn connection(&self) -> watch::Receiver<Option<u64>> {
        match &self.transport {
            Transport::Embedded(embedded) => embedded.connection(),
            Transport::External(external) => external.connection(),
        }
    }

    /// Says a message on its topic.
    pub async fn publish(&self, message: &Message) -> Result<(), Error> {
        let Publication { topic, payload, retain } = self.written(message, &mut Vec::new())?;
        match &self.transport {
            Transport::Embedded(embedded) => embedded.publish(topic, payload, retain).await,
            Transport::External(external) => {
                // What is gone is not said again: it waits for the broker.
                let is_said_again = message.topic().is_said_again() && !payload.is_empty();
                external.publish(topic, payload.into(), retain, message.topic().qos(), is_said_again).await
            }
        }
    }

    /// Says several messages, in order: cheaper than one by one. What cannot be said is left out; the first such failure
    /// is told.
    pub async fn publish_all(&self, messages: impl IntoIterator<Item = Message>) -> Result<(), Error> {
        let mut outcome = Ok(());
        if let Transport::Embedded(embedded) = &self.transport {
            // Each is written as it comes: together they would take much more memory than their bytes do.
            let mut room = Vec::new();
            let written = messages.into_iter().filter_map(|message| match self.written(&message, &mut room) {
                Ok(publication) => Some(publication),
                Err(error) => {
                    outcome = std::mem::replace(&mut outcome, Ok(())).and(Err(error));
                    None
                }
            });
            let written = written.collect();
            return embedded.publish_all(written).await.and(outcome);
        }
        for message in messages {
            outcome = outcome.and(self.publish(&message).await);
        }
        outcome
    }

    /// A message as it is published; `room` is where its bytes are written first.
    fn written(&self, message: &Message, room: &mut Vec<u8>) -> Result<Publication, Error> {
        let about = message.topic();
        let topic = self.topics.format(&about);
        match message.payload(room) {
            Ok(payload) => Ok(Publication { topic, payload, retain: about.is_retained() }),
            Err(source) => Err(Error::Encode { topic, source }),
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

    /// The symbols that MQTT clients subscribe to by name: what makes subscribing follow. A broker of ours in another
    /// process tells them; of any other one they cannot be seen, and there are none.
    pub fn following(&self) -> watch::Receiver<Arc<Following>> {
        if let Some(following) = &self.following {
            return following.clone();
        }
        let (told, following) = watch::channel(Arc::default());
        let bus = self.clone();
        tokio::spawn(async move {
            let mut heard = bus.subscribe(&[Interest::Following]).await;
            while let Some(message) = heard.recv().await {
                let Message::Following(now) = message else { continue };
                if told.send(Arc::new(now)).is_err() {
                    return;
                }
            }
        });
        following
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
            let unread = self.recv_unread().await?;
            let read = unread.read();
            if read.is_some() {
                return read;
            }
            tracing::debug!(topic = ?unread.topic, "passed over: not of this contract");
        }
    }

    /// The same, not read yet: for who hears much and needs little of it.
    pub async fn recv_unread(&mut self) -> Option<Unread> {
        loop {
            let (text, payload) = match &mut self.inbox {
                Inbox::Embedded(subscription) => {
                    let message = subscription.recv().await?;
                    (message.topic, message.payload)
                }
                Inbox::External(subscription) => subscription.recv().await?,
            };
            if let Some(topic) = self.topics.parse(&text) {
                return Some(Unread { topic, payload });
            }
            tracing::debug!(topic = %text, "passed over: not of this contract");
        }
    }
}

/// A message as it came. Shares its bytes with the broker.
#[derive(Debug, Clone)]
pub struct Unread {
    topic: Topic,
    payload: Bytes,
}

impl Unread {
    /// Where it was said.
    pub fn topic(&self) -> &Topic {
        &self.topic
    }

    /// Whether it says that something is gone.
    pub fn is_gone(&self) -> bool {
        self.payload.is_empty()
    }

    /// Its size in bytes.
    pub fn size(&self) -> usize {
        self.payload.len()
    }

    /// What it says; `None` where nobody can read it.
    pub fn read(&self) -> Option<Message> {
        Message::read(self.topic.clone(), &self.payload)
    }
}
