//! From bytes to what a client says. Frames are cut here, with their type, flags and size checked before anything is
//! awaited, and decoded here, for rumqttd's decoders panic on some packets and hide parts of others. Must never wait for
//! more of a packet that is already wrong.

use crate::fields::Fields;
use crate::hub::{Request, Stored};
use crate::parcel::Version;
use crate::properties::{Of, Properties};
use bytes::{Bytes, BytesMut};

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
    /// PUBREL: it has our PUBREC.
    Release {
        id: u16,
    },
    /// It has a message of ours.
    Acknowledged(Acknowledged),
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
        /// Seconds for which the session is to be kept, if that has changed.
        expiry: Option<u32>,
    },
}

/// What a client says about a message that it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Acknowledged {
    /// PUBACK.
    Taken { id: u16 },
    /// PUBREC; refused: there will be no more about it.
    Received { id: u16, refused: bool },
    /// PUBCOMP.
    Completed { id: u16 },
}

/// A publish of a client.
#[derive(Debug)]
pub(crate) struct Published {
    /// Empty if the alias says which.
    pub(crate) topic: String,
    /// 0 for none.
    pub(crate) alias: u16,
    pub(crate) payload: Bytes,
    pub(crate) retain: bool,
    pub(crate) qos: u8,
    /// 0 if it needs no acknowledgement.
    pub(crate) id: u16,
    /// Seconds after which nobody wants it any more.
    pub(crate) expiry: Option<u32>,
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

/// Decodes a whole packet that [`cut`] has let through, and that follows a CONNECT.
pub(crate) fn said(version: Version, frame: &[u8]) -> Result<Said, Fault> {
    let Some((header, _)) = remaining_length(frame)? else { return Err(Fault::MALFORMED) };
    let mut fields = Fields::new(frame.get(header..).ok_or(Fault::MALFORMED)?);
    match frame[0] >> 4 {
        3 => published(version, frame[0], fields).map(Said::Publish),
        4 => acknowledged(version, fields).map(|(id, _)| Said::Acknowledged(Acknowledged::Taken { id })),
        5 => acknowledged(version, fields).map(|(id, reason)| {
            let refused = reason >= 0x80;
            Said::Acknowledged(Acknowledged::Received { id, refused })
        }),
        6 => acknowledged(version, fields).map(|(id, _)| Said::Release { id }),
        7 => acknowledged(version, fields).map(|(id, _)| Said::Acknowledged(Acknowledged::Completed { id })),
        8 => subscribe(version, &mut fields),
        10 => unsubscribe(version, &mut fields),
        12 => fields.end().map(|()| Said::Ping),
        14 => disconnect(version, fields),
        _ => Err(Fault::PROTOCOL),
    }
}

fn published(version: Version, first: u8, mut fields: Fields<'_>) -> Result<Published, Fault> {
    let (qos, dup) = (first >> 1 & 3, first & 8 != 0);
    if qos == 3 || dup && qos == 0 {
        return Err(Fault::MALFORMED);
    }
    let topic = fields.text()?.to_owned();
    let id = if qos == 0 { 0 } else { fields.id()? };
    let properties = properties(version, Of::Publish, &mut fields)?;
    if properties.alias == Some(0) {
        return Err(Fault::TOPIC_ALIAS);
    }
    if properties.subscription.is_some() || topic.is_empty() && properties.alias.is_none() {
        return Err(Fault::PROTOCOL);
    }
    if topic.contains(['+', '#']) {
        return Err(Fault::TOPIC);
    }
    Ok(Published {
        topic,
        alias: properties.alias.unwrap_or_default(),
        // A copy of its own, or one byte of payload would keep the whole read buffer.
        payload: Bytes::copy_from_slice(fields.rest()),
        retain: first & 1 != 0,
        qos,
        id,
        expiry: properties.message_expiry,
        properties: properties.travelling,
    })
}

/// The packet identifier and the reason code.
fn acknowledged(version: Version, mut fields: Fields<'_>) -> Result<(u16, u8), Fault> {
    let id = fields.id()?;
    Ok((id, reason(version, Of::Acknowledgement, &mut fields)?.0))
}

/// A reason code and its properties, both of which may be left out.
fn reason(version: Version, of: Of, fields: &mut Fields<'_>) -> Result<(u8, Properties), Fault> {
    if fields.is_empty() {
        return Ok((0, Properties::default()));
    }
    if version == Version::V4 {
        return Err(Fault::MALFORMED);
    }
    let reason = fields.u8()?;
    let found = if fields.is_empty() { Properties::default() } else { Properties::read(fields, of)? };
    fields.end()?;
    Ok((reason, found))
}

fn subscribe(version: Version, fields: &mut Fields<'_>) -> Result<Said, Fault> {
    let id = fields.id()?;
    let number = properties(version, Of::Subscribe, fields)?.subscription.unwrap_or_default();
    let mut requests = Vec::new();
    while !fields.is_empty() {
        let filter = fields.text()?.to_owned();
        requests.push(request(version, filter, fields.u8()?, number)?);
    }
    if requests.is_empty() { Err(Fault::PROTOCOL) } else { Ok(Said::Subscribe { id, requests }) }
}

fn request(version: Version, filter: String, options: u8, id: u32) -> Result<Request, Fault> {
    let reserved = if version == Version::V4 { 0xfc } else { 0xc0 };
    let (qos, no_local) = (options & 3, options & 4 != 0);
    if options & reserved != 0 || qos == 3 {
        return Err(Fault::MALFORMED);
    }
    if no_local && filter.starts_with("$share/") {
        return Err(Fault::PROTOCOL);
    }
    let stored = match options >> 4 & 3 {
        0 => Stored::Always,
        1 => Stored::IfNew,
        2 => Stored::Never,
        _ => return Err(Fault::PROTOCOL),
    };
    Ok(Request { filter, qos, no_local, keep_retain: options & 8 != 0, stored, id })
}

fn unsubscribe(version: Version, fields: &mut Fields<'_>) -> Result<Said, Fault> {
    let id = fields.id()?;
    properties(version, Of::Unsubscribe, fields)?;
    let mut filters = Vec::new();
    while !fields.is_empty() {
        filters.push(fields.text()?.to_owned());
    }
    if filters.is_empty() { Err(Fault::PROTOCOL) } else { Ok(Said::Unsubscribe { id, filters }) }
}

fn disconnect(version: Version, mut fields: Fields<'_>) -> Result<Said, Fault> {
    let (reason, properties) = reason(version, Of::Disconnect, &mut fields)?;
    Ok(Said::Disconnect { with_will: reason != 0, expiry: properties.session_expiry })
}

/// None before MQTT 5.
pub(crate) fn properties(version: Version, of: Of, fields: &mut Fields<'_>) -> Result<Properties, Fault> {
    match version {
        Version::V4 => Ok(Properties::default()),
        Version::V5 => Properties::read(fields, of),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::handshake;
    use proptest::prelude::*;
    use rumqttd::protocol::{Packet, Protocol, PublishProperties, v5::V5};

    fn properties() -> impl Strategy<Value = PublishProperties> {
        let text = || "[a-zé]{0,5}";
        let pairs = prop::collection::vec((text(), text()), 0..3);
        let message = (0..2_u8, any::<u32>(), prop::collection::vec(any::<u8>(), 0..5));
        (pairs, text(), prop::option::of(message), prop::option::of(1..9_u16)).prop_map(
            |(pairs, kind, message, alias)| PublishProperties {
                payload_format_indicator: message.as_ref().map(|(format, ..)| *format),
                message_expiry_interval: message.as_ref().map(|(_, expiry, _)| *expiry),
                correlation_data: message.map(|(.., data)| data.into()),
                content_type: (!kind.is_empty()).then_some(kind),
                topic_alias: alias,
                user_properties: pairs,
                ..PublishProperties::default()
            },
        )
    }

    proptest! {
        #[test]
        fn no_bytes_upset_the_decoder(mut bytes in prop::collection::vec(any::<u8>(), 0..60), first: u8, v5: bool) {
            let version = if v5 { Version::V5 } else { Version::V4 };
            // Whole packets, or most would end at their length.
            let body = bytes.len().min(127);
            let mut framed = BytesMut::from(&[first, body as u8][..]);
            framed.extend_from_slice(&bytes[..body]);
            while let Ok(Some(frame)) = cut(&mut framed, 1_000) {
                said(version, &frame).ok();
            }
            bytes.splice(0..0, [0x10, body as u8 + 7, 0, 4, b'M', b'Q', b'T', b'T', if v5 { 5 } else { 4 }]);
            handshake::greeted(&mut BytesMut::from(&bytes[..])).ok();
        }

        #[test]
        fn a_publish_is_read_as_another_decoder_reads_it(
            topic in "[a-zé/]{1,9}",
            payload in prop::collection::vec(any::<u8>(), 0..200),
            (retain, qos, id) in (any::<bool>(), 0..3_u8, 1..u16::MAX),
            properties in properties(),
        ) {
            let mut frame = BytesMut::new();
            let publish = rumqttd::protocol::Publish::new(topic.clone().into_bytes(), payload.clone(), retain);
            V5.write(Packet::Publish(publish, Some(properties.clone())), &mut frame).unwrap();
            // It writes QoS 0 only.
            if qos > 0 {
                frame = with_quality(&frame, &topic, qos, id);
            }
            let Ok(Said::Publish(read)) = said(Version::V5, &frame) else { panic!("{frame:x?}") };
            prop_assert_eq!((read.topic, &read.payload[..], read.retain), (topic, &payload[..], retain));
            prop_assert_eq!((read.qos, read.id), (qos, if qos == 0 { 0 } else { id }));
            prop_assert_eq!(read.expiry, properties.message_expiry_interval);
            prop_assert_eq!(read.alias, properties.topic_alias.unwrap_or_default());
            prop_assert_eq!(read.properties.is_empty(), PublishProperties {
                message_expiry_interval: None,
                topic_alias: None,
                ..properties
            } == PublishProperties::default());
        }
    }

    /// The same packet with another quality of service.
    fn with_quality(frame: &[u8], topic: &str, qos: u8, id: u16) -> BytesMut {
        let (header, length) = remaining_length(frame).unwrap().unwrap();
        let mut out = BytesMut::from(&[frame[0] | qos << 1][..]);
        crate::parcel::put_varint(&mut out, length as u32 + 2);
        let behind = header + 2 + topic.len();
        out.extend_from_slice(&frame[header..behind]);
        out.extend_from_slice(&id.to_be_bytes());
        out.extend_from_slice(&frame[behind..]);
        out
    }
}
