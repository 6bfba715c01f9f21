//! A change of the preferences that names only what it changes: who has an old copy undoes nobody else's choice.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{EditError, Preferences};

/// What is to be different, as a JSON merge patch (RFC 7396) of [`Preferences`]: a name that is left out stays as it is,
/// `null` goes back to what it is when nothing is chosen.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(transparent)]
pub struct PreferencesChange(#[cfg_attr(feature = "specta", specta(type = Preferences))] Map<String, Value>);

impl PreferencesChange {
    /// What makes the one of the other.
    pub fn between(before: &Preferences, after: &Preferences) -> Self {
        let (before, mut change) = (named(before), named(after));
        let gone = before.keys().filter(|name| !change.contains_key(*name)).cloned().collect::<Vec<_>>();
        change.retain(|name, value| before.get(name) != Some(value));
        change.extend(gone.into_iter().map(|name| (name, Value::Null)));
        Self(change)
    }
}

impl Preferences {
    /// These with a change, as far as they can be read then; whether they make sense is asked where they are set.
    pub fn changed(&self, change: &PreferencesChange) -> Result<Self, EditError> {
        let mut merged = Value::Object(named(self));
        json_patch::merge(&mut merged, &Value::Object(change.0.clone()));
        serde_json::from_value(merged).map_err(|error| EditError::Preferences(error.to_string()))
    }
}

/// The preferences by their names on the wire.
fn named(preferences: &Preferences) -> Map<String, Value> {
    match serde_json::to_value(preferences) {
        Ok(Value::Object(fields)) => fields,
        // Plain fields with names always become an object.
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        Edit, Edited, Mute, Profile, Symbol, UserName,
        profile::{Density, Theme},
    };

    fn change(json: &str) -> PreferencesChange {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn only_what_is_named_changes() {
        let mut profile = Profile::new(UserName::me());
        let mut apply = |json: &str| profile.apply(Edit::ChangePreferences { change: change(json) });
        assert_eq!(apply(r#"{"strip": true, "quiet_hours": {"from": "22:00", "to": "07:00"}}"#), Ok(Edited::Changed));
        assert_eq!(apply(r#"{"theme": "dark", "pinned": "AAPL"}"#), Ok(Edited::Changed));
        assert_eq!(apply(r#"{"quiet_hours": {"to": "08:00"}, "pinned": null}"#), Ok(Edited::Changed));
        assert_eq!(apply(r#"{"theme": "dark"}"#), Ok(Edited::Unchanged));
        assert!(matches!(apply(r#"{"theme": "pink"}"#), Err(EditError::Preferences(_))));
        assert!(matches!(apply(r#"{"quiet_hours": 7}"#), Err(EditError::Preferences(_))));
        assert_eq!(apply(r#"{"release_after_seconds": 90000}"#), Err(EditError::ReleaseAfter), "checked like any");
        let Preferences { strip, theme, pinned, quiet_hours, .. } = profile.preferences;
        let hours = serde_json::to_string(&quiet_hours).unwrap();
        assert_eq!((strip, theme, pinned), (true, Theme::Dark, None));
        assert_eq!(hours, r#"{"from":"22:00","to":"08:00"}"#);
    }

    prop_compose! {
        fn preferences()(
            strip in any::<bool>(), dark in any::<bool>(), compact in any::<bool>(), tray_seconds in 0u8..3,
            pinned in prop::option::of("[AB]"), muted in prop::collection::vec("[A-C]", 0..3),
            quiet in prop::option::of(0u16..3),
        ) -> Preferences {
            let symbol = |text: &str| Symbol::parse(text).unwrap();
            let quiet_hours = quiet.map(|hour| {
                serde_json::from_value(serde_json::json!({"from": "22:00", "to": format!("0{hour}:00")})).unwrap()
            });
            Preferences {
                strip,
                theme: if dark { Theme::Dark } else { Theme::Light },
                density: if compact { Density::Compact } else { Density::Comfortable },
                tray_seconds,
                pinned: pinned.as_deref().map(symbol),
                muted: muted.iter().map(|text| Mute { symbol: symbol(text), until: None }).collect(),
                quiet_hours,
                ..Preferences::default()
            }
        }
    }

    proptest! {
        /// What lies between two makes the one of the other, and leaves alone what is the same in both.
        #[test]
        fn a_change_does_what_it_says_and_no_more(
            before in preferences(), after in preferences(), elsewhere in preferences(),
        ) {
            let change = PreferencesChange::between(&before, &after);
            prop_assert_eq!(before.changed(&change), Ok(after.clone()));
            let other = elsewhere.changed(&change).unwrap();
            prop_assert_eq!(other.strip, if before.strip == after.strip { elsewhere.strip } else { after.strip });
            let pinned = if before.pinned == after.pinned { elsewhere.pinned } else { after.pinned };
            prop_assert_eq!(other.pinned, pinned);
        }
    }
}
