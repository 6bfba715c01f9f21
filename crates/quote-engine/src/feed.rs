//! The feed: asks the provider for everything that is followed, in scheduled batches, and publishes what changed.
//!
//! Owns the schedule and the last quotes. It never reads a vendor's answer and never decides who is told.

mod board;
mod demand;
mod handle;
mod line;
mod snapshot;

use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use bus::{Bus, Message};
use jiff::Timestamp;
use market::{ProviderHealth, ProviderState, Quote, Symbol};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::Instant,
};
use tokio_util::sync::CancellationToken;

pub use handle::{FeedHandle, Looked};

use crate::{
    provider::{Answer, Provider, ProviderError},
    store::Accounts,
};
use board::Board;
use demand::Demand;
use handle::{Command, Look};
use line::Line;
use snapshot::SnapshotFile;

/// Requests under way at once.
const REQUESTS_MAX: usize = 4;
/// How often ages are looked at, at the least; more often where patience is shorter.
const AGE_CHECK: Duration = Duration::from_secs(1);
/// How often the last quotes are written down, for the next start.
const SNAPSHOT_INTERVAL: Duration = Duration::from_secs(60);
/// How soon they are written down for the first time, should the program be killed early.
const FIRST_SNAPSHOT: Duration = Duration::from_secs(2);
/// A difference between wall clock and monotonic clock beyond this means that the machine slept or the clock was set.
const CLOCK_JUMP: Duration = Duration::from_secs(30);
/// A quote is stale after this many intervals without an answer, and never sooner than `Patience::stale_after`.
const STALE_AFTER_INTERVALS: u32 = 3;

/// Where quotes come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// This provider, live or simulated, and no other.
    Only(Arc<dyn Provider>),
    /// The live one; the simulated one stands in at a first start while nothing live has ever been seen.
    Auto {
        /// The real one.
        live: Arc<dyn Provider>,
        /// The made-up one.
        stand_in: Arc<dyn Provider>,
    },
}

impl Source {
    fn main(&self) -> &Arc<dyn Provider> {
        match self {
            Self::Only(provider) | Self::Auto { live: provider, .. } => provider,
        }
    }

    fn stand_in(&self) -> Option<Arc<dyn Provider>> {
        match self {
            Self::Only(_) => None,
            Self::Auto { stand_in, .. } => Some(Arc::clone(stand_in)),
        }
    }
}

/// How long a feed waits before it draws conclusions from silence.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// The time a live provider has to answer before the simulated market stands in at a very first start.
    pub stand_in_after: Duration,
    /// No quote is stale sooner.
    pub stale_after: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { stand_in_after: Duration::from_secs(5), stale_after: Duration::from_secs(15) }
    }
}

/// What a feed is told at its start.
#[derive(Debug)]
pub struct FeedConfig {
    /// Where quotes come from.
    pub source: Source,
    /// How often a symbol is asked for while its market trades.
    pub poll_interval: Duration,
    /// Followed whatever the users do.
    pub symbols: BTreeSet<Symbol>,
    /// Where the last quotes are kept between two runs; `None` keeps none.
    pub data_dir: Option<PathBuf>,
    /// How long it waits before it draws conclusions from silence.
    pub patience: Patience,
}

/// The feed itself.
#[derive(Debug)]
pub struct Feed {
    bus: Bus,
    poll_interval: Duration,
    patience: Patience,
    main: Line,
    stand_in: Option<Line>,
    /// Until when the live provider has time before the stand-in begins; `None` once that is settled.
    stand_in_at: Option<Instant>,
    stand_in_provider: Option<Arc<dyn Provider>>,
    demand: Demand,
    board: Board,
    snapshot: Option<SnapshotFile>,
    looks: Vec<Look>,
    requests: JoinSet<Fetched>,
    commands: mpsc::Receiver<Command>,
    shared: Arc<handle::Shared>,
}

/// What came of a request.
struct Fetched {
    /// Whether the stand-in was asked.
    stand_in: bool,
    asked: Vec<Symbol>,
    answer: Result<Answer, ProviderError>,
}

impl Feed {
    /// A feed and the way to it. Nothing is asked for before [`Feed::run`].
    pub fn new(config: FeedConfig, bus: Bus) -> (Self, FeedHandle) {
        let snapshot = config.data_dir.as_deref().map(SnapshotFile::new);
        let main = Line::new(Arc::clone(config.source.main()), config.poll_interval);
        let simulated = main.is_simulated();
        let kept: Vec<Quote> =
            if simulated { Vec::new() } else { snapshot.as_ref().map(SnapshotFile::load).unwrap_or_default() };
        let stand_in_provider = match (&config.source, kept.is_empty()) {
            (Source::Auto { stand_in, .. }, true) => Some(Arc::clone(stand_in)),
            _ => None,
        };
        let (handle, commands, shared) = FeedHandle::new(Arc::clone(config.source.main()), config.source.stand_in());
        let feed = Self {
            bus,
            poll_interval: config.poll_interval,
            patience: config.patience,
            main,
            stand_in: None,
            stand_in_at: None,
            stand_in_provider,
            demand: Demand::new(config.symbols),
            board: Board::remembering(kept),
            snapshot: snapshot.filter(|_| !simulated),
            looks: Vec::new(),
            requests: JoinSet::new(),
            commands,
            shared,
        };
        (feed, handle)
    }

    /// Asks and publishes until `shutdown`. `accounts` says what the users follow.
    pub async fn run(mut self, mut accounts: watch::Receiver<Arc<Accounts>>, shutdown: CancellationToken) {
        let mut followed = self.bus.followed();
        let mut clock = ClockWatch::start();
        let mut ages = tokio::time::interval(AGE_CHECK.min(self.patience.stale_after / 2));
        ages.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        let mut snapshots = tokio::time::interval_at(Instant::now() + FIRST_SNAPSHOT, SNAPSHOT_INTERVAL);
        self.stand_in_at = self.stand_in_provider.is_some().then(|| Instant::now() + self.patience.stand_in_after);
        self.demand.set_users(&accounts.borrow_and_update());
        self.demand.set_subscribed(&followed.borrow_and_update(), Instant::now());
        self.replan().await;
        loop {
            self.ask();
            let next_request = self.next_request_at();
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                Some(command) = self.commands.recv() => self.obey(command).await,
                Some(fetched) = self.requests.join_next(), if !self.requests.is_empty() => match fetched {
                    Ok(fetched) => self.take_in(fetched).await,
                    Err(error) => tracing::error!(%error, "a request ended in a panic"),
                },
                Ok(()) = accounts.changed() => {
                    self.demand.set_users(&accounts.borrow_and_update());
                    self.replan().await;
                }
                Ok(()) = followed.changed() => {
                    self.demand.set_subscribed(&followed.borrow_and_update(), Instant::now());
                    self.replan().await;
                }
                _ = ages.tick() => self.look_at_ages(clock.jumped()).await,
                _ = snapshots.tick() => self.save_snapshot(),
                () = sleep_until(next_request) => {}
            }
        }
        self.save_snapshot();
    }

    fn lines(&mut self) -> impl Iterator<Item = (bool, &mut Line)> {
        std::iter::once((false, &mut self.main)).chain(self.stand_in.as_mut().map(|line| (true, line)))
    }

    /// Starts every request that is due, as far as the bounds allow.
    fn ask(&mut self) {
        let now = Instant::now();
        let mut due = Vec::new();
        let mut free = REQUESTS_MAX.saturating_sub(self.requests.len());
        for (stand_in, line) in self.lines() {
            while free > 0
                && let Some(asked) = line.schedule.take(now.into_std())
            {
                free -= 1;
                due.push((stand_in, Arc::clone(&line.provider), asked));
            }
        }
        for (stand_in, provider, asked) in due {
            self.requests.spawn(async move {
                let answer = provider.quotes(&asked).await;
                Fetched { stand_in, asked, answer }
            });
        }
    }

    fn next_request_at(&mut self) -> Option<Instant> {
        if self.requests.len() >= REQUESTS_MAX {
            return None;
        }
        self.lines().filter_map(|(_, line)| line.schedule.next_at()).min().map(Instant::from_std)
    }

    /// Follows what is wanted now, and forgets what is not.
    async fn replan(&mut self) {
        let now = Instant::now();
        let wanted = self.demand.wanted(now);
        for (_, line) in self.lines() {
            line.schedule.follow(&wanted, now.into_std());
        }
        for symbol in self.board.keep_only(&wanted) {
            self.publish_gone(symbol).await;
        }
        for quote in self.board.remembered(&wanted) {
            self.publish(quote).await;
        }
    }

    async fn obey(&mut self, command: Command) {
        let now = Instant::now();
        match command {
            Command::Look(look) => {
                self.demand.look_at(&look.symbols, now);
                self.replan().await;
                self.looks.push(look);
                self.answer_looks(now);
            }
            Command::Retry => {
                for (_, line) in self.lines() {
                    line.retry_now(now.into_std());
                }
            }
        }
    }

    async fn take_in(&mut self, fetched: Fetched) {
        let now = Instant::now();
        let Fetched { stand_in, asked, answer } = fetched;
        let line = match (stand_in, &mut self.stand_in) {
            (false, _) => &mut self.main,
            (true, Some(line)) => line,
            // The stand-in was dismissed while it was being asked.
            (true, None) => return,
        };
        match answer {
            Ok(answer) => {
                tracing::trace!(provider = line.provider.name(), asked = asked.len(), got = answer.quotes.len());
                let health = line.answered(&answer, now.into_std());
                if !stand_in && !answer.quotes.is_empty() {
                    self.dismiss_stand_in().await;
                }
                self.publish_health(health).await;
                self.publish_answer(answer, now).await;
            }
            Err(error) => {
                tracing::warn!(provider = line.provider.name(), %error, "no quotes");
                let health = line.failed(&error, now.into_std());
                self.publish_health(health).await;
            }
        }
        self.answer_looks(now);
    }

    async fn publish_answer(&mut self, answer: Answer, now: Instant) {
        for (symbol, reason) in &answer.rejected {
            tracing::warn!(%symbol, reason, "a row was rejected; the last good price stays");
        }
        self.board.unknown(answer.unknown);
        for quote in answer.quotes {
            if let Some(news) = self.board.take_in(quote, now) {
                self.publish(news).await;
            }
        }
    }

    async fn publish(&self, quote: Quote) {
        let price =
            (!self.stands_in() || !quote.is_simulated()).then(|| Message::Price(quote.symbol.clone(), quote.price));
        for message in std::iter::once(Message::Quote(quote)).chain(price) {
            self.say(message).await;
        }
    }

    async fn publish_gone(&self, symbol: Symbol) {
        self.say(Message::QuoteGone(symbol.clone())).await;
        self.say(Message::PriceGone(symbol)).await;
    }

    async fn publish_health(&self, health: Option<ProviderHealth>) {
        if let Some(health) = health {
            self.say(Message::Provider(health)).await;
        }
    }

    async fn say(&self, message: Message) {
        if let Err(error) = self.bus.publish(&message).await {
            tracing::warn!(%error, "not published");
        }
    }

    fn stands_in(&self) -> bool {
        self.stand_in.is_some()
    }

    /// The live provider had its time: until it answers, made-up prices, marked as such.
    fn begin_stand_in(&mut self, now: Instant) {
        self.stand_in_at = None;
        let Some(provider) = self.stand_in_provider.clone() else { return };
        tracing::warn!("no live quote has ever been seen: SIMULATED prices until one comes");
        let mut line = Line::new(provider, self.poll_interval);
        line.schedule.follow(&self.demand.wanted(now), now.into_std());
        self.shared.stand_in.store(true, Ordering::Relaxed);
        self.stand_in = Some(line);
    }

    /// The first live quote replaces the simulated market as a whole.
    async fn dismiss_stand_in(&mut self) {
        self.stand_in_at = None;
        self.stand_in_provider = None;
        if let Some(line) = self.stand_in.take() {
            self.shared.stand_in.store(false, Ordering::Relaxed);
            for symbol in self.board.forget_simulated() {
                self.publish_gone(symbol).await;
            }
            self.say(Message::Provider(line.health_as(ProviderState::Off))).await;
            tracing::info!("live quotes have arrived: the simulated ones are gone");
        }
    }

    /// Once a second: what has grown old, who has stopped looking, whether the machine slept.
    async fn look_at_ages(&mut self, clock_jumped: bool) {
        let now = Instant::now();
        if self.stand_in_at.is_some_and(|at| at <= now) {
            self.begin_stand_in(now);
        }
        if clock_jumped {
            tracing::info!("the machine slept or its clock was set: asking for everything again");
            for (_, line) in self.lines() {
                line.retry_now(now.into_std());
            }
        }
        let stale_after = if clock_jumped { Duration::ZERO } else { self.stale_after() };
        for quote in self.board.grown_stale(now, stale_after) {
            self.publish(quote).await;
        }
        if self.demand.has_expired(now) {
            self.replan().await;
        }
        self.answer_looks(now);
    }

    /// A few intervals, or a few sweeps where the budget makes a sweep last longer.
    fn stale_after(&self) -> Duration {
        let round = self.main.sweep_duration(self.demand.len()).max(self.poll_interval);
        (round * STALE_AFTER_INTERVALS).max(self.patience.stale_after)
    }

    fn answer_looks(&mut self, now: Instant) {
        let board = &self.board;
        self.looks.retain_mut(|look| !look.answer_if_settled(board, now));
    }

    fn save_snapshot(&self) {
        if let Some(file) = &self.snapshot {
            file.save(&self.board.live());
        }
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// Notices that wall clock and monotonic clock went apart: on Linux and macOS the latter stands still in suspend.
struct ClockWatch {
    wall: Timestamp,
    monotonic: std::time::Instant,
}

impl ClockWatch {
    fn start() -> Self {
        Self { wall: Timestamp::now(), monotonic: std::time::Instant::now() }
    }

    fn jumped(&mut self) -> bool {
        let before = std::mem::replace(self, Self::start());
        let wall_ms = self.wall.as_millisecond() - before.wall.as_millisecond();
        let passed = self.monotonic.duration_since(before.monotonic);
        let passed_ms = i64::try_from(passed.as_millis()).unwrap_or(i64::MAX);
        // A long gap of the monotonic clock itself is sleep too: on Windows it counts on.
        Duration::from_millis((wall_ms - passed_ms).unsigned_abs()) > CLOCK_JUMP || passed > CLOCK_JUMP
    }
}
