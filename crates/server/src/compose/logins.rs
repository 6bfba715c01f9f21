//! Logins that are taken back: whoever came in with one is sent away by the broker. Must never send anybody away whose
//! login still opens.

use std::sync::Arc;

use broker::{Broker, Identity};
use market::UserName;
use quote_engine::store::{Account, Accounts};
use tokio::sync::watch;

use super::Supervisor;

pub(super) fn start(broker: &Broker, accounts: &watch::Receiver<Arc<Accounts>>, supervisor: &Supervisor) {
    let (broker, accounts, shutdown) = (broker.clone(), accounts.clone(), supervisor.shutdown());
    supervisor.restarting("logins", move || {
        let (broker, accounts, shutdown) = (broker.clone(), accounts.clone(), shutdown.clone());
        async move {
            shutdown.run_until_cancelled(watch(broker, accounts)).await;
        }
    });
}

/// Ends when there are no accounts to come any more.
async fn watch(broker: Broker, mut accounts: watch::Receiver<Arc<Accounts>>) {
    let mut before = Arc::clone(&accounts.borrow_and_update());
    while accounts.changed().await.is_ok() {
        let now = Arc::clone(&accounts.borrow_and_update());
        for user in taken_back(&before, &now) {
            tracing::info!(%user, "a login was taken back; the MQTT sessions of this user end");
            broker.expel(&Identity::User(user.as_str().into()));
        }
        before = now;
    }
}

/// Whose token or password opens nothing any more. A first password takes nothing back.
fn taken_back<'a>(before: &'a Accounts, now: &'a Accounts) -> impl Iterator<Item = &'a UserName> {
    let opens_still = |was: &Account, is: &Account| {
        was.token_sha256 == is.token_sha256 && (was.password.is_none() || was.password == is.password)
    };
    let is_other = move |user: &UserName, was: &Account| now.get(user).is_none_or(|is| !opens_still(was, is));
    before.iter().filter(move |(user, was)| is_other(user, was)).map(|(user, _)| user)
}

#[cfg(test)]
mod tests {
    use market::Profile;

    use super::*;

    fn accounts(all: &[(&str, &str, Option<&str>)]) -> Accounts {
        let account = |&(name, token, password): &(&str, &str, Option<&str>)| {
            let user = UserName::parse(name).unwrap();
            let account = Account::new(token.to_owned(), Profile::new(user.clone()));
            (user, Account { password: password.map(str::to_owned), ..account })
        };
        all.iter().map(account).collect()
    }

    #[test]
    fn what_opened_and_opens_no_more_is_taken_back() {
        let before = accounts(&[
            ("same", "t", Some("p")),
            ("token", "t", None),
            ("password", "t", Some("p")),
            ("no-password", "t", Some("p")),
            ("first-password", "t", None),
            ("removed", "t", None),
        ]);
        let now = accounts(&[
            ("same", "t", Some("p")),
            ("token", "u", None),
            ("password", "t", Some("q")),
            ("no-password", "t", None),
            ("first-password", "t", Some("p")),
            ("new", "t", None),
        ]);
        let names: Vec<&str> = taken_back(&before, &now).map(UserName::as_str).collect();
        assert_eq!(names, ["no-password", "password", "removed", "token"]);
    }
}
