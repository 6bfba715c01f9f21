//! What comes in: answers and ticks on their way to the board, and what they say about who sent them.

use market::{OfSymbol as _, Quote};
use tokio::time::Instant;

use super::{
    Asked, Feed, Fetched,
    board::{By, Taken},
};
use crate::provider::{
    Answer, ProviderError,
    stream::{Delivery, Laid, Tick},
};

impl Feed {
    pub(super) async fn take_in(&mut self, fetched: Fetched) {
        let now = Instant::now();
        let Fetched { of, symbols, asked_at, answer } = fetched;
        // A stand-in may have been dismissed while it was being asked.
        let Some(line) = self.line(of) else { return };
        let was_well = line.is_well();
        match &answer {
            Ok(answer) => {
                tracing::trace!(provider = line.name(), asked = symbols, got = answer.quotes.len());
                line.answered(answer, now.into_std());
            }
            Err(error) => {
                log_failure(line.name(), error, "no quotes");
                line.failed(error, asked_at.into_std(), now.into_std());
            }
        }
        let well_or_not = line.is_well() != was_well;
        let rerouted = well_or_not || answer.as_ref().is_ok_and(|answer| self.lines.learn(&answer.quotes));
        let strangers = answer.as_ref().is_ok_and(|answer| !answer.unknown.is_empty());
        if let Ok(answer) = answer {
            self.publish_answer(of, answer, now).await;
        }
        if rerouted || strangers {
            self.replan().await;
        } else {
            self.tell_health().await;
        }
        self.answer_looks(now);
    }

    async fn publish_answer(&mut self, of: Asked, answer: Answer, now: Instant) {
        if of != Asked::StandIn && !answer.quotes.is_empty() {
            self.dismiss_stand_in().await;
        }
        let mut news: Vec<Quote> =
            answer.quotes.into_iter().filter_map(|quote| self.take_quote(of, quote, By::Asking, now)).collect();
        let gone = answer.unknown.iter().filter(|symbol| self.lines.is_unknown(symbol));
        news.extend(gone.filter_map(|symbol| self.board.delist(symbol)));
        self.publish(news).await;
    }

    /// A quote counts when its provider is the one that speaks for the symbol; of another one its figures do.
    /// Gives back what is news.
    pub(super) fn take_quote(&mut self, of: Asked, quote: Quote, by: By, now: Instant) -> Option<Quote> {
        let spokesman = self.lines.spokesman(&quote.symbol, now.into_std()).map(Asked::Line);
        if of != Asked::StandIn && spokesman != Some(of) {
            return self.board.take_figures(quote, now);
        }
        let symbol = quote.symbol.clone();
        let quote = match of {
            Asked::Line(_) => self.splits.pass(of, quote, self.board.get(&symbol), now)?,
            Asked::StandIn => quote,
        };
        match self.board.take_in(quote, by, now) {
            Taken::News(news) => Some(*news),
            Taken::Known => None,
            Taken::Doubted => {
                tracing::warn!(%symbol, "a price far from the last one waits for a second sample");
                if let Some(line) = self.line(of) {
                    line.ask_soon(&symbol, now.into_std());
                }
                None
            }
        }
    }

    pub(super) async fn take_delivery(&mut self, at: usize, delivery: Delivery) {
        let now = Instant::now();
        self.note_stream(at, &delivery, now);
        let (mut news, mut rerouted) = (Vec::new(), false);
        for tick in &delivery.ticks {
            let Some((laid, spoke)) = self.lay(at, tick, now) else { continue };
            rerouted |= !spoke;
            if let Laid::News { quote, ask_soon } = laid {
                self.dismiss_stand_in().await;
                news.extend(self.take_quote(Asked::Line(at), *quote, By::Stream, now));
                if ask_soon && let Some(line) = self.lines.get(at) {
                    line.ask_soon(tick.symbol(), now.into_std());
                }
            }
        }
        self.publish(news).await;
        if rerouted {
            self.replan().await;
        } else {
            self.tell_health().await;
        }
        self.answer_looks(now);
    }

    /// Whether the stream stands.
    fn note_stream(&mut self, at: usize, delivery: &Delivery, now: Instant) {
        let Some(line) = self.lines.get(at) else { return };
        if let Some((error, symbols)) = &delivery.lost {
            log_failure(line.name(), error, "the stream is lost");
            line.stream_lost(error, symbols, now.into_std());
            self.board.stream_lost(symbols, now);
        }
        if delivery.restored {
            line.stream_restored();
        }
    }

    /// Lays a tick over what is shown: what becomes of it, and whether its line spoke for the symbol before.
    fn lay(&mut self, at: usize, tick: &Tick, now: Instant) -> Option<(Laid, bool)> {
        let line = self.lines.get(at).filter(|line| line.follows(tick.symbol()))?;
        let laid = self.board.ticked(tick, line.name(), now)?;
        Some((laid, line.ticked(tick.symbol(), now.into_std())))
    }
}

/// Without a key that nobody set, nothing is amiss.
fn log_failure(provider: &str, error: &ProviderError, what: &str) {
    if matches!(error, ProviderError::KeyMissing { .. }) {
        tracing::info!(provider, %error, "not used");
    } else {
        tracing::warn!(provider, %error, "{what}");
    }
}
