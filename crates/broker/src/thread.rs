//! The thread that the broker lives on: the fan-out and all sessions, on a runtime of their own. A message so wakes one
//! thread between the router and the reader's socket, and whatever else the process does delays none. Must never run
//! anything that blocks.

use crate::error::Error;
use std::future::Future;
use tokio::runtime::{Builder, Handle};

/// Starts the thread. It ends with `work`; what else was spawned on it ends then too.
pub(crate) fn start<W>(work: impl FnOnce() -> W + Send + 'static) -> Result<Handle, Error>
where
    W: Future<Output = ()> + Send + 'static,
{
    let failed = |source| Error::Thread { source };
    let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
    let handle = runtime.handle().clone();
    let run = move || {
        // As a task among the sessions, so that each turn of it is followed by one of every session that it woke.
        let inside = runtime.enter();
        let work = tokio::spawn(work());
        drop(inside);
        if runtime.block_on(work).is_err() {
            tracing::error!("the broker's thread has ended in a panic");
        }
        runtime.shutdown_background();
    };
    std::thread::Builder::new().name("broker".to_owned()).spawn(run).map_err(failed)?;
    Ok(handle)
}
