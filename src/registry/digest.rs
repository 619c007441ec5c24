//! The digest that a tag points to.

use crate::image::{Digest, Repository, TagRef};
use crate::net::Method;

use super::exchange::{Answer, Ask, Fault, Host};
use super::patience::Attempts;
use super::session::Session;
use super::{Patience, RegistryError, Server};

/// The largest manifest in bytes: the size that the distribution specification asks registries to take.
const MANIFEST_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// All kinds of manifests. A registry answers 404 for an image whose kind is not among those that are accepted.
const MANIFEST_TYPES: &str = "application/vnd.oci.image.index.v1+json, \
     application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, \
     application/vnd.docker.distribution.manifest.v2+json";
/// The header in which registries name the digest of a manifest.
const DIGEST_HEADER: &str = "docker-content-digest";

/// Returns the digest of the manifest that `tag` points to: what the registry says to a HEAD, or the hash of the
/// manifest where it says nothing.
pub(super) async fn digest(
    host: &Host,
    repository: &Repository,
    tag: TagRef<'_>,
    patience: &Patience,
) -> Result<Digest, RegistryError> {
    let path = format!("/v2/{}/manifests/{tag}", repository.path());
    let lookup = Lookup { session: Session::new(host, repository)?, repository, tag, patience, path };
    match lookup.ask(Method::Head).await? {
        Some(digest) => Ok(digest),
        None => lookup.ask(Method::Get).await?.ok_or_else(|| lookup.bad_answer("it holds no manifest")),
    }
}

struct Lookup<'l> {
    session: Session<'l>,
    repository: &'l Repository,
    tag: TagRef<'l>,
    patience: &'l Patience,
    path: String,
}

impl Lookup<'_> {
    async fn ask(&self, method: Method) -> Result<Option<Digest>, RegistryError> {
        let mut attempts = Attempts::new(self.patience);
        loop {
            match self.try_ask(method).await {
                Ok(digest) => return Ok(digest),
                Err(fault) => attempts.wait_after(fault).await?,
            }
        }
    }

    async fn try_ask(&self, method: Method) -> Result<Option<Digest>, Fault> {
        let ask = Ask {
            tag: Some(self.tag),
            method,
            path: &self.path,
            query: None,
            accept: MANIFEST_TYPES,
            body_bytes_max: MANIFEST_BYTES_MAX,
        };
        let Answer { mut response, permit } = self.session.ask(&ask).await?;
        let said = response.headers(DIGEST_HEADER).next().map(Digest::parse).transpose();
        let said = said.map_err(|_| Fault::Final(self.bad_answer("its `Docker-Content-Digest` is no digest")))?;
        if method == Method::Head {
            return Ok(said);
        }
        let manifest = response.body().await.map_err(|error| Fault::of_net(self.repository, error))?;
        drop(permit);
        let hashed = Digest::sha256_of(&manifest);
        match said {
            Some(said) if said.as_str().starts_with("sha256:") && said != hashed => {
                let reason = format!("it names {said} as the digest of a manifest that hashes to {hashed}");
                Err(Fault::Final(self.bad_answer(&reason)))
            }
            _ => Ok((!manifest.is_empty()).then_some(hashed)),
        }
    }

    fn bad_answer(&self, reason: &str) -> RegistryError {
        let (repository, server) = (self.repository.clone(), Server::Registry);
        RegistryError::BadAnswer { repository, server, reason: reason.into() }
    }
}
