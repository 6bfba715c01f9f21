//! MQTT in WebSocket frames, as the standards say: sub-protocol `mqtt`, binary frames, whose borders mean nothing. Must
//! never let in a web page whose origin is not allowed.

use bytes::{Buf, Bytes};
use futures_util::{Sink, SinkExt, Stream};
use std::collections::HashSet;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::tungstenite::handshake::server::{Callback, ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::{HeaderMap, HeaderValue, StatusCode, header};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async_with_config};

const PROTOCOL: &str = "mqtt";
/// Room for reading; larger frames are put together elsewhere.
const READ: usize = 4 * 1024;
/// Bytes of a frame that is sent, at the most.
const FRAME: usize = 64 * 1024;

/// The origins of the web pages that may connect, such as `https://ticker.example`; whoever names none is no web page,
/// and may. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Origins(Arc<RwLock<HashSet<String>>>);

impl Origins {
    /// Allows these, and no others any more.
    pub fn allow(&self, origins: impl IntoIterator<Item = String>) {
        let origins = origins.into_iter().map(|origin| origin.to_ascii_lowercase()).collect();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = origins;
    }

    /// An origin that cannot be read is allowed no more than one that is unknown; of two, none is.
    fn let_in(&self, headers: &HeaderMap) -> bool {
        let allowed = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let is_allowed =
            |origin: &HeaderValue| origin.to_str().is_ok_and(|o| allowed.contains(&o.to_ascii_lowercase()));
        headers.get_all(header::ORIGIN).iter().all(is_allowed)
    }
}

/// Answers a request to speak WebSocket.
struct Doorkeeper<'a>(&'a Origins);

impl Callback for Doorkeeper<'_> {
    #[allow(clippy::result_large_err, reason = "the library's own signature")]
    fn on_request(self, request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
        if !self.0.let_in(request.headers()) {
            return Err(refusal(StatusCode::FORBIDDEN, "pages of this origin may not connect"));
        }
        if !offers_mqtt(request.headers()) {
            return Err(refusal(StatusCode::BAD_REQUEST, "this speaks the sub-protocol mqtt"));
        }
        response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL));
        Ok(response)
    }
}

fn offers_mqtt(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|offered| offered.trim() == PROTOCOL)
}

fn refusal(status: StatusCode, why: &str) -> ErrorResponse {
    let mut response = ErrorResponse::new(Some(why.to_owned()));
    *response.status_mut() = status;
    response
}

/// Shakes hands over `stream`. A message, in however many frames it comes, is no larger than a packet may be.
pub(super) async fn accept<S>(stream: S, origins: &Origins, max_packet: usize) -> io::Result<WebSocket<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let limits = WebSocketConfig::default()
        .read_buffer_size(READ)
        .write_buffer_size(0)
        .max_message_size(Some(max_packet))
        .max_frame_size(Some(max_packet));
    let accepted = accept_hdr_async_with_config(stream, Doorkeeper(origins), Some(limits)).await;
    Ok(WebSocket { frames: accepted.map_err(failed)?, unread: Bytes::new() })
}

/// The bytes in the frames.
#[derive(Debug)]
pub(super) struct WebSocket<S> {
    frames: WebSocketStream<S>,
    unread: Bytes,
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// A text is no MQTT: says so, if there is room for it, and ends.
    fn refuse_text(&mut self) -> io::Error {
        let why = CloseFrame { code: CloseCode::Unsupported, reason: "binary frames only".into() };
        self.frames.start_send_unpin(Message::Close(Some(why))).ok();
        io::Error::new(io::ErrorKind::InvalidData, "a WebSocket frame of text")
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for WebSocket<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        while self.unread.is_empty() {
            match ready!(Pin::new(&mut self.frames).poll_next(cx)) {
                Some(Ok(Message::Binary(bytes))) => self.unread = bytes,
                Some(Ok(Message::Text(_))) => return Poll::Ready(Err(self.refuse_text())),
                Some(Ok(Message::Close(_))) | None => return Poll::Ready(Ok(())),
                // The library answers pings.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Err(error)) => return Poll::Ready(Err(failed(error))),
            }
        }
        let bytes = self.unread.len().min(buf.remaining());
        buf.put_slice(&self.unread[..bytes]);
        self.unread.advance(bytes);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for WebSocket<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let mut frames = Pin::new(&mut self.frames);
        ready!(frames.as_mut().poll_ready(cx)).map_err(failed)?;
        let bytes = buf.len().min(FRAME);
        let message = Message::Binary(Bytes::copy_from_slice(&buf[..bytes]));
        Poll::Ready(frames.start_send(message).map(|()| bytes).map_err(failed))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.frames).poll_flush(cx).map_err(failed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.frames).poll_close(cx).map_err(failed)
    }
}

fn failed(error: tungstenite::Error) -> io::Error {
    match error {
        tungstenite::Error::Io(error) => error,
        other => io::Error::other(other),
    }
}
