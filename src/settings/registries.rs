//! The registries of the settings.

use std::collections::BTreeSet;

use serde_saphyr::Spanned;

use super::check::Check;
use super::wire;
use crate::image::Registry;
use crate::registry::{CONCURRENCY_DEFAULT, CONCURRENCY_MAX, Credentials, RegistrySettings, TokenHost};

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
        ] {
            self.not_built(key.as_ref(), name, "this version logs in by password or token");
        }
        let ca = self.source(at, "ca", entry.ca_file, entry.ca_env);
        let token_hosts = entry.token_hosts.iter().filter_map(|host| self.token_host(host)).collect();
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
        let plain_http = entry.plain_http;
        let settings = RegistrySettings { registry, endpoint, plain_http, ca, credentials, token_hosts, concurrency };
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
        let found = self.findings.len();
        for (key, name) in [(&wire.docker_config_file, "dockerConfigFile"), (&wire.provider, "provider")] {
            self.not_built(key.as_ref(), name, "give `usernameFile` and `passwordFile`, or `tokenFile`");
        }
        let token = self.source(at, "token", wire.token_file.clone(), wire.token_env.clone());
        let username = self.source(at, "username", wire.username_file.clone(), wire.username_env.clone());
        let password = self.source(at, "password", wire.password_file.clone(), wire.password_env.clone());
        let cause = match (username, password, token) {
            (Some(username), Some(password), None) => return Some(Credentials::Basic { username, password }),
            (None, None, Some(token)) => return Some(Credentials::Refresh { token }),
            _ if self.findings.len() > found => return None,
            (_, _, Some(_)) => "`auth` has a token and a user name or password",
            _ => "`auth` has not both a user name and a password",
        };
        self.error(at, cause, "give `usernameFile` and `passwordFile`, or `tokenFile` (or …Env)");
        None
    }

    fn token_host(&mut self, host: &Spanned<String>) -> Option<TokenHost> {
        let parsed = TokenHost::parse(&host.value);
        if parsed.is_err() {
            let cause = format!("`tokenHosts`: `{}` is no host", host.value.escape_debug());
            self.error(host.referenced, cause, "write `host` or `host:port`, without `https://`");
        }
        parsed.ok()
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
