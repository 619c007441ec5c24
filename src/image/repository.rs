//! Registries and the repositories in them, under their one canonical name.

use std::fmt;

use super::ImageError;

/// The longest repository name with its registry, in bytes (Docker's reference grammar).
const NAME_BYTES_MAX: usize = 255;

/// A registry as it is named in references: a host, with a port where it needs one.
///
/// Invariant: a DNS name, IPv4 address or bracketed IPv6 address in lower case, and an optional port.
/// Docker Hub has one name here, `docker.io`, whichever of its names was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Registry(Box<str>);

impl Registry {
    /// Docker Hub's canonical name.
    pub const DOCKER_HUB: &'static str = "docker.io";

    /// Parses `host` or `host:port`.
    pub fn parse(text: &str) -> Result<Self, ImageError> {
        let text = text.to_ascii_lowercase();
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (text.as_str(), None),
        };
        let port_is_right = port.is_none_or(|port| {
            port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
        });
        if !port_is_right || !is_host(host) {
            return Err(ImageError::Registry);
        }
        Ok(match text.as_str() {
            "index.docker.io" | "registry-1.docker.io" => Self(Self::DOCKER_HUB.into()),
            _ => Self(text.into()),
        })
    }

    /// Returns the registry as references name it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns whether `text` is a DNS name, an IPv4 address or a bracketed IPv6 address, in lower case.
fn is_host(text: &str) -> bool {
    if let Some(address) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let is_label = |label: &str| {
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=63).contains(&label.len()) && label.bytes().all(inner) && !label.starts_with('-') && !label.ends_with('-')
    };
    text.split('.').all(is_label)
}

impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A repository of images or charts: its registry and its path there.
///
/// Two spellings of one repository are equal: `nginx`, `docker.io/nginx` and
/// `index.docker.io/library/nginx` are `docker.io/library/nginx`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository {
    registry: Registry,
    path: Box<str>,
}

impl Repository {
    /// Parses a repository as people name it in a reference, without tag and digest.
    pub fn parse(text: &str) -> Result<Self, ImageError> {
        if text.contains('@') || text.rsplit('/').next().is_some_and(|last| last != text && last.contains(':')) {
            return Err(ImageError::TagOrDigest);
        }
        let (registry, path) = match text.split_once('/') {
            Some((first, rest)) if names_a_registry(first) => (Registry::parse(first)?, rest),
            _ if text.contains(':') => return Err(ImageError::TagOrDigest),
            _ => (Registry(Registry::DOCKER_HUB.into()), text),
        };
        let official = registry.as_str() == Registry::DOCKER_HUB && !path.contains('/');
        let path = if official { format!("library/{path}") } else { path.to_owned() };
        let fits = registry.as_str().len() + 1 + path.len() <= NAME_BYTES_MAX;
        if !fits || !path.split('/').all(is_path_component) {
            return Err(ImageError::Repository);
        }
        Ok(Self { registry, path: path.into() })
    }

    /// Returns the registry that has it.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Returns its path in the registry.
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// Returns whether the part of a reference before the first `/` is a registry and not a word of the path
/// (Docker's rule: it has a `.` or `:`, or an upper-case letter, or is `localhost`).
fn names_a_registry(first: &str) -> bool {
    first == "localhost" || first.bytes().any(|byte| matches!(byte, b'.' | b':' | b'A'..=b'Z'))
}

/// Returns whether `text` is `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`.
fn is_path_component(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends_in_words =
        |text: &str| text.bytes().next().is_some_and(is_word) && text.bytes().next_back().is_some_and(is_word);
    let separators = text.split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    ends_in_words(text)
        && separators.into_iter().all(|separator| match separator {
            "" | "." | "_" | "__" => true,
            dashes => dashes.bytes().all(|byte| byte == b'-'),
        })
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> String {
        Repository::parse(text).map_or_else(|error| format!("{error:?}"), |repository| repository.to_string())
    }

    #[test]
    fn spellings_of_one_repository_are_equal() {
        for text in ["nginx", "library/nginx", "docker.io/nginx", "docker.io/library/nginx", "index.docker.io/nginx"] {
            assert_eq!(canonical(text), "docker.io/library/nginx", "{text}");
        }
        assert_eq!(canonical("GHCR.io/acme/app"), "ghcr.io/acme/app");
        assert_eq!(canonical("localhost/app"), "localhost/app");
        assert_eq!(canonical("127.0.0.1:5000/a/b__c"), "127.0.0.1:5000/a/b__c");
        assert_eq!(canonical("[::1]:5000/app"), "[::1]:5000/app");
        assert_eq!(canonical("acme/app"), "docker.io/acme/app");
    }

    #[test]
    fn what_is_no_repository_is_refused() {
        for text in ["", "/", "a//b", "acme/App", "acme/a___b", "acme/-a", "acme/a-", "ghcr.io/", "a b", "acme/a..b"] {
            assert_eq!(canonical(text), "Repository", "{text}");
        }
        for text in ["nginx:1", "ghcr.io/acme/app:1.0", "ghcr.io/acme/app@sha256:00"] {
            assert_eq!(canonical(text), "TagOrDigest", "{text}");
        }
        for text in ["exa_mple.com/app", "host:0/app", "host:99999/app", "-a.com/app", "[::g]:1/app", "a..b/app"] {
            assert_eq!(canonical(text), "Registry", "{text}");
        }
        assert_eq!(canonical(&format!("ghcr.io/{}", "a".repeat(250))), "Repository");
    }
}
