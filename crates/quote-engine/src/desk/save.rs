//! The three kinds of changes, each made to a copy, saved, and only then put in place: what is not saved is not so.

use std::sync::Arc;

use market::{AlertLog, Edit, Edited, LogEdit, Timestamp, UserName};

use super::{
    Accounts, Desk, DeskError, Disk, Message,
    account_edit::{AccountEdit, edit_account},
    dated::dated,
    preferences, shared, watchlists,
};

impl Desk {
    /// Applies an edit to a copy, saves the copy, and only then puts it in place; the state before it is kept where it
    /// should be.
    pub(super) async fn save_edit(
        mut self,
        user: &UserName,
        edit: Edit,
        id: Option<String>,
    ) -> (Self, Result<(Edited, Vec<Message>), DeskError>) {
        let mut accounts = Accounts::clone(&self.accounts.borrow());
        self.spent.switch_off(&mut accounts);
        let Some(account) = accounts.get_mut(user) else {
            return (self, Err(DeskError::NoUser(user.to_string())));
        };
        if let Some(edited) = account.has_answered(id.as_deref()) {
            return (self, Ok((edited, Vec::new())));
        }
        let (before, drastic) = (account.profile.clone(), edit.is_drastic());
        let edit = dated(edit, &before, Timestamp::now());
        let applied = account.profile.apply(edit);
        let chosen = (account.profile.preferences != before.preferences).then(|| preferences(&account.profile));
        let news = [watchlists(&account.profile)].into_iter().chain(chosen).collect();
        match applied {
            Err(error) => return (self, Err(error.into())),
            Ok(Edited::Unchanged) => return (self, Ok((Edited::Unchanged, news))),
            Ok(edited @ (Edited::Created | Edited::Changed)) => account.answers(id, edited),
        }
        let save = move |disk: &mut Disk| {
            disk.keep(&before, drastic)?;
            disk.save(&accounts).map(|()| accounts)
        };
        let (mut desk, saved) = self.on_disk(save).await;
        let done = saved.map(|accounts| desk.put_accounts(accounts));
        (desk, done.map_err(DeskError::from).and_then(|()| Ok((applied?, news))))
    }

    /// The same for what opens an account, and for its rights.
    pub(super) async fn save_account_edit(
        self,
        user: &UserName,
        edit: AccountEdit,
        id: Option<String>,
    ) -> (Self, Result<(Edited, Vec<Message>), DeskError>) {
        let mut accounts = Accounts::clone(&self.accounts.borrow());
        if let Some(edited) = accounts.get(user).and_then(|account| account.has_answered(id.as_deref())) {
            return (self, Ok((edited, Vec::new())));
        }
        let edited = match edit_account(&mut accounts, user, edit) {
            Ok(edited) => edited,
            Err(error) => return (self, Err(error)),
        };
        let news = match accounts.get_mut(user) {
            Some(account) => {
                account.answers(id, edited);
                vec![watchlists(&account.profile), preferences(&account.profile)]
            }
            None => shared::nothing_left(user),
        };
        let (mut desk, saved) = self.on_disk(move |disk| disk.save(&accounts).map(|()| accounts)).await;
        let removed = saved.as_ref().is_ok_and(|accounts| !accounts.contains_key(user));
        let done = saved.map(|accounts| desk.put_accounts(accounts));
        if removed {
            desk = desk.clear_away(user).await;
        }
        (desk, done.map(|()| (edited, news)).map_err(DeskError::from))
    }

    /// What is left of a user who is gone: the log and the states that were kept.
    async fn clear_away(self, user: &UserName) -> Self {
        let owner = user.clone();
        let (desk, cleared) = self
            .on_disk(move |disk| {
                disk.backups.remove_all(&owner);
                disk.logs.remove(&owner)
            })
            .await;
        if let Err(error) = cleared {
            tracing::warn!(%user, %error, "the alert log of a user who is gone is still there");
        }
        desk.logs.send_modify(|logs| drop(Arc::make_mut(logs).remove(user)));
        desk
    }

    /// The same for an edit of the log.
    pub(super) async fn save_log_edit(
        self,
        user: &UserName,
        edit: LogEdit,
    ) -> (Self, Result<(Edited, Vec<Message>), DeskError>) {
        if !self.accounts.borrow().contains_key(user) {
            return (self, Err(DeskError::NoUser(user.to_string())));
        }
        let mut log = self.logs.borrow().get(user).map(|log| AlertLog::clone(log)).unwrap_or_default();
        let applied = log.apply(&edit);
        let news = vec![Message::AlertLog(user.clone(), log.summary())];
        match applied {
            Err(error) => return (self, Err(error.into())),
            Ok(Edited::Unchanged) => return (self, Ok((Edited::Unchanged, news))),
            Ok(Edited::Created | Edited::Changed) => {}
        }
        let owner = user.clone();
        let (desk, saved) = self.on_disk(move |disk| disk.logs.save(&owner, &log).map(|()| log)).await;
        let done = saved.map(|log| desk.put_logs([(user.clone(), log)]));
        (desk, done.map_err(DeskError::from).and_then(|()| Ok((applied?, news))))
    }
}
