//! Git: reading files of a branch, one signed commit with some of them changed, and moving the branch to it.
//!
//! The room knows bytes, paths and identities; it has never heard of images, policies or YAML. It alone names
//! libgit2, and in `sign.rs` alone the SSH key library. Everything blocks; a repository is used from one
//! `std::thread` of its own ([`Remote`] may be sent to it).
//!
//! How a change gets in, and why it cannot break what is there:
//!
//! * There is no work tree, index, checkout, filter, merge or hook, and no other program is started. Trees are
//!   read as bytes, and a change overwrites the 20 bytes that name the edited file in its folder, in that folder's
//!   name in the folder above, and so on. Modes, order and whatever else the trees hold stay by construction.
//! * [`Remote::commit`] makes every object in memory first, signs, and verifies its own signature; only then are the
//!   objects written: a few as loose ones, files before folders before the commit, many as one pack, as
//!   `git receive-pack` does with a push (`docs/design/git.md`). A failure at any point leaves at most objects that
//!   nothing names.
//! * [`Remote::push`] moves the branch by a compare-and-swap under Git's own lock file, never by libgit2's local push,
//!   which overwrites without comparing. A killed process therefore leaves the old branch or the new one.
//! * Objects and references are flushed to the disk before the call returns: the repository is the only copy.
//! * The Git configuration of the user and of the machine is never read; the repository's own is. A repository that
//!   belongs to somebody else is refused.
//!
//! What it refuses to do: transports other than the file system, creating or deleting files and branches, moving a
//! branch that is checked out, forced updates, running the hooks of a repository (`pre-receive` and its kin do not
//! see a change that is written by path).

mod checkout;
mod commit;
mod compare;
mod create;
mod diff;
mod error;
mod files;
mod libgit2;
mod location;
mod log;
mod objects;
mod remote;
mod sign;
mod staged;
mod tree;

use std::fmt;

pub use checkout::{Checkout, checkout_around};
pub use commit::{CommitDraft, DraftError, FileEdit, Person};
pub use compare::{DifferingFile, FileState};
pub use create::create_bare;
pub use diff::unified_diff;
pub use error::GitError;
pub use files::{SkipReason, TreeFile};
pub use libgit2::init;
pub use location::{Location, LocationError};
pub use log::{LogEntry, Signature};
pub use remote::{Pushed, Remote};
pub use sign::{SignError, Signer};
pub use tree::Mode;

/// The name of a commit: 40 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitId(git2::Oid);

/// The name of a file's content, whatever the file is called: 40 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobId(git2::Oid);

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
