//! Who is let in by the broker inside: users as the desk knows them, wherever that works, and our own services.

use std::sync::{Arc, OnceLock};

use market::UserName;
use quote_engine::desk::DeskHandle;

use super::contact::Contact;

/// Closed for users until it is known who there is.
#[derive(Debug)]
pub(super) struct Doors {
    desk: OnceLock<DeskHandle>,
    services: Contact,
}

impl Doors {
    pub(super) fn new(services: Contact) -> Arc<Self> {
        Arc::new(Self { desk: OnceLock::new(), services })
    }

    /// From now on users are let in.
    pub(super) fn open(&self, desk: &DeskHandle) {
        // There is one desk.
        let _ = self.desk.set(desk.clone());
    }
}

impl bus::Accounts for Doors {
    fn recognises(&self, user: &UserName, password: &str) -> bool {
        self.desk.get().is_some_and(|desk| desk.recognises(user, password))
    }

    fn verify(&self, user: &UserName, password: &str) -> bool {
        self.desk.get().is_some_and(|desk| desk.verify(user, password))
    }

    fn may_feed(&self, user: &UserName) -> bool {
        self.desk.get().is_some_and(|desk| desk.may_feed(user))
    }

    fn are_known(&self) -> bool {
        self.desk.get().is_some_and(DeskHandle::has_been_heard)
    }

    fn is_service(&self, name: &str, password: &str) -> bool {
        self.services.opens(name, password)
    }
}
