//! The alert log: what fired, newest first, and what the user has read of it. The log is the truth; what is published
//! and notified are copies.

use std::collections::VecDeque;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{AlertFired, Digest, EditError, Edited, Symbol, quiet::Silence};

/// Entries kept of one user; the oldest give way.
pub const LOG_ENTRIES_MAX: usize = 200;

/// What is written down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum LogEvent {
    /// An alert fired.
    Alert(AlertFired),
    /// A day's digest was made.
    Digest(Digest),
}

impl LogEvent {
    /// Its id.
    pub fn id(&self) -> &str {
        match self {
            Self::Alert(fired) => &fired.id,
            Self::Digest(digest) => &digest.id,
        }
    }
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogEntry {
    /// What happened.
    pub event: LogEvent,
    /// Whether the user has read it.
    pub read: bool,
    /// Why it made no sound; left out where it was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silent: Option<Silence>,
}

/// How much there is, as published whenever the log changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogSummary {
    /// Entries in the log.
    pub entries: u32,
    /// Those that the user has not read.
    pub unread: u32,
}

/// One user's log.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct AlertLog {
    /// Newest first, at most [`LOG_ENTRIES_MAX`].
    entries: VecDeque<LogEntry>,
    /// The user's day of the last digest; stays when the log is cleared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest_on: Option<Date>,
    /// What each rule told last, where the log has forgotten it, newest first, at most [`LOG_ENTRIES_MAX`]: what was told
    /// today and who is to stay quiet is known all the same.
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    forgotten: VecDeque<AlertFired>,
}

/// One change that a user can make to the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogEdit {
    /// One entry has been read.
    MarkRead {
        /// The id of what happened.
        id: String,
    },
    /// All have been read.
    MarkAllRead,
    /// Forgets all entries.
    Clear,
}

impl AlertLog {
    /// Newest first.
    pub fn entries(&self) -> impl Iterator<Item = &LogEntry> {
        self.entries.iter()
    }

    /// The user's day of the last digest.
    pub fn digest_on(&self) -> Option<Date> {
        self.digest_on
    }

    /// How much there is.
    pub fn summary(&self) -> LogSummary {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let unread = self.entries.iter().filter(|entry| !entry.read).count();
        LogSummary { entries: count(self.entries.len()), unread: count(unread) }
    }

    /// Every alert that fired, newest first; of what is no longer in the log the last of each rule.
    pub fn fired(&self) -> impl DoubleEndedIterator<Item = &AlertFired> {
        let entries = self.entries.iter().filter_map(|entry| match &entry.event {
            LogEvent::Alert(fired) => Some(fired),
            LogEvent::Digest(_) => None,
        });
        entries.chain(&self.forgotten)
    }

    /// Whether it has this already: the very event, or another word for it, such as two dispatchers that saw one quote
    /// cross one line.
    pub fn has(&self, event: &LogEvent) -> bool {
        match event {
            LogEvent::Alert(fired) => self.fired().any(|known| {
                known.id == fired.id || known.rule() == fired.rule() && known.quoted_at == fired.quoted_at
            }),
            LogEvent::Digest(digest) => self.digest_on.is_some_and(|day| day >= digest.day),
        }
    }

    /// Writes down what happened; the oldest entry gives way.
    pub fn push(&mut self, event: LogEvent, silent: Option<Silence>) {
        if let LogEvent::Digest(digest) = &event {
            self.digest_on = Some(digest.day);
        }
        self.entries.push_front(LogEntry { event, read: false, silent });
        self.forget_beyond(LOG_ENTRIES_MAX);
    }

    /// Forgets the oldest entries, but for what each rule told last.
    fn forget_beyond(&mut self, count: usize) {
        while self.entries.len() > count {
            let Some(LogEntry { event: LogEvent::Alert(fired), .. }) = self.entries.pop_back() else { continue };
            self.forgotten.retain(|before| before.rule() != fired.rule());
            self.forgotten.push_front(fired);
        }
        self.forgotten.truncate(LOG_ENTRIES_MAX);
    }

    /// Makes one change, or says why not.
    pub fn apply(&mut self, edit: &LogEdit) -> Result<Edited, EditError> {
        let changed = match edit {
            LogEdit::MarkRead { id } => {
                let entry = self.entries.iter_mut().find(|entry| entry.event.id() == id);
                let entry = entry.ok_or_else(|| EditError::NoLogEntry(id.clone()))?;
                !std::mem::replace(&mut entry.read, true)
            }
            LogEdit::MarkAllRead => {
                let any = self.summary().unread > 0;
                self.entries.iter_mut().for_each(|entry| entry.read = true);
                any
            }
            LogEdit::Clear => {
                let any = !self.entries.is_empty();
                self.forget_beyond(0);
                any
            }
        };
        Ok(if changed { Edited::Changed } else { Edited::Unchanged })
    }
}

impl AlertFired {
    /// Whose memory it is: that of an alert on a symbol, each way for itself.
    fn rule(&self) -> (&str, &Symbol, bool) {
        (&self.alert_id, &self.symbol, self.change_percent.is_none_or(|moved| moved >= 0.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fired(n: usize) -> LogEvent {
        let fired = serde_json::from_value(serde_json::json!({
            "id": n.to_string(), "alert_id": "a", "user": "me", "symbol": "AAPL", "condition": {"kind": "year_high"},
            "price": 1.0, "quoted_at": "2026-11-23T15:00:00Z", "fired_at": "2026-11-23T15:00:00Z", "source": "test",
        }));
        LogEvent::Alert(fired.unwrap())
    }

    fn ids(log: &AlertLog) -> Vec<&str> {
        log.entries().map(|entry| entry.event.id()).collect()
    }

    #[test]
    fn a_digest_is_remembered_after_the_log_is_cleared() {
        let mut log = AlertLog::default();
        let digest = serde_json::json!({
            "id": "d", "user": "me", "day": "2026-11-25", "made_at": "2026-11-25T17:30:00Z", "up": [], "down": [],
        });
        log.push(LogEvent::Digest(serde_json::from_value(digest).unwrap()), Some(Silence::QuietHours));
        let entry = serde_json::to_value(log.entries().next().unwrap()).unwrap();
        assert_eq!((&entry["event"]["digest"]["day"], &entry["silent"]), (&"2026-11-25".into(), &"quiet_hours".into()));
        assert_eq!(log.apply(&LogEdit::Clear), Ok(Edited::Changed));
        assert_eq!(
            (log.summary(), log.digest_on().map(|day| day.to_string())),
            (LogSummary::default(), Some("2026-11-25".into()))
        );
        assert_eq!(log.apply(&LogEdit::Clear), Ok(Edited::Unchanged));
    }

    #[test]
    fn what_each_rule_told_last_outlives_its_entry() {
        let mut log = AlertLog::default();
        let of = |id: &str, alert: &str, moved: f64| {
            let LogEvent::Alert(fired) = fired(0) else { unreachable!() };
            LogEvent::Alert(AlertFired { id: id.into(), alert_id: alert.into(), change_percent: Some(moved), ..fired })
        };
        for (id, alert, moved) in [("1", "a", 3.0), ("2", "b", 3.0), ("3", "a", 3.0), ("4", "a", -3.0)] {
            log.push(of(id, alert, moved), None);
        }
        log.apply(&LogEdit::Clear).unwrap();
        let told = |log: &AlertLog| log.fired().map(|fired| fired.id.clone()).collect::<Vec<_>>();
        assert_eq!((log.summary(), told(&log)), (LogSummary::default(), ["4", "3", "2"].map(String::from).to_vec()));
        log.push(of("5", "b", 3.0), None);
        (0..LOG_ENTRIES_MAX).for_each(|n| log.push(of(&format!("n{n}"), "n", 3.0), None));
        assert_eq!(told(&log)[LOG_ENTRIES_MAX..], ["5", "4", "3"], "or it gave way");
        let all = (0..2 * LOG_ENTRIES_MAX).map(|n| of(&format!("m{n}"), &format!("m{n}"), 3.0));
        all.for_each(|event| log.push(event, None));
        log.apply(&LogEdit::Clear).unwrap();
        assert_eq!(told(&log).len(), LOG_ENTRIES_MAX);
    }

    #[test]
    fn the_same_told_by_two_is_one() {
        let mut log = AlertLog::default();
        log.push(fired(1), None);
        let LogEvent::Alert(first) = fired(1) else { unreachable!() };
        let as_told = |id: &str, at: &str| {
            LogEvent::Alert(AlertFired { id: id.into(), quoted_at: at.parse().unwrap(), ..first.clone() })
        };
        let (then, later) = ("2026-11-23T15:00:00Z", "2026-11-23T15:00:01Z");
        assert!(log.has(&fired(1)) && log.has(&as_told("1", later)) && log.has(&as_told("other", then)));
        assert!(!log.has(&as_told("other", later)), "it fired again");
        log.apply(&LogEdit::Clear).unwrap();
        assert!(log.has(&fired(1)), "what was told outlives its entry");
    }

    #[test]
    fn one_is_read_or_all_are() {
        let mut log = AlertLog::default();
        (1..=3).for_each(|n| log.push(fired(n), None));
        let read = |id: &str| LogEdit::MarkRead { id: id.into() };
        assert_eq!(log.apply(&read("2")), Ok(Edited::Changed));
        assert_eq!(log.apply(&read("2")), Ok(Edited::Unchanged));
        assert_eq!(log.apply(&read("9")), Err(EditError::NoLogEntry("9".into())));
        assert_eq!(log.summary(), LogSummary { entries: 3, unread: 2 });
        assert_eq!((log.apply(&LogEdit::MarkAllRead), log.summary().unread), (Ok(Edited::Changed), 0));
        assert_eq!(log.apply(&LogEdit::MarkAllRead), Ok(Edited::Unchanged));
    }

    proptest! {
        /// The newest entries are kept, newest first, and survive a round through JSON.
        #[test]
        fn the_newest_are_kept(count in 0usize..500) {
            let mut log = AlertLog::default();
            (0..count).for_each(|n| log.push(fired(n), None));
            let expected: Vec<String> = (0..count).rev().take(LOG_ENTRIES_MAX).map(|n| n.to_string()).collect();
            prop_assert_eq!(ids(&log), expected);
            let again: AlertLog = serde_json::from_str(&serde_json::to_string(&log).unwrap()).unwrap();
            prop_assert_eq!(again, log);
        }
    }
}
