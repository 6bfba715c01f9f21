//! The command line, and the configuration it leads to.

use std::path::PathBuf;

use clap::Parser;
use quickstocks_server::config::{Config, ConfigError, Overrides, Sources};

/// A desktop stock ticker with an MQTT broker inside.
#[derive(Debug, Clone, Parser)]
#[command(name = "quickstocks", version)]
pub(crate) struct Options {
    /// Reads the configuration from this file, not from the data folder's config.toml.
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
    /// The second start that `--selftest` tries, of an app of this name.
    #[arg(long, hide = true, value_name = "NAME")]
    pub(crate) selftest_beside: Option<String>,
}

impl Options {
    /// Where the configuration comes from: these options, the environment, and a file.
    pub(crate) fn sources(&self) -> Result<Sources, ConfigError> {
        let overrides = Overrides { data_dir: self.data_dir.clone(), feed: self.feed.clone(), ..Overrides::default() };
        Sources::new(self.config.as_deref(), std::env::vars(), &overrides)
    }
}

/// A configuration, where it came from, and what the user should know of it.
#[derive(Debug, Clone)]
pub(crate) struct Configured {
    pub(crate) config: Config,
    pub(crate) sources: Sources,
    pub(crate) notice: Option<String>,
}

impl Configured {
    /// A window can say what is wrong with the data folder's own file, so it opens on the defaults.
    pub(crate) fn by(options: &Options) -> Result<Self, ConfigError> {
        let sources = options.sources()?;
        let (config, wrong) = sources.load_or_without_file()?;
        let notice = wrong.map(|wrong| format!("{wrong}. The file is not used until that is mended."));
        Ok(Self { config, sources, notice })
    }
}
