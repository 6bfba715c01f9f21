//! What the desk adds to an edit: when that was made.

use jiff::{Timestamp, tz::TimeZone};
use market::{Alert, Edit, Profile};

/// An alert is made now, and its line drawn now, unless it stands where it did; a digest begins when its time comes next.
pub(super) fn dated(edit: Edit, profile: &Profile, now: Timestamp) -> Edit {
    match edit {
        Edit::PutAlert { alert } => Edit::PutAlert { alert: drawn(alert, profile, now) },
        Edit::SetPreferences { mut preferences } => {
            preferences.date_digest(&profile.preferences, now, &TimeZone::system());
            Edit::SetPreferences { preferences }
        }
        Edit::ChangePreferences { change } => match profile.preferences.changed(&change) {
            Ok(preferences) => dated(Edit::SetPreferences { preferences }, profile, now),
            // The profile says what is wrong with it.
            Err(_) => Edit::ChangePreferences { change },
        },
        other => other,
    }
}

fn drawn(mut alert: Alert, profile: &Profile, now: Timestamp) -> Alert {
    let before = profile.alert(&alert.id).ok();
    alert.created_at = before.map_or(Some(now), |before| before.created_at);
    let same = before.filter(|before| !alert.is_drawn_anew(before));
    (alert.drawn_at, alert.carried_to) = same.map_or((Some(now), None), |same| (same.drawn_at, same.carried_to));
    alert
}
