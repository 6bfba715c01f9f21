//! Who is at the other end of a request, and whether the way there is private. What a header says of it counts only where a
//! proxy wrote it that the configuration trusts.

use std::{
    collections::BTreeSet,
    convert::Infallible,
    net::{IpAddr, Ipv4Addr},
};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
};

use super::ApiState;

/// One connection, as it was accepted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Connection {
    /// Who connected.
    pub(super) peer: IpAddr,
    /// Whether by TLS.
    pub(super) tls: bool,
}

/// Who asks, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Peer {
    /// From where.
    pub(super) client: IpAddr,
    /// Whether the browser sees `https://`.
    pub(super) secure: bool,
}

impl FromRequestParts<ApiState> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Infallible> {
        let here = Connection { peer: Ipv4Addr::LOCALHOST.into(), tls: false };
        let connection = parts.extensions.get().copied().unwrap_or(here);
        Ok(Self::of(connection, &parts.headers, &state.trusted_proxies))
    }
}

impl Peer {
    fn of(Connection { peer, tls }: Connection, headers: &HeaderMap, trusted: &BTreeSet<IpAddr>) -> Self {
        let is_trusted = |address: &IpAddr| trusted.contains(&address.to_canonical());
        if !is_trusted(&peer) {
            return Self { client: peer, secure: tls };
        }
        let told = |name| entries(headers, name).next_back();
        let secure = tls || told("x-forwarded-proto").is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
        // Each proxy writes who came to it at the end: the last that is no proxy of ours is the first that may be a lie.
        let mut client = peer;
        for entry in entries(headers, "x-forwarded-for").rev() {
            let Ok(address) = entry.parse::<IpAddr>() else { break };
            client = address;
            if !is_trusted(&address) {
                break;
            }
        }
        Self { client, secure }
    }
}

/// A header's entries, in the order in which they were written.
fn entries<'a>(headers: &'a HeaderMap, name: &str) -> impl DoubleEndedIterator<Item = &'a str> {
    let lines: Vec<&str> = headers.get_all(name).iter().filter_map(|line| line.to_str().ok()).collect();
    lines.into_iter().flat_map(|line| line.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(from: &str, headers: &[(&'static str, &'static str)]) -> (String, bool) {
        let trusted = BTreeSet::from(["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()]);
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let Peer { client, secure } = Peer::of(Connection { peer: from.parse().unwrap(), tls: false }, &map, &trusted);
        (client.to_string(), secure)
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let told = [("x-forwarded-for", "1.2.3.4"), ("x-forwarded-proto", "https")];
        assert_eq!(peer("9.9.9.9", &told), ("9.9.9.9".to_owned(), false));
        assert_eq!(peer("10.0.0.1", &told), ("1.2.3.4".to_owned(), true));
        assert_eq!(peer("::ffff:10.0.0.1", &told), ("1.2.3.4".to_owned(), true));
        assert_eq!(peer("10.0.0.1", &[]), ("10.0.0.1".to_owned(), false));
    }

    #[test]
    fn what_the_client_itself_wrote_is_not_believed() {
        let chain = [("x-forwarded-for", "6.6.6.6, 1.2.3.4"), ("x-forwarded-for", "10.0.0.2")];
        assert_eq!(peer("10.0.0.1", &chain).0, "1.2.3.4");
        assert_eq!(peer("10.0.0.1", &[("x-forwarded-for", "1.2.3.4, nonsense")]).0, "10.0.0.1");
        assert!(!peer("10.0.0.1", &[("x-forwarded-proto", "https, http")]).1);
    }
}
