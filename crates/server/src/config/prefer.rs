//! `[feed.prefer]`: who is asked first for which kinds and markets.

use std::collections::BTreeMap;

use quote_engine::feed::prefer::{Group, Preference};
use serde::{Deserialize, Serialize};

use super::{FeedChoice, LiveProvider};

/// By kind (`crypto`), exchange's suffix (`.L`) or market (`London`): names of providers, the preferred one first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "BTreeMap<String, Names>", into = "BTreeMap<String, Vec<&'static str>>")]
pub struct Prefer(BTreeMap<String, (Group, Vec<LiveProvider>)>);

/// One name or several.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a provider's name or a list of them")]
enum Names {
    Text(String),
    List(Vec<String>),
}

impl Prefer {
    /// As the feed wants them.
    pub fn preferences(&self) -> Vec<Preference> {
        let names = |first: &[LiveProvider]| first.iter().map(|provider| provider.name().to_owned()).collect();
        self.0.values().map(|(of, first)| Preference { of: of.clone(), first: names(first) }).collect()
    }

    /// Whether everybody named is asked at all; what is made up or played is alone, and has no order.
    pub(super) fn check(&self, asked: &FeedChoice) -> Result<(), String> {
        let FeedChoice::Live(asked) = asked else { return Ok(()) };
        if asked.contains(&LiveProvider::Replay) {
            return Ok(());
        }
        let stranger = |(key, (_, first)): (&String, &(_, Vec<LiveProvider>))| {
            Some((key.clone(), *first.iter().find(|p| !asked.contains(p))?))
        };
        match self.0.iter().find_map(stranger) {
            Some((key, provider)) => {
                let names: Vec<&str> = asked.iter().map(|provider| provider.name()).collect();
                let (provider, names) = (provider.name(), names.join(", "));
                Err(format!("{key:?} names {provider:?}, which feed.provider does not; allowed: {names}"))
            }
            None => Ok(()),
        }
    }
}

impl TryFrom<BTreeMap<String, Names>> for Prefer {
    type Error = String;
    fn try_from(table: BTreeMap<String, Names>) -> Result<Self, String> {
        let entry = |(key, names): (String, Names)| Ok((key.clone(), (Group::parse(&key)?, providers(&key, names)?)));
        table.into_iter().map(entry).collect::<Result<_, String>>().map(Self)
    }
}

fn providers(key: &str, names: Names) -> Result<Vec<LiveProvider>, String> {
    let names = match names {
        Names::Text(name) => vec![name],
        Names::List(names) => names,
    };
    let live = || LiveProvider::ALL.iter().filter(|provider| **provider != LiveProvider::Replay);
    let allowed = || live().map(|provider| provider.name()).collect::<Vec<_>>().join(", ");
    if names.is_empty() {
        return Err(format!("{key:?} names nobody; allowed: {}", allowed()));
    }
    let named = |name: String| match live().find(|provider| provider.name() == name.trim()) {
        Some(provider) => Ok(*provider),
        None => Err(format!("{key:?} names {name:?}; allowed: {}", allowed())),
    };
    names.into_iter().map(named).collect()
}

impl From<Prefer> for BTreeMap<String, Vec<&'static str>> {
    fn from(prefer: Prefer) -> Self {
        let names = |first: Vec<LiveProvider>| first.iter().map(|provider| provider.name()).collect();
        prefer.0.into_iter().map(|(key, (_, first))| (key, names(first))).collect()
    }
}
