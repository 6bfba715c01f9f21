//! Who else does the same work: the instances of a service that are alive, as the bus tells it. They share users or
//! symbols without talking, each by its own reckoning (see [`market::rendezvous`]).
//!
//! Whoever says offline, or whose last will does, is gone at once; one that says nothing any more is so after a few
//! beats. While the broker is out of reach nobody is taken for dead.

use std::{collections::BTreeMap, collections::BTreeSet, sync::Arc, time::Duration};

use bus::{Bus, Interest, Message};
use market::rendezvous;
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

/// How often a service says that it is alive.
pub const BEAT: Duration = Duration::from_secs(2);
/// Who has said nothing for so long is gone.
const SILENCE_MAX: Duration = Duration::from_secs(6);
/// How often is looked who has fallen silent.
const LOOK: Duration = Duration::from_secs(1);
/// Instances counted at the most: more would be somebody's mistake.
const PEERS_MAX: usize = 1_000;

/// Names of instances.
pub type Instances = Arc<BTreeSet<String>>;

/// Who shares the work. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Peers {
    /// One of them; `None` for somebody who only asks them.
    me: Option<Arc<str>>,
    online: watch::Receiver<Instances>,
}

impl Peers {
    /// Nobody else.
    pub fn alone() -> Self {
        let me = "alone";
        Self { me: Some(me.into()), online: watch::channel(Arc::new([me.to_owned()].into())).1 }
    }

    /// Those who are told of, and the sender that tells. With `me`, that one always is among them.
    pub fn told(me: Option<&str>) -> (watch::Sender<Instances>, Self) {
        let (told, online) = watch::channel(Arc::new(me.map(str::to_owned).into_iter().collect()));
        (told, Self { me: me.map(Into::into), online })
    }

    /// Now, and at each change.
    pub fn online(&self) -> watch::Receiver<Instances> {
        self.online.clone()
    }

    /// Whose a key is; `None` where there is nobody.
    pub fn owner(&self, key: &str) -> Option<String> {
        rendezvous::owner(key, self.online.borrow().iter().map(String::as_str)).map(str::to_owned)
    }

    /// Whether a key is ours.
    pub fn is_mine(&self, key: &str) -> bool {
        let (Some(me), online) = (&self.me, self.online.borrow()) else { return false };
        online.len() < 2 || rendezvous::owner(key, online.iter().map(String::as_str)) == Some(me)
    }

    /// How many there are on this machine, which the vendors see as one.
    pub fn on_this_machine(&self) -> u32 {
        let Some(me) = &self.me else { return 1 };
        let online = self.online.borrow();
        let here = online.iter().filter(|other| machine(other) == machine(me)).count();
        u32::try_from(here).unwrap_or(u32::MAX).max(1)
    }
}

/// The part of an instance's name that says on which machine it is.
fn machine(instance: &str) -> &str {
    instance.get(..MACHINE_DIGITS).unwrap_or(instance)
}

/// An instance's name begins with so many digits that are the same for all on one machine.
pub const MACHINE_DIGITS: usize = 6;

/// Keeps account of the instances of a service until `shutdown`.
pub async fn watch(
    bus: Bus,
    service: &'static str,
    me: Option<String>,
    told: Arc<watch::Sender<Instances>>,
    shutdown: CancellationToken,
) {
    let mut roster = Roster { service, me, heard: BTreeMap::new() };
    let mut heard = bus.subscribe(&[Interest::Statuses, Interest::Beats(service.to_owned())]).await;
    let mut connection = bus.connection();
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            message = heard.recv() => match message {
                Some(message) => roster.take_in(&message, Instant::now()),
                None => return,
            },
            Ok(()) = connection.changed() => roster.give_time(Instant::now()),
            _ = looks.tick() => {
                if connection.borrow().is_some() {
                    roster.drop_silent(Instant::now());
                }
            }
        }
        let now = roster.online();
        told.send_if_modified(|before| {
            let differs = **before != now;
            if differs {
                tracing::info!(service, online = now.len(), "the work is shared anew");
                *before = Arc::new(now);
            }
            differs
        });
    }
}

/// Who was heard of, and when last.
#[derive(Debug)]
struct Roster {
    service: &'static str,
    me: Option<String>,
    heard: BTreeMap<String, Instant>,
}

impl Roster {
    fn take_in(&mut self, message: &Message, now: Instant) {
        match message {
            Message::Status(status) if status.service == self.service && !status.online => {
                self.heard.remove(&status.instance);
            }
            Message::Status(status) if status.service == self.service => self.has_said(&status.instance, now),
            Message::Beat { instance, .. } => self.has_said(instance, now),
            _ => {}
        }
    }

    fn has_said(&mut self, instance: &str, now: Instant) {
        if self.heard.len() < PEERS_MAX || self.heard.contains_key(instance) {
            self.heard.insert(instance.to_owned(), now);
        }
    }

    /// The broker was out of reach: whoever is there has yet to be heard.
    fn give_time(&mut self, now: Instant) {
        self.heard.values_mut().for_each(|at| *at = now);
    }

    fn drop_silent(&mut self, now: Instant) {
        self.heard.retain(|_, at| now - *at < SILENCE_MAX);
    }

    fn online(&self) -> BTreeSet<String> {
        self.heard.keys().chain(&self.me).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use bus::Status;

    use super::*;

    fn status(instance: &str, online: bool) -> Message {
        Message::Status(Status {
            service: "engine".into(),
            instance: instance.into(),
            online,
            since: jiff::Timestamp::UNIX_EPOCH,
            version: "0".into(),
            note: None,
        })
    }

    fn beat(instance: &str) -> Message {
        let since = jiff::Timestamp::UNIX_EPOCH;
        Message::Beat { service: "engine".into(), instance: instance.into(), since }
    }

    #[tokio::test]
    async fn whoever_says_so_is_there_and_whoever_says_nothing_is_gone() {
        let mut roster = Roster { service: "engine", me: Some("me".into()), heard: BTreeMap::new() };
        let now = Instant::now();
        let names = |roster: &Roster| roster.online().into_iter().collect::<Vec<_>>().join(" ");
        roster.take_in(&status("a", true), now);
        roster.take_in(&status("b", true), now);
        roster.take_in(&Message::Status(Status { service: "desk".into(), ..unwrapped(status("c", true)) }), now);
        assert_eq!(names(&roster), "a b me");
        roster.take_in(&status("b", false), now);
        assert_eq!(names(&roster), "a me", "its last will");
        roster.take_in(&beat("b"), now + BEAT);
        roster.drop_silent(now + SILENCE_MAX);
        assert_eq!(names(&roster), "b me", "a never lived: an old broker's memory of it");
        roster.give_time(now + SILENCE_MAX * 2);
        roster.drop_silent(now + SILENCE_MAX * 2);
        assert_eq!(names(&roster), "b me", "the broker was away, not b");
    }

    fn unwrapped(message: Message) -> Status {
        match message {
            Message::Status(status) => status,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn all_keys_are_somebodys_and_one_machine_is_counted_as_one() {
        let all: BTreeSet<String> = ["aaaaaa111111-1", "aaaaaa111111-2", "bbbbbb111111-1"].map(String::from).into();
        let peers: Vec<Peers> = all
            .iter()
            .map(|me| {
                let (told, peers) = Peers::told(Some(me));
                told.send_replace(Arc::new(all.clone()));
                peers
            })
            .collect();
        for n in 0..100 {
            let key = format!("S{n}");
            assert_eq!(peers.iter().filter(|each| each.is_mine(&key)).count(), 1);
        }
        assert_eq!(peers.iter().map(Peers::on_this_machine).collect::<Vec<_>>(), [2, 2, 1]);
        assert!(Peers::alone().is_mine("S") && !Peers::told(None).1.is_mine("S"));
    }
}
