//! One registry, and one request to it: who asks, how many at once, and what each answer means.

use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};

use crate::image::{Repository, Tag, TagRef};
use crate::net::{CA_BYTES_MAX, Credential, Endpoint, Http, Method, NetError, Request, Response, Timeouts, clean};
use crate::secret::{Secret, SecretSource};

use super::settings::CONCURRENCY_MAX;
use super::{RegistryError, RegistrySettings};

/// The largest part of an error's body that is read for its message, in bytes.
const ERROR_BYTES_MAX: usize = 64 * 1024;

/// A request that failed.
#[derive(Debug)]
pub(super) enum Fault {
    /// It fails again until somebody mends something.
    Final(RegistryError),
    /// It may succeed a little later; the registry may have said how much.
    Passing { error: RegistryError, retry_after: Option<Duration> },
}

impl Fault {
    /// Returns the fault of a request for `repository` that the network did not carry.
    pub(super) fn of_net(repository: &Repository, source: NetError) -> Self {
        let repository = repository.clone();
        if source.is_passing() {
            Self::Passing { error: RegistryError::Unreachable { repository, source }, retry_after: None }
        } else {
            Self::Final(RegistryError::Net { repository, source })
        }
    }
}

/// What is asked of a registry.
#[derive(Clone, Copy)]
pub(super) struct Ask<'a> {
    pub(super) repository: &'a Repository,
    /// The tag that is asked for, where it is one and not the list of them.
    pub(super) tag: Option<TagRef<'a>>,
    pub(super) method: Method,
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
    pub(super) accept: &'static str,
    pub(super) credential: Option<&'a Credential>,
    pub(super) body_bytes_max: u64,
}

/// An answer with status 200. While it is there it counts as a request under way.
pub(super) struct Answer<'h> {
    pub(super) response: Response,
    /// What makes it count.
    pub(super) permit: SemaphorePermit<'h>,
}

/// One registry with what is known of it.
pub(super) struct Host {
    settings: RegistrySettings,
    endpoint: Endpoint,
    timeouts: Timeouts,
    http: OnceCell<Http>,
    permits: Semaphore,
    /// The step of the ladder of page sizes that this registry last accepted.
    pub(super) rung: AtomicUsize,
}

impl Host {
    /// Checks the settings of a registry.
    pub(super) fn new(settings: RegistrySettings, timeouts: Timeouts) -> Result<Self, RegistryError> {
        if !(1..=CONCURRENCY_MAX).contains(&settings.concurrency) {
            return Err(RegistryError::Concurrency { registry: settings.registry });
        }
        let endpoint = settings.address()?;
        let permits = Semaphore::new(settings.concurrency);
        Ok(Self { settings, endpoint, timeouts, http: OnceCell::new(), permits, rung: AtomicUsize::new(0) })
    }

    /// Returns the login as its files are now. It is sent at once and not only when it is asked for: it goes to
    /// the origin that it was given for, and waiting to be asked would double the requests.
    pub(super) fn credential(&self, repository: &Repository) -> Result<Option<Credential>, RegistryError> {
        let Some(credentials) = &self.settings.credentials else { return Ok(None) };
        let read = |source: &SecretSource| {
            source.read().map_err(|source| RegistryError::Secret { registry: self.settings.registry.clone(), source })
        };
        let (username, password) = (read(&credentials.username)?, read(&credentials.password)?);
        let credential = Credential::basic(self.endpoint.origin().clone(), &username, password);
        credential.map(Some).map_err(|source| RegistryError::Net { repository: repository.clone(), source })
    }

    /// Makes one request; any answer but 200 is a fault.
    pub(super) async fn ask(&self, ask: &Ask<'_>) -> Result<Answer<'_>, Fault> {
        let http = self.http(ask.repository).await?;
        let permit = self.permits.acquire().await.expect("because nobody closes the semaphore");
        let request = Request {
            method: ask.method,
            path: ask.path,
            query: ask.query,
            accept: ask.accept,
            credential: ask.credential,
            body_bytes_max: ask.body_bytes_max,
        };
        let response = http.send(request).await.map_err(|error| Fault::of_net(ask.repository, error))?;
        match response.status() {
            200 => Ok(Answer { response, permit }),
            _ => Err(fault(ask, response).await),
        }
    }

    /// Returns the client, made at the first request: what is wrong with one registry's certificates is then no
    /// matter for the others.
    async fn http(&self, repository: &Repository) -> Result<&Http, Fault> {
        let make = || async {
            let read = self.settings.ca.as_ref().map(|ca| ca.read_at_most(CA_BYTES_MAX)).transpose();
            let ca = read.map_err(|source| {
                Fault::Final(RegistryError::Secret { registry: self.settings.registry.clone(), source })
            })?;
            let ca = ca.as_ref().map(Secret::expose);
            Http::new(self.endpoint.clone(), ca, self.timeouts).map_err(|error| Fault::of_net(repository, error))
        };
        self.http.get_or_try_init(make).await
    }
}

/// Reads why a request was not answered with 200.
async fn fault(ask: &Ask<'_>, mut response: Response) -> Fault {
    let repository = ask.repository.clone();
    let status = response.status();
    let error = match status {
        300..=399 => {
            let target = response.location().map_or_else(|| "another address".into(), |origin| origin.to_string());
            RegistryError::Redirected { repository, target: target.into() }
        }
        401 if offers(&response, "bearer") && !offers(&response, "basic") => RegistryError::TokenLogin { repository },
        401 | 403 => {
            let said = said(ask, &mut response).await;
            RegistryError::Denied { repository, with_login: ask.credential.is_some(), said }
        }
        404 => match ask.tag {
            Some(tag) => RegistryError::NoSuchTag { repository, tag: Tag::from(tag) },
            None => RegistryError::NoSuchRepository { repository },
        },
        429 => {
            let retry_after = retry_after(&response);
            return Fault::Passing { error: RegistryError::RateLimited { repository, retry_after }, retry_after };
        }
        500..=599 => {
            let retry_after = retry_after(&response);
            let said = said(ask, &mut response).await;
            return Fault::Passing { error: RegistryError::Failing { repository, status, said }, retry_after };
        }
        _ => RegistryError::Refused { repository, status, said: said(ask, &mut response).await },
    };
    Fault::Final(error)
}

/// Returns whether the challenges of a 401 offer this scheme, which is given in lower case.
fn offers(response: &Response, scheme: &str) -> bool {
    let mut parts = response.headers("www-authenticate").flat_map(|header| header.split(','));
    parts.any(|part| part.split_ascii_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case(scheme)))
}

/// Returns how long the registry wants to be left alone, where it says so in seconds.
fn retry_after(response: &Response) -> Option<Duration> {
    response.headers("retry-after").find_map(|value| value.trim().parse().ok()).map(Duration::from_secs)
}

/// Returns what the body of an error says, safe to show: the distribution API's errors, or a short plain text.
async fn said(ask: &Ask<'_>, response: &mut Response) -> Box<str> {
    let body = response.start_of_body(ERROR_BYTES_MAX).await;
    let text = match serde_json::from_slice::<ErrorBody>(&body) {
        Ok(ErrorBody { errors }) => errors.first().map(|error| format!("{} {}", error.code, error.message)),
        Err(_) if body.trim_ascii_start().starts_with(b"<") => None,
        Err(_) => Some(String::from_utf8_lossy(&body).into_owned()),
    };
    let text = text.unwrap_or_default();
    let text = match ask.credential {
        Some(credential) => credential.redact(text),
        None => text,
    };
    clean(text.as_bytes()).into()
}

/// The errors of the distribution specification, as far as they are shown.
#[derive(Deserialize)]
struct ErrorBody {
    errors: Vec<ErrorEntry>,
}

#[derive(Deserialize)]
struct ErrorEntry {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}
