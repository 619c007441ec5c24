//! Origins and the addresses below them.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use super::NetError;

/// How a server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// Without encryption; only where it was said.
    Http,
    /// Over TLS.
    Https,
}

impl Scheme {
    /// Returns the port that an address without one means.
    pub fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "http",
            Self::Https => "https",
        })
    }
}

/// Who is spoken to: scheme, host and port. Two addresses with one origin are the same server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    scheme: Scheme,
    host: Box<str>,
    port: u16,
}

impl Origin {
    /// Returns how the server is spoken to.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Returns the host: a name in lower case, or an address, an IPv6 one in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the address, where the host is one and not a name.
    pub fn address(&self) -> Option<IpAddr> {
        self.host.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }

    /// Returns whether the server is on this machine by its name or address alone.
    pub fn is_loopback(&self) -> bool {
        &*self.host == "localhost" || self.address().is_some_and(|address| address.is_loopback())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scheme, host, port } = self;
        if *port == scheme.port() { write!(f, "{scheme}://{host}") } else { write!(f, "{scheme}://{host}:{port}") }
    }
}

/// The address below which a server is asked: an origin and the path that it is mounted at.
///
/// Invariant: http only where it was allowed; no user, password, query or fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    origin: Origin,
    base: Url,
}

impl Endpoint {
    /// Parses `https://host[:port][/path]`; `http` passes only with `plain_http`.
    pub fn parse(text: &str, plain_http: bool) -> Result<Self, NetError> {
        let base = Url::parse(text).map_err(|_| NetError::Address("it is not `https://host[:port][/path]`"))?;
        if !base.username().is_empty() || base.password().is_some() {
            return Err(NetError::Address("it holds a user or password"));
        }
        if base.query().is_some() || base.fragment().is_some() {
            return Err(NetError::Address("it holds a query or fragment"));
        }
        let origin = origin_of(&base)?;
        if origin.scheme == Scheme::Http && !plain_http {
            return Err(NetError::PlainHttp { origin });
        }
        Ok(Self { origin, base })
    }

    /// Returns the server's origin.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns the address of `path`, which begins with `/`, below this endpoint. Whatever `path` and `query` hold,
    /// the origin stays: they are set as parts and never parsed as an address.
    pub(super) fn url(&self, path: &str, query: Option<&str>) -> Url {
        let mut url = self.base.clone();
        let path = format!("{}{path}", self.base.path().trim_end_matches('/'));
        url.set_path(&path);
        url.set_query(query);
        url
    }
}

/// Returns the origin of an http or https address.
pub(super) fn origin_of(url: &Url) -> Result<Origin, NetError> {
    let scheme = match url.scheme() {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        _ => return Err(NetError::Address("it begins with neither `https://` nor `http://`")),
    };
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return Err(NetError::Address("it names no host"));
    };
    Ok(Origin { scheme, host: host.into(), port })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, plain_http: bool) -> String {
        match Endpoint::parse(text, plain_http) {
            Ok(endpoint) => format!("{} {}", endpoint.origin(), endpoint.url("/v2/", Some("n=1"))),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn an_endpoint_may_be_mounted_at_a_path() {
        let plain = "https://registry.example.com https://registry.example.com/v2/?n=1";
        assert_eq!(check("https://registry.example.com", false), plain);
        assert_eq!(check("HTTPS://Registry.Example.com:443/", false), plain);
        let mounted = "https://a.example.com:5000 https://a.example.com:5000/docker/hub/v2/?n=1";
        assert_eq!(check("https://a.example.com:5000/docker/hub/", false), mounted);
        assert_eq!(check("http://[::1]:5000", true), "http://[::1]:5000 http://[::1]:5000/v2/?n=1");
    }

    #[test]
    fn http_has_to_be_allowed_even_on_loopback() {
        assert_eq!(check("http://127.0.0.1:5000", false), "http://127.0.0.1:5000 would be asked without encryption");
        assert_eq!(check("http://127.0.0.1:5000", true), "http://127.0.0.1:5000 http://127.0.0.1:5000/v2/?n=1");
    }

    #[test]
    fn what_is_no_endpoint_is_refused_without_showing_its_password() {
        for (text, reason) in [
            ("registry.example.com", "it is not `https://host[:port][/path]`"),
            ("https://", "it is not `https://host[:port][/path]`"),
            ("ftp://registry.example.com", "it begins with neither `https://` nor `http://`"),
            ("https://u:s3cret@registry.example.com", "it holds a user or password"),
            ("https://registry.example.com/?token=s3cret", "it holds a query or fragment"),
        ] {
            assert_eq!(check(text, true), format!("the address cannot be used: {reason}"));
        }
    }

    #[test]
    fn loopback_is_known_by_name_and_address() {
        let is_loopback = |text| Endpoint::parse(text, true).unwrap().origin().is_loopback();
        assert!(is_loopback("http://127.0.0.1") && is_loopback("http://[::1]:5000") && is_loopback("http://localhost"));
        assert!(!is_loopback("http://10.0.0.1") && !is_loopback("http://localhost.example.com"));
    }

    proptest! {
        #[test]
        fn nothing_in_a_path_or_query_changes_the_origin(path in any::<String>(), query in any::<String>()) {
            let endpoint = Endpoint::parse("https://registry.example.com:5000/base", false).unwrap();
            let url = endpoint.url(&format!("/{path}"), Some(&query));
            prop_assert_eq!(&origin_of(&url).unwrap(), endpoint.origin());
            prop_assert!(url.username().is_empty() && url.password().is_none());
        }
    }
}
