//! The fan-out: the one task that reads the router and owns the hub. It alone subscribes and delivers, so a stored value
//! can never overtake a newer one. It watches the router with a canary, and builds it anew when it is dead or mute.
//! Must never wait for a reader, and must never die: a panic in one turn is logged and the next turn goes on.

use crate::hub::{Grant, Hub, Joined, Newcomer, Request, Stored};
use crate::outbox::Outbox;
use crate::parcel::Parcel;
use crate::parked::Parting;
use crate::policy::Identity;
use crate::stats::{Counters, add};
use crate::trunk::{Cargo, Entry, Trunk};
use rumqttd::Notification;
use rumqttd::local::{LinkError, LinkRx};
use rumqttd::protocol::Publish;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Interval, MissedTickBehavior, interval};

/// Messages delivered before sessions are told and commands have their turn.
const BATCH: usize = 256;
/// With many members fewer: so many deliveries, or else each outbox grows by a batch before the first is emptied.
const DELIVERIES: usize = 8_192;
const LEAST: usize = 16;
/// Canaries that may be missing before the router counts as mute.
const MISSING_CANARIES: u32 = 2;
/// A router that dies sooner than this after it was rebuilt waits for the next canary.
const REBUILD_PACE: Duration = Duration::from_secs(1);
/// What is followed is told at once, but no more often than this.
const FOLLOWED_PACE: Duration = Duration::from_millis(100);

/// What only time brings about is looked for this often: sessions that expire, wills that were delayed.
const SWEEP_PACE: Duration = Duration::from_millis(100);

/// What the fan-out is asked to do. A session has one outstanding at most, and what it publishes has room in the window of
/// the trunk: so the queue is bounded by the number of sessions, that of in-process subscriptions being made, and the
/// window.
#[derive(Debug)]
pub(crate) enum Command {
    /// A remote session begins, or goes on.
    Join {
        newcomer: Newcomer,
        /// `None`: what it was let in for holds no more.
        reply: oneshot::Sender<Option<Joined>>,
    },
    /// An in-process subscription begins.
    Follow {
        member: u64,
        filters: Vec<String>,
        outbox: Arc<Outbox>,
    },
    Subscribe {
        member: u64,
        requests: Vec<Request>,
        reply: oneshot::Sender<Vec<Grant>>,
    },
    Unsubscribe {
        member: u64,
        filters: Vec<String>,
        reply: oneshot::Sender<Vec<bool>>,
    },
    /// A session or subscription has ended; a session with a parting may be kept.
    Leave {
        member: u64,
        parting: Option<Box<Parting>>,
    },
    /// A client has published these; this room in the window is theirs until they are delivered.
    Deliver {
        load: Vec<Arc<Parcel>>,
        room: u32,
    },
    /// Somebody's sessions have ended whose connections were not newer than this; none is kept.
    Expel {
        who: Identity,
        newest: u64,
    },
    /// The end.
    Stop,
    #[cfg(test)]
    PoisonRouter,
}

/// The router's thread has ended.
#[derive(Debug)]
struct Dead;

pub(crate) struct Fanout {
    hub: Hub,
    trunk: Arc<Trunk>,
    router: Option<LinkRx>,
    commands: mpsc::UnboundedReceiver<Command>,
    counters: Arc<Counters>,
    canary: Interval,
    missing: u32,
    rebuilt: Option<Instant>,
    followed_pace: Interval,
    sweep_pace: Interval,
    publishes: Vec<Publish>,
    entries: Vec<Entry>,
    /// Messages that came without the router in this turn.
    straight: usize,
    over: bool,
}

impl Fanout {
    pub(crate) fn new(
        hub: Hub,
        trunk: Arc<Trunk>,
        router: LinkRx,
        commands: mpsc::UnboundedReceiver<Command>,
        counters: Arc<Counters>,
        canary: Duration,
    ) -> Self {
        let every = |period: Duration| {
            let mut ticks = interval(period.max(Duration::from_millis(1)));
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        };
        Self {
            hub,
            trunk,
            router: Some(router),
            commands,
            counters,
            canary: every(canary),
            missing: 0,
            rebuilt: None,
            followed_pace: every(FOLLOWED_PACE),
            sweep_pace: every(SWEEP_PACE),
            publishes: Vec::new(),
            entries: Vec::new(),
            straight: 0,
            over: false,
        }
    }

    pub(crate) async fn run(mut self) {
        while survive(self.turns()).await.is_none() {
            tracing::error!("the broker's fan-out panicked; it goes on with the next message");
        }
        self.trunk.close();
        self.hub.close();
    }

    async fn turns(&mut self) {
        while !self.over {
            let mut busy = self.hub.is_walking();
            tokio::select! {
                command = self.commands.recv(), if self.hub.has_room() => {
                    self.obey(command.unwrap_or(Command::Stop));
                    self.obey_waiting();
                }
                notice = next(&mut self.router) => {
                    // Who has subscribed before a message was published gets it.
                    self.obey_waiting();
                    busy |= self.read(notice);
                }
                _ = self.canary.tick() => self.look_after_router(),
                _ = self.followed_pace.tick(), if self.hub.followed.changed() => self.hub.followed.tell(),
                _ = self.sweep_pace.tick(), if self.hub.is_waiting() => self.hub.sweep(Instant::now()),
                () = std::future::ready(()), if busy => {}
            }
            busy |= self.straight >= self.batch();
            self.straight = 0;
            self.send_wills();
            self.hub.walk();
            self.hub.wake();
            if busy {
                tokio::task::yield_now().await;
            }
        }
    }

    /// Obeys the commands that wait now, up to a batch of messages among them.
    fn obey_waiting(&mut self) {
        for _ in 0..self.commands.len() {
            if !self.hub.has_room() || self.straight >= self.batch() {
                return;
            }
            match self.commands.try_recv() {
                Ok(command) => self.obey(command),
                Err(_) => return,
            }
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Join { newcomer, reply } => self.join(newcomer, reply),
            Command::Follow { member, filters, outbox } => self.follow(member, filters, outbox),
            Command::Subscribe { member, requests, reply } => {
                reply.send(requests.iter().map(|request| self.hub.subscribe(member, request)).collect()).ok();
            }
            Command::Unsubscribe { member, filters, reply } => {
                reply.send(filters.iter().map(|filter| self.hub.unsubscribe(member, filter)).collect()).ok();
            }
            Command::Leave { member, parting } => self.hub.leave(member, parting.map(|parting| *parting)),
            Command::Deliver { load, room } => self.deliver_straight(&load, room),
            Command::Expel { who, newest } => self.hub.expel(who, newest),
            Command::Stop => self.over = true,
            #[cfg(test)]
            Command::PoisonRouter => self.router.iter().for_each(|router| self.trunk.poison(router)),
        }
    }

    fn join(&mut self, newcomer: Newcomer, reply: oneshot::Sender<Option<Joined>>) {
        let serial = newcomer.serial;
        if reply.send(self.hub.join(newcomer)).is_err() {
            self.hub.leave(serial, None);
        }
    }

    fn follow(&mut self, member: u64, filters: Vec<String>, outbox: Arc<Outbox>) {
        self.hub.enlist(member, outbox);
        for filter in filters {
            let stored = Stored::Always;
            let request = Request { filter, qos: 0, no_local: false, keep_retain: false, stored, id: 0 };
            if self.hub.subscribe(member, &request) != Grant::Granted(0) {
                tracing::error!(filter = request.filter, "an in-process subscription asked for an invalid filter");
            }
        }
    }

    /// Each in a task of its own, for there may be no room in the window. No more of them than sessions may be away.
    fn send_wills(&mut self) {
        for will in self.hub.take_wills() {
            let trunk = Arc::clone(&self.trunk);
            tokio::spawn(async move { trunk.send(will).await });
        }
    }

    /// Messages of one turn.
    fn batch(&self) -> usize {
        (DELIVERIES / self.hub.members().max(1)).clamp(LEAST, BATCH)
    }

    /// Takes what the router has, up to a batch. `true` if there may be more.
    fn read(&mut self, notice: Result<Option<Notification>, Dead>) -> bool {
        let mut publishes = std::mem::take(&mut self.publishes);
        let read = self.collect(notice, &mut publishes);
        let full = publishes.len() >= self.batch();
        if read.is_err() || !self.accept(&publishes) {
            self.rebuild();
        }
        publishes.clear();
        self.publishes = publishes;
        full
    }

    fn collect(
        &mut self,
        notice: Result<Option<Notification>, Dead>,
        publishes: &mut Vec<Publish>,
    ) -> Result<(), Dead> {
        let mut notice = notice?;
        let batch = self.batch();
        let Some(router) = &mut self.router else { return Ok(()) };
        loop {
            match notice {
                Some(Notification::Forward(forward)) => publishes.push(forward.publish),
                Some(Notification::Unschedule) => router.ready().map_err(|_| Dead)?,
                Some(Notification::Disconnect(..)) => return Err(Dead),
                _ => {}
            }
            if publishes.len() >= batch {
                return Ok(());
            }
            match router.recv_deadline(Instant::now()) {
                Ok(next) => notice = next,
                Err(LinkError::RecvTimeout(_)) => return Ok(()),
                Err(_) => return Err(Dead),
            }
        }
    }

    /// `false` if the router is out of step.
    fn accept(&mut self, publishes: &[Publish]) -> bool {
        let mut entries = std::mem::take(&mut self.entries);
        let in_step = self.trunk.claim(publishes, &mut entries).is_ok();
        self.deliver(&entries);
        entries.clear();
        self.entries = entries;
        in_step
    }

    fn deliver_straight(&mut self, load: &[Arc<Parcel>], room: u32) {
        self.trunk.give_back(room);
        self.straight += load.len();
        for parcel in load {
            self.hub.deliver(parcel);
        }
        add(&self.counters.messages_in, load.len() as u64);
    }

    fn deliver(&mut self, entries: &[Entry]) {
        let mut messages = 0;
        for entry in entries {
            match &entry.cargo {
                Cargo::Parcel(parcel) => {
                    messages += 1;
                    self.hub.deliver(parcel);
                }
                Cargo::Canary => self.missing = 0,
            }
        }
        add(&self.counters.messages_in, messages);
    }

    fn look_after_router(&mut self) {
        if self.router.is_none() || self.missing >= MISSING_CANARIES {
            self.rebuild_now();
        }
        self.missing += 1;
        self.trunk.send_canary();
        self.hub.count_waiting();
    }

    /// At once, unless the last router was built a moment ago: then with the next canary.
    fn rebuild(&mut self) {
        self.router = None;
        if self.rebuilt.is_none_or(|at| at.elapsed() >= REBUILD_PACE) {
            self.rebuild_now();
        }
    }

    /// A new router takes over. What the old one had not given back is delivered from the journal, so nothing is lost;
    /// retained values never were in the router's keeping.
    fn rebuild_now(&mut self) {
        self.router = None;
        self.missing = 0;
        self.rebuilt = Some(Instant::now());
        match self.trunk.connect() {
            Ok((router, salvaged)) => {
                tracing::error!(salvaged = salvaged.len(), "the MQTT router was dead and has been built anew");
                add(&self.counters.router_rebuilds, 1);
                self.router = Some(router);
                self.deliver(&salvaged);
            }
            Err(error) => tracing::error!(%error, "the MQTT router is dead; the next canary tries again"),
        }
    }
}

async fn next(router: &mut Option<LinkRx>) -> Result<Option<Notification>, Dead> {
    match router {
        Some(router) => router.next().await.map_err(|_| Dead),
        None => std::future::pending().await,
    }
}

/// `None` if it panicked.
async fn survive<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(poll) => poll.map(Some),
        Err(_) => std::task::Poll::Ready(None),
    })
    .await
}

#[cfg(test)]
mod tests;
