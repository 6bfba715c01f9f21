//! Where profiles are kept: the seam between the desk and a disk.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    path::Path,
};

use market::{Edited, Profile, UserName};
use serde::{Deserialize, Serialize};

use crate::durable::{DurableError, DurableFile, Loaded};

/// The format of the state written by this version.
pub const PROFILES_FORMAT: u32 = 1;
/// The file's name in the data folder.
pub const PROFILES_FILE: &str = "profiles.json";
/// Changes of one user that are remembered by their ids: more than are made while one is asked for again.
const ANSWERED_MAX: usize = 32;

/// One user, as kept on disk: the profile, and what is kept of token and password, never these.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// SHA-256 of the token, in hex.
    pub token_sha256: String,
    /// The argon2id hash of the password, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Whether the user may publish quotes of its own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_feed: bool,
    /// Watchlists, alerts, preferences.
    pub profile: Profile,
    /// The last changes that were asked for on the bus and made, the newest first, by id: asked for again, after a
    /// restart of the desk too, they are not made again.
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    pub answered: VecDeque<(String, Edited)>,
}

impl Account {
    /// An account that a token opens, without further rights.
    pub fn new(token_sha256: String, profile: Profile) -> Self {
        Self { token_sha256, password: None, may_feed: false, profile, answered: VecDeque::new() }
    }

    /// What came of a change of that id, where it was made.
    pub(crate) fn has_answered(&self, id: Option<&str>) -> Option<Edited> {
        let id = id?;
        self.answered.iter().find(|(known, _)| known == id).map(|(_, edited)| *edited)
    }

    /// A change of that id is made.
    pub(crate) fn answers(&mut self, id: Option<String>, edited: Edited) {
        if let Some(id) = id {
            self.answered.push_front((id, edited));
            self.answered.truncate(ANSWERED_MAX);
        }
    }
}

/// Every user there is.
pub type Accounts = BTreeMap<UserName, Account>;

/// Where profiles are kept. A save that returned has survived; one that failed changed nothing.
pub trait ProfileStore: fmt::Debug + Send + 'static {
    /// The newest state that is whole.
    fn load(&mut self) -> Result<Loaded<Accounts>, DurableError>;

    /// Writes the state of this generation.
    fn save(&mut self, generation: u64, accounts: &Accounts) -> Result<(), DurableError>;
}

/// The store of a server: one durable file in the data folder.
#[derive(Debug)]
pub struct FileStore(DurableFile);

impl FileStore {
    /// In this data folder.
    pub fn new(data_dir: &Path) -> Self {
        Self(DurableFile::new(data_dir.join(PROFILES_FILE), PROFILES_FORMAT))
    }

    /// The newest state that is whole, for a reader that may change nothing.
    pub fn peek(&self) -> Result<Accounts, DurableError> {
        Ok(self.0.peek()?.unwrap_or_default())
    }
}

impl ProfileStore for FileStore {
    fn load(&mut self) -> Result<Loaded<Accounts>, DurableError> {
        self.0.load()
    }

    fn save(&mut self, generation: u64, accounts: &Accounts) -> Result<(), DurableError> {
        self.0.save(generation, accounts)
    }
}
