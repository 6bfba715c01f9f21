//! Quickstocks without a window: configuration, composition, REST and the live stream.
//!
//! The daemon `quickstocksd` and the desktop app stand on the same three parts. Must never know what a vendor or a
//! broker says on the wire: that is the business of the crates below.

pub mod api;
pub mod compose;
pub mod config;
pub mod doctor;
pub mod mqtt_stats;
pub mod record;
pub mod selftest;
pub mod settings;
pub mod signals;
pub mod stream;
pub mod users;

pub use compose::{MqttState, Parts, PortTaken, Role, Roles, Services, StartError};
pub use config::{Config, ConfigError, Overrides};
pub use stream::QuoteStream;

/// The version of every program built here.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
