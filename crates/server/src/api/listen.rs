//! Accepts connections and serves them: bounded in number and in patience.

use std::{sync::Arc, time::Duration};

use axum::{Router, http::Request};
use broker::Tls;
use hyper::{body::Incoming, service::Service};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::peer::Connection;

/// Connections at once at the most; further ones wait in the system's queue.
const CONNECTIONS_MAX: usize = 1_024;
/// How long the head of a request may take to arrive, and a handshake before it.
const HEAD_TIME_OUT: Duration = Duration::from_secs(10);
/// The first pause after a failed accept; doubled with each further one.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);
const ACCEPT_PAUSE_MAX: Duration = Duration::from_secs(1);
/// How long answers under way have at the end.
const GOODBYES: Duration = Duration::from_secs(1);

pub(super) async fn serve(listener: TcpListener, tls: Option<Tls>, app: Router, shutdown: CancellationToken) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let connections = TaskTracker::new();
    let accepting = accept(listener, tls, app, places, &connections, &shutdown);
    shutdown.run_until_cancelled(accepting).await;
    connections.close();
    if tokio::time::timeout(GOODBYES, connections.wait()).await.is_err() {
        tracing::debug!("connections were cut off");
    }
}

async fn accept(
    listener: TcpListener,
    tls: Option<Tls>,
    app: Router,
    places: Arc<Semaphore>,
    connections: &TaskTracker,
    shutdown: &CancellationToken,
) {
    let mut pause = ACCEPT_PAUSE;
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, peer)) => {
                pause = ACCEPT_PAUSE;
                // Without it, small answers wait for the acknowledgement of the one before; nothing else is lost.
                stream.set_nodelay(true).ok();
                let connection = Connection { peer: peer.ip(), tls: tls.is_some() };
                let app = Told { app: TowerToHyperService::new(app.clone()), connection };
                connections.spawn(open(stream, tls.clone(), app, shutdown.clone(), place));
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(ACCEPT_PAUSE_MAX);
            }
        }
    }
}

/// The application, told of the connection with each request.
struct Told {
    app: TowerToHyperService<Router>,
    connection: Connection,
}

impl Service<Request<Incoming>> for Told {
    type Response = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Response;
    type Error = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Error;
    type Future = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Future;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(self.connection);
        self.app.call(request)
    }
}

/// Shakes hands, where that is to be done.
async fn open(
    stream: TcpStream,
    tls: Option<Tls>,
    app: Told,
    shutdown: CancellationToken,
    place: OwnedSemaphorePermit,
) {
    let Some(tls) = tls else { return converse(stream, app, shutdown, place).await };
    let handshake = tokio::time::timeout(HEAD_TIME_OUT, tls.accept(stream));
    match shutdown.run_until_cancelled(handshake).await {
        Some(Ok(Ok(stream))) => converse(stream, app, shutdown, place).await,
        Some(Ok(Err(error))) => tracing::debug!(%error, "a client did not shake hands"),
        Some(Err(_)) | None => {}
    }
}

async fn converse<S>(stream: S, app: Told, shutdown: CancellationToken, place: OwnedSemaphorePermit)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME_OUT);
    let served = http.serve_connection(TokioIo::new(stream), app).with_upgrades();
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
