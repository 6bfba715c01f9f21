//! What a feed is told at its start.

use std::{collections::BTreeSet, path::PathBuf, time::Duration};

use market::Symbol;

use super::source::Source;

/// How long a feed waits before it draws conclusions from silence.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// The time a live provider has to answer before the simulated market stands in at a very first start.
    pub stand_in_after: Duration,
    /// No quote is stale sooner.
    pub stale_after: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { stand_in_after: Duration::from_secs(5), stale_after: Duration::from_secs(15) }
    }
}

/// What a feed is told at its start.
#[derive(Debug)]
pub struct FeedConfig {
    /// Where quotes come from.
    pub source: Source,
    /// How often a symbol is asked for while its market trades.
    pub poll_interval: Duration,
    /// Followed whatever the users do.
    pub symbols: BTreeSet<Symbol>,
    /// Where the last quotes are kept between two runs; `None` keeps none.
    pub data_dir: Option<PathBuf>,
    /// How long it waits before it draws conclusions from silence.
    pub patience: Patience,
}
