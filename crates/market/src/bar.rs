//! History: what a chart draws.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Symbol;

/// How far back a chart goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Range {
    /// Today.
    #[default]
    #[serde(rename = "1d")]
    Day,
    /// Five trading days.
    #[serde(rename = "5d")]
    FiveDays,
    /// A month.
    #[serde(rename = "1mo")]
    Month,
    /// Half a year.
    #[serde(rename = "6mo")]
    HalfYear,
    /// Since New Year.
    #[serde(rename = "ytd")]
    YearToDate,
    /// A year.
    #[serde(rename = "1y")]
    Year,
    /// Five years.
    #[serde(rename = "5y")]
    FiveYears,
    /// Everything there is.
    #[serde(rename = "max")]
    Max,
}

impl Range {
    /// Its name on every wire: `1d`, `5d`, `1mo`, `6mo`, `ytd`, `1y`, `5y`, `max`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "1d",
            Self::FiveDays => "5d",
            Self::Month => "1mo",
            Self::HalfYear => "6mo",
            Self::YearToDate => "ytd",
            Self::Year => "1y",
            Self::FiveYears => "5y",
            Self::Max => "max",
        }
    }

    /// The length of a bar that suits it: `5m`, `15m`, `1h`, `1d`, `1wk`, `1mo`.
    pub fn interval(self) -> &'static str {
        match self {
            Self::Day => "5m",
            Self::FiveDays => "15m",
            Self::Month => "1h",
            Self::HalfYear | Self::YearToDate | Self::Year => "1d",
            Self::FiveYears => "1wk",
            Self::Max => "1mo",
        }
    }
}

/// One bar: what happened from `at` until the next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Bar {
    /// Its beginning.
    #[cfg_attr(feature = "specta", specta(type = String))]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Pieces traded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<f64>,
}

/// The regular session of the chart's day, so that extended hours can be shaded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegularHours {
    /// Opening bell.
    #[cfg_attr(feature = "specta", specta(type = String))]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub start: Timestamp,
    /// Closing bell.
    #[cfg_attr(feature = "specta", specta(type = String))]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub end: Timestamp,
}

/// The bars of one symbol over one range, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct History {
    /// Whose.
    pub symbol: Symbol,
    /// How far back.
    pub range: Range,
    /// Length of a bar, as the provider really gave it.
    pub interval: String,
    /// ISO 4217 code of the major unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Close before the first bar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_close: Option<f64>,
    /// The exchange's time zone (IANA name).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The regular session of the last day, where the provider tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regular_hours: Option<RegularHours>,
    /// The provider the bars come from.
    pub source: String,
    /// When the bars were fetched, where the provider does not answer now and kept ones stand in; left out otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub fetched_at: Option<Timestamp>,
    /// The bars.
    pub bars: Vec<Bar>,
}
