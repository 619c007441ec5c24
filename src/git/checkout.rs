//! The checkout around a folder: for settings that name no repository.

use std::path::{Path, PathBuf};

use git2::{ErrorCode, Repository, RepositoryOpenFlags};

use super::error::{GitError, not_read};
use super::{Location, libgit2};
use crate::text::visible;

/// A checkout that somebody works in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// Its top folder.
    pub root: PathBuf,
    /// The URL of its remote `origin`, a relative path counted from `root`; nothing if there is no such remote.
    pub origin_url: Option<String>,
    /// The branch that is checked out, with or without commits; nothing if a commit is checked out by its name.
    pub branch: Option<String>,
}

/// Finds the checkout that `folder` lies in; a bare repository is none.
pub fn checkout_around(folder: &Path) -> Result<Option<Checkout>, GitError> {
    libgit2::init();
    let nowhere: [&Path; 0] = [];
    let repository = match Repository::open_ext(folder, RepositoryOpenFlags::empty(), nowhere) {
        Ok(repository) => repository,
        Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
        Err(error) => return Err(not_opened(folder, &error)),
    };
    let Some(root) = repository.workdir() else { return Ok(None) };
    let origin = repository.find_remote("origin").ok();
    let origin_url = origin.and_then(|origin| origin.url().ok().map(|url| counted_from(root, url)));
    let branch = repository.find_reference("HEAD").ok().and_then(|head| {
        let target = head.symbolic_target().ok().flatten()?;
        target.strip_prefix("refs/heads/").map(str::to_owned)
    });
    Ok(Some(Checkout { root: root.to_owned(), origin_url, branch }))
}

fn not_opened(folder: &Path, error: &git2::Error) -> GitError {
    let name = visible(&folder.to_string_lossy()).into_owned();
    match error.code() {
        ErrorCode::Owner => GitError::ForeignOwner { repository: name.into() },
        _ => not_read(&name, error),
    }
}

/// Returns the URL with a relative path counted from the checkout's top, as Git counts it.
fn counted_from(root: &Path, url: &str) -> String {
    match Location::parse(url) {
        Ok(place @ Location::Path(_)) if !url.contains("://") => {
            let Location::Path(path) = place.counted_from(root);
            path.to_string_lossy().into_owned()
        }
        _ => url.to_owned(),
    }
}
