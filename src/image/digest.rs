//! Content digests.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::ImageError;

/// The name of some bytes that nobody can choose: an algorithm and its value, `sha256:…` or `sha512:…`.
///
/// Invariant: one of the two registered algorithms of the OCI image specification 1.1, its exact length, lower-case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(Box<str>);

impl Digest {
    /// Parses `text` by the grammar of digests.
    pub fn parse(text: &str) -> Result<Self, ImageError> {
        let (algorithm, value) = text.split_once(':').ok_or(ImageError::Digest)?;
        let length = match algorithm {
            "sha256" => 64,
            "sha512" => 128,
            _ => return Err(ImageError::Digest),
        };
        let hexadecimal = value.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if hexadecimal && value.len() == length { Ok(Self(text.into())) } else { Err(ImageError::Digest) }
    }

    /// Returns the SHA-256 digest of `bytes`.
    pub fn sha256_of(bytes: &[u8]) -> Self {
        use fmt::Write as _;
        let mut text = String::with_capacity("sha256:".len() + 64);
        text.push_str("sha256:");
        for byte in Sha256::digest(bytes) {
            write!(text, "{byte:02x}").expect("because writing to a String does not fail");
        }
        Self(text.into())
    }

    /// Returns the digest as people write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_checked_and_made() {
        let empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::sha256_of(b"").as_str(), empty);
        assert_eq!(Digest::parse(empty).unwrap().as_str(), empty);
        for bad in [
            "",
            "sha256:",
            "sha256:E3B0",
            &empty.to_uppercase(),
            empty.get(..70).unwrap(),
            "md5:d41d8cd98f00b204e9800998ecf8427e",
        ] {
            assert_eq!(Digest::parse(bad), Err(ImageError::Digest), "{bad}");
        }
    }
}
