//! Policy files: found in folders, read, and kept apart, so that a broken one stops nobody else's.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Settings, read_file};
use crate::finding::{Finding, Position, Severity};
use crate::policy::{Parsed, Policy, parse_with, without_duplicates};

/// How many folders deep policy files are looked for.
const FOLDER_DEPTH_MAX: usize = 16;

/// How many policy files are read.
const FILES_MAX: usize = 10_000;

/// The policies that can be used, and what is wrong with the others.
#[derive(Debug)]
pub struct Policies {
    /// In the order of their files.
    pub policies: Vec<Policy>,
    /// What people should mend.
    pub findings: Vec<Finding>,
}

impl Policies {
    /// Returns whether every policy file could be read whole, so that a name which is not here exists nowhere.
    pub fn are_complete(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity != Severity::Error)
    }
}

/// Reads every policy that the settings name. Two policies of one name are both left out, with a finding for each.
pub fn read_policies(settings: &Settings) -> Policies {
    let Search { mut findings, files, .. } = Search::of(&settings.policies);
    let files_are_missing = files.is_empty() && findings.is_empty();
    let mut policies = Vec::new();
    for path in files {
        let shown = path.to_string_lossy();
        match read_file(&path) {
            Ok(bytes) => {
                let parsed = parse_with(&shown, &bytes, &settings.defaults, &settings.zones);
                policies.extend(parsed.policies);
                findings.extend(parsed.findings);
            }
            Err(error) => findings.push(unreadable(&path, &error)),
        }
    }
    if files_are_missing {
        let remedy =
            "write a policy (docs/reference/policies.md), or name another folder with `policies` in the settings";
        findings.push(Finding::warning(settings.position.clone(), "there are no policies", remedy));
    }
    let Parsed { policies, findings: clashes } = without_duplicates(policies);
    findings.extend(clashes);
    let misplaced: Vec<_> = policies.iter().flat_map(|policy| misplaced(policy, settings)).collect();
    let is_placed = |policy: &Policy| misplaced.iter().all(|finding| finding.position != policy.position);
    let policies = policies.into_iter().filter(is_placed).collect();
    findings.extend(misplaced);
    Policies { policies, findings }
}

/// Returns what is wrong with the repositories that a policy names.
fn misplaced(policy: &Policy, settings: &Settings) -> Vec<Finding> {
    let names: Vec<_> = settings.repositories.iter().map(|repository| &*repository.name).collect();
    let wrong = policy.write.iter().filter_map(|write| match write.repository.as_deref() {
        None if names.len() > 1 => Some("the policy does not say which repository it writes".to_owned()),
        Some(name) if !names.contains(&name) => {
            Some(format!("the policy writes the repository `{name}`, which the settings do not have"))
        }
        _ => None,
    });
    let remedy = format!("write `write: {{ repository: NAME }}` with one of {}", names.join(", "));
    wrong.map(|cause| Finding::error(policy.position.clone(), cause, remedy.clone())).collect()
}

/// Looks for files; each real file is taken once, whatever links lead to it.
#[derive(Default)]
struct Search {
    files: Vec<PathBuf>,
    seen: BTreeSet<PathBuf>,
    findings: Vec<Finding>,
    is_full: bool,
}

/// Returns the policy files behind these paths, whatever links lead to them.
pub(super) fn policy_files(paths: &[PathBuf]) -> Vec<PathBuf> {
    Search::of(paths).files
}

impl Search {
    fn of(paths: &[PathBuf]) -> Self {
        let mut search = Self::default();
        for path in paths {
            search.enter(path, 0, true);
        }
        search
    }

    /// Takes a file, or what is in a folder. In folders only YAML files count; a path that was `named` has to be one or the
    /// other, since anything else could hold the reader up for ever.
    fn enter(&mut self, path: &Path, depth: usize, named: bool) {
        let is_yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        let real = match fs::canonicalize(path) {
            Ok(real) => real,
            Err(error) if named || is_yaml => return self.findings.push(unreadable(path, &error)),
            Err(_) => return,
        };
        if real.is_dir() {
            if self.seen.insert(real) {
                self.enter_folder(path, depth);
            }
        } else if real.is_file() && (named || is_yaml) {
            if self.seen.insert(real) {
                self.take(path);
            }
        } else if named {
            let cause = "this is neither a file nor a folder";
            self.findings.push(Finding::error(shown(path), cause, "check `policies` in the settings"));
        }
    }

    fn take(&mut self, path: &Path) {
        if self.files.len() < FILES_MAX {
            self.files.push(path.to_owned());
        } else if !self.is_full {
            self.is_full = true;
            let cause =
                format!("there are more than {FILES_MAX} policy files; this one and those after it are not read");
            let remedy = "write several policies into one file, with `---` between them";
            self.findings.push(Finding::error(shown(path), cause, remedy));
        }
    }

    fn enter_folder(&mut self, folder: &Path, depth: usize) {
        if depth == FOLDER_DEPTH_MAX {
            let cause = format!("the folder lies more than {FOLDER_DEPTH_MAX} folders deep and is not read");
            return self.findings.push(Finding::error(shown(folder), cause, "move the policies up"));
        }
        match names(folder) {
            Ok(names) => names.into_iter().for_each(|path| self.enter(&path, depth + 1, false)),
            Err(error) => self.findings.push(unreadable(folder, &error)),
        }
    }
}

/// Returns what a folder holds, sorted; names that begin with a dot are none of ours (the `..data` of a mounted Kubernetes `ConfigMap` among them).
#[expect(clippy::disallowed_methods, reason = "policies are files in folders")]
fn names(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

fn shown(path: &Path) -> Position {
    Position::file(Arc::<str>::from(path.to_string_lossy()))
}

fn unreadable(path: &Path, error: &io::Error) -> Finding {
    let remedy = "check `policies` in the settings, and the permissions of the file or folder";
    Finding::error(shown(path), format!("policies cannot be read here: {error}"), remedy)
}
