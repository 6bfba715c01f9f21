//! Whose daily digest is due.

use std::collections::HashMap;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use market::{Preferences, UserName};

/// Remembers what the log does not know yet.
#[derive(Debug, Default)]
pub(super) struct Digests {
    told_on: HashMap<UserName, Date>,
}

impl Digests {
    /// Whether this user's digest is to be made now; `logged_on` is the day of the last one in the log.
    pub(super) fn is_due(
        &self,
        user: &UserName,
        preferences: &Preferences,
        logged_on: Option<Date>,
        now: Timestamp,
    ) -> bool {
        let told_on = self.told_on.get(user).copied().max(logged_on);
        let zone = preferences.zone(&TimeZone::system());
        preferences.digest.is_some_and(|time| time.is_due(told_on, now, &zone))
    }

    /// No other one today: it was made.
    pub(super) fn done_for_today(&mut self, user: &UserName, preferences: &Preferences, now: Timestamp) {
        self.told_on.insert(user.clone(), preferences.zone(&TimeZone::system()).to_datetime(now).date());
    }

    /// Forgets who is gone.
    pub(super) fn forget(&mut self, user: &UserName) {
        self.told_on.remove(user);
    }
}
