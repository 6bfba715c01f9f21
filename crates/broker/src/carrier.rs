//! What carries MQTT from a client to a listener: TCP, with TLS around it or not, with WebSocket frames in it or not. All
//! four are a stream of bytes to whoever serves it. Must never know what the bytes mean.

mod flushed;
mod tls;
mod web;

pub use tls::{Tls, TlsError};
pub use web::Origins;

use flushed::Flushed;
use std::io;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// What a listener speaks below MQTT; by default nothing but TCP.
#[derive(Debug, Clone, Default)]
pub struct Carrier {
    /// With TLS, and this certificate.
    pub tls: Option<Tls>,
    /// Over WebSocket, from programs and from pages of these origins.
    pub web: Option<Origins>,
}

/// A stream of bytes, whatever carries it.
pub(crate) trait Carried: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Carried for S {}

impl Carrier {
    pub(crate) fn is_plain(&self) -> bool {
        self.tls.is_none() && self.web.is_none()
    }

    /// Shakes hands. Takes as long as the client does: whoever calls this sets a limit.
    pub(crate) async fn open(&self, stream: TcpStream, max_packet: usize) -> io::Result<Box<dyn Carried>> {
        let stream: Box<dyn Carried> = match &self.tls {
            Some(tls) => Box::new(tls.accept(stream).await?),
            None => Box::new(stream),
        };
        Ok(match &self.web {
            Some(origins) => Box::new(Flushed::new(web::accept(stream, origins, max_packet).await?)),
            None => Box::new(Flushed::new(stream)),
        })
    }
}
