//! Onto the broker in this process: its in-process link, and what its clients subscribe to.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use broker::{Followers, Publication};
use bytes::Bytes;
use market::Symbol;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::{Error, Topic, Topics};

/// The symbols that MQTT clients subscribe to by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Following {
    /// All of them.
    pub symbols: BTreeSet<Symbol>,
    /// Those that somebody asks for who did not hear of them by an announcement.
    pub unprompted: BTreeSet<Symbol>,
}

#[derive(Debug, Clone)]
pub(crate) struct Embedded {
    link: broker::Link,
    /// There is one connection, for ever.
    connection: watch::Sender<Option<u64>>,
}

impl Embedded {
    /// The link, and the symbols that clients subscribe to by name as they come and go.
    pub(crate) fn new(broker: &broker::Broker, topics: &Topics) -> (Self, watch::Receiver<Arc<Following>>) {
        let embedded = Self { link: broker.link(), connection: watch::Sender::new(Some(1)) };
        (embedded, symbols_subscribed_to(broker.followed(), topics.clone()))
    }

    pub(crate) fn connection(&self) -> watch::Receiver<Option<u64>> {
        self.connection.subscribe()
    }

    pub(crate) async fn publish(&self, topic: String, payload: Bytes, retain: bool) -> Result<(), Error> {
        self.link.publish(&topic, payload, retain).await.map_err(|source| Error::Embedded { topic, source })
    }

    pub(crate) async fn publish_all(&self, messages: Vec<Publication>) -> Result<(), Error> {
        let first = messages.first().map(|message| message.topic.clone()).unwrap_or_default();
        self.link.publish_all(messages).await.map_err(|source| {
            let topic = match &source {
                broker::Error::Topic { topic } | broker::Error::TooLarge { topic, .. } => topic.clone(),
                // None gets through: it begins with the first.
                _ => first,
            };
            Error::Embedded { topic, source }
        })
    }

    pub(crate) fn subscribe(&self, filters: &[String]) -> broker::Subscription {
        self.link.subscribe(&filters.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

/// Turns the filters clients hold into the symbols they mean. Ends when the broker does.
fn symbols_subscribed_to(
    mut filters: watch::Receiver<Arc<BTreeMap<String, Followers>>>,
    topics: Topics,
) -> watch::Receiver<Arc<Following>> {
    let (symbols, following) = watch::channel(Arc::default());
    tokio::spawn(async move {
        loop {
            let now = following_by(&filters.borrow_and_update(), &topics);
            symbols.send_if_modified(|before: &mut Arc<Following>| {
                let differs = **before != now;
                if differs {
                    *before = Arc::new(now);
                }
                differs
            });
            if filters.changed().await.is_err() {
                return;
            }
        }
    });
    following
}

fn following_by(filters: &BTreeMap<String, Followers>, topics: &Topics) -> Following {
    let mut following = Following::default();
    for (filter, followers) in filters {
        let Some(Topic::Quote(symbol) | Topic::Price(symbol)) = topics.parse(filter) else { continue };
        if followers.echoes < followers.sessions {
            following.unprompted.insert(symbol.clone());
        }
        following.symbols.insert(symbol);
    }
    following
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nobody;

    impl crate::Accounts for Nobody {
        fn recognises(&self, _: &market::UserName, _: &str) -> bool {
            false
        }
        fn verify(&self, _: &market::UserName, _: &str) -> bool {
            false
        }
        fn may_feed(&self, _: &market::UserName) -> bool {
            false
        }
    }

    #[tokio::test]
    async fn a_failure_names_the_topic_that_failed() {
        let topics = Topics::new("q/v1", false);
        let policy = crate::TopicPolicy {
            topics: topics.clone(),
            accounts: Arc::new(Nobody),
            access: crate::Access::new(crate::Anonymous::Never, crate::OtherTopics::None),
            logins: Arc::default(),
            home_assistant: false,
        };
        let broker = broker::Broker::start(broker::Config::default(), Arc::new(policy)).unwrap();
        let (embedded, _) = Embedded::new(&broker, &topics);
        let messages = ["q/v1/one", "q/v1/#", "q/v1/+"].map(|topic| Publication {
            topic: topic.into(),
            payload: Bytes::from_static(b"1"),
            retain: false,
        });
        let failed = embedded.publish_all(messages.into()).await.unwrap_err();
        assert!(matches!(failed, Error::Embedded { topic, .. } if topic == "q/v1/#"));
    }
}
