//! A message on its way. Built once by its publisher; encoded at most once per version of the protocol, by the first
//! session that writes it; shared by all. Must never be changed once it was sent.

use bytes::{BufMut, Bytes, BytesMut};
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock, OnceLock};

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
    /// The session that published it; 0 for an in-process link.
    pub(crate) from: u64,
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
            from: 0,
            properties: Bytes::new(),
            encoded: [OnceLock::new(), OnceLock::new()],
        }
    }

    /// About the bytes of its packet; never less.
    pub(crate) fn size(&self) -> usize {
        1 + 4 + 2 + self.topic.text.len() + 4 + self.properties.len() + self.payload.len()
    }

    /// The packet, with the retain bit clear.
    fn packet(&self, version: Version) -> &Bytes {
        self.encoded[version as usize].get_or_init(|| {
            let mut packet = BytesMut::with_capacity(self.size());
            self.encode(version, &[], &mut packet);
            packet.freeze()
        })
    }

    fn encode(&self, version: Version, ids: &[u32], out: &mut BytesMut) {
        let properties = self.properties.len() + ids.iter().map(|id| 1 + varint_len(*id)).sum::<usize>();
        let header = match version {
            Version::V4 => 0,
            Version::V5 => varint_len(properties as u32) + properties,
        };
        out.put_u8(0x30);
        put_varint(out, (2 + self.topic.text.len() + header + self.payload.len()) as u32);
        put_text(out, &self.topic.text);
        if version == Version::V5 {
            put_varint(out, properties as u32);
            out.extend_from_slice(&self.properties);
            for id in ids {
                out.put_u8(0x0b);
                put_varint(out, *id);
            }
        }
        out.extend_from_slice(&self.payload);
    }
}

/// A message for one reader.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) parcel: Arc<Parcel>,
    /// The retain bit that this reader gets.
    pub(crate) retain: bool,
    /// The value was stored when the reader subscribed.
    pub(crate) stored: bool,
    /// The identifiers of the reader's subscriptions that matched.
    pub(crate) ids: Option<Arc<[u32]>>,
}

impl Delivery {
    /// Appends the packet; `false` if it is larger than the reader takes.
    pub(crate) fn write(&self, version: Version, max_packet: usize, out: &mut BytesMut) -> bool {
        let start = out.len();
        match &self.ids {
            Some(ids) if version == Version::V5 => self.parcel.encode(version, ids, out),
            _ => out.extend_from_slice(self.parcel.packet(version)),
        }
        if out.len() - start > max_packet {
            out.truncate(start);
            return false;
        }
        out[start] |= u8::from(self.retain);
        true
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

    fn decoded(delivery: &Delivery, version: Version) -> (String, Vec<u8>, bool, Vec<usize>) {
        let mut bytes = BytesMut::new();
        assert!(delivery.write(version, usize::MAX, &mut bytes));
        let packet = match version {
            Version::V4 => V4.read_mut(&mut bytes, 1 << 20),
            Version::V5 => V5.read_mut(&mut bytes, 1 << 20),
        };
        let Ok(Packet::Publish(publish, properties)) = packet else { panic!("{packet:?}") };
        assert!(bytes.is_empty());
        let topic = String::from_utf8(publish.topic.to_vec()).unwrap();
        let ids = properties.map(|p| p.subscription_identifiers).unwrap_or_default();
        (topic, publish.payload.to_vec(), publish.retain, ids)
    }

    proptest! {
        #[test]
        fn what_is_encoded_can_be_decoded(
            topic in "[a-zA-Z0-9/_.%]{1,300}",
            payload in prop::collection::vec(any::<u8>(), 0..20_000),
            retain: bool,
            ids in prop::collection::vec(1..268_435_455_u32, 0..3),
        ) {
            let parcel = Arc::new(Parcel::new(&topic, Bytes::from(payload.clone()), retain));
            let shared = (!ids.is_empty()).then(|| Arc::from(ids.clone()));
            let delivery = Delivery { parcel, retain, stored: false, ids: shared };
            let ids: Vec<usize> = ids.into_iter().map(|id| id as usize).collect();
            prop_assert_eq!(decoded(&delivery, Version::V5), (topic.clone(), payload.clone(), retain, ids));
            prop_assert_eq!(decoded(&delivery, Version::V4), (topic, payload, retain, vec![]));
        }
    }

    #[test]
    fn a_packet_too_large_for_its_reader_leaves_no_trace() {
        let parcel = Arc::new(Parcel::new("a", Bytes::from(vec![0; 100]), false));
        let delivery = Delivery { parcel, retain: false, stored: false, ids: None };
        let mut out = BytesMut::from(&b"before"[..]);
        assert!(!delivery.write(Version::V5, 50, &mut out));
        assert_eq!(&out[..], b"before");
    }
}
