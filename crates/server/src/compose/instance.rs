//! What this process is called among others of its kind: after the machine and the data folder, so that a restart is the
//! same instance; a service that runs alone also after its place in the folder, so that two are never one.

use std::{
    fs::{File, TryLockError},
    path::Path,
};

use quote_engine::peers::MACHINE_DIGITS;
use sha2::{Digest as _, Sha256};

use super::Roles;

/// Processes of one service in one data folder at the most.
const PLACES_MAX: usize = 64;

/// A name, and what makes sure that nobody else has it.
#[derive(Debug)]
pub(super) struct Instance {
    pub(super) name: String,
    /// The place in the folder, from 1.
    pub(super) place: usize,
    _lock: Option<File>,
}

impl Instance {
    pub(super) fn of(data_dir: &Path, roles: &Roles) -> Self {
        let folder = std::path::absolute(data_dir).unwrap_or_else(|_| data_dir.to_owned());
        let named = format!("{}{}", digits(&machine()), digits(&folder.display().to_string()));
        let Some(role) = roles.alone() else { return Self { name: named, place: 1, _lock: None } };
        match first_free(data_dir, role.name()) {
            Some((place, lock)) => Self { name: format!("{named}-{place}"), place, _lock: Some(lock) },
            // A folder that cannot be written: still unlike any other.
            None => Self { name: format!("{named}-p{}", std::process::id()), place: PLACES_MAX, _lock: None },
        }
    }
}

fn first_free(data_dir: &Path, service: &str) -> Option<(usize, File)> {
    std::fs::create_dir_all(data_dir).ok()?;
    (1..PLACES_MAX).find_map(|place| {
        let file = File::create(data_dir.join(format!("{service}-{place}.lock"))).ok()?;
        match file.try_lock() {
            Ok(()) => Some((place, file)),
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => None,
        }
    })
}

fn machine() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}

fn digits(text: &str) -> String {
    hex::encode(&Sha256::digest(text)[..MACHINE_DIGITS / 2])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::Role;

    #[test]
    fn no_two_at_once_have_one_name_and_a_restart_has_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let engine = || Instance::of(folder.path(), &Roles::only(Role::Engine));
        let (first, second) = (engine(), engine());
        assert_eq!((first.place, second.place), (1, 2));
        let all = Instance::of(folder.path(), &Roles::all(true)).name;
        assert_eq!((first.name.clone(), second.name), (format!("{all}-1"), format!("{all}-2")));
        drop(first);
        assert_eq!(engine().name, format!("{all}-1"));
        let elsewhere = tempfile::tempdir().unwrap();
        let other = Instance::of(elsewhere.path(), &Roles::only(Role::Engine)).name;
        assert!(other[..MACHINE_DIGITS] == all[..MACHINE_DIGITS] && other != format!("{all}-1"), "{other}");
    }
}
