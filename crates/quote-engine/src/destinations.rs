//! Takes alerts that fired to the places that their user named: e-mail, webhooks, chats, short messages, browsers.
//!
//! What fired is put down in the [`outbox`] when it is heard, and stays there until a place has taken it, has refused it for
//! good, or a day has passed: each place gets it at least once, whatever ends in between. Whether anything is told at all
//! (pauses, mutes, quiet hours) was decided before it was said on the bus. A place that does not answer holds up no other.

mod config;
mod courier;
mod guard;
mod http;
mod mail;
mod message;
mod outbox;
mod push;
mod retry;
mod round;
mod sender;
mod signature;
mod templates;

use std::{fmt, time::Duration};

use async_trait::async_trait;

pub use config::{DestinationsConfig, MailConfig, MailSecurity, SmsConfig, TELEGRAM_URL, TWILIO_URL};
pub use courier::Courier;
pub use outbox::FILE_NAME as OUTBOX_FILE;
pub use round::{DestinationsError, DestinationsHandle, Round};

use message::Message;

/// A place that takes messages.
#[async_trait]
trait Destination: fmt::Debug + Send + Sync {
    /// Hands over one message; what the place said to it.
    async fn deliver(&self, message: &Message) -> Result<String, Refusal>;
}

/// Why a message was not taken. Holds no secret and no address that is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It may be taken later.
    Later {
        /// Why not now.
        reason: String,
        /// How long the place wants to be left alone, where it says so.
        after: Option<Duration>,
    },
    /// It will not be taken: trying again as it is changes nothing.
    Never {
        /// Why not.
        reason: String,
    },
    /// The place is no more.
    Gone {
        /// What was said of it.
        reason: String,
    },
}

impl Refusal {
    fn later(reason: impl Into<String>) -> Self {
        Self::Later { reason: reason.into(), after: None }
    }

    fn never(reason: impl Into<String>) -> Self {
        Self::Never { reason: reason.into() }
    }

    /// In words.
    pub fn reason(&self) -> &str {
        match self {
            Self::Later { reason, .. } | Self::Never { reason } | Self::Gone { reason } => reason,
        }
    }

    /// The same of a place that stays, whatever it says of itself.
    fn staying(self) -> Self {
        match self {
            Self::Gone { reason } => Self::Never { reason },
            other => other,
        }
    }
}

/// Words of others, short, on one line and without controls.
fn quoted(text: &str, most: usize) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
