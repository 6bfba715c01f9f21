//! From bytes to what a client says. Frames are cut here, with their type, flags and size checked before anything is
//! awaited; rumqttd decodes what is inside. Must never show rumqttd a packet type that its decoders hold for
//! unreachable, and must never wait for more of a packet that is already wrong.

use crate::hub::{Request, Stored};
use crate::parcel::{Version, put_text};
use bytes::{BufMut, Bytes, BytesMut};
use rumqttd::protocol::{
    Disconnect, DisconnectReasonCode, Filter, Packet, Protocol, Publish, PublishProperties, RetainForwardRule, v4::V4,
    v5::V5,
};

/// Bytes that a fixed header has at most.
const MAX_HEADER: usize = 5;

/// Why a session must end, as the reason code of MQTT 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault(pub(crate) u8);

impl Fault {
    pub(crate) const MALFORMED: Fault = Fault(0x81);
    pub(crate) const PROTOCOL: Fault = Fault(0x82);
    pub(crate) const KEEP_ALIVE: Fault = Fault(0x8d);
    pub(crate) const TOPIC: Fault = Fault(0x90);
    pub(crate) const RECEIVE_MAXIMUM: Fault = Fault(0x93);
    pub(crate) const TOPIC_ALIAS: Fault = Fault(0x94);
    pub(crate) const TOO_LARGE: Fault = Fault(0x95);
    pub(crate) const TOO_MANY: Fault = Fault(0x96);
}

/// What a client says after its CONNECT.
#[derive(Debug)]
pub(crate) enum Said {
    Publish(Published),
    Release {
        id: u16,
    },
    Subscribe {
        id: u16,
        requests: Vec<Request>,
    },
    Unsubscribe {
        id: u16,
        filters: Vec<String>,
    },
    Ping,
    Disconnect {
        with_will: bool,
    },
    /// An acknowledgement of something that was never sent to it: harmless.
    Nothing,
}

/// A publish of a client.
#[derive(Debug)]
pub(crate) struct Published {
    pub(crate) topic: String,
    pub(crate) payload: Bytes,
    pub(crate) retain: bool,
    pub(crate) qos: u8,
    /// 0 if it needs no acknowledgement.
    pub(crate) id: u16,
    /// The properties that travel with it, encoded.
    pub(crate) properties: Bytes,
}

/// Cuts the first packet off, if it is whole.
pub(crate) fn cut(buffer: &mut BytesMut, max_packet: usize) -> Result<Option<BytesMut>, Fault> {
    let Some(&first) = buffer.first() else { return Ok(None) };
    let flags_are_right = match first >> 4 {
        3 => true,
        6 | 8 | 10 => first % 16 == 2,
        1 | 4 | 5 | 7 | 12 | 14 => first % 16 == 0,
        _ => return Err(Fault::PROTOCOL),
    };
    if !flags_are_right {
        return Err(Fault::MALFORMED);
    }
    let Some((header, body)) = remaining_length(buffer)? else { return Ok(None) };
    if header + body > max_packet {
        return Err(Fault::TOO_LARGE);
    }
    Ok((buffer.len() >= header + body).then(|| buffer.split_to(header + body)))
}

/// The length of the fixed header and of what follows.
pub(crate) fn remaining_length(buffer: &[u8]) -> Result<Option<(usize, usize)>, Fault> {
    let mut length = 0;
    for at in 1..MAX_HEADER {
        let Some(&byte) = buffer.get(at) else { return Ok(None) };
        length |= usize::from(byte & 0x7f) << (7 * (at - 1));
        if byte & 0x80 == 0 {
            return Ok(Some((at + 1, length)));
        }
    }
    Err(Fault::MALFORMED)
}

/// Decodes a whole packet that [`cut`] has let through.
pub(crate) fn packet(version: Version, mut frame: BytesMut) -> Result<Packet, Fault> {
    let all = frame.len();
    let decoded = match version {
        Version::V4 => V4.read_mut(&mut frame, all),
        Version::V5 => V5.read_mut(&mut frame, all),
    };
    decoded.map_err(|_| Fault::MALFORMED)
}

/// Decodes what a client says after its CONNECT.
pub(crate) fn said(version: Version, frame: BytesMut) -> Result<Said, Fault> {
    let first = frame[0];
    if version == Version::V5 && first >> 4 == 14 && frame.len() == 3 {
        // A reason without the length of its properties, which rumqttd would wait for.
        return Ok(Said::Disconnect { with_will: frame[2] != 0 });
    }
    let publish_id = if first >> 4 == 3 { publish_id(&frame)? } else { 0 };
    match packet(version, frame)? {
        Packet::Publish(publish, properties) => published(first, publish_id, &publish, properties),
        Packet::PubRel(release, _) => Ok(Said::Release { id: nonzero(release.pkid)? }),
        Packet::Subscribe(subscribe, properties) => {
            let id = subscription_id(properties.and_then(|properties| properties.id))?;
            let requests = subscribe.filters.into_iter().map(|filter| request(filter, id)).collect();
            Ok(Said::Subscribe { id: nonzero(subscribe.pkid)?, requests })
        }
        Packet::Unsubscribe(unsubscribe, _) if unsubscribe.filters.is_empty() => Err(Fault::PROTOCOL),
        Packet::Unsubscribe(unsubscribe, _) => {
            Ok(Said::Unsubscribe { id: nonzero(unsubscribe.pkid)?, filters: unsubscribe.filters })
        }
        Packet::PingReq(_) => Ok(Said::Ping),
        Packet::Disconnect(Disconnect { reason_code }, _) => {
            Ok(Said::Disconnect { with_will: reason_code != DisconnectReasonCode::NormalDisconnection })
        }
        Packet::PubAck(..) | Packet::PubRec(..) | Packet::PubComp(..) => Ok(Said::Nothing),
        _ => Err(Fault::PROTOCOL),
    }
}

fn nonzero(id: u16) -> Result<u16, Fault> {
    if id == 0 { Err(Fault::MALFORMED) } else { Ok(id) }
}

fn subscription_id(id: Option<usize>) -> Result<u32, Fault> {
    match id {
        None => Ok(0),
        Some(0) => Err(Fault::PROTOCOL),
        Some(id) => u32::try_from(id).map_err(|_| Fault::MALFORMED),
    }
}

fn request(filter: Filter, id: u32) -> Request {
    Request {
        filter: filter.path,
        no_local: filter.nolocal,
        keep_retain: filter.preserve_retain,
        stored: match filter.retain_forward_rule {
            RetainForwardRule::OnEverySubscribe => Stored::Always,
            RetainForwardRule::OnNewSubscribe => Stored::IfNew,
            RetainForwardRule::Never => Stored::Never,
        },
        id,
    }
}

/// The packet identifier of a PUBLISH, which rumqttd does not show.
fn publish_id(frame: &[u8]) -> Result<u16, Fault> {
    if frame[0] & 0x06 == 0 {
        return Ok(0);
    }
    let Some((header, _)) = remaining_length(frame)? else { return Err(Fault::MALFORMED) };
    let u16_at = |at: usize| match frame.get(at..at + 2) {
        Some(bytes) => Ok(u16::from_be_bytes([bytes[0], bytes[1]])),
        None => Err(Fault::MALFORMED),
    };
    let topic = usize::from(u16_at(header)?);
    nonzero(u16_at(header + 2 + topic)?)
}

fn published(first: u8, id: u16, publish: &Publish, properties: Option<PublishProperties>) -> Result<Said, Fault> {
    let topic = std::str::from_utf8(&publish.topic).map_err(|_| Fault::MALFORMED)?.to_owned();
    let properties = properties.unwrap_or_default();
    if properties.topic_alias.is_some() {
        return Err(Fault::TOPIC_ALIAS);
    }
    if !properties.subscription_identifiers.is_empty() || topic.is_empty() {
        return Err(Fault::PROTOCOL);
    }
    if topic.contains(['+', '#', '\0']) {
        return Err(Fault::TOPIC);
    }
    Ok(Said::Publish(Published {
        topic,
        // A copy of its own, or one byte of payload would keep the whole read buffer.
        payload: Bytes::copy_from_slice(&publish.payload),
        retain: publish.retain,
        qos: first >> 1 & 3,
        id,
        properties: travelling(&properties),
    }))
}

/// The properties that a server passes on unchanged, encoded. Without an expiry: the payloads say how old they are.
pub(crate) fn travelling(properties: &PublishProperties) -> Bytes {
    let mut out = BytesMut::new();
    if let Some(format) = properties.payload_format_indicator {
        out.put_slice(&[0x01, format]);
    }
    if let Some(kind) = &properties.content_type {
        out.put_u8(0x03);
        put_text(&mut out, kind);
    }
    if let Some(topic) = &properties.response_topic {
        out.put_u8(0x08);
        put_text(&mut out, topic);
    }
    if let Some(data) = &properties.correlation_data {
        out.put_u8(0x09);
        out.put_u16(data.len() as u16);
        out.put_slice(data);
    }
    for (key, value) in &properties.user_properties {
        out.put_u8(0x26);
        put_text(&mut out, key);
        put_text(&mut out, value);
    }
    out.freeze()
}
