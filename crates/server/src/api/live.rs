//! The live stream over a WebSocket. The reader says nothing; whoever is too slow is let go.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::Bytes,
    extract::{
        FromRequestParts as _, Request, State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::header,
    response::{IntoResponse as _, Response},
};
use market::{StreamMessage, UserName};
use tokio::sync::OwnedSemaphorePermit;

use super::{ApiState, auth::Caller, problem::Problem, shapes::Problems};
use crate::QuoteStream;

/// Bytes of a message from a reader at the most: there is nothing to say.
const MESSAGE_MAX: usize = 1_024;
/// How long a reader may take for one message.
const SEND_TIME_OUT: Duration = Duration::from_secs(20);
/// How often a quiet reader is asked whether it is there.
const PING: Duration = Duration::from_secs(30);

/// The live stream: a WebSocket; without an upgrade the snapshot alone.
#[utoipa::path(get, path = "/stream", tag = "market",
    responses((status = 101, description = "The stream follows"),
        (status = 200, description = "The snapshot", body = StreamMessage), Problems))]
pub(super) async fn stream(
    State(state): State<ApiState>,
    Caller(user): Caller,
    request: Request,
) -> Result<Response, Problem> {
    let place = Arc::clone(&state.streams).try_acquire_owned();
    let place = place.map_err(|_| Problem::unavailable("too many streams are open"))?;
    if !request.headers().contains_key(header::UPGRADE) {
        return snapshot(&state, user).await;
    }
    let (mut parts, _) = request.into_parts();
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &state).await;
    let upgrade = upgrade.map_err(|rejection| Problem::invalid("upgrade", rejection.body_text()))?;
    let upgrade = upgrade.max_message_size(MESSAGE_MAX).max_frame_size(MESSAGE_MAX);
    Ok(upgrade.on_upgrade(move |socket| serve(socket, state, user, place)))
}

async fn snapshot(state: &ApiState, user: UserName) -> Result<Response, Problem> {
    let first = QuoteStream::new(&state.bus, user).await.next().await;
    first.map(|first| Json(first).into_response()).ok_or_else(|| Problem::unavailable("the program is ending"))
}

async fn serve(mut socket: WebSocket, state: ApiState, user: UserName, _place: OwnedSemaphorePermit) {
    let mut stream = QuoteStream::new(&state.bus, user.clone()).await;
    let mut ping = tokio::time::interval_at(tokio::time::Instant::now() + PING, PING);
    loop {
        let message = tokio::select! {
            () = state.shutdown.cancelled() => break,
            // A user who is removed has nothing to read any more.
            () = state.desk.gone(&user) => break,
            message = stream.next() => match message.as_ref().map(serde_json::to_string) {
                Some(Ok(text)) => Message::Text(text.into()),
                Some(Err(_)) | None => break,
            },
            _ = ping.tick() => Message::Ping(Bytes::new()),
            heard = socket.recv() => match heard {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => continue,
            },
        };
        match tokio::time::timeout(SEND_TIME_OUT, socket.send(message)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return,
        }
    }
    // Saying goodbye to somebody who has gone changes nothing.
    let _ = tokio::time::timeout(Duration::from_secs(1), socket.send(Message::Close(None))).await;
}
