//! The last states of each user's profile, kept in files of their own before what could lose one.
//!
//! At most [`BACKUPS_MAX`] a user; the oldest goes first. Whoever lists or reads them changes nothing, and one that
//! cannot be read is named and skipped.

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
};

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use market::{Backup, Backups, Profile, Symbol, UserName, backup::BACKUPS_MAX};
use serde::{Deserialize, Serialize};

use crate::durable::{DurableError, DurableFile};

/// The folder's name in the data folder.
pub const BACKUPS_FOLDER: &str = "backups";
/// The format of a state written by this version.
const BACKUP_FORMAT: u32 = 1;
/// How the moment stands in a name, so that names are in order of time and fit every file system.
const MOMENT: &str = "%Y-%m-%dT%H-%M-%S-%3fZ";

/// A state as it stands in its file.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    at: Timestamp,
    profile: Profile,
}

/// The folder with the states of every user.
#[derive(Debug, Clone)]
pub struct BackupFolder(PathBuf);

impl BackupFolder {
    /// In this data folder.
    pub fn new(data_dir: &Path) -> Self {
        Self(data_dir.join(BACKUPS_FOLDER))
    }

    /// What is kept of a user.
    pub fn list(&self, user: &UserName) -> Backups {
        let mut backups = Backups::default();
        for id in self.ids(user).into_iter().rev() {
            match self.file(user, &id).peek::<Kept>() {
                Ok(Some(kept)) => backups.backups.push(described(id, &kept)),
                Ok(None) | Err(_) => backups.damaged.push(file_name(user, &id)),
            }
        }
        backups
    }

    /// One of the states that [`BackupFolder::list`] told of; `None` where there is none of that name, or it cannot be
    /// read.
    pub fn read(&self, user: &UserName, id: &str) -> Option<Profile> {
        // Names come from outside: only one that stands in the folder becomes a path.
        let id = self.ids(user).into_iter().find(|present| present == id)?;
        self.file(user, &id).peek::<Kept>().ok().flatten().map(|kept| kept.profile)
    }

    /// Whether nothing has been kept of a user on this day.
    pub fn is_due(&self, user: &UserName, now: Timestamp) -> bool {
        let today = now.strftime("%Y-%m-%d").to_string();
        // A clock that was set back makes none for each edit.
        self.ids(user).last().is_none_or(|newest| newest.get(..today.len()).is_none_or(|day| day < today.as_str()))
    }

    /// Keeps a state, and no more of them than are to be kept. When this returns, it has survived.
    pub fn keep(&self, profile: &Profile, now: Timestamp) -> Result<(), DurableError> {
        let id = id_of(self.moment_after_all(&profile.user, now));
        self.file(&profile.user, &id).save(1, &Kept { at: now, profile: profile.clone() })?;
        self.prune(&profile.user);
        Ok(())
    }

    /// Now, or just after the newest state where the clock says that is not yet over: names are in order.
    fn moment_after_all(&self, user: &UserName, now: Timestamp) -> Timestamp {
        let newest = self.ids(user).last().and_then(|id| moment_of(id));
        let next = newest.and_then(|newest| newest.checked_add(SignedDuration::from_millis(1)).ok());
        next.map_or(now, |next| next.max(now))
    }

    fn prune(&self, user: &UserName) {
        let ids = self.ids(user);
        for id in ids.iter().take(ids.len().saturating_sub(BACKUPS_MAX)) {
            let path = self.0.join(file_name(user, id));
            if let Err(error) = fs::remove_file(&path) {
                tracing::warn!(path = %path.display(), %error, "an old backup cannot be removed");
            }
        }
    }

    /// Removes every state of a user who is gone.
    pub fn remove_all(&self, user: &UserName) {
        for id in self.ids(user) {
            let path = self.0.join(file_name(user, &id));
            if let Err(error) = fs::remove_file(&path) {
                tracing::warn!(path = %path.display(), %error, "a backup of a user who is gone cannot be removed");
            }
        }
    }

    fn file(&self, user: &UserName, id: &str) -> DurableFile {
        DurableFile::new(self.0.join(file_name(user, id)), BACKUP_FORMAT)
    }

    /// Of the user's states, the oldest first.
    fn ids(&self, user: &UserName) -> Vec<String> {
        let end = format!(".{user}.json");
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::warn!(folder = %self.0.display(), %error, "backups cannot be looked at");
                }
                return Vec::new();
            }
        };
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let mut ids: Vec<String> = names.filter_map(|name| name.strip_suffix(&end).map(str::to_owned)).collect();
        ids.sort_unstable();
        ids
    }
}

fn id_of(at: Timestamp) -> String {
    at.strftime(MOMENT).to_string()
}

fn moment_of(id: &str) -> Option<Timestamp> {
    TimeZone::UTC.to_timestamp(DateTime::strptime(MOMENT, id).ok()?).ok()
}

/// The moment first: some systems know names that no file may begin with.
fn file_name(user: &UserName, id: &str) -> String {
    format!("{id}.{user}.json")
}

fn described(id: String, kept: &Kept) -> Backup {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let Profile { watchlists, alerts, .. } = &kept.profile;
    let symbols: HashSet<&Symbol> = watchlists.iter().flat_map(|list| &list.symbols).collect();
    Backup {
        id,
        at: kept.at,
        lists: count(watchlists.len()),
        symbols: count(symbols.len()),
        alerts: count(alerts.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn folder() -> (tempfile::TempDir, BackupFolder) {
        let folder = tempfile::tempdir().unwrap();
        let backups = BackupFolder::new(folder.path());
        (folder, backups)
    }

    fn profile(symbols: usize) -> Profile {
        let mut profile = Profile::new(UserName::me());
        let each = (0..symbols).map(|n| Symbol::parse(&format!("S{n}")).unwrap());
        profile.watchlists = vec![market::Watchlist::new("one", each)];
        profile
    }

    #[test]
    fn the_last_ten_are_kept_the_newest_first() {
        let (_folder, backups) = folder();
        assert_eq!(backups.list(&UserName::me()), Backups::default());
        let now = at("2026-11-25T10:00:00Z");
        for symbols in 0..12 {
            backups.keep(&profile(symbols), now).unwrap();
        }
        let list = backups.list(&UserName::me()).backups;
        let symbols: Vec<u32> = list.iter().map(|each| each.symbols).collect();
        assert_eq!(symbols, (2..12).rev().collect::<Vec<_>>(), "although all were made in one moment");
        assert_eq!((list[0].at, list[0].lists, list[0].alerts), (now, 1, 0));
        assert_eq!(backups.read(&UserName::me(), &list[9].id), Some(profile(2)));
    }

    #[test]
    fn a_day_has_one_of_its_own() {
        let (_folder, backups) = folder();
        let (me, noon) = (UserName::me(), at("2026-11-25T12:00:00Z"));
        assert!(backups.is_due(&me, noon));
        backups.keep(&profile(1), noon).unwrap();
        assert!(!backups.is_due(&me, at("2026-11-25T23:59:59Z")));
        assert!(backups.is_due(&me, at("2026-11-26T00:00:00Z")));
        assert!(backups.is_due(&UserName::parse("you").unwrap(), noon));
        assert!(!backups.is_due(&me, at("2026-11-20T12:00:00Z")), "the clock was set back");
        backups.keep(&profile(2), at("2026-11-20T12:00:00Z")).unwrap();
        let newest = &backups.list(&me).backups[0];
        assert_eq!((newest.id.as_str(), newest.symbols), ("2026-11-25T12-00-00-001Z", 2));
    }

    #[test]
    fn a_damaged_one_is_named_and_skipped() {
        let (folder, backups) = folder();
        let me = UserName::me();
        backups.keep(&profile(1), at("2026-11-24T12:00:00Z")).unwrap();
        backups.keep(&profile(2), at("2026-11-25T12:00:00Z")).unwrap();
        let newest = "2026-11-25T12-00-00-000Z";
        let path = folder.path().join(BACKUPS_FOLDER).join(format!("{newest}.me.json"));
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("S1", "S7")).unwrap();
        let list = backups.list(&me);
        assert_eq!((list.backups.len(), list.backups[0].symbols), (1, 1));
        assert_eq!(list.damaged, [format!("{newest}.me.json")]);
        assert_eq!(backups.read(&me, newest), None);
        assert!(path.exists(), "looking moves nothing");
    }

    #[test]
    fn what_is_asked_for_never_leads_elsewhere() {
        let (folder, backups) = folder();
        backups.keep(&profile(1), at("2026-11-25T12:00:00Z")).unwrap();
        fs::write(folder.path().join("secret.me.json"), "{}").unwrap();
        for id in ["../secret", "", "2026-11-25T12-00-00-000Z.me.json", "/etc/passwd"] {
            assert_eq!(backups.read(&UserName::me(), id), None, "{id}");
        }
        assert_eq!(backups.read(&UserName::parse("you").unwrap(), "2026-11-25T12-00-00-000Z"), None);
    }
}
