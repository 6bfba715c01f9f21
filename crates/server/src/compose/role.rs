//! What a process is: one of the services, or all of them.

use std::collections::BTreeSet;

/// A service that can run in a process of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The MQTT broker.
    Broker,
    /// Fetches what is followed, and publishes it.
    Engine,
    /// Keeps users, watchlists and alerts.
    Desk,
    /// Routes quotes to users, rules on alerts, delivers them.
    Dispatcher,
    /// REST, the stream and the web page.
    Api,
}

impl Role {
    /// Every one there is.
    pub const ALL: [Self; 5] = [Self::Broker, Self::Engine, Self::Desk, Self::Dispatcher, Self::Api];

    /// As in topics and commands.
    pub fn name(self) -> &'static str {
        match self {
            Self::Broker => "broker",
            Self::Engine => "engine",
            Self::Desk => "desk",
            Self::Dispatcher => "dispatcher",
            Self::Api => "api",
        }
    }
}

/// Which services a process runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles(BTreeSet<Role>);

impl Roles {
    /// All of them; the broker only where no other one is used.
    pub(super) fn all(own_broker: bool) -> Self {
        Self(Role::ALL.into_iter().filter(|role| own_broker || *role != Role::Broker).collect())
    }

    /// One alone.
    pub fn only(role: Role) -> Self {
        Self([role].into())
    }

    /// Whether this is one of them.
    pub fn has(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// The only one, where there is only one.
    pub fn alone(&self) -> Option<Role> {
        self.0.first().copied().filter(|_| self.0.len() == 1)
    }

    /// What the process is called: its service, or all.
    pub(super) fn name(&self) -> &'static str {
        self.alone().map_or("all", Role::name)
    }

    /// Those that are there as soon as the process runs. The REST interface says so itself, when it listens.
    pub(super) fn at_once(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().filter(|role| **role != Role::Api).map(|role| role.name())
    }
}
