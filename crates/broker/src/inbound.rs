//! What a session does with what its client says. Must never let a publish through that the policy does not allow, and
//! must never let a client make it remember more than a bound.

use crate::Broker;
use crate::decode::{Fault, Published};
use crate::encode::{self, ALIAS_MAXIMUM, PUBACK, PUBCOMP, PUBREC, RECEIVE_MAXIMUM};
use crate::fanout::Command;
use crate::filter::is_publishable;
use crate::hub::{Grant, Request};
use crate::parcel::{Parcel, Version};
use crate::policy::Identity;
use crate::session::Ending;
use crate::stats::add;
use bytes::BytesMut;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Refused publishes are counted over this long.
const FLOOD: Duration = Duration::from_secs(10);

/// Publishes that are sent on their way together.
const TOGETHER: usize = 64;

pub(crate) struct Inbound {
    broker: Broker,
    version: Version,
    who: Identity,
    serial: u64,
    /// Publishes with `QoS` 2 that were taken and wait for their release.
    taken: HashSet<u16>,
    aliases: HashMap<u16, String>,
    /// Publishes that were taken and not sent on their way yet.
    publishes: Vec<Parcel>,
    refused: u32,
    refused_since: Instant,
}

impl Inbound {
    pub(crate) fn new(broker: Broker, version: Version, who: Identity, serial: u64, taken: HashSet<u16>) -> Self {
        Self {
            broker,
            version,
            who,
            serial,
            taken,
            aliases: HashMap::new(),
            publishes: Vec::new(),
            refused: 0,
            refused_since: Instant::now(),
        }
    }

    /// What is to be released is another's to remember from now on.
    pub(crate) fn take_taken(&mut self) -> HashSet<u16> {
        std::mem::take(&mut self.taken)
    }

    /// PUBREL.
    pub(crate) fn release(&mut self, id: u16, out: &mut BytesMut) {
        let reason = if self.taken.remove(&id) { 0 } else { 0x92 };
        encode::acknowledged(PUBCOMP, self.version, id, reason, out);
    }

    pub(crate) async fn publish(&mut self, published: Published, out: &mut BytesMut) -> Result<(), Ending> {
        let published = self.named(published)?;
        let (qos, id) = (published.qos, published.id);
        if qos == 2 && self.taken.contains(&id) {
            encode::acknowledged(PUBREC, self.version, id, 0, out);
            return Ok(());
        }
        if qos == 2 && self.taken.len() >= usize::from(RECEIVE_MAXIMUM) {
            return Err(Fault::RECEIVE_MAXIMUM.into());
        }
        let reason = self.pass_on(published)?;
        match qos {
            0 => {}
            1 => encode::acknowledged(PUBACK, self.version, id, reason, out),
            _ => {
                if reason == 0 || self.version == Version::V4 {
                    self.taken.insert(id);
                }
                encode::acknowledged(PUBREC, self.version, id, reason, out);
            }
        }
        if self.publishes.len() >= TOGETHER { self.send_on().await } else { Ok(()) }
    }

    /// With its topic, whatever it is called by.
    fn named(&mut self, mut published: Published) -> Result<Published, Fault> {
        match published.alias {
            0 => {}
            alias if alias > ALIAS_MAXIMUM => return Err(Fault::TOPIC_ALIAS),
            alias if published.topic.is_empty() => {
                published.topic.clone_from(self.aliases.get(&alias).ok_or(Fault::TOPIC_ALIAS)?);
            }
            alias => {
                self.aliases.insert(alias, published.topic.clone());
            }
        }
        Ok(published)
    }

    /// The reason code: 0 if it goes on its way.
    fn pass_on(&mut self, published: Published) -> Result<u8, Ending> {
        let Published { topic, payload, retain, qos, expiry, properties, .. } = published;
        if !is_publishable(&topic) {
            return self.refuse(0x90);
        }
        if !self.broker.policy().may_publish(&self.who, &topic) {
            return self.refuse(0x87);
        }
        let retain = retain && self.broker.policy().may_retain(&self.who, &topic);
        let (from, expires) = (self.serial, Parcel::expiring(expiry));
        self.publishes.push(Parcel { qos, from, expires, properties, ..Parcel::new(&topic, payload, retain) });
        Ok(0)
    }

    /// Sends on their way what was taken: before anybody is told that it was.
    pub(crate) async fn send_on(&mut self) -> Result<(), Ending> {
        if self.publishes.is_empty() {
            return Ok(());
        }
        let publishes = self.publishes.drain(..);
        let sent = match self.who {
            Identity::Service => self.broker.publish_all(publishes).await,
            Identity::Anonymous | Identity::User(_) => self.broker.publish_straight(publishes).await,
        };
        sent.map_err(|_| Ending::Gone)
    }

    fn refuse(&mut self, reason: u8) -> Result<u8, Ending> {
        add(&self.broker.counters().refused_publishes, 1);
        if self.refused_since.elapsed() > FLOOD {
            self.refused = 0;
            self.refused_since = Instant::now();
        }
        self.refused += 1;
        if self.refused > self.broker.config().max_dropped_publishes {
            return Err(Fault::TOO_MANY.into());
        }
        Ok(reason)
    }

    pub(crate) async fn subscribe(
        &mut self,
        id: u16,
        requests: Vec<Request>,
        out: &mut BytesMut,
    ) -> Result<(), Ending> {
        self.send_on().await?;
        let (reply, replied) = oneshot::channel();
        self.broker.command(Command::Subscribe { member: self.serial, requests, reply });
        let grants = replied.await.map_err(|_| Ending::Gone)?;
        let codes: Vec<u8> = grants.into_iter().map(|grant| code(self.version, grant)).collect();
        encode::subscribed(self.version, id, &codes, out);
        Ok(())
    }

    pub(crate) async fn unsubscribe(
        &mut self,
        id: u16,
        filters: Vec<String>,
        out: &mut BytesMut,
    ) -> Result<(), Ending> {
        let (reply, replied) = oneshot::channel();
        self.broker.command(Command::Unsubscribe { member: self.serial, filters, reply });
        let held = replied.await.map_err(|_| Ending::Gone)?;
        let codes: Vec<u8> = held.into_iter().map(|held| if held { 0 } else { 0x11 }).collect();
        encode::unsubscribed(self.version, id, &codes, out);
        Ok(())
    }
}

fn code(version: Version, grant: Grant) -> u8 {
    match (grant, version) {
        (Grant::Granted(qos), _) => qos,
        (_, Version::V4) => 0x80,
        (Grant::Invalid, Version::V5) => 0x8f,
        (Grant::TooMany, Version::V5) => 0x97,
    }
}
