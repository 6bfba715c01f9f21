//! The alert logs: one durable file for each user, beside the profiles, so that what fires does not write lists anew
//! and an edit of a list does not write what fired.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use market::{AlertLog, UserName};

use crate::durable::{DurableError, DurableFile};

/// The folder of the logs in the data folder.
pub const LOGS_FOLDER: &str = "alert-log";
/// The format of the logs written by this version.
const LOG_FORMAT: u32 = 1;

/// The logs of everybody who has one.
pub(super) type Logs = BTreeMap<UserName, Arc<AlertLog>>;

/// The files.
#[derive(Debug)]
pub(super) struct LogFiles {
    folder: PathBuf,
    generations: BTreeMap<UserName, u64>,
}

impl LogFiles {
    /// In this data folder.
    pub(super) fn new(data_dir: &Path) -> Self {
        Self { folder: data_dir.join(LOGS_FOLDER), generations: BTreeMap::new() }
    }

    /// Not by the bare name: some of those are devices on Windows.
    fn file(&self, user: &UserName) -> DurableFile {
        DurableFile::new(self.folder.join(format!("user-{user}.json")), LOG_FORMAT)
    }

    /// The logs of these users, and what should be known about their files.
    pub(super) fn load<'a>(
        &mut self,
        users: impl Iterator<Item = &'a UserName>,
    ) -> Result<(Logs, Vec<String>), DurableError> {
        let (mut logs, mut notices) = (Logs::new(), Vec::new());
        for user in users {
            let loaded = self.file(user).load::<AlertLog>()?;
            self.generations.insert(user.clone(), loaded.generation);
            notices.extend(loaded.notice);
            if let Some(log) = loaded.state {
                logs.insert(user.clone(), Arc::new(log));
            }
        }
        Ok((logs, notices))
    }

    /// Removes the log of a user who is gone.
    pub(super) fn remove(&mut self, user: &UserName) -> Result<(), DurableError> {
        self.generations.remove(user);
        self.file(user).remove()
    }

    /// Writes a log. When this returns, it has survived.
    pub(super) fn save(&mut self, user: &UserName, log: &AlertLog) -> Result<(), DurableError> {
        let generation = self.generations.get(user).map_or(1, |before| before + 1);
        self.file(user).save(generation, log)?;
        self.generations.insert(user.clone(), generation);
        Ok(())
    }
}
