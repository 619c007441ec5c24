//! Reading single objects, with their sizes looked at first.

use git2::{ObjectType, Odb, OdbObject, Oid, Repository};

use super::error::{GitError, not_read};

/// Bytes of one folder that is read: 200,000 entries with names of 300 bytes.
const FOLDER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Bytes of one commit that is read: its message is most of it, and ours are well below 1 MiB.
const COMMIT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The objects of one repository.
pub(super) struct Objects<'r> {
    odb: Odb<'r>,
    repository: &'r str,
}

impl<'r> Objects<'r> {
    /// Opens the objects of `repository`, which is called `name` in errors.
    pub(super) fn of(repository: &'r Repository, name: &'r str) -> Result<Self, GitError> {
        let odb = repository.odb().map_err(|error| not_read(name, &error))?;
        Ok(Self { odb, repository: name })
    }

    /// Returns the bytes of a folder.
    pub(super) fn folder(&self, id: Oid) -> Result<OdbObject<'_>, GitError> {
        self.check_size(id, ObjectType::Tree, FOLDER_BYTES_MAX)?;
        self.odb.read(id).map_err(|error| self.not_read(&error))
    }

    /// Refuses what is not a commit, or is one of absurd size; libgit2 reads it whole afterwards.
    pub(super) fn check_commit(&self, id: Oid) -> Result<(), GitError> {
        self.check_size(id, ObjectType::Commit, COMMIT_BYTES_MAX)
    }

    /// Returns the size of a file's content; the content itself is not read.
    pub(super) fn blob_bytes(&self, id: Oid) -> Result<usize, GitError> {
        match self.odb.read_header(id) {
            Ok((size, ObjectType::Blob)) => Ok(size),
            Ok((_, kind)) => Err(self.damaged(&format!("{id} is a {kind} where a blob should be"))),
            Err(error) => Err(self.not_read(&error)),
        }
    }

    /// Returns a file's content.
    pub(super) fn blob(&self, id: Oid) -> Result<Vec<u8>, GitError> {
        let object = self.odb.read(id).map_err(|error| self.not_read(&error))?;
        Ok(object.data().to_vec())
    }

    /// Returns the error for bytes of a folder that are not a folder.
    pub(super) fn malformed_folder(&self, id: Oid) -> GitError {
        self.damaged(&format!("the tree {id} is malformed"))
    }

    fn check_size(&self, id: Oid, expected: ObjectType, max: usize) -> Result<(), GitError> {
        let (size, kind) = self.odb.read_header(id).map_err(|error| self.not_read(&error))?;
        if kind != expected {
            return Err(self.damaged(&format!("{id} is a {kind} where a {expected} should be")));
        }
        if size > max {
            return Err(self.damaged(&format!("the {kind} {id} has {size} bytes; at most {max} are read")));
        }
        Ok(())
    }

    fn not_read(&self, error: &git2::Error) -> GitError {
        not_read(self.repository, error)
    }

    fn damaged(&self, detail: &str) -> GitError {
        GitError::Damaged { repository: self.repository.into(), detail: detail.into() }
    }
}
