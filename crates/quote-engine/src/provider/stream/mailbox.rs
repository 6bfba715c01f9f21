//! The way from a stream to the feed: a mailbox that keeps the newest tick of each symbol, so that a burst never grows
//! and a slow reader never holds a socket up.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use market::{Conflator, OfSymbol as _, Symbol};
use tokio::sync::Notify;

use super::{super::ProviderError, Tick};

/// What has come since the feed last looked.
#[derive(Debug, Default)]
pub struct Delivery {
    /// The newest tick of each symbol.
    pub ticks: Vec<Tick>,
    /// Whether the stream broke off in between: why, and of which symbols.
    pub lost: Option<(ProviderError, Vec<Symbol>)>,
    /// Whether it is whole again.
    pub restored: bool,
}

#[derive(Debug, Default)]
struct Mailbox {
    waiting: Mutex<Waiting>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    ticks: Conflator<Tick>,
    /// When the tick that waits for a symbol was made: an older one does not take its place.
    made: HashMap<Symbol, Timestamp>,
    lost: Option<(ProviderError, BTreeSet<Symbol>)>,
    restored: bool,
}

impl Waiting {
    fn push(&mut self, tick: Tick) {
        let at = tick.at();
        match self.made.get_mut(tick.symbol()) {
            Some(made) if at < *made => return,
            Some(made) => *made = at,
            None => drop(self.made.insert(tick.symbol().clone(), at)),
        }
        self.ticks.push(tick);
    }
}

/// A mailbox for ticks: its two ends.
pub fn mailbox() -> (TickSender, TickReceiver) {
    let mailbox = Arc::<Mailbox>::default();
    (TickSender(Arc::clone(&mailbox)), TickReceiver(mailbox))
}

/// Where a stream puts what it hears. Cheap to clone; never waits.
#[derive(Debug, Clone)]
pub struct TickSender(Arc<Mailbox>);

impl TickSender {
    /// Ticks have come. One that is older than another of its symbol that still waits is dropped.
    pub fn send(&self, ticks: impl IntoIterator<Item = Tick>) {
        let mut ticks = ticks.into_iter().peekable();
        if ticks.peek().is_none() {
            return;
        }
        let mut waiting = self.0.lock();
        for tick in ticks {
            waiting.push(tick);
        }
        drop(waiting);
        self.0.arrived.notify_one();
    }

    /// A connection has broken off, or could not be opened: no ticks of these symbols until it is restored.
    pub fn lost(&self, error: ProviderError, symbols: &[Symbol]) {
        let mut waiting = self.0.lock();
        waiting.restored = false;
        let (reason, without) = waiting.lost.get_or_insert_with(|| (error.clone(), BTreeSet::new()));
        *reason = error;
        without.extend(symbols.iter().cloned());
        drop(waiting);
        self.0.arrived.notify_one();
    }

    /// Every connection stands.
    pub fn restored(&self) {
        self.0.lock().restored = true;
        self.0.arrived.notify_one();
    }
}

/// Where the feed takes out what a stream put in.
#[derive(Debug)]
pub struct TickReceiver(Arc<Mailbox>);

impl TickReceiver {
    /// Waits until something has come. Loses nothing when it is dropped while it waits.
    pub async fn recv(&self) -> Delivery {
        loop {
            let arrived = self.0.arrived.notified();
            let delivery = self.0.taken_out();
            if !delivery.ticks.is_empty() || delivery.lost.is_some() || delivery.restored {
                return delivery;
            }
            arrived.await;
        }
    }
}

impl Mailbox {
    fn taken_out(&self) -> Delivery {
        let mut waiting = self.lock();
        waiting.made.clear();
        Delivery {
            ticks: waiting.ticks.drain(),
            lost: waiting.lost.take().map(|(error, symbols)| (error, symbols.into_iter().collect())),
            restored: std::mem::take(&mut waiting.restored),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Print, *};

    const LATER: &str = "2026-11-23T15:00:05Z";

    fn print(price: f64, at: &str) -> Print {
        Print {
            symbol: Symbol::parse("AAPL").unwrap(),
            price,
            at: at.parse().unwrap(),
            session: None,
            change: None,
            change_percent: None,
            volume: None,
            grain: 0.0,
        }
    }

    #[tokio::test]
    async fn an_older_tick_takes_no_newer_ones_place() {
        let (sender, receiver) = mailbox();
        sender.send([Tick::Print(print(2.0, LATER)), Tick::Print(print(1.0, "2026-11-23T15:00:04Z"))]);
        sender.send([]);
        assert_eq!(receiver.recv().await.ticks, [Tick::Print(print(2.0, LATER))]);
        // What was taken out is the feed's to judge.
        sender.send([Tick::Print(print(1.0, "2026-11-23T15:00:04Z"))]);
        assert_eq!(receiver.recv().await.ticks.len(), 1);
    }

    #[tokio::test]
    async fn losses_that_nobody_takes_out_do_not_pile_up() {
        let (sender, receiver) = mailbox();
        let error = ProviderError::Unreachable { provider: "Test", detail: "gone".into() };
        for _ in 0..100 {
            sender.lost(error.clone(), &[Symbol::parse("AAPL").unwrap(), Symbol::parse("MSFT").unwrap()]);
        }
        assert_eq!(receiver.recv().await.lost.unwrap().1.len(), 2);
    }

    #[tokio::test]
    async fn only_the_newest_tick_of_a_symbol_waits() {
        let (sender, receiver) = mailbox();
        for n in 1..=1_000 {
            sender.send([Tick::Print(print(f64::from(n), LATER))]);
        }
        let delivery = receiver.recv().await;
        assert_eq!(delivery.ticks, [Tick::Print(print(1_000.0, LATER))]);
        let error = ProviderError::Unreachable { provider: "Test", detail: "gone".into() };
        sender.lost(error.clone(), &[Symbol::parse("AAPL").unwrap()]);
        sender.restored();
        let delivery = receiver.recv().await;
        assert_eq!((delivery.lost.map(|(error, _)| error), delivery.restored), (Some(error), true));
    }
}
