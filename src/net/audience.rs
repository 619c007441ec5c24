//! Who may receive a registry's credential, and who may be asked for a token without one.

use super::endpoint::Endpoint;
use super::reach::is_public;
use super::{NetError, Origin, Reach, Scheme};

/// The origins that may receive what was given for one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience {
    own: Origin,
    token_hosts: Box<[TokenHost]>,
}

impl Audience {
    /// Returns the audience of one server.
    pub fn only(own: Origin) -> Self {
        Self { own, token_hosts: Box::default() }
    }

    /// Returns the audience of a server and of the token servers that somebody named for it.
    pub fn new(own: Origin, token_hosts: impl IntoIterator<Item = TokenHost>) -> Self {
        Self { own, token_hosts: token_hosts.into_iter().collect() }
    }

    /// Returns the server's own origin.
    pub fn own(&self) -> &Origin {
        &self.own
    }

    /// Says whether a credential with this audience may go to `origin`: the server's own origin, or a token host over
    /// https. A token host over http is one only on loopback, and only for a server that is itself spoken to by http.
    ///
    /// This is the one rule about it, and every request with a credential asks it.
    pub fn includes(&self, origin: &Origin) -> bool {
        let is_protected = match origin.scheme() {
            Scheme::Https => true,
            Scheme::Http => self.own.scheme() == Scheme::Http && origin.is_loopback(),
        };
        *origin == self.own || (is_protected && self.token_hosts.iter().any(|host| host.is(origin)))
    }

    /// Says whether the server may send us to `origin` for a token, and how far the request may then reach.
    ///
    /// Beyond the audience nobody gets a credential, and without one only https to public addresses is asked: the
    /// server could otherwise make us talk to machines that it cannot reach itself.
    pub fn reach(&self, origin: &Origin, with_credential: bool) -> Result<Reach, NetError> {
        let origin = origin.clone();
        if self.includes(&origin) {
            Ok(Reach::Anywhere)
        } else if origin.scheme() == Scheme::Http {
            Err(NetError::PlainToken { origin })
        } else if with_credential {
            Err(NetError::Credential { origin })
        } else if origin.address().is_some_and(|address| !is_public(address)) {
            Err(NetError::Private { origin })
        } else {
            Ok(Reach::Public)
        }
    }
}

/// A token server as people name it: a host, with a port where it is not the scheme's own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenHost {
    host: Box<str>,
    port: Option<u16>,
}

impl TokenHost {
    /// Parses `host` or `host:port`.
    pub fn parse(text: &str) -> Result<Self, NetError> {
        let wrong = || NetError::Address("it is not `host` or `host:port`");
        let origin = Endpoint::parse(&format!("https://{text}"), false).map_err(|_| wrong())?.origin().clone();
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => (name, Some(port.parse().map_err(|_| wrong())?)),
            _ => (text, None),
        };
        let is_foreign = |character: char| !character.is_alphanumeric() && !".-_[]:".contains(character);
        if !name.is_empty() && !name.contains(is_foreign) {
            Ok(Self { host: origin.host().into(), port })
        } else {
            Err(wrong())
        }
    }

    fn is(&self, origin: &Origin) -> bool {
        *self.host == *origin.host() && self.port.unwrap_or(origin.scheme().port()) == origin.port()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Origin {
        Endpoint::parse(text, true).unwrap().origin().clone()
    }

    fn audience(own: &str, token_hosts: &[&str]) -> Audience {
        Audience::new(origin(own), token_hosts.iter().map(|host| TokenHost::parse(host).unwrap()))
    }

    /// Returns how far a request for a token may reach, with a credential and without one.
    fn check(own: &str, token_hosts: &[&str], realm: &str) -> [String; 2] {
        let audience = audience(own, token_hosts);
        [true, false].map(|with_credential| match audience.reach(&origin(realm), with_credential) {
            Ok(reach) => format!("{reach:?}"),
            Err(NetError::Credential { .. }) => "foreign".to_owned(),
            Err(NetError::PlainToken { .. }) => "plain".to_owned(),
            Err(NetError::Private { .. }) => "private".to_owned(),
            Err(error) => error.to_string(),
        })
    }

    const REGISTRY: &str = "https://registry.example.com";

    #[test]
    fn the_own_origin_and_named_hosts_are_asked_with_the_credential() {
        let named = ["auth.example.com", "10.0.0.7:8443", "[::1]:8443"];
        for realm in [
            "https://REGISTRY.example.com:443",
            "https://auth.example.com",
            "https://10.0.0.7:8443",
            "https://[0:0::1]:8443",
        ] {
            assert_eq!(check(REGISTRY, &named, realm), ["Anywhere", "Anywhere"], "{realm}");
        }
    }

    #[test]
    fn any_other_host_gets_no_credential() {
        for realm in [
            "https://registry.example.com:8443",
            "https://registry.example.com.",
            "https://registry.example.com.evil.example",
            "https://sub.registry.example.com",
            "https://auth.example.com:8443",
            "https://auth.example.com.",
            "https://xn--uth-8cd.example.com",
            "https://93.184.215.14",
        ] {
            assert_eq!(check(REGISTRY, &["auth.example.com"], realm), ["foreign", "Public"], "{realm}");
        }
    }

    #[test]
    fn addresses_that_are_not_public_are_not_asked_at_all() {
        for realm in
            ["https://169.254.169.254", "https://[::1]", "https://0.0.0.0", "https://10.0.0.7", "https://0x7f.1"]
        {
            assert_eq!(check(REGISTRY, &[], realm), ["foreign", "private"], "{realm}");
        }
    }

    #[test]
    fn http_is_for_the_own_origin_and_for_named_loopback() {
        assert_eq!(check(REGISTRY, &[], "http://registry.example.com"), ["plain", "plain"]);
        assert_eq!(check(REGISTRY, &["127.0.0.1:5001"], "http://127.0.0.1:5001"), ["plain", "plain"]);
        let registry = "http://127.0.0.1:5000";
        assert_eq!(check(registry, &[], registry), ["Anywhere", "Anywhere"]);
        assert_eq!(check(registry, &[], "http://127.0.0.1:5001"), ["plain", "plain"]);
        assert_eq!(check(registry, &["127.0.0.1:5001"], "http://127.0.0.1:5001"), ["Anywhere", "Anywhere"]);
        assert_eq!(check(registry, &["127.0.0.1"], "http://127.0.0.1:5001"), ["plain", "plain"]);
        assert_eq!(check(registry, &["auth.example.com"], "http://auth.example.com"), ["plain", "plain"]);
    }

    #[test]
    fn a_token_host_is_a_host() {
        for text in
            ["", ":443", "a:b", "a:0x1", "https://a", "a/b", "u@a", "*.a.example", "a:70000", "a?b", "a#b", "::1"]
        {
            assert!(TokenHost::parse(text).is_err(), "{text}");
        }
        assert_eq!(TokenHost::parse("Auth.Example.com").unwrap(), TokenHost::parse("auth.example.com").unwrap());
    }
}
