//! Who may read and publish what on the embedded broker: the rules of the contract, asked for by the broker.

use std::{net::SocketAddr, sync::Arc};

use broker::{Identity, Login, Policy, Refusal};
use market::UserName;

use crate::{Topic, Topics, discovery};

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

/// The logins there are. Asked on each connection; must answer at once.
pub trait Accounts: Send + Sync + 'static {
    /// Whether `password` (a token) opens `user`.
    fn verify(&self, user: &UserName, password: &str) -> bool;
}

/// The contract's rules on topics.
pub struct TopicPolicy {
    /// How topics are written.
    pub topics: Topics,
    /// The logins.
    pub accounts: Arc<dyn Accounts>,
    /// Who may come without one.
    pub anonymous: Anonymous,
    /// Who may do what outside the root.
    pub other_topics: OtherTopics,
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

    fn may_use_other_topics(&self, who: &Identity) -> bool {
        match (self.other_topics, who) {
            (_, Identity::Service) | (OtherTopics::Everyone, _) | (OtherTopics::Users, Identity::User(_)) => true,
            (OtherTopics::None | OtherTopics::Users, _) => false,
        }
    }
}

impl Policy for TopicPolicy {
    fn authenticate(&self, peer: SocketAddr, login: Option<Login<'_>>) -> Result<Identity, Refusal> {
        let Some(login) = login else {
            let welcome = self.anonymous == Anonymous::Loopback && peer.ip().to_canonical().is_loopback();
            return if welcome { Ok(Identity::Anonymous) } else { Err(Refusal::NotAuthorized) };
        };
        let user = UserName::parse(login.username).map_err(|_| Refusal::BadCredentials)?;
        if self.accounts.verify(&user, login.password) {
            Ok(Identity::User(user.as_str().into()))
        } else {
            Err(Refusal::BadCredentials)
        }
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
            Some(_) => *who == Identity::Service,
            None => (self.home_assistant && topic == discovery::BIRTH) || self.may_use_other_topics(who),
        }
    }

    fn conflates(&self, topic: &str) -> bool {
        self.topics.conflates(topic)
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
        fn verify(&self, user: &UserName, password: &str) -> bool {
            user.as_str() == "me" && password == "secret"
        }
    }

    fn policy(anonymous: Anonymous) -> TopicPolicy {
        let topics = Topics::new("quickstocks/v1", false);
        TopicPolicy {
            topics,
            accounts: Arc::new(Tokens),
            anonymous,
            other_topics: OtherTopics::None,
            home_assistant: false,
        }
    }

    #[test]
    fn without_a_login_only_this_machine_reads() {
        let (here, there) = ("127.0.0.1:9".parse().unwrap(), "192.168.1.7:9".parse().unwrap());
        assert_eq!(policy(Anonymous::Loopback).authenticate(here, None), Ok(Identity::Anonymous));
        assert_eq!(policy(Anonymous::Loopback).authenticate(there, None), Err(Refusal::NotAuthorized));
        assert_eq!(policy(Anonymous::Never).authenticate(here, None), Err(Refusal::NotAuthorized));
    }

    #[test]
    fn a_login_is_a_user_and_its_token() {
        let here = "127.0.0.1:9".parse().unwrap();
        let login =
            |username, password| policy(Anonymous::Loopback).authenticate(here, Some(Login { username, password }));
        assert_eq!(login("me", "secret"), Ok(Identity::User("me".into())));
        for wrong in [("me", "Secret"), ("you", "secret"), ("#", "secret"), ("", "")] {
            assert_eq!(login(wrong.0, wrong.1), Err(Refusal::BadCredentials), "{wrong:?}");
        }
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
