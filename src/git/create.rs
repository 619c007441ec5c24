//! A new bare repository with one commit, for the demonstration and for tests.

use std::path::Path;

use git2::{Index, IndexEntry, IndexTime, ObjectType, Oid, Repository, RepositoryInitOptions};

use super::CommitId;
use super::commit::{CommitDraft, FileEdit};
use super::error::{GitError, words};
use super::libgit2;
use super::sign::Signer;

/// The mode of a file that is no program.
const REGULAR: u32 = 0o100_644;

/// Makes a bare repository at `path`, which is new or an empty folder, whose `branch` has one commit with `files`.
pub fn create_bare(
    path: &Path,
    branch: &str,
    files: &[FileEdit],
    draft: &CommitDraft,
    signer: Option<&Signer>,
) -> Result<CommitId, GitError> {
    libgit2::init();
    draft.check()?;
    let repository_name: Box<str> = path.to_string_lossy().into();
    let unwritable =
        |error: git2::Error| GitError::Unwritable { repository: repository_name.clone(), detail: words(&error) };
    let mut options = RepositoryInitOptions::new();
    options.bare(true).no_reinit(true).external_template(false).initial_head(branch);
    let repository = Repository::init_opts(path, &options).map_err(unwritable)?;
    let tree = write_files(&repository, files).map_err(unwritable)?;
    let text = draft.text(tree, None, 0, signer)?;
    let commit = repository.odb().and_then(|odb| odb.write(ObjectType::Commit, text.as_bytes())).map_err(unwritable)?;
    repository.reference(&format!("refs/heads/{branch}"), commit, false, "automator: create").map_err(unwritable)?;
    Ok(CommitId(commit))
}

fn write_files(repository: &Repository, files: &[FileEdit]) -> Result<Oid, git2::Error> {
    let mut index = Index::new()?;
    for file in files {
        index.add(&IndexEntry {
            ctime: IndexTime::new(0, 0),
            mtime: IndexTime::new(0, 0),
            dev: 0,
            ino: 0,
            mode: REGULAR,
            uid: 0,
            gid: 0,
            file_size: 0,
            id: repository.blob(&file.content)?,
            flags: 0,
            flags_extended: 0,
            path: file.path.clone().into_bytes(),
        })?;
    }
    index.write_tree_to(repository)
}
