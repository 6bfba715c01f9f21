//! Who we are to push services (VAPID, RFC 8292): a key of our own in the data folder, made once. A browser subscribes to
//! this key and to no other, so it must never be made anew while there is one, whatever is wrong with it.

use std::{
    fmt, fs,
    io::{self, Write as _},
    path::Path,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use web_push_native::p256::{
    ecdsa::{Signature, SigningKey, signature::Signer as _},
    elliptic_curve::rand_core::OsRng,
    pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, LineEnding},
};

/// In the data folder, mode 0600: PKCS #8, as `openssl ecparam -name prime256v1` has it, too.
pub(super) const FILE_NAME: &str = "push-key.pem";
/// How long a signature is good; push services take a day at the most.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(12);

/// The key that signs for us.
pub(in crate::destinations) struct Vapid {
    key: SigningKey,
    public: String,
}

impl fmt::Debug for Vapid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vapid").field("public", &self.public).finish_non_exhaustive()
    }
}

impl Vapid {
    /// The key of this data folder; made where there is none yet. Reads files: for a thread that may block.
    pub(in crate::destinations) fn open(data_dir: &Path) -> Result<Self, String> {
        let path = data_dir.join(FILE_NAME);
        let trouble = |error: &dyn fmt::Display| format!("{}: {error}", path.display());
        if !path.exists() {
            let text = SigningKey::random(&mut OsRng).to_pkcs8_pem(LineEnding::LF).map_err(|error| trouble(&error))?;
            write_new(&path, &text).map_err(|error| trouble(&error))?;
        }
        let text = fs::read_to_string(&path).map_err(|error| trouble(&error))?;
        let key = SigningKey::from_pkcs8_pem(&text).map_err(|error| trouble(&error))?;
        let public = URL_SAFE_NO_PAD.encode(key.verifying_key().to_encoded_point(false).as_bytes());
        Ok(Self { key, public })
    }

    /// What browsers subscribe to: an uncompressed point of P-256, in base64url.
    pub(in crate::destinations) fn public(&self) -> &str {
        &self.public
    }

    /// The header's value for a push service.
    pub(super) fn authorization(&self, audience: &str, contact: Option<&str>, now: Timestamp) -> String {
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let until = now.as_second() + GOOD_FOR.as_secs();
        let head = part(json!({"typ": "JWT", "alg": "ES256"}));
        let mut claims = json!({"aud": audience, "exp": until});
        if let Some(contact) = contact {
            claims["sub"] = json!(contact);
        }
        let claims = part(claims);
        let signature: Signature = self.key.sign(format!("{head}.{claims}").as_bytes());
        format!("vapid t={head}.{claims}.{}, k={}", URL_SAFE_NO_PAD.encode(signature.to_bytes()), self.public)
    }
}

/// Writes it whole, for its owner only. Where another process was first, that one's stays.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut beside =
        tempfile::Builder::new().prefix(".saving-").tempfile_in(path.parent().unwrap_or(Path::new(".")))?;
    beside.write_all(text.as_bytes())?;
    beside.as_file().sync_all()?;
    match beside.persist_noclobber(path) {
        Err(taken) if taken.error.kind() != io::ErrorKind::AlreadyExists => Err(taken.error),
        _ => Ok(()),
    }
}
