//! The streams of the lines that have one: a task each, whose deliveries the feed takes one after the other. While it is
//! busy they conflate.

use std::{sync::Arc, time::Duration};

use market::Symbol;
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

use super::lines::Lines;
use crate::provider::{
    Provider, ProviderError,
    stream::{Delivery, TickSender, mailbox},
};

/// Deliveries that wait for the feed; the rest conflates in the mailboxes.
const DELIVERIES_MAX: usize = 1;
/// How long a stream that panicked stays closed.
const PANIC_PAUSE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(super) struct Streams {
    tasks: JoinSet<()>,
    sender: mpsc::Sender<(usize, Delivery)>,
    deliveries: mpsc::Receiver<(usize, Delivery)>,
}

impl Streams {
    pub(super) fn new() -> Self {
        let (sender, deliveries) = mpsc::channel(DELIVERIES_MAX);
        Self { tasks: JoinSet::new(), sender, deliveries }
    }

    /// Opens the stream of every line that has one; anew where it was open, since no socket survives a suspend.
    pub(super) fn open(&mut self, lines: &Lines) {
        self.tasks.abort_all();
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.can.stream_max > 0) {
            let (ticks, receiver) = mailbox();
            let (provider, wanted) = (Arc::clone(&line.provider), line.streamed());
            self.tasks.spawn(kept_open(provider, wanted, ticks));
            let sender = self.sender.clone();
            self.tasks.spawn(async move { while sender.send((at, receiver.recv().await)).await.is_ok() {} });
        }
    }

    /// The next delivery, and of which line.
    pub(super) async fn next(&mut self) -> (usize, Delivery) {
        match self.deliveries.recv().await {
            Some(delivery) => delivery,
            // Its other end is here.
            None => std::future::pending().await,
        }
    }
}

/// A stream; opened again, after a while, when it ends in a panic.
async fn kept_open(provider: Arc<dyn Provider>, wanted: watch::Receiver<Arc<[Symbol]>>, ticks: TickSender) {
    loop {
        // In a set of its own, so that it ends with this.
        let mut stream = JoinSet::new();
        stream.spawn({
            let (provider, wanted, ticks) = (Arc::clone(&provider), wanted.clone(), ticks.clone());
            async move { provider.stream(wanted, ticks).await }
        });
        match stream.join_next().await {
            Some(Err(error)) if error.is_panic() => {
                tracing::error!(provider = provider.name(), %error, "its stream panicked");
            }
            _ => return,
        }
        let display_name = provider.capabilities().display_name;
        let symbols = Arc::clone(&wanted.borrow());
        ticks.lost(ProviderError::Malformed { provider: display_name, detail: "its stream failed".into() }, &symbols);
        tokio::time::sleep(PANIC_PAUSE).await;
    }
}
