//! Every file of a commit, one after the other.

use std::collections::BTreeSet;

use git2::Oid;

use super::error::GitError;
use super::objects::Objects;
use super::tree::{Entry, Mode, entries};
use super::{BlobId, CommitId};

/// Files, links and submodules of one commit that are looked at.
const FILES_MAX: usize = 200_000;

/// Folders of one commit that are looked at; a folder that stands in many places counts in each.
const FOLDERS_MAX: usize = 200_000;

/// How deep folders are entered: a file may have 64 folders above it.
pub(super) const DEPTH_MAX: usize = 64;

/// Bytes of a path, as on Linux.
const PATH_BYTES_MAX: usize = 4096;

/// Something in a commit's folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreeFile<'t> {
    /// A file with content of its own.
    Regular {
        /// Its path from the root: UTF-8 without control characters, no `.`, `..` or `.git` in it, at most 4,096 bytes.
        path: &'t str,
        /// Its content.
        blob: BlobId,
        /// Whether it may be executed.
        executable: bool,
    },
    /// A file or a whole folder that is neither read nor edited.
    Skipped {
        /// Its path from the root: any bytes at all.
        path: &'t [u8],
        /// Why.
        reason: SkipReason,
    },
}

/// Why a file or folder is neither read nor edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SkipReason {
    /// It is a symbolic link.
    SymbolicLink,
    /// It is a submodule.
    Submodule,
    /// Its name is not UTF-8, holds a control character, means something to Git or to the file system (`.git`, `..`),
    /// or makes the path longer than 4,096 bytes; or it is in its folder twice, or of a kind that Git does not write.
    OddName,
    /// It lies deeper than 64 folders.
    TooDeep,
}

/// Shows every file of the folder `root` of `commit` to `visit`, in Git's order.
pub(super) fn walk(
    objects: &Objects<'_>,
    repository: &str,
    commit: CommitId,
    root: Oid,
    visit: &mut dyn FnMut(TreeFile<'_>),
) -> Result<(), GitError> {
    let budget = Budget::new(repository, commit);
    Walk { objects, budget, path: String::new(), visit }.folder(root, 0)
}

/// What may still be looked at in one commit.
pub(super) struct Budget<'r> {
    repository: &'r str,
    commit: CommitId,
    files: usize,
    folders: usize,
}

impl<'r> Budget<'r> {
    pub(super) fn new(repository: &'r str, commit: CommitId) -> Self {
        Self { repository, commit, files: FILES_MAX, folders: FOLDERS_MAX }
    }

    /// Takes one entry from the budget.
    pub(super) fn take(&mut self, mode: Mode) -> Result<(), GitError> {
        let (left, what, max) = match mode {
            Mode::Folder => (&mut self.folders, "folders", FOLDERS_MAX),
            _ => (&mut self.files, "files", FILES_MAX),
        };
        let (repository, commit) = (self.repository, self.commit);
        let too_many = || GitError::TooMany { repository: repository.into(), commit, what, max };
        *left = left.checked_sub(1).ok_or_else(too_many)?;
        Ok(())
    }
}

struct Walk<'w> {
    objects: &'w Objects<'w>,
    budget: Budget<'w>,
    /// The folder that is being shown, with a slash at its end; empty at the root.
    path: String,
    visit: &'w mut dyn FnMut(TreeFile<'_>),
}

impl Walk<'_> {
    fn folder(&mut self, id: Oid, depth: usize) -> Result<(), GitError> {
        let folder = self.objects.folder(id)?;
        let repeated = repeated_names(folder.data());
        for entry in entries(folder.data()) {
            let entry = entry.map_err(|_| self.objects.malformed_folder(id))?;
            self.budget.take(entry.mode)?;
            self.entry(&entry, depth, repeated.contains(entry.name))?;
        }
        Ok(())
    }

    fn entry(&mut self, entry: &Entry<'_>, depth: usize, repeated: bool) -> Result<(), GitError> {
        let plain = plain_name(entry.name).filter(|name| self.path.len() + name.len() <= PATH_BYTES_MAX && !repeated);
        let (name, reason) = match (plain, entry.mode) {
            (_, Mode::SymbolicLink) => (None, SkipReason::SymbolicLink),
            (_, Mode::Submodule) => (None, SkipReason::Submodule),
            (Some(_), Mode::Folder) if depth == DEPTH_MAX => (None, SkipReason::TooDeep),
            (_, Mode::Other) => (None, SkipReason::OddName),
            (name, _) => (name, SkipReason::OddName),
        };
        let Some(name) = name else {
            let path = [self.path.as_bytes(), entry.name].concat();
            (self.visit)(TreeFile::Skipped { path: &path, reason });
            return Ok(());
        };
        let folder_bytes = self.path.len();
        self.path.push_str(name);
        if entry.mode == Mode::Folder {
            self.path.push('/');
            self.folder(entry.id, depth + 1)?;
        } else {
            let executable = entry.mode == Mode::Executable;
            (self.visit)(TreeFile::Regular { path: &self.path, blob: BlobId(entry.id), executable });
        }
        self.path.truncate(folder_bytes);
        Ok(())
    }
}

/// Returns the names that a folder has more than once, which Git never writes: it is unclear which one is meant.
fn repeated_names(folder: &[u8]) -> BTreeSet<&[u8]> {
    let mut names: Vec<_> = entries(folder).filter_map(Result::ok).map(|entry| entry.name).collect();
    names.sort_unstable();
    let is_repeated = |pair: &&[&[u8]]| matches!(pair, [one, other] if one == other);
    names.windows(2).filter(is_repeated).filter_map(|pair| pair.first().copied()).collect()
}

/// Returns the name as text if it means nothing but a name to every reader.
fn plain_name(name: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(name).ok()?;
    let odd = matches!(text, "" | "." | "..")
        || text.eq_ignore_ascii_case(".git")
        || text.chars().any(|char| char.is_control() || char == '/');
    (!odd).then_some(text)
}
