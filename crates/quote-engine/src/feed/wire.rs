//! What is asked of an engine in another process, and what it answers.

use std::collections::BTreeSet;

use market::{History, Instrument, MarketHours, MarketList, Range, Symbol};
use serde::{Deserialize, Serialize};

use super::handle::Looked;
use crate::provider::{ProviderError, Retry};

/// Where questions to one of the engines go.
pub(super) fn address(instance: &str) -> String {
    format!("engine-{instance}")
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Question {
    Look(BTreeSet<Symbol>),
    Retry,
    KeyChanged,
    Search(String),
    History(Symbol, Range),
    List(MarketList),
    Sparks(BTreeSet<Symbol>),
    Hours(BTreeSet<Symbol>),
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    Looked(Looked),
    Found(Vec<Instrument>),
    History(Box<History>),
    Charts(Vec<History>),
    Hours(Vec<MarketHours>),
    Done,
}

/// Why there is none: what a provider told, in words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Failure {
    text: String,
    /// It lies with what was asked for.
    never: bool,
    /// A symbol that nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<Symbol>,
}

/// One or the other.
pub(super) type Outcome = Result<Answer, Failure>;

impl From<ProviderError> for Failure {
    fn from(error: ProviderError) -> Self {
        let (text, never) = (error.to_string(), error.retry() == Retry::Never);
        let unknown = if let ProviderError::UnknownSymbol { symbol, .. } = error { Some(symbol) } else { None };
        Self { text, never, unknown }
    }
}

impl From<Failure> for ProviderError {
    fn from(failure: Failure) -> Self {
        match failure.unknown {
            Some(symbol) => Self::UnknownSymbol { provider: "No provider", symbol },
            None => Self::Elsewhere { text: failure.text, never: failure.never },
        }
    }
}
