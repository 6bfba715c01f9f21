//! The server's own packets, for both versions. Must never be called with more than one packet can hold; callers answer
//! packets that were bounded themselves.

use crate::parcel::{Version, put_text, put_varint, varint_len};
use bytes::{BufMut, BytesMut};

/// Publishes of one client with `QoS` 2 that may wait for their release.
pub(crate) const RECEIVE_MAXIMUM: u16 = 1_024;
/// Topic aliases that are remembered for one client.
pub(crate) const ALIAS_MAXIMUM: u16 = 16;

/// The answer to a CONNECT that could not be let in, by the codes of each version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) v4: u8,
    pub(crate) v5: u8,
}

impl Refused {
    pub(crate) const MALFORMED: Refused = Refused { v4: 0x02, v5: 0x81 };
    pub(crate) const PROTOCOL: Refused = Refused { v4: 0x02, v5: 0x82 };
    pub(crate) const VERSION: Refused = Refused { v4: 0x01, v5: 0x84 };
    pub(crate) const CLIENT_ID: Refused = Refused { v4: 0x02, v5: 0x85 };
    pub(crate) const CREDENTIALS: Refused = Refused { v4: 0x04, v5: 0x86 };
    pub(crate) const NOT_AUTHORIZED: Refused = Refused { v4: 0x05, v5: 0x87 };
    pub(crate) const BUSY: Refused = Refused { v4: 0x03, v5: 0x89 };
    pub(crate) const FULL: Refused = Refused { v4: 0x03, v5: 0x97 };
    pub(crate) const SHUTTING_DOWN: Refused = Refused { v4: 0x03, v5: 0x88 };
    pub(crate) const METHOD: Refused = Refused { v4: 0x05, v5: 0x8c };
    pub(crate) const TOO_LARGE: Refused = Refused { v4: 0x02, v5: 0x95 };
}

pub(crate) fn refusal(version: Version, refused: Refused, out: &mut BytesMut) {
    match version {
        Version::V4 => out.put_slice(&[0x20, 2, 0, refused.v4]),
        Version::V5 => out.put_slice(&[0x20, 3, 0, refused.v5, 0]),
    }
}

/// What a client that is let in is told; `None` where it has it as it asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Welcome<'a> {
    /// There is something left of an earlier session.
    pub(crate) present: bool,
    /// Bytes of a packet that we take.
    pub(crate) max_packet: usize,
    /// Seconds.
    pub(crate) expiry: Option<u32>,
    /// Seconds.
    pub(crate) keep_alive: Option<u16>,
    /// The client id, if it was left to us.
    pub(crate) assigned: Option<&'a str>,
}

/// CONNACK.
pub(crate) fn welcome(version: Version, welcome: Welcome<'_>, out: &mut BytesMut) {
    let present = u8::from(welcome.present);
    if version == Version::V4 {
        out.put_slice(&[0x20, 2, present, 0]);
        return;
    }
    let mut properties = BytesMut::new();
    if let Some(seconds) = welcome.expiry {
        properties.put_u8(0x11);
        properties.put_u32(seconds);
    }
    properties.put_u8(0x21);
    properties.put_u16(RECEIVE_MAXIMUM);
    properties.put_u8(0x27);
    properties.put_u32(u32::try_from(welcome.max_packet).unwrap_or(u32::MAX));
    properties.put_u8(0x22);
    properties.put_u16(ALIAS_MAXIMUM);
    if let Some(seconds) = welcome.keep_alive {
        properties.put_u8(0x13);
        properties.put_u16(seconds);
    }
    if let Some(id) = welcome.assigned {
        properties.put_u8(0x12);
        put_text(&mut properties, id);
    }
    let length = properties.len() as u32;
    out.put_u8(0x20);
    put_varint(out, 2 + varint_len(length) as u32 + length);
    out.put_slice(&[present, 0]);
    put_varint(out, length);
    out.put_slice(&properties);
}

/// SUBACK (0x90).
pub(crate) fn subscribed(version: Version, id: u16, codes: &[u8], out: &mut BytesMut) {
    out.put_u8(0x90);
    listed(version, id, codes, out);
}

/// UNSUBACK (0xB0), which names no codes before MQTT 5.
pub(crate) fn unsubscribed(version: Version, id: u16, codes: &[u8], out: &mut BytesMut) {
    out.put_u8(0xb0);
    listed(version, id, if version == Version::V5 { codes } else { &[] }, out);
}

fn listed(version: Version, id: u16, codes: &[u8], out: &mut BytesMut) {
    let properties: &[u8] = if version == Version::V5 { &[0] } else { &[] };
    put_varint(out, (2 + properties.len() + codes.len()) as u32);
    out.put_u16(id);
    out.put_slice(properties);
    out.put_slice(codes);
}

pub(crate) const PUBACK: u8 = 0x40;
pub(crate) const PUBREC: u8 = 0x50;
/// With the flags that it must have.
pub(crate) const PUBREL: u8 = 0x62;
pub(crate) const PUBCOMP: u8 = 0x70;

/// PUBACK, PUBREC, PUBREL or PUBCOMP; a reason is told to MQTT 5 only.
pub(crate) fn acknowledged(kind: u8, version: Version, id: u16, reason: u8, out: &mut BytesMut) {
    let tells = version == Version::V5 && reason != 0;
    out.put_slice(&[kind, if tells { 3 } else { 2 }]);
    out.put_u16(id);
    if tells {
        out.put_u8(reason);
    }
}

pub(crate) fn pong(out: &mut BytesMut) {
    out.put_slice(&[0xd0, 0]);
}

/// DISCONNECT, which a server may say since MQTT 5.
pub(crate) fn goodbye(version: Version, reason: u8, out: &mut BytesMut) {
    if version == Version::V5 {
        out.put_slice(&[0xe0, 2, reason, 0]);
    }
}
