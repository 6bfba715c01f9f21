//! What can be followed: the answer to a search.

use serde::{Deserialize, Serialize};

use crate::Symbol;

/// What kind of thing an instrument is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A share of a company, an ADR or a warrant.
    Equity,
    /// An exchange-traded fund.
    Etf,
    /// An index such as `^GSPC`; nothing one can buy.
    Index,
    /// A mutual or money-market fund: one price a day.
    Fund,
    /// A pair of currencies, such as `EURUSD=X`.
    Currency,
    /// A crypto asset; its market never closes.
    Crypto,
    /// A future or commodity.
    Future,
    /// An option.
    Option,
    /// Anything else.
    #[default]
    Other,
}

impl Kind {
    /// Whether its market never closes, so that the newest print is the price.
    pub fn never_closes(self) -> bool {
        self == Self::Crypto
    }
}

/// A list of what moves the market, as a vendor keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum MarketList {
    /// What people look at.
    Trending,
    /// What is traded most today.
    MostActive,
    /// What has risen most today.
    Gainers,
    /// What has fallen most today.
    Losers,
}

/// One row of a search result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Instrument {
    /// What to follow.
    pub symbol: Symbol,
    /// The company's or instrument's name, as the provider writes it: text, never markup.
    pub name: String,
    /// The exchange in words, such as `NASDAQ`.
    pub exchange: String,
    /// What kind of thing it is.
    pub kind: Kind,
}
