//! Passwords: what a person shows where a token is too long. Kept as argon2id, which is slow on purpose: only for threads
//! that may block. Must never keep, log or print a password.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString},
};
use rand::RngExt as _;

/// Characters of a password at least.
pub const LENGTH_MIN: usize = 8;
/// Bytes of a password at most.
pub const BYTES_MAX: usize = 1_024;
/// Memory of one check, in KiB, and how often it is gone over: what OWASP asks for at least.
const MEMORY_KIB: u32 = 19 * 1_024;
const PASSES: u32 = 2;

/// Why a password cannot be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize)]
pub enum PasswordError {
    /// It is guessed too soon.
    #[error("the password is too short; allowed: {LENGTH_MIN} characters or more")]
    Short,
    /// It is no password.
    #[error("the password is too long; allowed: {BYTES_MAX} bytes")]
    Long,
    /// It could not be typed again.
    #[error("the password has control characters; allowed: one line of text")]
    Control,
    /// The library failed.
    #[error("the password cannot be hashed")]
    Hash,
}

/// What is kept of a password, in the format that all argon2 libraries read.
pub fn hash(password: &str) -> Result<String, PasswordError> {
    if password.len() > BYTES_MAX {
        return Err(PasswordError::Long);
    }
    if password.chars().count() < LENGTH_MIN {
        return Err(PasswordError::Short);
    }
    if password.contains(char::is_control) {
        return Err(PasswordError::Control);
    }
    hashed(password).ok_or(PasswordError::Hash)
}

fn hashed(password: &str) -> Option<String> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).ok()?;
    let salt = SaltString::encode_b64(&rand::rng().random::<[u8; 16]>()).ok()?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    Some(argon2.hash_password(password.as_bytes(), &salt).ok()?.to_string())
}

/// Whether a password has this hash, whatever it cost to make.
pub fn matches(password: &str, hash: &str) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else { return false };
    password.len() <= BYTES_MAX && Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_opens_its_own_hash_only() {
        let [one, other] = ["correct horse", "correct horse"].map(|password| hash(password).unwrap());
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && one != other, "{one}");
        assert!(matches("correct horse", &one) && matches("correct horse", &other));
        assert!(!matches("Correct horse", &one) && !matches("", &one) && !matches("correct horse", "no hash"));
    }

    #[test]
    fn a_password_is_a_line_of_some_length() {
        assert_eq!(hash("seven77"), Err(PasswordError::Short));
        assert_eq!(hash(&"x".repeat(BYTES_MAX + 1)), Err(PasswordError::Long));
        assert_eq!(hash("two lines\nhere"), Err(PasswordError::Control));
        assert!(hash("äöüäöüäö").is_ok());
    }
}
