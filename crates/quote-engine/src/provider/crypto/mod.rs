//! What exchanges of crypto assets have in common: pairs and how they are spelled, numbers written as text, a quote out
//! of the figures of the last 24 hours, charts out of candles, requests and sockets.
//!
//! It knows no vendor: which pairs there are and what fields are called stays in the vendor's folder.

pub(super) mod figures;
pub(super) mod json;
pub(super) mod number;
pub(super) mod pair;
pub(super) mod reply;
pub(super) mod spellings;
pub(super) mod way;
