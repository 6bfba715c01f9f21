//! What is changed of an account beside its profile: what opens it, and its rights.

use market::{Edited, Profile, UserName};
use serde::{Deserialize, Serialize};

use super::{DeskError, USERS_MAX};
use crate::store::{Account, Accounts};

/// A change to an account: to what opens it, or to its rights.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum AccountEdit {
    /// A new user, with this fingerprint of a token.
    Add(String),
    /// Another token, by its fingerprint; the one before opens nothing any more.
    Token(String),
    /// A password, by its hash; none where it is taken away.
    Password(Option<String>),
    /// Whether quotes of its own may be published.
    MayFeed(bool),
    /// The user, with all there is of it.
    Remove,
}

/// Makes the change.
pub(super) fn edit_account(accounts: &mut Accounts, user: &UserName, edit: AccountEdit) -> Result<Edited, DeskError> {
    if let AccountEdit::Add(token_sha256) = edit {
        return match accounts.len() {
            USERS_MAX.. => Err(DeskError::TooManyUsers),
            _ if accounts.contains_key(user) => Err(DeskError::UserExists(user.to_string())),
            _ => {
                accounts.insert(user.clone(), Account::new(token_sha256, Profile::new(user.clone())));
                Ok(Edited::Created)
            }
        };
    }
    let account = accounts.get_mut(user).ok_or_else(|| DeskError::NoUser(user.to_string()))?;
    match edit {
        AccountEdit::Add(token_sha256) | AccountEdit::Token(token_sha256) => account.token_sha256 = token_sha256,
        AccountEdit::Password(password) => account.password = password,
        AccountEdit::MayFeed(may_feed) => account.may_feed = may_feed,
        AccountEdit::Remove if *user == UserName::me() => return Err(DeskError::Owner(user.to_string())),
        AccountEdit::Remove => drop(accounts.remove(user)),
    }
    Ok(Edited::Changed)
}
