//! Makes of a user's destination, its secret and the configuration a place that takes messages, and takes one there.

use std::{path::Path, sync::Arc, time::Duration};

use market::{LogEvent, Profile, PushSubscription, Target, UserName};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::{sync::OnceCell, time::timeout};

use super::{
    Destination, DestinationsConfig, MailConfig, Refusal,
    http::Poster,
    mail::Letters,
    message::Message,
    push::{Pusher, Vapid},
    sender::{Place, Sender},
};
use crate::{secrets::Secrets, words::Words};

/// How long a delivery may take, whatever the other end does.
const DELIVERY_TIME_MAX: Duration = Duration::from_secs(60);
/// How long a person waits for the outcome of a test.
const TEST_TIME_MAX: Duration = Duration::from_secs(15);

/// Takes messages to places.
#[derive(Debug)]
pub struct Courier {
    config: DestinationsConfig,
    secrets: Arc<Secrets>,
    poster: Arc<Poster>,
    vapid: OnceCell<Arc<Vapid>>,
}

impl Courier {
    /// A courier of this installation.
    pub fn new(config: DestinationsConfig, secrets: Arc<Secrets>) -> Self {
        let poster = Arc::new(Poster::new(config.private_hosts.clone(), config.network.clone()));
        Self { config, secrets, poster, vapid: OnceCell::new() }
    }

    /// Whether the installation can send letters.
    pub fn sends_mail(&self) -> bool {
        self.config.mail.is_some()
    }

    /// Whether the installation can send short messages.
    pub fn sends_sms(&self) -> bool {
        self.config.sms.is_some()
    }

    /// The key that browsers subscribe to.
    pub(super) async fn push_key(&self) -> Result<String, String> {
        Ok(self.vapid().await?.public().to_owned())
    }

    /// Made at the first question, and the same from then on.
    async fn vapid(&self) -> Result<Arc<Vapid>, String> {
        let open = || async {
            let folder = self.config.key_dir.clone();
            let opened = tokio::task::spawn_blocking(move || Vapid::open(&folder)).await;
            opened.map_err(|_| "reading it broke off".to_owned())?.map(Arc::new)
        };
        self.vapid.get_or_try_init(open).await.cloned()
    }

    pub(super) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    pub(super) fn data_dir(&self) -> &Path {
        &self.config.data_dir
    }

    /// Takes what happened to one of the reader's destinations; what was said there.
    pub(super) async fn deliver(
        &self,
        reader: &Profile,
        to: &market::Destination,
        event: &LogEvent,
    ) -> Result<String, Refusal> {
        self.take(&reader.user, to, Message::of(event, &self.words(reader), reader), DELIVERY_TIME_MAX).await
    }

    /// Takes a test there.
    pub(super) async fn test(&self, reader: &Profile, to: &market::Destination) -> Result<String, Refusal> {
        self.take(&reader.user, to, Message::test(&self.words(reader)), TEST_TIME_MAX).await
    }

    fn words(&self, reader: &Profile) -> Words {
        Words::new(reader.preferences.language.as_ref(), &self.config.languages)
    }

    async fn take(
        &self,
        user: &UserName,
        to: &market::Destination,
        message: Message,
        time_max: Duration,
    ) -> Result<String, Refusal> {
        let taking = async { self.place(user, to).await?.deliver(&message).await };
        let silent = |_| Refusal::later(format!("no answer within {} s", time_max.as_secs()));
        timeout(time_max, taking).await.map_err(silent)?
    }

    async fn place(&self, user: &UserName, to: &market::Destination) -> Result<Box<dyn Destination>, Refusal> {
        let place = match to.to.clone() {
            Target::Email { address } => return self.letters(address),
            Target::WebPush => return self.browser(user, &to.id).await,
            Target::Sms { number } => self.sms(number).await?,
            Target::Webhook { url } => Place::Webhook { url, secret: self.secret(user, &to.id).await? },
            Target::Ntfy { server, topic } => Place::Ntfy { server, topic, token: self.secret(user, &to.id).await? },
            Target::Slack => Place::Slack { url: self.needed(user, &to.id, "address of the webhook").await? },
            Target::Discord => Place::Discord { url: self.needed(user, &to.id, "address of the webhook").await? },
            Target::Telegram { chat } => {
                let (api, token) =
                    (self.config.telegram_url.clone(), self.needed(user, &to.id, "token of the bot").await?);
                Place::Telegram { api, chat, token }
            }
        };
        Ok(Box::new(Sender { poster: Arc::clone(&self.poster), place }))
    }

    fn letters(&self, to: String) -> Result<Box<dyn Destination>, Refusal> {
        let server = self.config.mail.clone();
        let server = server
            .ok_or_else(|| Refusal::never("this installation has no mail server: set [mail] in its configuration"))?;
        Ok(Box::new(Letters { server, ca_file: self.config.ca_file.clone(), to }))
    }

    async fn browser(&self, user: &UserName, id: &str) -> Result<Box<dyn Destination>, Refusal> {
        let secret = self.needed(user, id, "browser's subscription").await?;
        let subscription: Option<PushSubscription> = serde_json::from_str(secret.expose_secret()).ok();
        let subscription = subscription.filter(|subscription| subscription.check().is_ok());
        let subscription = subscription.ok_or_else(|| Refusal::never("what is kept is no browser's subscription"))?;
        let vapid =
            self.vapid().await.map_err(|problem| Refusal::later(format!("the key for push services: {problem}")))?;
        let contact =
            self.config.mail.as_ref().and_then(MailConfig::address).map(|address| format!("mailto:{address}"));
        Ok(Box::new(Pusher { poster: Arc::clone(&self.poster), vapid, subscription, contact }))
    }

    async fn sms(&self, number: String) -> Result<Place, Refusal> {
        let gateway = self.config.sms.clone();
        let gateway = gateway.ok_or_else(|| {
            Refusal::never("this installation has no gateway for SMS: set [sms] in its configuration")
        })?;
        let unreadable = |error| Refusal::later(format!("sms.auth_token_file of the configuration: {error}"));
        let token = tokio::fs::read_to_string(&gateway.auth_token_file).await.map_err(unreadable)?;
        Ok(Place::Sms { token: SecretString::from(token.trim()), gateway, number })
    }

    async fn secret(&self, user: &UserName, id: &str) -> Result<Option<SecretString>, Refusal> {
        self.secrets.of_destination(user, id).await.map_err(|error| Refusal::later(error.to_string()))
    }

    async fn needed(&self, user: &UserName, id: &str, what: &str) -> Result<SecretString, Refusal> {
        self.secret(user, id).await?.ok_or_else(|| Refusal::never(format!("its secret is not set: the {what}")))
    }
}
