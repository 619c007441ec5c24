//! Why a registry could not be read.

use std::fmt;
use std::time::Duration;

use crate::image::{Registry, Repository, Tag};
use crate::net::{NetError, Origin};
use crate::secret::SecretError;

use super::settings::CONCURRENCY_MAX;

/// Why a registry could not be read. Texts of servers in it are one line, bounded and without control characters.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The address of a registry, from its name or its `endpoint`, cannot be asked.
    #[error("`{registry}` cannot be asked: {source}")]
    Endpoint {
        /// The registry.
        registry: Registry,
        /// Why.
        source: NetError,
    },
    /// Two settings are about one registry.
    #[error("`{registry}` has more than one entry")]
    Duplicate {
        /// The registry.
        registry: Registry,
    },
    /// The number of requests at once is out of its range.
    #[error("`concurrency` of `{registry}` is not from 1 to {CONCURRENCY_MAX}")]
    Concurrency {
        /// The registry.
        registry: Registry,
    },
    /// The login or the certificates could not be read.
    #[error("the login or certificates for `{registry}` cannot be read: {source}")]
    Secret {
        /// The registry.
        registry: Registry,
        /// Which, and why.
        source: SecretError,
    },
    /// The network is in the way, and will be until somebody mends it: TLS, above all.
    #[error("`{repository}` cannot be read: {source}")]
    Net {
        /// What was asked for.
        repository: Repository,
        /// Why.
        source: NetError,
    },
    /// There was no answer, after several attempts.
    #[error("`{repository}` cannot be read now: {source}")]
    Unreachable {
        /// What was asked for.
        repository: Repository,
        /// Why.
        source: NetError,
    },
    /// A server said that it is broken (5xx), after several attempts.
    #[error("`{repository}` cannot be read now: its {server} answered {status}{said}", said = quoted(said))]
    Failing {
        /// What was asked for.
        repository: Repository,
        /// Who answered.
        server: Server,
        /// The last status.
        status: u16,
        /// What it said.
        said: Box<str>,
    },
    /// The list took longer than a list may take.
    #[error("the tags of `{repository}` did not arrive within {} s", limit.as_secs())]
    Slow {
        /// What was asked for.
        repository: Repository,
        /// How long a list may take.
        limit: Duration,
    },
    /// A server limits our rate (429), for longer than is waited within a scan.
    #[error("the {server} of `{repository}` limits our rate{for_s}", for_s = for_seconds(*retry_after))]
    RateLimited {
        /// What was asked for.
        repository: Repository,
        /// Who limits it.
        server: Server,
        /// How long it wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// A server refused the login, or wants one (401, 403).
    #[error("the {server} of `{repository}` refused {who}{said}", who = who(*with_login), said = quoted(said))]
    Denied {
        /// What was asked for.
        repository: Repository,
        /// Who refused it.
        server: Server,
        /// Whether a login was sent.
        with_login: bool,
        /// What it said.
        said: Box<str>,
    },
    /// The registry takes a user and a password, and the login is a token.
    #[error("the registry of `{repository}` wants a user and a password, not a token")]
    WantsPassword {
        /// What was asked for.
        repository: Repository,
    },
    /// The registry sends us for a token to a server that may not be asked.
    #[error("the registry of `{repository}` sends us elsewhere for a token: {source}")]
    Realm {
        /// What was asked for.
        repository: Repository,
        /// Where to, and why it is not asked.
        source: NetError,
    },
    /// There is no such repository, or it is hidden from us.
    #[error("there is no repository `{repository}`")]
    NoSuchRepository {
        /// What was asked for.
        repository: Repository,
    },
    /// The repository has no such tag.
    #[error("there is no tag `{tag}` in `{repository}`")]
    NoSuchTag {
        /// The repository.
        repository: Repository,
        /// The tag.
        tag: Tag,
    },
    /// The registry sends us to another address.
    #[error("the registry of `{repository}` redirects to {target}, which is not followed")]
    Redirected {
        /// What was asked for.
        repository: Repository,
        /// Where to: scheme and host.
        target: Box<str>,
    },
    /// A server refused the request itself.
    #[error("the {server} of `{repository}` answered {status}{said}", said = quoted(said))]
    Refused {
        /// What was asked for.
        repository: Repository,
        /// Who answered.
        server: Server,
        /// The status.
        status: u16,
        /// What it said.
        said: Box<str>,
    },
    /// The answer is not what the specification says.
    #[error("the {server} of `{repository}` gave a wrong answer: {reason}")]
    BadAnswer {
        /// What was asked for.
        repository: Repository,
        /// Who answered.
        server: Server,
        /// What is wrong with it.
        reason: Box<str>,
    },
    /// The tags could not be read to their end. The part that was read is of no use to anybody.
    #[error("the tags of `{repository}` are incomplete: {shortfall}")]
    Incomplete {
        /// What was asked for.
        repository: Repository,
        /// What cut the list short.
        shortfall: Shortfall,
    },
}

/// Who was asked for a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Server {
    /// Its registry.
    Registry,
    /// The server that gives out its registry's tokens.
    Tokens(Origin),
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry => f.write_str("registry"),
            Self::Tokens(origin) => write!(f, "token server {origin}"),
        }
    }
}

/// What cut a list of tags short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Shortfall {
    /// A bound on pages.
    #[error("there are more than {0} pages")]
    Pages(usize),
    /// A bound on tags.
    #[error("there are more than {0} tags")]
    Tags(usize),
    /// A bound on bytes, counted after decompression.
    #[error("they are larger than {0} bytes")]
    Bytes(u64),
    /// A page repeats what came before.
    #[error("page {0} brought no tag that was not there before")]
    NoProgress(usize),
    /// A page names as the next one a page that was there before.
    #[error("page {0} leads back to a page that was already read")]
    Loop(usize),
    /// A page names a next one, without the query that would find it.
    #[error("page {0} names a next page that cannot be asked for")]
    Link(usize),
    /// A later page is missing.
    #[error("page {0} is gone")]
    Gone(usize),
    /// A full page came without a next one, and holds no tag to go on from.
    #[error("page {0} holds no tag to go on from")]
    NoLast(usize),
}

impl RegistryError {
    /// Returns whether the registry was not to be had just now: asking again later is safe and may help.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Failing { .. } | Self::Slow { .. } | Self::RateLimited { .. })
    }

    /// Returns what a person can do about it, in one sentence without a full stop.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Endpoint { source, .. }
            | Self::Net { source, .. }
            | Self::Unreachable { source, .. }
            | Self::Realm { source, .. } => source.remedy(),
            Self::Duplicate { .. } => "keep one entry per registry",
            Self::Concurrency { .. } => "set a number in that range, or leave it out",
            Self::Secret { .. } => "check the path or the variable, and who may read it",
            Self::Failing { server: Server::Tokens(_), .. } => "try again later; the fault is the token server's",
            Self::Failing { .. } | Self::Slow { .. } => "try again later; the fault is the registry's",
            Self::RateLimited { .. } => "scan less often, or log in: most registries allow more then",
            Self::Denied { with_login: true, .. } => "check the login's files and what it may pull",
            Self::Denied { with_login: false, .. } => "name a login for this registry under `auth`",
            Self::WantsPassword { .. } => "give `usernameFile` and `passwordFile` instead of the token",
            Self::NoSuchRepository { .. } => "check the policy's `image`, and whether it needs a login to be seen",
            Self::NoSuchTag { .. } => "check whether the tag was deleted",
            Self::Redirected { .. } => "name the address that answers as the registry's `endpoint`",
            Self::Refused { server: Server::Tokens(_), .. } | Self::BadAnswer { server: Server::Tokens(_), .. } => {
                "report it to whoever runs the token server"
            }
            Self::Refused { .. } | Self::BadAnswer { .. } => "check that this address is a registry's",
            Self::Incomplete { .. } => "report it to whoever runs the registry; nothing is decided on half a list",
        }
    }
}

/// Returns what a server said as the end of a sentence.
fn quoted(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": \"{said}\"") }
}

fn for_seconds(retry_after: Option<Duration>) -> String {
    retry_after.map_or_else(String::new, |wait| format!(" for {} s", wait.as_secs()))
}

fn who(with_login: bool) -> &'static str {
    if with_login { "our login" } else { "a request without a login" }
}
