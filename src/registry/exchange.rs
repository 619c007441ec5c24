//! One registry, and one request to it: how many at once, and over which connections.

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};

use crate::image::{Repository, TagRef};
use crate::net::{
    Audience, CA_BYTES_MAX, Credential, Endpoint, Http, Method, NetError, Origin, Reach, Realm, Request, Response,
    Timeouts,
};
use crate::secret::{Secret, SecretSource};

use super::session::Way;
use super::settings::{CONCURRENCY_MAX, Credentials};
use super::token::Tokens;
use super::{RegistryError, RegistrySettings};

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
    /// The tag that is asked for, where it is one and not the list of them.
    pub(super) tag: Option<TagRef<'a>>,
    pub(super) method: Method,
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
    pub(super) accept: &'static str,
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
    audience: Audience,
    timeouts: Timeouts,
    http: OnceCell<Http>,
    /// The client of the token server that was asked last: a registry has one.
    token_http: Mutex<Option<TokenServer>>,
    permits: Semaphore,
    pub(super) tokens: Tokens,
    way: Mutex<Option<Arc<Way>>>,
    /// The step of the ladder of page sizes that this registry last accepted.
    pub(super) rung: AtomicUsize,
}

struct TokenServer {
    origin: Origin,
    reach: Reach,
    http: Arc<Http>,
}

impl Host {
    /// Checks the settings of a registry.
    pub(super) fn new(settings: RegistrySettings, timeouts: Timeouts) -> Result<Self, RegistryError> {
        if !(1..=CONCURRENCY_MAX).contains(&settings.concurrency) {
            return Err(RegistryError::Concurrency { registry: settings.registry });
        }
        let endpoint = settings.address()?;
        Ok(Self {
            audience: settings.audience(endpoint.origin()),
            permits: Semaphore::new(settings.concurrency),
            http: OnceCell::new(),
            token_http: Mutex::default(),
            tokens: Tokens::default(),
            way: Mutex::default(),
            rung: AtomicUsize::new(0),
            settings,
            endpoint,
            timeouts,
        })
    }

    /// Returns the registry's origin.
    pub(super) fn origin(&self) -> &Origin {
        self.endpoint.origin()
    }

    /// Returns who may receive this registry's login.
    pub(super) fn audience(&self) -> &Audience {
        &self.audience
    }

    /// Returns how this registry wants to be logged in to, once it has said so.
    pub(super) fn way(&self) -> Option<Arc<Way>> {
        self.way.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps how this registry wants to be logged in to.
    pub(super) fn learn(&self, way: Way) {
        *self.way.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(way));
    }

    /// Returns the login as its files are now.
    pub(super) fn credential(&self, repository: &Repository) -> Result<Option<Credential>, RegistryError> {
        let audience = || self.audience.clone();
        let credential = match &self.settings.credentials {
            None => return Ok(None),
            Some(Credentials::Refresh { token }) => Ok(Credential::refresh(audience(), self.read(token)?)),
            Some(Credentials::Basic { username, password }) => {
                let (username, password) = (self.read(username)?, self.read(password)?);
                Credential::basic(audience(), &username, password)
            }
        };
        credential.map(Some).map_err(|source| RegistryError::Net { repository: repository.clone(), source })
    }

    fn read(&self, source: &SecretSource) -> Result<Secret, RegistryError> {
        source.read().map_err(|source| RegistryError::Secret { registry: self.settings.registry.clone(), source })
    }

    /// Waits until there is room for one more request.
    pub(super) async fn permit(&self) -> SemaphorePermit<'_> {
        self.permits.acquire().await.expect("because nobody closes the semaphore")
    }

    /// Makes one request with this credential, whatever the answer's status.
    pub(super) async fn send(
        &self,
        repository: &Repository,
        ask: &Ask<'_>,
        credential: Option<&Credential>,
    ) -> Result<Response, Fault> {
        let make = || async { self.connect(repository, self.endpoint.clone(), Reach::Anywhere) };
        let http = self.http.get_or_try_init(make).await?;
        let request = Request {
            method: ask.method,
            path: ask.path,
            query: ask.query,
            form: None,
            accept: ask.accept,
            credential,
            body_bytes_max: ask.body_bytes_max,
        };
        http.send(request).await.map_err(|error| Fault::of_net(repository, error))
    }

    /// Returns the client for a token server, which is kept while it is the same.
    pub(super) fn token_http(&self, repository: &Repository, realm: &Realm, reach: Reach) -> Result<Arc<Http>, Fault> {
        let mut known = self.token_http.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = known.as_ref().filter(|server| server.origin == *realm.origin() && server.reach == reach)
        {
            return Ok(Arc::clone(&server.http));
        }
        let http = Arc::new(self.connect(repository, realm.endpoint().clone(), reach)?);
        *known = Some(TokenServer { origin: realm.origin().clone(), reach, http: Arc::clone(&http) });
        Ok(http)
    }

    /// Makes a client, at the first request: what is wrong with one registry's certificates is then no matter for the
    /// others.
    fn connect(&self, repository: &Repository, endpoint: Endpoint, reach: Reach) -> Result<Http, Fault> {
        let read = self.settings.ca.as_ref().map(|ca| ca.read_at_most(CA_BYTES_MAX)).transpose();
        let ca = read.map_err(|source| {
            Fault::Final(RegistryError::Secret { registry: self.settings.registry.clone(), source })
        })?;
        let ca = ca.as_ref().map(Secret::expose);
        Http::new(endpoint, ca, self.timeouts, reach).map_err(|error| Fault::of_net(repository, error))
    }
}
