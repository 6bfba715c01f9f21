//! A browser's subscription to Web Push: where its push service takes messages, and the keys that they are encrypted with.
//! Whoever knows the address can send there: it is kept as a secret is, and never shown.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{EditError, destination::DestinationField};

/// Bytes of the address at the most.
pub const PUSH_ENDPOINT_MAX: usize = 1_024;
/// Characters of `p256dh`: a point of the curve P-256 as it stands, 65 bytes in base64url.
const P256DH_LENGTH: usize = 87;
/// Characters of `auth`: 16 bytes in base64url.
const AUTH_LENGTH: usize = 22;

/// What a browser tells of its subscription (`PushSubscription.toJSON()`).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushSubscription {
    /// Where the push service takes messages for this browser: by HTTPS, or on this very machine.
    #[cfg_attr(
        feature = "openapi",
        schema(
            max_length = 1024,
            pattern = "^(https://[A-Za-z0-9.:\\[\\]-]{1,255}|http://(localhost|127\\.0\\.0\\.1|\\[::1\\])(:[0-9]{1,5})?)/[A-Za-z0-9._~:/?@!$&'()*+,;=%-]{0,700}$"
        )
    )]
    pub endpoint: String,
    /// What messages are encrypted with.
    pub keys: PushKeys,
}

/// A browser's keys (RFC 8291).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushKeys {
    /// Its public key: an uncompressed point of P-256, in base64url without padding.
    #[cfg_attr(feature = "openapi", schema(pattern = "^B[A-Za-z0-9_-]{85}[AEIMQUYcgkosw048]$"))]
    pub p256dh: String,
    /// What it shares with us: 16 bytes, in base64url without padding.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[A-Za-z0-9_-]{21}[AQgw]$"))]
    pub auth: String,
}

impl fmt::Debug for PushSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushSubscription").finish_non_exhaustive()
    }
}

impl fmt::Debug for PushKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushKeys").finish_non_exhaustive()
    }
}

impl PushSubscription {
    /// Whether it looks like one. Whether its key lies on the curve is seen when something is encrypted.
    pub fn check(&self) -> Result<(), EditError> {
        let wrong = |field| Err(EditError::Destination { field });
        match self {
            _ if !is_endpoint(&self.endpoint) => wrong(DestinationField::Endpoint),
            _ if !is_base64url(&self.keys.p256dh, P256DH_LENGTH, 4) || !self.keys.p256dh.starts_with('B') => {
                wrong(DestinationField::PublicKey)
            }
            _ if !is_base64url(&self.keys.auth, AUTH_LENGTH, 16) => wrong(DestinationField::SharedSecret),
            _ => Ok(()),
        }
    }
}

/// As the pattern above has it.
fn is_endpoint(text: &str) -> bool {
    const PATH_MAX: usize = 700;
    let (rest, is_secure) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(rest), _) => (rest, true),
        (_, Some(rest)) => (rest, false),
        _ => return false,
    };
    let Some((authority, path)) = rest.split_once('/') else { return false };
    let is_of_path = |byte: u8| byte.is_ascii_alphanumeric() || b"._~:/?@!$&'()*+,;=%-".contains(&byte);
    text.len() <= PUSH_ENDPOINT_MAX
        && if is_secure { is_authority(authority) } else { is_this_machine(authority) }
        && path.len() <= PATH_MAX
        && path.bytes().all(is_of_path)
}

fn is_authority(text: &str) -> bool {
    const AUTHORITY_MAX: usize = 255;
    let is_of_authority = |byte: u8| byte.is_ascii_alphanumeric() || b".:[]-".contains(&byte);
    (1..=AUTHORITY_MAX).contains(&text.len()) && text.bytes().all(is_of_authority)
}

fn is_this_machine(authority: &str) -> bool {
    let is_port = |text: &str| (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let names = ["localhost", "127.0.0.1", "[::1]"];
    names.iter().filter_map(|name| authority.strip_prefix(name)).any(|port| match port.strip_prefix(':') {
        Some(port) => is_port(port),
        None => port.is_empty(),
    })
}

/// Whether it is base64url of that length whose last character holds no bits that are none: its value is a multiple of
/// `step`.
fn is_base64url(text: &str, length: usize, step: u8) -> bool {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    };
    let last = text.bytes().next_back().and_then(value);
    text.len() == length
        && text.bytes().all(|byte| value(byte).is_some())
        && last.is_some_and(|value| value.is_multiple_of(step))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys of RFC 8291, section 5.
    fn subscription(endpoint: &str) -> PushSubscription {
        let p256dh = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
        let keys = PushKeys { p256dh: p256dh.into(), auth: "BTBZMqHH6r4Tts7J_aSIgg".into() };
        PushSubscription { endpoint: endpoint.into(), keys }
    }

    #[test]
    fn addresses_are_of_push_services_or_of_this_machine() {
        for good in [
            "https://fcm.googleapis.com/fcm/send/abc:def",
            "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
            "https://wns2-par02p.notify.windows.com/w/?token=BQY%3d",
            "http://127.0.0.1:4000/p",
            "http://localhost/p",
        ] {
            assert_eq!(subscription(good).check(), Ok(()), "{good}");
        }
        let long = format!("https://a.example/{}", "x".repeat(701));
        for bad in [
            "http://push.example/p",
            "http://localhost.example/p",
            "http://127.0.0.1:x/p",
            "https://me@push.example/p",
            "https://push.example",
            "https:///p",
            "https://push.example/\"",
            "ftp://push.example/p",
            &long,
        ] {
            assert_eq!(
                subscription(bad).check(),
                Err(EditError::Destination { field: DestinationField::Endpoint }),
                "{bad}"
            );
        }
    }

    #[test]
    fn keys_have_their_lengths_and_no_bits_too_many() {
        let with = |p256dh: &str, auth: &str| {
            let keys = PushKeys { p256dh: p256dh.into(), auth: auth.into() };
            PushSubscription { keys, ..subscription("https://push.example/p") }.check()
        };
        let PushKeys { p256dh, auth } = subscription("").keys;
        assert_eq!(
            with(&p256dh, "BTBZMqHH6r4Tts7J_aSIgh"),
            Err(EditError::Destination { field: DestinationField::SharedSecret })
        );
        assert_eq!(with(&p256dh[1..], &auth), Err(EditError::Destination { field: DestinationField::PublicKey }));
        assert_eq!(
            with(&p256dh.replacen('B', "C", 1), &auth),
            Err(EditError::Destination { field: DestinationField::PublicKey })
        );
    }

    #[test]
    fn nothing_of_it_is_shown() {
        let shown = format!("{:?}", subscription("https://push.example/secret"));
        assert!(!shown.contains("secret") && !shown.contains("BTBZ"), "{shown}");
    }
}
