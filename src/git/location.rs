//! Where a repository is: today a folder on this machine, written as a path or as a `file://` URL.

use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use crate::text::visible;

/// The place of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Location {
    /// A folder on this machine: a bare repository, or a checkout with its `.git`.
    Path(PathBuf),
}

/// Why a text does not say where a repository is. Never shows the text: it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LocationError {
    /// The text is empty or holds a NUL, or a `file://` URL has no path.
    #[error("the repository's URL names no repository")]
    Nothing,
    /// A way to reach repositories that this version does not have.
    #[error("repositories over {scheme} are not built yet")]
    NotBuiltYet {
        /// What stands before `://`; `ssh` for `user@host:path`.
        scheme: Box<str>,
    },
    /// A `file://` URL that names another machine.
    #[error("a file:// URL names a folder of this machine, and this one names the host `{host}`")]
    Host {
        /// The host as written.
        host: Box<str>,
    },
    /// A `%` that two hexadecimal digits do not follow.
    #[error("the repository's file:// URL has a `%` without two hexadecimal digits after it")]
    Escape,
}

impl LocationError {
    /// Returns what to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Escape => "write the path without `file://`, or a percent sign as %25",
            Self::Host { .. } => "write three slashes: file:///path/to/repository.git",
            Self::Nothing | Self::NotBuiltYet { .. } => {
                "give the path of a repository on this machine, or file:///path/to/repository.git"
            }
        }
    }
}

impl Location {
    /// Parses what `git clone` takes for a local repository: a path, or `file://` and an absolute, percent-encoded path.
    ///
    /// As in Git, a colon before the first slash makes it an SSH address.
    pub fn parse(text: &str) -> Result<Self, LocationError> {
        if text.is_empty() || text.contains('\0') {
            return Err(LocationError::Nothing);
        }
        if let Some((scheme, rest)) = text.split_once("://") {
            return if scheme.eq_ignore_ascii_case("file") { file_url(rest) } else { Err(not_built(scheme)) };
        }
        let colon_first = text.split('/').next().is_some_and(|first| first.contains(':'));
        if colon_first { Err(not_built("ssh")) } else { Ok(Self::Path(text.into())) }
    }

    /// Returns the same place with a relative path counted from `folder`.
    #[must_use]
    pub fn counted_from(self, folder: &Path) -> Self {
        let Self::Path(path) = self;
        Self::Path(folder.join(path))
    }
}

fn not_built(scheme: &str) -> LocationError {
    let named = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    LocationError::NotBuiltYet { scheme: if named { scheme } else { "this scheme" }.into() }
}

/// Reads what follows `file://`.
fn file_url(rest: &str) -> Result<Location, LocationError> {
    let path_at = rest.find('/').ok_or(LocationError::Nothing)?;
    let (host, path) = rest.split_at(path_at);
    if !host.is_empty() && !host.eq_ignore_ascii_case("localhost") {
        let host = host.rsplit('@').next().unwrap_or_default();
        return Err(LocationError::Host { host: visible(host).into() });
    }
    let bytes = percent_decoded(path).ok_or(LocationError::Escape)?;
    if bytes.contains(&0) {
        return Err(LocationError::Nothing);
    }
    Ok(Location::Path(OsString::from_vec(bytes).into()))
}

fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let digits = part.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(part.get(2..)?.as_bytes());
    }
    Some(bytes)
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Path(path) = self;
        f.pad(&visible(&path.to_string_lossy()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, &str>) {
        let found = Location::parse(text).map(|place| place.to_string()).map_err(|error| error.to_string());
        assert_eq!(found.as_deref().map_err(String::as_str), expected, "{text}");
    }

    #[test]
    fn paths_and_file_urls_are_places() {
        check("/srv/config.git", Ok("/srv/config.git"));
        check("../config.git", Ok("../config.git"));
        check("./a:b", Ok("./a:b"));
        check("file:///srv/config.git", Ok("/srv/config.git"));
        check("FILE://localhost/srv/my%20config%2egit", Ok("/srv/my config.git"));
    }

    #[test]
    fn other_ways_are_not_built_yet_and_show_no_password() {
        check("https://user:secret@git.example.com/x", Err("repositories over https are not built yet"));
        check("ssh://git@git.example.com/x", Err("repositories over ssh are not built yet"));
        check("git@git.example.com:x.git", Err("repositories over ssh are not built yet"));
        check("pass word://x", Err("repositories over this scheme are not built yet"));
    }

    #[test]
    fn what_names_nothing_is_refused() {
        for text in ["", "a\0b", "file://", "file://localhost", "file:///a%00b"] {
            check(text, Err("the repository's URL names no repository"));
        }
        let escape = Err("the repository's file:// URL has a `%` without two hexadecimal digits after it");
        for text in ["file:///a%", "file:///a%2", "file:///a%zz", "file:///a%é", "file:///a%+1"] {
            check(text, escape);
        }
        let host = Err("a file:// URL names a folder of this machine, and this one names the host `srv`");
        check("file://srv/config.git", host);
        check("file://me:secret@srv/config.git", host);
    }

    #[test]
    fn a_relative_path_counts_from_the_folder_that_is_given() {
        let place = Location::parse("../config.git").unwrap().counted_from(Path::new("/etc/automator"));
        assert_eq!(place, Location::Path("/etc/automator/../config.git".into()));
        let absolute = Location::parse("/srv/config.git").unwrap();
        assert_eq!(absolute.clone().counted_from(Path::new("/etc")), absolute);
    }
}
