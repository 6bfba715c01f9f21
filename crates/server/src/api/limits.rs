//! How much one user may ask for: of what costs the disk, and of what costs a provider. What is read from memory is not
//! counted. Nobody's haste is paid for by others.

use std::{num::NonZeroU32, time::Duration};

use axum::{
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _, clock::DefaultClock};
use market::UserName;

use super::{ApiState, PREFIX, auth::Caller, problem::Problem};

/// Writes of one user a second, and at once.
const WRITES: (NonZeroU32, NonZeroU32) = (at_least_one(200), at_least_one(2_000));
/// Questions that a provider has to answer, likewise.
const QUESTIONS: (NonZeroU32, NonZeroU32) = (at_least_one(20), at_least_one(200));
/// Where a provider may have to be asked.
const ASKING: [&str; 3] = ["/search", "/history/", "/lists/"];

const fn at_least_one(number: u32) -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(number - 1)
}

/// What each user has left.
#[derive(Debug)]
pub(super) struct Limits {
    writes: DefaultKeyedRateLimiter<UserName>,
    questions: DefaultKeyedRateLimiter<UserName>,
}

impl Default for Limits {
    fn default() -> Self {
        let limit = |(steady, burst)| RateLimiter::keyed(Quota::per_second(steady).allow_burst(burst));
        Self { writes: limit(WRITES), questions: limit(QUESTIONS) }
    }
}

impl Limits {
    /// How long a request has to wait, where it has to.
    fn wait(&self, user: &UserName, method: &Method, path: &str) -> Option<Duration> {
        let limit = match method {
            _ if ASKING.iter().any(|asking| path.starts_with(asking)) => &self.questions,
            &Method::GET | &Method::HEAD => return None,
            _ => &self.writes,
        };
        let refused = limit.check_key(user).err()?;
        Some(refused.wait_time_from(DefaultClock::default().now()))
    }
}

/// Answers who asks for too much with 429, and with when to come back (RFC 6585, section 4).
pub(super) async fn within_limits(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    let caller = request.extensions().get::<Caller>();
    let path = request.uri().path().strip_prefix(PREFIX).unwrap_or_default();
    match caller.and_then(|Caller(user)| state.limits.wait(user, request.method(), path)) {
        Some(wait) => Problem::too_many(wait).into_response(),
        None => next.run(request).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_users_haste_is_not_anothers() {
        let limits = Limits::default();
        let (me, other) = (UserName::me(), UserName::parse("other").unwrap());
        let ask = |user: &UserName| limits.wait(user, &Method::GET, "/search");
        let refused = (0..=QUESTIONS.1.get()).find_map(|_| ask(&me)).expect("one is too many");
        assert!(refused <= Duration::from_secs(1));
        assert_eq!(ask(&other), None);
        assert_eq!(limits.wait(&me, &Method::PUT, "/users/me/watchlists/a"), None, "writes are counted apart");
        assert_eq!(limits.wait(&me, &Method::GET, "/quotes/AAPL"), None, "what is in memory is not counted");
    }
}
