//! The page that asks about cookies before it gives any, as it does in Europe: what a browser would go through, step by
//! step, so that each host is looked at before it is asked and no cookie on the way is lost.
//!
//! It never decides for the user: the form is sent only where the settings say what to answer.

use reqwest::{Url, header::HeaderValue};
use serde::{Deserialize, Serialize};

use super::{config::YahooConfig, crumb::cookie_header, form, http::Http};
use crate::provider::{ProviderError, settings::is_loopback};

/// Redirects followed before the form, and as many after it.
const ROUNDS_MAX: usize = 5;

/// What to answer when the vendor wants a decision about its cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Consent {
    /// Nothing: the user is told.
    #[default]
    Ask,
    /// Only what is necessary.
    Reject,
    /// Everything.
    Accept,
}

impl Consent {
    /// The button of the form, and its value.
    fn button(self) -> Option<&'static str> {
        match self {
            Self::Ask => None,
            Self::Reject => Some("reject"),
            Self::Accept => Some("agree"),
        }
    }
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Cookies.
    Cookie(HeaderValue),
    /// It wants a decision that nobody has made.
    Undecided,
    /// Nothing.
    Nothing,
}

/// Where the page is, and what to answer.
#[derive(Debug)]
pub(super) struct ConsentPage {
    url: Option<Url>,
    consent: Consent,
}

impl ConsentPage {
    /// Without a page where that is another world than the one the cookie comes from: a test's, or a mirror's.
    pub(super) fn new(config: &YahooConfig) -> Self {
        let url = config.consent_page().and_then(|url| Url::parse(url).ok());
        Self { url, consent: config.consent }
    }

    /// Goes through the page and its form.
    pub(super) async fn visit(&self, http: &Http) -> Result<Outcome, ProviderError> {
        let Some(start) = &self.url else { return Ok(Outcome::Nothing) };
        let mut walk = Walk { http, start, cookies: Vec::new() };
        let Some((at, page)) = walk.arrive(start.clone(), None).await? else { return Ok(Outcome::Nothing) };
        let fields = form::hidden_fields(&page);
        if !fields.iter().any(|(name, _)| name == "csrfToken") {
            return Ok(cookie_header(&walk.cookies).map_or(Outcome::Nothing, Outcome::Cookie));
        }
        let Some(button) = self.consent.button() else { return Ok(Outcome::Undecided) };
        walk.arrive(at, Some(filled_in(&fields, button))).await?;
        Ok(cookie_header(&walk.cookies).map_or(Outcome::Nothing, Outcome::Cookie))
    }
}

/// The form's own fields and the button; browsers send that twice.
fn filled_in<'a>(fields: &'a [(String, String)], button: &'static str) -> Vec<(&'a str, &'a str)> {
    let own = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    own.chain([(button, button), (button, button)]).collect()
}

struct Walk<'a> {
    http: &'a Http,
    start: &'a Url,
    /// Every `Set-Cookie` so far.
    cookies: Vec<String>,
}

impl Walk<'_> {
    /// Asks for a page, or sends a form there, and follows redirects to where they end: there, and the page. `None` where
    /// they lead to strangers or nowhere.
    async fn arrive(
        &mut self,
        mut at: Url,
        mut form: Option<Vec<(&str, &str)>>,
    ) -> Result<Option<(Url, Vec<u8>)>, ProviderError> {
        for _ in 0..=ROUNDS_MAX {
            let cookie = cookie_header(&self.cookies);
            let reply = self.http.step(at.as_str(), form.take().as_deref(), cookie.as_ref()).await?;
            self.cookies.extend(reply.cookies);
            let next = reply.location.filter(|_| (300..400).contains(&reply.status));
            let Some(next) = next else { return Ok(Some((at, reply.body))) };
            match at.join(&next) {
                Ok(next) if self.is_ours(&next) => at = next,
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// Only the vendor's own hosts over TLS, or where the settings say the page is.
    fn is_ours(&self, url: &Url) -> bool {
        let vendor = |host: &str| host == "yahoo.com" || host.ends_with(".yahoo.com");
        (url.scheme() == "https" && url.host_str().is_some_and(vendor))
            || url.origin() == self.start.origin()
            || (is_loopback(self.start.as_str()) && is_loopback(url.as_str()))
    }
}
