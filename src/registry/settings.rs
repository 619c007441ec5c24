//! What is said about a registry, and the checked form of it.

use crate::image::Registry;
use crate::net::{Endpoint, NetError};
use crate::secret::SecretSource;

use super::RegistryError;

/// Requests under way at once to one registry where nothing else is said.
pub const CONCURRENCY_DEFAULT: usize = 4;
/// The most requests under way at once to one registry: more gains nothing and is impolite.
pub const CONCURRENCY_MAX: usize = 32;

/// Where Docker Hub answers; its name in references is another one.
const DOCKER_HUB_ENDPOINT: &str = "https://registry-1.docker.io";

/// What is said about one registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrySettings {
    /// The registry as references name it.
    pub registry: Registry,
    /// The address that is asked instead, `https://host[:port][/path]`.
    pub endpoint: Option<String>,
    /// Whether http is allowed. Where `endpoint` is not set it also means that http is what is spoken.
    pub plain_http: bool,
    /// Certificates in PEM that are trusted beside the system's; read when the registry is first asked.
    pub ca: Option<SecretSource>,
    /// The login; it goes to the registry's own origin and nowhere else.
    pub credentials: Option<Credentials>,
    /// How many requests are under way at once, from 1 to [`CONCURRENCY_MAX`].
    pub concurrency: usize,
}

/// A user and password for Basic authentication, read again for each list and digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// Where the user name is.
    pub username: SecretSource,
    /// Where the password is.
    pub password: SecretSource,
}

impl RegistrySettings {
    /// Returns what holds for a registry of which nothing is said: https, the system's certificates, no login.
    pub fn new(registry: Registry) -> Self {
        Self {
            registry,
            endpoint: None,
            plain_http: false,
            ca: None,
            credentials: None,
            concurrency: CONCURRENCY_DEFAULT,
        }
    }

    /// Refuses an address that could never be asked.
    pub fn check(&self) -> Result<(), RegistryError> {
        self.address().map(drop)
    }

    /// Returns the address that is asked.
    pub(super) fn address(&self) -> Result<Endpoint, RegistryError> {
        let parsed = match (&self.endpoint, self.registry.as_str()) {
            (Some(endpoint), _) => Endpoint::parse(endpoint, self.plain_http),
            (None, Registry::DOCKER_HUB) => Endpoint::parse(DOCKER_HUB_ENDPOINT, false),
            (None, host) if self.plain_http => Endpoint::parse(&format!("http://{host}"), true),
            (None, host) => Endpoint::parse(&format!("https://{host}"), false),
        };
        parsed.map_err(|source: NetError| RegistryError::Endpoint { registry: self.registry.clone(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(registry: &str, endpoint: Option<&str>, plain_http: bool) -> String {
        let mut settings = RegistrySettings::new(Registry::parse(registry).unwrap());
        settings.endpoint = endpoint.map(str::to_owned);
        settings.plain_http = plain_http;
        match settings.address() {
            Ok(endpoint) => endpoint.origin().to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_registry_is_asked_by_https_at_its_own_name() {
        assert_eq!(check("ghcr.io", None, false), "https://ghcr.io");
        assert_eq!(check("127.0.0.1:5000", None, false), "https://127.0.0.1:5000");
        assert_eq!(check("127.0.0.1:5000", None, true), "http://127.0.0.1:5000");
    }

    #[test]
    fn docker_hub_answers_under_another_name() {
        for name in ["docker.io", "index.docker.io"] {
            assert_eq!(check(name, None, false), "https://registry-1.docker.io");
        }
    }

    #[test]
    fn an_endpoint_is_asked_instead() {
        assert_eq!(check("docker.io", Some("https://mirror.example.com/hub"), false), "https://mirror.example.com");
        let refused = "`docker.io` cannot be asked: http://mirror.example.com would be asked without encryption";
        assert_eq!(check("docker.io", Some("http://mirror.example.com"), false), refused);
        let refused = "`docker.io` cannot be asked: the address cannot be used: it holds a user or password";
        assert_eq!(check("docker.io", Some("https://a:s3cret@mirror.example.com"), false), refused);
    }
}
