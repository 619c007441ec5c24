//! What is said about a registry, and the checked form of it.

use crate::image::Registry;
use crate::net::{Audience, Endpoint, NetError, Origin, TokenHost};
use crate::secret::SecretSource;

use super::RegistryError;

/// Requests under way at once to one registry where nothing else is said.
pub const CONCURRENCY_DEFAULT: usize = 4;
/// The most requests under way at once to one registry: more gains nothing and is impolite.
pub const CONCURRENCY_MAX: usize = 32;

/// Where Docker Hub answers; its name in references is another one.
const DOCKER_HUB_ENDPOINT: &str = "https://registry-1.docker.io";

/// Registries whose tokens come from a server of another name, each with that server; all by https.
const TOKEN_SERVERS: [(&str, &str); 2] =
    [("https://registry-1.docker.io", "auth.docker.io"), ("https://registry.gitlab.com", "gitlab.com")];

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
    /// The login; it goes to the registry's own origin and to its token server, if that is known, and nowhere else.
    pub credentials: Option<Credentials>,
    /// The hosts, beside its own, that may receive its login in exchange for a token.
    pub token_hosts: Vec<TokenHost>,
    /// How many requests are under way at once, from 1 to [`CONCURRENCY_MAX`].
    pub concurrency: usize,
}

/// A login, read again for each list and digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// A user and a password: for the registry itself, or for its token server.
    Basic {
        /// Where the user name is.
        username: SecretSource,
        /// Where the password is.
        password: SecretSource,
    },
    /// A refresh token, which the token server exchanges; Docker calls it an identity token.
    Refresh {
        /// Where the token is.
        token: SecretSource,
    },
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
            token_hosts: Vec::new(),
            concurrency: CONCURRENCY_DEFAULT,
        }
    }

    /// Refuses an address that could never be asked.
    pub fn check(&self) -> Result<(), RegistryError> {
        self.address().map(drop)
    }

    /// Returns who may receive the login of this registry, which is asked at `origin`.
    pub(super) fn audience(&self, origin: &Origin) -> Audience {
        let known = TOKEN_SERVERS.iter().filter(|(registry, _)| *registry == origin.to_string());
        let known = known.filter_map(|(_, host)| TokenHost::parse(host).ok());
        Audience::new(origin.clone(), known.chain(self.token_hosts.iter().cloned()))
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
    fn a_token_server_of_another_name_is_known_or_named() {
        let check = |registry: &str, endpoint: Option<&str>, realm: &str| {
            let mut settings = RegistrySettings::new(Registry::parse(registry).unwrap());
            settings.endpoint = endpoint.map(str::to_owned);
            settings.token_hosts = vec![TokenHost::parse("auth.example.com").unwrap()];
            let realm = Endpoint::parse(realm, true).unwrap();
            settings.audience(settings.address().unwrap().origin()).includes(realm.origin())
        };
        assert!(check("docker.io", None, "https://auth.docker.io"));
        assert!(check("registry.gitlab.com", None, "https://gitlab.com"));
        assert!(check("ghcr.io", None, "https://ghcr.io") && check("ghcr.io", None, "https://auth.example.com"));
        assert!(!check("docker.io", None, "http://auth.docker.io"));
        assert!(!check("docker.io", None, "https://auth.docker.io:8443"));
        assert!(!check("docker.io", Some("https://mirror.example.com"), "https://auth.docker.io"));
        assert!(!check("ghcr.io", None, "https://gitlab.com") && !check("ghcr.io", None, "https://auth.docker.io"));
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
