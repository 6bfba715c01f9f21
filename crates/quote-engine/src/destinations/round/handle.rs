//! What may be asked of the round: how destinations stand, what they could not be told, and to test one.

use std::{collections::BTreeMap, mem::discriminant, sync::Arc, time::Duration};

use market::{
    DeadLetter, Destination, DestinationState, DestinationTest, Destinations, Edit, Edited, PushSubscription, Target,
    UserName, destination::Secrecy,
};
use tokio::{
    sync::{Semaphore, mpsc, oneshot},
    time::timeout,
};

use super::super::Courier;
use crate::{
    desk::{DeskError, DeskHandle},
    secrets::{SecretString, Secrets, SecretsError},
};

/// Questions that wait at the most.
pub(super) const REQUESTS_MAX: usize = 64;
/// How long an answer is waited for.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(5);
/// Tests at once at the most.
const TESTS_MAX: usize = 8;

/// Why something about destinations was not done.
#[derive(Debug, thiserror::Error)]
pub enum DestinationsError {
    /// The desk refuses it.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// A destination of that id is there already, and is no browser.
    #[error("the destination {0:?} is no browser's: choose another id")]
    NoBrowser(String),
    /// The key that browsers subscribe to cannot be read or made.
    #[error("the key for push services: {0}")]
    PushKey(String),
    /// Its secret cannot be kept or removed.
    #[error(transparent)]
    Secret(#[from] SecretsError),
    /// It goes with no secret.
    #[error("a destination of this kind keeps no secret")]
    NoSecret,
    /// There is no such dead letter.
    #[error("there is no undelivered alert {0:?}")]
    NoLetter(String),
    /// Nobody delivers just now.
    #[error("nobody delivers alerts just now; try again")]
    NotRunning,
    /// Too many tests are under way.
    #[error("{TESTS_MAX} tests are under way already; try again")]
    TooManyTests,
}

#[derive(Debug)]
pub(super) struct Request {
    pub(super) user: UserName,
    pub(super) what: Asked,
}

#[derive(Debug)]
pub(super) enum Asked {
    Waiting(oneshot::Sender<BTreeMap<String, u32>>),
    Dead(oneshot::Sender<Vec<DeadLetter>>),
    TryAgain(u64, oneshot::Sender<bool>),
    Delete(u64, oneshot::Sender<bool>),
}

/// A way to the round. Cheap to clone.
#[derive(Debug, Clone)]
pub struct DestinationsHandle {
    courier: Arc<Courier>,
    desk: DeskHandle,
    requests: mpsc::Sender<Request>,
    tests: Arc<Semaphore>,
}

impl DestinationsHandle {
    pub(super) fn new(courier: Arc<Courier>, desk: DeskHandle, requests: mpsc::Sender<Request>) -> Self {
        Self { courier, desk, requests, tests: Arc::new(Semaphore::new(TESTS_MAX)) }
    }

    /// A user's destinations as they stand.
    pub async fn list(&self, user: &UserName) -> Result<Destinations, DestinationsError> {
        let profile = self.desk.profile(user)?;
        // They are there, too, while nobody delivers.
        let waiting = self.ask(user, Asked::Waiting).await.unwrap_or_default();
        let mut destinations = Vec::new();
        for destination in profile.destinations {
            let secret = self.has_secret(user, &destination).await;
            let waiting = waiting.get(&destination.id).copied().unwrap_or_default();
            destinations.push(DestinationState { destination, secret, waiting });
        }
        Ok(Destinations { destinations, email: self.courier.sends_mail(), sms: self.courier.sends_sms() })
    }

    async fn has_secret(&self, user: &UserName, destination: &Destination) -> bool {
        let may_have = destination.to.secrecy() != Secrecy::None;
        may_have && matches!(self.secrets().of_destination(user, &destination.id).await, Ok(Some(_)))
    }

    /// Puts a destination in place of the one of its id, or at the end. A secret of one of another kind goes: it was not
    /// meant for this one. When this returns, that has survived.
    pub async fn put(&self, user: &UserName, destination: Destination) -> Result<Edited, DestinationsError> {
        let profile = self.desk.profile(user)?;
        let before = profile.destination(&destination.id).ok();
        let is_another = before.is_some_and(|before| discriminant(&before.to) != discriminant(&destination.to));
        if is_another && before.is_some_and(|before| before.to.secrecy() != Secrecy::None) {
            self.secrets().remove_of_destination(user, &destination.id).await?;
        }
        Ok(self.desk.apply(user, Edit::PutDestination { destination }).await?)
    }

    /// The key that browsers subscribe to (`applicationServerKey`): a point of P-256 in base64url.
    pub async fn push_key(&self) -> Result<String, DestinationsError> {
        self.courier.push_key().await.map_err(DestinationsError::PushKey)
    }

    /// Makes a browser a destination, or takes in its new subscription. When this returns, that has survived.
    pub async fn subscribe(
        &self,
        user: &UserName,
        id: &str,
        name: Option<String>,
        subscription: &PushSubscription,
    ) -> Result<Edited, DestinationsError> {
        subscription.check().map_err(DeskError::from)?;
        let profile = self.desk.profile(user)?;
        let present = profile.destination(id).ok();
        if present.is_some_and(|present| present.to != Target::WebPush) {
            return Err(DestinationsError::NoBrowser(id.to_owned()));
        }
        let kept = serde_json::to_string(subscription).unwrap_or_default();
        // First what it cannot do without: an alert may fire at any moment.
        self.secrets().set_of_browser(user, id, &SecretString::from(kept)).await?;
        let name = name.or_else(|| present.map(|present| present.name.clone())).unwrap_or_else(|| "Browser".into());
        let destination = Destination { id: id.to_owned(), name, enabled: true, to: Target::WebPush };
        let edited = self.desk.apply(user, Edit::PutDestination { destination }).await;
        if edited.is_err() && present.is_none() {
            self.secrets().remove_of_destination(user, id).await?;
        }
        Ok(edited?)
    }

    /// Tells a browser nothing any more. When this returns, that has survived.
    pub async fn unsubscribe(&self, user: &UserName, id: &str) -> Result<(), DestinationsError> {
        match self.desk.profile(user)?.destination(id).map_err(DeskError::from)?.to {
            Target::WebPush => self.remove(user, id).await,
            _ => Err(DestinationsError::NoBrowser(id.to_owned())),
        }
    }

    /// Removes a destination and its secret. When this returns, that has survived.
    pub async fn remove(&self, user: &UserName, id: &str) -> Result<(), DestinationsError> {
        let secrecy = self.desk.profile(user)?.destination(id).map_err(DeskError::from)?.to.secrecy();
        self.desk.apply(user, Edit::RemoveDestination { id: id.to_owned() }).await?;
        match secrecy {
            Secrecy::None => Ok(()),
            Secrecy::Optional | Secrecy::Needed => Ok(self.secrets().remove_of_destination(user, id).await?),
        }
    }

    /// Keeps a destination's secret, or takes it away. When this returns, that has survived.
    pub async fn set_secret(
        &self,
        user: &UserName,
        id: &str,
        secret: Option<&SecretString>,
    ) -> Result<(), DestinationsError> {
        let profile = self.desk.profile(user)?;
        let destination = profile.destination(id).map_err(DeskError::from)?;
        match secret {
            Some(_) if destination.to.secrecy() == Secrecy::None => Err(DestinationsError::NoSecret),
            Some(secret) => Ok(self.secrets().set_of_destination(user, id, secret).await?),
            None if destination.to.secrecy() == Secrecy::None => Ok(()),
            None => Ok(self.secrets().remove_of_destination(user, id).await?),
        }
    }

    /// Sends a message there to see whether it arrives; what the other end said.
    pub async fn test(&self, user: &UserName, id: &str) -> Result<DestinationTest, DestinationsError> {
        let profile = self.desk.profile(user)?;
        let destination = profile.destination(id).map_err(DeskError::from)?;
        let _turn = self.tests.try_acquire().map_err(|_| DestinationsError::TooManyTests)?;
        Ok(match self.courier.test(&profile, destination).await {
            Ok(said) => DestinationTest { delivered: true, said },
            Err(refusal) => DestinationTest { delivered: false, said: refusal.reason().to_owned() },
        })
    }

    /// What could not be delivered to a user, the newest first.
    pub async fn dead_letters(&self, user: &UserName) -> Result<Vec<DeadLetter>, DestinationsError> {
        self.desk.profile(user)?;
        self.ask(user, Asked::Dead).await
    }

    /// Sends one of them again.
    pub async fn try_again(&self, user: &UserName, id: &str) -> Result<(), DestinationsError> {
        self.about(user, id, Asked::TryAgain).await
    }

    /// Forgets one of them.
    pub async fn forget(&self, user: &UserName, id: &str) -> Result<(), DestinationsError> {
        self.about(user, id, Asked::Delete).await
    }

    async fn about(
        &self,
        user: &UserName,
        id: &str,
        what: impl FnOnce(u64, oneshot::Sender<bool>) -> Asked,
    ) -> Result<(), DestinationsError> {
        self.desk.profile(user)?;
        let unknown = || DestinationsError::NoLetter(id.chars().take(32).collect());
        let number = id.parse().map_err(|_| unknown())?;
        let found = self.ask(user, |done| what(number, done)).await?;
        found.then_some(()).ok_or_else(unknown)
    }

    async fn ask<T>(
        &self,
        user: &UserName,
        what: impl FnOnce(oneshot::Sender<T>) -> Asked,
    ) -> Result<T, DestinationsError> {
        let (done, answer) = oneshot::channel();
        let request = Request { user: user.clone(), what: what(done) };
        self.requests.try_send(request).map_err(|_| DestinationsError::NotRunning)?;
        let answered = timeout(ANSWER_TIME_MAX, answer).await.map_err(|_| DestinationsError::NotRunning)?;
        answered.map_err(|_| DestinationsError::NotRunning)
    }

    fn secrets(&self) -> &Secrets {
        self.courier.secrets()
    }
}
