//! Who may read and publish what on the embedded broker: the rules of the contract, asked for by the broker.

use std::{
    net::SocketAddr,
    sync::{Arc, PoisonError, RwLock},
};

use broker::{Identity, Login, Policy, Refusal, Verdict};
use market::UserName;

use crate::{Topic, Topics, discovery, logins::Logins};

/// Who may read quotes without a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anonymous {
    /// Clients on this machine.
    Loopback,
    /// Nobody.
    Never,
}

/// Who may publish and subscribe outside the topic root, as on any broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherTopics {
    /// Nobody.
    None,
    /// Whoever has logged in.
    Users,
    /// Anybody who is let in at all.
    Everyone,
}

/// Who may come without a login, and use which topics beside ours. Counts from when it is [set](Access::set) on, also for
/// sessions that are there.
#[derive(Debug)]
pub struct Access(RwLock<(Anonymous, OtherTopics)>);

impl Access {
    /// As it is at the start.
    pub fn new(anonymous: Anonymous, other_topics: OtherTopics) -> Arc<Self> {
        Arc::new(Self(RwLock::new((anonymous, other_topics))))
    }

    /// As it is from now on. Who is no more let in without a login may be there still.
    pub fn set(&self, anonymous: Anonymous, other_topics: OtherTopics) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = (anonymous, other_topics);
    }

    /// As it is.
    pub fn get(&self) -> (Anonymous, OtherTopics) {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The logins there are.
pub trait Accounts: Send + Sync + 'static {
    /// Whether `password` opens `user`, as far as that is known at once: a token, or a password that did before. Asked on
    /// each connection.
    fn recognises(&self, user: &UserName, password: &str) -> bool;

    /// Whether `password` opens `user`. May take its time.
    fn verify(&self, user: &UserName, password: &str) -> bool;

    /// Whether `user` may publish quotes of its own. Asked at each such message.
    fn may_feed(&self, user: &UserName) -> bool;

    /// Whether this is the login of our own services, which read and publish everything.
    fn is_service(&self, _name: &str, _password: &str) -> bool {
        false
    }

    /// Whether it is known yet who there is.
    fn are_known(&self) -> bool {
        true
    }
}

/// The contract's rules on topics.
pub struct TopicPolicy {
    /// How topics are written.
    pub topics: Topics,
    /// The logins.
    pub accounts: Arc<dyn Accounts>,
    /// Who may come without one, and who may do what outside the root.
    pub access: Arc<Access>,
    /// How passwords are checked.
    pub logins: Arc<Logins>,
    /// Whether things are announced to Home Assistant: whoever is let in reads that, and says that it is there.
    pub home_assistant: bool,
}

impl std::fmt::Debug for TopicPolicy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TopicPolicy").field("topics", &self.topics).finish_non_exhaustive()
    }
}

impl TopicPolicy {
    fn below_root<'a>(&self, topic: &'a str) -> Option<&'a str> {
        topic.strip_prefix(self.topics.root())?.strip_prefix('/')
    }

    /// Whether somebody who has the right publishes quotes on the one prefix that is for that.
    fn is_own_feed(&self, who: &Identity, topic: &str) -> bool {
        match (who, self.topics.parse(topic)) {
            (Identity::User(name), Some(Topic::Feed(user, _))) => {
                user.as_str() == &**name && self.accounts.may_feed(&user)
            }
            _ => false,
        }
    }

    fn may_use_other_topics(&self, who: &Identity) -> bool {
        match (self.access.get().1, who) {
            (_, Identity::Service) | (OtherTopics::Everyone, _) | (OtherTopics::Users, Identity::User(_)) => true,
            (OtherTopics::None | OtherTopics::Users, _) => false,
        }
    }
}

impl Policy for TopicPolicy {
    fn authenticate(&self, peer: SocketAddr, login: Option<Login<'_>>) -> Verdict {
        let Some(login) = login else {
            let welcome = self.access.get().0 == Anonymous::Loopback && peer.ip().to_canonical().is_loopback();
            return if welcome { Ok(Identity::Anonymous) } else { Err(Refusal::NotAuthorized) }.into();
        };
        if self.accounts.is_service(login.username, login.password) {
            return Ok(Identity::Service).into();
        }
        if !self.accounts.are_known() {
            return Err(Refusal::Busy).into();
        }
        let Ok(user) = UserName::parse(login.username) else { return Err(Refusal::BadCredentials).into() };
        if self.accounts.recognises(&user, login.password) {
            return Ok(Identity::User(user.as_str().into())).into();
        }
        let (logins, accounts) = (Arc::clone(&self.logins), Arc::clone(&self.accounts));
        Verdict::Later(Box::pin(logins.check(accounts, peer.ip(), user, login.password.to_owned())))
    }

    fn may_read(&self, who: &Identity, topic: &str) -> bool {
        let Some(below) = self.below_root(topic) else {
            return (self.home_assistant && discovery::is_inside(topic)) || self.may_use_other_topics(who);
        };
        match (below.split_once('/'), who) {
            (_, Identity::Service) | (Some(("quote" | "price" | "provider" | "status", _)), _) => true,
            (Some(("user", rest)), Identity::User(user)) => {
                rest.strip_prefix(&**user).is_some_and(|after| after.starts_with('/'))
            }
            _ => false,
        }
    }

    fn may_publish(&self, who: &Identity, topic: &str) -> bool {
        match self.below_root(topic) {
            Some(_) => *who == Identity::Service || self.is_own_feed(who, topic),
            None => (self.home_assistant && topic == discovery::BIRTH) || self.may_use_other_topics(who),
        }
    }

    /// What is kept has one home with the quotes: under the root only the services put something there.
    fn may_retain(&self, who: &Identity, topic: &str) -> bool {
        *who == Identity::Service || self.below_root(topic).is_none()
    }

    fn conflates(&self, topic: &str) -> bool {
        self.topics.conflates(topic)
    }

    fn max_qos(&self, filter: &str) -> u8 {
        let mut levels = self.below_root(filter).unwrap_or_default().split('/');
        match (levels.next(), levels.nth(1)) {
            (Some("quote" | "price"), _) | (Some("user"), Some("quote")) => 0,
            _ => 2,
        }
    }

    fn is_followed(&self, topic: &str) -> bool {
        matches!(self.topics.parse(topic), Some(Topic::Quote(_) | Topic::Price(_)))
    }

    fn is_announcement(&self, filter: &str) -> bool {
        self.home_assistant && discovery::hears_announcements(filter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Tokens;
    impl Accounts for Tokens {
        fn recognises(&self, user: &UserName, password: &str) -> bool {
            user.as_str() == "me" && password == "token"
        }
        fn verify(&self, user: &UserName, password: &str) -> bool {
            user.as_str() == "me" && password == "secret"
        }
        fn may_feed(&self, user: &UserName) -> bool {
            user.as_str() == "me"
        }
        fn is_service(&self, name: &str, password: &str) -> bool {
            (name, password) == ("_services", "secret")
        }
    }

    async fn settled(verdict: Verdict) -> Result<Identity, Refusal> {
        match verdict {
            Verdict::Now(verdict) => verdict,
            Verdict::Later(verdict) => verdict.await,
        }
    }

    fn policy(anonymous: Anonymous) -> TopicPolicy {
        let topics = Topics::new("quickstocks/v1", false);
        TopicPolicy {
            topics,
            accounts: Arc::new(Tokens),
            access: Access::new(anonymous, OtherTopics::None),
            logins: Arc::default(),
            home_assistant: false,
        }
    }

    #[tokio::test]
    async fn without_a_login_only_this_machine_reads() {
        let (here, there) = ("127.0.0.1:9".parse().unwrap(), "192.168.1.7:9".parse().unwrap());
        let ask = async |anonymous, peer| settled(policy(anonymous).authenticate(peer, None)).await;
        assert_eq!(ask(Anonymous::Loopback, here).await, Ok(Identity::Anonymous));
        assert_eq!(ask(Anonymous::Loopback, there).await, Err(Refusal::NotAuthorized));
        assert_eq!(ask(Anonymous::Never, here).await, Err(Refusal::NotAuthorized));
    }

    #[tokio::test]
    async fn a_login_is_a_user_and_its_token_or_password() {
        let (here, policy) = ("127.0.0.1:9".parse().unwrap(), policy(Anonymous::Loopback));
        let login = |username, password| policy.authenticate(here, Some(Login { username, password }));
        assert!(matches!(login("me", "token"), Verdict::Now(Ok(Identity::User(_)))), "at once");
        assert_eq!(settled(login("me", "secret")).await, Ok(Identity::User("me".into())));
        for wrong in [("me", "Secret"), ("you", "secret"), ("#", "secret"), ("", "")] {
            assert_eq!(settled(login(wrong.0, wrong.1)).await, Err(Refusal::BadCredentials), "{wrong:?}");
        }
    }

    #[tokio::test]
    async fn what_services_tell_each_other_is_theirs() {
        let (here, policy) = ("127.0.0.1:9".parse().unwrap(), policy(Anonymous::Loopback));
        let login = |password| policy.authenticate(here, Some(Login { username: "_services", password }));
        assert_eq!(settled(login("secret")).await, Ok(Identity::Service));
        assert_eq!(settled(login("wrong")).await, Err(Refusal::BadCredentials));
        for below in ["cmd/desk", "reply/api-a", "sys/account/me", "sys/users", "sys/following", "sys/beat/desk/a"] {
            let topic = format!("quickstocks/v1/{below}");
            assert!(policy.may_read(&Identity::Service, &topic) && policy.may_publish(&Identity::Service, &topic));
            for other in [Identity::Anonymous, Identity::User("me".into())] {
                assert!(!policy.may_read(&other, &topic) && !policy.may_publish(&other, &topic), "{below}");
            }
        }
    }

    #[tokio::test]
    async fn a_thousand_wrong_passwords_keep_no_right_one_waiting() {
        let (here, there) = ("192.0.2.1:9".parse().unwrap(), "192.0.2.2:9".parse().unwrap());
        let policy = policy(Anonymous::Loopback);
        let login = |peer, password| policy.authenticate(peer, Some(Login { username: "me", password }));
        let wrong: Vec<_> = (0..1_000).map(|_| tokio::spawn(settled(login(here, "wrong")))).collect();
        assert!(matches!(login(here, "token"), Verdict::Now(Ok(_))));
        assert!(settled(login(there, "secret")).await.is_ok());
        let mut busy = 0;
        for attempt in wrong {
            match attempt.await.unwrap() {
                Err(Refusal::Busy) => busy += 1,
                other => assert_eq!(other, Err(Refusal::BadCredentials)),
            }
        }
        assert!(busy > 900, "{busy} were told that it is too much; the others were checked, in time");
    }

    #[test]
    fn quotes_of_ones_own_are_published_on_one_prefix_by_who_has_the_right() {
        let policy = policy(Anonymous::Loopback);
        let [me, you] = ["me", "you"].map(|name| Identity::User(name.into()));
        let may = |who: &Identity, below: &str| policy.may_publish(who, &format!("quickstocks/v1/{below}"));
        assert!(may(&me, "feed/me/AAPL"));
        for other in ["feed/you/AAPL", "feed/me", "feed/me/aapl", "feed/me/A/B", "feed/me2/AAPL", "quote/AAPL"] {
            assert!(!may(&me, other), "{other}");
        }
        assert!(!may(&you, "feed/you/AAPL") && !may(&Identity::Anonymous, "feed/me/AAPL"));
        assert!(!policy.may_read(&me, "quickstocks/v1/feed/me/AAPL"), "for the services alone");
        assert!(!policy.may_retain(&me, "quickstocks/v1/feed/me/AAPL"), "what is kept is the services' own");
        assert!(
            policy.may_retain(&Identity::Service, "quickstocks/v1/quote/AAPL") && policy.may_retain(&me, "home/lamp")
        );
    }

    #[test]
    fn everybody_reads_quotes_and_only_oneself_ones_own() {
        let policy = policy(Anonymous::Loopback);
        let me = Identity::User("me".into());
        assert!(policy.may_read(&Identity::Anonymous, "quickstocks/v1/quote/AAPL"));
        assert!(!policy.may_read(&Identity::Anonymous, "quickstocks/v1/user/me/alert"));
        assert!(policy.may_read(&me, "quickstocks/v1/user/me/alert"));
        assert!(!policy.may_read(&me, "quickstocks/v1/user/me2/alert"));
        assert!(!policy.may_read(&me, "quickstocks/v1/cmd/desk"));
        assert!(!policy.may_read(&me, "home/lamp"));
        assert!(!policy.may_publish(&me, "quickstocks/v1/quote/AAPL"));
        assert!(policy.may_publish(&Identity::Service, "quickstocks/v1/quote/AAPL"));
    }

    #[tokio::test]
    async fn what_is_set_counts_at_once() {
        let (policy, here) = (policy(Anonymous::Loopback), "127.0.0.1:9".parse().unwrap());
        let may = |who: &Identity| policy.may_publish(who, "home/lamp") && policy.may_read(who, "home/lamp");
        let [nobody, me] = [Identity::Anonymous, Identity::User("me".into())];
        policy.access.set(Anonymous::Never, OtherTopics::Users);
        assert!(settled(policy.authenticate(here, None)).await.is_err() && may(&me) && !may(&nobody));
        policy.access.set(Anonymous::Loopback, OtherTopics::Everyone);
        assert!(settled(policy.authenticate(here, None)).await.is_ok() && may(&me) && may(&nobody));
        policy.access.set(Anonymous::Loopback, OtherTopics::None);
        assert!(!may(&me) && !may(&nobody));
    }

    #[test]
    fn prices_are_granted_no_more_than_once_and_the_rest_as_asked() {
        let policy = policy(Anonymous::Loopback);
        for prices in ["quote/AAPL", "quote/#", "quote", "price/+", "user/me/quote/AAPL", "user/+/quote/#"] {
            assert_eq!(policy.max_qos(&format!("quickstocks/v1/{prices}")), 0, "{prices}");
        }
        for others in ["user/me/alert", "user/me/+", "user/#", "#", "provider/yahoo", "+/AAPL"] {
            assert_eq!(policy.max_qos(&format!("quickstocks/v1/{others}")), 2, "{others}");
        }
        for outside in ["#", "home/quote/x", "quote/AAPL"] {
            assert_eq!(policy.max_qos(outside), 2, "{outside}");
        }
    }

    #[test]
    fn home_assistant_reads_what_is_announced_and_says_that_it_is_there() {
        let off = policy(Anonymous::Loopback);
        let on = TopicPolicy { home_assistant: true, ..policy(Anonymous::Loopback) };
        let (nobody, announced) = (Identity::Anonymous, "homeassistant/sensor/quickstocks_AAPL/config");
        for topic in [announced, "homeassistant/status"] {
            assert!(on.may_read(&nobody, topic) && !off.may_read(&nobody, topic), "{topic}");
        }
        assert!(on.may_publish(&nobody, "homeassistant/status") && !off.may_publish(&nobody, "homeassistant/status"));
        assert!(!on.may_publish(&nobody, announced) && !on.may_publish(&nobody, "homeassistant/status/x"));
        assert!(on.is_announcement("homeassistant/+/+/config") && !off.is_announcement("homeassistant/#"));
    }

    #[test]
    fn subscribing_to_a_symbol_and_nothing_else_is_following() {
        let policy = policy(Anonymous::Loopback);
        assert!(
            policy.is_followed("quickstocks/v1/quote/AAPL") && policy.is_followed("quickstocks/v1/price/BTC%2FUSD")
        );
        for other in ["user/me/quote/AAPL", "provider/yahoo", "status/engine/a", "quote/aapl", "quote/AAPL/x"] {
            assert!(!policy.is_followed(&format!("quickstocks/v1/{other}")), "{other}");
        }
    }

    #[test]
    fn only_latest_value_topics_are_conflated() {
        let policy = policy(Anonymous::Loopback);
        assert!(policy.conflates("quickstocks/v1/quote/AAPL"));
        assert!(policy.conflates("quickstocks/v1/user/me/quote/AAPL"));
        assert!(!policy.conflates("quickstocks/v1/user/me/alert"));
        assert!(!policy.conflates("home/lamp"));
    }
}
