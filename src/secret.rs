//! Secrets: where they come from, and a type that cannot be printed.
//!
//! Beside `settings` this is the only room that reads the environment. A secret is read at each use, so that one
//! that was replaced on disk works without a restart. The room refuses to show, compare, copy or keep one,
//! and its errors name the file or variable and never what was in it.
#![expect(clippy::disallowed_methods, reason = "the room that reads secrets from files and the environment")]

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// The largest secret in bytes: past every key and token, far below what would hurt to read.
pub const SECRET_BYTES_MAX: usize = 64 * 1024;

/// Bytes that nobody may see: they print as `[redacted]` and are wiped when they are dropped.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes over bytes that were made from other secrets.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Returns the bytes, for the one use that they are there for.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Where a secret is found when it is needed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecretSource {
    /// The content of a file.
    File(PathBuf),
    /// The value of an environment variable.
    Env(Box<str>),
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "the file `{}`", path.display()),
            Self::Env(name) => write!(f, "the environment variable `{name}`"),
        }
    }
}

impl SecretSource {
    /// Reads the secret as it is now, at most [`SECRET_BYTES_MAX`] bytes; see [`Self::read_at_most`].
    pub fn read(&self) -> Result<Secret, SecretError> {
        self.read_at_most(SECRET_BYTES_MAX)
    }

    /// Reads the secret as it is now, at most `limit` bytes, without one newline at its end (editors and
    /// `echo` add it). A secret of no bytes is an error: it would log in as nobody.
    pub fn read_at_most(&self, limit: usize) -> Result<Secret, SecretError> {
        let mut bytes = match self {
            Self::File(path) => {
                read_file(path, limit).map_err(|error| SecretError::Unreadable { from: self.clone(), error })?
            }
            Self::Env(name) => read_variable(name).ok_or_else(|| SecretError::Unset { from: self.clone() })?,
        };
        if bytes.len() > limit {
            return Err(SecretError::TooLarge { from: self.clone(), limit });
        }
        if bytes.ends_with(b"\n") {
            bytes.pop();
            if bytes.ends_with(b"\r") {
                bytes.pop();
            }
        }
        if bytes.is_empty() { Err(SecretError::Empty { from: self.clone() }) } else { Ok(Secret(bytes)) }
    }
}

/// Reads one byte more than `limit`, so that the caller sees when there is too much. The buffer has its full
/// size from the start: one that grew would leave copies behind that nobody wipes.
fn read_file(path: &Path, limit: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(limit + 1));
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn read_variable(name: &str) -> Option<Zeroizing<Vec<u8>>> {
    std::env::var_os(name).map(|value| Zeroizing::new(value.into_encoded_bytes()))
}

/// Why a secret could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file is not there or may not be read.
    #[error("{from} cannot be read: {error}")]
    Unreadable {
        /// Where the secret should have been.
        from: SecretSource,
        /// What the system said.
        error: io::Error,
    },
    /// The variable is not set.
    #[error("{from} is not set")]
    Unset {
        /// Where the secret should have been.
        from: SecretSource,
    },
    /// There is nothing in it but at most a newline.
    #[error("{from} is empty")]
    Empty {
        /// Where the secret should have been.
        from: SecretSource,
    },
    /// It is too large for what it should be.
    #[error("{from} holds more than {limit} bytes")]
    TooLarge {
        /// Where the secret should have been.
        from: SecretSource,
        /// The bound in bytes.
        limit: usize,
    },
}

impl SecretError {
    /// Returns what to do about it, in one sentence without a full stop.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "check the path in the settings and the file's permissions",
            Self::Unset { .. } => "set the variable, or name a file in the settings",
            Self::Empty { .. } => "put the secret into it",
            Self::TooLarge { .. } => "check that the settings name the right file",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what is read from a file with this content, or the error with the folder cut out.
    fn check(content: &[u8]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, content).unwrap();
        match SecretSource::File(path).read() {
            Ok(secret) => String::from_utf8(secret.expose().to_vec()).unwrap(),
            Err(error) => error.to_string().replace(folder.path().to_str().unwrap(), ""),
        }
    }

    #[test]
    fn one_newline_at_the_end_is_not_part_of_a_secret() {
        assert_eq!(check(b"s3cret"), "s3cret");
        assert_eq!(check(b"s3cret\n"), "s3cret");
        assert_eq!(check(b"s3cret\r\n"), "s3cret");
        assert_eq!(check(b" s3\ncret\n\n"), " s3\ncret\n");
    }

    #[test]
    fn nothing_is_no_secret() {
        assert_eq!(check(b""), "the file `/token` is empty");
        assert_eq!(check(b"\n"), "the file `/token` is empty");
    }

    #[test]
    fn a_secret_has_a_largest_size() {
        assert_eq!(check(&vec![b'x'; SECRET_BYTES_MAX]).len(), SECRET_BYTES_MAX);
        assert_eq!(check(&vec![b'x'; SECRET_BYTES_MAX + 1]), "the file `/token` holds more than 65536 bytes");
    }

    #[test]
    fn what_is_not_there_is_named() {
        let missing = SecretSource::File("/nonexistent/token".into()).read().unwrap_err().to_string();
        assert_eq!(missing, "the file `/nonexistent/token` cannot be read: No such file or directory (os error 2)");
        let unset = SecretSource::Env("AUTOMATOR_TEST_UNSET".into()).read().unwrap_err().to_string();
        assert_eq!(unset, "the environment variable `AUTOMATOR_TEST_UNSET` is not set");
    }

    #[test]
    fn a_variable_is_read_at_use() {
        let home = SecretSource::Env("CARGO_MANIFEST_DIR".into()).read().unwrap();
        assert_eq!(home.expose(), env!("CARGO_MANIFEST_DIR").as_bytes());
    }

    #[test]
    fn a_replaced_file_is_seen_at_the_next_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let source = SecretSource::File(file.path().to_owned());
        for content in ["old", "new"] {
            std::fs::write(file.path(), content).unwrap();
            assert_eq!(source.read().unwrap().expose(), content.as_bytes());
        }
    }

    #[test]
    fn a_secret_does_not_print() {
        assert_eq!(format!("{:?}", Some(Secret::new(b"s3cret".to_vec()))), "Some([redacted])");
    }
}
