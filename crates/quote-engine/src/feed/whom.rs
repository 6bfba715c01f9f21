//! Whom to ask for what is no quote (charts, lists, what a search finds), and in which order: the feed knows who is well
//! and what the user prefers for which symbol, so it is asked for that first. Costs no request.

use std::sync::Arc;

use market::Symbol;
use tokio::sync::oneshot;

use super::{
    Feed,
    handle::{Command, LocalFeed},
};
use crate::provider::Provider;

/// A line in its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn {
    /// Its place among the providers.
    at: usize,
    well: bool,
    preferred: bool,
}

/// A question to the feed for the order.
#[derive(Debug)]
pub(super) struct TurnsWanted {
    /// About which symbol something is asked; `None` where it is about none.
    about: Option<Symbol>,
    done: oneshot::Sender<Vec<Turn>>,
}

/// A provider in its turn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) provider: &'a Arc<dyn Provider>,
    /// Whether it answers.
    pub(super) well: bool,
    /// Whether the user prefers it for the symbol.
    pub(super) preferred: bool,
}

impl Feed {
    pub(super) fn tell_turns(&self, wanted: TurnsWanted) {
        // Whoever asked may have turned away.
        let _ = wanted.done.send(self.turns(wanted.about.as_ref()));
    }

    /// In the user's order, but those that answer before those that do not.
    fn turns(&self, about: Option<&Symbol>) -> Vec<Turn> {
        let (order, preferred) = self.lines.order_for(about);
        let lines: Vec<_> = self.lines.iter().collect();
        let turn = |at: &usize| Turn { at: *at, well: lines[*at].is_well(), preferred: preferred.contains(at) };
        let mut turns: Vec<Turn> = order.iter().map(turn).collect();
        turns.sort_by_key(|turn| !turn.well);
        turns
    }
}

impl LocalFeed {
    /// Who is asked about a symbol, or about none in particular, in which order. While the simulated market stands in it
    /// is the only one, so that nothing is mixed.
    pub(super) async fn asked(&self, about: Option<&Symbol>) -> Vec<Asked<'_>> {
        if let Some(stand_in) = self.source.stand_in.as_ref().filter(|_| self.stands_in()) {
            return vec![Asked { provider: stand_in, well: true, preferred: false }];
        }
        let asked =
            |Turn { at, well, preferred }| Some(Asked { provider: self.source.providers.get(at)?, well, preferred });
        self.turns(about).await.into_iter().filter_map(asked).collect()
    }

    /// Of a feed that has ended the usual order is what is left.
    async fn turns(&self, about: Option<&Symbol>) -> Vec<Turn> {
        let (done, turns) = oneshot::channel();
        let wanted = TurnsWanted { about: about.cloned(), done };
        // A send that fails drops the other end.
        let _ = self.commands.send(Command::Turns(wanted)).await;
        let usual = || (0..self.source.providers.len()).map(|at| Turn { at, well: false, preferred: false });
        turns.await.unwrap_or_else(|_| usual().collect())
    }
}
