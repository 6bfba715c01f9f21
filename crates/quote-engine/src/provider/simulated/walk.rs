//! The walk of a price: noise on every time scale from a second to years, the same whenever it is asked for.
//!
//! A walk that adds up steps would have to start somewhere; this one can be asked for any moment, which is what makes
//! charts and quotes agree.

use jiff::Timestamp;
use market::{Kind, Symbol};

use super::listing::Listing;

/// Time scales: 1 s, 2 s, 4 s… about four years.
const SCALES: u32 = 28;
/// From here on (a day and a half) larger scales carry clearly more weight: that is what makes a year's chart lively.
const LONG_SCALE: u32 = 17;
/// How far the shortest scale moves an ordinary share. With it prices cross a percent within a minute or so.
const STEP: f64 = 0.003;
/// What the tables' prices refer to: 2026-01-01.
const REFERENCE_SECOND: f64 = 1_767_225_600.0;
const YEAR_SECONDS: f64 = 31_556_952.0;

/// One instrument's walk.
#[derive(Debug)]
pub(super) struct Walk {
    key: u64,
    base: f64,
    digits: u8,
    step: f64,
    growth: f64,
    pub(super) daily_volume: f64,
}

impl Walk {
    pub(super) fn new(seed: u64, symbol: &Symbol, listing: &Listing) -> Self {
        Self {
            key: mixed(seed ^ hash(symbol.as_str())),
            base: listing.price,
            digits: listing.digits,
            step: STEP * liveliness(listing.kind),
            growth: growth(listing.kind),
            daily_volume: listing.volume.unwrap_or_default(),
        }
    }

    /// The price at a moment: positive, rounded as the instrument is quoted.
    pub(super) fn price(&self, at: Timestamp) -> f64 {
        let seconds = at.as_millisecond() as f64 / 1_000.0;
        let years = (seconds - REFERENCE_SECOND) / YEAR_SECONDS;
        let price = self.base * (self.offset(seconds) + self.growth * years.clamp(-40.0, 40.0)).exp();
        let unit = 10f64.powi(i32::from(self.digits));
        // Dividing an integer by a power of ten gives the nearest double: no noise.
        (price * unit).round().max(1.0) / unit
    }

    fn offset(&self, seconds: f64) -> f64 {
        (0..SCALES).map(|scale| self.weight(scale) * self.noise(scale, seconds / f64::from(1 << scale))).sum()
    }

    fn weight(&self, scale: u32) -> f64 {
        let (short, long) = (scale.min(LONG_SCALE), scale.saturating_sub(LONG_SCALE));
        self.step * (0.07 * f64::from(short) + 0.35 * f64::from(long)).exp2()
    }

    /// Values between -1 and 1 at whole numbers, straight lines in between.
    fn noise(&self, scale: u32, position: f64) -> f64 {
        let floor = position.floor();
        let (left, right) = (self.lattice(scale, floor as i64), self.lattice(scale, floor as i64 + 1));
        left + (right - left) * (position - floor)
    }

    fn lattice(&self, scale: u32, index: i64) -> f64 {
        let mixed = mixed(self.key ^ mixed(u64::from(scale) << 56 ^ index.cast_unsigned()));
        // The upper 53 bits fill a double's mantissa.
        (mixed >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }
}

fn liveliness(kind: Kind) -> f64 {
    match kind {
        Kind::Crypto => 1.5,
        Kind::Etf | Kind::Future => 0.6,
        Kind::Index | Kind::Fund => 0.5,
        Kind::Currency => 0.3,
        Kind::Option => 2.0,
        Kind::Equity | Kind::Other => 1.0,
    }
}

/// In a year.
fn growth(kind: Kind) -> f64 {
    match kind {
        Kind::Currency | Kind::Option | Kind::Other => 0.0,
        Kind::Future => 0.02,
        _ => 0.06,
    }
}

/// FNV-1a: the same in every run and on every machine, unlike the standard library's.
pub(super) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The finaliser of `SplitMix64`.
pub(super) fn mixed(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
