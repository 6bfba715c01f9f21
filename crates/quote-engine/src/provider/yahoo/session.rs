//! The session that `/v7/finance/quote` wants: one handshake however many callers, never one after another refusal, kept
//! between runs. Cookie and crumb are secrets: they stand in no log and no error.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use market::HealthCode;
use reqwest::header::HeaderValue;
use tokio::sync::Mutex;

use super::{
    config::YahooConfig,
    consent::{ConsentPage, Outcome},
    crumb::{Credentials, checked_crumb, cookie_header},
    http::Http,
    session_file::SessionFile,
};
use crate::provider::{Note, ProviderError, settings::Network};

const CRUMB_PATH: &str = "/v1/test/getcrumb";
/// How long to do without a crumb after the first, second… failure in a row.
const PAUSES: [Duration; 4] =
    [Duration::from_secs(45), Duration::from_secs(120), Duration::from_secs(240), Duration::from_secs(300)];
const UNDECIDED: &str =
    "it wants a decision about its cookies: set consent in [provider.yahoo] to \"reject\" or \"accept\"";
const SESSION_REFUSED: &str = "it refuses the session it gave";
/// How long a handshake that found nobody at home is not repeated.
const SILENCE_PAUSE: Duration = Duration::from_secs(5);

/// Why there is no session.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum NoSession {
    /// The vendor does not answer at all, or wants to be left alone: nothing else would work either.
    Provider(ProviderError),
    /// It gives no crumb: what works without one still does.
    Refused(Note),
}

impl NoSession {
    fn refused(why: impl Into<String>) -> Self {
        Self::Refused(Note::new(HealthCode::Refused, why))
    }
}

/// What is wrong with a session that was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stale {
    /// The crumb; the cookie may still be good.
    Crumb,
    /// Everything.
    Session,
}

/// The one owner of the credentials.
#[derive(Debug)]
pub(super) struct Session {
    state: Mutex<State>,
    file: Option<SessionFile>,
    cookie_url: String,
    consent_page: ConsentPage,
}

#[derive(Debug, Default)]
struct State {
    credentials: Option<Arc<Credentials>>,
    /// Until when nobody tries, and why.
    pause: Option<(Instant, NoSession)>,
    failures: usize,
}

impl Session {
    /// Takes up the session of the last run, if that is still good.
    pub(super) fn new(config: &YahooConfig, network: &Network) -> Self {
        let file = SessionFile::new(network, config);
        let credentials = file.as_ref().and_then(SessionFile::load).map(Arc::new);
        Self {
            state: Mutex::new(State { credentials, ..State::default() }),
            file,
            cookie_url: config.cookie_url.clone(),
            consent_page: ConsentPage::new(config),
        }
    }

    /// The session, made now if there is none.
    pub(super) async fn current(&self, http: &Http) -> Result<Arc<Credentials>, NoSession> {
        let mut state = self.state.lock().await;
        if let Some(credentials) = &state.credentials {
            return Ok(Arc::clone(credentials));
        }
        self.make(&mut state, http, None).await
    }

    /// A session other than `stale`: what another caller has made meanwhile, or a new one.
    pub(super) async fn renewed(
        &self,
        http: &Http,
        stale: &Arc<Credentials>,
        what: Stale,
    ) -> Result<Arc<Credentials>, NoSession> {
        let mut state = self.state.lock().await;
        match &state.credentials {
            Some(other) if !Arc::ptr_eq(other, stale) => return Ok(Arc::clone(other)),
            Some(_) => state.credentials = None,
            // Somebody else has tried meanwhile: `make` knows what came of it.
            None => {}
        }
        if state.failures > 0 && state.pause.is_none() {
            // Sessions have been refused before, and none has worked since.
            return Err(self.refused(&mut state).await);
        }
        let cookie = if what == Stale::Crumb { stale.cookie.clone() } else { None };
        self.make(&mut state, http, cookie).await
    }

    /// A session that was refused although it was new: no other is made for a while.
    pub(super) async fn give_up(&self, refused: &Arc<Credentials>) -> NoSession {
        let mut state = self.state.lock().await;
        match &state.credentials {
            Some(current) if Arc::ptr_eq(current, refused) => self.refused(&mut state).await,
            // Somebody else has seen to it.
            _ => NoSession::refused(SESSION_REFUSED),
        }
    }

    async fn refused(&self, state: &mut State) -> NoSession {
        state.credentials = None;
        if let Some(file) = &self.file {
            file.remove().await;
        }
        let why = NoSession::refused(SESSION_REFUSED);
        state.failed(why.clone());
        why
    }

    /// The credentials have answered: the next failure is a first one again.
    pub(super) async fn answered(&self) {
        self.state.lock().await.failures = 0;
    }

    /// Makes a session while the lock keeps everybody else waiting for it.
    async fn make(
        &self,
        state: &mut State,
        http: &Http,
        cookie: Option<HeaderValue>,
    ) -> Result<Arc<Credentials>, NoSession> {
        if let Some((until, why)) = &state.pause
            && Instant::now() < *until
        {
            return Err(why.clone());
        }
        match self.handshake(http, cookie).await {
            Ok(credentials) => {
                let credentials = Arc::new(credentials);
                state.pause = None;
                state.credentials = Some(Arc::clone(&credentials));
                if let Some(file) = &self.file {
                    file.store(&credentials).await;
                }
                tracing::debug!(provider = super::NAME, "a session was made");
                Ok(credentials)
            }
            Err(why) => {
                state.failed(why.clone());
                Err(why)
            }
        }
    }

    /// A crumb for the cookie that is there, else a cookie and a crumb for it.
    async fn handshake(&self, http: &Http, cookie: Option<HeaderValue>) -> Result<Credentials, NoSession> {
        if cookie.is_some() {
            match crumb(http, cookie).await {
                Err(NoSession::Refused(_)) => {}
                done => return done,
            }
        }
        let cookie = match http.page(&self.cookie_url).await {
            // Whatever its status (404 is usual): the cookie counts.
            Ok(reply) => cookie_header(&reply.cookies),
            Err(error @ ProviderError::RateLimited { .. }) => return Err(NoSession::Provider(error)),
            // Blocklists know the cookie's host: the crumb's address shows whether anybody is at home.
            Err(error) => {
                tracing::debug!(provider = super::NAME, %error, "no cookie");
                None
            }
        };
        match crumb(http, cookie).await {
            Err(NoSession::Refused(why)) => self.after_consent(http, why).await,
            done => done,
        }
    }

    /// The long way, where the short one gave no crumb: through the page that asks about cookies.
    async fn after_consent(&self, http: &Http, why: Note) -> Result<Credentials, NoSession> {
        match self.consent_page.visit(http).await {
            Ok(Outcome::Cookie(cookie)) => crumb(http, Some(cookie)).await,
            Ok(Outcome::Undecided) => Err(NoSession::Refused(Note::new(HealthCode::Consent, UNDECIDED))),
            Ok(Outcome::Nothing) => Err(NoSession::Refused(why)),
            Err(error @ ProviderError::RateLimited { .. }) => Err(NoSession::Provider(error)),
            Err(error) => {
                tracing::debug!(provider = super::NAME, %error, "no consent page");
                Err(NoSession::Refused(why))
            }
        }
    }
}

impl State {
    fn failed(&mut self, why: NoSession) {
        let pause = match &why {
            // The pause of a rate limit is kept where it holds for every request.
            NoSession::Provider(ProviderError::RateLimited { .. }) => return,
            NoSession::Provider(_) => SILENCE_PAUSE,
            NoSession::Refused(_) => {
                self.failures += 1;
                PAUSES[(self.failures - 1).min(PAUSES.len() - 1)]
            }
        };
        tracing::warn!(provider = super::NAME, ?why, pause_s = pause.as_secs(), "no session");
        self.pause = Some((Instant::now() + pause, why));
    }
}

async fn crumb(http: &Http, cookie: Option<HeaderValue>) -> Result<Credentials, NoSession> {
    let reply = http.api(CRUMB_PATH, cookie.as_ref()).await.map_err(NoSession::Provider)?;
    if reply.status != 200 {
        return Err(NoSession::refused(format!("it gives no crumb, HTTP {}", reply.status)));
    }
    let crumb = checked_crumb(&reply.body).ok_or_else(|| NoSession::refused("it gives no valid crumb"))?;
    Ok(Credentials { cookie, crumb })
}
