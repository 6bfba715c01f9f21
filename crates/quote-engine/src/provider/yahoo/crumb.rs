//! What a session consists of: the cookie and the crumb minted for it, checked before they are believed.

use std::fmt;

use reqwest::header::HeaderValue;

use crate::provider::text::percent_encoded;

/// The longest crumb believed, in bytes; they have eleven.
pub(super) const CRUMB_BYTES_MAX: usize = 128;
const COOKIES_MAX: usize = 16;
const COOKIE_BYTES_MAX: usize = 4096;

/// A session: secrets, so it shows nothing of itself.
#[derive(Clone)]
pub(super) struct Credentials {
    pub(super) cookie: Option<HeaderValue>,
    pub(super) crumb: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

impl Credentials {
    /// The crumb as a query takes it.
    pub(super) fn encoded_crumb(&self) -> String {
        percent_encoded(&self.crumb)
    }
}

/// A crumb, unless the text is anything else: error texts have arrived, and been stored, in its place.
pub(super) fn checked_crumb(body: &[u8]) -> Option<String> {
    let crumb = std::str::from_utf8(body).ok()?;
    let fits = (1..=CRUMB_BYTES_MAX).contains(&crumb.len())
        && crumb.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'{'));
    fits.then(|| crumb.to_owned())
}

/// The `Cookie` header for what `Set-Cookie` said: names and values only. Scope and `Secure` are not looked at, since
/// the cookie goes to the addresses in the settings and nowhere else.
pub(super) fn cookie_header(set_cookies: &[String]) -> Option<HeaderValue> {
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    for (name, value) in set_cookies.iter().filter_map(|line| pair(line)) {
        pairs.retain(|(other, _)| *other != name);
        pairs.push((name, value));
    }
    pairs.retain(|(_, value)| !value.is_empty());
    pairs.truncate(COOKIES_MAX);
    let header = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    checked_cookie(&header)
}

/// A `Cookie` header that a request can carry; it is marked as a secret.
pub(super) fn checked_cookie(header: &str) -> Option<HeaderValue> {
    if header.is_empty() || header.len() > COOKIE_BYTES_MAX {
        return None;
    }
    let mut value = HeaderValue::from_str(header).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn pair(set_cookie: &str) -> Option<(&str, &str)> {
    let (name, value) = set_cookie.split(';').next()?.split_once('=')?;
    let name = name.trim();
    (!name.is_empty()).then_some((name, value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_crumbs_and_nothing_else() {
        for crumb in ["haT3oykhHqZ", "ptm/idCTN/J", "a+b.c"] {
            assert_eq!(checked_crumb(crumb.as_bytes()).as_deref(), Some(crumb));
        }
        let long = "x".repeat(CRUMB_BYTES_MAX + 1);
        for other in ["", "Too Many Requests\r\n", "<html>", "{\"finance\":1}", "a b", "a\u{0}b", "crümb", &long] {
            assert_eq!(checked_crumb(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn cookies_are_kept_by_name_and_value() {
        let lines =
            ["A1=old; Path=/", "A3=d=x&y; Max-Age=31557600; Secure; HttpOnly", "A1=new", "gone=; Max-Age=0", "odd"];
        let header = cookie_header(&lines.map(str::to_owned)).unwrap();
        assert_eq!(header.to_str().unwrap(), "A3=d=x&y; A1=new");
        assert!(header.is_sensitive());
        assert_eq!(cookie_header(&[]), None);
    }

    #[test]
    fn secrets_do_not_show() {
        let credentials = Credentials { cookie: checked_cookie("A3=secret"), crumb: "hidden".to_owned() };
        let shown = format!("{credentials:?} {:?}", credentials.cookie);
        assert!(!shown.contains("secret") && !shown.contains("hidden"), "{shown}");
    }
}
