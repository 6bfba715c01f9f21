//! What a user chose that is no list and no alert.

use std::collections::HashSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{EditError, Profile};
use crate::{DigestTime, Language, Mute, PreferencesChange, QuietHours, Symbol, quiet::MUTED_MAX};

/// Days' move, in percent, that is told without being asked for.
pub const DAY_MOVE_PERCENT: f64 = 3.0;
/// The longest time a page is kept in the tray, where it is given up at all: a day.
pub const RELEASE_SECONDS_MAX: u32 = 24 * 60 * 60;

/// What a user chose that is no list and no alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Preferences {
    /// Tells of every followed symbol that moves by [`DAY_MOVE_PERCENT`] on the day, once a day each way.
    pub day_move_alerts: bool,
    /// No alert is delivered before this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub alerts_paused_until: Option<Timestamp>,
    /// Hours of each day in which no alert is delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietHours>,
    /// Symbols whose alerts are not delivered; each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub muted: Vec<Mute>,
    /// When the biggest movers of the day are told; never where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<DigestTime>,
    /// The zone of the user's days and hours (IANA name); the system's where none is chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The symbol whose price stands in the tray; the first of the first list where none is chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinned: Option<Symbol>,
    /// Whether the first-run page has been answered.
    pub welcomed: bool,
    /// Light, dark, or as the system has it.
    pub theme: Theme,
    /// Which colours stand for up and down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub palette: Option<Palette>,
    /// ISO 4217 code of the currency that all holdings are summed up in; each in its own where none is chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The language to speak; the system's, as far as it is spoken, where none is chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// How high a row is.
    pub density: Density,
    /// What stands beside the tray's icon.
    pub tray_text: TrayText,
    /// Seconds for which each symbol stands there, where they take turns.
    #[cfg_attr(feature = "openapi", schema(maximum = 255))]
    pub tray_seconds: u8,
    /// Whether the ticker strip is on the screen.
    pub strip: bool,
    /// Seconds in the tray after which the window's page is given up, to be built again when it is shown; 0: never.
    #[cfg_attr(feature = "openapi", schema(maximum = 86_400))]
    pub release_after_seconds: u32,
    /// The keys that show and hide the window from anywhere, such as `Ctrl+Alt+Q`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shortcut: Option<String>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            day_move_alerts: true,
            alerts_paused_until: None,
            quiet_hours: None,
            muted: Vec::new(),
            digest: None,
            time_zone: None,
            pinned: None,
            welcomed: false,
            theme: Theme::System,
            palette: None,
            currency: None,
            language: None,
            density: Density::Comfortable,
            tray_text: TrayText::Pinned,
            tray_seconds: 8,
            strip: false,
            release_after_seconds: 300,
            shortcut: None,
        }
    }
}

/// What stands beside the tray's icon, where the desktop shows text there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum TrayText {
    /// The pinned symbol.
    #[default]
    Pinned,
    /// What is followed, one after another; what is closed is left out.
    Rotate,
    /// Nothing.
    Off,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Which colours stand for up and down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Palette {
    /// Green up, red down.
    Western,
    /// Red up, green down.
    Eastasian,
    /// Blue up, orange down.
    Cvd,
}

/// How high a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Density {
    /// Two lines.
    #[default]
    Comfortable,
    /// One line.
    Compact,
}

impl Profile {
    pub(super) fn change_preferences(&mut self, change: &PreferencesChange) -> Result<bool, EditError> {
        self.set_preferences(self.preferences.changed(change)?)
    }

    /// Replaces the preferences, where they make sense; says whether anything changed.
    pub(crate) fn set_preferences(&mut self, mut preferences: Preferences) -> Result<bool, EditError> {
        preferences.check()?;
        let mut seen = HashSet::new();
        preferences.muted.retain(|mute| seen.insert(mute.symbol.clone()));
        let changed = self.preferences != preferences;
        self.preferences = preferences;
        Ok(changed)
    }

    /// Puts a mute in place of the one of its symbol, or at the end.
    pub(super) fn mute(&mut self, mute: Mute, now: Timestamp) -> Result<bool, EditError> {
        let muted = &mut self.preferences.muted;
        if muted.contains(&mute) {
            return Ok(false);
        }
        muted.retain(|present| present.symbol != mute.symbol && present.holds(now));
        if muted.len() == MUTED_MAX {
            return Err(EditError::TooManyMuted);
        }
        muted.push(mute);
        Ok(true)
    }

    pub(super) fn unmute(&mut self, symbol: &Symbol) -> bool {
        let before = self.preferences.muted.len();
        self.preferences.muted.retain(|mute| mute.symbol != *symbol);
        self.preferences.muted.len() < before
    }
}
