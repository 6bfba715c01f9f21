//! The properties of MQTT 5: what each packet may carry, each at most once. Must never let one through that its packet
//! may not carry, and must never look into those that only travel.

use crate::decode::Fault;
use crate::fields::Fields;
use bytes::Bytes;

/// What the properties belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Connect,
    Will,
    Publish,
    /// PUBACK, PUBREC, PUBREL, PUBCOMP.
    Acknowledgement,
    Subscribe,
    Unsubscribe,
    Disconnect,
}

const USER: u8 = 0x26;

/// What was found; what was not is `None`.
#[derive(Debug, Default)]
pub(crate) struct Properties {
    /// Seconds.
    pub(crate) session_expiry: Option<u32>,
    pub(crate) receive_maximum: Option<u16>,
    /// Bytes.
    pub(crate) max_packet: Option<u32>,
    pub(crate) alias_maximum: Option<u16>,
    pub(crate) alias: Option<u16>,
    /// Seconds.
    pub(crate) message_expiry: Option<u32>,
    /// Seconds.
    pub(crate) will_delay: Option<u32>,
    pub(crate) subscription: Option<u32>,
    /// The client wants to be asked for more than a password.
    pub(crate) authenticates: bool,
    /// Those that go on to the readers of a message, as they came.
    pub(crate) travelling: Bytes,
}

impl Properties {
    /// Reads the length of the properties, and them.
    pub(crate) fn read(fields: &mut Fields<'_>, of: Of) -> Result<Self, Fault> {
        let length = fields.varint()?;
        let mut own = Fields::new(fields.take(length as usize)?);
        let (mut found, mut seen, mut travelling) = (Self::default(), 0_u64, Vec::new());
        while !own.is_empty() {
            let before = own.rest();
            let kind = own.u8()?;
            if kind >= 64 || !may_carry(of, kind) {
                return Err(Fault::MALFORMED);
            }
            if kind != USER && seen & 1 << kind != 0 {
                return Err(Fault::PROTOCOL);
            }
            seen |= 1 << kind;
            if found.take(kind, &mut own)? && matches!(of, Of::Publish | Of::Will) {
                travelling.extend_from_slice(&before[..before.len() - own.rest().len()]);
            }
        }
        found.travelling = travelling.into();
        Ok(found)
    }

    /// `true` if it is one of those that travel.
    fn take(&mut self, kind: u8, own: &mut Fields<'_>) -> Result<bool, Fault> {
        match kind {
            0x01 => flag(own).map_err(|_| Fault::MALFORMED)?,
            0x02 => self.message_expiry = Some(own.u32()?),
            0x03 | 0x1f => skip(own.text()?),
            0x08 => is_answerable(own.text()?)?,
            0x09 | 0x16 => skip(own.bytes()?),
            0x0b => self.subscription = Some(nonzero(own.varint()?)?),
            0x11 => self.session_expiry = Some(own.u32()?),
            0x15 => {
                own.text()?;
                self.authenticates = true;
            }
            0x17 | 0x19 => flag(own)?,
            0x18 => self.will_delay = Some(own.u32()?),
            0x21 => self.receive_maximum = Some(nonzero(own.u16()?)?),
            0x22 => self.alias_maximum = Some(own.u16()?),
            0x23 => self.alias = Some(own.u16()?),
            USER => skip((own.text()?, own.text()?)),
            0x27 => self.max_packet = Some(nonzero(own.u32()?)?),
            _ => return Err(Fault::MALFORMED),
        }
        Ok(matches!(kind, 0x01 | 0x03 | 0x08 | 0x09 | USER))
    }
}

fn may_carry(of: Of, kind: u8) -> bool {
    match kind {
        USER => true,
        0x01..=0x03 | 0x08 | 0x09 => matches!(of, Of::Publish | Of::Will),
        // In a PUBLISH it is a server's to send; that it may not be sent here is told apart from what makes no sense.
        0x0b => matches!(of, Of::Subscribe | Of::Publish),
        0x11 => matches!(of, Of::Connect | Of::Disconnect),
        0x15..=0x17 | 0x19 | 0x21 | 0x22 | 0x27 => of == Of::Connect,
        0x18 => of == Of::Will,
        0x1f => matches!(of, Of::Acknowledgement | Of::Disconnect),
        0x23 => of == Of::Publish,
        _ => false,
    }
}

/// It is whole; that is all there is to know.
fn skip<T>(_: T) {}

fn flag(own: &mut Fields<'_>) -> Result<(), Fault> {
    if own.u8()? > 1 { Err(Fault::PROTOCOL) } else { Ok(()) }
}

fn nonzero<N: Default + PartialEq>(value: N) -> Result<N, Fault> {
    if value == N::default() { Err(Fault::PROTOCOL) } else { Ok(value) }
}

fn is_answerable(topic: &str) -> Result<(), Fault> {
    if topic.is_empty() || topic.contains(['+', '#']) { Err(Fault::PROTOCOL) } else { Ok(()) }
}
