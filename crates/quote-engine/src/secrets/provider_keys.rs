//! Keys by the name of their provider, as the settings show and change them. A key goes in here and never comes out.

use market::ProviderKey;
use secrecy::SecretString;

use super::{KNOWN, Secrets, SecretsError};

impl Secrets {
    /// Of every provider that takes a key: whether one is set, and where.
    pub async fn provider_keys(&self) -> Vec<ProviderKey> {
        let mut keys = Vec::new();
        for provider in KNOWN.iter().filter_map(|name| provider_of(name)) {
            keys.push(self.provider_key(provider).await);
        }
        keys
    }

    /// Of one provider: whether a key is set, and where.
    pub async fn provider_key(&self, provider: &str) -> ProviderKey {
        let (place, problem) = match self.place(&name_of(provider)).await {
            Ok(place) => (place, None),
            Err(error) => (None, Some(error.to_string())),
        };
        ProviderKey { provider: provider.to_owned(), place, problem }
    }

    /// Keeps the user's key for a provider in the keychain, in place of the one before.
    pub async fn set_provider_key(&self, provider: &str, key: &SecretString) -> Result<(), SecretsError> {
        self.set(&name_of(provider), key).await
    }

    /// Removes the user's key for a provider from the keychain.
    pub async fn remove_provider_key(&self, provider: &str) -> Result<(), SecretsError> {
        self.remove(&name_of(provider)).await
    }
}

fn name_of(provider: &str) -> String {
    format!("provider.{provider}.key")
}

fn provider_of(name: &str) -> Option<&str> {
    name.strip_prefix("provider.")?.strip_suffix(".key")
}
