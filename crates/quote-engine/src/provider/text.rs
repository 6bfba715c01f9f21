//! Text that goes to the vendor or comes from it: percent-encoding out, bounded and printable in.

use std::fmt::Write;

/// The longest name or label kept, in characters.
pub const LABEL_CHARS_MAX: usize = 256;
/// As much of a body as is looked at to say what it is.
const BODY_START_BYTES: usize = 1024;

/// Percent-encodes everything a query or path segment does not take as it is (`^ = & # + /`, space, and all else).
pub fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    push_percent_encoded(&mut encoded, text);
    encoded
}

/// The same behind what is there already.
pub fn push_percent_encoded(encoded: &mut String, text: &str) {
    for byte in text.bytes() {
        if is_unreserved(byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing into a `String` cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
}

/// The length of [`percent_encoded`] without making it.
pub fn percent_encoded_len(text: &str) -> usize {
    text.bytes().map(|byte| if is_unreserved(byte) { 1 } else { 3 }).sum()
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// A name as text: bounded, without control characters and without the marks that reorder neighbouring text.
pub fn label(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() <= LABEL_CHARS_MAX && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return (!text.is_empty()).then(|| text.to_owned());
    }
    let printable = text.chars().filter(|c| !c.is_control() && !reorders_text(*c));
    let label: String = printable.take(LABEL_CHARS_MAX).collect();
    let label = label.trim();
    (!label.is_empty()).then(|| label.to_owned())
}

/// Explicit bidirectional overrides, embeddings and isolates; letters of right-to-left scripts are not among them.
fn reorders_text(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

/// A few words out of a body, for an error message.
pub fn excerpt(text: &str) -> String {
    label(text).unwrap_or_default().chars().take(80).collect()
}

/// What came instead of an answer, in a few words.
pub fn what_came(body: &[u8]) -> String {
    let start = String::from_utf8_lossy(&body[..body.len().min(BODY_START_BYTES)]);
    let start = start.trim_start();
    match start.chars().next() {
        None => "an empty body".to_owned(),
        Some('<') if !start.starts_with("<?xml") => "a web page".to_owned(),
        Some('{' | '[' | '<') => "an answer that breaks off, or of another shape".to_owned(),
        Some(_) => format!("the text {:?}", excerpt(start)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_what_urls_cannot_hold() {
        assert_eq!(percent_encoded("^GSPC"), "%5EGSPC");
        assert_eq!(percent_encoded("a/b+c d&=#é"), "a%2Fb%2Bc%20d%26%3D%23%C3%A9");
        assert_eq!(percent_encoded_len("EURUSD=X"), percent_encoded("EURUSD=X").len());
    }

    #[test]
    fn names_are_bounded_printable_text() {
        assert_eq!(label("  <img src=x onerror=alert(1)>\u{0}\n ").as_deref(), Some("<img src=x onerror=alert(1)>"));
        assert_eq!(label(&"x".repeat(1 << 20)).map(|l| l.chars().count()), Some(LABEL_CHARS_MAX));
        assert_eq!(label("\u{202e}شركة\u{202c}").as_deref(), Some("شركة"));
        assert_eq!(label(" \t\r\n"), None);
    }
}
