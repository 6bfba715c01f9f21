//! What the live stream carries to a window or a browser.

use serde::{Deserialize, Serialize};

use crate::{AlertFired, LogSummary, Preferences, ProviderHealth, Quote, Symbol, Watchlists};

/// One message of the stream: the snapshot first, then whatever changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum StreamMessage {
    /// Every quote there is: replaces all that the reader had.
    Snapshot(Vec<Quote>),
    /// The newest quote of each symbol that changed since the last batch.
    Batch(Vec<Quote>),
    /// Symbols nobody follows any more: their quotes are gone.
    Gone(Vec<Symbol>),
    /// An alert of this user fired.
    Alert(AlertFired),
    /// This user's alert log changed, here or elsewhere.
    #[serde(rename = "alert_log")]
    AlertLog(LogSummary),
    /// A provider's health changed.
    Provider(ProviderHealth),
    /// This user's watchlists changed, here or elsewhere.
    Watchlists(Watchlists),
    /// What this user chose changed, here or elsewhere.
    Preferences(Box<Preferences>),
}
