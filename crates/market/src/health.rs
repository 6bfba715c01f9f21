//! How a provider is doing, as published on `provider/<name>`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Symbol;

/// Whether a provider can be relied on right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum ProviderState {
    /// It answers.
    Up,
    /// It answers some calls, or more slowly than asked.
    Degraded,
    /// It does not answer, or refuses.
    Down,
    /// It is not used.
    Off,
}

/// What is wrong with a provider, for programs; `reason` says it to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HealthCode {
    /// It wants a key of the user's, and none is set.
    KeyMissing,
    /// It does not accept the user's key.
    KeyRejected,
    /// It wants a decision of the user's first, such as about its cookies.
    Consent,
    /// It refuses this network or this client.
    Refused,
    /// It wants to be asked less often.
    RateLimited,
    /// No connection, a time-out, or its answer broke off.
    Unreachable,
    /// It answers something that is not market data.
    BadAnswer,
    /// It answers, but only by a slower way and with less beside the price.
    Reduced,
    /// It answers, but its stream does not stand.
    StreamLost,
}

/// How a provider is doing: what is wrong, since when, and when it is asked again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderHealth {
    /// The provider's name, as in `Quote::source`.
    pub name: String,
    /// Whether it can be relied on.
    pub state: ProviderState,
    /// Why, in words a user understands; left out while it is up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The same for programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<HealthCode>,
    /// Since when it has been in this state.
    #[cfg_attr(feature = "specta", specta(type = String))]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub since: Timestamp,
    /// When it is asked again, while it is not up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub next_try: Option<Timestamp>,
    /// Symbols that are followed and that it says it does not know, or that nobody has who is asked; the first
    /// [`UNKNOWN_TOLD_MAX`] of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<Symbol>,
}

/// Unknown symbols that a provider's health names at the most.
pub const UNKNOWN_TOLD_MAX: usize = 100;

/// Where the user's key for a provider is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum KeyPlace {
    /// An environment variable.
    Environment,
    /// The system's keychain.
    Keychain,
    /// `secrets.toml` in the data folder.
    File,
}

/// Whether the user's key for a provider is set, and where. Never the key itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderKey {
    /// The provider's name, as in `Quote::source`.
    pub provider: String,
    /// Where its key is kept; left out where none is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<KeyPlace>,
    /// Why that cannot be told, and what helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}
