//! The round: hears what fired, puts it down, takes each letter where it belongs, and answers what users ask of it.
//!
//! One task owns the outbox. What is on the way is on the way one by one for each destination, and side by side for all.

mod handle;

use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bus::{Bus, Interest, Message};
use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use market::{LogEvent, UserName};
use rand::RngExt as _;
use tokio::{sync::mpsc, task::JoinSet, time::MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::{
    Courier, Refusal,
    message::happened_at,
    outbox::{Lane, Letter, Outbox},
    retry,
};
use crate::{desk::DeskHandle, peers::Peers};

use handle::{Asked, REQUESTS_MAX, Request};
pub use handle::{DestinationsError, DestinationsHandle};

/// Letters that are on the way at once at the most.
const UNDER_WAY_MAX: usize = 256;
/// What a log says of the time before is delivered if it is not older than this.
const CATCH_UP_MAX: SignedDuration = SignedDuration::from_hours(12);
/// What may have been lost with a dispatcher that has gone, and may have been delivered by it all the same.
const TAKE_OVER_MAX: SignedDuration = SignedDuration::from_secs(30);
/// How long what is on the way is waited for at the end; what is not back then is taken again at the next start.
const END_TIME_MAX: Duration = Duration::from_secs(1);
/// The longest time without a look whether something is due: a clock may have been set.
const LOOK_AFTER: Duration = Duration::from_secs(60);
/// How often what nobody asks for any more is forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60 * 60);

/// The deliverer of alerts. Cheap to clone; one of all clones runs at a time.
#[derive(Debug, Clone)]
pub struct Round {
    courier: Arc<Courier>,
    desk: DeskHandle,
    peers: Peers,
    handle: DestinationsHandle,
    requests: Arc<tokio::sync::Mutex<mpsc::Receiver<Request>>>,
}

/// What came of a delivery.
type Outcome = (Lane, u64, Result<String, Refusal>);

/// Why a destination is left alone, and until when.
#[derive(Debug, Clone, Copy, Default)]
struct Rest {
    failures: u32,
    until: Option<Timestamp>,
    under_way: bool,
}

impl Round {
    /// A round for the users of this desk, and the way to ask something of it.
    pub fn new(courier: Courier, desk: DeskHandle) -> (Self, DestinationsHandle) {
        let (requests, asked) = mpsc::channel(REQUESTS_MAX);
        let courier = Arc::new(courier);
        let handle = DestinationsHandle::new(Arc::clone(&courier), desk.clone(), requests);
        let requests = Arc::new(tokio::sync::Mutex::new(asked));
        (Self { courier, desk, peers: Peers::alone(), handle: handle.clone(), requests }, handle)
    }

    /// Puts down only what is of its own share of the users.
    #[must_use]
    pub fn sharing(self, peers: Peers) -> Self {
        Self { peers, ..self }
    }

    /// Delivers until `shutdown`. Each process that delivers from a folder has an outbox of its own there.
    pub async fn run(self, bus: Bus, shutdown: CancellationToken) {
        let requests = Arc::clone(&self.requests);
        let mut requests = requests.lock().await;
        let folder = self.courier.data_dir().to_owned();
        let opened = tokio::task::spawn_blocking(move || Outbox::open(&folder, Timestamp::now())).await;
        let outbox = match opened {
            Ok(Ok(outbox)) => outbox,
            Ok(Err(error)) => return tracing::warn!(%error, "alerts go to no destination: the outbox cannot be opened"),
            Err(_) => return,
        };
        let at_work = AtWork { round: self, outbox: Arc::new(Mutex::new(outbox)), lanes: HashMap::new() };
        at_work.run(&bus, &mut requests, &shutdown).await;
    }
}

/// A round with its outbox open.
#[derive(Debug)]
struct AtWork {
    round: Round,
    outbox: Arc<Mutex<Outbox>>,
    lanes: HashMap<Lane, Rest>,
}

impl AtWork {
    async fn run(mut self, bus: &Bus, requests: &mut mpsc::Receiver<Request>, shutdown: &CancellationToken) {
        let mut heard = bus.subscribe(&[Interest::Alerts, Interest::Digests]).await;
        let mut accounts = self.round.desk.accounts();
        accounts.mark_unchanged();
        self.catch_up().await;
        self.drop_gone().await;
        let mut peers = self.round.peers.online();
        peers.mark_unchanged();
        let mut under_way = JoinSet::new();
        let mut forget = tokio::time::interval(FORGET_EVERY);
        forget.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.set_out(&mut under_way);
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                message = heard.recv() => match message {
                    Some(Message::Alert(user, fired)) => self.put(user, LogEvent::Alert(fired)).await,
                    Some(Message::Digest(user, digest)) => self.put(user, LogEvent::Digest(digest)).await,
                    Some(_) => {}
                    None => break,
                },
                Ok(()) = accounts.changed() => self.drop_gone().await,
                Ok(()) = peers.changed() => self.put_missed(Timestamp::now() - TAKE_OVER_MAX).await,
                Some(back) = under_way.join_next() => self.take_back(back).await,
                Some(request) = requests.recv() => self.answer(request).await,
                _ = forget.tick() => self.outbox(|outbox| outbox.forget(Timestamp::now())).await,
                () = tokio::time::sleep(self.until_due()) => {}
            }
        }
        let ending = async {
            while let Some(back) = under_way.join_next().await {
                self.take_back(back).await;
            }
        };
        // What is not back by then is on the way again at the next start.
        let _ = tokio::time::timeout(END_TIME_MAX, ending).await;
    }

    /// Does some work on the outbox, where it may block.
    async fn outbox<T: Send + 'static>(&self, work: impl FnOnce(&mut Outbox) -> T + Send + 'static) -> T {
        let outbox = Arc::clone(&self.outbox);
        let working = move || work(&mut outbox.lock().unwrap_or_else(PoisonError::into_inner));
        match tokio::task::spawn_blocking(working).await {
            Ok(done) => done,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// Looks into the outbox, which is in memory.
    fn look<T>(&self, look: impl FnOnce(&Outbox) -> T) -> T {
        look(&self.outbox.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What was written down while nobody delivered: the program ended between the log and the bus. Only beside the desk:
    /// of what is written elsewhere, another may have delivered it.
    async fn catch_up(&self) {
        if self.round.desk.is_here() {
            self.put_missed(self.look(Outbox::since).max(Timestamp::now() - CATCH_UP_MAX)).await;
        }
    }

    /// What was written down before, of its share of the users, and has not been heard here.
    async fn put_missed(&self, from: Timestamp) {
        let accounts = Arc::clone(&self.round.desk.accounts().borrow());
        for user in accounts.keys().filter(|user| self.round.peers.is_mine(user.as_str())) {
            let log = self.round.desk.alert_log(user).await.unwrap_or_default();
            let missed = log.entries().filter(|entry| entry.silent.is_none() && happened_at(&entry.event) >= from);
            let missed: Vec<LogEvent> = missed.map(|entry| entry.event.clone()).collect();
            for event in missed.into_iter().rev() {
                self.put(user.clone(), event).await;
            }
        }
    }

    /// Puts down what fired, for where its user wants it.
    async fn put(&self, user: UserName, event: LogEvent) {
        if !self.round.peers.is_mine(user.as_str()) {
            return;
        }
        let Ok(profile) = self.round.desk.profile(&user) else { return };
        let alert = match &event {
            LogEvent::Alert(fired) => fired.alert_id.as_str(),
            LogEvent::Digest(_) => "",
        };
        let to: Vec<String> = profile.destinations_of(alert).map(|destination| destination.id.clone()).collect();
        if self.look(|outbox| !outbox.has_heard(event.id())) {
            self.outbox(move |outbox| outbox.put(&user, &event, &to, Timestamp::now())).await;
        }
    }

    /// Drops what waits for a destination that its user has removed or switched off. Who is not known at all may be again.
    async fn drop_gone(&mut self) {
        let accounts = Arc::clone(&self.round.desk.accounts().borrow());
        let is_gone = move |(user, id): &Lane| {
            let own = accounts.get(user).map(|account| account.profile.destination(id));
            own.is_some_and(|found| !found.is_ok_and(|destination| destination.enabled))
        };
        self.lanes.retain(|lane, rest| rest.under_way || !is_gone(lane));
        self.outbox(move |outbox| outbox.drop_lanes(is_gone)).await;
    }

    /// Sends out what is due at destinations that are free.
    fn set_out(&mut self, under_way: &mut JoinSet<Outcome>) {
        let now = Timestamp::now();
        let room = UNDER_WAY_MAX.saturating_sub(under_way.len());
        let is_free = |lane: &Lane| {
            self.lanes.get(lane).is_none_or(|rest| !rest.under_way && rest.until.is_none_or(|until| until <= now))
        };
        let due = self.look(|outbox| outbox.due(now, is_free));
        for letter in due.into_iter().take(room) {
            let lane = (letter.user.clone(), letter.destination.clone());
            let profile = self.round.desk.profile(&letter.user).ok();
            let to = profile.as_ref().and_then(|profile| profile.destination(&letter.destination).ok()).cloned();
            let rest = self.lanes.entry(lane.clone()).or_default();
            let (Some(profile), Some(to)) = (profile, to) else {
                // Its user is not known just now.
                rest.until = Some(retry::after(now, LOOK_AFTER));
                continue;
            };
            rest.under_way = true;
            let courier = Arc::clone(&self.round.courier);
            under_way.spawn(async move {
                let Letter { id, event, .. } = letter;
                let delivery = AssertUnwindSafe(courier.deliver(&profile, &to, &event)).catch_unwind();
                (lane, id, delivery.await.unwrap_or_else(|_| Err(Refusal::later("the delivery broke off"))))
            });
        }
    }

    async fn take_back(&mut self, back: Result<Outcome, tokio::task::JoinError>) {
        let (lane, id, outcome) = match back {
            Ok(outcome) => outcome,
            // Nobody aborts one, and none of them panics.
            Err(error) => return tracing::error!(%error, "a delivery broke off"),
        };
        let (user, destination) = &lane;
        let now = Timestamp::now();
        match outcome {
            Ok(said) => {
                tracing::debug!(%user, destination, said, "delivered");
                self.lanes.remove(&lane);
                self.outbox(move |outbox| outbox.delivered(id, &lane)).await;
            }
            Err(Refusal::Never { reason }) => {
                tracing::warn!(%user, destination, reason, "an alert was refused for good");
                self.lanes.remove(&lane);
                self.outbox(move |outbox| outbox.give_up(id, &lane, &reason, now)).await;
            }
            Err(Refusal::Gone { reason }) => self.take_down(lane, id, &reason, now).await,
            Err(Refusal::Later { reason, after }) => self.put_off(lane, id, reason, after, now).await,
        }
    }

    /// Removes a destination that is no more, with what waits for it.
    async fn take_down(&mut self, lane: Lane, id: u64, reason: &str, now: Timestamp) {
        let (user, destination) = &lane;
        self.lanes.remove(&lane);
        match self.round.handle.remove(user, destination).await {
            Ok(()) => {
                tracing::info!(%user, destination, reason, "a destination is no more");
                self.drop_gone().await;
            }
            Err(error) => {
                tracing::warn!(%user, destination, %error, "a destination that is no more cannot be removed");
                let reason = reason.to_owned();
                self.outbox(move |outbox| outbox.give_up(id, &lane, &reason, now)).await;
            }
        }
    }

    async fn put_off(&mut self, lane: Lane, id: u64, reason: String, asked: Option<Duration>, now: Timestamp) {
        let rest = self.lanes.entry(lane.clone()).or_default();
        rest.failures = rest.failures.saturating_add(1);
        let pause = retry::pause(rest.failures, asked, rand::rng().random());
        let until = retry::after(now, pause);
        (rest.until, rest.under_way) = (Some(until), false);
        tracing::info!(user = %lane.0, destination = lane.1, reason, pause_s = pause.as_secs(), "not delivered yet");
        self.outbox(move |outbox| match outbox.given_up(id, &lane, now) {
            Some(why) => outbox.give_up(id, &lane, &format!("{why}: {reason}"), now),
            None => outbox.put_off(id, &lane, until),
        })
        .await;
    }

    /// How long nothing is due.
    fn until_due(&self) -> Duration {
        let not_before = |lane: &Lane| match self.lanes.get(lane) {
            Some(rest) if rest.under_way => None,
            Some(rest) => Some(rest.until.unwrap_or(Timestamp::MIN)),
            None => Some(Timestamp::MIN),
        };
        let Some(due) = self.look(|outbox| outbox.next_due(not_before)) else { return LOOK_AFTER };
        let left = Duration::try_from(due.duration_since(Timestamp::now())).unwrap_or_default();
        // Never in a loop, where something that is due cannot set out.
        left.clamp(Duration::from_millis(20), LOOK_AFTER)
    }

    async fn answer(&mut self, Request { user, what }: Request) {
        // Whoever asked may have gone.
        match what {
            Asked::Waiting(done) => {
                let _ = done.send(self.look(|outbox| outbox.waiting(&user)));
            }
            Asked::Dead(done) => {
                let _ = done.send(self.look(|outbox| outbox.dead(&user)));
            }
            Asked::TryAgain(id, done) => {
                let found = self.outbox(move |outbox| outbox.try_again(&user, id, Timestamp::now())).await;
                self.lanes.retain(|_, rest| rest.under_way);
                let _ = done.send(found);
            }
            Asked::Delete(id, done) => {
                let found = self.outbox(move |outbox| outbox.delete(&user, id)).await;
                let _ = done.send(found);
            }
        }
    }
}
