//! The registries of the settings.

use std::collections::BTreeSet;

use serde_saphyr::Spanned;

use super::check::Check;
use super::wire;
use crate::image::Registry;
use crate::registry::{CONCURRENCY_DEFAULT, CONCURRENCY_MAX, Credentials, RegistrySettings};

impl Check<'_> {
    pub(super) fn registries(&mut self, entries: Vec<wire::Registry>) -> Vec<RegistrySettings> {
        let mut hosts = BTreeSet::new();
        let mut registries = Vec::new();
        for entry in entries {
            let host = entry.host.clone();
            let Some(registry) = self.registry(entry) else { continue };
            if !hosts.insert(registry.registry.clone()) {
                self.error(
                    host.referenced,
                    format!("the registry `{}` is there twice", registry.registry),
                    "keep one entry for it",
                );
            }
            registries.push(registry);
        }
        registries
    }

    fn registry(&mut self, entry: wire::Registry) -> Option<RegistrySettings> {
        let at = entry.host.referenced;
        for (key, name) in [
            (&entry.client_certificate_file, "clientCertificateFile"),
            (&entry.client_certificate_env, "clientCertificateEnv"),
            (&entry.client_key_file, "clientKeyFile"),
            (&entry.client_key_env, "clientKeyEnv"),
            (&entry.requests_per_second, "requestsPerSecond"),
            (&entry.token_hosts, "tokenHosts"),
        ] {
            self.not_built(key.as_ref(), name, "this version reaches registries with Basic credentials or none");
        }
        let ca = self.source(at, "ca", entry.ca_file, entry.ca_env);
        let credentials = entry.auth.as_ref().and_then(|auth| self.credentials(auth));
        let concurrency = self.concurrency(entry.concurrency.as_ref());
        let registry = match Registry::parse(&entry.host.value) {
            Ok(registry) => registry,
            Err(error) => {
                self.error(at, format!("`host`: {error}"), "write it as image names begin: registry.example.com:5000");
                return None;
            }
        };
        let endpoint = entry.endpoint.map(|endpoint| endpoint.value);
        let settings =
            RegistrySettings { registry, endpoint, plain_http: entry.plain_http, ca, credentials, concurrency };
        match settings.check() {
            Ok(()) => Some(settings),
            Err(error) => {
                self.error(at, error.to_string(), error.remedy());
                None
            }
        }
    }

    fn credentials(&mut self, auth: &Spanned<wire::Auth>) -> Option<Credentials> {
        let (at, wire) = (auth.referenced, &auth.value);
        let later = [
            (&wire.token_file, "tokenFile"),
            (&wire.token_env, "tokenEnv"),
            (&wire.docker_config_file, "dockerConfigFile"),
            (&wire.provider, "provider"),
        ];
        for (key, name) in later {
            self.not_built(key.as_ref(), name, "give `usernameFile` and `passwordFile`");
        }
        let username = self.source(at, "username", wire.username_file.clone(), wire.username_env.clone());
        let password = self.source(at, "password", wire.password_file.clone(), wire.password_env.clone());
        match (username, password) {
            (Some(username), Some(password)) => Some(Credentials { username, password }),
            _ if later.iter().any(|(key, _)| key.is_some()) => None,
            _ => {
                self.error(
                    at,
                    "`auth` has not both a user name and a password",
                    "give `usernameFile` and `passwordFile` (or …Env)",
                );
                None
            }
        }
    }

    fn concurrency(&mut self, concurrency: Option<&Spanned<u32>>) -> usize {
        let Some(concurrency) = concurrency else { return CONCURRENCY_DEFAULT };
        let value = usize::try_from(concurrency.value).unwrap_or(usize::MAX);
        if !(1..=CONCURRENCY_MAX).contains(&value) {
            self.error(
                concurrency.referenced,
                format!("`concurrency` is {value}"),
                format!("write a number from 1 to {CONCURRENCY_MAX}"),
            );
        }
        value
    }
}
