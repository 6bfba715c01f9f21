//! What a command answers when it cannot do what was asked.

use market::{EditError, SymbolError};
use quickstocks_server::config::ChangeError;
use quote_engine::{
    desk::DeskError, destinations::DestinationsError, durable::DurableError, provider::ProviderError,
    secrets::SecretsError,
};
use serde::Serialize;

/// What went wrong, in a word for the program and a sentence for the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct UiError {
    /// For the program.
    pub code: ErrorCode,
    /// For the user.
    pub message: String,
}

/// What went wrong, for the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// There is no such thing.
    NotFound,
    /// What was asked makes no sense.
    Invalid,
    /// The change could not be made to survive; nothing was changed.
    NotSaved,
    /// Somebody else does not answer, now.
    Unavailable,
    /// A fault of ours.
    Internal,
}

impl UiError {
    /// What was asked makes no sense.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self { code: ErrorCode::Invalid, message: message.into() }
    }

    /// Somebody else is in the way, now.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self { code: ErrorCode::Unavailable, message: message.into() }
    }

    /// A fault of ours.
    pub fn internal(message: impl Into<String>) -> Self {
        Self { code: ErrorCode::Internal, message: message.into() }
    }

    /// There is no such thing.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self { code: ErrorCode::NotFound, message: message.into() }
    }
}

impl From<SymbolError> for UiError {
    fn from(error: SymbolError) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<ChangeError> for UiError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::NotSaved(error) => error.into(),
            ChangeError::Config(_) | ChangeError::Overridden { .. } => Self::invalid(error.to_string()),
        }
    }
}

impl From<DurableError> for UiError {
    fn from(error: DurableError) -> Self {
        Self { code: ErrorCode::NotSaved, message: error.to_string() }
    }
}

impl From<DeskError> for UiError {
    fn from(error: DeskError) -> Self {
        let code = match &error {
            DeskError::NoUser(_)
            | DeskError::NoBackup(_)
            | DeskError::Edit(
                EditError::NoList(_)
                | EditError::NoAlert(_)
                | EditError::NoLogEntry(_)
                | EditError::NotListed { .. }
                | EditError::NoDestination(_),
            ) => ErrorCode::NotFound,
            DeskError::Edit(_)
            | DeskError::Password(_)
            | DeskError::UserExists(_)
            | DeskError::TooManyUsers
            | DeskError::Owner(_) => ErrorCode::Invalid,
            DeskError::NotSaved(_) => ErrorCode::NotSaved,
            DeskError::OutOfReach => ErrorCode::Unavailable,
            DeskError::Closed => ErrorCode::Internal,
        };
        Self { code, message: error.to_string() }
    }
}

impl From<ProviderError> for UiError {
    fn from(error: ProviderError) -> Self {
        let code = match error {
            ProviderError::UnknownSymbol { .. } => ErrorCode::NotFound,
            _ => ErrorCode::Unavailable,
        };
        Self { code, message: error.to_string() }
    }
}

impl From<SecretsError> for UiError {
    fn from(error: SecretsError) -> Self {
        let code = match error {
            SecretsError::Unknown { .. } => ErrorCode::NotFound,
            SecretsError::Unfit { .. } | SecretsError::UnfitForDestination | SecretsError::Elsewhere { .. } => {
                ErrorCode::Invalid
            }
            SecretsError::Keychain { .. }
            | SecretsError::NoKeychain { .. }
            | SecretsError::OfDestination { .. }
            | SecretsError::File { .. } => ErrorCode::NotSaved,
        };
        Self { code, message: error.to_string() }
    }
}

impl From<DestinationsError> for UiError {
    fn from(error: DestinationsError) -> Self {
        match error {
            DestinationsError::Desk(error) => error.into(),
            DestinationsError::Secret(error) => error.into(),
            DestinationsError::NoLetter(_) => Self::not_found(error.to_string()),
            DestinationsError::NoSecret | DestinationsError::NoBrowser(_) => Self::invalid(error.to_string()),
            DestinationsError::PushKey(_) | DestinationsError::NotRunning | DestinationsError::TooManyTests => {
                Self::unavailable(error.to_string())
            }
        }
    }
}
