//! Accepts connections and serves them: bounded in number and in patience.

use std::{sync::Arc, time::Duration};

use axum::Router;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Connections at once at the most; further ones wait in the system's queue.
const CONNECTIONS_MAX: usize = 1_024;
/// How long the head of a request may take to arrive.
const HEAD_TIME_OUT: Duration = Duration::from_secs(10);
/// The first pause after a failed accept; doubled with each further one.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);
const ACCEPT_PAUSE_MAX: Duration = Duration::from_secs(1);
/// How long answers under way have at the end.
const GOODBYES: Duration = Duration::from_secs(1);

pub(super) async fn serve(listener: TcpListener, app: Router, shutdown: CancellationToken) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let connections = TaskTracker::new();
    let accepting = accept(listener, app, places, &connections, &shutdown);
    shutdown.run_until_cancelled(accepting).await;
    connections.close();
    if tokio::time::timeout(GOODBYES, connections.wait()).await.is_err() {
        tracing::debug!("connections were cut off");
    }
}

async fn accept(
    listener: TcpListener,
    app: Router,
    places: Arc<Semaphore>,
    connections: &TaskTracker,
    shutdown: &CancellationToken,
) {
    let mut pause = ACCEPT_PAUSE;
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                pause = ACCEPT_PAUSE;
                connections.spawn(converse(stream, app.clone(), shutdown.clone(), place));
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(ACCEPT_PAUSE_MAX);
            }
        }
    }
}

async fn converse(stream: TcpStream, app: Router, shutdown: CancellationToken, place: OwnedSemaphorePermit) {
    // Without it, small answers wait for the acknowledgement of the one before; nothing else is lost.
    stream.set_nodelay(true).ok();
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME_OUT);
    let served = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(app)).with_upgrades();
    tokio::pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = shutdown.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
    drop(place);
}
