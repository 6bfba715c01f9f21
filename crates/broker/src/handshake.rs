//! From the first byte to a CONNECT that makes sense. The version is told from the CONNECT itself. Must never wait
//! longer or read further than it was told, and must never let anybody in.

use crate::decode::{self, Fault};
use crate::encode::Refused;
use crate::parcel::Version;
use bytes::{Bytes, BytesMut};
use rumqttd::protocol::{Connect, ConnectProperties, LastWill, LastWillProperties, Packet, PublishProperties};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Bytes of a CONNECT.
const MAX_CONNECT: usize = 8 * 1024;

/// A CONNECT that makes sense.
#[derive(Debug)]
pub(crate) struct Greeting {
    pub(crate) version: Version,
    pub(crate) client_id: String,
    pub(crate) keep_alive: u16,
    pub(crate) login: Option<(String, String)>,
    pub(crate) will: Option<Will>,
    /// Bytes of a packet that the client takes.
    pub(crate) max_packet: usize,
}

/// What is to be published should the session end in another way than by its client's word.
#[derive(Debug)]
pub(crate) struct Will {
    pub(crate) topic: String,
    pub(crate) payload: Bytes,
    pub(crate) retain: bool,
    pub(crate) properties: Bytes,
}

/// Why there is no greeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoGreeting {
    /// This is no MQTT, or the connection has gone.
    Silence,
    /// This answer is due.
    Refused(Version, Refused),
}

/// Reads the CONNECT; what follows it stays in `buffer`.
pub(crate) async fn greeting(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
) -> Result<Greeting, NoGreeting> {
    loop {
        if let Some(greeting) = greeted(buffer)? {
            return Ok(greeting);
        }
        match stream.read_buf(buffer).await {
            Ok(0) | Err(_) => return Err(NoGreeting::Silence),
            Ok(_) => {}
        }
    }
}

/// `None`: it is not whole yet.
pub(crate) fn greeted(buffer: &mut BytesMut) -> Result<Option<Greeting>, NoGreeting> {
    match buffer.first() {
        None => return Ok(None),
        Some(0x10) => {}
        Some(_) => return Err(NoGreeting::Silence),
    }
    let Some((header, _)) = decode::remaining_length(buffer).map_err(|_| NoGreeting::Silence)? else {
        return Ok(None);
    };
    let Some(version) = version(&buffer[header..])? else { return Ok(None) };
    match decode::cut(buffer, MAX_CONNECT) {
        Ok(None) => Ok(None),
        Ok(Some(frame)) => understand(version, frame, header).map(Some),
        Err(Fault::TOO_LARGE) => Err(NoGreeting::Refused(version, Refused::TOO_LARGE)),
        Err(_) => Err(malformed(version)),
    }
}

fn malformed(version: Version) -> NoGreeting {
    match version {
        Version::V4 => NoGreeting::Silence,
        Version::V5 => NoGreeting::Refused(version, Refused::MALFORMED),
    }
}

/// The version, from the name of the protocol and its level.
fn version(body: &[u8]) -> Result<Option<Version>, NoGreeting> {
    let old = body.starts_with(b"\0\x06MQIsdp");
    let level = match body {
        [0, 4, b'M', b'Q', b'T', b'T', level, ..] => *level,
        [0, 6, ..] if old => return Err(NoGreeting::Refused(Version::V4, Refused::VERSION)),
        _ if b"\0\x04MQTT".starts_with(body) || b"\0\x06MQIsdp".starts_with(body) => return Ok(None),
        _ => return Err(NoGreeting::Silence),
    };
    match level {
        4 => Ok(Some(Version::V4)),
        5 => Ok(Some(Version::V5)),
        6..=0x7f => Err(NoGreeting::Refused(Version::V5, Refused::VERSION)),
        _ => Err(NoGreeting::Refused(Version::V4, Refused::VERSION)),
    }
}

fn understand(version: Version, frame: BytesMut, header: usize) -> Result<Greeting, NoGreeting> {
    let flags = frame.get(header + 7).copied().unwrap_or(1);
    let password_alone = version == Version::V4 && flags & 0xc0 == 0x40;
    let decoded = decode::packet(version, frame);
    let Ok(Packet::Connect(connect, properties, will, will_properties, login)) = decoded else {
        return Err(malformed(version));
    };
    if flags & 1 != 0 || password_alone {
        return Err(malformed(version));
    }
    if version == Version::V4 && connect.client_id.is_empty() && !connect.clean_session {
        return Err(NoGreeting::Refused(version, Refused::CLIENT_ID));
    }
    let max_packet = wishes(version, properties)?;
    let Connect { keep_alive, client_id, .. } = connect;
    let login = login.map(|login| (login.username, login.password));
    let will = match will {
        Some(will) => Some(testament(&will, will_properties).ok_or_else(|| malformed(version))?),
        None => None,
    };
    Ok(Greeting { version, client_id, keep_alive, login, will, max_packet })
}

/// The largest packet that the client takes.
fn wishes(version: Version, properties: Option<ConnectProperties>) -> Result<usize, NoGreeting> {
    let Some(properties) = properties else { return Ok(usize::MAX) };
    if properties.authentication_method.is_some() {
        return Err(NoGreeting::Refused(version, Refused::METHOD));
    }
    if properties.max_packet_size == Some(0) || properties.receive_maximum == Some(0) {
        return Err(malformed(version));
    }
    Ok(properties.max_packet_size.map_or(usize::MAX, |size| size as usize))
}

fn testament(will: &LastWill, properties: Option<LastWillProperties>) -> Option<Will> {
    let topic = std::str::from_utf8(&will.topic).ok()?;
    if topic.is_empty() || topic.contains(['+', '#', '\0']) {
        return None;
    }
    let properties = properties.map(|p| PublishProperties {
        payload_format_indicator: p.payload_format_indicator,
        content_type: p.content_type,
        response_topic: p.response_topic,
        correlation_data: p.correlation_data,
        user_properties: p.user_properties,
        ..PublishProperties::default()
    });
    Some(Will {
        topic: topic.to_owned(),
        payload: Bytes::copy_from_slice(&will.message),
        retain: will.retain,
        properties: decode::travelling(&properties.unwrap_or_default()),
    })
}
