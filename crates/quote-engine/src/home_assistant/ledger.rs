//! What was announced and is not known to be withdrawn: a small file, so that a later start can take back what Home
//! Assistant still believes, even after the setting was turned off. Never grows beyond a bound.

use std::{
    collections::{BTreeSet, HashSet},
    path::{Path, PathBuf},
};

use bus::Component;

use crate::durable::DurableFile;

const FILE: &str = "home-assistant.json";
const FORMAT: u32 = 1;
/// What is announced beyond so much cannot be taken back by a later start.
const ENTRIES_MAX: usize = 20_000;

#[derive(Debug)]
pub(super) struct Ledger {
    file: DurableFile,
    generation: u64,
    entries: BTreeSet<(Component, String)>,
    changed: bool,
}

fn path(data_dir: &Path) -> PathBuf {
    data_dir.join(FILE)
}

impl Ledger {
    pub(super) fn is_there(data_dir: &Path) -> bool {
        path(data_dir).exists()
    }

    /// What cannot be read is told and forgotten: at worst something stays at Home Assistant until somebody removes it.
    pub(super) fn open(data_dir: &Path) -> Self {
        let file = DurableFile::new(path(data_dir), FORMAT);
        let loaded = file.load::<[BTreeSet<String>; 2]>().inspect_err(|error| tracing::warn!(%error));
        let (generation, state) = loaded.map_or((0, None), |loaded| (loaded.generation, loaded.state));
        let [sensors, events] = state.unwrap_or_default();
        let of = |component, ids: BTreeSet<String>| ids.into_iter().map(move |id| (component, id));
        let entries = of(Component::Sensor, sensors).chain(of(Component::Event, events)).take(ENTRIES_MAX).collect();
        Self { file, generation, entries, changed: false }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn note(&mut self, component: Component, id: &str) {
        if self.entries.len() < ENTRIES_MAX {
            self.changed |= self.entries.insert((component, id.to_owned()));
        }
    }

    pub(super) fn forget(&mut self, component: Component, id: &str) {
        self.changed |= self.entries.remove(&(component, id.to_owned()));
    }

    pub(super) fn all_but(&self, present: &HashSet<(Component, String)>) -> Vec<(Component, String)> {
        self.entries.iter().filter(|entry| !present.contains(*entry)).cloned().collect()
    }

    /// Writes down what has changed. Where that fails it is told, and tried again with the next change.
    pub(super) fn save(&mut self) {
        if !std::mem::take(&mut self.changed) {
            return;
        }
        self.generation += 1;
        let of = |which: Component| -> BTreeSet<&str> {
            self.entries.iter().filter(|(component, _)| *component == which).map(|(_, id)| id.as_str()).collect()
        };
        let saved = if self.is_empty() {
            self.file.remove()
        } else {
            self.file.save(self.generation, &[of(Component::Sensor), of(Component::Event)])
        };
        if let Err(error) = saved {
            tracing::warn!(%error, "what Home Assistant was told is not written down");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_announced_is_known_at_the_next_start_until_it_is_withdrawn() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(folder.path());
        assert!(!Ledger::is_there(folder.path()) && ledger.is_empty());
        ledger.note(Component::Sensor, "a");
        ledger.note(Component::Event, "a");
        ledger.save();
        let mut next = Ledger::open(folder.path());
        let present = HashSet::from([(Component::Sensor, "a".to_owned())]);
        assert_eq!(next.all_but(&present), [(Component::Event, "a".to_owned())]);
        next.forget(Component::Sensor, "a");
        next.forget(Component::Event, "a");
        next.save();
        assert!(!Ledger::is_there(folder.path()));
    }
}
