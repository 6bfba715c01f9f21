//! Requests: which are due, to whom, and what came of them.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt as _;
use market::Symbol;
use tokio::{task::JoinSet, time::Instant};

use super::{Feed, line::Line};
use crate::provider::{Answer, Provider, ProviderError};

/// Who was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Line(usize),
    StandIn,
}

/// What came of a request.
pub(super) struct Fetched {
    pub(super) of: Asked,
    pub(super) symbols: usize,
    pub(super) asked_at: Instant,
    pub(super) answer: Result<Answer, ProviderError>,
}

impl Feed {
    pub(super) fn line(&mut self, of: Asked) -> Option<&mut Line> {
        match of {
            Asked::Line(at) => self.lines.get(at),
            Asked::StandIn => self.stand_in.line(),
        }
    }

    pub(super) fn every_line(&mut self) -> impl Iterator<Item = (Asked, &mut Line)> {
        let live = self.lines.iter_mut().enumerate().map(|(at, line)| (Asked::Line(at), line));
        live.chain(self.stand_in.line().map(|line| (Asked::StandIn, line)))
    }

    /// Starts every request that is due, as far as each line's bounds allow.
    pub(super) fn ask(&mut self) {
        let asked_at = Instant::now();
        let mut due: Vec<(Asked, Arc<dyn Provider>, Vec<Symbol>)> = Vec::new();
        for (of, line) in self.every_line() {
            while let Some(symbols) = line.take(asked_at.into_std()) {
                due.push((of, Arc::clone(&line.provider), symbols));
            }
        }
        for (of, provider, symbols) in due {
            self.requests.spawn(async move {
                let answer = answer_of(provider.as_ref(), &symbols).await;
                Fetched { of, symbols: symbols.len(), asked_at, answer }
            });
        }
    }

    pub(super) fn next_request_at(&mut self) -> Option<Instant> {
        self.every_line().filter_map(|(_, line)| line.next_at()).min().map(Instant::from_std)
    }

    pub(super) fn retry_now(&mut self, now: Instant) {
        for (_, line) in self.every_line() {
            line.retry_now(now.into_std());
        }
    }

    /// What was under way when the machine fell asleep would be waited for until it times out: nobody answers it any more.
    pub(super) fn abandon_requests(&mut self) {
        self.requests = JoinSet::new();
        self.every_line().for_each(|(_, line)| line.abandoned());
    }
}

/// What a provider answers. A panic in there is its failure: it would otherwise never be seen to have answered.
async fn answer_of(provider: &dyn Provider, symbols: &[Symbol]) -> Result<Answer, ProviderError> {
    AssertUnwindSafe(provider.quotes(symbols)).catch_unwind().await.unwrap_or_else(|_| {
        let provider = provider.capabilities().display_name;
        Err(ProviderError::Malformed { provider, detail: "its answer ended in a panic; please report it".to_owned() })
    })
}
