//! The desktop shell: the window, the tray, notifications and the store of a stock ticker.
//!
//! The only code that says `tauri::`. It decides nothing about prices, alerts or topics: those are services of
//! `quote-engine`, composed by `quickstocks-server`, which this shell starts, shows and stops.

mod app;
pub mod bindings;
pub mod commands;
pub mod desktop;
pub mod error;
mod notify;
mod options;
mod page_guard;
pub mod quote_stream;
mod selftest;
pub mod store;
pub mod tray;
mod tray_host;
mod window;

pub use app::run;
