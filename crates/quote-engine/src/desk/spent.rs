//! Alerts that were to fire once and have, but are still armed on the disk: the log is written first, and the disk may be
//! full or the program killed before they are switched off. The next write does it.

use std::collections::BTreeSet;

use market::{Alert, AlertFired, Edit, Edited, UserName, quote::REPLAY};

use super::{Happened, log::Logs};
use crate::store::Accounts;

/// Those that no write has switched off yet; no more than there are alerts.
#[derive(Debug, Default)]
pub(super) struct Spent(BTreeSet<(UserName, String)>);

impl Spent {
    /// Those of the run before: armed, although their log has them fired. A recording spends nothing.
    pub(super) fn found(accounts: &Accounts, logs: &Logs) -> Self {
        let has_fired = |user: &UserName, alert: &Alert| {
            let mut fired = logs.get(user).into_iter().flat_map(|log| log.fired());
            fired.any(|fired: &AlertFired| fired.source != REPLAY && alert.is_spent_by(fired))
        };
        let armed = accounts.iter().flat_map(|(user, account)| {
            let alerts = account.profile.alerts.iter().filter(|alert| alert.enabled && has_fired(user, alert));
            alerts.map(|alert| (user.clone(), alert.id.clone()))
        });
        Self(armed.collect())
    }

    /// And those of what happened.
    pub(super) fn add(&mut self, batch: &[Happened]) {
        self.0.extend(batch.iter().filter_map(|each| Some((each.user.clone(), each.spent.clone()?))));
    }

    /// Switches them off; says whether that changes anything.
    pub(super) fn switch_off(&mut self, accounts: &mut Accounts) -> bool {
        self.0.retain(|(user, id)| {
            let edit = Edit::DisableAlert { id: id.clone() };
            accounts.get_mut(user).is_some_and(|account| account.profile.apply(edit) == Ok(Edited::Changed))
        });
        !self.0.is_empty()
    }

    /// They are off on the disk too.
    pub(super) fn saved(&mut self) {
        self.0.clear();
    }
}
