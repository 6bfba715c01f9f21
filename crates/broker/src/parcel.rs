//! A message on its way. Built once by its publisher; encoded at most once per version of the protocol, by the first
//! session that writes it; shared by all. Must never be changed once it was sent.

use crate::filter::Filter;
use bytes::{BufMut, Bytes, BytesMut};
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::{Duration, Instant};

/// The versions of MQTT that are spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V4,
    V5,
}

/// A topic that carries its hash, because every session's outbox looks it up.
#[derive(Debug, Clone)]
pub(crate) struct Topic {
    text: Arc<str>,
    hash: u64,
}

impl Topic {
    pub(crate) fn new(text: &str) -> Self {
        static KEYS: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        Self { text: Arc::from(text), hash: KEYS.hash_one(text) }
    }

    pub(crate) fn text(&self) -> &Arc<str> {
        &self.text
    }

    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }
}

impl PartialEq for Topic {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && (Arc::ptr_eq(&self.text, &other.text) || self.text == other.text)
    }
}

impl Eq for Topic {}

impl Hash for Topic {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

/// For keys that are hashes already.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

pub(crate) type BuildHashed = std::hash::BuildHasherDefault<Hashed>;

/// One message.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub(crate) topic: Topic,
    pub(crate) payload: Bytes,
    /// The publisher asked for it to be kept.
    pub(crate) retain: bool,
    /// Only the newest value of this topic matters.
    pub(crate) conflates: bool,
    /// The quality of service it was published with; 0 if it conflates.
    pub(crate) qos: u8,
    /// The session that published it; 0 for an in-process link.
    pub(crate) from: u64,
    /// Nobody wants it after that.
    pub(crate) expires: Option<Instant>,
    /// The properties of MQTT 5 that travel with it, encoded.
    pub(crate) properties: Bytes,
    pub(crate) encoded: [OnceLock<Bytes>; 2],
}

impl Parcel {
    pub(crate) fn new(topic: &str, payload: Bytes, retain: bool) -> Self {
        Self {
            topic: Topic::new(topic),
            payload,
            retain,
            conflates: false,
            qos: 0,
            from: 0,
            expires: None,
            properties: Bytes::new(),
            encoded: [OnceLock::new(), OnceLock::new()],
        }
    }

    /// When a message that is to be wanted for so many seconds expires.
    pub(crate) fn expiring(seconds: Option<u32>) -> Option<Instant> {
        seconds.and_then(|seconds| Instant::now().checked_add(Duration::from_secs(seconds.into())))
    }

    /// Does nobody want it any more?
    pub(crate) fn is_expired(&self) -> bool {
        self.expires.is_some_and(|at| at <= Instant::now())
    }

    /// About the bytes of its packet; never less.
    pub(crate) fn size(&self) -> usize {
        1 + 4 + 2 + self.topic.text.len() + 2 + 4 + MARKS + self.properties.len() + self.payload.len()
    }

    /// The packet as most readers get it: `QoS` 0, the retain bit clear, nothing of their own.
    fn packet(&self, version: Version) -> &Bytes {
        self.encoded[version as usize].get_or_init(|| {
            let mut packet = BytesMut::with_capacity(self.size());
            self.encode(version, Stamp::default(), &[], &mut packet);
            packet.freeze()
        })
    }

    fn encode(&self, version: Version, stamp: Stamp, ids: &[u32], out: &mut BytesMut) {
        let topic = if stamp.is_known { "" } else { &*self.topic.text };
        let expiry = self.expires.filter(|_| version == Version::V5);
        let marks = if stamp.alias == 0 { 0 } else { 3 } + if expiry.is_some() { 5 } else { 0 };
        let properties = self.properties.len() + marks + ids.iter().map(|id| 1 + varint_len(*id)).sum::<usize>();
        let header = match version {
            Version::V4 => 0,
            Version::V5 => varint_len(properties as u32) + properties,
        };
        let id = if stamp.qos == 0 { 0 } else { 2 };
        out.put_u8(0x30 | stamp.qos << 1 | u8::from(stamp.dup) << 3);
        put_varint(out, (2 + topic.len() + id + header + self.payload.len()) as u32);
        put_text(out, topic);
        if stamp.qos > 0 {
            out.put_u16(stamp.id);
        }
        if version == Version::V5 {
            put_varint(out, properties as u32);
            if let Some(at) = expiry {
                out.put_u8(0x02);
                out.put_u32(seconds_until(at));
            }
            if stamp.alias > 0 {
                out.put_u8(0x23);
                out.put_u16(stamp.alias);
            }
            out.extend_from_slice(&self.properties);
            for id in ids {
                out.put_u8(0x0b);
                put_varint(out, *id);
            }
        }
        out.extend_from_slice(&self.payload);
    }
}

/// Bytes of the properties that are not the publisher's: an expiry and an alias.
const MARKS: usize = 8;

/// What is left of a second counts as one.
fn seconds_until(at: Instant) -> u32 {
    let left = at.saturating_duration_since(Instant::now());
    u32::try_from(left.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX)
}

/// What a packet says to its one reader only.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Stamp {
    pub(crate) qos: u8,
    /// Its identifier, if its `QoS` is not 0.
    pub(crate) id: u16,
    /// It was sent before.
    pub(crate) dup: bool,
    /// The reader's alias for the topic; 0 for none.
    pub(crate) alias: u16,
    /// The reader knows what the alias means.
    pub(crate) is_known: bool,
}

/// What few deliveries have.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tags {
    /// The identifiers of the reader's subscriptions that matched.
    pub(crate) ids: Vec<u32>,
    /// The shared subscription whose turn it was.
    pub(crate) share: Option<Arc<Filter>>,
}

/// A message for one reader.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) parcel: Arc<Parcel>,
    pub(crate) tags: Option<Arc<Tags>>,
    /// The quality of service that this reader gets.
    pub(crate) qos: u8,
    /// The retain bit that this reader gets.
    pub(crate) retain: bool,
    /// The value was stored when the reader subscribed.
    pub(crate) stored: bool,
}

impl Delivery {
    /// Appends the packet; `false` if it is larger than the reader takes.
    pub(crate) fn write(&self, version: Version, stamp: Stamp, max_packet: usize, out: &mut BytesMut) -> bool {
        let start = out.len();
        let ids = self.tags.as_ref().map_or(&[][..], |tags| &tags.ids);
        let is_plain = stamp.qos == 0 && stamp.alias == 0 && ids.is_empty() && self.parcel.expires.is_none();
        match version {
            _ if is_plain => out.extend_from_slice(self.parcel.packet(version)),
            Version::V4 => self.parcel.encode(version, stamp, &[], out),
            Version::V5 => self.parcel.encode(version, stamp, ids, out),
        }
        if out.len() - start > max_packet {
            out.truncate(start);
            return false;
        }
        out[start] |= u8::from(self.retain);
        true
    }

    /// Does it count as waiting in order? What is stored or conflates takes no more room than its topic.
    pub(crate) fn is_in_order(&self) -> bool {
        !self.parcel.conflates && !self.stored
    }
}

/// Appends a variable byte integer.
pub(crate) fn put_varint(out: &mut BytesMut, mut value: u32) {
    while value > 0x7f {
        out.put_u8(value as u8 | 0x80);
        value >>= 7;
    }
    out.put_u8(value as u8);
}

/// The bytes of a variable byte integer.
pub(crate) fn varint_len(value: u32) -> usize {
    match value {
        0..=0x7f => 1,
        0x80..=0x3fff => 2,
        0x4000..=0x001f_ffff => 3,
        _ => 4,
    }
}

/// Appends text with its length.
pub(crate) fn put_text(out: &mut BytesMut, text: &str) {
    out.put_u16(text.len() as u16);
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rumqttd::protocol::{Packet, Protocol, v4::V4, v5::V5};

    /// What a packet says: topic, payload, retain bit, stamp, identifiers of subscriptions.
    type Read = (String, Vec<u8>, bool, (u8, u16, bool, u16), Vec<usize>);

    fn decoded(delivery: &Delivery, version: Version, stamp: Stamp) -> Read {
        let mut bytes = BytesMut::new();
        assert!(delivery.write(version, stamp, usize::MAX, &mut bytes));
        assert!(bytes.len() <= delivery.parcel.size() + 5 * delivery.tags.as_ref().map_or(0, |tags| tags.ids.len()));
        let first = bytes[0];
        let packet = match version {
            Version::V4 => V4.read_mut(&mut bytes, 1 << 20),
            Version::V5 => V5.read_mut(&mut bytes, 1 << 20),
        };
        let Ok(Packet::Publish(publish, properties)) = packet else { panic!("{packet:?}") };
        assert!(bytes.is_empty());
        let topic = String::from_utf8(publish.topic.to_vec()).unwrap();
        let properties = properties.unwrap_or_default();
        assert_eq!(
            properties.message_expiry_interval,
            delivery.parcel.expires.filter(|_| version == Version::V5).map(|_| 60)
        );
        let alias = properties.topic_alias.unwrap_or_default();
        let stamp = (first >> 1 & 3, stamp.id, first & 8 != 0, alias);
        (topic, publish.payload.to_vec(), publish.retain, stamp, properties.subscription_identifiers)
    }

    fn stamps() -> impl Strategy<Value = Stamp> {
        let plain = (0..3_u8, 1..u16::MAX, any::<bool>(), 0..3_u16, any::<bool>());
        plain.prop_map(|(qos, id, dup, alias, is_known)| Stamp {
            qos,
            id: if qos == 0 { 0 } else { id },
            dup: dup && qos > 0,
            alias,
            is_known: is_known && alias > 0,
        })
    }

    proptest! {
        #[test]
        fn what_is_encoded_can_be_decoded(
            topic in "[a-zA-Z0-9/_.%]{1,300}",
            payload in prop::collection::vec(any::<u8>(), 0..20_000),
            (retain, expires) in any::<(bool, bool)>(),
            stamp in stamps(),
            ids in prop::collection::vec(1..268_435_455_u32, 0..3),
        ) {
            let expires = Parcel::expiring(expires.then_some(60));
            let parcel = Arc::new(Parcel { expires, ..Parcel::new(&topic, Bytes::from(payload.clone()), retain) });
            let tags = (!ids.is_empty()).then(|| Arc::new(Tags { ids: ids.clone(), share: None }));
            let delivery = Delivery { parcel, tags, qos: stamp.qos, retain, stored: false };
            let ids: Vec<usize> = ids.into_iter().map(|id| id as usize).collect();
            let name = if stamp.is_known { String::new() } else { topic.clone() };
            let read = (stamp.qos, stamp.id, stamp.dup, stamp.alias);
            prop_assert_eq!(decoded(&delivery, Version::V5, stamp), (name, payload.clone(), retain, read, ids));
            let old = Stamp { alias: 0, is_known: false, ..stamp };
            let read = (old.qos, old.id, old.dup, 0);
            prop_assert_eq!(decoded(&delivery, Version::V4, old), (topic, payload, retain, read, vec![]));
        }
    }

    #[test]
    fn a_packet_too_large_for_its_reader_leaves_no_trace() {
        let parcel = Arc::new(Parcel::new("a", Bytes::from(vec![0; 100]), false));
        let delivery = Delivery { parcel, tags: None, qos: 0, retain: false, stored: false };
        let mut out = BytesMut::from(&b"before"[..]);
        assert!(!delivery.write(Version::V5, Stamp::default(), 50, &mut out));
        assert_eq!(&out[..], b"before");
    }
}
