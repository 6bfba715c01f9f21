//! What a session does with what its client says. Must never let a publish through that the policy does not allow, and
//! must never let a client make it remember more than a bound.

use crate::Broker;
use crate::decode::{Fault, Published, Said};
use crate::encode::{self, RECEIVE_MAXIMUM};
use crate::fanout::Command;
use crate::filter::is_publishable;
use crate::hub::{Grant, Request};
use crate::parcel::{Parcel, Version};
use crate::policy::Identity;
use crate::session::Ending;
use crate::stats::add;
use bytes::BytesMut;
use std::collections::HashSet;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Refused publishes are counted over this long.
const FLOOD: Duration = Duration::from_secs(10);

const PUBACK: u8 = 0x40;
const PUBREC: u8 = 0x50;
const PUBCOMP: u8 = 0x70;

pub(crate) struct Inbound {
    broker: Broker,
    version: Version,
    who: Identity,
    serial: u64,
    /// Publishes with `QoS` 2 that were taken and wait for their release.
    taken: HashSet<u16>,
    refused: u32,
    refused_since: Instant,
}

impl Inbound {
    pub(crate) fn new(broker: Broker, version: Version, who: Identity, serial: u64) -> Self {
        Self { broker, version, who, serial, taken: HashSet::new(), refused: 0, refused_since: Instant::now() }
    }

    /// Obeys, and appends the answer.
    pub(crate) async fn obey(&mut self, said: Said, out: &mut BytesMut) -> Result<(), Ending> {
        match said {
            Said::Publish(published) => self.publish(published, out).await,
            Said::Release { id } => {
                let reason = if self.taken.remove(&id) { 0 } else { 0x92 };
                encode::acknowledged(PUBCOMP, self.version, id, reason, out);
                Ok(())
            }
            Said::Subscribe { id, requests } => self.subscribe(id, requests, out).await,
            Said::Unsubscribe { id, filters } => self.unsubscribe(id, filters, out).await,
            Said::Ping => {
                encode::pong(out);
                Ok(())
            }
            Said::Disconnect { with_will } => Err(Ending::Said { with_will }),
            Said::Nothing => Ok(()),
        }
    }

    async fn publish(&mut self, published: Published, out: &mut BytesMut) -> Result<(), Ending> {
        let (qos, id) = (published.qos, published.id);
        if qos == 2 && self.taken.contains(&id) {
            encode::acknowledged(PUBREC, self.version, id, 0, out);
            return Ok(());
        }
        if qos == 2 && self.taken.len() >= usize::from(RECEIVE_MAXIMUM) {
            return Err(Fault::RECEIVE_MAXIMUM.into());
        }
        let reason = self.pass_on(published).await?;
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
        Ok(())
    }

    /// The reason code: 0 if it went on its way.
    async fn pass_on(&mut self, published: Published) -> Result<u8, Ending> {
        let Published { topic, payload, retain, properties, .. } = published;
        if !is_publishable(&topic) {
            return self.refuse(0x90);
        }
        if !self.broker.policy().may_publish(&self.who, &topic) {
            return self.refuse(0x87);
        }
        let parcel = Parcel { from: self.serial, properties, ..Parcel::new(&topic, payload, retain) };
        match self.broker.publish(parcel).await {
            Ok(()) => Ok(0),
            Err(_) => Err(Ending::Gone),
        }
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

    async fn subscribe(&mut self, id: u16, requests: Vec<Request>, out: &mut BytesMut) -> Result<(), Ending> {
        let (reply, replied) = oneshot::channel();
        self.broker.command(Command::Subscribe { member: self.serial, requests, reply });
        let grants = replied.await.map_err(|_| Ending::Gone)?;
        let codes: Vec<u8> = grants.into_iter().map(|grant| code(self.version, grant)).collect();
        encode::subscribed(self.version, id, &codes, out);
        Ok(())
    }

    async fn unsubscribe(&mut self, id: u16, filters: Vec<String>, out: &mut BytesMut) -> Result<(), Ending> {
        let (reply, replied) = oneshot::channel();
        self.broker.command(Command::Unsubscribe { member: self.serial, filters, reply });
        let held = replied.await.map_err(|_| Ending::Gone)?;
        let codes: Vec<u8> = held.into_iter().map(|held| if held { 0 } else { 0x11 }).collect();
        encode::unsubscribed(self.version, id, &codes, out);
        Ok(())
    }
}

/// Every grant is for `QoS` 0.
fn code(version: Version, grant: Grant) -> u8 {
    match (grant, version) {
        (Grant::Granted, _) => 0,
        (_, Version::V4) => 0x80,
        (Grant::Invalid, Version::V5) => 0x8f,
        (Grant::TooMany, Version::V5) => 0x97,
    }
}
