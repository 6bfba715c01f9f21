//! The services of a stock ticker. Each is one `async fn run` that takes the bus and a way to stop, and does not know
//! whether its neighbours live in this process.

pub mod backups;
pub mod cache;
mod clock_watch;
pub mod desk;
pub mod destinations;
pub mod dispatcher;
pub mod durable;
pub mod feed;
pub mod history;
pub mod home_assistant;
pub mod notifier;
pub mod own_feed;
pub mod password;
pub mod peers;
pub mod provider;
pub mod recording;
pub mod secrets;
pub mod store;
pub mod token;
pub mod valuation;
pub mod words;
