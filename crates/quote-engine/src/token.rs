//! Tokens: what a user shows instead of a password. Kept as a fingerprint only.

use rand::RngExt as _;
use sha2::{Digest as _, Sha256};

/// The file in the data folder that holds the token of user `me`, mode 0600.
pub const FILE: &str = "token";

/// A new token, or any other name that nobody can guess: 256 random bits in hex.
pub fn generate() -> String {
    hex::encode(rand::rng().random::<[u8; 32]>())
}

/// What is kept of a token. Its 256 bits of entropy need no slow hash.
pub fn fingerprint(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

/// Whether a token has this fingerprint. Compares fingerprints, so that time tells nothing about the token.
pub fn matches(token: &str, fingerprint_kept: &str) -> bool {
    fingerprint(token) == fingerprint_kept
}
