//! What a repository holds at one commit, as far as the automator cares: the files with markers.

use std::sync::Arc;

use super::failure::Trouble;
use super::keeper::Keeper;
use crate::finding::{Finding, Position};
use crate::git::{CommitId, GitError, Remote, SkipReason, TreeFile};
use crate::manifest::{FILE_BYTES_MAX, find, may_hold_markers};
use crate::plan::File;
use crate::policy::PathGlob;
use crate::settings::ConfigRepository;
use crate::text::visible;

/// The endings of the names of files that are read, in lower case; others may show markers as examples.
const ENDINGS: &[&str] = &[".yaml", ".yml", ".json"];

/// The one name without an ending that is read (Kustomize).
const KUSTOMIZATION: &str = "Kustomization";

/// The folder that holds the automator's own records, which are never targets.
const OWN_FOLDER: &str = ".automator";

/// The most bytes of marked files that are held at once; the largest public repositories have a few MiB.
const MARKED_BYTES_MAX: usize = 128 * 1024 * 1024;

/// The marked files of one commit.
#[derive(Debug)]
pub(super) struct Snapshot {
    /// The commit.
    pub at: CommitId,
    /// The files that have places, in the order of the tree.
    pub files: Vec<File>,
    /// What is wrong with markers and files.
    pub findings: Vec<Finding>,
}

/// Starts a thread for the repository and reads the tip of its branch there.
pub(super) async fn snapshot_of(repository: &ConfigRepository) -> Result<Snapshot, Trouble> {
    let scope = Scope::of(repository);
    Keeper::start(repository).await?.ask(move |remote| snapshot(remote, &scope)).await
}

/// What of a repository is read.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    paths: Vec<PathGlob>,
    own: Vec<Box<str>>,
}

impl Scope {
    /// Returns what the settings say.
    pub(super) fn of(repository: &ConfigRepository) -> Self {
        Self { paths: repository.paths.clone(), own: repository.own_paths.clone() }
    }

    /// Returns whether a file may be read and written: by its name, by `paths`, and because it is not the automator's own.
    fn covers(&self, path: &str) -> bool {
        let is_own = |own: &str| path.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        is_yaml(path)
            && (self.paths.is_empty() || self.paths.iter().any(|glob| glob.matches(path)))
            && !is_own(OWN_FOLDER)
            && !self.own.iter().any(|own| is_own(own))
    }
}

/// Reads the tip of the branch; nothing outside of `scope` is read or reported.
pub(super) fn snapshot(remote: &Remote, scope: &Scope) -> Result<Snapshot, GitError> {
    let at = remote.tip()?;
    let mut snapshot = Snapshot { at, files: Vec::new(), findings: Vec::new() };
    let mut candidates = Vec::new();
    remote.files(at, &mut |file| match file {
        TreeFile::Regular { path, blob, executable } if scope.covers(path) => {
            candidates.push((Arc::<str>::from(path), blob, executable));
        }
        TreeFile::Skipped { path, reason: reason @ (SkipReason::OddName | SkipReason::TooDeep) } => {
            snapshot.findings.extend(skipped(&String::from_utf8_lossy(path), reason, scope));
        }
        TreeFile::Regular { .. } | TreeFile::Skipped { .. } => {}
    })?;
    let mut budget = MARKED_BYTES_MAX;
    for (path, blob, executable) in candidates {
        let bytes = match remote.read(blob, FILE_BYTES_MAX as u64) {
            Ok(bytes) => bytes,
            Err(GitError::TooLarge { size, .. }) => {
                snapshot.findings.push(too_large(path, size));
                continue;
            }
            Err(error) => return Err(error),
        };
        if !may_hold_markers(&bytes) {
            continue;
        }
        let Some(rest) = budget.checked_sub(bytes.len()) else {
            snapshot.findings.push(too_much(path));
            break;
        };
        budget = rest;
        snapshot.take(path, bytes, executable);
    }
    Ok(snapshot)
}

impl Snapshot {
    fn take(&mut self, path: Arc<str>, bytes: Vec<u8>, executable: bool) {
        let found = find(&path, &bytes);
        self.findings.extend(found.findings);
        if !found.places.is_empty() {
            self.files.push(File { path, bytes: bytes.into(), executable, places: found.places });
        }
    }
}

fn is_yaml(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let lower = name.to_ascii_lowercase();
    name == KUSTOMIZATION || ENDINGS.iter().any(|ending| lower.ends_with(ending))
}

/// Returns a finding for a file that would be read but for its name or depth.
fn skipped(path: &str, reason: SkipReason, scope: &Scope) -> Option<Finding> {
    let (cause, remedy) = match reason {
        SkipReason::TooDeep => ("the folder lies too deep and is not read", "move what is in it up"),
        _ if scope.covers(path) => {
            ("the file's name is odd, so the file is not read", "give it a name of plain UTF-8, once")
        }
        _ => return None,
    };
    Some(Finding::warning(
        Position::file(visible(path).into_owned()),
        format!("{cause}; markers in it are not seen"),
        remedy,
    ))
}

fn too_much(path: Arc<str>) -> Finding {
    let cause =
        format!("the marked files hold more than {MARKED_BYTES_MAX} bytes, and from this one on they are not read");
    Finding::error(Position::file(path), cause, "narrow the repository's `paths`, or split it between automators")
}

fn too_large(path: Arc<str>, size: u64) -> Finding {
    let cause = format!("the file has {size} bytes, and at most {FILE_BYTES_MAX} are read; markers in it are not seen");
    Finding::warning(Position::file(path), cause, "split the file, or leave it out with the repository's `paths`")
}
