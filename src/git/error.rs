//! Why a Git operation did not happen, and what to do about it.

use git2::ErrorClass;

use super::commit::DraftError;
use super::location::LocationError;
use super::sign::SignError;
use super::{BlobId, CommitId};
use crate::text::visible;

/// Why a Git operation did not happen. Nothing has been changed by it, but for objects that nothing names.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// See [`LocationError`].
    #[error(transparent)]
    Location(#[from] LocationError),
    /// There is nothing at the path.
    #[error("{repository} does not exist")]
    Missing {
        /// The repository's path.
        repository: Box<str>,
    },
    /// There is something else at the path.
    #[error("{repository} is not a Git repository")]
    NotARepository {
        /// The repository's path.
        repository: Box<str>,
    },
    /// The repository belongs to another user of this machine.
    #[error("{repository} belongs to another user")]
    ForeignOwner {
        /// The repository's path.
        repository: Box<str>,
    },
    /// The repository is kept in a format that this program cannot read.
    #[error("{repository} is in a format that is not supported: {detail}")]
    Unsupported {
        /// The repository's path.
        repository: Box<str>,
        /// libgit2's words.
        detail: Box<str>,
    },
    /// The system did not let the repository be read.
    #[error("{repository} cannot be read: {detail}")]
    Unreadable {
        /// The repository's path.
        repository: Box<str>,
        /// libgit2's words.
        detail: Box<str>,
    },
    /// An object, a reference or the configuration of the repository is missing or damaged.
    #[error("{repository} is damaged: {detail}")]
    Damaged {
        /// The repository's path.
        repository: Box<str>,
        /// What is missing or damaged.
        detail: Box<str>,
    },
    /// The repository takes no more objects or references.
    #[error("{repository} cannot be written: {detail}")]
    Unwritable {
        /// The repository's path.
        repository: Box<str>,
        /// libgit2's words.
        detail: Box<str>,
    },
    /// Another program holds the branch's lock, or has left it behind.
    #[error("the branch `{branch}` of {repository} is locked by {lock}")]
    Locked {
        /// The repository's path.
        repository: Box<str>,
        /// The branch.
        branch: Box<str>,
        /// The path of the lock file.
        lock: Box<str>,
    },
    /// The text is no name for a branch.
    #[error("`{branch}` is not a name for a branch")]
    InvalidBranch {
        /// The text.
        branch: Box<str>,
    },
    /// The repository has no commit at all.
    #[error("{repository} is empty: it has no branch `{branch}` and no other")]
    Empty {
        /// The repository's path.
        repository: Box<str>,
        /// The branch.
        branch: Box<str>,
    },
    /// The repository has other branches.
    #[error("{repository} has no branch `{branch}`; it has {branches}")]
    NoBranch {
        /// The repository's path.
        repository: Box<str>,
        /// The branch.
        branch: Box<str>,
        /// The first branches that it has, and how many more.
        branches: Box<str>,
    },
    /// The branch is another name for a branch.
    #[error("the branch `{branch}` of {repository} is another name for {target}")]
    SymbolicBranch {
        /// The repository's path.
        repository: Box<str>,
        /// The branch.
        branch: Box<str>,
        /// The reference that it stands for.
        target: Box<str>,
    },
    /// Somebody works on the branch in the repository's own checkout, which a push would leave behind.
    #[error("the branch `{branch}` is checked out in {repository}")]
    CheckedOut {
        /// The repository's path.
        repository: Box<str>,
        /// The branch.
        branch: Box<str>,
    },
    /// A commit holds more files or folders than are read.
    #[error("commit {commit} of {repository} holds more than {max} {what}")]
    TooMany {
        /// The repository's path.
        repository: Box<str>,
        /// The commit.
        commit: CommitId,
        /// `files` or `folders`.
        what: &'static str,
        /// The bound.
        max: usize,
    },
    /// A file is larger than the caller takes.
    #[error("blob {blob} has {size} bytes; at most {max} are read")]
    TooLarge {
        /// The file's content.
        blob: BlobId,
        /// Its bytes.
        size: u64,
        /// The bound.
        max: u64,
    },
    /// A file that should be edited is not there, or is a link, a folder, a submodule, or there twice.
    #[error("`{path}` is not a regular file of commit {base}")]
    NotAFile {
        /// The path.
        path: Box<str>,
        /// The commit.
        base: CommitId,
    },
    /// Two edits of one commit name one file.
    #[error("`{path}` is edited twice in one commit")]
    EditedTwice {
        /// The path.
        path: Box<str>,
    },
    /// The edits leave every file as it is.
    #[error("the edits change nothing in commit {base}")]
    NothingChanged {
        /// The commit.
        base: CommitId,
    },
    /// See [`DraftError`].
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// See [`SignError`].
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The commit that should be pushed was not made on top of the one that the branch should have.
    #[error("commit {new} is not one commit on top of {base}")]
    NotOnTop {
        /// The commit that the branch should have.
        base: CommitId,
        /// The commit that should be pushed.
        new: CommitId,
    },
    /// A difference that only a binary patch can say.
    #[error("`{path}` is not text: it holds a NUL")]
    Binary {
        /// The path.
        path: Box<str>,
    },
}

impl GitError {
    /// Returns whether the same call may succeed later although nobody mends anything: the repository is locked, or
    /// its disk does not answer.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Locked { .. } | Self::Unreadable { .. })
    }

    /// Returns whether the repository or branch that was asked for is not there, or not of a kind that can be written.
    pub fn is_settings(&self) -> bool {
        matches!(
            self,
            Self::Location(_)
                | Self::Missing { .. }
                | Self::NotARepository { .. }
                | Self::ForeignOwner { .. }
                | Self::Unsupported { .. }
                | Self::InvalidBranch { .. }
                | Self::Empty { .. }
                | Self::NoBranch { .. }
                | Self::SymbolicBranch { .. }
                | Self::CheckedOut { .. }
        )
    }

    /// Returns what to do about it, in one sentence without a full stop.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Location(error) => error.remedy(),
            Self::Draft(error) => error.remedy(),
            Self::Sign(error) => error.remedy(),
            Self::Missing { .. } => "check the repository's path, and whether its disk is mounted",
            Self::NotARepository { .. } => "give the folder of a bare repository, or one that holds a `.git`",
            Self::ForeignOwner { .. } => "run as the user who owns the repository, or give it to the user who runs",
            Self::Unsupported { .. } => "use a repository with SHA-1 object names and files for references",
            Self::Unreadable { .. } => "check that this user may read the repository, and that its disk answers",
            Self::Damaged { .. } => "run `git fsck --full` in the repository and restore what it misses",
            Self::Unwritable { .. } => "check that this user may write to the repository, and that its disk has space",
            Self::Locked { .. } => "run again; remove the lock file if no Git program works there any more",
            Self::InvalidBranch { .. } => "give the name as `git branch` shows it, without `refs/heads/`",
            Self::Empty { .. } => "push a first commit to that branch",
            Self::NoBranch { .. } => "name a branch that exists, or push this one first",
            Self::SymbolicBranch { .. } => "name the branch that it stands for",
            Self::CheckedOut { .. } => "use a bare repository, or check out another branch there",
            Self::TooMany { .. } => "use a repository of its own for the configuration",
            Self::TooLarge { .. } => "keep the file out of the configured paths, or split it",
            Self::NotAFile { .. } | Self::EditedTwice { .. } => "plan again on the branch's tip",
            Self::NothingChanged { .. } => "commit only when something changes",
            Self::NotOnTop { .. } => "commit again on the branch's tip",
            Self::Binary { .. } => "keep the file out of the configured paths",
        }
    }
}

/// Returns the error for what libgit2 could not read: the system's fault, or that of what is stored.
pub(super) fn not_read(repository: &str, error: &git2::Error) -> GitError {
    let (repository, detail) = (repository.into(), words(error));
    match error.class() {
        ErrorClass::Os | ErrorClass::Filesystem | ErrorClass::NoMemory => GitError::Unreadable { repository, detail },
        _ => GitError::Damaged { repository, detail },
    }
}

/// Returns libgit2's words for one line: what it quotes may come from the repository.
pub(super) fn words(error: &git2::Error) -> Box<str> {
    visible(error.message()).into()
}
