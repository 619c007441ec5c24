//! New objects: made in memory, then all written at once.

use std::borrow::Cow;

use git2::{ObjectType, Oid, Repository};

use super::error::{GitError, words};
use super::remote::open_git_folder;

/// New objects from which on they are written as one pack and not as a file each: Git's `transfer.unpackLimit`.
const PACK_FROM: usize = 100;

/// The place of the memory among the object stores of a repository: before its files.
const MEMORY_PRIORITY: i32 = 1000;

/// Objects that exist in memory only, in the order in which they may be written: nothing names a later one.
#[derive(Default)]
pub(super) struct Staged<'c> {
    objects: Vec<(ObjectType, Cow<'c, [u8]>)>,
}

impl<'c> Staged<'c> {
    /// Keeps an object and returns its name.
    pub(super) fn add(&mut self, kind: ObjectType, bytes: impl Into<Cow<'c, [u8]>>) -> Oid {
        let bytes = bytes.into();
        let id = Oid::hash_object(kind, &bytes).expect("because hashing bytes in memory does not fail");
        self.objects.push((kind, bytes));
        id
    }

    /// Writes every object; one that is there already is marked as used today, so that no `git gc` removes it.
    pub(super) fn write(&self, repository: &Repository, name: &str) -> Result<(), GitError> {
        let few = self.objects.len() < PACK_FROM;
        let written = if few { self.write_each(repository) } else { self.write_pack(repository) };
        written.map_err(|error| GitError::Unwritable { repository: name.into(), detail: words(&error) })
    }

    fn write_each(&self, repository: &Repository) -> Result<(), git2::Error> {
        let odb = repository.odb()?;
        self.objects.iter().try_for_each(|(kind, bytes)| odb.write(*kind, bytes).map(drop))
    }

    /// Writes one pack, by a second handle of the repository in which the new objects are seen but not stored.
    fn write_pack(&self, repository: &Repository) -> Result<(), git2::Error> {
        let scratch = open_git_folder(repository.path())?;
        let odb = scratch.odb()?;
        let _memory = odb.add_new_mempack_backend(MEMORY_PRIORITY)?;
        let mut pack = scratch.packbuilder()?;
        for (kind, bytes) in &self.objects {
            pack.insert_object(odb.write(*kind, bytes)?, None)?;
        }
        let default_mode = 0;
        pack.write(&repository.commondir().join("objects/pack"), default_mode)
    }
}
