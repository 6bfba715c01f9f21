//! The notifier: takes alerts that fired from the bus to where their user hears them.

pub mod text;

use std::{borrow::Cow, collections::VecDeque, fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use bus::{Bus, Interest, Message};
use market::{AlertFired, Profile, Symbol, UserName};
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{peers::Peers, store::Accounts, words::Words};

/// Alerts within this time count as one burst.
const BURST: Duration = Duration::from_secs(5);
/// From this many in a burst on, the rest becomes one notification.
const BURST_SINGLES: usize = 2;
/// Of how many of the rest it names the symbols.
const BURST_NAMED: usize = 8;
/// Ids of alerts told lately, so that one that is repeated on the bus is told once.
const TOLD_MAX: usize = 1_000;

/// What a user is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// One line: symbol, direction and rule.
    pub title: String,
    /// One or two lines: price, move, time.
    pub body: String,
    /// What a click opens; `None` where it is about several.
    pub symbol: Option<Symbol>,
    /// The user's own alert that fired; `None` where it is about several, or of the alert that everybody has.
    pub alert_id: Option<String>,
    /// What a click on it is called, where the system names that.
    pub open: String,
    /// What else can be done about it, in the order to be offered.
    pub buttons: Vec<Button>,
}

/// A button of a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// What it does.
    pub action: NotificationAction,
    /// What stands on it.
    pub label: String,
}

/// What can be done about a notification, beside opening what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotificationAction {
    /// No more of its symbol until the user's day is over.
    MuteToday,
    /// No more of its alert, ever.
    DeleteAlert,
}

/// Where notifications go.
#[async_trait]
pub trait Notify: fmt::Debug + Send + Sync + 'static {
    /// Shows it. Best effort: what fired stands on the bus, a notification is a copy.
    async fn notify(&self, notification: Notification);
}

/// Notifications of a server without a screen: into the log.
#[derive(Debug)]
pub struct LogNotify;

#[async_trait]
impl Notify for LogNotify {
    async fn notify(&self, notification: Notification) {
        tracing::info!(title = notification.title, body = notification.body, "alert");
    }
}

/// To whom alerts are told, and in which words.
#[derive(Debug, Clone)]
pub struct Readers {
    /// Of one user, or of all.
    pub user: Option<UserName>,
    /// Those of the users that are ours among these.
    pub peers: Peers,
    /// What each calls things, and which language they chose.
    pub accounts: watch::Receiver<Arc<Accounts>>,
    /// The languages of who chose none, best first, as BCP 47 tags.
    pub languages: Vec<String>,
}

impl Readers {
    fn interests(&self) -> Vec<Interest> {
        self.user.clone().map_or_else(|| vec![Interest::Alerts, Interest::Digests], |user| vec![Interest::User(user)])
    }

    /// In the words of this user, as they are chosen now.
    fn told(&self, user: &UserName, say: impl FnOnce(&Words, &Profile) -> Notification) -> Notification {
        let accounts = Arc::clone(&self.accounts.borrow());
        let profile = accounts.get(user).map(|account| Cow::Borrowed(&account.profile));
        let profile = profile.unwrap_or_else(|| Cow::Owned(Profile::new(user.clone())));
        say(&Words::new(profile.preferences.language.as_ref(), &self.languages), &profile)
    }
}

/// Takes alerts to their destination until `shutdown`.
pub async fn run(bus: Bus, readers: Readers, to: Arc<dyn Notify>, shutdown: CancellationToken) {
    let mut alerts = bus.subscribe(&readers.interests()).await;
    let mut burst = Burst::default();
    loop {
        tokio::select! {
            biased;
            () = shutdown.cancelled() => return,
            message = alerts.recv() => match message {
                Some(Message::Alert(user, _) | Message::Digest(user, _)) if !readers.peers.is_mine(user.as_str()) => {}
                Some(Message::Alert(user, fired)) => {
                    if let Some((user, fired)) = burst.take_in(user, fired, Instant::now()) {
                        to.notify(readers.told(&user, |words, reader| text::one(words, reader, &fired))).await;
                    }
                }
                Some(Message::Digest(user, digest)) if burst.is_news(&digest.id) => {
                    to.notify(readers.told(&user, |words, reader| text::digest(words, reader, &digest))).await;
                }
                Some(_) => {}
                None => return,
            },
            () = burst.over() => {
                if let Some(rest) = burst.rest() {
                    to.notify(readers.told(&rest.user, |words, reader| rest.worded(words, reader))).await;
                }
            }
        }
    }
}

/// Holds back what would be too many at once: the first of a burst are told one by one, the rest as one.
#[derive(Debug, Default)]
struct Burst {
    began: Option<Instant>,
    singles: usize,
    /// The first that were held back, and how many there were.
    held: Vec<(UserName, AlertFired)>,
    held_count: usize,
    told: VecDeque<String>,
}

/// What was held back of a burst.
#[derive(Debug)]
struct Rest {
    /// Whose the first of them is.
    user: UserName,
    first: Vec<AlertFired>,
    count: usize,
}

impl Rest {
    fn worded(&self, words: &Words, reader: &Profile) -> Notification {
        match self.first.as_slice() {
            [single] => text::one(words, reader, single),
            several => text::several(words, reader, several, self.count),
        }
    }
}

impl Burst {
    /// Gives back what is to be told by itself.
    fn take_in(&mut self, user: UserName, fired: AlertFired, now: Instant) -> Option<(UserName, AlertFired)> {
        if !self.is_news(&fired.id) {
            return None;
        }
        if self.held.is_empty() && self.began.is_none_or(|began| now - began >= BURST) {
            (self.began, self.singles) = (Some(now), 0);
        }
        if self.singles < BURST_SINGLES {
            self.singles += 1;
            return Some((user, fired));
        }
        self.held_count += 1;
        if self.held.len() < BURST_NAMED {
            self.held.push((user, fired));
        }
        None
    }

    /// Whether this one has not been told yet.
    fn is_news(&mut self, id: &str) -> bool {
        if self.told.iter().any(|told| told == id) {
            return false;
        }
        self.told.push_back(id.to_owned());
        if self.told.len() > TOLD_MAX {
            self.told.pop_front();
        }
        true
    }

    /// Waits until a burst that holds something back is over.
    async fn over(&self) {
        match self.began {
            Some(began) if !self.held.is_empty() => tokio::time::sleep_until(began + BURST).await,
            _ => std::future::pending().await,
        }
    }

    fn rest(&mut self) -> Option<Rest> {
        self.began = None;
        let (held, count) = (std::mem::take(&mut self.held), std::mem::take(&mut self.held_count));
        let user = held.first()?.0.clone();
        Some(Rest { user, first: held.into_iter().map(|(_, fired)| fired).collect(), count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Account;

    fn fired(n: usize) -> AlertFired {
        serde_json::from_value(serde_json::json!({
            "id": n.to_string(), "alert_id": "a", "user": "me", "symbol": format!("S{n}"),
            "condition": {"kind": "above", "value": 250.0}, "price": 250.02, "change_percent": 2.22, "currency": "USD",
            "price_digits": 2, "quoted_at": "2026-11-24T15:42:00Z", "fired_at": "2026-11-24T15:42:01Z",
            "source": "yahoo", "delay_minutes": 15, "time_zone": "America/New_York",
        }))
        .unwrap()
    }

    fn readers(language: Option<&str>) -> Readers {
        let mut profile = Profile::new(UserName::me());
        profile.preferences.language = language.map(|tag| market::Language::parse(tag).unwrap());
        let account = Account::new(String::new(), profile);
        let (_, accounts) = watch::channel(Arc::new(Accounts::from([(UserName::me(), account)])));
        Readers { user: None, peers: Peers::alone(), accounts, languages: vec!["de-AT".into()] }
    }

    fn title(rest: &Rest) -> String {
        readers(Some("en")).told(&rest.user, |words, reader| rest.worded(words, reader)).title
    }

    #[tokio::test(start_paused = true)]
    async fn many_at_once_become_one() {
        let (mut burst, me) = (Burst::default(), UserName::me);
        let now = Instant::now();
        assert!(burst.take_in(me(), fired(1), now).is_some());
        assert!(burst.take_in(me(), fired(1), now).is_none(), "the same one twice is told once");
        assert!(burst.take_in(me(), fired(2), now).is_some());
        assert!((3..=6).all(|n| burst.take_in(me(), fired(n), now).is_none()));
        burst.over().await;
        assert_eq!(title(&burst.rest().unwrap()), "4 alerts");
        assert!(burst.held.is_empty() && burst.held_count == 0);
        assert!(burst.take_in(me(), fired(7), Instant::now()).is_some(), "a new burst begins with single ones");
    }

    #[tokio::test(start_paused = true)]
    async fn a_storm_is_counted_and_not_kept() {
        let mut burst = Burst::default();
        let now = Instant::now();
        let singly = (0..2_000).filter_map(|n| burst.take_in(UserName::me(), fired(n), now)).count();
        assert_eq!((singly, burst.held.len()), (2, BURST_NAMED));
        let rest = burst.rest().unwrap();
        assert_eq!(title(&rest), "1,998 alerts");
        let body = readers(None).told(&rest.user, |words, reader| rest.worded(words, reader)).body;
        assert_eq!(body, "S2, S3, S4, S5, S6, S7, S8, S9, …");
    }

    #[test]
    fn each_reader_is_told_in_the_chosen_language_else_the_systems() {
        let title = |language, user: &str| {
            let user = UserName::parse(user).unwrap();
            readers(language).told(&user, |words, reader| text::one(words, reader, &fired(1))).title
        };
        assert_eq!(title(Some("en"), "me"), "▲ S1 above 250.00");
        assert_eq!(title(None, "me"), "▲ S1 über 250,00");
        assert_eq!(title(Some("en"), "gone"), "▲ S1 über 250,00");
    }
}
