//! The feed: asks the providers for everything that is followed, in scheduled batches, listens to their streams, and
//! publishes what changed.
//!
//! Owns the schedules and the last quotes. It never reads a vendor's answer and never decides who is told.

mod board;
mod breaker;
mod config;
pub mod counter;
mod demand;
mod handle;
mod hours;
mod intake;
mod line;
mod lines;
mod lists;
pub mod prefer;
mod relay;
mod requests;
mod snapshot;
mod source;
mod sparks;
mod splits;
mod stand_in;
mod streams;
mod takeover;
mod voice;
mod way;
mod whom;
mod wire;

use std::{borrow::Cow, collections::BTreeMap, sync::Arc, time::Duration};

use bus::Bus;
use market::{Quote, Symbol, schedule::Tier};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::Instant,
};
use tokio_util::sync::CancellationToken;

pub(crate) use demand::GRACE;
pub(crate) use snapshot::SnapshotFile;

pub use config::{FeedConfig, Patience};
pub use handle::Looked;
pub use hours::HOURS_MAX;
pub use source::Source;
pub use sparks::SPARKS_MAX;
pub use way::FeedHandle;

use crate::{
    clock_watch::ClockWatch,
    history::{HistoryCache, SparkBook},
    peers::Peers,
    provider::settings::Share,
    store::Accounts,
};
use board::Board;
use demand::Demand;
use handle::{Command, LocalFeed, Look};
use lines::Lines;
use requests::{Asked, Fetched};
use splits::Splits;
use stand_in::StandIn;
use streams::Streams;
use takeover::Takeover;
use voice::Voice;

/// How often ages are looked at, at the least; more often where patience is shorter.
const AGE_CHECK: Duration = Duration::from_secs(1);
/// How often streams are told anew which symbols matter most.
const RANKING: Duration = Duration::from_secs(30);
/// How often the last quotes are written down, for the next start.
const SNAPSHOT_INTERVAL: Duration = Duration::from_secs(60);
/// How soon they are written down for the first time, should the program be killed early.
const FIRST_SNAPSHOT: Duration = Duration::from_secs(2);
/// A quote is stale after this many intervals without an answer, and never sooner than `Patience::stale_after`.
const STALE_AFTER_INTERVALS: u32 = 3;

/// The feed itself.
#[derive(Debug)]
pub struct Feed {
    voice: Voice,
    poll_interval: Duration,
    patience: Patience,
    lines: Lines,
    stand_in: StandIn,
    streams: Streams,
    demand: Demand,
    board: Board,
    sparks: SparkBook,
    splits: Splits,
    snapshot: Option<SnapshotFile>,
    looks: Vec<Look>,
    requests: JoinSet<Fetched>,
    commands: mpsc::Receiver<Command>,
    /// The engines that share what is followed.
    peers: Peers,
    share: Share,
    connection: watch::Receiver<Option<u64>>,
    /// The connection on which it has heard what there was.
    settled: Option<u64>,
    takeover: Option<Takeover>,
}

impl Feed {
    /// A feed and the way to it. Nothing is asked for before [`Feed::run`].
    pub fn new(config: FeedConfig, bus: Bus) -> (Self, FeedHandle) {
        let snapshot = config.data_dir.as_deref().map(SnapshotFile::new).filter(|_| config.source.is_of_now());
        let kept: Vec<Quote> = snapshot.as_ref().map(SnapshotFile::load).unwrap_or_default();
        let stand_in = config.source.stand_in.clone().filter(|_| kept.is_empty());
        let charts = config.data_dir.as_deref().map_or_else(HistoryCache::in_memory, HistoryCache::open);
        let split_sources = if config.source.is_of_now() { config.source.providers.clone() } else { Vec::new() };
        let splits = Splits::new(split_sources, charts.clone());
        let (handle, commands, stands_in) = LocalFeed::new(&config.source, charts);
        let connection = bus.connection();
        let settled = if bus.is_here() { *connection.borrow() } else { None };
        let feed = Self {
            voice: Voice(bus),
            poll_interval: config.poll_interval,
            patience: config.patience,
            lines: Lines::new(&config.source, config.poll_interval),
            stand_in: StandIn::new(stand_in, stands_in),
            streams: Streams::new(),
            demand: Demand::new(config.symbols),
            board: Board::remembering(kept),
            sparks: SparkBook::default(),
            splits,
            snapshot,
            looks: Vec::new(),
            requests: JoinSet::new(),
            commands,
            peers: Peers::alone(),
            share: Share::default(),
            connection,
            settled,
            takeover: None,
        };
        (feed, FeedHandle::here(handle))
    }

    /// Shares what is followed with these engines, and the vendors' budgets with those of them on this machine: `share` is
    /// what its providers go by.
    #[must_use]
    pub fn sharing(self, peers: Peers, share: Share) -> Self {
        Self { peers, share, ..self }
    }

    /// Asks and publishes until `shutdown`. `accounts` says what the users follow.
    pub async fn run(mut self, mut accounts: watch::Receiver<Arc<Accounts>>, shutdown: CancellationToken) {
        let mut following = self.voice.0.following();
        let mut clock = ClockWatch::start();
        let mut ages = every(AGE_CHECK.min(self.patience.stale_after / 2), Duration::ZERO);
        let mut rankings = every(RANKING, RANKING);
        let mut snapshots = every(SNAPSHOT_INTERVAL, FIRST_SNAPSHOT);
        let (mut online, mut connection) = (self.peers.online(), self.connection.clone());
        let peers = self.peers.clone();
        online.borrow_and_update();
        self.share_budgets();
        self.stand_in.give_time(self.patience.stand_in_after);
        self.set_users(&accounts.borrow_and_update());
        self.demand.set_subscribed(&following.borrow_and_update().symbols, Instant::now());
        self.replan().await;
        self.streams.open(&self.lines);
        loop {
            self.ask();
            let next_request = self.next_request_at();
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                Some(command) = self.commands.recv() => self.obey(command).await,
                Some(fetched) = self.requests.join_next(), if !self.requests.is_empty() => match fetched {
                    Ok(fetched) => self.take_in(fetched).await,
                    Err(error) => tracing::error!(%error, "a request was lost"),
                },
                Ok(()) = accounts.changed() => {
                    self.set_users(&accounts.borrow_and_update());
                    self.replan().await;
                }
                Ok(()) = following.changed() => {
                    self.demand.set_subscribed(&following.borrow_and_update().symbols, Instant::now());
                    self.replan().await;
                }
                Ok(()) = online.changed() => {
                    online.borrow_and_update();
                    self.share_budgets();
                    self.begin_takeover().await;
                    self.replan().await;
                }
                Ok(()) = connection.changed() => {
                    if connection.borrow_and_update().is_some() {
                        self.begin_takeover().await;
                    }
                }
                () = Self::taken_over(&mut self.takeover, |symbol| peers.is_mine(symbol.as_str())) => {
                    self.end_takeover().await;
                }
                _ = ages.tick() => self.look_at_ages(clock.jumped()).await,
                _ = rankings.tick() => self.rank_streams(),
                _ = snapshots.tick() => self.save_snapshot(),
                answered = self.splits.next() => self.settle_split(answered).await,
                () = sleep_until(next_request) => {}
                // Last: there may always be a next one.
                (line, delivery) = self.streams.next() => self.take_delivery(line, delivery).await,
            }
        }
        self.save_snapshot();
    }

    fn set_users(&mut self, accounts: &Accounts) {
        self.demand.set_users(accounts);
        self.splits.set_users(accounts);
    }

    /// Follows what is wanted now, and forgets what is not.
    async fn replan(&mut self) {
        let now = Instant::now();
        let all = self.demand.wanted(now);
        let wanted = self.share_of(&all);
        self.lines.deal(&wanted, now.into_std());
        if let Some(line) = self.stand_in.line() {
            line.follow(&wanted, now.into_std());
        }
        for symbol in self.board.keep_only(&wanted) {
            // What another engine follows now is not gone.
            if !all.contains_key(&symbol) {
                self.voice.gone(symbol).await;
            }
        }
        self.sparks.keep_only(&wanted);
        let remembered = self.board.remembered(&wanted, now);
        self.publish(remembered).await;
        self.rank_streams();
        self.tell_health().await;
    }

    /// Of what is wanted that which this engine follows.
    fn share_of<'a>(&self, all: &'a BTreeMap<Symbol, Tier>) -> Cow<'a, BTreeMap<Symbol, Tier>> {
        if self.peers.online().borrow().len() < 2 {
            return Cow::Borrowed(all);
        }
        let mine = all.iter().filter(|(symbol, _)| self.peers.is_mine(symbol.as_str()));
        Cow::Owned(mine.map(|(symbol, tier)| (symbol.clone(), *tier)).collect())
    }

    /// All engines on this machine together keep to a vendor's budget.
    fn share_budgets(&mut self) {
        let among = self.peers.on_this_machine();
        self.share.set(among);
        self.lines.iter_mut().for_each(|line| line.share_budget(among));
    }

    /// Streams carry what matters most: what is looked at, what an alert waits for, what has just moved.
    fn rank_streams(&mut self) {
        let (board, now) = (&self.board, Instant::now().into_std());
        for line in self.lines.iter_mut().filter(|line| line.can.stream_max > 0) {
            line.rank_stream(|symbol| board.moved_at(symbol), now);
        }
    }

    async fn obey(&mut self, command: Command) {
        let now = Instant::now();
        match command {
            Command::Look(look) => {
                if self.demand.look_at(&look.symbols, now) {
                    self.replan().await;
                }
                self.looks.push(look);
                self.answer_looks(now);
            }
            Command::Retry => self.retry_now(now),
            Command::KeyChanged => self.every_line().for_each(|(_, line)| line.key_changed(now.into_std())),
            Command::Sparks(wanted) => self.draw_sparks(wanted, now).await,
            Command::Seed(seeds) => self.seed_sparks(&seeds, now),
            Command::Hours(wanted) => self.tell_hours(wanted),
            Command::Turns(wanted) => self.tell_turns(wanted),
        }
    }

    async fn publish(&mut self, quotes: Vec<Quote>) {
        for quote in &quotes {
            self.sparks.note(quote);
        }
        if !quotes.is_empty() && self.may_speak() {
            self.voice.quotes(quotes, self.stand_in.is_on()).await;
        }
    }

    async fn tell_health(&mut self) {
        let news: Vec<_> = self.every_line().filter_map(|(_, line)| line.news()).collect();
        for health in news {
            self.voice.health(health).await;
        }
    }

    /// The first live quote replaces the simulated market as a whole.
    async fn dismiss_stand_in(&mut self) {
        if let Some(line) = self.stand_in.dismiss() {
            for symbol in self.board.forget_simulated() {
                self.voice.gone(symbol).await;
            }
            self.sparks.forget_simulated();
            self.voice.health(line.switched_off()).await;
            tracing::info!("live quotes have arrived: the simulated ones are gone");
        }
    }

    /// Once a second: what has grown old, who has stopped looking, whether the machine slept.
    async fn look_at_ages(&mut self, clock_jumped: bool) {
        let now = Instant::now();
        let (peers, demand) = (&self.peers, &mut self.demand);
        let wanted = || {
            let mut wanted = demand.wanted(now);
            wanted.retain(|symbol, _| peers.is_mine(symbol.as_str()));
            wanted
        };
        self.stand_in.begin_if_due(wanted, self.poll_interval, now);
        if clock_jumped {
            tracing::info!("the machine slept or its clock was set: asking for everything again");
            self.abandon_requests();
            self.retry_now(now);
            self.streams.open(&self.lines);
        }
        let (lines, poll_interval) = (&self.lines, self.poll_interval);
        let soonest = if clock_jumped { Duration::ZERO } else { self.patience.stale_after };
        let patience = |source: &str| stale_after(lines.sweep_of(source).max(poll_interval), soonest);
        let stale = self.board.grown_stale(now, soonest, |of| if clock_jumped { Duration::ZERO } else { patience(of) });
        self.publish(stale).await;
        self.release_overdue(now).await;
        if self.demand.has_expired(now) {
            self.replan().await;
        }
        self.answer_looks(now);
    }

    fn answer_looks(&mut self, now: Instant) {
        let (board, lines) = (&self.board, &self.lines);
        self.looks.retain_mut(|look| !look.answer_if_settled(board, lines, now));
    }

    fn save_snapshot(&self) {
        if let Some(file) = &self.snapshot {
            let kept = self.board.live().into_iter().filter_map(|quote| self.splits.kept(quote));
            file.save(&kept.collect::<Vec<_>>());
        }
    }
}

/// A few intervals, or a few sweeps where the provider's budget makes a sweep last longer.
fn stale_after(interval: Duration, patience: Duration) -> Duration {
    (interval * STALE_AFTER_INTERVALS).max(patience)
}

fn every(period: Duration, first: Duration) -> tokio::time::Interval {
    let mut interval = tokio::time::interval_at(Instant::now() + first, period);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    interval
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
