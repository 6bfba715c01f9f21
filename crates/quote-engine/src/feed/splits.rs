//! Splits: a quote that one may have changed waits until it is known whether, and until the alerts of every user have
//! been carried over. So no alert rules on a price in the new shares with a line in the old ones. One that has waited too
//! long passes unsettled: no alert fires on it.
//!
//! Suspicions are cheap and often wrong: each costs one request, each symbol one in half a day. Until a suspicion is
//! settled, what is kept for the next start is the quote before it: so it is found again after a crash.

use std::{collections::HashMap, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp, civil::Date};
use market::{Condition, Quote, SeenSplit, Split, Symbol, split};
use tokio::{
    sync::Mutex,
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{Asked, Feed, board::By};
use crate::{
    desk::DeskHandle,
    history::HistoryCache,
    provider::{Provider, ProviderError, Retry},
    store::Accounts,
};

/// Suspicions at once at the most; beyond, quotes pass.
const PENDING_MAX: usize = 32;
/// While there are so many, small splits are not suspected: the others are more urgent.
const SMALL_MAX: usize = PENDING_MAX / 2;
/// Symbols asked about in half a day at the most, but for those with alerts.
const ASKED_MAX: usize = 500;
/// How long an answer is good.
const SETTLED_FOR: Duration = Duration::from_secs(12 * 60 * 60);
/// How long a quote waits at the most; the question goes on without it.
const HOLD_MAX: Duration = Duration::from_secs(2 * 60);
/// Pauses between questions that fail; the last one again and again.
const PAUSES: [Duration; 4] =
    [Duration::from_secs(5), Duration::from_secs(20), Duration::from_secs(60), Duration::from_secs(15 * 60)];
/// Questions about one suspicion at the most: a day long.
const ATTEMPTS_MAX: usize = 100;
/// After so long without a price nothing is known of splits meanwhile: where there are alerts, it is asked for.
const AWAY: SignedDuration = SignedDuration::from_hours(5 * 24);
/// A split so shortly before the last quote may be one that its provider was late with.
const LATE: SignedDuration = SignedDuration::from_hours(24);

/// So long before a split begins prices may be in the new shares already.
const BEFORE_BELL: SignedDuration = SignedDuration::from_hours(6);

#[derive(Debug)]
pub(super) struct Splits {
    inquirer: Inquirer,
    pending: HashMap<Symbol, Pending>,
    settled: HashMap<Symbol, Settled>,
    /// Symbols with alerts on a price, and when the oldest line was drawn, where that is known.
    alerted: HashMap<Symbol, Option<Timestamp>>,
    inquiries: JoinSet<Answered>,
}

/// Who is asked, and who is told.
#[derive(Debug, Clone)]
struct Inquirer {
    providers: Vec<Arc<dyn Provider>>,
    charts: HistoryCache,
    desk: Option<DeskHandle>,
    /// One question at a time: prices come first.
    turn: Arc<Mutex<()>>,
}

#[derive(Debug)]
struct Pending {
    /// The last quote that is known to be of the old shares, where there is one.
    before: Option<Quote>,
    /// The newest that waits, and who told it.
    held: Option<(Asked, Quote)>,
    since: Instant,
    /// It has waited long enough: quotes pass.
    released: bool,
}

#[derive(Debug)]
struct Settled {
    at: Instant,
    /// The exchange's day of the price that was suspected.
    day: Date,
    splits: Vec<Split>,
}

impl Settled {
    /// That there was no split is true of its day only: on the next one, or when the vendor has it, there may be one.
    fn answers(&self, quote: &Quote) -> bool {
        !self.splits.is_empty() || self.day == quote.trading_day()
    }
}

/// What was suspected of a quote.
#[derive(Debug)]
struct Suspicion {
    quote: Quote,
    before: Option<Quote>,
    /// No split is of interest that was earlier.
    after: Timestamp,
}

/// What came of a suspicion: the splits that lie in between.
#[derive(Debug)]
pub(super) struct Answered {
    symbol: Symbol,
    day: Date,
    splits: Vec<Split>,
}

impl Splits {
    pub(super) fn new(providers: Vec<Arc<dyn Provider>>, charts: HistoryCache) -> Self {
        let inquirer = Inquirer { providers, charts, desk: None, turn: Arc::default() };
        Self {
            inquirer,
            pending: HashMap::new(),
            settled: HashMap::new(),
            alerted: HashMap::new(),
            inquiries: JoinSet::new(),
        }
    }

    pub(super) fn tell(&mut self, desk: DeskHandle) {
        self.inquirer.desk = Some(desk);
    }

    pub(super) fn set_users(&mut self, accounts: &Accounts) {
        self.alerted.clear();
        let alerts = accounts.values().flat_map(|account| &account.profile.alerts);
        for alert in alerts.filter(|alert| !matches!(alert.condition, Condition::DayMove(_))) {
            let oldest = self.alerted.entry(alert.symbol.clone()).or_default();
            *oldest = [*oldest, alert.drawn_at].into_iter().flatten().min();
        }
    }

    /// Gives the quote back where it may pass; it waits here where a split may lie between it and the one before.
    pub(super) fn pass(&mut self, of: Asked, mut quote: Quote, before: Option<&Quote>, now: Instant) -> Option<Quote> {
        let pending = self.pending.get_mut(&quote.symbol);
        quote.unsettled = pending.as_ref().is_some_and(|pending| pending.released);
        if let Some(pending) = pending {
            if pending.released {
                return Some(quote);
            }
            pending.held = Some((of, quote));
            return None;
        }
        if let Some(settled) = self.settled.get(&quote.symbol).filter(|settled| settled.answers(&quote)) {
            settled.splits.iter().for_each(|split| split.mend(&mut quote));
            return Some(quote);
        }
        let Some(after) = self.suspects(&quote, before) else { return Some(quote) };
        tracing::info!(symbol = %quote.symbol, "a split may lie before its price: that is asked for first");
        let suspicion = Suspicion { quote: quote.clone(), before: before.cloned(), after };
        self.inquiries.spawn(self.inquirer.clone().settle(suspicion));
        let symbol = quote.symbol.clone();
        let pending = Pending { before: before.cloned(), held: Some((of, quote)), since: now, released: false };
        self.pending.insert(symbol, pending);
        None
    }

    /// Whether a split may lie between two quotes, and since when.
    fn suspects(&self, quote: &Quote, before: Option<&Quote>) -> Option<Timestamp> {
        let alerted = || self.alerted.get(&quote.symbol);
        let long = |since: Timestamp| quote.received_at.min(quote.quoted_at).duration_since(since) > AWAY;
        let after = match before {
            Some(before)
                if split::is_suspected(quote, before, || self.pending.len() < SMALL_MAX && alerted().is_some()) =>
            {
                before.quoted_at.checked_sub(LATE).ok()
            }
            Some(before) => Some(before.quoted_at).filter(|at| long(*at) && alerted().is_some()),
            None => alerted().copied().flatten().filter(|since| long(*since)),
        }?;
        let room = self.pending.len() < PENDING_MAX && (self.settled.len() < ASKED_MAX || alerted().is_some());
        (room && split::is_split_at_all(quote) && !self.inquirer.providers.is_empty()).then_some(after)
    }

    /// The next suspicion that is settled.
    pub(super) async fn next(&mut self) -> Answered {
        loop {
            match self.inquiries.join_next().await {
                Some(Ok(answered)) => return answered,
                Some(Err(error)) => tracing::error!(%error, "a question about splits was lost"),
                None => std::future::pending().await,
            }
        }
    }

    /// What has waited long enough, and who told it.
    fn overdue(&mut self, now: Instant) -> Vec<(Asked, Quote)> {
        self.settled.retain(|_, settled| now - settled.at < SETTLED_FOR);
        let waiting = self.pending.values_mut().filter(|pending| now - pending.since > HOLD_MAX);
        let released = waiting.filter_map(|pending| {
            pending.released = true;
            pending.held.take()
        });
        released.collect()
    }

    /// What is kept for the next start: a quote, or the one before it while a suspicion is not settled.
    pub(super) fn kept<'a>(&'a self, quote: &'a Quote) -> Option<&'a Quote> {
        self.pending.get(&quote.symbol).map_or(Some(quote), |pending| pending.before.as_ref())
    }
}

impl Feed {
    /// Has the alerts that this desk keeps carried over splits.
    #[must_use]
    pub fn telling(mut self, desk: DeskHandle) -> Self {
        self.splits.tell(desk);
        self
    }

    /// A suspicion is settled: what waited for that may pass, after the last quote has been carried over the split.
    pub(super) async fn settle_split(&mut self, Answered { symbol, day, splits }: Answered) {
        let now = Instant::now();
        let mut held = self.splits.pending.remove(&symbol).and_then(|pending| pending.held);
        for split in &splits {
            tracing::info!(%symbol, numerator = split.numerator, denominator = split.denominator, "a split");
            self.sparks.restart(&symbol);
            if let Some((_, next)) = &mut held {
                split.mend(next);
                self.board.carry_over(split, next);
            }
        }
        self.splits.settled.insert(symbol, Settled { at: now, day, splits });
        self.pass_on(held, now).await;
    }

    /// Nothing waits for ever.
    pub(super) async fn release_overdue(&mut self, now: Instant) {
        let overdue = self.splits.overdue(now);
        self.pass_on(overdue, now).await;
    }

    async fn pass_on(&mut self, held: impl IntoIterator<Item = (Asked, Quote)>, now: Instant) {
        let mut news = Vec::new();
        for (of, quote) in held {
            news.extend(self.take_quote(of, quote, By::Asking, now));
        }
        self.publish(news).await;
    }
}

impl Inquirer {
    /// Asks until there is an answer, and has everything in the old shares carried over.
    async fn settle(self, suspicion: Suspicion) -> Answered {
        let (symbol, day) = (suspicion.quote.symbol.clone(), suspicion.quote.trading_day());
        let pauses = PAUSES.iter().chain(std::iter::repeat(&PAUSES[PAUSES.len() - 1]));
        for pause in pauses.take(ATTEMPTS_MAX) {
            match self.try_to_settle(&suspicion).await {
                Ok(splits) => return Answered { symbol, day, splits },
                Err(error) => tracing::debug!(%symbol, error, "it is not known whether there was a split"),
            }
            sleep(*pause).await;
        }
        Answered { symbol, day, splits: Vec::new() }
    }

    async fn try_to_settle(&self, suspicion: &Suspicion) -> Result<Vec<Split>, String> {
        let symbol = &suspicion.quote.symbol;
        let _turn = self.turn.lock().await;
        let mut splits = self.splits(symbol).await.map_err(|error| error.to_string())?;
        splits.retain(|split| suspicion.is_answered_by(split));
        for split in &splits {
            for provider in &self.providers {
                self.charts.forget(provider.name(), symbol).await;
            }
            if let Some(desk) = &self.desk {
                desk.carry_over(&suspicion.seen(*split)).await.map_err(|error| error.to_string())?;
            }
        }
        Ok(splits)
    }

    /// From the first provider that has any; none where nobody knows the symbol, or of splits at all.
    async fn splits(&self, symbol: &Symbol) -> Result<Vec<Split>, ProviderError> {
        let mut failure = None;
        for provider in self.providers.iter().filter(|provider| provider.covers(symbol)) {
            match provider.splits(symbol).await {
                Ok(splits) => return Ok(splits),
                Err(error) if error.retry() == Retry::Never => {}
                Err(error) => failure = Some(error),
            }
        }
        failure.map_or(Ok(Vec::new()), Err)
    }
}

impl Suspicion {
    /// A split lies in between; one that is still to come only where it is seen already.
    fn is_answered_by(&self, split: &Split) -> bool {
        split.at > self.after && (split.at <= self.quote.received_at || self.is_seen(split))
    }

    /// A small one is seen in the close that is told before the bell: a day's move says nothing.
    fn is_seen(&self, split: &Split) -> bool {
        if !split.is_small() {
            return split.is_seen_in(&self.quote, self.before.as_ref());
        }
        let Some(before) = &self.before else { return false };
        let soon = split.at.duration_since(self.quote.received_at) < BEFORE_BELL;
        soon && split::closes(&self.quote, before).is_some_and(|(told, seen)| split.explains(told, seen))
    }

    fn seen(&self, split: Split) -> SeenSplit {
        let Quote { symbol, received_at, .. } = &self.quote;
        SeenSplit { symbol: symbol.clone(), split, day: self.quote.day_of(split.at), seen_at: *received_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::simulated::{SimulatedConfig, SimulatedProvider};

    fn quote(price: f64, at: &str) -> Quote {
        serde_json::from_value(serde_json::json!({
            "symbol": "AAPL", "kind": "equity", "price": price, "session": "regular", "quoted_at": at,
            "received_at": at, "source": "test", "state": "live",
        }))
        .unwrap()
    }

    #[tokio::test]
    async fn what_has_waited_too_long_passes_unsettled() {
        let provider = Arc::new(SimulatedProvider::new(SimulatedConfig::default()));
        let mut splits = Splits::new(vec![provider], HistoryCache::in_memory());
        let (before, after) = (quote(400.0, "2026-11-20T15:00:00Z"), quote(101.0, "2026-11-23T15:00:00Z"));
        let (of, now) = (Asked::Line(0), Instant::now());
        assert_eq!(splits.pass(of, after.clone(), Some(&before), now), None);
        assert_eq!(splits.kept(&after), Some(&before));
        assert!(splits.overdue(now + HOLD_MAX).is_empty());
        let (_, released) = splits.overdue(now + HOLD_MAX + Duration::from_secs(1)).remove(0);
        let passed = splits.pass(of, released, Some(&before), now).unwrap();
        assert!(passed.unsettled && !passed.is_firm());
        splits.pending.clear();
        let settled = Settled { at: now, day: after.trading_day(), splits: Vec::new() };
        splits.settled.insert(after.symbol.clone(), settled);
        assert_eq!(splits.pass(of, passed.clone(), Some(&passed), now), Some(after));
    }

    #[tokio::test]
    async fn of_a_suspicion_without_a_quote_before_nothing_is_kept() {
        let provider = Arc::new(SimulatedProvider::new(SimulatedConfig::default()));
        let mut splits = Splits::new(vec![provider], HistoryCache::in_memory());
        let after = quote(101.0, "2026-11-23T15:00:00Z");
        splits.alerted.insert(after.symbol.clone(), Some("2026-11-02T15:00:00Z".parse().unwrap()));
        assert_eq!(splits.pass(Asked::Line(0), after.clone(), None, Instant::now()), None);
        assert_eq!(splits.kept(&after), None, "the next run would take it for one of the old shares");
    }
}
