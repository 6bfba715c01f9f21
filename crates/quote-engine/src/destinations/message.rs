//! What a place is told: worded as a notification is, in the language of its user.

use jiff::Timestamp;
use market::{LogEvent, Profile};

use crate::{
    notifier::{Notification, text},
    token,
    words::Words,
};

/// One message, in words and for programs.
#[derive(Debug, Clone)]
pub(super) struct Message {
    /// The same at each try, so that who hears it twice can tell.
    pub(super) id: String,
    /// One line.
    pub(super) title: String,
    /// A few lines.
    pub(super) body: String,
    /// The rule alone, of an alert.
    pub(super) rule: Option<String>,
    /// The language of all that, as a BCP 47 tag.
    pub(super) language: &'static str,
    /// What happened, for programs; `None` of a test.
    pub(super) event: Option<LogEvent>,
    /// When.
    pub(super) at: Timestamp,
}

impl Message {
    /// What happened, as this reader is told.
    pub(super) fn of(event: &LogEvent, words: &Words, reader: &Profile) -> Self {
        let (told, rule, at) = match event {
            LogEvent::Alert(fired) => (text::one(words, reader, fired), Some(text::rule(words, fired)), fired.fired_at),
            LogEvent::Digest(digest) => (text::digest(words, reader, digest), None, digest.made_at),
        };
        let of_all = Self::new(event.id().to_owned(), told, words.tag(), at);
        Self { rule, event: Some(event.clone()), ..of_all }
    }

    /// Something to see whether anything arrives.
    pub(super) fn test(words: &Words) -> Self {
        Self::new(token::generate(), text::test(words), words.tag(), Timestamp::now())
    }

    fn new(id: String, told: Notification, language: &'static str, at: Timestamp) -> Self {
        Self { id, title: told.title, body: told.body, rule: None, language, event: None, at }
    }
}

/// When something happened.
pub(super) fn happened_at(event: &LogEvent) -> Timestamp {
    match event {
        LogEvent::Alert(fired) => fired.fired_at,
        LogEvent::Digest(digest) => digest.made_at,
    }
}
