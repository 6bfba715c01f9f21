//! The desktop shell: the window, the tray, notifications and the store of a stock ticker.
//!
//! The only code that says `tauri::`. It decides nothing about prices, alerts or topics: those are services of
//! `quote-engine`, composed by `quickstocks-server`, which this shell starts, shows and stops.

mod app;
mod autostart;
pub mod bindings;
mod chosen;
pub mod commands;
mod data_folder;
pub mod desktop;
pub mod destination_commands;
pub mod error;
mod files;
pub mod list_commands;
pub mod notify;
mod options;
mod page_guard;
pub mod pages;
pub mod quote_stream;
mod selftest;
#[cfg(target_os = "linux")]
mod session_bus;
mod shortcut;
#[cfg(target_os = "linux")]
mod software_drawing;
pub mod store;
mod strip;
pub mod tray;
mod tray_host;
mod window;
mod words;

pub use app::run;
