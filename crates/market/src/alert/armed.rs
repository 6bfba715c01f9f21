//! An alert at work: its rule, what that has seen, and how long it stays quiet.

use jiff::{SignedDuration, Timestamp};

use super::{Alert, AlertFired, Condition, Firing, Trigger};
use crate::Quote;

/// An alert at work.
#[derive(Debug, Clone)]
pub struct Armed {
    alert: Alert,
    trigger: Trigger,
    fired_at: Option<Timestamp>,
    /// Was to fire once, and has.
    spent: bool,
}

impl Armed {
    /// One that has seen nothing yet.
    pub fn new(alert: Alert) -> Self {
        let trigger = Trigger::new(alert.condition, alert.extended_hours);
        Self { alert, trigger, fired_at: None, spent: false }
    }

    /// The alert.
    pub fn alert(&self) -> &Alert {
        &self.alert
    }

    /// Whether what it has seen counts for this alert too. An alert whose condition was edited is a new rule: it must
    /// not fire because of what the old one saw. One that was carried over a split is the same.
    pub fn rules_as(&self, alert: &Alert) -> bool {
        let Alert { id, symbol, condition, extended_hours, drawn_at, .. } = &self.alert;
        let same_line = *condition == alert.condition || self.is_carried(alert);
        let same = (id, symbol, extended_hours) == (&alert.id, &alert.symbol, &alert.extended_hours);
        same_line && same && *drawn_at == alert.drawn_at
    }

    /// Whether the alert is this one, carried over a split since.
    fn is_carried(&self, alert: &Alert) -> bool {
        let of_a_line = matches!(
            (self.alert.condition, alert.condition),
            (Condition::Above(_), Condition::Above(_)) | (Condition::Below(_), Condition::Below(_))
        );
        of_a_line && alert.carried_to > self.alert.carried_to
    }

    /// The same rule, edited otherwise or carried over a split.
    #[must_use]
    pub fn with(mut self, alert: Alert) -> Self {
        if alert.carried_to != self.alert.carried_to {
            self.trigger.carry_over(alert.condition);
        }
        self.spent &= !alert.repeat;
        self.alert = alert;
        self
    }

    /// Remembers what it told in an earlier run.
    pub fn resume(&mut self, fired: &AlertFired) {
        self.fired_at = Some(fired.fired_at);
        self.spent |= self.alert.is_spent_by(fired);
        self.trigger.resume(fired);
    }

    /// Takes in a quote of its symbol; says whether it fires. What becomes true while it is to stay quiet is not told
    /// later either.
    pub fn observe(&mut self, quote: &Quote, now: Timestamp) -> Option<Firing> {
        let firing = self.trigger.observe(quote)?;
        if self.spent || self.stays_quiet(now) {
            return None;
        }
        self.fired_at = Some(now);
        self.spent = !self.alert.repeat;
        Some(firing)
    }

    fn stays_quiet(&self, now: Timestamp) -> bool {
        let (Some(fired), Some(minutes)) = (self.fired_at, self.alert.cooldown_minutes) else { return false };
        // A clock that was set back must not silence it for longer than was asked for.
        let since = now.duration_since(fired);
        !since.is_negative() && since < SignedDuration::from_mins(minutes.into())
    }
}
