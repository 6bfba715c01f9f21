//! A small file that a provider keeps in the data folder between runs, readable by its owner only.
//!
//! It is a convenience: where it cannot be read there is none. It is never written where the folder is only to be read.

use std::{fs, io::Read as _, path::PathBuf};

use serde::Serialize;

use super::settings::{Keep, Network};
use crate::durable::{DurableError, write_secret};

/// Where it is, and whether it may be changed.
#[derive(Debug, Clone)]
pub(super) struct KeptFile {
    path: PathBuf,
    keep: Keep,
}

impl KeptFile {
    /// `None` where nothing is kept.
    pub(super) fn new(network: &Network, name: &str) -> Option<Self> {
        Some(Self { path: network.data_dir.as_ref()?.join(name), keep: network.keep })
    }

    /// What stands in it, so many bytes at the most.
    pub(super) fn read(&self, bytes_max: u64) -> Option<String> {
        let mut text = String::new();
        fs::File::open(&self.path).ok()?.take(bytes_max).read_to_string(&mut text).ok()?;
        Some(text)
    }

    /// Writes it anew, whole or not at all.
    pub(super) fn write(&self, content: &impl Serialize) -> Result<(), DurableError> {
        if self.keep == Keep::ReadOnly {
            return Ok(());
        }
        let encode = |source| DurableError::Encode { path: self.path.clone(), source };
        write_secret(&self.path, &serde_json::to_string(content).map_err(encode)?)
    }

    /// Removes it, if it is there.
    pub(super) fn remove(&self) -> std::io::Result<()> {
        if self.keep == Keep::ReadOnly { Ok(()) } else { fs::remove_file(&self.path) }
    }
}
