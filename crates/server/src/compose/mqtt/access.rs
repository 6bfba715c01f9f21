//! Who may come without a login, and use which topics beside ours: as the settings say, from when they say it.

use std::sync::Arc;

use broker::{Broker, Identity};
use bus::Access;

use crate::config::{self, BrokerSection};

/// As the settings say.
pub(in crate::compose) fn of(settings: &BrokerSection) -> Arc<Access> {
    let (anonymous, other_topics) = meant(settings);
    Access::new(anonymous, other_topics)
}

/// As the settings say from now on. Rights are asked for with each message; whoever is there without a login, and may not
/// be any more, has to go.
pub(super) fn set(access: &Access, settings: &BrokerSection, broker: &Broker) {
    let (anonymous, other_topics) = meant(settings);
    let (before, _) = access.get();
    access.set(anonymous, other_topics);
    if before != anonymous && anonymous == bus::Anonymous::Never {
        broker.expel(&Identity::Anonymous);
    }
}

fn meant(settings: &BrokerSection) -> (bus::Anonymous, bus::OtherTopics) {
    let anonymous = match settings.anonymous {
        config::Anonymous::Loopback => bus::Anonymous::Loopback,
        config::Anonymous::Never => bus::Anonymous::Never,
    };
    let other_topics = match settings.other_topics {
        config::OtherTopics::None => bus::OtherTopics::None,
        config::OtherTopics::Users => bus::OtherTopics::Users,
        config::OtherTopics::Everyone => bus::OtherTopics::Everyone,
    };
    (anonymous, other_topics)
}
