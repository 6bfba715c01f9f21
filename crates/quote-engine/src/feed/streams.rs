//! The streams of the lines that have one: a task each, whose deliveries the feed takes one after the other. While it is
//! busy they conflate.

use std::sync::Arc;

use tokio::{sync::mpsc, task::JoinSet};

use super::lines::Lines;
use crate::provider::stream::{Delivery, mailbox};

/// Deliveries that wait for the feed; the rest conflates in the mailboxes.
const DELIVERIES_MAX: usize = 1;

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
            self.tasks.spawn(async move { provider.stream(wanted, ticks).await });
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

    /// Looks whether a task has ended in a panic.
    pub(super) fn check(&mut self) {
        while let Some(ended) = self.tasks.try_join_next() {
            if let Err(error) = ended
                && error.is_panic()
            {
                tracing::error!(%error, "a stream ended in a panic; its symbols are polled");
            }
        }
    }
}
