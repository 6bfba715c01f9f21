//! Clients that come over TLS, WebSocket or both.

use super::{PATIENCE, Raw};
use broker::{Broker, Carrier, Listener, Origins, Tls};
use futures_util::{SinkExt, StreamExt};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::{Error, Message, client::IntoClientRequest};
use tokio_tungstenite::{WebSocketStream, client_async};

pub trait Io: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Io for S {}

/// A certificate for localhost, and its key, in PEM.
pub struct Pair {
    pub certificate: String,
    pub key: String,
}

impl Pair {
    pub fn new() -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        Self { certificate: made.cert.pem(), key: made.signing_key.serialize_pem() }
    }

    pub fn tls(&self) -> Tls {
        Tls::new(self.certificate.as_bytes(), self.key.as_bytes()).unwrap()
    }
}

/// One listener of each kind.
pub struct Four {
    pub pair: Pair,
    pub tls: Tls,
    pub origins: Origins,
    pub listeners: Vec<(Kind, Listener)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    pub tls: bool,
    pub web: bool,
}

pub const KINDS: [Kind; 4] = [
    Kind { tls: false, web: false },
    Kind { tls: true, web: false },
    Kind { tls: false, web: true },
    Kind { tls: true, web: true },
];

impl Four {
    pub async fn open(broker: &Broker) -> Self {
        let (pair, origins) = (Pair::new(), Origins::default());
        let tls = pair.tls();
        let mut listeners = Vec::new();
        for kind in KINDS {
            let carrier = Carrier { tls: kind.tls.then(|| tls.clone()), web: kind.web.then(|| origins.clone()) };
            listeners.push((kind, broker.listen_with((Ipv4Addr::LOCALHOST, 0).into(), carrier).await.unwrap()));
        }
        Self { pair, tls, origins, listeners }
    }

    pub fn addr(&self, kind: Kind) -> SocketAddr {
        self.listeners.iter().find(|(of, _)| *of == kind).unwrap().1.local_addr()
    }

    /// A client that has shaken hands and said nothing of MQTT yet.
    pub async fn raw(&self, kind: Kind) -> Raw<Box<dyn Io>> {
        let stream = TcpStream::connect(self.addr(kind)).await.unwrap();
        let stream: Box<dyn Io> =
            if kind.tls { Box::new(secured(stream, &self.pair).await.unwrap()) } else { Box::new(stream) };
        Raw::over(if kind.web {
            Box::new(pumped(web(stream, "ws://localhost/mqtt", None).await.unwrap()))
        } else {
            stream
        })
    }
}

/// TLS, trusting this certificate only.
pub async fn secured(stream: TcpStream, pair: &Pair) -> std::io::Result<TlsStream<TcpStream>> {
    use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pair.certificate.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_root_certificates(roots).with_no_client_auth());
    let name = ServerName::try_from("localhost").unwrap();
    timeout(PATIENCE, TlsConnector::from(config).connect(name, stream)).await.expect("a handshake")
}

/// WebSocket, from a page of this origin.
pub async fn web<S: Io>(stream: S, url: &str, origin: Option<&str>) -> Result<WebSocketStream<S>, Error> {
    let mut request = url.into_client_request().unwrap();
    request.headers_mut().insert("Sec-WebSocket-Protocol", "mqtt".parse().unwrap());
    if let Some(origin) = origin {
        request.headers_mut().insert("Origin", origin.parse().unwrap());
    }
    let (socket, response) = timeout(PATIENCE, client_async(request, stream)).await.expect("a handshake")?;
    assert_eq!(response.headers()["Sec-WebSocket-Protocol"], "mqtt");
    Ok(socket)
}

/// The bytes in the frames, which are small and fit no packet.
fn pumped<S: Io + 'static>(mut socket: WebSocketStream<S>) -> DuplexStream {
    let (near, mut far) = tokio::io::duplex(1024);
    tokio::spawn(async move {
        let mut chunk = [0; 7];
        loop {
            tokio::select! {
                read = far.read(&mut chunk) => match read {
                    Ok(bytes @ 1..) => socket.send(Message::binary(chunk[..bytes].to_vec())).await.unwrap(),
                    _ => break,
                },
                frame = socket.next() => match frame {
                    Some(Ok(Message::Binary(bytes))) => if far.write_all(&bytes).await.is_err() { break },
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => break,
                },
            }
        }
    });
    near
}
