//! The desk's counter: what services in other processes ask for comes here, on the bus, and is handed to the desk like
//! everything else. A question that is asked again is answered again, and what it asks for is done once: the counter
//! remembers while it runs, and the desk keeps the ids of what it made with the accounts.

use std::collections::VecDeque;

use bus::{Bus, Letter, Letters};
use market::Edited;
use tokio_util::sync::CancellationToken;

use super::{
    DeskError, DeskHandle,
    account_edit::AccountEdit,
    handle::Asked,
    wire::{ADDRESS, Answer, Outcome, Question},
};

/// Answers that are remembered.
const ANSWERED_MAX: usize = 1_000;

/// Serves until `shutdown`. What is asked of a desk that is closing is left to the next one.
pub async fn serve(desk: DeskHandle, bus: Bus, shutdown: CancellationToken) {
    let mut letters = Letters::to(&bus, ADDRESS).await;
    let mut answered = Answered::default();
    while let Some(Some(letter)) = shutdown.run_until_cancelled(letters.next()).await {
        if let Some(outcome) = answered.to(&letter.id) {
            letter.answer(&bus, &outcome.clone().map(Answer::Edited)).await;
            continue;
        }
        let Some(question) = letter.question() else {
            tracing::warn!(id = letter.id, "nobody here can read what was asked: is it of another version?");
            continue;
        };
        match answer(&desk, &letter, question).await {
            Err(DeskError::Closed) => return,
            outcome => {
                answered.keep(&letter.id, &outcome);
                letter.answer(&bus, &outcome).await;
            }
        }
    }
}

async fn answer(desk: &DeskHandle, letter: &Letter, question: Question) -> Outcome {
    match question {
        Question::Edit { user, what } => {
            let removes = matches!(what, Asked::Account(AccountEdit::Remove));
            match desk.ask_as(letter.id.clone(), &user, what).await {
                // Nothing of the user is left that could remember.
                Err(DeskError::NoUser(_)) if removes && letter.again => Ok(Answer::Edited(Edited::Changed)),
                edited => edited.map(Answer::Edited),
            }
        }
        Question::Restore { user, id } => desk.restore(&user, &id).await.map(Answer::Edited),
        Question::Log(user) => desk.alert_log(&user).await.map(|log| Answer::Log((*log).clone())),
        Question::Backups(user) => desk.backups(&user).await.map(Answer::Backups),
    }
}

/// What was answered lately, but for what only reads.
#[derive(Debug, Default)]
struct Answered(VecDeque<(String, Result<Edited, DeskError>)>);

impl Answered {
    fn to(&self, id: &str) -> Option<&Result<Edited, DeskError>> {
        self.0.iter().rev().find(|(known, _)| known == id).map(|(_, outcome)| outcome)
    }

    fn keep(&mut self, id: &str, outcome: &Outcome) {
        let kept = match outcome {
            Ok(Answer::Edited(edited)) => Ok(*edited),
            // Nothing was changed: asked again, it may be.
            Err(DeskError::NotSaved(_)) | Ok(_) => return,
            Err(error) => Err(error.clone()),
        };
        if self.0.len() >= ANSWERED_MAX {
            self.0.pop_front();
        }
        self.0.push_back((id.to_owned(), kept));
    }
}
