//! How far a request may reach: the addresses that are somebody's inside are not for servers to name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Which addresses a client connects to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All: a person has named the server.
    Anywhere,
    /// Public ones: another server has named this one.
    Public,
}

/// Returns whether `address` is one of the public network: not of this machine, this link or somebody's inside, and
/// none that is reserved (IANA's registries of special-purpose addresses). An IPv4 address within an IPv6 one counts.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match within(address) {
            Some(inner) => is_public_v4(inner),
            // 2000::/3 is all that was ever given out; documentation has its own corner of it.
            None => matches!(address.segments(), [first, second, ..]
                if first & 0xe000 == 0x2000 && !(first == 0x2001 && second == 0xdb8)),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || matches!((a, b, c), (0 | 224.., ..) | (100, 64..=127, _) | (192, 0, 0) | (198, 18 | 19, _));
    !is_special
}

/// Returns the IPv4 address that an IPv6 one leads to: mapped (`::ffff:0:0/96`), translated (`64:ff9b::/96`) or by 6to4
/// (`2002::/16`).
fn within(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            Some(v4(high, low))
        }
        _ => None,
    }
}

/// A name that has no address that may be asked.
#[derive(Debug, thiserror::Error)]
#[error("it has no public address")]
pub(super) struct NoPublicAddress;

/// Resolves names as the system does, but of `host` keeps the public addresses only. A proxy's name is not `host`: a
/// proxy is often inside, and it is for the proxy to say how far it goes.
pub(super) struct PublicOnly {
    pub(super) host: Box<str>,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let is_guarded = name.as_str().eq_ignore_ascii_case(&self.host);
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let kept: Vec<SocketAddr> =
                found.into_iter().filter(|address| !is_guarded || is_public(address.ip())).collect();
            if is_guarded && kept.is_empty() {
                Err(NoPublicAddress.into())
            } else {
                Ok(Box::new(kept.into_iter()) as Addrs)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_inside_are_not_public() {
        for inside in [
            "0.0.0.0",
            "0.1.2.3",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.8",
            "192.168.1.1",
            "198.18.0.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for public in ["1.1.1.1", "93.184.215.14", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "::ffff:1.1.1.1"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[tokio::test]
    async fn only_the_guarded_name_is_guarded() {
        let resolver = PublicOnly { host: "localhost".into() };
        assert!(resolver.resolve("LOCALHOST".parse().unwrap()).await.err().unwrap().is::<NoPublicAddress>());
        let proxy = PublicOnly { host: "auth.example.com".into() };
        assert!(proxy.resolve("localhost".parse().unwrap()).await.is_ok());
    }
}
