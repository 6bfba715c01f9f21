//! What the fuzz target `stream` feeds: the bytes of a client, read as a session reads them. Exists for nothing else.

use crate::decode::{self, Said};
use crate::filter::{Filter, MAX_LEVELS};
use crate::handshake;
use crate::parcel::Version;
use bytes::BytesMut;

const MAX_PACKET: usize = 64 * 1024;

/// Reads a stream whole and in two pieces: it must mean the same, and whatever is let through must be what the rest of
/// the broker may rely on.
pub fn stream(bytes: &[u8]) {
    let whole = read(&[bytes]);
    let at = bytes.first().map_or(0, |first| usize::from(*first).min(bytes.len()));
    let (one, two) = bytes.split_at(at);
    assert_eq!(whole, read(&[one, two]), "the borders of what arrives mean nothing");
}

/// The packets that make sense, up to the first that makes none.
fn read(pieces: &[&[u8]]) -> Vec<String> {
    let (mut buffer, mut version, mut all) = (BytesMut::new(), None, Vec::new());
    for piece in pieces {
        buffer.extend_from_slice(piece);
        let begun = match version {
            Some(version) => version,
            None => match handshake::greeted(&mut buffer) {
                Ok(None) => continue,
                Ok(Some(greeting)) => greeting.version,
                Err(_) => break,
            },
        };
        version = Some(begun);
        loop {
            match decode::cut(&mut buffer, MAX_PACKET) {
                Ok(None) => break,
                Ok(Some(frame)) => match decode::said(begun, &frame) {
                    Ok(said) => all.push(understood(begun, &said, frame.len())),
                    Err(_) => return all,
                },
                Err(_) => return all,
            }
        }
    }
    all
}

/// What must hold of a packet that was let through; the packet, in words.
fn understood(version: Version, said: &Said, length: usize) -> String {
    match said {
        Said::Publish(published) => {
            assert!(published.qos < 3 && (published.qos > 0) == (published.id > 0));
            assert!(!published.topic.is_empty() || version == Version::V5 && published.alias > 0);
            assert!(published.topic.len() + published.payload.len() + published.properties.len() <= length);
            assert!(!published.topic.contains(['+', '#', '\0']));
        }
        Said::Subscribe { id, requests } => {
            assert!(*id > 0 && !requests.is_empty());
            for request in requests {
                assert!(request.qos < 3);
                holds(&request.filter);
            }
        }
        Said::Unsubscribe { id, filters } => assert!(*id > 0 && !filters.is_empty()),
        Said::Acknowledged(_) | Said::Release { .. } | Said::Ping | Said::Disconnect { .. } => {}
    }
    format!("{said:?}")
}

fn holds(text: &str) {
    let Some(filter) = Filter::parse(text) else { return };
    assert!(filter.path.split('/').count() <= MAX_LEVELS);
    assert!(filter.wild || filter.path.starts_with('$') || filter.matches(&filter.path), "it matches itself");
    assert!(filter.path.starts_with(filter.prefix()));
}
