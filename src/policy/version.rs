//! Versions as tags spell them.
//!
//! Reads what Masterminds/semver v3 reads (`v1`, `1.2`, `01.2.3-rc.1+meta`); the `semver` crate carries what was
//! read and its order. Knows nothing of ranges, nor whether a version is wanted.

use semver::{BuildMetadata, Prerelease, Version};

/// A version as it stands in a text, taken apart without copying.
///
/// Invariant: every number is below 2^64; the identifiers are those that Semantic Versioning 2.0.0 allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct VersionText<'t> {
    numbers: [u64; 3],
    /// How many of the three numbers were written.
    parts: usize,
    prerelease: &'t str,
}

impl<'t> VersionText<'t> {
    /// Reads `v?MAJOR[.MINOR[.PATCH]][-PRERELEASE][+BUILD]`; leading zeros of the three numbers are allowed. The build
    /// metadata must be legal and is left out: it orders nothing.
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (text, build) = cut(text, '+')?;
        let (text, prerelease) = cut(text, '-')?;
        let mut numbers = [0; 3];
        let mut parts = 0;
        for part in text.split('.') {
            *numbers.get_mut(parts)? = number(part)?;
            parts += 1;
        }
        let legal = identifiers_are_legal(build, |_| true) && identifiers_are_legal(prerelease, is_prerelease_word);
        legal.then_some(Self { numbers, parts, prerelease })
    }

    /// Returns whether all of major, minor and patch were written.
    pub(super) fn has_three_numbers(&self) -> bool {
        self.parts == 3
    }

    /// Returns the pre-release identifiers, empty for a release.
    pub(super) fn prerelease(&self) -> &'t str {
        self.prerelease
    }

    /// Returns what orders the version: all of it but the build metadata.
    pub(super) fn to_version(self) -> Version {
        let [major, minor, patch] = self.numbers;
        let pre = Prerelease::new(self.prerelease).expect("because `parse` took legal identifiers only");
        Version { major, minor, patch, pre, build: BuildMetadata::EMPTY }
    }
}

/// Cuts `text` at the first `sign`; `None` where nothing stands behind the sign.
fn cut(text: &str, sign: char) -> Option<(&str, &str)> {
    match text.split_once(sign) {
        Some((_, "")) => None,
        Some(halves) => Some(halves),
        None => Some((text, "")),
    }
}

/// Reads a number below 2^64 of digits alone; `str::parse` would take a leading `+` too.
fn number(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// Returns whether `text` is empty, or words of `[0-9A-Za-z-]` joined by `.` that `is_word` takes too.
fn identifiers_are_legal(text: &str, is_word: impl Fn(&str) -> bool) -> bool {
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    text.is_empty() || text.split('.').all(|word| !word.is_empty() && word.bytes().all(is_legal) && is_word(word))
}

/// Returns whether `word` is no number with a leading zero, which Semantic Versioning refuses in pre-releases.
fn is_prerelease_word(word: &str) -> bool {
    word.len() == 1 || !word.starts_with('0') || !word.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Spelling {
        tag: String,
        canonical: Option<String>,
    }

    fn canonical(text: &str) -> Option<String> {
        let build = text.find('+').map_or("", |plus| text.split_at(plus).1);
        VersionText::parse(text).map(|text| format!("{}{build}", text.to_version()))
    }

    #[test]
    fn every_spelling_is_read_as_the_vectors_say() {
        let vectors = include_str!("../../testdata/vectors/semver-versions.jsonl");
        for line in vectors.lines() {
            let Spelling { tag, canonical: expected } = serde_json::from_str(line).unwrap();
            assert_eq!(canonical(&tag), expected, "{tag:?}");
        }
        assert_eq!(vectors.lines().count(), 83);
    }

    #[test]
    fn the_order_is_the_vectors_order() {
        let vectors = include_str!("../../testdata/vectors/semver-order.json");
        let ascending: Vec<String> = serde_json::from_str(vectors).unwrap();
        let versions: Vec<_> = ascending.iter().map(|text| VersionText::parse(text).unwrap().to_version()).collect();
        assert!(versions.is_sorted(), "{versions:?}");
        assert!(versions.len() > 60);
    }

    #[test]
    fn build_metadata_orders_nothing() {
        let read = |text| VersionText::parse(text).unwrap().to_version();
        assert_eq!(read("1.2.3+a"), read("v1.2.3+b"));
        assert_eq!(read("1.2"), read("1.2.0"));
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in
            ["v", "1.", ".1", "1..2", "1.2.3+", "1.2.3-", "1.2.3-a..b", "1.2.3+a..b", "+1.2.3", "1.2.3-00", "1.2.3-ä"]
        {
            assert_eq!(canonical(text), None, "{text}");
        }
    }
}
