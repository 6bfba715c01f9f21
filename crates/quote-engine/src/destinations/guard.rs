//! Which addresses may be asked on a user's word. A server that asks whatever it is told is a way into its own network, so
//! what is inside stays closed unless the configuration names it; what was checked is what is asked.

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use reqwest::Url;
use tokio::{net::lookup_host, time::timeout};

use super::Refusal;

/// How long a name is looked up.
const LOOK_UP_TIME_MAX: Duration = Duration::from_secs(5);
/// Addresses of one name that are tried at the most.
const ADDRESSES_MAX: usize = 8;

/// A host, and the addresses that were found to be fit: no other is connected to.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) host: String,
    pub(super) addresses: Vec<SocketAddr>,
}

/// Looks up where an address leads, and refuses what lies inside this network unless it is among `private_hosts`.
pub(super) async fn check(url: &Url, private_hosts: &BTreeSet<String>) -> Result<Checked, Refusal> {
    let host = url.host_str().ok_or_else(|| Refusal::never("the address names no host"))?;
    let port = url.port_or_known_default().unwrap_or(443);
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let found = match bare.parse::<IpAddr>() {
        Ok(address) => vec![SocketAddr::new(address, port)],
        Err(_) => look_up(host, port).await?,
    };
    if private_hosts.contains(bare) {
        return Ok(Checked { host: host.to_owned(), addresses: found });
    }
    let addresses: Vec<SocketAddr> = found.into_iter().filter(|address| is_public(address.ip())).collect();
    if addresses.is_empty() {
        return Err(Refusal::never(format!(
            "{bare} is inside this network, where nothing is sent unless destinations.private_hosts of the \
             configuration names it"
        )));
    }
    Ok(Checked { host: host.to_owned(), addresses })
}

async fn look_up(host: &str, port: u16) -> Result<Vec<SocketAddr>, Refusal> {
    let unknown = || Refusal::later(format!("the name {host} is not found"));
    let found = timeout(LOOK_UP_TIME_MAX, lookup_host((host, port))).await.map_err(|_| unknown())?;
    let found: Vec<SocketAddr> = found.map_err(|_| unknown())?.take(ADDRESSES_MAX).collect();
    if found.is_empty() { Err(unknown()) } else { Ok(found) }
}

/// Whether an address can be anybody's in the world.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Not of the registries for special purposes (RFC 6890 and those after it).
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = match a {
        0 | 10 | 127 | 224..=255 => true,
        100 => (64..128).contains(&b),
        169 => b == 254,
        172 => (16..32).contains(&b),
        192 => b == 168 || (b == 0 && (c == 0 || c == 2)) || (b == 88 && c == 99),
        198 => b == 18 || b == 19 || (b == 51 && c == 100),
        203 => b == 0 && c == 113,
        _ => false,
    };
    !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // What carries an address of the old kind is what that is.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            let [[a, b], [c, d]] = [high.to_be_bytes(), low.to_be_bytes()];
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        // Teredo and other ways around, benchmarks, documentation.
        [0x2001, second, ..] => second >= 0x200 && second != 0xdb8,
        // Unicast of the world: 2000::/3, without the further documentation.
        [first, ..] => first & 0xe000 == 0x2000 && first != 0x3fff,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inside_is_told_from_what_is_outside() {
        for inside in [
            "127.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12:3456::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
            "fec0::1",
            "::7f00:1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for outside in
            ["1.1.1.1", "8.8.8.8", "172.32.0.1", "192.167.1.1", "2606:4700::1111", "2a00:1450::1", "2001:4860::1"]
        {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
    }

    #[tokio::test]
    async fn an_address_inside_is_refused_however_it_is_written_unless_it_is_named() {
        let check = |text: &str, named: &[&str]| {
            let named = named.iter().map(|host| (*host).to_owned()).collect();
            let url = Url::parse(text).unwrap();
            async move { check(&url, &named).await.map(|checked| checked.addresses) }
        };
        for text in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://[::ffff:7f00:1]/",
            "http://localhost:80/",
        ] {
            let refused = check(text, &["other"]).await;
            assert!(
                matches!(&refused, Err(Refusal::Never { reason }) if reason.contains("inside this network")),
                "{text}: {refused:?}"
            );
        }
        assert_eq!(check("http://127.0.0.1:81/", &["127.0.0.1"]).await.unwrap(), ["127.0.0.1:81".parse().unwrap()]);
        assert_eq!(check("https://[::1]/", &["::1"]).await.unwrap(), ["[::1]:443".parse().unwrap()]);
    }
}
