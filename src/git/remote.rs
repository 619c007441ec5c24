//! One branch of one repository on this machine: its tip, its files, a commit on top, and the move to it.

use std::fmt::Write as _;
use std::path::Path;
use std::thread;
use std::time::Duration;

use git2::{Branch, BranchType, Commit, ErrorClass, ErrorCode, ObjectType, Repository, RepositoryOpenFlags};

use super::commit::{CommitDraft, FileEdit, edited_root};
use super::compare::{DifferingFile, differing};
use super::error::{GitError, not_read, words};
use super::files::{TreeFile, walk};
use super::objects::Objects;
use super::sign::Signer;
use super::staged::Staged;
use super::{BlobId, CommitId, Location, libgit2};
use crate::text::visible;

/// Bytes of a branch's name.
const BRANCH_BYTES_MAX: usize = 200;

/// Branches that are named to somebody who asked for one that does not exist.
const BRANCHES_SHOWN_MAX: usize = 10;

/// How often a branch's lock is tried for: a second in all, as long as Git waits for the file of packed references.
const LOCK_TRIES_MAX: u32 = 100;

/// The pause between two of these tries.
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// What the repository's own log of the branch says, where it keeps one.
const REFLOG_MESSAGE: &str = "automator: push";

/// A branch of a repository.
pub struct Remote {
    repository: Repository,
    /// The path, for errors.
    name: Box<str>,
    branch: Box<str>,
    /// `refs/heads/` and the branch.
    reference: Box<str>,
}

/// What came of moving the branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// The branch names the new commit.
    Done,
    /// Somebody else moved the branch first; nothing has changed. Plan again on its tip.
    Moved,
}

impl Remote {
    /// Opens the repository at `location` for the branch `branch`. Whether the branch exists is for [`Remote::tip`] to say.
    ///
    /// The folder itself or the `.git` in it is opened; folders above are not searched.
    pub fn open(location: &Location, branch: &str) -> Result<Self, GitError> {
        libgit2::init();
        let valid = branch.len() <= BRANCH_BYTES_MAX && Branch::name_is_valid(branch).unwrap_or(false);
        if !valid {
            return Err(GitError::InvalidBranch { branch: visible(branch).into() });
        }
        let Location::Path(path) = location;
        let name: Box<str> = location.to_string().into();
        let repository = open_repository(path, &name)?;
        Ok(Self { repository, name, branch: branch.into(), reference: format!("refs/heads/{branch}").into() })
    }

    /// Returns the commit that the branch names now.
    pub fn tip(&self) -> Result<CommitId, GitError> {
        let reference = match self.repository.find_reference(&self.reference) {
            Ok(reference) => reference,
            Err(error) if error.code() == ErrorCode::NotFound => return Err(self.no_branch()),
            Err(error) => return Err(not_read(&self.name, &error)),
        };
        let Some(id) = reference.target() else {
            let target = String::from_utf8_lossy(reference.symbolic_target_bytes().unwrap_or_default());
            return Err(GitError::SymbolicBranch {
                repository: self.name.clone(),
                branch: self.branch.clone(),
                target: visible(&target).into(),
            });
        };
        self.objects()?.check_commit(id)?;
        Ok(CommitId(id))
    }

    /// Shows every file of a commit to `visit`, in Git's order; what is no regular file is shown as skipped.
    ///
    /// At most 200,000 files and as many folders are looked at, and 64 folders deep.
    pub fn files(&self, at: CommitId, visit: &mut dyn FnMut(TreeFile<'_>)) -> Result<(), GitError> {
        let root = self.commit_object(at)?.tree_id();
        walk(&self.objects()?, &self.name, at, root, visit)
    }

    /// Returns a file's content of at most `max_bytes`; a larger one is refused before it is read.
    pub fn read(&self, blob: BlobId, max_bytes: u64) -> Result<Vec<u8>, GitError> {
        let objects = self.objects()?;
        let size = u64::try_from(objects.blob_bytes(blob.0)?).unwrap_or(u64::MAX);
        if size > max_bytes {
            return Err(GitError::TooLarge { blob, size, max: max_bytes });
        }
        objects.blob(blob.0)
    }

    /// Writes a commit on top of `base` with `edits` in it, signed where there is a signer, and returns its name.
    ///
    /// Files are only replaced, never created or removed, and keep their modes. Nothing names the commit until it is
    /// pushed, and nothing is written if any part of it is refused or the signature does not hold.
    pub fn commit(
        &self,
        base: CommitId,
        edits: &[FileEdit],
        draft: &CommitDraft,
        signer: Option<&Signer>,
    ) -> Result<CommitId, GitError> {
        draft.check()?;
        self.refuse_checked_out()?;
        let parent = self.commit_object(base)?;
        let objects = self.objects()?;
        let mut staged = Staged::default();
        let root = edited_root(&objects, &mut staged, base, parent.tree_id(), edits)?;
        let text = draft.text(root, Some(base.0), parent.time().seconds(), signer)?;
        let id = staged.add(ObjectType::Commit, text.into_bytes());
        staged.write(&self.repository, &self.name)?;
        Ok(CommitId(id))
    }

    /// Moves the branch from `base` to `new`, which must be one commit on top of it, if it still is at `base`.
    ///
    /// The branch is compared and written under the lock file that Git itself uses, so a rival `git push` either comes
    /// first ([`Pushed::Moved`]) or is told that it is behind. A lock that stays for a second is an error.
    pub fn push(&self, base: CommitId, new: CommitId) -> Result<Pushed, GitError> {
        self.refuse_checked_out()?;
        if !self.commit_object(new)?.parent_ids().eq([base.0]) {
            return Err(GitError::NotOnTop { base, new });
        }
        for _ in 0..LOCK_TRIES_MAX {
            let moved = self.repository.reference_matching(&self.reference, new.0, true, base.0, REFLOG_MESSAGE);
            let Err(error) = moved else { return Ok(Pushed::Done) };
            match error.code() {
                ErrorCode::Modified | ErrorCode::NotFound => return Ok(Pushed::Moved),
                ErrorCode::Locked => thread::sleep(LOCK_PAUSE),
                _ => return Err(GitError::Unwritable { repository: self.name.clone(), detail: words(&error) }),
            }
        }
        let lock = self.repository.commondir().join(format!("{}.lock", self.reference));
        let lock = visible(&lock.to_string_lossy()).into();
        Err(GitError::Locked { repository: self.name.clone(), branch: self.branch.clone(), lock })
    }

    /// Returns the paths at which two commits differ, in Git's order.
    pub fn differing_files(&self, before: CommitId, after: CommitId) -> Result<Vec<DifferingFile>, GitError> {
        let roots = (self.commit_object(before)?.tree_id(), self.commit_object(after)?.tree_id());
        differing(&self.objects()?, &self.name, after, roots)
    }

    /// Returns libgit2's repository, for the other files of the room.
    pub(super) fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Returns the path, for errors.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    fn objects(&self) -> Result<Objects<'_>, GitError> {
        Objects::of(&self.repository, &self.name)
    }

    fn commit_object(&self, id: CommitId) -> Result<Commit<'_>, GitError> {
        self.objects()?.check_commit(id.0)?;
        self.repository.find_commit(id.0).map_err(|error| not_read(&self.name, &error))
    }

    /// Refuses a branch that somebody works on in the repository's own checkout or in a linked one, as `git push` does.
    fn refuse_checked_out(&self) -> Result<(), GitError> {
        let common = self.repository.commondir();
        let main = open_git_folder(common).map_err(|error| not_read(&self.name, &error))?;
        let mut checked_out = !main.is_bare() && self.is_head_of(&main);
        for linked in main.worktrees().map_err(|error| not_read(&self.name, &error))?.iter_bytes() {
            let name = String::from_utf8_lossy(linked);
            let folder = common.join("worktrees").join(&*name);
            checked_out |= open_git_folder(&folder).is_ok_and(|linked| self.is_head_of(&linked));
        }
        if checked_out {
            return Err(GitError::CheckedOut { repository: self.name.clone(), branch: self.branch.clone() });
        }
        Ok(())
    }

    fn is_head_of(&self, checkout: &Repository) -> bool {
        let head = checkout.find_reference("HEAD");
        head.is_ok_and(|head| head.symbolic_target_bytes() == Some(self.reference.as_bytes()))
    }

    fn no_branch(&self) -> GitError {
        let (repository, branch) = (self.name.clone(), self.branch.clone());
        let mut names: Vec<_> = self
            .repository
            .branches(Some(BranchType::Local))
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|(branch, _)| branch.name_bytes().ok().map(|name| String::from_utf8_lossy(name).into_owned()))
            .collect();
        if names.is_empty() {
            return GitError::Empty { repository, branch };
        }
        names.sort_unstable();
        let hidden = names.len().saturating_sub(BRANCHES_SHOWN_MAX);
        names.truncate(BRANCHES_SHOWN_MAX);
        let mut branches = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        if hidden > 0 {
            write!(branches, " and {hidden} more").expect("because a String takes any text");
        }
        GitError::NoBranch { repository, branch, branches: branches.into() }
    }
}

/// Opens the repository at `path`, which is called `name` in errors.
///
/// Not by `open_bare`, which neither checks the owner nor knows where a shallow history ends.
fn open_repository(path: &Path, name: &str) -> Result<Repository, GitError> {
    let nowhere: [&Path; 0] = [];
    let opened = Repository::open_ext(path, RepositoryOpenFlags::NO_SEARCH, nowhere);
    opened.map_err(|error| match (error.code(), error.class()) {
        (ErrorCode::NotFound, _) if matches!(path.try_exists(), Ok(false)) => {
            GitError::Missing { repository: name.into() }
        }
        (ErrorCode::NotFound, _) => GitError::NotARepository { repository: name.into() },
        (ErrorCode::Owner, _) => GitError::ForeignOwner { repository: name.into() },
        (_, ErrorClass::Repository) => GitError::Unsupported { repository: name.into(), detail: words(&error) },
        _ => not_read(name, &error),
    })
}

/// Opens exactly this Git folder: that of a repository, or that of a linked checkout inside one.
pub(super) fn open_git_folder(folder: &Path) -> Result<Repository, git2::Error> {
    let nowhere: [&Path; 0] = [];
    Repository::open_ext(folder, RepositoryOpenFlags::NO_SEARCH | RepositoryOpenFlags::NO_DOTGIT, nowhere)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remote_may_be_sent_to_its_thread() {
        fn check<T: Send>() {}
        check::<Remote>();
        check::<Signer>();
    }
}
