//! Which files differ between two commits.
//!
//! Our own merge of sorted folders, which skips every folder that both have under one object name: libgit2's
//! comparison walks much more and takes milliseconds where this takes microseconds (`docs/design/git.md`).

use std::iter::Peekable;

use git2::{OdbObject, Oid};

use super::error::GitError;
use super::files::{Budget, DEPTH_MAX};
use super::objects::Objects;
use super::tree::{Entry, Malformed, Mode, entries};
use super::{BlobId, CommitId};

/// A path with something else at it in another commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DifferingFile {
    /// The path from the root: any bytes at all.
    pub path: Vec<u8>,
    /// What was there; nothing if it has been added.
    pub before: Option<FileState>,
    /// What is there; nothing if it has been removed.
    pub after: Option<FileState>,
}

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileState {
    /// Its content; the text of a symbolic link; the commit of a submodule; a folder too deep to be entered.
    pub blob: BlobId,
    /// What it is.
    pub mode: Mode,
}

/// Returns the files that differ between the folders `before` and `after`, in Git's order.
pub(super) fn differing(
    objects: &Objects<'_>,
    repository: &str,
    commit: CommitId,
    (before, after): (Oid, Oid),
) -> Result<Vec<DifferingFile>, GitError> {
    let budget = Budget::new(repository, commit);
    let mut comparison = Comparison { objects, budget, path: Vec::new(), found: Vec::new() };
    if before != after {
        comparison.folders(Some(before), Some(after), 0)?;
    }
    Ok(comparison.found)
}

struct Comparison<'c> {
    objects: &'c Objects<'c>,
    budget: Budget<'c>,
    /// The folder that is being compared, with a slash at its end; empty at the root.
    path: Vec<u8>,
    found: Vec<DifferingFile>,
}

impl Comparison<'_> {
    /// Compares two folders of one path; none is an empty one.
    fn folders(&mut self, before: Option<Oid>, after: Option<Oid>, depth: usize) -> Result<(), GitError> {
        let objects = self.objects;
        let before_folder = before.map(|id| objects.folder(id)).transpose()?;
        let after_folder = after.map(|id| objects.folder(id)).transpose()?;
        let (mut before_entries, mut after_entries) = (known(before_folder.as_ref()), known(after_folder.as_ref()));
        loop {
            let pair = next_pair(&mut before_entries, &mut after_entries);
            let (left, right) = pair.map_err(|id| objects.malformed_folder(id))?;
            match (left, right) {
                (None, None) => return Ok(()),
                (Some(left), Some(right)) if (left.id, left.bits) == (right.id, right.bits) => {}
                (left, right) => self.pair(left, right, depth)?,
            }
        }
    }

    /// Notes one path that differs, or enters it if it is a folder.
    fn pair(&mut self, left: Option<Entry<'_>>, right: Option<Entry<'_>>, depth: usize) -> Result<(), GitError> {
        let Some(entry) = right.or(left) else { return Ok(()) };
        self.budget.take(entry.mode)?;
        let folder_bytes = self.path.len();
        self.path.extend_from_slice(entry.name);
        if entry.mode == Mode::Folder && depth < DEPTH_MAX {
            self.path.push(b'/');
            self.folders(left.map(|entry| entry.id), right.map(|entry| entry.id), depth + 1)?;
        } else {
            let state = |entry: Entry<'_>| FileState { blob: BlobId(entry.id), mode: entry.mode };
            self.found.push(DifferingFile {
                path: self.path.clone(),
                before: left.map(state),
                after: right.map(state),
            });
        }
        self.path.truncate(folder_bytes);
        Ok(())
    }
}

/// Returns the entries of a folder, none of one that is not there; the name of the folder if it is malformed.
fn known<'o>(folder: Option<&'o OdbObject<'_>>) -> Peekable<impl Iterator<Item = Result<Entry<'o>, Oid>>> {
    let of = |folder: &'o OdbObject<'_>| entries(folder.data()).map(|entry| entry.map_err(|Malformed| folder.id()));
    folder.into_iter().flat_map(of).peekable()
}

type Pair<'t> = (Option<Entry<'t>>, Option<Entry<'t>>);

/// Takes the entry that comes first, and with it the one of the same name and kind (folder or not) on the other side.
fn next_pair<'t, I>(left: &mut Peekable<I>, right: &mut Peekable<I>) -> Result<Pair<'t>, Oid>
where
    I: Iterator<Item = Result<Entry<'t>, Oid>>,
{
    let order = match (left.peek().copied().transpose()?, right.peek().copied().transpose()?) {
        (Some(left), Some(right)) => left.sort_key().cmp(right.sort_key()),
        (Some(_), None) => std::cmp::Ordering::Less,
        (None, _) => std::cmp::Ordering::Greater,
    };
    let left = if order.is_le() { left.next().transpose()? } else { None };
    let right = if order.is_ge() { right.next().transpose()? } else { None };
    Ok((left, right))
}
