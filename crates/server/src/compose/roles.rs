//! What each role of a process consists of: one function each. A process with all roles runs all of them.

use std::{collections::BTreeSet, sync::Arc};

use broker::{Broker, Identity};
use bus::{Bus, Calls, TopicPolicy, Topics};
use market::UserName;
use quote_engine::{
    desk::{self, Desk, DeskHandle},
    dispatcher::Dispatcher,
    feed::{self, Feed, FeedHandle},
    notifier::{self, Notify, Readers},
    own_feed,
    peers::{self, Peers},
    provider::settings::{Keep, Share},
    secrets::Secrets,
    store::Accounts,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{
    MqttState, Presence, Role, Roles, StartError, Supervisor, broker_watch,
    contact::{self, Contact},
    doors::Doors,
    feed_config, following, home_assistant,
    sole_desk::SoleDesk,
};
use crate::config::{self, Config, FeedChoice};

/// Whether a desk may work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Admission {
    /// It has yet to find out.
    Pending,
    /// It may.
    Granted,
    /// Another one is at work: its instance.
    Refused(String),
}

/// What every role stands on.
pub(super) struct Ground<'a> {
    pub(super) config: &'a Config,
    pub(super) roles: &'a Roles,
    pub(super) bus: Bus,
    pub(super) presence: Presence,
    pub(super) supervisor: Supervisor,
    pub(super) calls: Calls,
}

impl Ground<'_> {
    fn shutdown(&self) -> CancellationToken {
        self.supervisor.shutdown()
    }

    /// The broker inside: what happens to it, who finds it, what is followed on it.
    pub(super) fn run_broker(
        &self,
        broker: &Broker,
        mut contact: Contact,
        mqtt: watch::Receiver<MqttState>,
        desk: &DeskHandle,
    ) {
        broker_watch::start(broker, &self.bus, &self.presence, &self.supervisor);
        following::start(&self.bus, &self.supervisor);
        let (data_dir, shutdown) = (self.config.data_dir.clone(), self.shutdown());
        contact.keep_up(&data_dir, &mqtt.borrow());
        self.supervisor.restarting("contact", move || {
            contact::keep(contact.clone(), data_dir.clone(), mqtt.clone(), shutdown.clone())
        });
        let (broker, accounts, shutdown) = (broker.clone(), desk.accounts(), self.shutdown());
        self.supervisor
            .restarting("doors", move || send_away_who_is_gone(broker.clone(), accounts.clone(), shutdown.clone()));
    }

    /// The feed in this process, or the way to engines in others.
    pub(super) fn run_engine_or_reach_it(
        &self,
        desk: &DeskHandle,
        secrets: &Arc<Secrets>,
    ) -> Result<FeedHandle, StartError> {
        let feed = if self.roles.has(Role::Engine) {
            self.run_engine(desk, secrets)?
        } else {
            let engines = self.watch_peers(Role::Engine, self.roles.has(Role::Api));
            FeedHandle::apart(self.calls.clone(), engines)
        };
        if self.roles.has(Role::Engine) || self.roles.has(Role::Api) {
            let (secrets, feed, shutdown) = (Arc::clone(secrets), feed.clone(), self.shutdown());
            self.supervisor
                .restarting("keys", move || use_new_keys(Arc::clone(&secrets), feed.clone(), shutdown.clone()));
        }
        Ok(feed)
    }

    fn run_engine(&self, desk: &DeskHandle, secrets: &Arc<Secrets>) -> Result<FeedHandle, StartError> {
        let share = Share::default();
        let mut settings = feed_config(self.config, secrets, Keep::ReadWrite, &share)?;
        if self.presence.place() > 1 {
            // Two that keep quotes and charts in one place would overwrite each other's.
            let own = format!("engine-{}", self.presence.place());
            settings.data_dir = settings.data_dir.map(|data_dir| data_dir.join(own));
        }
        let (feed, handle) = Feed::new(settings, self.bus.clone());
        let feed = feed.telling(desk.clone()).sharing(self.watch_peers(Role::Engine, true), share);
        self.supervisor.essential("engine", feed.run(desk.accounts(), self.shutdown()));
        let (feed, bus, instance) = (handle.clone(), self.bus.clone(), self.presence.instance().to_owned());
        let shutdown = self.shutdown();
        self.supervisor.restarting("engine's counter", move || {
            feed::counter::serve(feed.clone(), bus.clone(), instance.clone(), shutdown.clone())
        });
        Ok(handle)
    }

    /// Those of a kind that are alive; ourselves among them where we are one.
    pub(super) fn watch_peers(&self, of: Role, is_watched: bool) -> Peers {
        let me = self.roles.has(of).then(|| self.presence.instance().to_owned());
        let (told, peers) = Peers::told(me.as_deref());
        if is_watched {
            let (bus, told, shutdown) = (self.bus.clone(), Arc::new(told), self.shutdown());
            self.supervisor.restarting("peers", move || {
                peers::watch(bus.clone(), of.name(), me.clone(), Arc::clone(&told), shutdown.clone())
            });
        }
        peers
    }

    /// The desk, if it is here; and what says which services are. A desk that is alone works as soon as it knows that there
    /// is no other; one among others at once, and it ends when it hears of one that was there before.
    pub(super) fn run_desk(&self, desk: Option<Desk>, handle: &DeskHandle) -> watch::Receiver<Admission> {
        let (presence, bus, supervisor) = (self.presence.clone(), self.bus.clone(), self.supervisor.clone());
        let services: Vec<&'static str> = self.roles.at_once().collect();
        let announce = move || presence.start(&bus, &supervisor, services.into_iter());
        let Some(desk) = desk else {
            announce();
            return watch::Sender::new(Admission::Granted).subscribe();
        };
        let is_alone = self.roles.alone().is_some();
        home_assistant::start(self.config, self.presence.instance(), is_alone, &self.bus, handle, &self.supervisor);
        let work = self.desk_at_work(desk, handle, is_alone);
        if !is_alone {
            announce();
            self.supervisor.essential("desk", self.sole(work));
            return watch::Sender::new(Admission::Granted).subscribe();
        }
        let (admit, admitted) = watch::channel(Admission::Pending);
        let (sole, gate) = (self.sole(work), self.gate());
        self.supervisor.essential("desk", async move {
            match gate.await {
                Some(None) => {
                    admit.send_replace(Admission::Granted);
                    announce();
                    sole.await;
                }
                Some(Some(other)) => drop(admit.send_replace(Admission::Refused(other))),
                None => {}
            }
        });
        admitted
    }

    /// The desk and what it does for other processes. On a foreign broker nobody is told of accounts unless somebody else
    /// needs them.
    fn desk_at_work(
        &self,
        desk: Desk,
        handle: &DeskHandle,
        is_alone: bool,
    ) -> impl Future<Output = ()> + Send + 'static {
        let (bus, shutdown) = (self.bus.clone(), self.shutdown());
        let shares = is_alone || self.bus.is_here();
        let (supervisor, handle) = (self.supervisor.clone(), handle.clone());
        async move {
            if !shares {
                return desk.run(bus, shutdown).await;
            }
            let (to, on, until) = (handle, bus.clone(), shutdown.clone());
            supervisor
                .restarting("desk's counter", move || desk::counter::serve(to.clone(), on.clone(), until.clone()));
            desk.sharing_accounts().run(bus, shutdown).await;
        }
    }

    /// Works until a desk is heard that was there before. On the broker inside this one is the first.
    fn sole(&self, work: impl Future<Output = ()> + Send + 'static) -> impl Future<Output = ()> + Send + 'static {
        let (bus, me, since) = (self.bus.clone(), self.presence.instance().to_owned(), self.presence.since());
        async move {
            if bus.is_here() {
                return work.await;
            }
            let mut sole = SoleDesk::listen(&bus, &me, since).await;
            tokio::select! {
                () = work => {}
                Some(other) = sole.another() => {
                    tracing::error!(other, "another desk was at work on this bus before this one: there can be only one");
                }
            }
        }
    }

    /// Waits for the broker, and looks for another desk: its instance. `None` where this one is to end before.
    fn gate(&self) -> impl Future<Output = Option<Option<String>>> + Send + 'static {
        let (bus, me, since) = (self.bus.clone(), self.presence.instance().to_owned(), self.presence.since());
        let shutdown = self.shutdown();
        async move {
            let looking = async {
                bus.connected().await;
                SoleDesk::listen(&bus, &me, since).await.first_look().await
            };
            shutdown.run_until_cancelled(looking).await
        }
    }

    /// What is done for users: their topics, their alerts, and the notifications of these.
    pub(super) fn run_dispatcher(
        &self,
        desk: &DeskHandle,
        notify: Arc<dyn Notify>,
        user: Option<UserName>,
        languages: Vec<String>,
    ) {
        let on_simulated = self.config.feed.provider == FeedChoice::Simulated;
        let peers = self.watch_peers(Role::Dispatcher, true);
        self.supervisor.restarting("dispatcher", {
            let (bus, desk, peers, shutdown) = (self.bus.clone(), desk.clone(), peers.clone(), self.shutdown());
            move || {
                let dispatcher = Dispatcher::new(bus.clone(), desk.clone(), on_simulated);
                dispatcher.sharing(peers.clone()).run(shutdown.clone())
            }
        });
        self.supervisor.restarting("own feeds", {
            let (bus, peers, shutdown) = (self.bus.clone(), peers.clone(), self.shutdown());
            move || own_feed::run(bus.clone(), peers.clone(), shutdown.clone())
        });
        self.supervisor.restarting("notifier", {
            let readers = Readers { user, peers, accounts: desk.accounts(), languages };
            let (bus, shutdown) = (self.bus.clone(), self.shutdown());
            move || notifier::run(bus.clone(), readers.clone(), Arc::clone(&notify), shutdown.clone())
        });
    }
}

/// The rules of the broker inside.
pub(super) fn policy(config: &Config, topics: Topics, doors: Arc<Doors>) -> TopicPolicy {
    TopicPolicy {
        topics,
        accounts: doors,
        anonymous: match config.broker.anonymous {
            config::Anonymous::Loopback => bus::Anonymous::Loopback,
            config::Anonymous::Never => bus::Anonymous::Never,
        },
        other_topics: match config.broker.other_topics {
            config::OtherTopics::None => bus::OtherTopics::None,
            config::OtherTopics::Users => bus::OtherTopics::Users,
            config::OtherTopics::Everyone => bus::OtherTopics::Everyone,
        },
        logins: Arc::default(),
        home_assistant: home_assistant::is_needed(config),
    }
}

/// A user who is removed has lost the sessions that are open, too.
async fn send_away_who_is_gone(
    broker: Broker,
    mut accounts: watch::Receiver<Arc<Accounts>>,
    shutdown: CancellationToken,
) {
    let mut before = Arc::clone(&accounts.borrow_and_update());
    while let Some(Ok(())) = shutdown.run_until_cancelled(accounts.changed()).await {
        let now = Arc::clone(&accounts.borrow_and_update());
        let gone: BTreeSet<&str> =
            before.keys().filter(|user| !now.contains_key(*user)).map(UserName::as_str).collect();
        if !gone.is_empty() {
            broker.send_away(|who| matches!(who, Identity::User(user) if gone.contains(&**user)));
        }
        before = now;
    }
}

/// A key that is set or removed counts at once: providers that stopped for want of one are asked again.
async fn use_new_keys(secrets: Arc<Secrets>, feed: FeedHandle, shutdown: CancellationToken) {
    let mut changes = secrets.changes();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            changed = changes.changed() => match changed {
                Ok(()) => feed.key_changed().await,
                Err(_) => return,
            },
        }
    }
}
