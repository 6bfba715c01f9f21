//! What services in other processes are told of accounts: all that the desk keeps of each user, and who there is, on
//! topics that only services read. Never which changes were asked for.

use std::collections::VecDeque;

use bus::{Message, Topic};
use market::UserName;

use crate::store::{Account, Accounts};

/// What is to be said where accounts changed.
pub(super) fn changes(before: &Accounts, now: &Accounts) -> Vec<Message> {
    let changed = now.iter().filter(|(user, account)| before.get(*user) != Some(account));
    let mut messages: Vec<Message> = changed.filter_map(|(user, account)| told(user, account)).collect();
    let gone = before.keys().filter(|user| !now.contains_key(*user));
    messages.extend(gone.map(|user| Message::Gone(Topic::Account(user.clone()))));
    if !before.keys().eq(now.keys()) {
        messages.push(Message::Users(now.keys().cloned().collect()));
    }
    messages
}

fn told(user: &UserName, account: &Account) -> Option<Message> {
    let account = Account { answered: VecDeque::new(), ..account.clone() };
    match serde_json::to_vec(&account) {
        Ok(bytes) => Some(Message::Account(user.clone(), bytes.into())),
        Err(error) => {
            tracing::error!(%user, %error, "an account cannot be written");
            None
        }
    }
}

/// What the bus keeps of a user who is gone: nothing.
pub(super) fn nothing_left(user: &UserName) -> Vec<Message> {
    [Topic::Watchlists(user.clone()), Topic::Preferences(user.clone()), Topic::AlertLog(user.clone())]
        .map(Message::Gone)
        .into()
}
