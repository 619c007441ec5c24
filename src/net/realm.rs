//! The address of a token server, as a challenge names it.

use reqwest::Url;

use super::{Endpoint, NetError, Origin};

/// Where tokens are asked for. Whether it may be asked is for [`super::Audience::reach`] to say.
///
/// Invariant: http or https; no user, no password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Realm {
    endpoint: Endpoint,
    path: Box<str>,
    query: Box<str>,
}

impl Realm {
    /// Parses an address with or without a path and query. A fragment means nothing to a server and is dropped.
    pub fn parse(text: &str) -> Result<Self, NetError> {
        let url = Url::parse(text).map_err(|_| NetError::Address("it is not `https://host[:port][/path]`"))?;
        let (path, query) = (url.path().into(), url.query().unwrap_or_default().into());
        let mut base = url;
        base.set_path("");
        base.set_query(None);
        base.set_fragment(None);
        Ok(Self { endpoint: Endpoint::parse(base.as_str(), true)?, path, query })
    }

    /// Returns the server.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Returns the server's origin.
    pub fn origin(&self) -> &Origin {
        self.endpoint.origin()
    }

    /// Returns the path below the server; begins with `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the query that the address brings along, which may be empty.
    pub fn query(&self) -> &str {
        &self.query
    }
}

/// Returns names and values as a query or form (`application/x-www-form-urlencoded`), after the pairs of `before`.
pub fn form<'p>(before: &str, pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> String {
    let mut form = before.to_owned();
    for (name, value) in pairs {
        if !form.is_empty() {
            form.push('&');
        }
        push_encoded(&mut form, name.as_bytes());
        form.push('=');
        push_encoded(&mut form, value.as_bytes());
    }
    form
}

/// Appends `bytes` with all but the unreserved characters of RFC 3986 as `%XX`.
pub(super) fn push_encoded(text: &mut String, bytes: &[u8]) {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let digit = |value: u8| DIGITS.get(usize::from(value & 15)).copied().unwrap_or('0');
    for &byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => text.push(char::from(byte)),
            _ => text.extend(['%', digit(byte >> 4), digit(byte)]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> String {
        match Realm::parse(text) {
            Ok(realm) => format!("{} {} {}", realm.origin(), realm.path(), realm.query()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_realm_has_an_origin_a_path_and_perhaps_a_query() {
        assert_eq!(check("https://auth.docker.io/token"), "https://auth.docker.io /token ");
        assert_eq!(check("HTTPS://Gitlab.com:443/jwt/auth?a=b%20c#d"), "https://gitlab.com /jwt/auth a=b%20c");
        assert_eq!(check("https://a.example.com"), "https://a.example.com / ");
        assert_eq!(check("https://a.example.com/x%2Fy/../z"), "https://a.example.com /z ");
        assert_eq!(check("https://exämple.com/t"), "https://xn--exmple-cua.com /t ");
    }

    #[test]
    fn what_is_no_realm_is_refused() {
        for text in
            ["", "token", "/token", "file:///etc/passwd", "ftp://a/", "https://", "https://u@a/", "https://:p@a/"]
        {
            assert!(check(text).starts_with("the address cannot be used: "), "{text}");
        }
    }

    #[test]
    fn pairs_are_encoded() {
        assert_eq!(
            form("", [("scope", "repository:a/b:pull,x"), ("é", "&=?#")]),
            "scope=repository%3Aa%2Fb%3Apull%2Cx&%C3%A9=%26%3D%3F%23"
        );
        assert_eq!(form("a=b", [("c", "")]), "a=b&c=");
        assert_eq!(form("a=b", []), "a=b");
    }
}
