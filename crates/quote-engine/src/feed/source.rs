//! Where quotes come from: live providers in order of preference, and the made-up market that may stand in.

use std::sync::Arc;

use market::quote::{REPLAY, SIMULATED};

use super::prefer::Preference;
use crate::provider::Provider;

/// Where quotes come from.
#[derive(Debug, Clone)]
pub struct Source {
    pub(super) providers: Vec<Arc<dyn Provider>>,
    pub(super) stand_in: Option<Arc<dyn Provider>>,
    pub(super) preferences: Vec<Preference>,
}

impl Source {
    /// This provider and no other.
    pub fn only(provider: Arc<dyn Provider>) -> Self {
        Self::of(vec![provider])
    }

    /// These, the preferred one first: each symbol comes from the first that covers it and is well.
    pub fn of(providers: Vec<Arc<dyn Provider>>) -> Self {
        Self { providers, stand_in: None, preferences: Vec::new() }
    }

    /// And this made-up market at a first start, while nothing live has ever been seen.
    #[must_use]
    pub fn with_stand_in(self, stand_in: Arc<dyn Provider>) -> Self {
        Self { stand_in: Some(stand_in), ..self }
    }

    /// And in another order for some kinds and markets. A name that is no provider's here counts for nothing.
    #[must_use]
    pub fn preferring(self, preferences: Vec<Preference>) -> Self {
        Self { preferences, ..self }
    }

    /// Whether what is shown is neither made up nor recorded.
    pub(super) fn is_of_now(&self) -> bool {
        self.providers.iter().all(|provider| !matches!(provider.name(), SIMULATED | REPLAY))
    }
}
