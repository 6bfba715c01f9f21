//! The services of a stock ticker. Each is one `async fn run(deps, bus, shutdown)` that does not know whether its
//! neighbours live in this process.

pub mod provider;
