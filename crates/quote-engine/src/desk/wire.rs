//! What is asked of a desk in another process, and what it answers.

use market::{AlertLog, Backups, Edited, UserName};
use serde::{Deserialize, Serialize};

use super::{DeskError, handle::Asked};

/// Where questions to the desk go. There is one.
pub(super) const ADDRESS: &str = "desk";

/// What is asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Question {
    Edit { user: UserName, what: Asked },
    Restore { user: UserName, id: String },
    Log(UserName),
    Backups(UserName),
}

/// What is answered.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    Edited(Edited),
    Log(AlertLog),
    Backups(Backups),
}

/// Or why not.
pub(super) type Outcome = Result<Answer, DeskError>;
