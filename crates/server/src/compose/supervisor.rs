//! Keeps tasks going: a panic in one is logged and restarts that one, or is reported where that cannot be.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;

/// The first pause before a restart; doubled with each further one.
const RESTART_PAUSE: Duration = Duration::from_millis(200);
/// The longest pause before a restart.
const RESTART_PAUSE_MAX: Duration = Duration::from_secs(10);

/// Keeps tasks going. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Supervisor {
    tasks: Arc<Mutex<JoinSet<()>>>,
    failed: Arc<watch::Sender<Option<&'static str>>>,
    shutdown: CancellationToken,
}

impl Supervisor {
    pub(super) fn new(shutdown: CancellationToken) -> Self {
        let (failed, _) = watch::channel(None);
        Self { tasks: Arc::default(), failed: Arc::new(failed), shutdown }
    }

    /// What its tasks end on.
    pub fn shutdown(&self) -> CancellationToken {
        self.shutdown.clone()
    }

    /// Runs a task that owns what cannot be made anew: its end before the shutdown is the end of the whole.
    pub fn essential(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let (failed, shutdown) = (Arc::clone(&self.failed), self.shutdown.clone());
        self.spawn(async move {
            let ended = tokio::spawn(task).await;
            if !shutdown.is_cancelled() {
                report(name, &ended, "it cannot be restarted by itself");
                failed.send_replace(Some(name));
            }
        });
    }

    /// Runs a task that is made anew whenever it ends before the shutdown.
    pub fn restarting<F>(&self, name: &'static str, make: impl Fn() -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let shutdown = self.shutdown.clone();
        self.spawn(async move {
            let mut pause = RESTART_PAUSE;
            loop {
                let ended = tokio::spawn(make()).await;
                if shutdown.is_cancelled() {
                    return;
                }
                report(name, &ended, "it is restarted");
                tokio::select! {
                    () = shutdown.cancelled() => return,
                    () = tokio::time::sleep(pause) => pause = (pause * 2).min(RESTART_PAUSE_MAX),
                }
            }
        });
    }

    /// Waits until a task that cannot be restarted has ended; its name.
    pub async fn failed(&self) -> &'static str {
        let mut failed = self.failed.subscribe();
        match failed.wait_for(Option::is_some).await {
            Ok(name) => name.unwrap_or_default(),
            // The sender lives as long as this does.
            Err(_) => std::future::pending().await,
        }
    }

    pub(super) fn watch_failed(&self) -> watch::Receiver<Option<&'static str>> {
        self.failed.subscribe()
    }

    /// Waits until every task has ended.
    pub(super) async fn join(&self) {
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        tasks.join_all().await;
    }

    fn spawn(&self, watched: impl Future<Output = ()> + Send + 'static) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).spawn(watched);
    }
}

fn report(service: &'static str, ended: &Result<(), tokio::task::JoinError>, then: &'static str) {
    match ended {
        Ok(()) => tracing::error!(service, "a service ended early; {then}"),
        Err(error) => tracing::error!(service, %error, "a service panicked; {then}"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_panic_restarts_the_task() {
        let shutdown = CancellationToken::new();
        let supervisor = Supervisor::new(shutdown.clone());
        let runs = Arc::new(AtomicUsize::new(0));
        let (counted, done) = (Arc::clone(&runs), shutdown.clone());
        supervisor.restarting("test", move || {
            let (run, done) = (counted.fetch_add(1, Ordering::Relaxed), done.clone());
            async move {
                assert!(run > 1, "the first two runs panic");
                done.cancel();
            }
        });
        shutdown.cancelled().await;
        supervisor.join().await;
        assert_eq!(runs.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    async fn what_cannot_be_restarted_is_reported() {
        let supervisor = Supervisor::new(CancellationToken::new());
        supervisor.essential("desk", async { panic!("for the test") });
        assert_eq!(supervisor.failed().await, "desk");
    }
}
