//! Credentials, each with the one origin that it was given for.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

use super::{NetError, Origin};
use crate::secret::Secret;

/// The shortest secret that is cut out of texts: a shorter one would take common words with it.
const REDACTED_BYTES_MIN: usize = 4;

/// A login for one origin.
#[derive(Debug)]
pub struct Credential {
    origin: Origin,
    encoded: Secret,
    password: Secret,
}

impl Credential {
    /// Returns the Basic login (RFC 7617) of a user at `origin`. A user name may hold no `:`.
    pub fn basic(origin: Origin, username: &Secret, password: Secret) -> Result<Self, NetError> {
        if username.expose().contains(&b':') {
            return Err(NetError::Username { origin });
        }
        let pair = Zeroizing::new([username.expose(), b":", password.expose()].concat());
        Ok(Self { origin, encoded: Secret::new(BASE64_STANDARD.encode(&*pair).into_bytes()), password })
    }

    /// Says whether this credential may be sent to `origin`: only to the very one that it was given for.
    ///
    /// This is the one rule about it, and every request with a credential asks it.
    pub fn may_go_to(&self, origin: &Origin) -> bool {
        self.origin == *origin
    }

    /// Returns the value of the `Authorization` header.
    pub(super) fn header(&self) -> Secret {
        Secret::new([b"Basic ".as_slice(), self.encoded.expose()].concat())
    }

    /// Cuts this credential out of a text, for servers that say back what they were sent.
    pub fn redact(&self, text: String) -> String {
        [&self.encoded, &self.password].into_iter().fold(text, |text, secret| {
            match std::str::from_utf8(secret.expose()) {
                Ok(secret) if secret.len() >= REDACTED_BYTES_MIN => text.replace(secret, "[redacted]"),
                _ => text,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Endpoint;

    fn origin(text: &str) -> Origin {
        Endpoint::parse(text, true).unwrap().origin().clone()
    }

    fn credential() -> Credential {
        let secret = |text: &str| Secret::new(text.as_bytes().to_vec());
        Credential::basic(origin("https://registry.example.com"), &secret("robot"), secret("s3cret")).unwrap()
    }

    #[test]
    fn a_credential_goes_only_to_its_own_origin() {
        assert!(credential().may_go_to(&origin("https://registry.example.com")));
        assert!(credential().may_go_to(&origin("https://REGISTRY.example.com:443/mounted/elsewhere")));
        for other in [
            "http://registry.example.com",
            "http://registry.example.com:443",
            "https://registry.example.com:8443",
            "https://registry.example.com.evil.example",
            "https://registry.example.com.",
            "https://sub.registry.example.com",
            "https://registry.example.co",
            "https://169.254.169.254",
            "https://[::1]",
        ] {
            assert!(!credential().may_go_to(&origin(other)), "{other}");
        }
    }

    #[test]
    fn a_credential_shows_itself_nowhere() {
        assert_eq!(credential().header().expose(), b"Basic cm9ib3Q6czNjcmV0");
        let debug = format!("{:?}", credential());
        assert!(!debug.contains("s3cret") && !debug.contains("cm9ib3Q6czNjcmV0"), "{debug}");
        let said = "bad login Basic cm9ib3Q6czNjcmV0 (robot, s3cret)".to_owned();
        assert_eq!(credential().redact(said), "bad login Basic [redacted] (robot, [redacted])");
    }

    #[test]
    fn a_user_name_with_a_colon_is_refused() {
        let secret = |text: &str| Secret::new(text.as_bytes().to_vec());
        let refused = Credential::basic(origin("https://a.example.com"), &secret("a:b"), secret("c")).unwrap_err();
        assert_eq!(refused.to_string(), "the user name for https://a.example.com holds a `:`");
    }
}
