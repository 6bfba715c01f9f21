//! Packets, byte by byte.

use bytes::BufMut;

/// A CONNECT.
#[derive(Clone)]
pub struct Connect<'a> {
    pub level: u8,
    pub id: &'a str,
    pub clean: bool,
    pub keep_alive: u16,
    pub login: Option<(&'a str, &'a str)>,
    pub will: Option<(&'a str, &'a str, bool)>,
    pub will_qos: u8,
    pub properties: &'a [u8],
    pub will_properties: &'a [u8],
}

impl Default for Connect<'_> {
    fn default() -> Self {
        Self {
            level: 4,
            id: "raw",
            clean: true,
            keep_alive: 0,
            login: None,
            will: None,
            will_qos: 0,
            properties: &[],
            will_properties: &[],
        }
    }
}

impl Connect<'_> {
    pub fn encode(&self) -> Vec<u8> {
        let name = if self.level == 3 { "MQIsdp" } else { "MQTT" };
        let will_flags = self.will.map_or(0, |(_, _, retain)| 0x04 | self.will_qos << 3 | u8::from(retain) << 5);
        let flags = u8::from(self.clean) << 1 | will_flags | if self.login.is_some() { 0xc0 } else { 0 };
        let mut body = Vec::new();
        text(&mut body, name);
        body.extend([self.level, flags]);
        body.put_u16(self.keep_alive);
        if self.level == 5 {
            body.push(self.properties.len() as u8);
            body.extend(self.properties);
        }
        text(&mut body, self.id);
        if let Some((topic, payload, _)) = self.will {
            if self.level == 5 {
                body.push(self.will_properties.len() as u8);
                body.extend(self.will_properties);
            }
            text(&mut body, topic);
            text(&mut body, payload);
        }
        if let Some((username, password)) = self.login {
            text(&mut body, username);
            text(&mut body, password);
        }
        packet(0x10, &body)
    }
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.put_u16(text.len() as u16);
    out.extend(text.as_bytes());
}

/// A packet of any type.
pub fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![first];
    let mut length = body.len();
    loop {
        let more = length > 0x7f;
        out.push((length & 0x7f) as u8 | if more { 0x80 } else { 0 });
        length >>= 7;
        if !more {
            break;
        }
    }
    out.extend(body);
    out
}

/// A PUBLISH; `first` carries the flags.
pub fn publish(level: u8, first: u8, topic: &str, id: u16, properties: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    text(&mut body, topic);
    if first & 6 != 0 {
        body.put_u16(id);
    }
    if level == 5 {
        body.push(properties.len() as u8);
        body.extend(properties);
    }
    body.extend(payload);
    packet(first, &body)
}

/// PUBACK, PUBREC, PUBREL or PUBCOMP.
pub fn acknowledgement(first: u8, id: u16) -> Vec<u8> {
    packet(first, &id.to_be_bytes())
}

/// A SUBSCRIBE; each filter with its options.
pub fn subscribe(level: u8, id: u16, properties: &[u8], filters: &[(&str, u8)]) -> Vec<u8> {
    let mut body = Vec::new();
    body.put_u16(id);
    if level == 5 {
        body.push(properties.len() as u8);
        body.extend(properties);
    }
    for (filter, options) in filters {
        text(&mut body, filter);
        body.push(*options);
    }
    packet(0x82, &body)
}

pub fn unsubscribe(level: u8, id: u16, filters: &[&str]) -> Vec<u8> {
    let mut body = Vec::new();
    body.put_u16(id);
    if level == 5 {
        body.push(0);
    }
    for filter in filters {
        text(&mut body, filter);
    }
    packet(0xa2, &body)
}
