//! Globs over the paths of a repository.

use std::fmt;

use globset::{GlobBuilder, GlobMatcher};

/// The longest glob that is read, in bytes.
const GLOB_BYTES_MAX: usize = 1024;

/// A pattern of paths from a repository's root: `*` and `?` stay in one folder, `**` crosses folders.
#[derive(Clone, Debug)]
pub struct PathGlob {
    text: Box<str>,
    matcher: GlobMatcher,
}

/// Why a text is not a glob of paths.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GlobError {
    /// No file's path is empty.
    #[error("it is empty")]
    Empty,
    /// Too long to read.
    #[error("it is longer than {GLOB_BYTES_MAX} bytes")]
    TooLong,
    /// No path from the root begins or goes on like that.
    #[error("paths begin at the repository's root, without `/`, `./` or `..`")]
    NotFromRoot,
    /// It can only match folders, which hold no values themselves.
    #[error("it ends with `/` and so matches no file; `/**` matches what is in a folder")]
    Folder,
    /// What the compiler says.
    #[error("{0}")]
    Syntax(Box<str>),
}

impl PathGlob {
    /// Compiles a glob.
    pub fn compile(text: &str) -> Result<Self, GlobError> {
        match text.len() {
            0 => return Err(GlobError::Empty),
            1..=GLOB_BYTES_MAX => {}
            _ => return Err(GlobError::TooLong),
        }
        if text.split('/').any(|part| part == "..") || text.starts_with('/') || text.starts_with("./") {
            return Err(GlobError::NotFromRoot);
        }
        if text.ends_with('/') {
            return Err(GlobError::Folder);
        }
        let glob = GlobBuilder::new(text).literal_separator(true).build();
        let glob = glob.map_err(|error| GlobError::Syntax(error.kind().to_string().into()))?;
        Ok(Self { text: text.into(), matcher: glob.compile_matcher() })
    }

    /// Returns whether it matches a path from the root, with `/` between its parts.
    pub fn matches(&self, path: &str) -> bool {
        self.matcher.is_match(path)
    }

    /// Returns the glob as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for PathGlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(glob: &str, path: &str) -> bool {
        PathGlob::compile(glob).unwrap().matches(path)
    }

    #[test]
    fn one_star_stays_in_its_folder_and_two_do_not() {
        assert!(matches("apps/**", "apps/a/b.yaml") && matches("apps/*.yaml", "apps/b.yaml"));
        assert!(matches("**/values.yaml", "values.yaml") && matches("**/values.yaml", "a/b/values.yaml"));
        assert!(matches("apps/{a,b}/[xy].yaml", "apps/b/x.yaml"));
        assert!(!matches("apps/*.yaml", "apps/a/b.yaml") && !matches("apps/**", "other/apps/a.yaml"));
        assert!(!matches("apps/**", "APPS/a.yaml") && !matches("*", "a/b"));
    }

    #[test]
    fn globs_that_match_no_file_are_refused() {
        let refused = |glob: &str| PathGlob::compile(glob).unwrap_err();
        assert_eq!(refused(""), GlobError::Empty);
        assert_eq!(refused("/apps/**"), GlobError::NotFromRoot);
        assert_eq!(refused("./apps/**"), GlobError::NotFromRoot);
        assert_eq!(refused("apps/../**"), GlobError::NotFromRoot);
        assert_eq!(refused("apps/"), GlobError::Folder);
        assert_eq!(refused(&"a".repeat(2000)), GlobError::TooLong);
        assert!(matches!(refused("apps/[a"), GlobError::Syntax(_)));
    }
}
