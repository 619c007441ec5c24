//! Credentials, each with the servers that it was given for.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::realm::push_encoded;
use super::{Audience, NetError, Origin};
use crate::secret::Secret;

/// The shortest secret that is cut out of texts: a shorter one would take common words with it.
const REDACTED_BYTES_MIN: usize = 4;
/// The longest token in bytes: servers refuse larger heads than that.
const TOKEN_BYTES_MAX: usize = 16 * 1024;

/// A login, and who may receive it.
#[derive(Debug)]
pub struct Credential {
    audience: Audience,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Basic { encoded: Secret, password: Secret },
    Bearer(Secret),
    Refresh(Secret),
}

/// What tells two credentials apart and gives neither away: a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity([u8; 32]);

impl Credential {
    /// Returns the Basic login (RFC 7617) of a user. A user name may hold no `:`.
    pub fn basic(audience: Audience, username: &Secret, password: Secret) -> Result<Self, NetError> {
        if username.expose().contains(&b':') {
            return Err(NetError::Username { origin: audience.own().clone() });
        }
        let pair = Zeroizing::new([username.expose(), b":", password.expose()].concat());
        let encoded = Secret::new(BASE64_STANDARD.encode(&*pair).into_bytes());
        Ok(Self { audience, kind: Kind::Basic { encoded, password } })
    }

    /// Returns a refresh token (RFC 6749, section 6), which some call an identity token. It travels in the form of a
    /// POST and in nothing else.
    pub fn refresh(audience: Audience, token: Secret) -> Self {
        Self { audience, kind: Kind::Refresh(token) }
    }

    /// Returns a bearer token (RFC 6750) for `origin` alone: 1 to 16,384 visible characters of ASCII.
    pub fn bearer(origin: Origin, token: Secret) -> Result<Self, NetError> {
        let can_be_sent =
            (1..=TOKEN_BYTES_MAX).contains(&token.expose().len()) && token.expose().iter().all(u8::is_ascii_graphic);
        if !can_be_sent {
            return Err(NetError::Token { origin });
        }
        Ok(Self { audience: Audience::only(origin), kind: Kind::Bearer(token) })
    }

    /// Says whether this credential may be sent to `origin`; see [`Audience::includes`].
    pub fn may_go_to(&self, origin: &Origin) -> bool {
        self.audience.includes(origin)
    }

    /// Returns whether this is a refresh token.
    pub fn is_refresh(&self) -> bool {
        matches!(self.kind, Kind::Refresh(_))
    }

    /// Returns what tells this credential from others.
    pub fn identity(&self) -> Identity {
        let (kind, secret) = match &self.kind {
            Kind::Basic { encoded, .. } => ("Basic ", encoded),
            Kind::Bearer(token) => ("Bearer ", token),
            Kind::Refresh(token) => ("Refresh ", token),
        };
        Identity(Sha256::new().chain_update(kind).chain_update(secret.expose()).finalize().into())
    }

    /// Returns the value of the `Authorization` header, where the credential travels in it.
    pub(super) fn header(&self) -> Option<Secret> {
        let (scheme, secret) = match &self.kind {
            Kind::Basic { encoded, .. } => (b"Basic ".as_slice(), encoded),
            Kind::Bearer(token) => (b"Bearer ".as_slice(), token),
            Kind::Refresh(_) => return None,
        };
        Some(Secret::new([scheme, secret.expose()].concat()))
    }

    /// Returns `form` with the field that the credential is, where it travels in a form.
    pub(super) fn in_form(&self, form: &str) -> String {
        let mut form = form.to_owned();
        if let Kind::Refresh(token) = &self.kind {
            form.push_str("&refresh_token=");
            push_encoded(&mut form, token.expose());
        }
        form
    }

    /// Cuts this credential out of a text, as it is and as forms have it, for servers that say back what they were sent.
    pub fn redact(&self, text: String) -> String {
        let secrets = match &self.kind {
            Kind::Basic { encoded, password } => vec![encoded, password],
            Kind::Bearer(token) | Kind::Refresh(token) => vec![token],
        };
        secrets.into_iter().fold(text, |text, secret| match std::str::from_utf8(secret.expose()) {
            Ok(secret) if secret.len() >= REDACTED_BYTES_MIN => {
                let mut in_form = String::new();
                push_encoded(&mut in_form, secret.as_bytes());
                text.replace(secret, "[redacted]").replace(&in_form, "[redacted]")
            }
            _ => text,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Endpoint;

    fn origin() -> Origin {
        Endpoint::parse("https://registry.example.com", true).unwrap().origin().clone()
    }

    fn secret(text: &str) -> Secret {
        Secret::new(text.as_bytes().to_vec())
    }

    fn basic(user: &str, password: &str) -> Credential {
        Credential::basic(Audience::only(origin()), &secret(user), secret(password)).unwrap()
    }

    fn refresh(token: &str) -> Credential {
        Credential::refresh(Audience::only(origin()), secret(token))
    }

    fn bearer(token: &str) -> Result<Credential, NetError> {
        Credential::bearer(origin(), secret(token))
    }

    #[test]
    fn a_credential_travels_in_one_way() {
        let header = |credential: &Credential| credential.header().map(|header| header.expose().to_vec());
        assert_eq!(header(&basic("robot", "s3cret")).unwrap(), b"Basic cm9ib3Q6czNjcmV0");
        assert_eq!(header(&bearer("t.o-k_e=n").unwrap()).unwrap(), b"Bearer t.o-k_e=n");
        assert_eq!(header(&refresh("a+b")), None);
        assert_eq!(refresh("a+b").in_form("scope=x"), "scope=x&refresh_token=a%2Bb");
        assert_eq!(basic("robot", "s3cret").in_form("scope=x"), "scope=x");
    }

    #[test]
    fn a_credential_shows_itself_nowhere() {
        for credential in [basic("robot", "s3cret"), refresh("s3cret"), bearer("s3cret").unwrap()] {
            let debug = format!("{credential:?} {:?}", credential.identity());
            assert!(!debug.contains("s3cret") && !debug.contains("cm9ib3Q6czNjcmV0"), "{debug}");
            assert_eq!(credential.redact("so: s3cret".to_owned()), "so: [redacted]");
        }
        let said = "bad login Basic cm9ib3Q6czNjcmV0 (robot, s3cret)".to_owned();
        assert_eq!(basic("robot", "s3cret").redact(said), "bad login Basic [redacted] (robot, [redacted])");
    }

    #[test]
    fn a_changed_password_makes_another_credential() {
        let robot = basic("robot", "one").identity();
        assert_eq!(robot, basic("robot", "one").identity());
        for other in [basic("robot", "two"), basic("other", "one"), refresh("cm9ib3Q6b25l")] {
            assert_ne!(robot, other.identity());
        }
    }

    #[test]
    fn a_token_that_cannot_be_sent_is_refused() {
        for token in ["", "a\nb", "a b", "a\u{7f}", "é", &"x".repeat(TOKEN_BYTES_MAX + 1)] {
            let refused = bearer(token).unwrap_err().to_string();
            assert_eq!(refused, "the token for https://registry.example.com is not one that can be sent");
        }
        assert!(bearer(&"x".repeat(TOKEN_BYTES_MAX)).is_ok());
    }

    #[test]
    fn a_user_name_with_a_colon_is_refused() {
        let refused = Credential::basic(Audience::only(origin()), &secret("a:b"), secret("c")).unwrap_err();
        assert_eq!(refused.to_string(), "the user name for https://registry.example.com holds a `:`");
    }
}
