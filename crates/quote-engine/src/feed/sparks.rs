//! Small charts for many rows at once: the feed draws them from the quotes that come anyway; what came before those is
//! fetched once, many symbols to a request.
//!
//! However many windows ask for the same, the providers are asked once; what cannot be had is left alone for a while.

use std::collections::BTreeSet;

use market::{History, Range, Symbol};
use tokio::{
    sync::oneshot,
    time::{Duration, Instant, timeout},
};

use super::{
    Feed,
    handle::{Command, LocalFeed, session_now},
    whom::Asked,
};
use crate::provider::{Provider, Retry};

/// Symbols in a call at the most.
pub const SPARKS_MAX: usize = 200;
/// Symbols in one request to a provider at the most.
const BATCH_MAX: usize = 20;
/// Charts fetched one by one in a call at the most, where no provider has them in batches.
const SINGLES_MAX: usize = 20;
/// How long a call waits for what came before.
const SEED_TIME_OUT: Duration = Duration::from_secs(12);

/// What the feed has drawn itself.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    lines: Vec<History>,
    /// Those whose beginning is worth fetching.
    wanting: Vec<Symbol>,
}

/// A question to the feed for its lines.
#[derive(Debug)]
pub(super) struct SparksWanted {
    symbols: BTreeSet<Symbol>,
    done: oneshot::Sender<Drawn>,
}

/// What came of fetching the beginnings of lines.
#[derive(Debug)]
pub(super) struct Seeds {
    asked: Vec<Symbol>,
    days: Vec<History>,
}

impl Feed {
    /// Whoever asks for lines has their symbols on the screen.
    pub(super) async fn draw_sparks(&mut self, wanted: SparksWanted, now: Instant) {
        if self.demand.look_at(&wanted.symbols, now) {
            self.replan().await;
        }
        for symbol in &wanted.symbols {
            self.sparks.open(symbol);
            self.board.get(symbol).into_iter().for_each(|quote| self.sparks.note(quote));
        }
        let (lines, wanting) = (
            wanted.symbols.iter().filter_map(|symbol| self.sparks.day(symbol)).collect(),
            wanted.symbols.iter().filter(|symbol| self.sparks.wants_seed(symbol, now)).cloned().collect(),
        );
        // Whoever asked may have turned away.
        let _ = wanted.done.send(Drawn { lines, wanting });
    }

    /// What a provider said that is no longer asked, such as a stand-in that was dismissed meanwhile, does not count.
    pub(super) fn seed_sparks(&mut self, seeds: &Seeds, now: Instant) {
        let asked: BTreeSet<&str> = self.every_line().map(|(_, line)| line.name()).collect();
        for day in seeds.days.iter().filter(|day| asked.contains(day.source.as_str())) {
            self.sparks.seed(day);
        }
        for symbol in &seeds.asked {
            self.sparks.asked(symbol, now);
        }
    }
}

impl LocalFeed {
    /// The day's courses of up to [`SPARKS_MAX`] symbols, each a chart whose bars are points; what has none yet is left
    /// out. Costs a request for every twenty symbols once, and none as long as they stay followed.
    pub(super) async fn sparks(&self, symbols: BTreeSet<Symbol>) -> Vec<History> {
        let symbols: BTreeSet<Symbol> = symbols.into_iter().take(SPARKS_MAX).collect();
        let drawn = self.drawn(&symbols).await;
        if drawn.wanting.is_empty() {
            return drawn.lines;
        }
        // What has come by then is shown; the rest is asked for with the next call.
        if timeout(SEED_TIME_OUT, self.seed(&symbols)).await.is_err() {
            tracing::debug!("small charts take too long");
        }
        self.drawn(&symbols).await.lines
    }

    async fn drawn(&self, symbols: &BTreeSet<Symbol>) -> Drawn {
        let (done, drawn) = oneshot::channel();
        // A feed that has ended draws nothing.
        let _ = self.commands.send(Command::Sparks(SparksWanted { symbols: symbols.clone(), done })).await;
        drawn.await.unwrap_or_default()
    }

    /// One at a time: whoever waited finds what the one before has fetched.
    async fn seed(&self, symbols: &BTreeSet<Symbol>) {
        let _turn = self.seeding.lock().await;
        let mut wanting = self.drawn(symbols).await.wanting;
        let mut failed = false;
        for Asked { provider, .. } in self.asked(None).await {
            failed |= !self.seed_in_batches(provider.as_ref(), &mut wanting).await;
        }
        let rest = wanting.split_off(wanting.len().min(SINGLES_MAX));
        let mut silent = BTreeSet::new();
        for symbol in wanting {
            let day = self.day(&symbol, &mut silent).await;
            self.sow(vec![symbol], day.into_iter().collect()).await;
        }
        if failed {
            // A provider that is down is not asked again with every call.
            self.sow(rest, Vec::new()).await;
        }
    }

    /// Takes out of `wanting` what the provider has. Its first failure ends the matter; says whether there was none.
    async fn seed_in_batches(&self, provider: &dyn Provider, wanting: &mut Vec<Symbol>) -> bool {
        let covered: Vec<Symbol> = wanting.iter().filter(|symbol| provider.covers(symbol)).cloned().collect();
        for batch in covered.chunks(BATCH_MAX) {
            match provider.sparks(batch).await {
                Ok(days) => {
                    let found: BTreeSet<Symbol> = days.iter().map(|day| day.symbol.clone()).collect();
                    wanting.retain(|symbol| !found.contains(symbol));
                    self.sow(found.into_iter().collect(), days).await;
                }
                Err(error) => {
                    tracing::debug!(provider = provider.name(), %error, "no small charts");
                    return error.retry() == Retry::Never;
                }
            }
        }
        true
    }

    /// A chart of the day by itself: of those that answer the first that has one, else what is kept. Who has failed is
    /// `silent`, and not asked again.
    async fn day(&self, symbol: &Symbol, silent: &mut BTreeSet<&'static str>) -> Option<History> {
        let session = session_now(symbol);
        let mut kept = None;
        for Asked { provider, well, .. } in self.asked(Some(symbol)).await {
            if !provider.capabilities().history || !provider.covers(symbol) {
                continue;
            }
            let name = provider.name();
            if !well || silent.contains(name) {
                kept = kept.or(self.charts.kept(name, symbol, Range::Day).await);
                continue;
            }
            match self.charts.history(provider.as_ref(), symbol, Range::Day, session).await {
                Ok(fresh) if fresh.fetched_at.is_none() => return Some(fresh),
                answer => {
                    if answer.as_ref().map_or_else(|error| error.retry() != Retry::Never, |_| true) {
                        silent.insert(name);
                    }
                    kept = kept.or(answer.ok());
                }
            }
        }
        kept
    }

    async fn sow(&self, asked: Vec<Symbol>, days: Vec<History>) {
        // A feed that has ended keeps nothing.
        let _ = self.commands.send(Command::Seed(Seeds { asked, days })).await;
    }
}
