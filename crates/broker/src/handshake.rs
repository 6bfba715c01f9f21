//! From the first byte to a CONNECT that makes sense. The version is told from the CONNECT itself. Must never wait
//! longer or read further than it was told, and must never let anybody in.

use crate::decode::{self, Fault};
use crate::encode::Refused;
use crate::fields::Fields;
use crate::parcel::Version;
use crate::properties::{Of, Properties};
use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Bytes of a CONNECT.
const MAX_CONNECT: usize = 8 * 1024;
/// Bytes of the name of the protocol with its length, and of its level: [`version`] has looked at them.
const NAME: usize = 7;

/// A CONNECT that makes sense.
#[derive(Debug)]
pub(crate) struct Greeting {
    pub(crate) version: Version,
    pub(crate) client_id: String,
    /// What is kept of an earlier session is not wanted.
    pub(crate) clean: bool,
    /// Seconds for which the session is to be kept when its connection has ended.
    pub(crate) expiry: u32,
    /// Seconds; 0 for none.
    pub(crate) keep_alive: u16,
    pub(crate) login: Option<(String, String)>,
    pub(crate) will: Option<Will>,
    /// Bytes of a packet that the client takes.
    pub(crate) max_packet: usize,
    /// Messages that the client takes before it has acknowledged one.
    pub(crate) receive_maximum: u16,
    /// Topic aliases that the client remembers.
    pub(crate) alias_maximum: u16,
}

/// What is to be published should the session end in another way than by its client's word.
#[derive(Debug)]
pub(crate) struct Will {
    pub(crate) topic: String,
    pub(crate) payload: Bytes,
    pub(crate) retain: bool,
    pub(crate) qos: u8,
    /// Seconds to wait for the client to come back.
    pub(crate) delay: u32,
    /// Seconds after which nobody wants it any more.
    pub(crate) expiry: Option<u32>,
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
        Ok(Some(frame)) => understand(version, &frame[header..]).map(Some),
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

fn understand(version: Version, body: &[u8]) -> Result<Greeting, NoGreeting> {
    let (greeting, wishes) = read(version, body).map_err(|fault| match version {
        Version::V5 if fault == Fault::PROTOCOL => NoGreeting::Refused(version, Refused::PROTOCOL),
        _ => malformed(version),
    })?;
    if wishes.authenticates {
        return Err(NoGreeting::Refused(version, Refused::METHOD));
    }
    if version == Version::V4 && greeting.client_id.is_empty() && !greeting.clean {
        return Err(NoGreeting::Refused(version, Refused::CLIENT_ID));
    }
    Ok(greeting)
}

/// The bits of a CONNECT's flags.
#[derive(Debug, Clone, Copy)]
struct Flags(u8);

impl Flags {
    fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }

    fn will_qos(self) -> u8 {
        self.0 >> 3 & 3
    }

    fn make_sense(self, version: Version) -> bool {
        let will = if self.has(0x04) { self.will_qos() < 3 } else { self.0 & 0x38 == 0 };
        let login = version == Version::V5 || self.0 & 0xc0 != 0x40;
        will && login && !self.has(0x01)
    }
}

fn read(version: Version, body: &[u8]) -> Result<(Greeting, Properties), Fault> {
    let mut fields = Fields::new(body.get(NAME..).ok_or(Fault::MALFORMED)?);
    let flags = Flags(fields.u8()?);
    if !flags.make_sense(version) {
        return Err(Fault::MALFORMED);
    }
    let keep_alive = fields.u16()?;
    let wishes = decode::properties(version, Of::Connect, &mut fields)?;
    let client_id = fields.text()?.to_owned();
    let will = if flags.has(0x04) { Some(will(version, flags, &mut fields)?) } else { None };
    let login = login(flags, &mut fields)?;
    fields.end()?;
    let clean = flags.has(0x02);
    let expiry = match version {
        Version::V4 if clean => 0,
        Version::V4 => u32::MAX,
        Version::V5 => wishes.session_expiry.unwrap_or(0),
    };
    let greeting = Greeting {
        version,
        client_id,
        clean,
        expiry,
        keep_alive,
        login,
        will,
        max_packet: wishes.max_packet.map_or(usize::MAX, |size| size as usize),
        receive_maximum: wishes.receive_maximum.unwrap_or(u16::MAX),
        alias_maximum: wishes.alias_maximum.unwrap_or(0),
    };
    Ok((greeting, wishes))
}

fn will(version: Version, flags: Flags, fields: &mut Fields<'_>) -> Result<Will, Fault> {
    let properties = decode::properties(version, Of::Will, fields)?;
    let topic = fields.text()?.to_owned();
    if topic.is_empty() || topic.contains(['+', '#']) {
        return Err(Fault::MALFORMED);
    }
    Ok(Will {
        topic,
        payload: Bytes::copy_from_slice(fields.bytes()?),
        retain: flags.has(0x20),
        qos: flags.will_qos(),
        delay: properties.will_delay.unwrap_or(0),
        expiry: properties.message_expiry,
        properties: properties.travelling,
    })
}

fn login(flags: Flags, fields: &mut Fields<'_>) -> Result<Option<(String, String)>, Fault> {
    if flags.0 & 0xc0 == 0 {
        return Ok(None);
    }
    let username = if flags.has(0x80) { fields.text()? } else { "" };
    let password = if flags.has(0x40) { fields.bytes()? } else { b"" };
    let password = std::str::from_utf8(password).map_err(|_| Fault::MALFORMED)?;
    Ok(Some((username.to_owned(), password.to_owned())))
}
