//! A profile's alerts: which are taken, and what becomes of them. When one fires is not decided here.

use super::{ALERTS_MAX, EditError, Profile};
use crate::{Alert, alert::COOLDOWN_MINUTES_MAX};

impl Profile {
    /// The alert of that id.
    pub fn alert(&self, id: &str) -> Result<&Alert, EditError> {
        self.alerts.iter().find(|a| a.id == id).ok_or_else(|| EditError::NoAlert(id.into()))
    }

    /// Puts an alert in place of the one of its id, or at the end; says whether it is new.
    pub(crate) fn put_alert(&mut self, alert: Alert) -> Result<bool, EditError> {
        if !alert.condition.is_sound() {
            return Err(EditError::AlertValue);
        }
        if !alert.condition.is_timely() {
            return Err(EditError::AlertMinutes);
        }
        if alert.cooldown_minutes.is_some_and(|minutes| minutes > COOLDOWN_MINUTES_MAX) {
            return Err(EditError::Cooldown);
        }
        let destinations = alert.destinations.map(|chosen| self.checked_choice(chosen)).transpose()?;
        let alert = Alert { destinations, ..alert };
        if let Some(present) = self.alerts.iter_mut().find(|a| a.id == alert.id) {
            *present = alert;
            return Ok(false);
        }
        if self.alerts.len() == ALERTS_MAX {
            return Err(EditError::TooManyAlerts);
        }
        self.alerts.push(alert);
        Ok(true)
    }

    /// Removes an alert.
    pub(super) fn remove_alert(&mut self, id: &str) -> Result<(), EditError> {
        self.alert(id)?;
        self.alerts.retain(|a| a.id != id);
        Ok(())
    }

    pub(super) fn disable_alert(&mut self, id: &str) -> bool {
        self.alerts.iter_mut().find(|a| a.id == id).is_some_and(|a| std::mem::take(&mut a.enabled))
    }
}
