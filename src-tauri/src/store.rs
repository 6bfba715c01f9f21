//! The desktop's store: tauri-plugin-store with a durable file written before it.
//!
//! The plugin cuts its file to nothing and then writes it, and reads a torn one as empty. So every save goes to the
//! durable file `profiles.json` first, the one a server keeps in the same folder; only then does the plugin write its
//! own `store.json`, from which is restored what the durable file cannot give. Nothing is saved by itself.

use std::{
    collections::HashMap,
    error::Error,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use quote_engine::{
    durable::{DurableError, DurableFile, Loaded},
    store::{Accounts, PROFILES_FILE, PROFILES_FORMAT, ProfileStore},
};
use serde_json::Value;
use tauri::{AppHandle, Wry};
use tauri_plugin_store::{Store, StoreBuilder};

/// The plugin's file in the data folder.
pub(crate) const STORE_FILE: &str = "store.json";
const GENERATION: &str = "generation";
const ACCOUNTS: &str = "accounts";

/// The plugin takes hooks that cannot hold anything, so the one durable file of this process stands here.
static DURABLE: OnceLock<DurableFile> = OnceLock::new();

/// What the plugin keeps in memory and writes.
pub type Contents = HashMap<String, Value>;
type HookError = Box<dyn Error + Send + Sync>;

/// The durable file of a data folder.
pub fn durable_file(data_dir: &Path) -> DurableFile {
    DurableFile::new(data_dir.join(PROFILES_FILE), PROFILES_FORMAT)
}

/// The store in the data folder of this process.
#[derive(Debug)]
pub struct PluginStore {
    durable: DurableFile,
    file: PathBuf,
    store: Opaque,
}

/// The plugin's store, which does not say what is in it.
struct Opaque(Arc<Store<Wry>>);

impl std::fmt::Debug for Opaque {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("tauri_plugin_store::Store")
    }
}

impl PluginStore {
    /// In this data folder; a process has one.
    pub fn open(app: &AppHandle, data_dir: &Path) -> tauri_plugin_store::Result<Self> {
        let durable = DURABLE.get_or_init(|| durable_file(data_dir)).clone();
        let file = data_dir.join(STORE_FILE);
        keep_private(&file);
        let store = StoreBuilder::new(app, &file).serialize(serialize).disable_auto_save().build()?;
        Ok(Self { durable, file, store: Opaque(store) })
    }

    fn durably_saved(&self, generation: u64) -> bool {
        self.durable.load::<Value>().is_ok_and(|saved| saved.generation == generation)
    }

    fn put(&self, contents: Contents) {
        for (key, value) in contents {
            self.store.0.set(key, value);
        }
    }
}

impl ProfileStore for PluginStore {
    fn load(&mut self) -> Result<Loaded<Accounts>, DurableError> {
        let contents = self.store.0.entries().into_iter().collect();
        load(&self.durable, &contents)
    }

    fn save(&mut self, generation: u64, accounts: &Accounts) -> Result<(), DurableError> {
        let encode = |source| DurableError::Encode { path: self.file.clone(), source };
        let accounts = serde_json::to_value(accounts).map_err(encode)?;
        let before: Contents = self.store.0.entries().into_iter().collect();
        self.put(contents(generation, accounts));
        match self.store.0.save() {
            Ok(()) => Ok(()),
            // The durable file has it: it is saved, and the next save writes the plugin's file again.
            Err(error) if !is_of_hook(&error) && self.durably_saved(generation) => {
                tracing::warn!(%error, path = %self.file.display(), "the copy was not written");
                Ok(())
            }
            Err(error) => {
                // The plugin saves what it holds when the app ends: it must not hold what was refused.
                self.store.0.clear();
                self.put(before);
                Err(refused(error, &self.file))
            }
        }
    }
}

/// The plugin writes over a file as it finds it: one that only its owner may read stays so.
#[cfg(unix)]
fn keep_private(file: &Path) {
    use std::os::unix::fs::OpenOptionsExt as _;
    let made = std::fs::create_dir_all(file.parent().unwrap_or(file))
        .and_then(|()| std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(file));
    if let Err(error) = made {
        // Saving will say the same, and then it matters.
        tracing::debug!(%error, path = %file.display(), "cannot be made private");
    }
}

/// Who may read it is who may read the folder there.
#[cfg(not(unix))]
fn keep_private(_: &Path) {}

/// The state and its generation as the plugin holds them.
pub fn contents(generation: u64, accounts: Value) -> Contents {
    Contents::from([(GENERATION.into(), generation.into()), (ACCOUNTS.into(), accounts)])
}

/// The plugin's hook.
fn serialize(contents: &Contents) -> Result<Vec<u8>, HookError> {
    let durable = DURABLE.get().ok_or("the durable file is not known")?;
    save_durably(durable, contents)
}

/// Writes the durable file; only then gives the bytes that the plugin may write over its own.
pub fn save_durably(durable: &DurableFile, contents: &Contents) -> Result<Vec<u8>, HookError> {
    if let (Some(generation), Some(accounts)) = (generation(contents), contents.get(ACCOUNTS)) {
        durable.save(generation, accounts)?;
    }
    Ok(serde_json::to_vec_pretty(contents)?)
}

/// The newest state that is whole: the durable file, or what the plugin read where that one is damaged or gone.
pub fn load(durable: &DurableFile, contents: &Contents) -> Result<Loaded<Accounts>, DurableError> {
    let loaded = durable.load::<Accounts>()?;
    if loaded.state.is_some() && loaded.notice.is_none() {
        return Ok(loaded);
    }
    let copy = contents.get(ACCOUNTS).and_then(|accounts| serde_json::from_value::<Accounts>(accounts.clone()).ok());
    match (generation(contents), copy) {
        (Some(generation), Some(copy)) if generation > loaded.generation => {
            let notice = loaded.notice.map(|_| {
                format!(
                    "{PROFILES_FILE} was damaged. Everything was restored from {STORE_FILE}; the damaged file is kept."
                )
            });
            Ok(Loaded { state: Some(copy), generation, notice })
        }
        _ => Ok(loaded),
    }
}

fn generation(contents: &Contents) -> Option<u64> {
    contents.get(GENERATION)?.as_u64()
}

/// Whether our hook failed, and not what the plugin does before and after it.
fn is_of_hook(error: &tauri_plugin_store::Error) -> bool {
    matches!(error, tauri_plugin_store::Error::Serialize(_))
}

fn refused(error: tauri_plugin_store::Error, path: &Path) -> DurableError {
    let path = path.to_path_buf();
    match error {
        tauri_plugin_store::Error::Serialize(error) => match error.downcast::<DurableError>() {
            Ok(error) => *error,
            Err(other) => DurableError::Write { path, source: std::io::Error::other(other) },
        },
        other => DurableError::Write { path, source: std::io::Error::other(other) },
    }
}
