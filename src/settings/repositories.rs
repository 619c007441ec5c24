//! The config repositories of the settings.

use std::collections::BTreeSet;
use std::path::Path;

use serde_saphyr::{Location as Place, Spanned};

use super::check::Check;
use super::own::real;
use super::wire;
use super::{ConfigRepository, Signing};
use crate::finding::{Finding, Position};
use crate::git::{Checkout, Location, Person, checkout_around};
use crate::policy::PathGlob;

/// Who commits when nobody is named.
const AUTHOR: (&str, &str) = ("Deployment Automator", "automator@localhost");

/// The branch of a repository with a URL and no branch.
const BRANCH: &str = "main";

/// The name of the repository when there is no entry for it.
const REPOSITORY: &str = "config";

impl Check<'_> {
    pub(super) fn repositories(&mut self, entries: Vec<wire::Repository>) -> Vec<ConfigRepository> {
        if entries.is_empty() {
            return self.surrounding().into_iter().collect();
        }
        let mut names = BTreeSet::new();
        let mut repositories = Vec::new();
        for entry in entries {
            if !names.insert(entry.name.value.clone()) {
                self.error(
                    entry.name.referenced,
                    format!("two repositories are named `{}`", entry.name.value),
                    "give each a name of its own",
                );
            }
            let at = entry.url.as_ref().map_or(entry.name.referenced, |url| url.referenced);
            repositories
                .extend(self.repository(&entry).filter(|repository| self.is_new(repository, &repositories, at)));
        }
        repositories
    }

    /// Refuses a branch that another entry writes: one branch has one writer.
    fn is_new(&mut self, repository: &ConfigRepository, others: &[ConfigRepository], at: Place) -> bool {
        let path = real(&repository.location);
        let is_same = |other: &&ConfigRepository| {
            path.is_some() && other.branch == repository.branch && real(&other.location) == path
        };
        let Some(other) = others.iter().find(is_same) else { return true };
        let cause = format!("`{}` and `{}` are one branch of one repository", other.name, repository.name);
        self.error(at, cause, "keep one of the two entries");
        false
    }

    /// Returns the repository of the checkout that the settings file lies in.
    fn surrounding(&mut self) -> Option<ConfigRepository> {
        let (location, branch) = self.origin(self.whole())?;
        let branch = branch.or_else(|| self.no_branch(self.whole()))?;
        let author = Person::new(AUTHOR.0, AUTHOR.1).ok()?;
        let (name, branch) = (REPOSITORY.into(), branch.into());
        Some(ConfigRepository {
            name,
            location,
            branch,
            paths: Vec::new(),
            own_paths: Vec::new(),
            author,
            signing: None,
        })
    }

    fn repository(&mut self, entry: &wire::Repository) -> Option<ConfigRepository> {
        self.not_built(entry.push.as_ref(), "push", "commits go to `branch` itself");
        self.not_built(entry.auth.as_ref(), "auth", "a repository by path needs none");
        self.duration(entry.poll.as_ref(), "poll");
        if let Some(commit) = &entry.commit {
            self.duration(commit.settle.as_ref(), "settle");
            self.not_built(commit.message.as_ref(), "message", "the message has its default form");
            let by_policy = commit.group.as_ref().filter(|group| group.value == wire::Group::Policy);
            self.not_built(by_policy, "group: policy", "all changes of a scan go into one commit");
        }
        let name = self.name(&entry.name, "name");
        let location = self.location(entry);
        let paths = entry.paths.iter().filter_map(|path| self.path(path)).collect();
        let author = self.author(entry.author.as_ref());
        let signing = entry.signing.as_ref().map(|signing| self.signing(signing));
        let (location, branch) = location?;
        // A signing that is wrong has its finding, and settings with a finding are not used.
        let signing = signing.flatten();
        Some(ConfigRepository {
            name: name?,
            location,
            branch: branch.into(),
            paths,
            own_paths: Vec::new(),
            author: author?,
            signing,
        })
    }

    fn location(&mut self, entry: &wire::Repository) -> Option<(Location, String)> {
        let branch = entry.branch.as_ref().map(|branch| branch.value.clone());
        let Some(url) = &entry.url else {
            let (location, current) = self.origin(self.document.at(entry.name.referenced))?;
            let branch = branch.or(current).or_else(|| self.no_branch(self.document.at(entry.name.referenced)))?;
            return Some((location, branch));
        };
        match Location::parse(&url.value) {
            Ok(location) => Some((location.counted_from(self.folder), branch.unwrap_or_else(|| BRANCH.to_owned()))),
            Err(error) => {
                self.error(url.referenced, format!("`url`: {error}"), error.remedy());
                None
            }
        }
    }

    /// Returns the remote `origin` and the current branch of the checkout around the settings file.
    fn origin(&mut self, at: Position) -> Option<(Location, Option<String>)> {
        let folder = if self.folder.as_os_str().is_empty() { Path::new(".") } else { self.folder };
        let url = match checkout_around(folder) {
            Ok(Some(Checkout { origin_url: Some(url), branch, .. })) => {
                Location::parse(&url).map(|location| (location, branch))
            }
            Ok(_) => {
                let cause = "no `url` is given, and the settings lie in no checkout with a remote `origin`";
                self.findings.push(Finding::error(
                    at,
                    cause,
                    "add `repositories` with the `url` of the config repository",
                ));
                return None;
            }
            Err(error) => {
                self.findings.push(Finding::error(
                    at,
                    format!("the checkout around the settings: {error}"),
                    error.remedy(),
                ));
                return None;
            }
        };
        url.map_err(|error| {
            self.findings.push(Finding::error(at, format!("the remote `origin`: {error}"), error.remedy()));
        })
        .ok()
    }

    fn no_branch(&mut self, at: Position) -> Option<String> {
        let cause = "no `branch` is given, and the checkout around the settings is on none";
        self.findings.push(Finding::error(at, cause, "add `branch`, or check out a branch"));
        None
    }

    fn path(&mut self, path: &Spanned<String>) -> Option<PathGlob> {
        match PathGlob::compile(&path.value) {
            Ok(glob) => Some(glob),
            Err(error) => {
                self.error(
                    path.referenced,
                    format!("`paths`: {error}"),
                    "write a path from the repository's root, such as apps/**",
                );
                None
            }
        }
    }

    fn author(&mut self, author: Option<&Spanned<wire::Person>>) -> Option<Person> {
        let (name, email) = author.map_or(AUTHOR, |author| (&author.value.name, &author.value.email));
        match (Person::new(name, email), author) {
            (Ok(person), _) => Some(person),
            (Err(error), Some(author)) => {
                self.error(author.referenced, format!("`author`: {error}"), error.remedy());
                None
            }
            (Err(_), None) => None,
        }
    }

    fn signing(&mut self, signing: &Spanned<wire::Signing>) -> Option<Signing> {
        let (at, wire) = (signing.referenced, &signing.value);
        self.not_built(
            wire.allowed_signers_file.as_ref(),
            "allowedSignersFile",
            "it serves `automator history`, which is not there yet",
        );
        let key = self.source(at, "key", wire.key_file.clone(), wire.key_env.clone());
        let passphrase = self.source(at, "passphrase", wire.passphrase_file.clone(), wire.passphrase_env.clone());
        match (wire.format, key) {
            (wire::Format::Ssh, Some(key)) => Some(Signing::Ssh { key, passphrase }),
            (wire::Format::None, None) if passphrase.is_none() => Some(Signing::None),
            (wire::Format::Ssh, None) => {
                self.error(
                    at,
                    "`signing` has the format ssh and no key",
                    "add `keyFile` (or `keyEnv`) with a private key in OpenSSH's format",
                );
                None
            }
            (wire::Format::None, _) => {
                self.error(
                    at,
                    "`signing` has the format none and a key or passphrase",
                    "write `format: ssh` to sign, or remove the key",
                );
                None
            }
            (wire::Format::Openpgp, _) => {
                self.error(
                    at,
                    "the signing format `openpgp` is not built yet in this version",
                    "sign with an SSH key: `format: ssh`",
                );
                None
            }
        }
    }
}
