//! An engine's counter: what services in other processes ask for comes here, on the bus. Everything asked is harmless to
//! ask twice; what is being answered is not begun again.

use std::collections::BTreeSet;

use bus::{Bus, Letter, Letters};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{
    FeedHandle,
    wire::{Answer, Outcome, Question, address},
};

/// Questions that are answered at once at the most; others are left until they are asked again.
const AT_WORK_MAX: usize = 64;

/// Serves as this instance until `shutdown`.
pub async fn serve(feed: FeedHandle, bus: Bus, instance: String, shutdown: CancellationToken) {
    let mut letters = Letters::to(&bus, &address(&instance)).await;
    let (mut at_work, mut ids) = (JoinSet::new(), BTreeSet::<String>::new());
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            Some(done) = at_work.join_next() => match done {
                Ok(id) => {
                    ids.remove(&id);
                }
                Err(error) => tracing::error!(%error, "a question was lost"),
            },
            letter = letters.next(), if at_work.len() < AT_WORK_MAX => {
                let Some(letter) = letter else { return };
                if ids.insert(letter.id.clone()) {
                    at_work.spawn(answer(feed.clone(), bus.clone(), letter));
                }
            }
        }
        if at_work.is_empty() {
            ids.clear();
        }
    }
}

async fn answer(feed: FeedHandle, bus: Bus, letter: Letter) -> String {
    if let Some(question) = letter.question() {
        letter.answer(&bus, &found(&feed, question).await).await;
    } else {
        tracing::warn!(id = letter.id, "nobody here can read what was asked: is it of another version?");
    }
    letter.id
}

async fn found(feed: &FeedHandle, question: Question) -> Outcome {
    Ok(match question {
        Question::Look(symbols) => Answer::Looked(feed.look(symbols).await),
        Question::Retry => {
            feed.retry_now().await;
            Answer::Done
        }
        Question::KeyChanged => {
            feed.key_changed().await;
            Answer::Done
        }
        Question::Search(text) => Answer::Found(feed.search(&text).await?),
        Question::History(symbol, range) => Answer::History(Box::new(feed.history(&symbol, range).await?)),
        Question::List(list) => Answer::Found(feed.list(list).await?),
        Question::Sparks(symbols) => Answer::Charts(feed.sparks(symbols).await),
        Question::Hours(symbols) => Answer::Hours(feed.hours(symbols).await),
    })
}
