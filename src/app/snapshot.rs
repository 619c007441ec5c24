//! What a repository holds at one commit, as far as the automator cares: the files with markers.

use std::sync::Arc;

use crate::finding::{Finding, Position};
use crate::git::{CommitId, GitError, Remote, TreeFile};
use crate::manifest::{FILE_BYTES_MAX, find, may_hold_markers};
use crate::plan::File;
use crate::policy::PathGlob;

/// The endings of the names of files that are read, in lower case; others may show markers as examples.
const ENDINGS: &[&str] = &[".yaml", ".yml", ".json"];

/// The one name without an ending that is read (Kustomize).
const KUSTOMIZATION: &str = "Kustomization";

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

/// Reads the tip of the branch; nothing outside of `paths` is read, an empty list being everything.
pub(super) fn snapshot(remote: &Remote, paths: &[PathGlob]) -> Result<Snapshot, GitError> {
    let at = remote.tip()?;
    let mut candidates = Vec::new();
    remote.files(at, &mut |file| {
        // What is no regular file is never read and never written.
        if let TreeFile::Regular { path, blob, executable } = file
            && is_read(path, paths)
        {
            candidates.push((Arc::<str>::from(path), blob, executable));
        }
    })?;
    let mut snapshot = Snapshot { at, files: Vec::new(), findings: Vec::new() };
    for (path, blob, executable) in candidates {
        match remote.read(blob, FILE_BYTES_MAX as u64) {
            Ok(bytes) if may_hold_markers(&bytes) => snapshot.take(path, bytes, executable),
            Ok(_) => {}
            Err(GitError::TooLarge { size, .. }) => snapshot.findings.push(too_large(path, size)),
            Err(error) => return Err(error),
        }
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

fn is_read(path: &str, paths: &[PathGlob]) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let lower = name.to_ascii_lowercase();
    let is_yaml = name == KUSTOMIZATION || ENDINGS.iter().any(|ending| lower.ends_with(ending));
    is_yaml && (paths.is_empty() || paths.iter().any(|glob| glob.matches(path)))
}

fn too_large(path: Arc<str>, size: u64) -> Finding {
    let cause = format!("the file has {size} bytes, and at most {FILE_BYTES_MAX} are read; markers in it are not seen");
    Finding::warning(Position::file(path), cause, "split the file, or leave it out with the repository's `paths`")
}
