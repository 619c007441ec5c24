//! Which files of a config repository are the automator's own: its settings and policies, where they are kept there.

use std::fs;
use std::path::{Path, PathBuf};

use super::policies::policy_files;
use crate::git::{Location, checkout_around};

/// Returns where the settings and policies lie in the repository at `location`, as paths from its root; nothing where
/// they do not lie in a checkout of that repository.
pub(super) fn own_paths(settings: &Path, policies: &[PathBuf], location: &Location) -> Vec<Box<str>> {
    let folder = settings.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A checkout that cannot be read is reported where it is needed; here it only means that nothing is known.
    let Ok(Some(checkout)) = checkout_around(folder) else { return Vec::new() };
    let origin = checkout.origin_url.and_then(|url| Location::parse(&url).ok());
    let is_same = |other: &Location| real(other).is_some_and(|other| Some(other) == real(location));
    let root = Location::Path(checkout.root.clone());
    if !is_same(&root) && !origin.is_some_and(|origin| is_same(&origin)) {
        return Vec::new();
    }
    let Ok(root) = fs::canonicalize(&checkout.root) else { return Vec::new() };
    let files = policy_files(policies);
    let own = std::iter::once(settings).chain(policies.iter().chain(&files).map(PathBuf::as_path));
    own.filter_map(|path| {
        let real = fs::canonicalize(path).ok()?;
        Some(real.strip_prefix(&root).ok()?.to_str()?.into())
    })
    .collect()
}

/// Returns the one real path of a repository, where it exists.
pub(super) fn real(location: &Location) -> Option<PathBuf> {
    let Location::Path(path) = location;
    fs::canonicalize(path).ok()
}
