//! What a browser can make of it: decrypted with its keys, verified with ours.

use web_push_native::{
    decrypt,
    p256::{
        SecretKey,
        ecdsa::{Signature, VerifyingKey, signature::Verifier as _},
    },
};

use super::*;

/// The browser of RFC 8291, section 5.
const PRIVATE: &str = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94";
const P256DH: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

fn opened(sealed: &[u8]) -> String {
    let key = SecretKey::from_slice(&URL_SAFE_NO_PAD.decode(PRIVATE).unwrap()).unwrap();
    let auth: [u8; 16] = URL_SAFE_NO_PAD.decode(AUTH).unwrap().try_into().unwrap();
    String::from_utf8(decrypt(sealed.to_vec(), &key, &Auth::from(auth)).unwrap()).unwrap()
}

fn message(title: &str, body: &str) -> Message {
    let at = "2026-11-25T12:00:00Z".parse().unwrap();
    let (title, body) = (title.to_owned(), body.to_owned());
    Message { id: "1".into(), title, body, rule: None, language: "en", event: None, at }
}

#[test]
fn the_example_of_the_rfc_is_read_as_it_says() {
    let sealed = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
    assert_eq!(opened(&URL_SAFE_NO_PAD.decode(sealed).unwrap()), "When I grow up, I want to be a watermelon");
}

#[test]
fn what_is_sealed_is_opened_by_the_browser_alone_and_differs_each_time() {
    let seal = || sealed(b"told".to_vec(), P256DH, AUTH).unwrap();
    assert_eq!(opened(&seal()), "told");
    assert_ne!(seal(), seal());
    let off_the_curve = format!("B{}", "A".repeat(86));
    assert!(matches!(sealed(b"told".to_vec(), &off_the_curve, AUTH), Err(Refusal::Never { .. })));
}

#[test]
fn the_longest_message_fits() {
    let sealed = sealed(payload(&message(&"🦀\"".repeat(500), &"🦀\\\n".repeat(5_000))), P256DH, AUTH).unwrap();
    assert!(sealed.len() <= 4_096, "{}", sealed.len());
}

#[test]
fn the_key_is_made_once_for_its_owner_alone_and_signs_for_the_service_it_goes_to() {
    let folder = tempfile::tempdir().unwrap();
    let vapid = Vapid::open(folder.path()).unwrap();
    assert_eq!(Vapid::open(folder.path()).unwrap().public(), vapid.public());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = folder.path().join(vapid::FILE_NAME).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
    let header = vapid.authorization("https://push.example", Some("mailto:me@example.org"), now);
    let (token, key) = header.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
    assert_eq!(key, vapid.public());
    let (told, signature) = token.rsplit_once('.').unwrap();
    let claims: serde_json::Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(told.split_once('.').unwrap().1).unwrap()).unwrap();
    assert_eq!(claims["aud"], "https://push.example");
    assert_eq!(claims["sub"], "mailto:me@example.org");
    assert_eq!(claims["exp"], now.as_second() + 12 * 60 * 60);
    let key = VerifyingKey::from_sec1_bytes(&URL_SAFE_NO_PAD.decode(key).unwrap()).unwrap();
    let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    key.verify(told.as_bytes(), &signature).unwrap();
}

#[test]
fn a_key_that_cannot_be_read_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(vapid::FILE_NAME);
    std::fs::write(&path, "no key").unwrap();
    assert!(Vapid::open(folder.path()).unwrap_err().contains(vapid::FILE_NAME));
    assert_eq!(std::fs::read_to_string(path).unwrap(), "no key");
}
