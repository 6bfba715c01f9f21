//! The command line, and the configuration it leads to.

use std::path::PathBuf;

use clap::Parser;
use quickstocks_server::config::{Config, ConfigError, Overrides};

/// A desktop stock ticker with an MQTT broker inside.
#[derive(Debug, Clone, Parser)]
#[command(name = "quickstocks", version)]
pub(crate) struct Options {
    /// Reads the configuration from this file.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Keeps everything in this folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Takes prices from this provider, such as `yahoo` or `simulated`.
    #[arg(long, value_name = "NAME")]
    pub(crate) feed: Option<String>,
    /// Starts in the tray, without a window.
    #[arg(long)]
    pub(crate) hidden: bool,
    /// Starts every part without a window, checks it, and ends.
    #[arg(long)]
    pub(crate) selftest: bool,
}

impl Options {
    /// The configuration these options lead to.
    pub(crate) fn configuration(&self) -> Result<Config, ConfigError> {
        let overrides = Overrides { data_dir: self.data_dir.clone(), feed: self.feed.clone() };
        Config::load(self.config.as_deref(), &overrides)
    }
}
