//! `automator.yaml` as people write it. Every key of the contract is known here, so that one that this version
//! does not have yet is refused by name and never mistaken for a misspelling.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_saphyr::Spanned;

pub(super) use crate::policy::wire::Defaults;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct Settings {
    pub instance: Option<Spanned<String>>,
    pub policies: Option<OneOrMany>,
    pub cache_dir: Option<String>,
    pub defaults: Option<Defaults>,
    pub repositories: Vec<Repository>,
    pub registries: Vec<Registry>,
    pub notifications: Option<Spanned<Vec<IgnoredAny>>>,
    pub server: Option<Spanned<IgnoredAny>>,
}

/// One text or a list of them.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// A config repository.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Repository {
    pub name: Spanned<String>,
    pub url: Option<Spanned<String>>,
    pub branch: Option<Spanned<String>>,
    pub push: Option<Spanned<IgnoredAny>>,
    #[serde(default)]
    pub paths: Vec<Spanned<String>>,
    pub poll: Option<Spanned<String>>,
    #[expect(dead_code, reason = "a repository by path always has its whole history")]
    pub depth: Option<u32>,
    pub auth: Option<Spanned<IgnoredAny>>,
    pub author: Option<Spanned<Person>>,
    pub signing: Option<Spanned<Signing>>,
    pub commit: Option<Commit>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Person {
    pub name: String,
    pub email: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Signing {
    pub format: Format,
    pub key_file: Option<String>,
    pub key_env: Option<String>,
    pub passphrase_file: Option<String>,
    pub passphrase_env: Option<String>,
    pub allowed_signers_file: Option<Spanned<IgnoredAny>>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    Ssh,
    Openpgp,
    None,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Commit {
    pub group: Option<Spanned<Group>>,
    pub settle: Option<Spanned<String>>,
    pub message: Option<Spanned<IgnoredAny>>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Group {
    All,
    Policy,
}

/// A registry.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Registry {
    pub host: Spanned<String>,
    pub endpoint: Option<Spanned<String>>,
    #[serde(default)]
    pub plain_http: bool,
    pub ca_file: Option<String>,
    pub ca_env: Option<String>,
    pub client_certificate_file: Option<Spanned<IgnoredAny>>,
    pub client_certificate_env: Option<Spanned<IgnoredAny>>,
    pub client_key_file: Option<Spanned<IgnoredAny>>,
    pub client_key_env: Option<Spanned<IgnoredAny>>,
    pub auth: Option<Spanned<Auth>>,
    pub requests_per_second: Option<Spanned<IgnoredAny>>,
    pub concurrency: Option<Spanned<u32>>,
    #[serde(default)]
    pub token_hosts: Vec<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Auth {
    pub username_file: Option<String>,
    pub username_env: Option<String>,
    pub password_file: Option<String>,
    pub password_env: Option<String>,
    pub token_file: Option<String>,
    pub token_env: Option<String>,
    pub docker_config_file: Option<Spanned<IgnoredAny>>,
    pub provider: Option<Spanned<IgnoredAny>>,
}
