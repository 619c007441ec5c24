//! Why a request got no answer.

use std::error::Error as StdError;
use std::io;

use rustls::CertificateError;

use super::reach::NoPublicAddress;
use super::{Origin, clean};

/// Why a request got no answer, or none that may be used.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The address is not one that can be asked. The address itself is not shown: it may hold a password.
    #[error("the address cannot be used: {0}")]
    Address(&'static str),
    /// The address is http and nobody allowed that.
    #[error("{origin} would be asked without encryption")]
    PlainHttp {
        /// Who would be asked.
        origin: Origin,
    },
    /// The user name cannot be sent by Basic authentication.
    #[error("the user name for {origin} holds a `:`")]
    Username {
        /// Whom it is for.
        origin: Origin,
    },
    /// A credential was about to go to an origin that it was not given for.
    #[error("the credential is not for {origin}")]
    Credential {
        /// Who would have received it.
        origin: Origin,
    },
    /// The token cannot be sent: it is empty, too long, or holds what a header may not have.
    #[error("the token for {origin} is not one that can be sent")]
    Token {
        /// Whom it is for.
        origin: Origin,
    },
    /// A server names a token server that is http.
    #[error("the token server {origin} would be asked without encryption")]
    PlainToken {
        /// Who would be asked.
        origin: Origin,
    },
    /// A server names another one whose address is not public.
    #[error("{origin} has no public address")]
    Private {
        /// Who would be asked.
        origin: Origin,
    },
    /// The certificates of `caFile`, or the system's, cannot be used.
    #[error("no certificates to check {origin} by: {cause}")]
    Roots {
        /// Who was to be asked.
        origin: Origin,
        /// What is wrong with them.
        cause: Box<str>,
    },
    /// The name has no address.
    #[error("the name of {origin} cannot be resolved: {cause}")]
    Dns {
        /// Who was asked.
        origin: Origin,
        /// What the resolver said.
        cause: Box<str>,
    },
    /// No connection came about.
    #[error("{origin} cannot be reached: {cause}")]
    Connect {
        /// Who was asked.
        origin: Origin,
        /// What the system said.
        cause: Box<str>,
    },
    /// The server could not be shown to be the one that is meant.
    #[error("{origin} is not trusted: {cause}")]
    Tls {
        /// Who was asked.
        origin: Origin,
        /// What kind of fault it is.
        fault: TlsFault,
        /// What the check said.
        cause: Box<str>,
    },
    /// The server was too slow.
    #[error("{origin} took too long {waiting}")]
    Timeout {
        /// Who was asked.
        origin: Origin,
        /// What was waited for.
        waiting: Waiting,
    },
    /// The connection broke, or what came over it is not HTTP.
    #[error("the answer of {origin} broke off: {cause}")]
    Broken {
        /// Who was asked.
        origin: Origin,
        /// What went wrong.
        cause: Box<str>,
    },
    /// The head of the answer is too large.
    #[error("{origin} answered with more than {limit} bytes of headers")]
    Headers {
        /// Who was asked.
        origin: Origin,
        /// The bound in bytes.
        limit: usize,
    },
    /// The body of the answer is too large.
    #[error("{origin} answered with more than {limit} bytes")]
    TooLarge {
        /// Who was asked.
        origin: Origin,
        /// The bound in bytes, counted after decompression.
        limit: u64,
    },
}

/// What a slow server was waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// The connection, TLS included.
    Connection,
    /// The answer or its next piece.
    Answer,
}

impl std::fmt::Display for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Connection => "to be connected to",
            Self::Answer => "to answer",
        })
    }
}

/// What is wrong between us and a server that we do not trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsFault {
    /// Its certificate was signed by nobody whom we know, or by another key than the one that we know by that name.
    UnknownIssuer,
    /// Its certificate is an authority's own, which no server may show.
    IsAuthority,
    /// Its certificate is over, or not yet valid.
    Expired,
    /// Its certificate is for other names.
    WrongName,
    /// It does not speak TLS there.
    NotTls,
    /// Anything else: an old protocol, a broken certificate.
    Other,
}

impl NetError {
    /// Returns whether the same request may succeed a little later without anybody mending anything.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Dns { .. } | Self::Connect { .. } | Self::Timeout { .. } | Self::Broken { .. })
    }

    /// Returns what a person can do about it, in one sentence without a full stop.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Address(_) => "write `https://host[:port][/path]`; a login belongs in `auth`",
            Self::PlainHttp { .. } => {
                "use https, or say `plainHttp: true` for this host if everybody on the way may read along"
            }
            Self::Username { .. } => "write the user name and the password into files of their own",
            Self::Credential { .. } | Self::Private { .. } => {
                "if it is this registry's token server, add its host to the registry's `tokenHosts`"
            }
            Self::Token { .. } => "check the token",
            Self::PlainToken { .. } => {
                "have the registry name one with https; http is for loopback, and `tokenHosts` has to name it"
            }
            Self::Roots { .. } => "install the package ca-certificates, or name a PEM file of certificates in `caFile`",
            Self::Dns { .. } => "check the spelling of the host and this machine's name server",
            Self::Connect { .. } => "check that the server runs, its port, and the firewall and proxy on the way",
            Self::Tls { fault, .. } => fault.remedy(),
            Self::Timeout { .. } | Self::Broken { .. } => {
                "try again later; check the server and the network on the way"
            }
            Self::Headers { .. } | Self::TooLarge { .. } => "check that the address is the one that is meant",
        }
    }

    /// Reads what the HTTP library says about a request to `origin`.
    pub(super) fn of(origin: &Origin, error: &reqwest::Error) -> Self {
        let origin = origin.clone();
        let cause = deepest(error);
        if let Some(tls) = find::<rustls::Error>(error) {
            return Self::Tls { origin, fault: TlsFault::of(tls), cause };
        }
        if find::<NoPublicAddress>(error).is_some() {
            return Self::Private { origin };
        }
        if error.is_timeout() {
            let waiting = if error.is_connect() { Waiting::Connection } else { Waiting::Answer };
            return Self::Timeout { origin, waiting };
        }
        if error.is_dns() {
            return Self::Dns { origin, cause };
        }
        if error.is_connect() { Self::Connect { origin, cause } } else { Self::Broken { origin, cause } }
    }
}

impl TlsFault {
    fn of(error: &rustls::Error) -> Self {
        use CertificateError as E;
        let rustls::Error::InvalidCertificate(certificate) = error else {
            let not_tls = matches!(error, rustls::Error::InvalidMessage(_));
            return if not_tls { Self::NotTls } else { Self::Other };
        };
        match certificate {
            E::UnknownIssuer | E::BadSignature => Self::UnknownIssuer,
            E::Expired | E::ExpiredContext { .. } | E::NotValidYet | E::NotValidYetContext { .. } => Self::Expired,
            E::NotValidForName | E::NotValidForNameContext { .. } => Self::WrongName,
            // The library has no variant for it.
            E::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => Self::IsAuthority,
            _ => Self::Other,
        }
    }

    fn remedy(self) -> &'static str {
        match self {
            Self::UnknownIssuer => "name the PEM file of the authority that signed its certificate in `caFile`",
            Self::IsAuthority => {
                "give the server a certificate that an authority signed, and name that authority in `caFile`"
            }
            Self::Expired => "renew the server's certificate, and check this machine's clock",
            Self::WrongName => "use a name that the certificate is for, or renew the certificate with this name",
            Self::NotTls => "check the port; if the server has no https, say `plainHttp: true` for this host",
            Self::Other => "check the server's certificate and that it speaks TLS 1.2 or 1.3",
        }
    }
}

/// Returns the error of type `E` in the chain of `error`, also where an I/O error wraps it.
fn find<'e, E: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e E> {
    chain(error).find_map(|link| link.downcast_ref::<E>())
}

/// Returns the text of the last error in the chain, which is the one that says what happened; never an address.
fn deepest(error: &(dyn StdError + 'static)) -> Box<str> {
    let last = chain(error).last().map(ToString::to_string).unwrap_or_default();
    clean(last.as_bytes()).into()
}

/// Returns `error` and its causes. An I/O error that wraps another is asked for it: its `source` skips it.
fn chain<'e>(error: &'e (dyn StdError + 'static)) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&link| {
        let wrapped = link.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        wrapped.map(|inner| inner as &(dyn StdError + 'static)).or_else(|| link.source())
    })
}
