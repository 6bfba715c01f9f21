//! Takes over where another engine left off: before this one says a word about what has become its share, it hears what the
//! bus keeps. What is newer there is taken in, what is older or missing is said; so no price goes backwards, whoever says
//! it, and a broker that forgot everything is told again.

use std::{collections::HashMap, time::Duration};

use bus::{Bus, Interest, Message, Subscription};
use market::{Quote, Symbol};
use tokio::time::{Instant, sleep_until};

use super::Feed;

/// The bus has told what it keeps once nothing came for this long,
const QUIET: Duration = Duration::from_millis(250);
/// and this long at first, when it may have nothing to tell.
const FIRST: Duration = Duration::from_secs(1);
/// And at the latest after this.
const OVER: Duration = Duration::from_secs(3);

/// What is heard meanwhile.
#[derive(Debug)]
pub(super) struct Takeover {
    heard: Subscription,
    seen: HashMap<Symbol, Quote>,
    quiet_at: Instant,
    over_at: Instant,
}

impl Takeover {
    async fn begin(bus: &Bus) -> Self {
        let heard = bus.subscribe(&[Interest::Quotes]).await;
        let now = Instant::now();
        Self { heard, seen: HashMap::new(), quiet_at: now + FIRST, over_at: now + OVER }
    }

    /// Waits until it is over. Nothing is lost where the wait is given up.
    async fn over(&mut self, is_mine: impl Fn(&Symbol) -> bool) {
        loop {
            let message = tokio::select! {
                () = sleep_until(self.quiet_at.min(self.over_at)) => return,
                message = self.heard.recv() => message,
            };
            match message {
                Some(Message::Quote(quote)) if is_mine(&quote.symbol) => {
                    self.seen.insert(quote.symbol.clone(), quote);
                }
                Some(_) => {}
                None => return,
            }
            self.quiet_at = Instant::now() + QUIET;
        }
    }
}

impl Feed {
    /// Others came or went, or the broker was reached anew: says nothing until it has heard what there is.
    pub(super) async fn begin_takeover(&mut self) {
        self.takeover = Some(Takeover::begin(&self.voice.0).await);
    }

    /// Waits for the end of a takeover, where one is under way.
    pub(super) async fn taken_over(takeover: &mut Option<Takeover>, is_mine: impl Fn(&Symbol) -> bool) {
        match takeover {
            Some(takeover) => takeover.over(is_mine).await,
            None => std::future::pending().await,
        }
    }

    /// Whether what it says is heard, and newer than what there is.
    pub(super) fn may_speak(&self) -> bool {
        self.takeover.is_none() && *self.connection.borrow() == self.settled
    }

    /// It has heard what there is.
    pub(super) async fn end_takeover(&mut self) {
        let Some(Takeover { seen, .. }) = self.takeover.take() else { return };
        self.settled = *self.connection.borrow();
        let now = Instant::now();
        if seen.values().any(|quote| !quote.is_simulated()) {
            self.dismiss_stand_in().await;
        }
        // What was followed a moment ago, perhaps by somebody only one of us knows of, is not dropped at once.
        self.demand.left(seen.keys(), now);
        let unsaid = self.board.reconcile(seen, now);
        self.replan().await;
        self.publish(unsaid).await;
        self.every_line().for_each(|(_, line)| line.forget_told());
        self.tell_health().await;
    }
}
