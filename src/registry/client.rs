//! The client: many registries, one door.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::image::{Digest, Registry, Repository, TagList, TagRef};

use super::exchange::Host;
use super::{Patience, RegistryError, RegistrySettings, digest, listing};

/// Reads registries. Clones share connections, limits and what was learnt about each registry.
#[derive(Clone)]
pub struct Client(Arc<Shared>);

struct Shared {
    /// The registries of the settings, and each other one from its first use on.
    hosts: Mutex<BTreeMap<Registry, Arc<Host>>>,
    patience: Patience,
}

impl Client {
    /// Returns a client of the registries of `settings`. Any other registry is asked by https, without a login.
    pub fn new(settings: Vec<RegistrySettings>) -> Result<Self, RegistryError> {
        Self::with_patience(settings, Patience::default())
    }

    /// Returns a client as [`Client::new`] does, that waits as long as `patience` says.
    pub fn with_patience(settings: Vec<RegistrySettings>, patience: Patience) -> Result<Self, RegistryError> {
        let mut hosts = BTreeMap::new();
        for settings in settings {
            let registry = settings.registry.clone();
            let host = Host::new(settings, patience.timeouts)?;
            if hosts.insert(registry.clone(), Arc::new(host)).is_some() {
                return Err(RegistryError::Duplicate { registry });
            }
        }
        Ok(Self(Arc::new(Shared { hosts: Mutex::new(hosts), patience })))
    }

    /// Returns all tags of `repository`, each once, in no order that means anything.
    ///
    /// At most 1,000,000 tags in 64 MiB and 2,000 pages, within 5 minutes; past any of these it is an error, as
    /// everything is that cuts the list short. Strings that are no tags are left out, and counted in the log.
    pub async fn list(&self, repository: &Repository) -> Result<TagList, RegistryError> {
        let host = self.host(repository.registry())?;
        listing::list(&host, repository, &self.0.patience).await
    }

    /// Returns the digest of the manifest or index that `tag` points to now.
    pub async fn digest(&self, repository: &Repository, tag: TagRef<'_>) -> Result<Digest, RegistryError> {
        let host = self.host(repository.registry())?;
        digest::digest(&host, repository, tag, &self.0.patience).await
    }

    fn host(&self, registry: &Registry) -> Result<Arc<Host>, RegistryError> {
        let mut hosts = self.0.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = hosts.get(registry) {
            return Ok(Arc::clone(host));
        }
        let host = Arc::new(Host::new(RegistrySettings::new(registry.clone()), self.0.patience.timeouts)?);
        hosts.insert(registry.clone(), Arc::clone(&host));
        Ok(host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: impl Fn(&mut RegistrySettings)) -> String {
        let mut settings = RegistrySettings::new(Registry::parse("registry.example.com").unwrap());
        change(&mut settings);
        match Client::new(vec![settings]) {
            Ok(_) => "accepted".to_owned(),
            Err(error) => format!("{error}; {}", error.remedy()),
        }
    }

    #[test]
    fn settings_are_checked_before_anything_is_asked() {
        assert_eq!(check(|_| ()), "accepted");
        assert_eq!(check(|settings| settings.concurrency = 32), "accepted");
        let concurrency =
            "`concurrency` of `registry.example.com` is not from 1 to 32; set a number in that range, or leave it out";
        assert_eq!(check(|settings| settings.concurrency = 0), concurrency);
        assert_eq!(check(|settings| settings.concurrency = 33), concurrency);
        assert_eq!(
            check(|settings| settings.endpoint = Some("http://localhost:5000".to_owned())),
            "`registry.example.com` cannot be asked: http://localhost:5000 would be asked without encryption; use https, \
             or say `plainHttp: true` for this host if everybody on the way may read along"
        );
    }

    #[test]
    fn two_entries_for_one_registry_are_refused() {
        let names = ["docker.io", "index.docker.io"];
        let settings = names.map(|name| RegistrySettings::new(Registry::parse(name).unwrap()));
        let error = Client::new(settings.into()).err().unwrap();
        assert_eq!(error.to_string(), "`docker.io` has more than one entry");
    }
}
