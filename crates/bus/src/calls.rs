//! Questions from one service to another, and their answers. A question has an id and is asked again under it until it is
//! answered, so that nothing depends on one message: whoever answers does a thing once however often it is asked.
//!
//! Must never say that something was done because it was sent.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use tokio::{sync::oneshot, time::timeout};

use crate::{Bus, Interest, Message, Subscription};

/// A question is asked again after so long.
const ASK_AGAIN: Duration = Duration::from_secs(1);
/// Clocks of two machines may be so far apart.
const SKEW: SignedDuration = SignedDuration::from_secs(30);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Nobody answers.
    #[error("{to} is out of reach")]
    OutOfReach {
        /// Who was asked.
        to: String,
    },
    /// Question or answer are none.
    #[error("what was asked of {to}, or its answer, cannot be read: {source}")]
    Unreadable {
        /// Who was asked.
        to: String,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

/// A question as it came.
#[derive(Debug, Serialize, Deserialize)]
pub struct Letter {
    /// Which question it is: the same each time it is asked.
    pub id: String,
    /// Whether it was asked before.
    pub again: bool,
    /// Who asks.
    from: String,
    /// Nobody waits for the answer any longer.
    until: Timestamp,
    /// What is asked.
    body: Box<RawValue>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Reply {
    id: String,
    body: Box<RawValue>,
}

impl Letter {
    /// What is asked; `None` where nobody here can read it.
    pub fn question<Q: DeserializeOwned>(&self) -> Option<Q> {
        serde_json::from_str(self.body.get()).ok()
    }

    /// Answers it.
    pub async fn answer<A: Serialize>(&self, bus: &Bus, answer: &A) {
        let written = serde_json::value::to_raw_value(answer)
            .and_then(|body| serde_json::to_vec(&Reply { id: self.id.clone(), body }));
        match written {
            Ok(bytes) => {
                // Whoever asks asks again.
                let _ = bus.publish(&Message::Reply(self.from.clone(), bytes.into())).await;
            }
            Err(error) => tracing::error!(%error, id = self.id, "an answer cannot be written"),
        }
    }
}

/// The questions that come to a service.
#[derive(Debug)]
pub struct Letters(Subscription);

impl Letters {
    /// To this address.
    pub async fn to(bus: &Bus, address: &str) -> Self {
        Self(bus.subscribe(&[Interest::Commands(address.to_owned())]).await)
    }

    /// The next one that somebody waits for; `None` once the bus is closed.
    pub async fn next(&mut self) -> Option<Letter> {
        loop {
            let Message::Command(_, bytes) = self.0.recv().await? else { continue };
            match serde_json::from_slice::<Letter>(&bytes) {
                Ok(letter) if Timestamp::now().duration_since(letter.until) < SKEW => return Some(letter),
                Ok(late) => tracing::debug!(id = late.id, "a question came too late"),
                Err(error) => tracing::debug!(%error, "passed over: no question"),
            }
        }
    }
}

/// Asks others on the bus. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Calls(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    bus: Bus,
    /// Where answers come to.
    address: String,
    /// Together with a number, an id that was never there before.
    since: Timestamp,
    asked: AtomicU64,
    waiting: Mutex<HashMap<String, oneshot::Sender<Box<RawValue>>>>,
}

impl Inner {
    fn waiting(&self) -> MutexGuard<'_, HashMap<String, oneshot::Sender<Box<RawValue>>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nobody waits for the answer any more.
struct Waiting<'a>(&'a Inner, String);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting().remove(&self.1);
    }
}

impl Calls {
    /// Whose answers come to this address: nobody else's.
    pub fn new(bus: Bus, address: &str) -> Self {
        Self(Arc::new(Inner {
            bus,
            address: address.to_owned(),
            since: Timestamp::now(),
            asked: AtomicU64::default(),
            waiting: Mutex::default(),
        }))
    }

    /// Where answers come to.
    pub fn address(&self) -> &str {
        &self.0.address
    }

    /// An answer has come: whoever waits for it has it. Without this there are none.
    pub fn deliver(&self, reply: &Bytes) {
        let Ok(Reply { id, body }) = serde_json::from_slice(reply) else { return };
        if let Some(waiting) = self.0.waiting().remove(&id) {
            // It may have turned away.
            let _ = waiting.send(body);
        }
    }

    /// Asks, again and again, until there is an answer or patience is at its end: whether it was done is not known then.
    pub async fn ask<Q: Serialize, A: DeserializeOwned>(
        &self,
        to: &str,
        question: &Q,
        patience: Duration,
    ) -> Result<A, CallError> {
        let unreadable = |source| CallError::Unreadable { to: to.to_owned(), source };
        let body = serde_json::value::to_raw_value(question).map_err(unreadable)?;
        let (done, answered) = oneshot::channel();
        let id = format!(
            "{}-{:x}-{}",
            self.0.address,
            self.0.since.as_nanosecond(),
            self.0.asked.fetch_add(1, Ordering::Relaxed)
        );
        self.0.waiting().insert(id.clone(), done);
        let waiting = Waiting(&self.0, id.clone());
        let until = Timestamp::now() + SignedDuration::try_from(patience).unwrap_or_default();
        let mut letter = Letter { id, again: false, from: self.0.address.clone(), until, body };
        let asking = async {
            let mut answered = answered;
            loop {
                self.post(to, &letter).await.map_err(unreadable)?;
                match timeout(ASK_AGAIN, &mut answered).await {
                    Ok(Ok(body)) => return serde_json::from_str(body.get()).map_err(unreadable),
                    Ok(Err(_)) => return Err(CallError::OutOfReach { to: to.to_owned() }),
                    Err(_) => letter.again = true,
                }
            }
        };
        let outcome = timeout(patience, asking).await;
        drop(waiting);
        outcome.unwrap_or_else(|_| Err(CallError::OutOfReach { to: to.to_owned() }))
    }

    async fn post(&self, to: &str, letter: &Letter) -> Result<(), serde_json::Error> {
        let bytes = Bytes::from(serde_json::to_vec(letter)?);
        // It is asked again.
        let _ = self.0.bus.publish(&Message::Command(to.to_owned(), bytes)).await;
        Ok(())
    }
}
