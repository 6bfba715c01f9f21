//! TLS, and the certificate that is shown: another can take its place while connections go on. Must never show a
//! certificate that its key does not fit, and never fall back to none.

use rustls::crypto::aws_lc_rs;
use rustls::crypto::{CryptoProvider, hash::HashAlgorithm};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{CipherSuite, ServerConfig};
use std::io;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Certificates of one chain at the most.
const CHAIN_MAX: usize = 10;

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The text holds no certificate, or something else.
    #[error("the certificate is no PEM: {0}")]
    Certificate(pem::Error),
    /// There is none, or a whole store of them.
    #[error("{0} certificates; allowed: 1 to {CHAIN_MAX}, the server's own first")]
    Chain(usize),
    /// The text holds no private key.
    #[error("the key is no PEM without a password: {0}")]
    Key(pem::Error),
    /// The key is of no known kind, or another certificate's.
    #[error("certificate and key cannot be used together: {0}")]
    Pair(#[source] rustls::Error),
}

/// A certificate with its key, and all that speaks TLS with it. Clones share the certificate.
#[derive(Debug, Clone)]
pub struct Tls {
    shown: Arc<Shown>,
    config: Arc<ServerConfig>,
}

impl Tls {
    /// From the texts of two PEM files: the chain, the server's own certificate first, and its private key.
    pub fn new(chain: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let shown = Arc::new(Shown(RwLock::new(read(chain, key, &provider)?)));
        let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let mut config = versions.map_err(TlsError::Pair)?.with_no_client_auth().with_cert_resolver(shown.clone());
        // Who comes back looks at the certificate again, and nothing is kept of who has gone.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self { shown, config: Arc::new(config) })
    }

    /// Shows another certificate to whoever connects from now on. Where it cannot be used, the one before stays.
    pub fn replace(&self, chain: &[u8], key: &[u8]) -> Result<(), TlsError> {
        let pair = read(chain, key, self.config.crypto_provider())?;
        *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = pair;
        Ok(())
    }

    /// SHA-256 of the certificate that is shown, as it is written: `AB:CD:…`.
    pub fn fingerprint(&self) -> String {
        let shown = self.shown.pair();
        let digest = shown.cert.first().and_then(|own| sha256(self.config.crypto_provider(), own));
        let pairs: Vec<String> = digest.unwrap_or_default().iter().map(|byte| format!("{byte:02X}")).collect();
        pairs.join(":")
    }

    /// Shakes hands with who has connected. How long that may take is up to the caller.
    pub async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        TlsAcceptor::from(Arc::clone(&self.config)).accept(stream).await
    }
}

/// By the hash of the cipher suites, so that no other library is needed for it.
fn sha256(provider: &CryptoProvider, bytes: &[u8]) -> Option<Vec<u8>> {
    let with_sha256 = provider.cipher_suites.iter().filter_map(rustls::SupportedCipherSuite::tls13);
    let suite = with_sha256.into_iter().find(|suite| suite.common.suite == CipherSuite::TLS13_AES_128_GCM_SHA256)?;
    let hash = suite.common.hash_provider;
    (hash.algorithm() == HashAlgorithm::SHA256).then(|| hash.hash(bytes).as_ref().to_vec())
}

fn read(chain: &[u8], key: &[u8], provider: &CryptoProvider) -> Result<Arc<CertifiedKey>, TlsError> {
    let chain: Vec<_> =
        CertificateDer::pem_slice_iter(chain).collect::<Result<_, _>>().map_err(TlsError::Certificate)?;
    if !(1..=CHAIN_MAX).contains(&chain.len()) {
        return Err(TlsError::Chain(chain.len()));
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(TlsError::Key)?;
    CertifiedKey::from_der(chain, key, provider).map(Arc::new).map_err(TlsError::Pair)
}

/// What is shown at the moment.
#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

impl Shown {
    fn pair(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.pair())
    }
}
