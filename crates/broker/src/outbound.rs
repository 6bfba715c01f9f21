//! What a session sends: it takes from the outbox what its client can take, and follows what has to be acknowledged to
//! its end. Must never send more at once than the client takes, and must never give an alias that the client does not
//! know of.

use crate::decode::Acknowledged;
use crate::encode::{self, PUBREL};
use crate::handshake::Greeting;
use crate::inflight::{Inflight, Received, Stage};
use crate::outbox::Outbox;
use crate::parcel::{BuildHashed, Delivery, Stamp, Topic, Version};
use crate::stats::{Counters, add};
use bytes::BytesMut;
use std::collections::HashMap;
use std::sync::Arc;

/// Taken from the outbox at once.
const FILL: usize = 64 * 1024;
/// Topics with an alias, for a client that takes as many; the first of a connection have one.
const MAX_ALIASES: u16 = 256;

pub(crate) struct Outbound {
    version: Version,
    max_packet: usize,
    pub(crate) outbox: Arc<Outbox>,
    inflight: Inflight,
    max_aliases: u16,
    aliases: HashMap<Topic, u16, BuildHashed>,
    taken: Vec<Delivery>,
}

impl Outbound {
    pub(crate) fn new(greeting: &Greeting, outbox: Arc<Outbox>, mut inflight: Inflight) -> Self {
        inflight.resume(greeting.receive_maximum);
        Self {
            version: greeting.version,
            max_packet: greeting.max_packet,
            outbox,
            inflight,
            max_aliases: greeting.alias_maximum.min(MAX_ALIASES),
            aliases: HashMap::default(),
            taken: Vec::new(),
        }
    }

    /// What is on its way is another's to follow from now on.
    pub(crate) fn take_inflight(&mut self) -> Inflight {
        std::mem::take(&mut self.inflight)
    }

    /// Writes what can be written at once. `true` if there is more.
    pub(crate) fn fill(&mut self, counters: &Counters, out: &mut BytesMut) -> bool {
        let end = out.len() + FILL;
        while out.len() < end
            && let Some((id, stage)) = self.inflight.next_again()
        {
            let stage = stage.clone();
            self.send_again(id, &stage, counters, out);
        }
        let mut taken = std::mem::take(&mut self.taken);
        let more = self.outbox.take(end.saturating_sub(out.len()), self.inflight.room(), &mut taken);
        let all = taken.len();
        let written = taken.drain(..).filter(|delivery| self.send(delivery, out)).count();
        self.taken = taken;
        add(&counters.messages_out, written as u64);
        add(&counters.dropped, (all - written) as u64);
        // What was not sent left its room to another.
        more || written < all || self.inflight.has_again()
    }

    fn send_again(&mut self, id: u16, stage: &Stage, counters: &Counters, out: &mut BytesMut) {
        match stage {
            Stage::Released => encode::acknowledged(PUBREL, self.version, id, 0, out),
            Stage::Published(delivery) => {
                let stamp = Stamp { qos: delivery.qos, id, dup: true, ..Stamp::default() };
                if delivery.write(self.version, stamp, self.max_packet, out) {
                    add(&counters.messages_out, 1);
                } else {
                    self.give_up(id, counters);
                }
            }
        }
    }

    /// The client takes smaller packets than it did before.
    fn give_up(&mut self, id: u16, counters: &Counters) {
        if let Some(delivery) = self.inflight.discard(id) {
            self.outbox.settle(&delivery);
        }
        add(&counters.dropped, 1);
    }

    /// `false` if it is not sent: it has expired, or it is too large.
    fn send(&mut self, delivery: &Delivery, out: &mut BytesMut) -> bool {
        let is_sent = !delivery.parcel.is_expired() && self.write(delivery, out);
        if !is_sent && delivery.qos > 0 {
            self.outbox.settle(delivery);
        }
        is_sent
    }

    fn write(&mut self, delivery: &Delivery, out: &mut BytesMut) -> bool {
        let (alias, is_known) = self.alias(&delivery.parcel.topic);
        let id = if delivery.qos > 0 { self.inflight.send(delivery.clone()) } else { 0 };
        let stamp = Stamp { qos: delivery.qos, id, dup: false, alias, is_known };
        let is_written = delivery.write(self.version, stamp, self.max_packet, out);
        if is_written && alias > 0 && !is_known {
            self.aliases.insert(delivery.parcel.topic.clone(), alias);
        }
        if !is_written && id > 0 {
            self.inflight.discard(id);
        }
        is_written
    }

    /// The topic's alias, 0 for none, and whether the client knows it.
    fn alias(&self, topic: &Topic) -> (u16, bool) {
        if self.max_aliases == 0 {
            return (0, false);
        }
        match self.aliases.get(topic) {
            Some(alias) => (*alias, true),
            None if self.aliases.len() < usize::from(self.max_aliases) => (self.aliases.len() as u16 + 1, false),
            None => (0, false),
        }
    }

    /// Hears of a message that was sent.
    pub(crate) fn acknowledged(&mut self, said: Acknowledged, out: &mut BytesMut) {
        let over = match said {
            Acknowledged::Taken { id } => self.inflight.taken(id),
            Acknowledged::Completed { id } => {
                self.inflight.completed(id);
                None
            }
            Acknowledged::Received { id, refused } => {
                let received = self.inflight.received(id, refused);
                let reason = if matches!(received, Received::Unknown) { 0x92 } else { 0 };
                if !matches!(received, Received::Over(_)) && !refused {
                    encode::acknowledged(PUBREL, self.version, id, reason, out);
                }
                match received {
                    Received::Release(delivery) => delivery,
                    Received::Over(delivery) => Some(delivery),
                    Received::Unknown => None,
                }
            }
        };
        if let Some(delivery) = over {
            self.outbox.settle(&delivery);
        }
    }
}
