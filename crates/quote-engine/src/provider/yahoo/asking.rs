//! Requests that need the session: with the crumb, which is renewed once where it is refused, and never twice.

use std::sync::Arc;

use market::Symbol;

use super::{
    classify::{Verdict, from_fault, verdict},
    crumb::Credentials,
    decode::Fault,
    http::Http,
    session::{NoSession, Session, Stale},
};
use crate::provider::ProviderError;

/// The parameter that a crumb goes in.
pub(super) const CRUMB_PARAMETER: &str = "&crumb=";

/// The API and the session with it.
#[derive(Debug)]
pub(super) struct Api {
    pub(super) http: Http,
    pub(super) session: Session,
}

/// A question: where to ask it, about which single symbol (where there is one), and how to read the answer.
pub(super) struct Question<'a, T> {
    /// Path and query, to which the crumb is added.
    pub(super) path: String,
    pub(super) only: Option<&'a Symbol>,
    pub(super) read: &'a (dyn Fn(&[u8]) -> Result<T, Fault> + Send + Sync),
}

enum Asked<T> {
    Answer(T),
    Refused(Stale),
}

impl Api {
    /// Asks within the session. `NoSession::Refused` says that there is none to be had.
    pub(super) async fn ask<T>(&self, question: Question<'_, T>) -> Result<T, NoSession> {
        let credentials = self.session.current(&self.http).await?;
        let stale = match self.ask_once(&question, &credentials).await.map_err(NoSession::Provider)? {
            Asked::Answer(answer) => return Ok(answer),
            Asked::Refused(stale) => stale,
        };
        let renewed = self.session.renewed(&self.http, &credentials, stale).await?;
        match self.ask_once(&question, &renewed).await.map_err(NoSession::Provider)? {
            Asked::Answer(answer) => Ok(answer),
            Asked::Refused(_) => Err(self.session.give_up(&renewed).await),
        }
    }

    async fn ask_once<T>(
        &self,
        question: &Question<'_, T>,
        credentials: &Arc<Credentials>,
    ) -> Result<Asked<T>, ProviderError> {
        let path = format!("{}{CRUMB_PARAMETER}{}", question.path, credentials.encoded_crumb());
        let reply = self.http.api(&path, credentials.cookie.as_ref()).await?;
        match verdict(reply, question.only) {
            Verdict::Body(body) => {
                let answer = (question.read)(&body).map_err(|fault| from_fault(&fault, question.only))?;
                self.session.answered().await;
                Ok(Asked::Answer(answer))
            }
            Verdict::CrumbRefused => Ok(Asked::Refused(Stale::Crumb)),
            Verdict::SessionRefused => Ok(Asked::Refused(Stale::Session)),
            Verdict::Failed(error) => Err(error),
        }
    }
}
